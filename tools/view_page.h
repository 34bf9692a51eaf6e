// The page that shows a trace: its text around the data. Everything is in it; a browser asks nobody for anything.

#ifndef CALSYNC_TOOLS_VIEW_PAGE_H_
#define CALSYNC_TOOLS_VIEW_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace calsync::tools {

// `data`: one JSON value, what view.cc makes of one trace or two.
std::string ViewPage(absl::string_view title, absl::string_view data);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_VIEW_PAGE_H_
