#include "engine/decide/observe.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/base/check.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/legacy.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/observe_user_event.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// ---- What is neither ----

void TakeMark(const LiveGroup& group, Record& record, const Event& event) {
  const TextMark mark = TextMarkOf(group.config.policy.legacy, event.summary, event.description);
  record.keywords = mark.bits;
  record.held_for = mark.calendar;
}

void ObserveSeen(LiveGroup& group, LiveCalendar& calendar, const Event& event, const Classified& known, SeenAs as) {
  std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.id.text());
  const bool is_new = !row.has_value();
  if (is_new) {
    Record record;
    record.calendar = calendar.row.key;
    record.event = event.id.shared();
    row = group.records.Add(std::move(record));
  }
  if (group.records[*row].kind != RecordKind::kSeen) {
    // A record of ours at the place of what turns out to be a copy: it stays what it is until it ends.
    return;
  }
  const SeenAs before = group.records[*row].seen_as;
  const SharedText master_before = group.records[*row].master;
  group.records.Change(*row, [&](Record& record) {
    TakeVersion(group, record, event);
    record.blocking = BlockingOf(event);
    record.organizer_self = event.organizer.self;
    record.guests = !event.attendees.empty();
    record.tagged = group.tags.Read(event.private_properties).verdict == TagVerdict::kOurBlock;
    if (event.IsOccurrence() || as == SeenAs::kTextMarked) {
      TakeUserFields(group, record, event);
      record.cancelled = event.IsCancelled();
    }
    if (as == SeenAs::kTextMarked) TakeMark(group, record, event);
    if (!record.IsDoomed()) record.seen_as = as;
    if (known.certified.has_value()) {
      record.slot = known.certified->slot;
      record.generation = known.certified->generation;
    }
  });
  if (as == SeenAs::kTextMarked) MarkHeldDirty(group, group.records[*row].span);
  // Of another part of its series by now, which is to be asked for as well (seed 7211534).
  const bool left = !is_new && before == SeenAs::kUndecided && !(master_before == group.records[*row].master);
  if (!is_new && before == group.records[*row].seen_as && !left) return;
  switch (group.records[*row].seen_as) {
    case SeenAs::kCopyOfBlock:
      group.Audit(AuditKind::kCopyOfBlockSeen, group.records[*row]);
      break;
    case SeenAs::kExternalBlock:
      group.Audit(AuditKind::kExternalBlockSeen, group.records[*row]);
      break;
    case SeenAs::kUndecided:
      group.Audit(AuditKind::kParked, group.records[*row],
                  event.IsOccurrence() ? "an occurrence without its series" : "its details are hidden from us");
      if (event.IsOccurrence()) calendar.held.push_back(*row);
      break;
    case SeenAs::kTextMarked:
      group.Audit(AuditKind::kTextMarkSeen, group.records[*row]);
      break;
    case SeenAs::kSurplusBlock:
    case SeenAs::kMovedBlock:
    case SeenAs::kFragment:
    case SeenAs::kNoSuchEvent:
      break;
  }
  ResolveHeld(group, *row);
}

// Split off one of our blocks by a person: ours as well. It goes when its block is restored or removed, or if that happened
// before it was seen; under policy `keep` it stays until then.
void ObserveFragment(LiveGroup& group, LiveCalendar& calendar, const Event& event, const Classified& known) {
  ObserveSeen(group, calendar, event, known, SeenAs::kFragment);
  const std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.id.text());
  CALSYNC_CHECK(row.has_value());
  if (group.records[*row].kind != RecordKind::kSeen || group.records[*row].seen_as != SeenAs::kFragment) return;
  const absl::string_view id = event.id.text();
  group.records.Change(*row, [&](Record& record) { record.master = SharedText(id.substr(0, id.find('_'))); });
  // If the database forgot its block, that is to be found first (bind_forgotten).
  const std::optional<RowIndex> block = group.records.FindSlot(known.certified->slot);
  if (!block.has_value()) return;
  if (!StaysWithItsBlock(group, group.records[*row])) return RemoveFragment(group, *row);
  if (group.records[*block].hold != Hold::kKeptEdit) Doubt(group, *block);  // The edit that it was split off in is to be seen.
}

