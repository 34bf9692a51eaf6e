#include "engine/decide/block_occurrences.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/uuid.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/skip.h"

namespace calsync {
namespace {

using Status = RecordStatus;

bool IsWanted(const LiveGroup& group, const Record& occurrence, CalendarKey target) {
  return MakesBusy(group, occurrence, target) && !occurrence.alone;
}

// True if both the occurrence and where the rule would have it are over: the past is left as it is.
bool IsPast(const LiveGroup& group, const Record& master, const Record& occurrence, CalendarKey target) {
  const DirectionPolicy& policy = group.config.PolicyFor(master.calendar, target);
  return IsOver(policy, PlainSpan(master, occurrence.original_start()), group.now) && IsOver(policy, occurrence.span, group.now);
}

// True if the block's occurrence has to be looked at: the source's is an exception, so it may deviate from the rule, or the rule
// may give it no more (K-11).
bool CallsForALook(const LiveGroup& group, const Record& master, const Record& occurrence, CalendarKey target) {
  return !occurrence.plain && !occurrence.alone && !IsPast(group, master, occurrence, target);
}

// Nothing is known of the block's occurrence but where it lies: it is read.
void LookAgain(LiveGroup& group, Record& record, const Record& block) {
  record.master = block.event;
  record.etag = SharedText();
  record.updated_ms = 0;
  record.seen_s = absl::ToUnixSeconds(group.now);
  record.must_read = true;
  record.absent = record.sent = record.ambiguous = record.taken = record.guests = false;
  record.plain = record.alone = record.cancelled = false;
  record.attempts = 0;
  record.retry_s = 0;
  record.hold = Hold::kNone;
  record.held_for = record.written = record.accepted = record.actual = 0;
  record.reason = SharedText();
}

// A row for the block's occurrence that answers to the source's, at the id that Google computes or has told.
RowIndex PlanOccurrence(LiveGroup& group, RowIndex source_row, RowIndex block_row, const EventId& event) {
  const Record& source = group.records[source_row];
  const Record& block = group.records[block_row];
  Record record;
  record.kind = RecordKind::kBlock;
  record.status = Follow(Status::kSeen, RecordEvent::kPlanned);
  record.id = {UuidV4From(group.bits.Next128())};
  record.calendar = block.calendar;
  record.event = event.shared();
  record.source = source.id;
  record.slot = SlotOfOccurrence(group, source, block.calendar);
  record.generation = record.highest = 1;
  record.original = source.original;
  record.original_all_day = source.original_all_day;
  record.span = source.span;
  LookAgain(group, record, block);
  const std::optional<RowIndex> held = group.records.FindAt(record.calendar, event.text());
  if (!held.has_value()) return group.records.Add(std::move(record));
  CALSYNC_CHECK(group.records[*held].kind == RecordKind::kSeen);
  group.records.Replace(*held, std::move(record));
  return *held;
}

// The block's occurrence ended with its block: nobody deleted it.
void EndUnseen(LiveGroup& group, RowIndex row) {
  if (group.records[row].status == Status::kDeleted) return;
  group.records.Change(row, [](Record& record) {
    if (record.status == Status::kFailed) record.status = Follow(record.status, RecordEvent::kNoLongerDue);
    record.status = Follow(record.status, RecordEvent::kRemoved);
    record.must_read = record.absent = record.taken = record.cancelled = false;
    record.etag = SharedText();
    record.hold = Hold::kNone;
    record.held_for = 0;
  });
}

// The row that lies at `event` by now is the block's occurrence; where it was before, nothing of ours is left.
RowIndex MoveOnto(LiveGroup& group, RowIndex row, RowIndex seen) {
  CALSYNC_CHECK(group.records[seen].kind == RecordKind::kSeen);
  Record moved = group.records[row];
  Record left = SeenWhereItLies(moved);
  left.seen_as = SeenAs::kCopyOfBlock;
  group.records.Replace(row, std::move(left));
  moved.event = group.records[seen].event;
  group.records.Replace(seen, std::move(moved));
  return seen;
}

// The block shows its source's rule: its occurrences are those of the source.
bool IsInLine(const LiveGroup& group, const Record& master, const Record& block) {
  return block.status == Status::kCreated && !IsInDoubt(block) && block.hold != Hold::kKeptEdit &&
         ShowsWhatItShould(block, FingerprintOf(ContentFor(group, master, block.calendar)));
}

// The row stands for an occurrence of another block from now on, and leaves one that is cancelled or moved on a block that stays
// as it is. Its source may have it again, and no row can say so: the other part of the split has its name (K-20). So the block is
// made anew (seed 2008), if the source's rule does not deny it. False if there is nothing to be made whole.
bool MakeWholeWhereItWas(LiveGroup& group, const Record& row) {
  const bool touched = row.status == Status::kDeleted || (row.status == Status::kCreated && !row.plain);
  const std::optional<RowIndex> block = BlockOfOccurrence(group, row);
  if (!touched || !block.has_value()) return false;
  const std::optional<RowIndex> master = group.records.FindById(group.records[*block].source);
  if (!master.has_value() || FindOccurrence(group, group.records[*master], row.original_start()).has_value()) return false;
  if (Denies(group, group.records[*master], row.original_start())) return false;
  if (IsInLine(group, group.records[*master], group.records[*block])) RemakeSeries(group, *block, RemakeFor::kSource);
  return true;
}

// The row's source is of another series by now, whose block has nothing to show of it (seed 7091343). What it leaves behind is
// looked at once.
void Leave(LiveGroup& group, RowIndex row) {
  if (!group.records[row].alone && MakeWholeWhereItWas(group, Record(group.records[row]))) {
    group.records.Change(row, [](Record& record) { record.alone = true; });
  }
  EndUnseen(group, row);
}

// The block has another id than when the row was planned. The row that stands for its occurrence from now on; none if the place
// is another's.
std::optional<RowIndex> Reanchor(LiveGroup& group, RowIndex row, RowIndex block_row) {
  const Record block = group.records[block_row];
  const EventId event = OccurrenceId(block.event.view(), group.records[row].original_start());
  const std::optional<RowIndex> there = group.records.FindAt(block.calendar, event.text());
  if (there.has_value() && *there != row && group.records[*there].kind != RecordKind::kSeen) return std::nullopt;
  MakeWholeWhereItWas(group, Record(group.records[row]));
  EndUnseen(group, row);
  if (there.has_value() && *there != row) {
    row = MoveOnto(group, row, *there);
  } else {
    group.records.Move(row, event);
  }
  group.records.Change(row, [&](Record& record) {
    record.status = Follow(record.status, RecordEvent::kReanchored);
    LookAgain(group, record, block);
  });
  return row;
}

// The block's occurrence is to be there.
void Want(LiveGroup& group, RowIndex row, const Record& source) {
  const bool held = HoldStands(group, group.records[row], source);
  if (!held) Release(group, row);
  if (held || IsInDoubt(group.records[row])) return;
  switch (group.records[row].status) {
    case Status::kDeleted:
      if (group.IsBusy(row)) break;  // The answer to its delete comes first.
      // To be brought back; what it is by now is read first (K-22).
      SetStatus(group, row, RecordEvent::kNextGeneration);
      group.records.Change(row, [](Record& record) {
        record.taken = record.must_read = true;
        record.sent = false;
      });
      break;
    case Status::kFailed:
      SetStatus(group, row, RecordEvent::kPlanned);
      group.records.Change(row, [](Record& record) { record.must_read = true; });
      break;
    case Status::kCreating:
    case Status::kCreated:
    case Status::kDeleting:
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      break;
  }
}

// It was read as cancelled, and what would bring it back did not leave: see SendUpdate. REQUIRES: it is not in doubt.
bool IsStillCancelled(const Record& record) { return record.taken && (record.written == 0 || record.accepted != 0); }

// The block's occurrence is not to be there.
void Unwant(LiveGroup& group, RowIndex row, const Record& source) {
  Release(group, row);
  if (IsInDoubt(group.records[row])) return;
  switch (group.records[row].status) {
    case Status::kCreating:
      if (IsStillCancelled(group.records[row])) return SetStatus(group, row, RecordEvent::kRemoved);
      [[fallthrough]];
    case Status::kCreated:
    case Status::kFailed:
      SetStatus(group, row, RecordEvent::kNoLongerDue);
      group.Audit(AuditKind::kBlockNoLongerDue, group.records[row],
                  source.IsLiveUserEvent() ? std::string(Name(source.blocking)) : "occurrence cancelled");
      break;
    case Status::kDeleting:
    case Status::kDeleted:
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      break;
  }
}

void ReconcileOccurrence(LiveGroup& group, const Record& master, RowIndex block_row, RowIndex source_row) {
  const Record source = group.records[source_row];
  if (IsInDoubt(source)) return;
  const CalendarKey target = group.records[block_row].calendar;
  std::optional<RowIndex> row = group.records.FindOccurrenceOfBlock(source.id, target);
  if (!row.has_value()) {
    if (!CallsForALook(group, master, source, target)) return;
    const EventId event = OccurrenceId(group.records[block_row].event.view(), source.original_start());
    const std::optional<RowIndex> there = group.records.FindAt(target, event.text());
    if (there.has_value() && group.records[*there].kind != RecordKind::kSeen) return;
    row = PlanOccurrence(group, source_row, block_row, event);
  } else if (!(group.records[*row].master == group.records[block_row].event)) {
    if (group.IsBusy(*row) || IsInDoubt(group.records[*row])) return;  // Its answer comes first (seed 14736392).
    if (IsPast(group, master, source, target)) return EndUnseen(group, *row);
    if (!CallsForALook(group, master, source, target)) return Leave(group, *row);
    row = Reanchor(group, *row, block_row);
    if (!row.has_value()) return;
  }
  if (IsWanted(group, source, target)) {
    Want(group, *row, source);
  } else {
    Unwant(group, *row, source);
  }
  group.requeue.push_back(*row);
}

// What left a series for one that recurs no more has nothing to show in that one's block; what it left is looked at all the same
// (seed 9122040).
void LeaveForSingle(LiveGroup& group, RowIndex single, CalendarKey target) {
  const Record& of = group.records[single];
  if (IsInDoubt(of) || of.IsOccurrence() || !group.records.HasWithMaster(of.calendar, of.event.view())) return;
  const Record master = of;  // By value, for what follows changes rows.
  for (const RowIndex source_row : group.records.WithMaster(master.calendar, master.event.view())) {
    const Record source = group.records[source_row];
    if (source.kind != RecordKind::kUserEvent || IsInDoubt(source)) continue;
    const std::optional<RowIndex> row = group.records.FindOccurrenceOfBlock(source.id, target);
    if (!row.has_value() || group.IsBusy(*row) || IsInDoubt(group.records[*row])) continue;
    const std::optional<RowIndex> block = BlockOfOccurrence(group, group.records[*row]);
    if (!block.has_value() || group.records[*block].source == master.id) continue;
    if (IsPast(group, master, source, target)) {
      EndUnseen(group, *row);
    } else {
      Leave(group, *row);
    }
    group.requeue.push_back(*row);
  }
}

bool IsBlockInLine(const LiveGroup& group, const Record& occurrence, const Record& source) {
  const std::optional<RowIndex> block = BlockOfOccurrence(group, occurrence);
  const std::optional<RowIndex> master = MasterOf(group, source);
  return block.has_value() && master.has_value() && IsInLine(group, group.records[*master], group.records[*block]);
}

// A person split the block once. What was split off may have taken the names of occurrences along (K-20), also of some that the
// block has by now, since it was put right (seed 7153059).
bool WasSplit(const LiveGroup& group, const Record& block) {
  const std::string part = absl::StrCat(block.event.view(), "_R");
  const Rows rows = group.records.WithMaster(block.calendar, block.event.view());
  return std::any_of(rows.begin(), rows.end(), [&](RowIndex row) {
    return group.records[row].kind == RecordKind::kSeen && absl::StartsWith(group.records[row].event.view(), part);
  });
}

// The block shows its source's rule, and has no such occurrence: nor has the source (K-11), or else it has no name.
void BlockHasNone(LiveGroup& group, const Record& occurrence, RowIndex source) {
  const RowIndex block = *BlockOfOccurrence(group, occurrence);
  if (!WasSplit(group, group.records[block])) return Strand(group, source);
  RemakeSeries(group, block, RemakeFor::kSource);
}

// That the block has no such occurrence proves nothing before the block itself was read since: a person may have moved it.
bool LooksAtBlockFirst(LiveGroup& group, RowIndex row) {
  const std::optional<RowIndex> block = BlockOfOccurrence(group, group.records[row]);
  if (group.records[row].sent || !block.has_value()) return false;
  group.records.Change(row, [](Record& record) { record.sent = record.must_read = true; });
  Doubt(group, *block);
  return true;
}

// A row for an occurrence of the source that is like its rule, as far as anyone knows: it is asked for.
RowIndex AddAsked(LiveGroup& group, const Record& master, const OriginalStart& original) {
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = Follow(Status::kSeen, RecordEvent::kDiscovered);
  record.id = {UuidV4From(group.bits.Next128())};
  record.calendar = master.calendar;
  record.event = OccurrenceId(master.event.view(), original).shared();
  record.master = master.event;
  record.original = original.start;
  record.original_all_day = original.all_day;
  record.span = PlainSpan(master, original);
  record.tag = TagState::kGivenUp;  // Never an occurrence.
  record.ical_hash = master.ical_hash;
  record.text_is_private = master.text_is_private;
  record.summary = master.summary;
  record.seen_s = absl::ToUnixSeconds(group.now);
  record.must_read = true;
  record.plain = true;
  const std::optional<RowIndex> there = group.records.FindAt(record.calendar, record.event.view());
  if (!there.has_value()) return group.records.Add(std::move(record));
  // Blocks may answer still to what was asked for there before, and was handed over.
  if (group.records[*there].kind == RecordKind::kUserEvent) record.id = group.records[*there].id;
  group.records.Replace(*there, std::move(record));
  return *there;
}

// The parts of a split name their occurrences alike (K-20): the user event with the name that the master would give to this
// occurrence, if it is another part's.
std::optional<RowIndex> NamesakeOf(const LiveGroup& group, const Record& master, const OriginalStart& original) {
  const std::optional<RowIndex> row = group.records.FindAt(master.calendar, OccurrenceId(master.event.view(), original).text());
  if (!row.has_value()) return std::nullopt;
  const Record& found = group.records[*row];
  const bool is_one = found.kind == RecordKind::kUserEvent && found.IsOccurrence() && !(found.master == master.event);
  return is_one ? row : std::nullopt;
}

// True if the source of the block has no such occurrence, since another part of a split has it.
bool IsOfAnotherPart(const LiveGroup& group, RowIndex block_row, const OriginalStart& original) {
  const std::optional<RowIndex> master = group.records.FindById(group.records[block_row].source);
  CALSYNC_CHECK(master.has_value());
  return !FindOccurrence(group, group.records[*master], original).has_value() &&
         NamesakeOf(group, group.records[*master], original).has_value();
}

// The same as in MakeWholeWhereItWas, of an occurrence of which the database heard when it was cancelled already (seed 4051219).
// False if it is too early to say, and as long as its source's rule denies it (seed 8167208 of --legacy).
bool MakeWholeWhereItIsHeld(LiveGroup& group, RowIndex block, const OriginalStart& original) {
  const Record* source = SourceOf(group, group.records[block]);
  CALSYNC_CHECK(source != nullptr);
  const bool is_there = group.records[block].status == Status::kCreated;
  if (is_there && (!IsInLine(group, *source, group.records[block]) || Denies(group, *source, original))) return false;
  return RemakeSeries(group, block, RemakeFor::kSource);
}

void Adopt(LiveGroup& group, RowIndex block_row, const EventId& event, const OriginalStart& original) {
  const std::optional<RowIndex> master_row = group.records.FindById(group.records[block_row].source);
  CALSYNC_CHECK(master_row.has_value());
  const Record master = group.records[*master_row];
  std::optional<RowIndex> source = FindOccurrence(group, master, original);
  if (!source.has_value()) source = AddAsked(group, master, original);
  const std::optional<RowIndex> row =
      group.records.FindOccurrenceOfBlock(group.records[*source].id, group.records[block_row].calendar);
  if (!row.has_value()) {
    PlanOccurrence(group, *source, block_row, event);
  } else if (group.records[*row].master == group.records[block_row].event) {
    Doubt(group, *row);
  } else if (!group.IsBusy(*row)) {  // Else its answer comes first, and the next listing shows the rest.
    Reanchor(group, *row, block_row);
  }
  ExplainWrites(group, 2);
  MarkSourceDirty(group, *source);
}

}  // namespace

std::string SlotNameOf(const Record& source) { return absl::StrCat("#", FormatUuid(source.id.value)); }

SlotHash SlotOfOccurrence(const LiveGroup& group, const Record& source, CalendarKey target) {
  return group.ids.SlotOf(source.calendar, SlotNameOf(source), target);
}

Record SeenWhereItLies(const Record& occurrence) {
  Record seen;
  seen.calendar = occurrence.calendar;
  seen.event = occurrence.event;
  seen.master = occurrence.master;
  seen.original = occurrence.original;
  seen.original_all_day = occurrence.original_all_day;
  return seen;
}

void ReconcileOccurrences(LiveGroup& group, RowIndex master_row, const LiveCalendar& target) {
  if (!group.records[master_row].IsMaster()) return LeaveForSingle(group, master_row, target.row.key);
  const Record master = group.records[master_row];
  const std::optional<RowIndex> block = group.records.FindBlock(master.id, target.row.key);
  if (!block.has_value() || !IsInLine(group, master, group.records[*block])) return;
  for (const RowIndex row : group.records.WithMaster(master.calendar, master.event.view())) {
    if (group.records[row].kind == RecordKind::kUserEvent) ReconcileOccurrence(group, master, *block, row);
  }
}

bool ObserveOccurrenceOfBlock(LiveGroup& group, const Event& event, const CertifiedId& master) {
  const std::optional<RowIndex> block = group.records.FindSlot(master.slot);
  if (!block.has_value()) return false;
  const Record& record = group.records[*block];
  if (record.generation > master.generation) return true;  // Of a block that was left behind: it goes with it.
  if (record.generation < master.generation || record.status != Status::kCreated || record.source.empty()) return false;
  if (IsOfAnotherPart(group, *block, OriginalStartOf(event))) {
    MarkSourceOfDirty(group, *block);  // It is held, and removed from there.
    return false;
  }
  Adopt(group, *block, event.id, OriginalStartOf(event));
  return true;
}

void AdoptHeldOccurrences(LiveGroup& group, RowIndex block) {
  const Record& record = group.records[block];
  if (record.source.empty() || record.status != Status::kCreated) return;
  // Asked once: adopting changes rows.
  for (const RowIndex row : group.records.WithMaster(record.calendar, record.event.view())) {
    const Record& held = group.records[row];
    if (held.kind != RecordKind::kSeen || held.seen_as != SeenAs::kUndecided) continue;
    if (!IsOfAnotherPart(group, block, held.original_start())) {
      Adopt(group, block, EventId(held.event), held.original_start());
    } else if (!held.cancelled) {
      RemoveFragment(group, row);
      continue;
    } else if (!MakeWholeWhereItIsHeld(group, block, held.original_start())) {
      continue;
    }
    if (group.records[row].kind != RecordKind::kSeen) continue;
    group.records.Change(row, [](Record& other) { other.seen_as = SeenAs::kCopyOfBlock; });  // Another id for a known one (K-20).
  }
}

bool IsOfAnotherSeries(const Record& occurrence, const Event& shown) {
  return occurrence.IsOccurrence() && shown.IsOccurrence() && !occurrence.master.Equals(shown.recurring_event_id.text());
}

bool LoseOccurrence(LiveGroup& group, RowIndex row) {
  const std::optional<RowIndex> block = BlockOfOccurrence(group, group.records[row]);
  EndUnseen(group, row);
  MarkSourceOfDirty(group, row);
  // What a person made of the block stays (seeds 2332 of --legacy and 4042044); its occurrences follow again when it does.
  if (!block.has_value() || group.records[*block].hold == Hold::kKeptEdit) return true;
  return RemakeSeries(group, *block, RemakeFor::kPerson);
}

void HandOverOccurrences(LiveGroup& group, RowIndex from_row, RowIndex to_row) {
  const Record from = group.records[from_row], to = group.records[to_row];
  for (const LiveCalendar& calendar : group.calendars) {
    const CalendarKey target = calendar.row.key;
    const std::optional<RowIndex> of_from = group.records.FindOccurrenceOfBlock(from.id, target);
    if (!of_from.has_value()) continue;
    const std::optional<RowIndex> of_to = group.records.FindOccurrenceOfBlock(to.id, target);
    if (of_to.has_value() && group.records[*of_to].master == group.records[*of_from].master) continue;
    const auto answers_to = [&](RowIndex row, const CorrelationId& source, const SlotHash& slot) {
      group.records.Change(row, [&](Record& record) {
        record.source = source;
        record.slot = slot;
      });
    };
    // What answered to it in the block of the series that it left goes with that block (seed 18862 of --legacy). Two rows never
    // answer to one source, so one waits in between.
    if (of_to.has_value()) answers_to(*of_to, CorrelationId(), SlotHash());
    answers_to(*of_from, to.id, SlotOfOccurrence(group, to, target));
    if (of_to.has_value()) answers_to(*of_to, from.id, SlotOfOccurrence(group, from, target));
  }
}

void EndOfOccurrence(LiveGroup& group, RowIndex row, End end, bool restored) {
  const Record before = group.records[row];
  const std::optional<RowIndex> source_row = group.records.FindById(before.source);
  CALSYNC_CHECK(source_row.has_value());
  const bool wanted = IsWanted(group, group.records[*source_row], before.calendar);
  const auto respect = [&] {
    if (restored) return ExplainWrites(group, 2);
    if (wanted) RespectOrRecreate(group, row);
  };
  switch (before.status) {
    case Status::kCreating:
      if (before.taken && end == End::kCancelled) break;  // As expected: it is brought back.
      if (end == End::kAbsent && LooksAtBlockFirst(group, row)) return;
      SetStatus(group, row, RecordEvent::kRemoved);
      if (end == End::kCancelled) {
        respect();
      } else if (IsBlockInLine(group, before, group.records[*source_row])) {
        BlockHasNone(group, before, *source_row);
      }
      break;
    case Status::kCreated:
      SetStatus(group, row, RecordEvent::kVanished);
      group.Audit(AuditKind::kBlockDeleted, group.records[row], "not by us");
      if (end == End::kCancelled) respect();
      break;
    case Status::kDeleting:
      SetStatus(group, row, RecordEvent::kRemoved);
      break;
    case Status::kDeleted:
    case Status::kFailed:
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      break;
  }
  MarkSourceDirty(group, *source_row);
}

void EndOccurrencesOf(LiveGroup& group, RowIndex block_row) {
  const Record block = group.records[block_row];
  for (const RowIndex row : group.records.WithMaster(block.calendar, block.event.view())) {
    if (!group.records[row].IsBlock()) continue;
    EndUnseen(group, row);
    ExplainWrites(group, 2);  // If the block is made anew, it is made what it was.
  }
  RemoveFragments(group, block_row);
}

bool HasOccurrences(const LiveGroup& group, const Record& block) {
  if (!group.records.HasWithMaster(block.calendar, block.event.view())) return false;
  const Rows rows = group.records.WithMaster(block.calendar, block.event.view());
  return std::any_of(rows.begin(), rows.end(), [&](RowIndex row) { return group.records[row].IsBlock(); });
}

std::optional<RowIndex> BlockOfOccurrence(const LiveGroup& group, const Record& occurrence) {
  const std::optional<RowIndex> row = group.records.FindAt(occurrence.calendar, occurrence.master.view());
  return row.has_value() && group.records[*row].IsBlock() ? row : std::nullopt;
}

bool RemakeSeries(LiveGroup& group, RowIndex block, RemakeFor why) {
  if (group.records[block].status != Status::kCreated) return true;  // On its way already.
  if (why == RemakeFor::kPerson && !CountFight(group, block)) return false;
  SetStatus(group, block, RecordEvent::kNoLongerDue);
  ExplainWrites(group, 4);
  group.Audit(AuditKind::kBlockNoLongerDue, group.records[block], "made anew with its occurrences");
  return true;
}

void RemoveFragment(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& fragment) { fragment.seen_as = SeenAs::kSurplusBlock; });
  ExplainWrites(group, 2);
  group.Audit(AuditKind::kSurplusRemoved, group.records[row]);
}

