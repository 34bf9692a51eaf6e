#include "engine/decide/observe.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Status = RecordStatus;

int64_t UpdatedMs(const Event& event) { return event.updated.has_value() ? absl::ToUnixMillis(*event.updated) : 0; }

// What every kind of row keeps of what was shown.
void TakeVersion(const LiveGroup& group, Record& record, const Event& event) {
  record.etag = event.etag.shared();
  record.updated_ms = UpdatedMs(event);
  record.seen_s = absl::ToUnixSeconds(group.now);
  record.span = event.span();
  record.must_read = record.absent = false;
  record.attempts = 0;
  record.retry_s = 0;
}

// ---- User events ----

// The fields that follow from the event itself.
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
  record.summary = SharedText(event.summary);  // Kept though no template may need it: a policy can change.
  TakeOccurrenceFields(group, record, event);
}

void AuditBlocking(LiveGroup& group, const Record& record) {
  if (record.blocking == Blocking::kBlocks) return;
  const bool parked = record.blocking == Blocking::kNoTime;
  group.Audit(parked ? AuditKind::kParked : AuditKind::kNotBlocking, record, std::string(Name(record.blocking)));
}

// A source at exactly the times of a live block of ours may be a mirror of it: it explains no write, so that ping-pong with a
// mirroring product that knows no tags is stopped.
bool MirrorsBlock(const LiveGroup& group, const Record& source) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& other = group.records[row];
    if (other.IsBlock() && other.status == Status::kCreated && other.source != source.id && other.span == source.span) {
      return true;
    }
  }
  return false;
}

void ExplainChange(LiveGroup& group, RowIndex source) {
  if (!MirrorsBlock(group, group.records[source])) Explain(group, WritesOfOneChange(group));
}

// The record answers to the tag's correlation id from now on, and so do the records of its blocks.
void AdoptCorrelationId(LiveGroup& group, RowIndex source, const CorrelationId& adopted) {
  const CorrelationId before = group.records[source].id;
  std::vector<RowIndex> blocks;
  for (const LiveCalendar& target : group.calendars) {
    if (const auto block = group.records.FindBlock(before, target.row.key)) blocks.push_back(*block);
  }
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
      group.records.Change(row, [](Record& changed) { changed.tag = TagState::kWritten; });
    }
    return;
  }
  if (record.tag != TagState::kWritten) return;
  const bool give_up = record.tag_attempts >= kTagAttemptsMax;  // Stripped again and again (S-2).
  group.records.Change(row, [&](Record& changed) { changed.tag = give_up ? TagState::kGivenUp : TagState::kOwed; });
  if (give_up) group.Audit(AuditKind::kTagGivenUp, group.records[row], "stripped by another program");
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
  ResolveHeld(group, row);
}

// True if another policy than today's could tell the two versions apart: what a series passes on to its occurrences is then to be
// asked for again, though no block changes.
bool MayDifferByPolicy(const Record& before, const Record& after) {
  return before.tentative != after.tentative || before.answer != after.answer || before.colour != after.colour ||
         before.text_is_private != after.text_is_private || !(before.summary == after.summary);
}

void ObserveUserEvent(LiveGroup& group, RowIndex row, const Event& event) {
  const Record before = group.records[row];
  Record shown = before;
  TakeUserFields(group, shown, event);
  if (shown.tag == TagState::kOwed) shown.retry_s = absl::ToUnixSeconds(group.now + kTagDelay);
  const bool reappeared = before.status == Status::kGone;
  if (reappeared) shown.status = Follow(before.status, RecordEvent::kReappeared);
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
  if (before.must_read || before.absent) MarkSourceDirty(group, row);  // Frozen while in doubt.
  if (LiveCalendar* calendar = group.Find(before.calendar); calendar != nullptr && WaitsForMaster(group, group.records[row])) {
    calendar->held.push_back(row);
    group.MarkDirty(*calendar, absl::ZeroDuration());
  }
  ObserveTag(group, row, event);
  if (!mirrored) {
    if (MayDifferByPolicy(before, shown)) DoubtOccurrences(group, row, SeriesChange::kText);
    return;
  }
  DoubtOccurrences(group, row, reappeared || anchor ? SeriesChange::kAnchor : SeriesChange::kText);
  group.Audit(reappeared ? AuditKind::kUserEventBack : AuditKind::kUserEventChanged, group.records[row]);
  if (before.blocking != shown.blocking || met) AuditBlocking(group, group.records[row]);
  ExplainChange(group, row);
  MarkSourceDirty(group, row);
}