void RemoveIfMovedFromHome(LiveGroup& group, const Event& event, const Classified& known) {
  if (!known.certified.has_value()) return;
  const std::optional<RowIndex> home = group.records.FindSlot(known.certified->slot);
  if (!home.has_value()) return;
  const Record& block = group.records[*home];
  if (block.WasTakenAway(known.certified->generation)) RemoveIfMoved(group, block.calendar, event.id);
}

// ---- What we hold a record of ----

// A listing shows what a read does not: it is asked again, with patience.
void ReadAgain(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& record) { record.absent = false; });
  RetryLater(group, row);
}

// A row of a listing about an event that we hold a record of. True if it can be taken over as it stands.
bool ListRowIsConclusive(LiveGroup& group, RowIndex row, const Event& event) {
  const Record& record = group.records[row];
  if (IsAskedFor(record)) FollowMaster(group, row, event);                 // Else another series would be asked (seed 72327).
  if (const auto call = group.busy.find(row); call != group.busy.end()) {  // Waits for the answer.
    group.calls.at(call->second).heard = event.etag.str();
    Doubt(group, row);
    return false;
  }
  const int64_t updated = UpdatedMs(event);
  const bool newer = updated != 0 && updated > record.updated_ms;
  if (record.must_read) {  // A read is owed anyway; it must tell no less.
    if (record.absent && !event.IsCancelled()) ReadAgain(group, row);
    if (newer && record.kind == RecordKind::kUserEvent) {
      group.records.Change(row, [&](Record& changed) { changed.updated_ms = updated; });
    }
    return false;
  }
  const bool contradicts_end = record.status == Status::kGone || record.status == Status::kDeleted ||
                               record.status == Status::kCreating || record.status == Status::kFailed ||
                               WentWithItsSeries(group, record);
  if (newer && !contradicts_end) return true;
  if (newer) FollowMaster(group, row, event);  // It is asked for by its series (seed 46535).
  Doubt(group, row);
  return false;
}

bool IsOfVersion(const Record& record, absl::string_view etag) { return !record.etag.empty() && record.etag.Equals(etag); }

// A row of a listing shows, live, the version that the record was taken from.
void ObserveUnchanged(LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (record.absent) return ReadAgain(group, row);
  if (record.status == Status::kGone || record.status == Status::kDeleted) return Doubt(group, row);
  if (record.kind == RecordKind::kUserEvent && record.IsMaster()) DoubtEndsOlderThan(group, row, 0);  // Read before.
}

void ObserveKnown(LiveGroup& group, LiveCalendar& calendar, RowIndex row, const Event& event, Evidence evidence) {
  const Record& record = group.records[row];
  if (evidence == Evidence::kList) {
    if (record.IsMaster()) calendar.listing.met.insert(row);
    if (record.cancelled) group.records.Change(row, [](Record& shown) { shown.cancelled = false; });
    if (IsOfVersion(record, event.etag.text())) return ObserveUnchanged(group, row);
    if (!ListRowIsConclusive(group, row, event)) return;
  }
  if (record.kind == RecordKind::kUserEvent) {
    ObserveUserEvent(group, row, event);
  } else {
    ObserveBlock(group, row, event);
  }
}

