#include "tools/removal.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/state/group.h"
#include "engine/state/record.h"

namespace calsync::tools {
namespace {

size_t BlocksOn(const Engine& engine, CalendarKey calendar) {
  size_t blocks = 0;
  for (RowIndex row = 0; row < engine.records().size(); ++row) {
    const Record& record = engine.records()[row];
    if (!record.IsBlock() || record.calendar != calendar) continue;
    blocks += record.status == RecordStatus::kCreating || record.status == RecordStatus::kCreated ||
                      record.status == RecordStatus::kDeleting
                  ? 1
                  : 0;
  }
  return blocks;
}

}  // namespace

Remains RemainsOf(const Engine& engine, absl::Span<const CalendarKey> lost) {
  std::vector<std::string> beyond;
  size_t within = 0;
  for (const LinkedCalendar& calendar : engine.config().calendars) {
    const CalendarRow* const row = engine.calendar(calendar.key);
    const std::string name = absl::StrCat("\"", calendar.name, "\"");
    const bool is_lost = std::find(lost.begin(), lost.end(), calendar.key) != lost.end();
    if (is_lost || (row != nullptr && row->unreachable)) {
      beyond.push_back(absl::StrCat(name, " cannot be reached, and what lies on it cannot be taken away"));
      continue;
    }
    if (row == nullptr || (!row->walked && (CanWrite(row->role) || row->role == AccessRole::kUnknown)))
      return {.words = absl::StrCat(name, " was not read yet")};
    const size_t blocks = BlocksOn(engine, calendar.key);
    if (!row->IsReadOnly()) {
      within += blocks;
    } else if (blocks > 0 || !row->walked) {  // Not walked: Google shows there when somebody is busy, and no more.
      beyond.push_back(absl::StrCat(name, " may not be written any more, and what lies on it cannot be taken away"));
    }
  }
  if (within > 0) return {.words = absl::StrCat(within, " blocks are still there; `calsync status` says why")};
  return {.words = absl::StrJoin(beyond, "; "), .out_of_reach = !beyond.empty()};
}

std::vector<CalendarKey> RefusedTo(const Engine& engine) {
  std::vector<CalendarKey> refused;
  const auto& passes = engine.passes().passes;
  for (const LinkedCalendar& calendar : engine.config().calendars) {
    const CalendarRow* const row = engine.calendar(calendar.key);
    if (row == nullptr || !row->unreachable) continue;
    const bool asked = std::any_of(passes.begin(), passes.end(), [&](const Pass& pass) { return pass.calendar == calendar.key; });
    if (asked) refused.push_back(calendar.key);
  }
  return refused;
}

}  // namespace calsync::tools
