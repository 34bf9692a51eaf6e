#include "engine/decide/occurrences.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/api/recurrence.h"
#include "engine/base/uuid.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/observe_user_event.h"
#include "engine/decide/reconcile.h"
#include "engine/state/zones.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// True if both are occurrences of live series with the same rule.
bool HaveOneRule(const LiveGroup& group, const Record& a, const Record& b) {
  const std::optional<RowIndex> row_of_a = MasterOf(group, a);
  const std::optional<RowIndex> row_of_b = MasterOf(group, b);
  if (!row_of_a.has_value() || !row_of_b.has_value()) return false;
  const Record& of_a = group.records[*row_of_a];
  const Record& of_b = group.records[*row_of_b];
  return of_a.IsLiveUserEvent() && of_b.IsLiveUserEvent() && of_a.series == of_b.series && of_a.span == of_b.span;
}

// Nothing if the series' zone is not known.
std::optional<SeriesOffsets> OffsetsOf(const LiveGroup& group, const SeriesText& series, const Record& master,
                                       const OriginalStart& original) {
  if (master.span.all_day || series.time_zone == "UTC") return SeriesOffsets{};
  if (group.zones == nullptr) return std::nullopt;
  const auto rules = group.zones->find(series.time_zone);
  if (rules == group.zones->end()) return std::nullopt;
  return SeriesOffsets{OffsetAt(rules->second, master.span.start), OffsetAt(rules->second, original.start),
                       OffsetAt(rules->second, original.start - kSecondsPerDay)};
}

void StrandIfDenied(LiveGroup& group, RowIndex row, const Record& master, const SeriesText& series) {
  const Record& occurrence = group.records[row];
  if (occurrence.kind != RecordKind::kUserEvent || occurrence.alone || occurrence.plain || IsInDoubt(occurrence)) return;
  const std::optional<SeriesOffsets> offsets = OffsetsOf(group, series, master, occurrence.original_start());
  if (offsets.has_value() && NeverGives(series, master.span, occurrence.original_start(), *offsets)) Strand(group, row);
}

// The master was asked for and is not there, but when that was known nobody waited for it any more: a split had given its
// occurrence to another part (seed 7211534). Nothing came of it (ObserveEnd).
bool WasAskedForNobody(const Record& master) {
  const bool undecided = master.kind == RecordKind::kSeen && master.seen_as == SeenAs::kUndecided;
  return undecided && master.etag.empty() && !IsInDoubt(master);
}

// A held occurrence of a series that turned out to be a person's.
void BecomeUserEvent(LiveGroup& group, RowIndex row) {
  const Record held = group.records[row];
  Record record = held;
  record.kind = RecordKind::kUserEvent;
  record.status = Follow(Status::kSeen, RecordEvent::kDiscovered);
  record.id = {UuidV4From(group.bits.Next128())};
  record.made_s = 0;                                                  // It is tracked from now on, however long it was held.
  record.keywords = KeywordsIn(held.summary.view(), group.keywords);  // The policy may be another one since.
  record.tag = TagState::kGivenUp;
  if (held.cancelled) record.status = Follow(record.status, RecordEvent::kVanished);
  record.cancelled = false;
  group.records.Replace(row, std::move(record));
  if (LiveCalendar* calendar = group.Find(held.calendar); calendar != nullptr && !held.cancelled) {
    ++group.Edit(*calendar).counters.user_events_found;
  }
  group.Audit(held.cancelled ? AuditKind::kUserEventGone : AuditKind::kUserEventFound, group.records[row]);
  if (!held.cancelled) AuditBlocking(group, group.records[row]);
  ExplainWrites(group, WritesOfOneChange(group));
  MarkSourceDirty(group, row);
  if (held.cancelled) DoubtEndIfOlder(group, row);
}

}  // namespace

void TakeOccurrenceFields(const LiveGroup& group, Record& record, const Event& event) {
  record.series = SharedText(PackSeries(event));
  record.master = event.recurring_event_id.shared();
  const OriginalStart original = OriginalStartOf(event);
  record.original = original.start;
  record.original_all_day = original.all_day;
  const std::optional<RowIndex> master = event.IsOccurrence() ? MasterOf(group, record) : std::nullopt;
  record.plain = master.has_value() && group.records[*master].etag == record.etag;
}