// A row of a listing about a text-marked event that we know: it holds slots, so what may be stale is read (S-7).
bool MarkRowIsConclusive(LiveGroup& group, RowIndex row, const Event& event) {
  const Record& record = group.records[row];
  if (group.IsBusy(row) || record.must_read) {
    Doubt(group, row);
    return false;
  }
  if (record.cancelled && event.IsCancelled()) return true;  // No news, however often deltas repeat it (legacy seed 12805).
  const bool unchanged = record.etag.Equals(event.etag.text());
  const int64_t updated = UpdatedMs(event);
  const bool newer = updated != 0 && updated > record.updated_ms;
  if (newer ? !record.cancelled : unchanged && record.cancelled == event.IsCancelled()) return true;
  Doubt(group, row);
  return false;
}

void ObserveMarked(LiveGroup& group, LiveCalendar& calendar, const Event& event, const Classified& known, Evidence evidence) {
  const bool is_known = known.row.has_value() && group.records[*known.row].seen_as == SeenAs::kTextMarked;
  if (evidence == Evidence::kList && is_known && !MarkRowIsConclusive(group, *known.row, event)) return;
  ObserveSeen(group, calendar, event, known, SeenAs::kTextMarked);
}

// A series that nobody decided about is gone. Occurrences that waited with it went along (C-68), or are events by themselves:
// they are read.
void DoubtWaiting(LiveGroup& group, RowIndex master_row) {
  const Record master = group.records[master_row];
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record& held = group.records[row];
    const bool waits = held.kind == RecordKind::kSeen && held.seen_as == SeenAs::kUndecided && !held.cancelled;
    if (waits || held.IsLiveUserEvent()) Doubt(group, row);
  }
}

// A text-marked event is gone.
void EndMark(LiveGroup& group, RowIndex row) {
  if (group.records[row].cancelled) return;
  group.records.Change(row, [](Record& seen) { seen.cancelled = true; });
  DoubtWaiting(group, row);
}

// A listing shows an occurrence as cancelled, which a read is to confirm. To Google that is a new event, which a read may not
// find yet (V6): it is cancelled all the same, and not just what its series makes it (seed 14426881). Of a block's that was never
// seen, a read alone tells.
void TakeStub(LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (!record.IsOccurrence() || record.cancelled || record.status == Status::kCreating) return;
  group.records.Change(row, [](Record& shown) { shown.cancelled = true; });
}

void ObserveDeletion(LiveGroup& group, RowIndex row, const Event& event, Evidence evidence) {
  FollowMaster(group, row, event);
  const Record& record = group.records[row];
  if (record.kind == RecordKind::kSeen && !record.IsDoomed()) {  // It may come back; until then it covers nothing.
    if (record.seen_as == SeenAs::kTextMarked) {
      if (evidence == Evidence::kList && !MarkRowIsConclusive(group, row, event)) return;
      EndMark(group, row);
    }
    if (group.cover.on && record.span.IsValid()) group.records.Change(row, [](Record& seen) { seen.span = TimeSpan(); });
    if (record.seen_as == SeenAs::kUndecided && record.IsOccurrence()) EndHeld(group, row);
    return;
  }
  const bool ended = record.status == Status::kGone || record.status == Status::kDeleted;
  if (evidence == Evidence::kList) {
    if (ended && !record.must_read) return;
    if (!ListRowIsConclusive(group, row, event)) return TakeStub(group, row);
  }
  ObserveEnd(group, row, End::kCancelled);
  const Record& ends = group.records[row];
  if (evidence == Evidence::kList && ends.kind == RecordKind::kUserEvent && ends.IsOccurrence()) DoubtEndIfOlder(group, row);
}

// An occurrence of a person's series. It may have been asked for under another id than Google gives it (K-20).
void ObserveOccurrence(LiveGroup& group, LiveCalendar& calendar, const Event& event, const Classified& known, Evidence evidence) {
  std::optional<RowIndex> row = known.row;
  if (!row.has_value()) {
    const std::optional<RowIndex> master = group.records.FindAt(calendar.row.key, event.recurring_event_id.text());
    row = FindOccurrence(group, group.records[*master], OriginalStartOf(event));
    if (row.has_value()) group.records.Move(*row, event.id);
  }
  if (!row.has_value() || group.records[*row].kind == RecordKind::kSeen) {
    AddUserEvent(group, calendar, row, event, std::nullopt);
  } else if (event.IsCancelled()) {
    ObserveDeletion(group, *row, event, evidence);
  } else {
    ObserveKnown(group, calendar, *row, event, evidence);
  }
}