// ---- Blocks ----

// The policy of the direction that the block lies in; the group's if nobody knows its source.
const DirectionPolicy& PolicyOf(const LiveGroup& group, const Record& block) {
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  if (!source.has_value()) return group.config.policy;
  return group.config.PolicyFor(group.records[*source].calendar, block.calendar);
}

// A person's edit, under policy `keep`, stays as it is until the source changes. Guests never stay (L6).
void KeepEdit(LiveGroup& group, RowIndex block) {
  const std::optional<RowIndex> source = group.records.FindById(group.records[block].source);
  if (!source.has_value()) return;
  const uint64_t decided_for = MirroredFingerprint(group, group.records[*source], group.records[block].calendar);
  group.records.Change(block, [&](Record& record) {
    record.hold = Hold::kKeptEdit;
    record.held_for = decided_for;
    record.accepted = record.actual;
  });
  group.Audit(AuditKind::kEditKept, group.records[block]);
}

void TakeBlockFields(const LiveGroup& group, Record& record, const Event& event) {
  TakeVersion(group, record, event);
  record.actual = FingerprintOf(event);
  record.guests = !event.attendees.empty();
  record.tagged = group.tags.HasBlockTag(event.private_properties, record.id, record.source);
  record.series = SharedText(PackSeries(event));
  const std::optional<RowIndex> block = record.IsOccurrence() ? BlockOfOccurrence(group, record) : std::nullopt;
  record.plain = block.has_value() && group.records[*block].etag == record.etag;
}

// A block that is adopted keeps the correlation id that its tag carries.
void KeepTagsId(LiveGroup& group, RowIndex row, const Event& event) {
  if (event.IsOccurrence()) return;  // Inherited from its series.
  const TagReading tag = group.tags.Read(event.private_properties);
  if (tag.verdict != TagVerdict::kOurBlock || !tag.correlation_id.has_value()) return;
  if (group.records.FindById(*tag.correlation_id).has_value()) return;
  group.records.Change(row, [&](Record& record) { record.id = *tag.correlation_id; });
}

void CountCreated(LiveGroup& group, CalendarKey key) {
  if (LiveCalendar* calendar = group.Find(key)) ++group.Edit(*calendar).counters.busy_blocks_created;
}

// An occurrence of a block was looked at for the first time. Under policy `keep`, what shows neither what the rule makes nor what
// the source shows is a person's edit.
void MeetOccurrence(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& record) {
    record.status = Follow(record.status, RecordEvent::kConfirmed);
    record.taken = false;
    record.sent = true;
  });
  const Record& occurrence = group.records[row];
  const std::optional<RowIndex> source = group.records.FindById(occurrence.source);
  const std::optional<RowIndex> block = BlockOfOccurrence(group, occurrence);
  const LiveCalendar* calendar = group.Find(occurrence.calendar);
  if (PolicyOf(group, occurrence).on_block_edited != OnBlockEdited::kKeep || calendar->row.restored) return;
  if (!source.has_value() || !block.has_value() || group.records[*source].must_read || occurrence.plain) return;
  Record plain = group.records[*source];
  const std::optional<RowIndex> master = MasterOf(group, plain);
  if (!master.has_value()) return;
  const CalendarKey target = occurrence.calendar;
  const BlockContent wanted = ContentFor(group, plain, target);
  plain.summary = group.records[*master].summary;
  plain.text_is_private = group.records[*master].text_is_private;
  plain.span = PlainSpan(group.records[*master], plain.original_start());
  if (occurrence.actual == FingerprintOf(wanted) || occurrence.actual == FingerprintOf(ContentFor(group, plain, target))) return;
  KeepEdit(group, row);
}