bool StaysWithItsBlock(const LiveGroup& group, const Record& fragment) {
  const std::optional<RowIndex> row = group.records.FindAt(fragment.calendar, fragment.master.view());
  if (!row.has_value()) return false;
  const Record& block = group.records[*row];
  const bool is_there = block.IsBlock() && (block.status == Status::kCreating || block.status == Status::kCreated);
  return is_there && PolicyOf(group, block).on_block_edited == OnBlockEdited::kKeep;
}

void DoubtCancelled(LiveGroup& group, RowIndex block_row) {
  const Record block = group.records[block_row];
  if (block.IsOccurrence() || !group.records.HasWithMaster(block.calendar, block.event.view())) return;
  for (const RowIndex row : group.records.WithMaster(block.calendar, block.event.view())) {
    if (group.records[row].IsBlock() && group.records[row].status == Status::kDeleted) Doubt(group, row);
  }
}

void ReleaseInherited(LiveGroup& group, RowIndex block_row) {
  const Record block = group.records[block_row];
  if (block.IsOccurrence() || !group.records.HasWithMaster(block.calendar, block.event.view())) return;
  for (const RowIndex row : group.records.WithMaster(block.calendar, block.event.view())) {
    const Record& record = group.records[row];
    if (!record.IsBlock() || record.hold != Hold::kKeptEdit || !(record.etag == block.etag)) continue;
    group.records.Change(row, [](Record& occurrence) { occurrence.plain = true; });
    Release(group, row);
    MarkSourceOfDirty(group, row);
  }
}

void RemoveFragments(LiveGroup& group, RowIndex block_row) {
  const Record block = group.records[block_row];
  for (const RowIndex row : group.records.WithMaster(block.calendar, block.event.view())) {
    const Record& record = group.records[row];
    if (record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kFragment) RemoveFragment(group, row);
  }
}

}  // namespace calsync
