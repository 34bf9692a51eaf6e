// The control interface for the browser: accounts, calendars, events, channels and the journal, live.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_CONTROL_PAGE_H_
#define CALSYNC_FAKEGOOGLE_HTTP_CONTROL_PAGE_H_

#include "absl/strings/string_view.h"

namespace calsync::fake {

absl::string_view ControlPage();  // HTML, whole: it loads nothing from elsewhere.

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_CONTROL_PAGE_H_
