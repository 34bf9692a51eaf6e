// The flag --timeout of commands that wait for calendars to come to rest.

#ifndef CALSYNC_TOOLS_TIMEOUT_H_
#define CALSYNC_TOOLS_TIMEOUT_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace calsync::tools {

// Nothing, and a complaint, if it is no duration above zero: the command ends with kUsage.
std::optional<absl::Duration> TimeoutFrom(const std::string& flag);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_TIMEOUT_H_