std::optional<RowIndex> FindOccurrence(const LiveGroup& group, const Record& master, const OriginalStart& original) {
  std::optional<RowIndex> found;
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (record.kind != RecordKind::kUserEvent || !(record.original_start() == original)) continue;
    if (!record.plain || record.status != Status::kGone) return row;
    if (!found.has_value()) found = row;
  }
  return found;
}

void Strand(LiveGroup& group, RowIndex source_row) {
  const Record source = group.records[source_row];
  const auto strand = [&](RowIndex row) {
    group.records.Change(row, [](Record& record) {
      record.alone = record.alone || record.IsLiveUserEvent();
      record.plain = record.plain || !record.IsLiveUserEvent();
    });
    MarkSourceDirty(group, row);
  };
  strand(source_row);
  if (source.ical_hash == 0) return;  // Of a cancelled one often no more is known than where it lies.
  for (const RowIndex row : group.records.OfMeeting(Records::MeetingOf(source))) {
    if (row != source_row && HaveOneRule(group, source, group.records[row])) strand(row);
  }
}

void StrandDenied(LiveGroup& group, RowIndex source) {
  const Record& record = group.records[source];
  const std::optional<RowIndex> master_row = record.IsOccurrence() ? MasterOf(group, record) : source;
  if (!master_row.has_value()) return;
  const Record& master = group.records[*master_row];
  if (!master.IsLiveUserEvent() || !master.IsMaster() || IsInDoubt(master)) return;
  const SeriesText series = UnpackSeries(master.series.view());
  if (record.IsOccurrence()) return StrandIfDenied(group, source, master, series);
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    StrandIfDenied(group, row, master, series);
  }
}

bool WaitsForMaster(const LiveGroup& group, const Record& record) {
  const bool undecided = record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kUndecided && record.IsOccurrence();
  const bool moved = record.IsLiveUserEvent() && record.IsOccurrence() && !MasterOf(group, record).has_value();
  return undecided || moved;
}

void ResolveHeld(LiveGroup& group, RowIndex master_row) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& held = group.records[row];
    if (held.kind == RecordKind::kUserEvent) MarkSourceDirty(group, row);
    if (held.kind != RecordKind::kSeen || held.seen_as != SeenAs::kUndecided) continue;
    const bool of_a_person = master.kind == RecordKind::kUserEvent;
    if (of_a_person || master.seen_as == SeenAs::kNoSuchEvent) {
      if (of_a_person || !held.cancelled) BecomeUserEvent(group, row);
    } else if (master.seen_as != SeenAs::kUndecided && master.seen_as != SeenAs::kTextMarked) {
      const SeenAs as = master.seen_as == SeenAs::kExternalBlock ? SeenAs::kExternalBlock : SeenAs::kCopyOfBlock;
      group.records.Change(row, [&](Record& record) { record.seen_as = as; });
      group.Audit(as == SeenAs::kExternalBlock ? AuditKind::kExternalBlockSeen : AuditKind::kCopyOfBlockSeen, group.records[row]);
    }
  }
}

void EndHeld(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& held) { held.cancelled = true; });
  const Record& held = group.records[row];
  if (const std::optional<RowIndex> master = MasterOf(group, held)) return ResolveHeld(group, *master);
  if (LiveCalendar* calendar = group.Find(held.calendar)) calendar->held.push_back(row);
}

void AskForMasters(LiveGroup& group, LiveCalendar& calendar) {
  std::vector<RowIndex> held;
  held.swap(calendar.held);
  for (const RowIndex row : held) {
    const Record& record = group.records[row];
    if (!WaitsForMaster(group, record)) continue;
    const absl::string_view master = record.master.view();
    if (BlockIds::HasShape(master) && group.ids.Verify(master, record.calendar).has_value()) continue;  // Waits for its block.
    if (const std::optional<RowIndex> known = group.records.FindAt(record.calendar, master)) {
      if (WasAskedForNobody(group.records[*known])) Doubt(group, *known);
      continue;
    }
    Record asked;
    asked.calendar = record.calendar;
    asked.event = record.master;
    asked.must_read = true;
    group.records.Add(std::move(asked));
  }
}