// A reader without access to private details sees neither tags nor titles of private events. Where blocks of ours were, such an
// event may be a copy of one: it waits until its details can be seen (L1).
bool MayHideATag(const LiveGroup& group, const LiveCalendar& calendar, const Event& event) {
  if (CanWrite(calendar.row.role)) return false;
  if (event.visibility != Visibility::kPrivate && event.visibility != Visibility::kConfidential) return false;
  if (calendar.row.restored) return true;  // The walk that shows whether blocks of ours were there is under way.
  return group.records.TallyOf(calendar.row.key).blocks > 0;
}

// No version of the event with this etag was taken over yet.
bool IsNews(const LiveGroup& group, CalendarKey calendar, const Event& event) {
  const std::optional<RowIndex> row = group.records.FindAt(calendar, event.id.text());
  return !row.has_value() || !group.records[*row].etag.Equals(event.etag.text());
}

// True if what classification makes of the record's event, shown live in the version that the record was taken from, needs no
// more than the record: VerdictOfKnown. Of an occurrence it needs its series, of an adopted block its tag.
bool SpeaksForItself(const Record& record) {
  if (record.IsOccurrence() || record.IsAdopted()) return false;
  return record.IsLiveUserEvent() || record.status == Status::kCreated;
}
Verdict VerdictOfKnown(const Record& record) { return record.IsBlock() ? Verdict::kOwnBlock : Verdict::kTrackedUserEvent; }

std::vector<std::optional<RowIndex>> FindAll(const Records& records, CalendarKey calendar, absl::Span<const VersionView> shown) {
  std::vector<std::optional<RowIndex>> rows;
  rows.reserve(shown.size());
  for (size_t from = 0; from < shown.size(); from += Records::kAtOnce) {
    const absl::Span<const VersionView> some = shown.subspan(from, Records::kAtOnce);
    Records::Ahead keys[Records::kAtOnce];
    for (size_t i = 0; i < some.size(); ++i) records.PrefetchIndex(keys[i] = Records::AheadAt(calendar, some[i].id));
    records.PrefetchRows(absl::MakeConstSpan(keys, some.size()));
    for (size_t i = 0; i < some.size(); ++i) rows.push_back(records.FindAt(keys[i], calendar, some[i].id));
  }
  return rows;
}

// Of a row of a listing: blocks and what is part or copy of them, and those of others.
void CountSkipped(Counters& counters, Verdict verdict) {
  switch (verdict) {
    case Verdict::kOwnBlock:
    case Verdict::kForgottenBlock:
    case Verdict::kNewerGeneration:
    case Verdict::kSupersededBlock:
    case Verdict::kOccurrenceOfBlock:
    case Verdict::kFragment:
    case Verdict::kCopyOfBlock:
      ++counters.our_events_skipped;
      return;
    case Verdict::kExternalBlock:
    case Verdict::kTextMarked:
      ++counters.external_events_skipped;
      return;
    case Verdict::kOwnTombstone:
    case Verdict::kHeld:
    case Verdict::kOccurrence:
    case Verdict::kDeletion:
    case Verdict::kIgnored:
    case Verdict::kTrackedUserEvent:
    case Verdict::kCopiedUserEvent:
    case Verdict::kReturningUserEvent:
    case Verdict::kNewUserEvent:
      return;
  }
}

}  // namespace