// Shown live under its current id.
void ObserveBlock(LiveGroup& group, RowIndex row, const Event& event) {
  const Record before = group.records[row];
  const std::optional<RowIndex> source = group.records.FindById(before.source);
  group.records.Change(row, [&](Record& record) { TakeBlockFields(group, record, event); });
  const bool adopted = before.written == 0;  // Nobody remembers what was written: nothing that it shows is a person's edit.
  const bool unheard = !adopted && before.accepted == 0;  // The answer to our last write was not heard.
  if (adopted || group.records[row].actual == before.written) {
    group.records.Change(row, [](Record& record) { record.accepted = record.actual; });
  }
  if (adopted) {
    KeepTagsId(group, row, event);
  }
  switch (before.status) {
    case Status::kCreating:
    case Status::kFailed:
    case Status::kDeleted:
      if (before.IsOccurrence() && before.status == Status::kCreating) {
        MeetOccurrence(group, row);
        break;
      }
      group.records.Change(row, [&](Record& record) {
        const bool back = record.status == Status::kDeleted;
        record.status = Follow(record.status, back ? RecordEvent::kReappeared : RecordEvent::kConfirmed);
        record.hold = Hold::kNone;
        record.sent = true;
        record.ambiguous = record.taken = false;
      });
      // What was made and never answered was made all the same; what comes back was counted before.
      if (before.status != Status::kDeleted) CountCreated(group, before.calendar);
      group.Audit(AuditKind::kBlockAdopted, group.records[row]);
      Explain(group, 1);
      break;
    case Status::kCreated: {
      const uint64_t actual = group.records[row].actual;
      const bool edited =
          !adopted && !unheard && actual != before.actual && actual != before.accepted && actual != before.written;
      if (edited || (group.records[row].guests && !before.guests)) Explain(group, 2);
      if (edited && PolicyOf(group, group.records[row]).on_block_edited == OnBlockEdited::kKeep) KeepEdit(group, row);
      break;
    }
    case Status::kDeleting:
      break;
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      CALSYNC_CHECK(false && "not a status of blocks");
      break;
  }
  if (source.has_value()) MarkSourceDirty(group, *source);
  if (before.source.empty()) group.bind_forgotten = true;
}

Record ForgottenBlock(LiveGroup& group, CalendarKey calendar, const Event& event, const Classified& known) {
  Record record;
  record.kind = RecordKind::kBlock;
  record.id = known.correlation_id.has_value() && !group.records.FindById(*known.correlation_id).has_value()
                  ? *known.correlation_id
                  : CorrelationId{UuidV4From(group.bits.Next128())};
  record.calendar = calendar;
  record.event = event.id.shared();
  record.slot = known.certified->slot;
  record.generation = record.highest = known.certified->generation;
  record.sent = true;
  return record;
}

// At the place of a row of another generation there may be a seen row from before.
RowIndex AddOrReplace(LiveGroup& group, Record record, const Event& event) {
  const std::optional<RowIndex> seen = group.records.FindAt(record.calendar, event.id.text());
  if (!seen.has_value()) return group.records.Add(std::move(record));
  group.records.Replace(*seen, std::move(record));
  return *seen;
}

void AddForgotten(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known) {
  Record record = ForgottenBlock(group, calendar.row.key, event, known);
  record.status = Follow(Status::kSeen, RecordEvent::kForgottenFound);
  record.must_read = true;  // No row of a list rebinds by itself.
  AddOrReplace(group, std::move(record), event);
  group.bind_forgotten = true;
}

// The row's current event is left behind by a later generation; if it may be live it must go.
void LeaveBehind(LiveGroup& group, const Record& left) {
  if (!left.MayBeLive() && !left.must_read && left.etag.empty()) return;
  Record surplus;
  surplus.calendar = left.calendar;
  surplus.event = left.event;
  surplus.slot = left.slot;
  surplus.generation = left.generation;
  surplus.must_read = true;
  group.records.Add(std::move(surplus));
}

