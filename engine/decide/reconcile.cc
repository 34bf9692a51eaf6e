#include "engine/decide/reconcile.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/siphash.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/breaker.h"
#include "engine/decide/cover.h"
#include "engine/decide/desired.h"
#include "engine/decide/migrate.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// A source is looked at again when its series, a twin or a block of it has changed: a few times in one step. One that is never
// settled is our own mistake, and must not look like a step that takes long.
constexpr size_t kRoundsMax = 100;

void Bind(LiveGroup& group, RowIndex block, const CorrelationId& source) {
  group.records.Change(block, [&](Record& record) { record.source = source; });
  group.Audit(AuditKind::kBlockRebound, group.records[block]);
  const Record& bound = group.records[block];  // A person may have been faster than the walk that met its source.
  if (bound.status == Status::kDeleted && bound.WasTakenAway(bound.generation)) RespectOrRecreate(group, block);
}

// What LookUpBlock found.
struct FoundBlock {
  std::optional<RowIndex> row;
  SlotHash slot{};  // If there is none: the slot that a block is planned for.
};

FoundBlock LookUpBlock(const LiveGroup& group, const Record& source, CalendarKey target) {
  if (const auto bound = group.records.FindBlock(source.id, target)) return {bound};
  const absl::InlinedVector<SlotHash, 2> slots = group.ids.SlotsOf(source.calendar, source.event.view(), target);
  for (const SlotHash& slot : slots) {
    if (const auto forgotten = group.records.FindSlot(slot)) return {forgotten};
  }
  return {std::nullopt, slots.front()};
}

void Plan(LiveGroup& group, const Record& source, CalendarKey target, const SlotHash& slot) {
  Record block;
  block.kind = RecordKind::kBlock;
  block.status = Follow(Status::kSeen, RecordEvent::kPlanned);
  block.id = {UuidV4From(group.bits.Next128())};
  block.calendar = target;
  block.source = source.id;
  block.slot = slot;
  block.span = source.span;
  block.generation = block.highest = 1;
  EventId event = group.ids.Plan(block.slot, block.generation, target);
  while (group.records.FindAt(target, event.text()).has_value()) {  // Seen there before, as something else.
    block.generation = ++block.highest;
    event = group.ids.Plan(block.slot, block.generation, target);
  }
  block.event = event.shared();
  const RowIndex row = group.records.Add(std::move(block));
  FollowCoverOf(group, row);
  group.Audit(AuditKind::kBlockPlanned, group.records[row]);
}

// The source's rule or first occurrence is not what the block shows, and ids of occurrences hang on it.
void FollowAnchor(LiveGroup& group, RowIndex block, const Record& source) {
  const Record& record = group.records[block];
  if (record.must_read || record.absent || group.IsBusy(block) || source.blocking != Blocking::kBlocks) return;
  if (!AnchorDiffers(record, source) || !HasOccurrences(group, record)) return;
  const uint64_t desired = ContentFingerprintFor(group, source, record.calendar);
  if (ShowsWhatItShould(record, desired)) return;
  const bool restores = record.written == desired && record.accepted != 0;
  if (restores && FightIsOn(group, record)) {
    ReportFight(group, block);
    group.later.insert({group.records[block].retry_s, *group.records.FindById(source.id)});
    return;
  }
  RemakeSeries(group, block, restores ? RemakeFor::kPerson : RemakeFor::kSource);
}

void MakeAnew(LiveGroup& group, RowIndex block, const Record& source) {
  StepGeneration(group, block);
  // It covers where it is to be, not where the one before was (small legacy seed 17302993).
  group.records.Change(block, [&](Record& record) { record.span = source.span; });
  SetStatus(group, block, RecordEvent::kNextGeneration);
  group.Audit(AuditKind::kBlockPlanned, group.records[block]);
}

// Of a block that shows all that it should nothing stays that a person split off it: it would show the same time once more
// (seed 514), also where the source is no series any more (seed 4213115 with two workers).
void RemoveFragmentsOfWhole(LiveGroup& group, RowIndex block, const Record& source) {
  const Record& record = group.records[block];
  if (record.must_read || record.absent || group.IsBusy(block)) return;
  if (!group.records.HasWithMaster(record.calendar, record.event.view())) return;
  if (ShowsWhatItShould(record, ContentFingerprintFor(group, source, record.calendar))) RemoveFragments(group, block);
}

