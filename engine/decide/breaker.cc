#include "engine/decide/breaker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/decide/desired.h"
#include "engine/decide/evidence.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

constexpr absl::Duration kWindow = absl::Hours(24);
constexpr int64_t kSlack = 100;  // Writes a window that nothing needs to explain.
constexpr int64_t kWritesPerSlot = 2;
constexpr int64_t kWritesPerTag = 2;

using Status = RecordStatus;

int64_t WritesOfExceptions(const LiveGroup& group, const Record& source) {
  return kWritesPerSlot * static_cast<int64_t>(group.records.WithMaster(source.calendar, source.event.view()).size());
}

// What the row itself may have to write. What it is on may be frozen: see OwedWrites.
int64_t OwedByRow(const LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  const LiveCalendar* calendar = group.Find(record.calendar);
  if (calendar == nullptr || calendar->row.unreachable) return 0;
  if (record.kind == RecordKind::kUserEvent && IsInDoubt(record)) {  // Its slots are frozen until it was read.
    return record.IsLiveUserEvent() ? WritesOfOneChange(group, record) : 0;
  }
  if (!CanWrite(calendar->row.role)) return 0;
  const Owed owed = OwedBy(group, row);
  if (owed == Owed::kTag) return IsEnabled(group, *calendar) ? kWritesPerTag : 0;
  return owed != Owed::kNothing || IsInDoubt(record) ? kWritesPerSlot : 0;
}

// Besides what rows owe: the slot has no block and is due, or will be once the horizon, what covers it or a first walk lets it;
// or the exceptions of its series wait for its block.
int64_t OwedBySlot(const LiveGroup& group, RowIndex source_row, const LiveCalendar& target) {
  const DueVerdict verdict = DueOf(group, source_row, target);
  if (verdict.due != Due::kYes && verdict.due != Due::kIfItExists) return 0;
  if (verdict.reason == DueReason::kHorizon && verdict.again_s == 0) return 0;  // It is over.
  const Record& source = group.records[source_row];
  const int64_t exceptions = WritesOfExceptions(group, source);
  const std::optional<RowIndex> row = FindBlockOf(group, source, target.row.key);
  if (!row.has_value()) return kWritesPerSlot + exceptions;
  const Record& block = group.records[*row];
  if (block.status == Status::kDeleted || block.status == Status::kFailed) {
    return HoldStands(group, block, source) ? 0 : kWritesPerSlot + exceptions;
  }
  return OwedBy(group, *row) != Owed::kNothing || IsInDoubt(block) ? exceptions : 0;
}

// What is still to be written as things are: rather too much than too little. But nothing for what waits for a calendar that
// cannot be reached or written: ExplainOwed follows when it can.
int64_t OwedWrites(const LiveGroup& group) {
  int64_t owed = 0;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    owed += OwedByRow(group, row);
    if (!group.records[row].IsLiveUserEvent()) continue;
    for (const LiveCalendar& target : group.calendars) {
      if (target.row.key != group.records[row].calendar) owed += OwedBySlot(group, row, target);
    }
  }
  return owed;
}

void RollWindow(LiveGroup& group) {
  const bool began_in_future = group.row.window_start > group.now;  // The wall clock was set back.
  if (!began_in_future && group.now - group.row.window_start < kWindow) return;
  GroupRow& row = group.EditRow();
  // What was explained and is still to be written stays explained: an outage may lie between the two. Writes that need no
  // explanation used none of it.
  const int64_t unused = row.window_explained - std::max<int64_t>(0, row.window_writes - kSlack);
  row.window_explained = unused <= 0 ? 0 : std::min(unused, OwedWrites(group));
  row.window_writes = 0;
  row.window_start = group.now;
}

}  // namespace

void RollWindowBeforeNews(LiveGroup& group) {
  if (group.row.window_explained != 0 || group.row.window_writes != 0) RollWindow(group);
}

void ExplainWrites(LiveGroup& group, int64_t writes) {
  RollWindow(group);
  group.EditRow().window_explained += writes;
}

void ExplainOwed(LiveGroup& group) {
  const int64_t owed = OwedWrites(group);
  if (owed == 0) return;
  RollWindow(group);
  const int64_t least = group.row.window_writes + owed;
  if (group.row.window_explained < least) group.EditRow().window_explained = least;
}

int64_t WritesOfOneChange(const LiveGroup& group) {
  return kWritesPerSlot * static_cast<int64_t>(group.calendars.size()) + kWritesPerTag;
}

int64_t WritesOfOneChange(const LiveGroup& group, const Record& source) {
  return WritesOfOneChange(group) + WritesOfExceptions(group, source) * static_cast<int64_t>(group.calendars.size());
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
  group.explain_owed = true;  // Or what waited would open it once more.
  group.Audit(AuditKind::kBreakerReset, CalendarKey());
}

}  // namespace calsync