// A generation later than the record's. It decides for its slot.
void TakeNewerGeneration(LiveGroup& group, RowIndex row, const Event& event, const CertifiedId& certified) {
  const Record left = group.records[row];
  CALSYNC_CHECK(
      !group.records.FindAt(left.calendar, event.id.text()).has_value());  // What is seen there is of an earlier generation.
  StepGeneration(group, row);                                              // Clears what was known of the generation before.
  group.records.Move(row, event.id);
  group.records.Change(row, [&](Record& record) {
    record.generation = record.highest = certified.generation;
    record.sent = true;
    if (record.status == Status::kCreating || record.status == Status::kFailed) {
      record.status = Follow(record.status, RecordEvent::kConfirmed);
    } else if (record.status == Status::kDeleted) {
      record.status = Follow(record.status, RecordEvent::kReappeared);
    }
    record.hold = Hold::kNone;
    record.must_read = true;
  });
  LeaveBehind(group, left);
}

void ObserveTombstone(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known) {
  if (!known.row.has_value()) {
    Record record = ForgottenBlock(group, calendar.row.key, event, known);
    record.status = Follow(Status::kSeen, RecordEvent::kRemoved);
    AddOrReplace(group, std::move(record), event);
    return;
  }
  const Record& record = group.records[*known.row];
  if (known.certified->generation <= record.highest) return;
  group.records.Change(*known.row, [&](Record& changed) { changed.highest = known.certified->generation; });
  if (record.status == Status::kCreating && !record.sent) {  // The planned id lies below one that is taken.
    StepGeneration(group, *known.row);
    group.records.Change(*known.row,
                         [](Record& changed) { changed.status = Follow(changed.status, RecordEvent::kNextGeneration); });
  }
}

void ObserveSuperseded(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known,
                       Evidence evidence) {
  std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.id.text());
  if (!row.has_value()) {
    Record record;
    record.calendar = calendar.row.key;
    record.event = event.id.shared();
    record.slot = known.certified->slot;
    record.generation = known.certified->generation;
    row = group.records.Add(std::move(record));
  }
  if (group.records[*row].kind != RecordKind::kSeen) return;
  if (evidence == Evidence::kList) return Doubt(group, *row);
  group.records.Change(*row, [&](Record& record) {
    TakeVersion(group, record, event);
    record.guests = !event.attendees.empty();
    record.seen_as = SeenAs::kSurplusBlock;
  });
  Explain(group, 1);
  group.Audit(AuditKind::kSurplusRemoved, group.records[*row]);
}

// ---- What is neither ----

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
  group.records.Change(*row, [&](Record& record) {
    TakeVersion(group, record, event);
    record.blocking = BlockingOf(event);
    record.organizer_self = event.organizer.self;
    record.guests = !event.attendees.empty();
    if (event.IsOccurrence()) {
      TakeUserFields(group, record, event);
      record.cancelled = event.IsCancelled();
    }
    if (!record.IsDoomed()) record.seen_as = as;
    if (known.certified.has_value()) {
      record.slot = known.certified->slot;
      record.generation = known.certified->generation;
    }
  });
  if (!is_new && before == group.records[*row].seen_as) return;
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
    case SeenAs::kSurplusBlock:
    case SeenAs::kMovedBlock:
    case SeenAs::kFragment:
    case SeenAs::kNoSuchEvent:
      break;
  }
  ResolveHeld(group, *row);
}

// Split off one of our blocks by a person: ours as well. It goes when its block is restored or removed; under policy `keep` it
// stays until then.
void ObserveFragment(LiveGroup& group, LiveCalendar& calendar, const Event& event, const Classified& known) {
  ObserveSeen(group, calendar, event, known, SeenAs::kFragment);
  const std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.id.text());
  CALSYNC_CHECK(row.has_value());
  if (group.records[*row].kind != RecordKind::kSeen || group.records[*row].seen_as != SeenAs::kFragment) return;
  const absl::string_view id = event.id.text();
  group.records.Change(*row, [&](Record& record) { record.master = SharedText(id.substr(0, id.find('_'))); });
  const std::optional<RowIndex> block = group.records.FindSlot(known.certified->slot);
  if (block.has_value() && PolicyOf(group, group.records[*block]).on_block_edited == OnBlockEdited::kRestore) {
    RemoveFragments(group, *block);
  }
}