// The slot is due.
void Want(LiveGroup& group, RowIndex block, const Record& source, bool may_create) {
  const bool held = HoldStands(group, group.records[block], source);
  if (!held) Release(group, block);
  switch (group.records[block].status) {
    case Status::kCreated:
      if (held) break;
      if (group.records[block].IsAdopted() && source.IsMaster()) {
        GiveWayToSeries(group, block);
      } else {
        FollowAnchor(group, block, source);
        RemoveFragmentsOfWhole(group, block, source);
      }
      break;
    case Status::kCreating:
    case Status::kDeleting:  // No way back: the next generation follows the delete.
      break;
    case Status::kDeleted:
      if (!held && may_create && !group.records[block].must_read) MakeAnew(group, block, source);
      break;
    case Status::kFailed:
      if (!held && may_create) SetStatus(group, block, RecordEvent::kPlanned);
      break;
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      CALSYNC_CHECK(false && "not a status of blocks");
      break;
  }
}

bool WasNeverAskedFor(const LiveGroup& group, RowIndex block) {
  return !group.records[block].sent && group.records[block].etag.empty() && !group.IsBusy(block);
}

// The target turned out to be read-only: what is only planned there is not waited for.
void EndPlan(LiveGroup& group, RowIndex block) {
  if (group.records[block].status != Status::kCreating || !WasNeverAskedFor(group, block)) return;
  SetStatus(group, block, RecordEvent::kNoLongerDue);
  SetStatus(group, block, RecordEvent::kRemoved);
}

// The slot is not due.
void Unwant(LiveGroup& group, RowIndex block, const DueVerdict& why) {
  Release(group, block);  // Respect ends when the slot stops being due.
  RemoveFragments(group, block);
  switch (group.records[block].status) {
    case Status::kCreating:
    case Status::kCreated:
    case Status::kFailed:
      SetStatus(group, block, RecordEvent::kNoLongerDue);
      if (WasNeverAskedFor(group, block)) {
        SetStatus(group, block, RecordEvent::kRemoved);
      } else {
        group.Audit(AuditKind::kBlockNoLongerDue, group.records[block], Words(why));
      }
      break;
    case Status::kDeleting:
    case Status::kDeleted:
      break;
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      CALSYNC_CHECK(false && "not a status of blocks");
      break;
  }
}

bool IsWanted(Status status) { return status == Status::kCreating || status == Status::kCreated; }

// What policies keep from having blocks, for the audit trail: once, and again when it differs (L12).
class SkipTeller {
 public:
  void Hear(const LiveGroup& group, const LiveCalendar& target, const DueVerdict& verdict, bool has_block) {
    in_doubt_ = in_doubt_ || verdict.reason == DueReason::kSourceInDoubt || verdict.reason == DueReason::kSourceUnreachable;
    const bool waits = verdict.reason == DueReason::kHorizon || verdict.reason == DueReason::kAlreadyBusy ||
                       verdict.reason == DueReason::kTextMarked;
    if (verdict.reason != DueReason::kSkipped && (!waits || has_block)) return;
    reasons_.emplace_back(Words(verdict), &group.Link(target));
  }

  void Tell(LiveGroup& group, RowIndex source) {
    if (in_doubt_) return;  // What was told stays so until it is settled.
    std::string detail;
    FieldBytes fields;                              // Keys, not names: a calendar that is named anew is no news.
    for (size_t i = 0; i < reasons_.size(); ++i) {  // Each reason once, with all its calendars.
      const auto same = [&](const auto& other) { return other.first == reasons_[i].first; };
      if (std::any_of(reasons_.begin(), reasons_.begin() + static_cast<ptrdiff_t>(i), same)) continue;
      absl::StrAppend(&detail, detail.empty() ? "" : "; ", reasons_[i].first, ": ");
      fields.Text(reasons_[i].first);
      absl::string_view comma = "";
      for (const auto& [reason, calendar] : reasons_) {
        if (reason != reasons_[i].first) continue;
        absl::StrAppend(&detail, comma, calendar->name);
        fields.Number(calendar->key.value());
        comma = ", ";
      }
    }
    const auto told = static_cast<uint32_t>(HashOf(fields.bytes()));  // 0 if there is nothing to tell.
    if (told == group.records[source].skips_told) return;
    group.records.Change(source, [&](Record& record) { record.skips_told = told; });
    if (told != 0) group.Audit(AuditKind::kSkippedByPolicy, group.records[source], std::move(detail));
  }

 private:
  std::vector<std::pair<std::string, const LinkedCalendar*>> reasons_;  // And the target.
  bool in_doubt_ = false;
};

