#include "engine/decide/cover.h"

#include <algorithm>
#include <optional>

#include "engine/base/check.h"
#include "engine/decide/desired.h"
#include "engine/decide/legacy.h"
#include "engine/decide/reconcile.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// An occurrence of a block of ours or of what was split off one, or one that went with its series, though nothing may have been
// shown of it (C-68, K-19).
bool IsOfBlockOrGone(const LiveGroup& group, const Record& record) {
  // Also of a block that the database forgot (small seed 208760).
  const absl::string_view id = record.master.view();
  if (BlockIds::HasShape(id) && group.ids.Verify(id, record.calendar).has_value()) return true;
  const std::optional<RowIndex> master = MasterOf(group, record);
  if (!master.has_value()) return false;
  const Record& series = group.records[*master];
  const bool of_part = series.seen_as == SeenAs::kFragment || series.seen_as == SeenAs::kSurplusBlock;  // Seed 4816750.
  if (series.IsBlock() || of_part) return true;
  if (series.status == Status::kGone) return WentWithItsSeries(group, record);  // Not one that stands alone: seed 14147670.
  // What is gone has no times; a series that nobody ever showed has none either, and its occurrence was shared without it.
  return series.kind == RecordKind::kSeen && !series.etag.empty() && !series.span.IsValid();
}

// Whether the row shows somebody busy on its calendar.
bool Covers(const LiveGroup& group, const Record& record) {
  if (!record.span.IsValid()) return false;
  // What a series makes covers nothing; of its occurrences only those that a person changed, on a calendar of theirs.
  if (record.IsOccurrence() && (record.plain || record.IsBlock() || IsOfBlockOrGone(group, record))) return false;
  switch (record.kind) {
    case RecordKind::kUserEvent:
      return record.IsLiveUserEvent() && record.blocking == Blocking::kBlocks;
    case RecordKind::kBlock:  // What is to be there counts as well: two slots must not fill each other's gap at once. What is to
                              // go is shown until it is gone (seed 15692).
      return record.status == Status::kCreating || record.status == Status::kCreated || record.status == Status::kDeleting;
    case RecordKind::kSeen:
      return record.blocking == Blocking::kBlocks && !record.cancelled;
  }
  return false;
}

CoverIndex::Key KeyOf(CalendarKey calendar, const TimeSpan& span) { return {calendar, span.start, span.end, span.all_day}; }

const std::vector<RowIndex>* Find(const LiveGroup& group, CalendarKey calendar, const TimeSpan& span) {
  const auto found = group.cover.rows.find(KeyOf(calendar, span));
  return found == group.cover.rows.end() ? nullptr : &found->second;
}

bool IsBlockFor(const Record& record, const Record& source) { return record.IsBlock() && record.source == source.id; }

// `gone` stopped covering its calendar at these times.
void CoverWent(LiveGroup& group, RowIndex gone, CalendarKey target, const TimeSpan& span) {
  for (const LiveCalendar& calendar : group.calendars) {
    if (calendar.row.key == target) continue;
    const DirectionPolicy& policy = group.config.PolicyFor(calendar.row.key, target);
    if (!policy.mirrors) continue;
    const std::vector<RowIndex>* here = Find(group, calendar.row.key, span);
    if (here == nullptr) continue;
    for (const RowIndex row : *here) {
      const Record& source = group.records[row];
      // What went may have been marked, and kept the slot from having a block.
      if (group.cover.marks && source.kind == RecordKind::kUserEvent) MarkSourceDirty(group, row);
      if (policy.already_busy != AlreadyBusy::kExact) continue;
      if (source.kind != RecordKind::kUserEvent || IsBlockFor(group.records[gone], source)) continue;
      if (IsCovered(group, source, target)) continue;
      const std::optional<RowIndex> block = group.records.FindBlock(source.id, target);
      if (block.has_value() && Covers(group, group.records[*block])) continue;
      group.records.Change(row, [&](Record& changed) { changed.cover_went_s = absl::ToUnixSeconds(group.now); });
      MarkSourceDirty(group, row);
    }
  }
}

}  // namespace

bool AsksForCover(const GroupConfig& config) {
  return config.policy.already_busy == AlreadyBusy::kExact ||
         std::any_of(config.directions.begin(), config.directions.end(),
                     [](const Direction& direction) { return direction.policy.already_busy == AlreadyBusy::kExact; });
}

bool IsCovered(const LiveGroup& group, const Record& source, CalendarKey target) {
  CALSYNC_CHECK(group.cover.on);
  const std::vector<RowIndex>* there = Find(group, target, source.span);
  return there != nullptr &&
         std::any_of(there->begin(), there->end(), [&](RowIndex row) { return !IsBlockFor(group.records[row], source); });
}

void FollowCoverOf(LiveGroup& group, RowIndex row) {
  if (!group.cover.on) return;
  const Record& record = group.records[row];
  std::optional<CoverIndex::Key> now;
  if (Covers(group, record)) now = KeyOf(record.calendar, record.span);
  if (group.cover.of.size() <= row) group.cover.of.resize(row + 1);
  const std::optional<CoverIndex::Key> before = group.cover.of[row];
  if (before == now) return;
  group.cover.of[row] = now;
  if (now.has_value()) {
    std::vector<RowIndex>& there = group.cover.rows[*now];
    there.insert(std::lower_bound(there.begin(), there.end(), row), row);
  }
  if (!before.has_value()) return;
  const auto left = group.cover.rows.find(*before);
  left->second.erase(std::lower_bound(left->second.begin(), left->second.end(), row));
  if (left->second.empty()) group.cover.rows.erase(left);
  const auto& [calendar, start, end, all_day] = *before;
  CoverWent(group, row, calendar, {start, end, all_day});
}

void FollowCover(LiveGroup& group) {
  if (!group.cover.on) return;
  // By number: what is marked here grows the list.
  for (size_t i = 0; i < group.records.changed().size(); ++i) {
    const RowIndex row = group.records.changed()[i];
    FollowCoverOf(group, row);
    const Record& record = group.records[row];
    for (const RowIndex occurrence : group.records.WithMaster(record.calendar, record.event.view())) {
      FollowCoverOf(group, occurrence);
    }
  }
}

void ResetCover(LiveGroup& group) {
  group.cover = CoverIndex();
  group.cover.marks = HasMarks(group);
  group.cover.on = group.cover.marks || AsksForCover(group.config);
  if (!group.cover.on) return;
  for (RowIndex row = 0; row < group.records.size(); ++row) FollowCoverOf(group, row);
}

}  // namespace calsync