// A person moved the block from `home` to another calendar if it lies there under its own id, as the main copy, and our record at
// home was live until a cancellation that no call of ours explains. It is removed where it landed.
void RemoveIfMoved(LiveGroup& group, CalendarKey home, const EventId& event) {
  for (const LiveCalendar& calendar : group.calendars) {
    if (calendar.row.key == home) continue;
    const std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.text());
    if (!row.has_value()) continue;
    const Record& landed = group.records[*row];
    if (landed.kind != RecordKind::kSeen || landed.seen_as != SeenAs::kCopyOfBlock || !landed.organizer_self) continue;
    group.records.Change(*row, [](Record& record) { record.seen_as = SeenAs::kMovedBlock; });
    Explain(group, 2);
    group.Audit(AuditKind::kMovedBlockRemoved, group.records[*row]);
  }
}

void RemoveIfMovedFromHome(LiveGroup& group, const Event& event, const Classified& known) {
  if (!known.certified.has_value()) return;
  const std::optional<RowIndex> home = group.records.FindSlot(known.certified->slot);
  if (!home.has_value()) return;
  const Record& record = group.records[*home];
  // Under policy `recreate` the slot has gone on to its next generation: what vanished is the one before.
  const bool made_anew = PolicyOf(group, record).on_block_deleted == OnBlockDeleted::kRecreate &&
                         known.certified->generation < record.generation && record.fights > 0;
  const bool vanished = record.status == Status::kDeleted && record.hold == Hold::kRespectedDeletion;
  if (made_anew || (vanished && record.event.Equals(event.id.text()))) RemoveIfMoved(group, record.calendar, event.id);
}

// ---- Ends ----

void EndOfBlock(LiveGroup& group, RowIndex row, End end, bool restored) {
  if (group.records[row].IsOccurrence()) return EndOfOccurrence(group, row, end, restored);
  const Record before = group.records[row];
  const auto set_status = [&](RecordEvent event) {
    group.records.Change(row, [&](Record& record) { record.status = Follow(record.status, event); });
  };
  switch (before.status) {
    case Status::kCreating:
      if (end == End::kAbsent && !before.taken) {  // It never arrived, or does not show yet (S-7): the same insert again.
        // What is ambiguous stays so: if the id turns out to be taken by a tombstone, a person was faster.
      } else if (end == End::kCancelled && before.ambiguous && !restored) {
        set_status(RecordEvent::kVanished);
        RespectOrRecreate(group, row);
      } else {
        // Taken by a tombstone: of a life before this database, or purged from sight (K-21). The latter steps by doubling.
        if (end == End::kAbsent) {
          group.records.Change(row, [](Record& record) { record.highest = record.highest * 2 - 1; });
        }
        StepGeneration(group, row);
        set_status(RecordEvent::kNextGeneration);
      }
      break;
    case Status::kCreated:
      set_status(RecordEvent::kVanished);
      group.Audit(AuditKind::kBlockDeleted, group.records[row], "not by us");
      if (restored) {
        Explain(group, 2);
      } else {
        RespectOrRecreate(group, row);
      }
      break;
    case Status::kDeleting:
      set_status(RecordEvent::kRemoved);
      break;
    case Status::kDeleted:
    case Status::kFailed:
      break;
    case Status::kSynced:
    case Status::kGone:
    case Status::kSeen:
      CALSYNC_CHECK(false && "not a status of blocks");
      break;
  }
  if (group.records[row].status == Status::kDeleted) EndOccurrencesOf(group, row);
  MarkSourceOfDirty(group, row);
}

