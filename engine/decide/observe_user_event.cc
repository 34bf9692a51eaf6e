#include "engine/decide/observe_user_event.h"

#include <algorithm>
#include <utility>

#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// A source at exactly the times of a live block of ours may be a mirror of it: it explains no write, so that ping-pong with a
// mirroring product that knows no tags is stopped.
bool MirrorsBlock(const LiveGroup& group, const Record& source) {
  const Rows blocks = group.records.CreatedBlocksAt(source.span);
  return std::any_of(blocks.begin(), blocks.end(), [&](RowIndex row) { return group.records[row].source != source.id; });
}

void ExplainChange(LiveGroup& group, RowIndex source) {
  if (!MirrorsBlock(group, group.records[source])) ExplainWrites(group, WritesOfOneChange(group, group.records[source]));
}

// The record answers to the tag's correlation id from now on, and so do the records of its blocks.
void AdoptCorrelationId(LiveGroup& group, RowIndex source, const CorrelationId& adopted) {
  const Rows blocks = group.records.BlocksOf(group.records[source].id);
  group.records.Change(source, [&](Record& record) { record.id = adopted; });
  for (const RowIndex block : blocks) group.records.Change(block, [&](Record& record) { record.source = adopted; });
}

void ObserveTag(LiveGroup& group, RowIndex row, const Event& event) {
  if (event.IsOccurrence()) return;  // Inherited from its series.
  const TagReading tag = group.tags.Read(event.private_properties);
  const Record& record = group.records[row];
  if (tag.verdict == TagVerdict::kOurUserEvent && *tag.correlation_id != record.id &&
      !group.records.FindById(*tag.correlation_id).has_value()) {
    AdoptCorrelationId(group, row, *tag.correlation_id);
  }
  if (tag.verdict == TagVerdict::kOurUserEvent && *tag.correlation_id == group.records[row].id) {
    if (record.tag != TagState::kWritten) {
      group.records.Change(row, [](Record& changed) {  // Counted here, also if its answer was lost (seed 136).
        changed.tag = TagState::kWritten;
        if (changed.tag_attempts < kTagAttemptsMax) ++changed.tag_attempts;
      });
    }
    return;
  }
  if (record.tag != TagState::kWritten) return;
  const bool give_up = record.tag_attempts >= kTagAttemptsMax;  // Stripped again and again (S-2).
  group.records.Change(row, [&](Record& changed) { changed.tag = give_up ? TagState::kGivenUp : TagState::kOwed; });
  if (give_up) return group.Audit(AuditKind::kTagGivenUp, group.records[row], "stripped by another program");
  ExplainWrites(group, 2);
}

// True if another policy than today's could tell the two versions apart: what a series passes on to its occurrences is then to be
// asked for again, though no block changes.
bool MayDifferByPolicy(const Record& before, const Record& after) {
  return before.tentative != after.tentative || before.answer != after.answer || before.colour != after.colour ||
         before.text_is_private != after.text_is_private || !(before.summary == after.summary);
}

// A live occurrence of a series that is known to be gone: whoever was invited to it again, or brought it back, means it alone
// (seeds 118452 and 44129). One that was live before its series went goes with it (C-68), and one that is just what its series
// makes it was shown by a view that lags: of before the series went (seed 4045214).
void StandIfSeriesIsGone(LiveGroup& group, RowIndex row) {
  const Record& occurrence = group.records[row];
  if (!occurrence.IsOccurrence() || !occurrence.IsLiveUserEvent() || occurrence.plain) return;
  const std::optional<RowIndex> master = MasterOf(group, occurrence);
  if (!master.has_value() || group.records[*master].status != Status::kGone) return;
  group.records.Change(row, [](Record& changed) { changed.alone = true; });
}

}  // namespace

void TakeUserFields(const LiveGroup& group, Record& record, const Event& event) {
  TakeVersion(group, record, event);
  record.blocking = BlockingOf(event);
  record.tentative = event.status == EventStatus::kTentative;
  record.answer = AnswerOf(event);
  record.colour = ColourOf(event);
  record.keywords = KeywordsIn(event.summary, group.keywords);
  record.ical_hash = HashOf(event.ical_uid.text());
  record.organizer_self = event.organizer.self;
  record.text_is_private = event.visibility == Visibility::kPrivate || event.visibility == Visibility::kConfidential;
  record.highest = static_cast<uint32_t>(std::clamp<int64_t>(event.sequence, 0, ~uint32_t{0}));
  record.summary = SharedText(event.summary);  // Kept though no template may need it: a policy can change.
  TakeOccurrenceFields(group, record, event);
}

void AuditBlocking(LiveGroup& group, const Record& record) {
  if (record.blocking == Blocking::kBlocks) return;
  const bool parked = record.blocking == Blocking::kNoTime;
  group.Audit(parked ? AuditKind::kParked : AuditKind::kNotBlocking, record, std::string(Name(record.blocking)));
}