bool IsStale(const LiveGroup& group, RowIndex row, const Event& shown) {
  const Record& record = group.records[row];
  if (record.kind == RecordKind::kSeen || !shown.updated.has_value()) return false;
  // It went, and is to be brought back: that the version is there which went, was before (C3, seed 16702261).
  const bool is_to_come_back = record.IsBlock() && record.status == Status::kCreating && record.taken;
  if (is_to_come_back && !record.etag.empty() && record.etag == shown.etag.shared()) return true;
  const bool as_its_series = record.IsOccurrence() && (record.plain || record.status == Status::kCreating);
  const std::optional<RowIndex> known = as_its_series ? MasterOf(group, record) : row;
  if (!known.has_value()) return false;
  const Record& version = group.records[*known];
  // Until a block is known to exist, its row holds a time of others.
  if (version.IsBlock() && version.status != Status::kCreated) return false;
  return absl::ToUnixMillis(*shown.updated) < version.updated_ms;
}

void FollowMaster(LiveGroup& group, RowIndex row, const Event& event) {
  const Record& record = group.records[row];
  const bool is_source = record.kind == RecordKind::kUserEvent;
  const bool held = record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kUndecided;
  if ((!is_source && !held) || !record.IsOccurrence() || !event.IsOccurrence()) return;
  if (record.master.Equals(event.recurring_event_id.text())) return;
  if (is_source) MarkSourceDirty(group, row);  // The series that it leaves.
  group.records.Change(row, [&](Record& changed) {
    changed.master = event.recurring_event_id.shared();
    const OriginalStart original = OriginalStartOf(event);
    changed.original = original.start;
    changed.original_all_day = original.all_day;
    changed.plain = changed.alone = false;
  });
  if (is_source) MarkSourceDirty(group, row);
}

bool Denies(const LiveGroup& group, const Record& master, const OriginalStart& original) {
  const SeriesText series = UnpackSeries(master.series.view());
  const std::optional<SeriesOffsets> offsets = OffsetsOf(group, series, master, original);
  return offsets.has_value() && NeverGives(series, master.span, original, *offsets);
}

void DoubtOccurrences(LiveGroup& group, RowIndex master_row, SeriesChange change) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (record.kind != RecordKind::kUserEvent) continue;
    const bool ended = record.status == Status::kGone;
    if (ended && change == SeriesChange::kText) continue;
    if (change == SeriesChange::kAnchor) {  // What the series gives is to be found out anew.
      group.records.Change(row, [&](Record& changed) {
        changed.alone = false;
        if (ended) changed.plain = false;
      });
    }
    Doubt(group, row);
  }
}

void RecognizePlain(LiveGroup& group, RowIndex master_row) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (!record.IsLiveUserEvent() || record.plain || record.etag != master.etag) continue;
    group.records.Change(row, [](Record& changed) { changed.plain = true; });
    MarkSourceDirty(group, row);
  }
}

void DoubtEndsOlderThan(LiveGroup& group, RowIndex master_row, int64_t since_ms) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (record.kind != RecordKind::kUserEvent || record.status != Status::kGone || record.updated_ms > master.updated_ms)
      continue;
    if (since_ms != 0 && record.updated_ms >= since_ms) {
      Doubt(group, row);
    } else {
      DoubtEndIfOlder(group, row);
    }
  }
}

void DoubtEnds(LiveGroup& group, RowIndex master_row) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (record.kind == RecordKind::kUserEvent && record.status == Status::kGone) Doubt(group, row);
  }
}

void DoubtEndIfOlder(LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  const LiveCalendar* const calendar = group.Find(record.calendar);
  // A full walk would ask for every end that is older than the last change of its series, and most are what they seem.
  if (calendar == nullptr || calendar->listing.full) return;
  const std::optional<RowIndex> master = group.records.FindAt(record.calendar, record.master.view());
  if (!master.has_value() || record.updated_ms > group.records[*master].updated_ms) return;
  // What this listing says may be older than what is known of the series: a read may have overtaken it (seed 22904).
  const bool overtaken = group.records[*master].seen_s > absl::ToUnixSeconds(calendar->token_from);
  const bool met = overtaken || calendar->listing.met.contains(*master);
  const auto& learned = group.records.changed();
  if (met && std::find(learned.begin(), learned.end(), row) != learned.end()) Doubt(group, row);
}

void EndOccurrencesOfSource(LiveGroup& group, RowIndex master_row) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& record = group.records[row];
    if (record.IsLiveUserEvent() && !record.plain) Doubt(group, row);
    if (!record.alone) continue;
    group.records.Change(row, [](Record& changed) { changed.alone = false; });
    MarkSourceDirty(group, row);
  }
}

}  // namespace calsync
