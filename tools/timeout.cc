#include "tools/timeout.h"

#include "absl/strings/str_cat.h"
#include "tools/terminal.h"

namespace calsync::tools {

std::optional<absl::Duration> TimeoutFrom(const std::string& flag) {
  absl::Duration timeout;
  if (absl::ParseDuration(flag, &timeout) && timeout > absl::ZeroDuration()) return timeout;
  Complain(absl::StrCat("--timeout takes a duration, as 90s or 1h, not \"", flag, "\"."));
  return std::nullopt;
}

}  // namespace calsync::tools
