#include "engine/decide/evidence.h"

#include "absl/time/time.h"

namespace calsync {

int64_t UpdatedMs(const Event& event) { return event.updated.has_value() ? absl::ToUnixMillis(*event.updated) : 0; }

void TakeVersion(const LiveGroup& group, Record& record, const Event& event) {
  record.etag = event.etag.shared();
  record.updated_ms = UpdatedMs(event);
  record.seen_s = absl::ToUnixSeconds(group.now);
  record.span = event.span();
  record.must_read = record.absent = record.cancelled = false;
  record.attempts = 0;
  record.retry_s = 0;
}

bool WasSeenSince(const LiveGroup& group, const Record& record, absl::Time since) {
  return record.seen_s >= absl::ToUnixSeconds(since) && record.seen_s <= absl::ToUnixSeconds(group.now);
}

void Doubt(LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (record.must_read && !record.absent) return;
  group.records.Change(row, [](Record& changed) {
    changed.must_read = true;
    changed.absent = false;
    changed.attempts = 0;
    changed.retry_s = 0;
  });
  if (group.records[row].kind == RecordKind::kUserEvent) group.dirty_sources.insert(row);  // Its slots are frozen until then.
}

}  // namespace calsync
