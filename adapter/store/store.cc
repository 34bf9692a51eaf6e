#include "adapter/store/store.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
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

std::vector<const Record*> StandingRecords(const Commit& commit) {
  absl::flat_hash_set<std::pair<CalendarKey, absl::string_view>> places;
  std::vector<const Record*> standing;
  for (auto record = commit.records.rbegin(); record != commit.records.rend(); ++record) {
    if (places.emplace(record->calendar, record->event.view()).second) standing.push_back(&*record);
  }
  std::reverse(standing.begin(), standing.end());
  return standing;
}

}  // namespace calsync::adapter
