#include "engine/decide/breaker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace calsync {
namespace {

constexpr absl::Duration kWindow = absl::Hours(24);
constexpr int64_t kSlack = 100;  // Writes a window that nothing needs to explain.
constexpr int64_t kWritesPerSlot = 2;
constexpr int64_t kWritesPerTag = 2;

void RollWindow(LiveGroup& group) {
  const bool began_in_future = group.row.window_start > group.now;  // The wall clock was set back.
  if (!began_in_future && group.now - group.row.window_start < kWindow) return;
  GroupRow& row = group.EditRow();
  // What was explained and is still to be written stays explained: an outage may lie between the two.
  row.window_explained = std::max<int64_t>(0, row.window_explained - row.window_writes);
  row.window_writes = 0;
  row.window_start = group.now;
}

}  // namespace

void Explain(LiveGroup& group, int64_t writes) {
  RollWindow(group);
  group.EditRow().window_explained += writes;
}

int64_t WritesOfOneChange(const LiveGroup& group) {
  return kWritesPerSlot * static_cast<int64_t>(group.calendars.size()) + kWritesPerTag;
}

int64_t WritesOfOneChange(const LiveGroup& group, const Record& source) {
  const size_t exceptions = group.records.WithMaster(source.calendar, source.event.view()).size();
  return WritesOfOneChange(group) + kWritesPerSlot * static_cast<int64_t>(exceptions * group.calendars.size());
}

bool AdmitWrite(LiveGroup& group) {
  if (group.row.breaker_open) return false;
  RollWindow(group);
  GroupRow& row = group.EditRow();
  if (group.config.policy.breaker && row.window_writes >= row.window_explained + kSlack) {
    row.breaker_open = true;
    group.Audit(AuditKind::kBreakerOpened, CalendarKey(),
                absl::StrCat(row.window_writes, " writes, ", row.window_explained, " explained"));
    return false;
  }
  ++row.window_writes;
  return true;
}

void ResetBreaker(LiveGroup& group) {
  GroupRow& row = group.EditRow();
  row.breaker_open = false;
  row.window_start = group.now;
  row.window_writes = 0;
  row.window_explained = 0;
  group.Audit(AuditKind::kBreakerReset, CalendarKey());
}

}  // namespace calsync