void ReconcileSlot(LiveGroup& group, RowIndex source_row, const LiveCalendar& target, SkipTeller& skips) {
  const Record& source = group.records[source_row];  // Rows stay where they are, also when others are added.
  const DueVerdict verdict = DueOf(group, source_row, target);
  const auto [block, slot] = LookUpBlock(group, source, target.row.key);
  if (block.has_value() && group.records[*block].source.empty()) Bind(group, *block, source.id);
  if (verdict.again_s != 0) group.later.insert({verdict.again_s, source_row});
  // What a policy keeps from having a block is no news after each outage of its target.
  const bool away = verdict.reason == DueReason::kTargetUnreachable;
  const DueVerdict told = away ? DueOf(group, source_row, target, TargetReach::kAssumed) : verdict;
  skips.Hear(group, target, told, block.has_value() && IsWanted(group.records[*block].status));
  if (block.has_value()) AdoptHeldOccurrences(group, *block);
  switch (verdict.due) {
    case Due::kYes:
      if (block.has_value()) {
        Want(group, *block, source, /*may_create=*/true);
      } else {
        Plan(group, source, target.row.key, slot);
      }
      break;
    case Due::kIfItExists:
      if (!block.has_value()) break;
      if (verdict.reason == DueReason::kTextMarked && MayBeTakenOver(group, *block)) {
        Unwant(group, *block, verdict);  // At most planned: the slot stays free for what may be its block.
      } else {
        Want(group, *block, source, /*may_create=*/false);
      }
      break;
    case Due::kFrozen:
      if (block.has_value() && verdict.reason == DueReason::kTargetReadOnly) EndPlan(group, *block);
      break;
    case Due::kNo:
      if (block.has_value()) Unwant(group, *block, verdict);
      break;
  }
  if (block.has_value()) group.requeue.push_back(*block);  // What it shows may have to change with its source.
}

// The event and the other copies of its meeting.
void MarkSeriesDirty(LiveGroup& group, RowIndex source) {
  group.dirty_sources.insert(source);
  const uint64_t meeting = Records::MeetingOf(group.records[source]);
  if (meeting == 0) return;
  for (const RowIndex twin : group.records.OfMeeting(meeting)) group.dirty_sources.insert(twin);
}

// Slots that have no row yet, as after a first walk: what rows make grow grows once.
void MakeRoom(LiveGroup& group) {
  constexpr size_t kMany = 1000;
  const size_t dirty = group.dirty_sources.size();
  if (dirty * group.calendars.size() < kMany) return;
  size_t without_row = 0;
  for (const LiveCalendar& target : group.calendars) {
    const Records::Tally tally = group.records.TallyOf(target.row.key);
    const size_t others = dirty - std::min<size_t>(dirty, tally.certain_user_events);
    without_row += others - std::min<size_t>(others, tally.blocks);
  }
  if (without_row < kMany) return;
  group.records.Reserve(without_row, without_row);
  group.audit.reserve(group.audit.size() + without_row);
}

bool AllReachableWalked(const LiveGroup& group) {
  return std::all_of(group.calendars.begin(), group.calendars.end(), [&](const LiveCalendar& calendar) {
    return calendar.row.walked || calendar.row.unreachable || !IsEnabled(group, calendar);
  });
}

// Once every reachable calendar was walked in full: forgotten blocks are bound to their sources, and those without one are
// surplus.
void BindForgotten(LiveGroup& group) {
  if (!AllReachableWalked(group)) return;
  std::vector<RowIndex> forgotten;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.IsBlock() && record.source.empty() && record.status == Status::kCreated) forgotten.push_back(row);
    const bool fragment = record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kFragment;
    if (fragment && !StaysWithItsBlock(group, record)) RemoveFragment(group, row);
  }
  if (forgotten.empty()) return;
  // Slots that are not due plan no row, so a slot's source is only found by trying all of them, once.
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (!group.records[row].IsLiveUserEvent()) continue;
    const Record& source = group.records[row];
    for (const LiveCalendar& target : group.calendars) {
      if (target.row.key == source.calendar) continue;
      const std::optional<RowIndex> block = FindBlockOf(group, source, target.row.key);
      if (!block.has_value() || !group.records[*block].source.empty()) continue;
      Bind(group, *block, source.id);
      MarkSourceDirty(group, row);
    }
  }
  for (const RowIndex row : forgotten) {
    if (!group.records[row].source.empty() || group.records[row].must_read) continue;
    SetStatus(group, row, RecordEvent::kNoLongerDue);
    ExplainWrites(group, 1);
    group.Audit(AuditKind::kSurplusRemoved, group.records[row]);
  }
}

}  // namespace

void WakeSources(LiveGroup& group) {
  const int64_t now_s = absl::ToUnixSeconds(group.now);
  while (!group.later.empty() && group.later.begin()->first <= now_s) {
    MarkSourceDirty(group, group.later.begin()->second);
    group.later.erase(group.later.begin());
  }
}

