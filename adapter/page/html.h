// HTML as text: whatever people wrote goes through Escape.

#ifndef CALSYNC_ADAPTER_PAGE_HTML_H_
#define CALSYNC_ADAPTER_PAGE_HTML_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

// Fit for text and for attributes in quotes: "&", "<", ">" and both quotes become entities, control characters blanks.
std::string Escape(absl::string_view text);

// A whole page. `title` and `body` are HTML; `refresh`: seconds after which the browser asks again, 0: it does not.
std::string HtmlPage(absl::string_view title, absl::string_view body, int refresh);

// "3 min", "2 h 5 min", "4 days": rough, for people.
std::string Roughly(absl::Duration duration);
// "2 min ago", "never".
std::string AgoWords(absl::Time at, absl::Time now);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_HTML_H_