// A row of a listing about an event that we hold a record of. True if it can be taken over as it stands.
bool ListRowIsConclusive(LiveGroup& group, RowIndex row, const Event& event) {
  const Record& record = group.records[row];
  if (const auto call = group.busy.find(row); call != group.busy.end()) {  // Waits for the answer.
    group.calls.at(call->second).heard_etag = event.etag.str();
    Doubt(group, row);
    return false;
  }
  const int64_t updated = UpdatedMs(event);
  const bool newer = updated != 0 && updated > record.updated_ms;
  if (record.must_read) {  // A read is owed anyway; it must tell no less.
    if (newer && record.kind == RecordKind::kUserEvent) {
      group.records.Change(row, [&](Record& changed) { changed.updated_ms = updated; });
    }
    return false;
  }
  const bool contradicts_end = record.status == Status::kGone || record.status == Status::kDeleted ||
                               record.status == Status::kCreating || record.status == Status::kFailed;
  if (newer && !contradicts_end) return true;
  if (newer) FollowMaster(group, row, event);  // It is asked for by its series (seed 46535).
  Doubt(group, row);
  return false;
}

void ObserveKnown(LiveGroup& group, LiveCalendar& calendar, RowIndex row, const Event& event, Evidence evidence) {
  if (calendar.listing.full && evidence == Evidence::kList) calendar.listing.met.insert(row);
  const Record& record = group.records[row];
  const bool unchanged = !record.etag.empty() && record.etag.Equals(event.etag.text());
  if (evidence == Evidence::kList) {
    const bool ended = record.status == Status::kGone || record.status == Status::kDeleted;
    if (unchanged && record.absent) {  // The list shows what a read does not: asked again, with patience.
      group.records.Change(row, [](Record& changed) { changed.absent = false; });
      return RetryLater(group, row);
    }
    if (unchanged && ended) return Doubt(group, row);
    if (unchanged) return;
    if (!ListRowIsConclusive(group, row, event)) return;
  }
  if (record.kind == RecordKind::kUserEvent) {
    ObserveUserEvent(group, row, event);
  } else {
    ObserveBlock(group, row, event);
  }
}

void ObserveDeletion(LiveGroup& group, LiveCalendar& calendar, RowIndex row, const Event& event, Evidence evidence) {
  FollowMaster(group, row, event);
  if (calendar.listing.full && evidence == Evidence::kList) calendar.listing.met.insert(row);
  const Record& record = group.records[row];
  if (record.kind == RecordKind::kSeen && !record.IsDoomed()) {  // It may come back; until then it covers nothing.
    if (group.cover.on && record.span.IsValid()) group.records.Change(row, [](Record& seen) { seen.span = TimeSpan(); });
    return;
  }
  const bool ended = record.status == Status::kGone || record.status == Status::kDeleted;
  if (evidence == Evidence::kList) {
    if (ended && !record.must_read) return;
    if (!ListRowIsConclusive(group, row, event)) return;
  }
  ObserveEnd(group, row, End::kCancelled);
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
    ObserveDeletion(group, calendar, *row, event, evidence);
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
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (group.records[row].IsBlock() && group.records[row].calendar == calendar.row.key) return true;
  }
  return false;
}

}  // namespace