void AddUserEvent(LiveGroup& group, LiveCalendar& calendar, std::optional<RowIndex> seen, const Event& event,
                  std::optional<CorrelationId> id) {
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = Follow(Status::kSeen, RecordEvent::kDiscovered);
  record.id = id.has_value() ? *id : CorrelationId{UuidV4From(group.bits.Next128())};
  record.calendar = calendar.row.key;
  record.event = event.id.shared();
  TakeUserFields(group, record, event);
  record.tag = event.IsOccurrence() ? TagState::kGivenUp : id.has_value() ? TagState::kWritten : TagState::kOwed;
  if (event.IsCancelled()) record.status = Follow(record.status, RecordEvent::kVanished);  // An occurrence that is not there.
  // Tags are never in the way of blocks, and creation is often followed by a second version (S-30).
  if (record.tag == TagState::kOwed) record.retry_s = absl::ToUnixSeconds(group.now + kTagDelay);
  RowIndex row;
  if (seen.has_value()) {
    row = *seen;
    group.records.Replace(row, std::move(record));
  } else {
    row = group.records.Add(std::move(record));
  }
  if (event.IsCancelled()) {
    group.Audit(AuditKind::kUserEventGone, group.records[row], "an occurrence");
  } else {
    ++group.Edit(calendar).counters.user_events_found;
    group.Audit(AuditKind::kUserEventFound, group.records[row]);
    AuditBlocking(group, group.records[row]);
  }
  ExplainChange(group, row);
  MarkSourceDirty(group, row);
  if (event.IsCancelled()) {
    DoubtEndIfOlder(group, row);
  } else {
    StandIfSeriesIsGone(group, row);
  }
  if (!event.IsOccurrence()) DoubtEndsOlderThan(group, row, 0);
  ResolveHeld(group, row);
}

void ObserveUserEvent(LiveGroup& group, RowIndex row, const Event& event) {
  const Record before = group.records[row];
  Record shown = before;
  TakeUserFields(group, shown, event);
  if (shown.tag == TagState::kOwed) shown.retry_s = absl::ToUnixSeconds(group.now + kTagDelay);
  const bool reappeared = before.status == Status::kGone;
  if (reappeared) shown.status = Follow(before.status, RecordEvent::kReappeared);
  if (!(before.master == shown.master)) shown.alone = false;  // What one series denied another may give.
  // Its series does not give it, as was found before: whoever brought it back means it alone (seed 233903).
  if (reappeared && before.plain && !shown.plain) shown.alone = true;
  const bool mirrored = reappeared || !(before.master == shown.master) || before.blocking != shown.blocking ||
                        before.ical_hash != shown.ical_hash || MirrorsDiffer(group, before, shown);
  const bool anchor = !(before.span == shown.span) || !(before.series == shown.series);
  const bool met =
      before.IsOccurrence() && (reappeared || before.etag.empty());  // It was asked for, or known as cancelled alone.
  if (LiveCalendar* calendar = group.Find(before.calendar); met && calendar != nullptr) {
    ++group.Edit(*calendar).counters.user_events_found;
  }
  if (mirrored) MarkSourceDirty(group, row);  // The copies that it stops being a twin of.
  group.records.Change(row, [&](Record& record) { record = shown; });
  if (reappeared || WentWithItsSeries(group, before)) StandIfSeriesIsGone(group, row);
  if (before.must_read || before.absent) MarkSourceDirty(group, row);  // Frozen while in doubt.
  if (LiveCalendar* calendar = group.Find(before.calendar); calendar != nullptr && WaitsForMaster(group, group.records[row])) {
    calendar->held.push_back(row);
    group.MarkDirty(*calendar, absl::ZeroDuration());
  }
  ObserveTag(group, row, event);
  if (!before.IsOccurrence()) {
    // A rule that nobody saw may have dropped what was cancelled, and the one that is there now gives it again. On a guest's copy
    // the organizer's count stands over the guest's own changes, and tells nothing; nor does it once the series itself was moved
    // there (seed 17300245).
    const bool unseen =
        !before.organizer_self || !shown.organizer_self || shown.sequence() > before.sequence() + (anchor ? 1u : 0u);
    unseen ? DoubtEnds(group, row) : DoubtEndsOlderThan(group, row, before.updated_ms);
    RecognizePlain(group, row);
  }
  if (!mirrored) {
    if (MayDifferByPolicy(before, shown)) DoubtOccurrences(group, row, SeriesChange::kText);
    // A mark of the system before this one may have held its slots by this title, or do so now (seed 301707 with one).
    if (group.cover.marks && !(before.summary == shown.summary)) MarkSourceDirty(group, row);
    return;
  }
  DoubtOccurrences(group, row, reappeared || anchor ? SeriesChange::kAnchor : SeriesChange::kText);
  group.Audit(reappeared ? AuditKind::kUserEventBack : AuditKind::kUserEventChanged, group.records[row]);
  if (before.blocking != shown.blocking || met) AuditBlocking(group, group.records[row]);
  ExplainChange(group, row);
  MarkSourceDirty(group, row);
}

}  // namespace calsync