std::vector<std::optional<EventVersion>> KnownVersions(const LiveGroup& group, CalendarKey calendar,
                                                       absl::Span<const VersionView> shown) {
  std::vector<std::optional<EventVersion>> known(shown.size());
  const std::vector<std::optional<RowIndex>> rows = FindAll(group.records, calendar, shown);
  for (size_t i = 0; i < shown.size(); ++i) {
    if (!rows[i].has_value()) continue;
    const Record& record = group.records[*rows[i]];
    if (!SpeaksForItself(record) || !IsOfVersion(record, shown[i].etag)) continue;
    known[i] = EventVersion{EventId(record.event), Etag(record.etag)};
  }
  return known;
}

void ObserveUnread(LiveGroup& group, LiveCalendar& calendar, const EventVersion& version) {
  Counters& counters = group.Edit(calendar).counters;
  ++counters.events_processed;
  const std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, version.id.text());
  if (!row.has_value()) {  // It went elsewhere meanwhile: the next listing says what this one does not.
    calendar.listing.void_token = true;
    return;
  }
  const Record& record = group.records[*row];
  if (calendar.listing.full || record.IsMaster()) calendar.listing.met.insert(*row);
  if (!SpeaksForItself(record) || !IsOfVersion(record, version.etag.text())) return Doubt(group, *row);
  ++group.verdicts[static_cast<size_t>(VerdictOfKnown(record))];
  CountSkipped(counters, VerdictOfKnown(record));
  group.newest_ms = std::max(group.newest_ms, record.updated_ms);
  ObserveUnchanged(group, *row);
}

Verdict Observe(LiveGroup& group, LiveCalendar& calendar, const Event& event, Evidence evidence) {
  const Classified known = Classify({group.config, group.records, group.ids, group.tags}, calendar.row.key, event);
  ++group.verdicts[static_cast<size_t>(known.verdict)];
  if (IsNews(group, calendar.row.key, event)) CompareDetections(group, calendar.row.key, event, known.verdict);
  group.newest_ms = std::max(group.newest_ms, UpdatedMs(event));
  if (evidence == Evidence::kList) {
    ++group.Edit(calendar).counters.events_processed;
    CountSkipped(calendar.row.counters, known.verdict);
  }
  switch (known.verdict) {
    case Verdict::kIgnored:
      break;
    case Verdict::kOwnBlock:
      ObserveKnown(group, calendar, *known.row, event, evidence);
      break;
    case Verdict::kForgottenBlock:
      AddForgotten(group, calendar, event, known);
      break;
    case Verdict::kNewerGeneration:
      TakeNewerGeneration(group, *known.row, event, *known.certified);
      break;
    case Verdict::kSupersededBlock:
      ObserveSuperseded(group, calendar, event, known, evidence);
      break;
    case Verdict::kOwnTombstone:
      ObserveTombstone(group, calendar, event, known);
      break;
    case Verdict::kCopyOfBlock:
      ObserveSeen(group, calendar, event, known, SeenAs::kCopyOfBlock);
      RemoveIfMovedFromHome(group, event, known);
      break;
    case Verdict::kExternalBlock:
      ObserveSeen(group, calendar, event, known, SeenAs::kExternalBlock);
      break;
    case Verdict::kHeld:
      ObserveSeen(group, calendar, event, known, SeenAs::kUndecided);
      break;
    case Verdict::kOccurrenceOfBlock:
      if (known.row.has_value() && group.records[*known.row].IsBlock()) {
        if (event.IsCancelled()) {
          ObserveDeletion(group, *known.row, event, evidence);
        } else {
          ObserveKnown(group, calendar, *known.row, event, evidence);
        }
      } else if (!ObserveOccurrenceOfBlock(group, event, *known.master)) {
        ObserveSeen(group, calendar, event, known, SeenAs::kUndecided);
      }
      break;
    case Verdict::kFragment:
      ObserveFragment(group, calendar, event, known);
      break;
    case Verdict::kOccurrence:
      ObserveOccurrence(group, calendar, event, known, evidence);
      break;
    case Verdict::kDeletion:
      ObserveDeletion(group, *known.row, event, evidence);
      break;
    case Verdict::kTrackedUserEvent:
      ObserveKnown(group, calendar, *known.row, event, evidence);
      break;
    case Verdict::kReturningUserEvent:
      AddUserEvent(group, calendar, known.row, event, known.correlation_id);
      break;
    case Verdict::kTextMarked:
      ObserveMarked(group, calendar, event, known, evidence);
      break;
    case Verdict::kCopiedUserEvent:
    case Verdict::kNewUserEvent:
      if (MayHideATag(group, calendar, event)) {
        ObserveSeen(group, calendar, event, known, SeenAs::kUndecided);
        break;
      }
      AddUserEvent(group, calendar, known.row, event, std::nullopt);
      break;
  }
  if (evidence == Evidence::kList && calendar.listing.full) {
    if (const auto row = group.records.FindAt(calendar.row.key, event.id.text())) calendar.listing.met.insert(*row);
  }
  return known.verdict;
}

