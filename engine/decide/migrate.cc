#include "engine/decide/migrate.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/decide/breaker.h"
#include "engine/decide/cover.h"
#include "engine/decide/desired.h"
#include "engine/decide/legacy.h"
#include "engine/decide/observe_user_event.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// What the record of a block takes over from the row of the event that becomes it.
void TakeEvent(Record& block, const Record& seen) {
  block.calendar = seen.calendar;
  block.event = seen.event;
  block.etag = seen.etag;
  block.updated_ms = seen.updated_ms;
  block.seen_s = seen.seen_s;
  block.span = seen.span;
  block.guests = seen.guests;
  // A tag of ours from a life before this database says which correlation id the block had: it is read again for it.
  block.must_read = seen.must_read || seen.tagged;
  block.absent = block.ambiguous = block.taken = block.tagged = false;
  block.sent = true;
  block.attempts = 0;
  block.retry_s = 0;
  block.hold = Hold::kNone;
  block.held_for = block.written = block.accepted = block.actual = 0;
  block.series = SharedText();
  block.reason = SharedText();
  block.tag = TagState::kOwed;
  block.tag_attempts = 0;
  block.generation = 0;
}

Record FreshBlock(LiveGroup& group, const Record& source, CalendarKey target) {
  Record block;
  block.kind = RecordKind::kBlock;
  block.status = Follow(Status::kSeen, RecordEvent::kAdopted);
  block.id = {UuidV4From(group.bits.Next128())};
  block.source = source.id;
  block.slot = group.ids.SlotOf(source.calendar, source.event.view(), target);
  return block;
}

void Adopt(LiveGroup& group, RowIndex mark_row, RowIndex source_row) {
  const Record mark = group.records[mark_row];
  const Record source = group.records[source_row];
  CALSYNC_CHECK(source.kind == RecordKind::kUserEvent);  // L1
  CALSYNC_CHECK(source.calendar != mark.calendar);
  const std::optional<RowIndex> block = FindBlockOf(group, source, mark.calendar);
  if (block.has_value()) {
    if (group.records[*block].source.empty()) group.records.Change(*block, [&](Record& record) { record.source = source.id; });
    TakeOverSlot(group, mark_row, *block);
  } else {
    Record adopted = FreshBlock(group, source, mark.calendar);
    TakeEvent(adopted, mark);
    group.records.Replace(mark_row, std::move(adopted));
  }
  ExplainWrites(group, 2);
  group.Audit(AuditKind::kLegacyAdopted, group.records[mark_row]);
  FollowCoverOf(group, mark_row);
  MarkHeldDirty(group, mark.span);
  MarkSourceDirty(group, source_row);
}

// A person's: as if it had been met just now.
void BecomePersons(LiveGroup& group, RowIndex row) {
  const Record mark = group.records[row];
  Record event = mark;
  event.kind = RecordKind::kUserEvent;
  event.status = Follow(Status::kSeen, RecordEvent::kDiscovered);
  event.id = {UuidV4From(group.bits.Next128())};
  event.seen_as = SeenAs::kUndecided;
  event.made_s = 0;
  event.keywords = KeywordsIn(mark.summary.view(), group.keywords);
  event.held_for = 0;
  event.tagged = event.guests = false;
  event.tag = event.IsOccurrence() ? TagState::kGivenUp : TagState::kOwed;
  group.records.Replace(row, std::move(event));
  if (LiveCalendar* calendar = group.Find(mark.calendar)) ++group.Edit(*calendar).counters.user_events_found;
  group.Audit(AuditKind::kUserEventFound, group.records[row]);
  AuditBlocking(group, group.records[row]);
  ExplainWrites(group, WritesOfOneChange(group));
  FollowCoverOf(group, row);
  MarkHeldDirty(group, mark.span);
  MarkSourceDirty(group, row);
  ResolveHeld(group, row);
  // Nobody followed the rules that a marked series had meanwhile: one may have dropped what was cancelled (legacy seed 8206177).
  DoubtEnds(group, row);
}

// The event that the operator says it is for, or else the one that fits; nothing if it is for none, or its slot is not free.
std::optional<RowIndex> SourceFor(const LiveGroup& group, const SettleLegacy& command, const MarkPlan& plan) {
  if (command.source_event.empty()) {
    const bool fits = plan.finding == MarkFinding::kPaired || plan.finding == MarkFinding::kOnlyTitle ||
                      plan.finding == MarkFinding::kOnlyDescription;
    if (!fits) return std::nullopt;
  }
  const Record& mark = group.records[plan.mark];
  const std::optional<RowIndex> source =
      command.source_event.empty() ? plan.source : group.records.FindAt(command.source_calendar, command.source_event.text());
  if (!source.has_value() || !group.records[*source].IsLiveUserEvent()) return std::nullopt;
  const Record& record = group.records[*source];
  if (record.calendar == mark.calendar || record.IsMaster() || mark.IsMaster() || mark.IsOccurrence()) return std::nullopt;
  const LiveCalendar* target = group.Find(mark.calendar);
  const DueVerdict verdict = DueOf(group, *source, *target);
  if (verdict.due != Due::kYes && verdict.due != Due::kIfItExists) return std::nullopt;
  const std::optional<RowIndex> block = FindBlockOf(group, record, mark.calendar);
  if (block.has_value() && !MayBeTakenOver(group, *block)) return std::nullopt;
  return source;
}