void ReconcileDirty(LiveGroup& group) {
  if (group.bind_forgotten) {
    group.bind_forgotten = false;
    BindForgotten(group);
  }
  MakeRoom(group);
  size_t rounds = 0;
  while (!group.dirty_sources.empty()) {
    CALSYNC_CHECK(++rounds <= kRoundsMax * (group.records.size() + 1));
    const RowIndex source = *group.dirty_sources.begin();
    group.dirty_sources.erase(group.dirty_sources.begin());
    StrandDenied(group, source);
    SkipTeller skips;
    for (const LiveCalendar& target : group.calendars) {
      if (target.row.key == group.records[source].calendar) continue;
      ReconcileSlot(group, source, target, skips);
      ReconcileOccurrences(group, source, target);
      // What is owed to the block's occurrence waits for its source.
      const std::optional<RowIndex> occurrence = group.records.FindOccurrenceOfBlock(group.records[source].id, target.row.key);
      if (occurrence.has_value()) group.requeue.push_back(*occurrence);
    }
    skips.Tell(group, source);
  }
}

std::optional<RowIndex> FindBlockOf(const LiveGroup& group, const Record& source, CalendarKey target) {
  return LookUpBlock(group, source, target).row;
}

void SetStatus(LiveGroup& group, RowIndex block, RecordEvent event) {
  group.records.Change(block, [&](Record& record) {
    record.status = Follow(record.status, event);
    if (event == RecordEvent::kPlanned) record.made_s = 0;  // Made anew.
    record.attempts = 0;
    record.retry_s = 0;
  });
  FollowCoverOf(group, block);
  // What its occurrences owe depends on it.
  const Record& record = group.records[block];
  if (record.IsOccurrence() || !group.records.HasWithMaster(record.calendar, record.event.view())) return;
  for (const RowIndex row : group.records.WithMaster(record.calendar, record.event.view())) group.requeue.push_back(row);
}

void Release(LiveGroup& group, RowIndex block) {
  if (group.records[block].hold == Hold::kNone) return;
  group.records.Change(block, EndHold);
  RemoveFragments(group, block);
}

void MarkSourceDirty(LiveGroup& group, RowIndex source) {
  const Record& record = group.records[source];
  CALSYNC_CHECK(record.kind == RecordKind::kUserEvent);
  if (record.IsOccurrence()) {
    MarkSeriesDirty(group, source);  // What its series shows depends on it, and the other way round.
    const std::optional<RowIndex> master = MasterOf(group, record);
    if (master.has_value() && group.records[*master].kind == RecordKind::kUserEvent) MarkSeriesDirty(group, *master);
    return;
  }
  group.dirty_sources.insert(source);
  for (const RowIndex row : group.records.WithMaster(record.calendar, record.event.view())) {
    // And its copies: one whose series goes, or comes back, covers them no more, or again (seed 13424149).
    if (group.records[row].kind == RecordKind::kUserEvent) MarkSeriesDirty(group, row);
  }
  MarkSeriesDirty(group, source);
}

void MarkSourceOfDirty(LiveGroup& group, RowIndex block) {
  const std::optional<RowIndex> source = group.records.FindById(group.records[block].source);
  if (source.has_value()) MarkSourceDirty(group, *source);
}

void MarkAllSourcesDirty(LiveGroup& group) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (group.records[row].kind == RecordKind::kUserEvent) group.dirty_sources.insert(row);
  }
}

void ReleaseParked(LiveGroup& group, CalendarKey calendar) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (group.records[row].hold != Hold::kParked || group.records[row].calendar != calendar) continue;
    Release(group, row);
    MarkSourceOfDirty(group, row);
  }
}

void StepGeneration(LiveGroup& group, RowIndex block) {
  uint32_t next = group.records[block].highest + 1;
  const CalendarKey calendar = group.records[block].calendar;
  EventId event = group.ids.Plan(group.records[block].slot, next, calendar);
  while (group.records.FindAt(calendar, event.text()).has_value()) {
    event = group.ids.Plan(group.records[block].slot, ++next, calendar);
  }
  const Record left = group.records[block];
  group.records.Move(block, event);
  // The id of an adopted one certifies nothing: what lay there would be a source if it came back (L1).
  if (left.IsAdopted()) group.records.Add(CopyLeftBy(left));
  group.records.Change(block, [&](Record& record) { BeginGeneration(record, next); });
}

void BeginGeneration(Record& block, uint32_t generation) {
  block.generation = block.highest = generation;
  block.made_s = 0;
  block.etag = SharedText();
  block.updated_ms = 0;
  block.must_read = block.absent = false;
  block.sent = block.ambiguous = block.taken = false;
  block.tagged = block.guests = false;
  block.written = block.accepted = block.actual = 0;
  block.series = SharedText();
  block.attempts = 0;
  block.retry_s = 0;
}

Record CopyLeftBy(const Record& block) {
  Record seen;
  seen.calendar = block.calendar;
  seen.event = block.event;
  seen.slot = block.slot;
  seen.generation = block.generation;
  seen.seen_as = SeenAs::kCopyOfBlock;
  return seen;
}

}  // namespace calsync