namespace {

// Its id certifies it, whatever the row says.
bool IsOurs(const LiveGroup& group, const Record& record) {
  return group.ids.Verify(record.event.view(), record.calendar).has_value();
}

}  // namespace

void ObserveEnd(LiveGroup& group, RowIndex row, End end) {
  const LiveCalendar* calendar = group.Find(group.records[row].calendar);
  const bool restored = calendar != nullptr && calendar->row.restored;
  group.records.Change(row, [&](Record& record) {
    record.must_read = record.absent = false;
    if (record.kind != RecordKind::kSeen) record.cancelled = false;
    record.attempts = 0;
    record.retry_s = 0;
    record.seen_s = absl::ToUnixSeconds(group.now);
  });
  switch (group.records[row].kind) {
    case RecordKind::kUserEvent:
      MarkSourceDirty(group, row);
      // Cancelled, or just not there (K-11): then it is what its series makes it.
      group.records.Change(row, [&](Record& record) { record.plain = end == End::kAbsent && record.IsOccurrence(); });
      if (group.records[row].status == Status::kGone) return;
      group.records.Change(row, [](Record& record) { record.status = Follow(record.status, RecordEvent::kVanished); });
      EndOccurrencesOfSource(group, row);
      ExplainWrites(group, WritesOfOneChange(group));
      group.Audit(AuditKind::kUserEventGone, group.records[row]);
      break;
    case RecordKind::kBlock:
      EndOfBlock(group, row, end, restored);
      break;
    case RecordKind::kSeen:
      if (group.records[row].IsDoomed()) {  // It covers nothing any more.
        group.records.Change(row, [](Record& record) {
          record.seen_as = SeenAs::kCopyOfBlock;
          record.span = TimeSpan();
        });
      } else if (group.records[row].seen_as == SeenAs::kTextMarked) {
        EndMark(group, row);
      } else if (group.records[row].seen_as == SeenAs::kUndecided && !IsOurs(group, group.records[row]) &&
                 group.records.HasWithMaster(group.records[row].calendar, group.records[row].event.view())) {
        group.records.Change(row, [](Record& record) { record.seen_as = SeenAs::kNoSuchEvent; });
        end == End::kCancelled ? DoubtWaiting(group, row) : ResolveHeld(group, row);
      } else if (group.records[row].seen_as == SeenAs::kUndecided && group.records[row].IsOccurrence()) {
        EndHeld(group, row);
      } else if (group.records[row].sent) {
        EndOfLeftBehind(group, row, restored);
      }
      break;
  }
}

void ObserveDeleted(LiveGroup& group, RowIndex row) {
  const bool was_block = group.records[row].IsBlock();
  group.Audit(AuditKind::kBlockDeleted, group.records[row]);
  ObserveEnd(group, row, End::kCancelled);
  CALSYNC_CHECK(!was_block || group.records[row].status == Status::kDeleted);
}

}  // namespace calsync