// True if the operator names an event of which nothing can be told now: it is in doubt, or its calendar is out of reach.
bool IsNamedEventFrozen(const LiveGroup& group, const SettleLegacy& command) {
  if (command.source_event.empty() || command.source_calendar == command.calendar) return false;
  const std::optional<RowIndex> source = group.records.FindAt(command.source_calendar, command.source_event.text());
  if (!source.has_value() || !group.records[*source].IsLiveUserEvent()) return false;
  return DueOf(group, *source, *group.Find(command.calendar)).due == Due::kFrozen;
}

void RemoveAsBlock(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& record) {
    record.seen_as = SeenAs::kSurplusBlock;
    record.keywords = 0;
    record.held_for = 0;
  });
  ExplainWrites(group, 2);
  FollowCoverOf(group, row);
  MarkHeldDirty(group, group.records[row].span);
  ResolveHeld(group, row);
}

}  // namespace

bool MayBeTakenOver(const LiveGroup& group, RowIndex row) {
  const Record& block = group.records[row];
  if (!block.IsBlock() || block.IsOccurrence() || group.IsBusy(row) || block.must_read || block.absent) return false;
  if (block.status == Status::kCreating) return !block.sent && block.etag.empty();
  return block.status == Status::kDeleted && block.hold == Hold::kNone;
}

void TakeOverSlot(LiveGroup& group, RowIndex seen_row, RowIndex block_row) {
  CALSYNC_CHECK(MayBeTakenOver(group, block_row));
  const Record seen = group.records[seen_row];
  CALSYNC_CHECK(seen.kind == RecordKind::kSeen);
  Record adopted = group.records[block_row];
  CALSYNC_CHECK(seen.calendar == adopted.calendar);
  group.records.Replace(block_row, CopyLeftBy(adopted));       // Where the slot's block was, or was to be.
  if (adopted.status == Status::kDeleted) adopted.made_s = 0;  // Made anew.
  adopted.status = Follow(adopted.status, RecordEvent::kAdopted);
  TakeEvent(adopted, seen);
  group.records.Replace(seen_row, std::move(adopted));
  FollowCoverOf(group, block_row);
  FollowCoverOf(group, seen_row);
}

void AdoptPairs(LiveGroup& group, const AdoptLegacy& command) {
  std::optional<CalendarKey> on;
  if (command.calendar != CalendarKey()) on = command.calendar;
  for (const MarkPlan& plan : PlanMigration(group, on)) {
    if (plan.finding == MarkFinding::kPaired) Adopt(group, plan.mark, *plan.source);
  }
}

void Settle(LiveGroup& group, const SettleLegacy& command) {
  const std::optional<RowIndex> row = group.records.FindAt(command.calendar, command.event.text());
  if (!row.has_value() || !group.records[*row].IsLiveMark()) return;
  const std::vector<MarkPlan> plans = PlanMigration(group, command.calendar);
  for (const MarkPlan& plan : plans) {
    if (plan.mark != *row || plan.finding == MarkFinding::kInDoubt) continue;
    if (command.as == SettleLegacy::As::kPersons) {
      group.Audit(AuditKind::kTextMarkSettled, group.records[*row], std::string(kSettledAsPersons));
      return BecomePersons(group, *row);
    }
    if (plan.finding == MarkFinding::kFrozen || IsNamedEventFrozen(group, command)) continue;  // Its event may be there.
    const std::optional<RowIndex> source = SourceFor(group, command, plan);
    group.Audit(AuditKind::kTextMarkSettled, group.records[*row],
                std::string(source.has_value() ? kSettledAsBlock : kSettledAsSurplus));
    return source.has_value() ? Adopt(group, *row, *source) : RemoveAsBlock(group, *row);
  }
}

void GiveWayToSeries(LiveGroup& group, RowIndex block) {
  CALSYNC_CHECK(group.records[block].IsAdopted());
  SetStatus(group, block, RecordEvent::kNoLongerDue);
  ExplainWrites(group, 2);
  group.Audit(AuditKind::kBlockNoLongerDue, group.records[block], "its event recurs: made anew as a series");
}

}  // namespace calsync