Verdict Observe(LiveGroup& group, LiveCalendar& calendar, const Event& event, Evidence evidence) {
  const Classified known = Classify({group.config, group.records, group.ids, group.tags}, calendar.row.key, event);
  ++group.verdicts[static_cast<size_t>(known.verdict)];
  group.newest_ms = std::max(group.newest_ms, UpdatedMs(event));
  if (evidence == Evidence::kList) ++group.Edit(calendar).counters.events_processed;
  switch (known.verdict) {
    case Verdict::kIgnored:
      break;
    case Verdict::kOwnBlock:
      if (evidence == Evidence::kList) ++group.Edit(calendar).counters.our_events_skipped;
      ObserveKnown(group, calendar, *known.row, event, evidence);
      break;
    case Verdict::kForgottenBlock:
      ++group.Edit(calendar).counters.our_events_skipped;
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
      if (evidence == Evidence::kList) ++group.Edit(calendar).counters.our_events_skipped;
      ObserveSeen(group, calendar, event, known, SeenAs::kCopyOfBlock);
      RemoveIfMovedFromHome(group, event, known);
      break;
    case Verdict::kExternalBlock:
      if (evidence == Evidence::kList) ++group.Edit(calendar).counters.external_events_skipped;
      ObserveSeen(group, calendar, event, known, SeenAs::kExternalBlock);
      break;
    case Verdict::kHeld:
      ObserveSeen(group, calendar, event, known, SeenAs::kUndecided);
      break;
    case Verdict::kOccurrenceOfBlock:
      if (evidence == Evidence::kList) ++group.Edit(calendar).counters.our_events_skipped;
      if (known.row.has_value() && group.records[*known.row].IsBlock()) {
        if (event.IsCancelled()) {
          ObserveDeletion(group, calendar, *known.row, event, evidence);
        } else {
          ObserveKnown(group, calendar, *known.row, event, evidence);
        }
      } else if (!ObserveOccurrenceOfBlock(group, event, *known.master)) {
        ObserveSeen(group, calendar, event, known, SeenAs::kUndecided);
      }
      break;
    case Verdict::kFragment:
      if (evidence == Evidence::kList) ++group.Edit(calendar).counters.our_events_skipped;
      ObserveFragment(group, calendar, event, known);
      break;
    case Verdict::kOccurrence:
      ObserveOccurrence(group, calendar, event, known, evidence);
      break;
    case Verdict::kDeletion:
      ObserveDeletion(group, calendar, *known.row, event, evidence);
      break;
    case Verdict::kTrackedUserEvent:
      ObserveKnown(group, calendar, *known.row, event, evidence);
      break;
    case Verdict::kReturningUserEvent:
      AddUserEvent(group, calendar, known.row, event, known.correlation_id);
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
  return known.verdict;
}

void ObserveWritten(LiveGroup& group, RowIndex row, const Event& event, uint64_t content, const TimeSpan& span) {
  const bool created = group.records[row].status == Status::kCreating;
  group.records.Change(row, [&](Record& record) {
    TakeBlockFields(group, record, event);
    record.written = content;
    // Google's spelling of what we wrote is right, whatever it looks like (S-13, V18); never so for times.
    record.accepted = event.span() == span ? record.actual : content;
    record.ambiguous = record.taken = false;
    if (created) record.status = Follow(record.status, RecordEvent::kConfirmed);
  });
  const Record& record = group.records[row];
  if (created && !record.IsOccurrence()) CountCreated(group, record.calendar);
  MarkSourceOfDirty(group, row);
}

void RespectOrRecreate(LiveGroup& group, RowIndex row) {
  const Record& block = group.records[row];
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  if (!source.has_value()) return;
  Explain(group, 2);
  RemoveIfMoved(group, block.calendar, EventId(block.event));
  bool respect = PolicyOf(group, block).on_block_deleted == OnBlockDeleted::kRespect;
  if (!respect && !CountFight(group, row)) {
    respect = true;
    group.Audit(AuditKind::kFightReported, block, "deleted too often today");
  }
  group.records.Change(row, EndHold);  // An edit that was kept went with the block (seed 904438).
  if (!respect) return;
  const uint64_t decided_for = MirroredFingerprint(group, group.records[*source], block.calendar);
  group.records.Change(row, [&](Record& record) {
    record.hold = Hold::kRespectedDeletion;
    record.held_for = decided_for;
  });
  group.Audit(AuditKind::kDeletionRespected, group.records[row]);
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
      Explain(group, WritesOfOneChange(group));
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
      } else if (group.records[row].seen_as == SeenAs::kUndecided && !IsOurs(group, group.records[row]) &&
                 group.records.HasWithMaster(group.records[row].calendar, group.records[row].event.view())) {
        group.records.Change(row, [](Record& record) { record.seen_as = SeenAs::kNoSuchEvent; });
        ResolveHeld(group, row);
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
