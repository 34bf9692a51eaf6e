#include "adapter/store/store.h"

#include "absl/strings/str_cat.h"

namespace calsync::adapter {

absl::Status AnotherOwner(const GroupId& group, int64_t epoch, int64_t current) {
  if (current == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("commit for group \"", group.text(), "\" refused: nobody owns it yet, it was never loaded"));
  }
  return absl::FailedPreconditionError(absl::StrCat("commit for group \"", group.text(), "\" refused: another owner (epoch ",
                                                    current, ") took it over from this one (epoch ", epoch, ")"));
}

}  // namespace calsync::adapter
