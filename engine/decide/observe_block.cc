#include "engine/decide/observe_block.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/breaker.h"
#include "engine/decide/desired.h"
#include "engine/decide/migrate.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// Ids of so many generations are never all taken: who says so of each would bring the number to its end by doubling.
constexpr uint32_t kDoubledMax = uint32_t{1} << 30;

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

// Without its tag nothing but the database knows an adopted block: it is written anew, but not for ever (S-2).
void FollowTagOfAdopted(const LiveGroup& group, Record& record, const Event& event) {
  const absl::string_view certificate = Tags::AdoptionIn(event.private_properties);
  record.tagged = record.tagged && group.ids.VerifyAdoption(certificate, record.calendar, event.id.text()) == record.slot;
  if (record.tagged) {
    record.tag = TagState::kWritten;
  } else if (record.tag != TagState::kGivenUp) {
    record.tag = record.tag_attempts < kTagAttemptsMax ? TagState::kOwed : TagState::kGivenUp;
  }
}

void TakeBlockFields(const LiveGroup& group, Record& record, const Event& event) {
  TakeVersion(group, record, event);
  record.actual = FingerprintOf(event);
  record.guests = !event.attendees.empty();
  record.tagged = group.tags.HasBlockTag(event.private_properties, record.id, record.source);
  if (record.IsAdopted()) FollowTagOfAdopted(group, record, event);
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

// What an occurrence of a block shows at such times if its text is its series'.
BlockContent WithTextOfSeries(const LiveGroup& group, Record source, const Record& master, const TimeSpan& span,
                              CalendarKey target) {
  source.summary = master.summary;
  source.text_is_private = master.text_is_private;
  source.span = span;
  return ContentFor(group, source, target);
}

// True if the block's series handed its title or description down to an occurrence that is otherwise what it should be (C-65):
// nobody edited that one (seed 2109693).
bool IsHandedDown(const LiveGroup& group, const Record& before, const Record& shown) {
  if (!shown.IsOccurrence() || !(before.span == shown.span)) return false;
  const Record* source = SourceOf(group, shown);
  const std::optional<RowIndex> master = source == nullptr ? std::nullopt : MasterOf(group, *source);
  if (!master.has_value()) return false;
  BlockContent content = WithTextOfSeries(group, *source, group.records[*master], shown.span, shown.calendar);
  if (shown.actual == FingerprintOf(content)) return true;
  BlockContent own = ContentFor(group, *source, shown.calendar);
  std::swap(content.description, own.description);
  own.span = content.span;
  return shown.actual == FingerprintOf(content) || shown.actual == FingerprintOf(own);
}

// True if what is seen of the calendar's private events may be a person's edit. A restored database does not know what was
// written since: it may be our own (seed 7399490028557). A reader without access to private details sees none (seed 4450113).
bool ShowsEdits(const LiveGroup& group, CalendarKey key) {
  const LiveCalendar* calendar = group.Find(key);
  return calendar == nullptr || (!calendar->row.restored && CanWrite(calendar->row.role));
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
  if (PolicyOf(group, occurrence).on_block_edited != OnBlockEdited::kKeep || !ShowsEdits(group, occurrence.calendar)) return;
  if (!source.has_value() || !block.has_value() || group.records[*source].must_read || occurrence.plain) return;
  const Record& wanted = group.records[*source];
  const std::optional<RowIndex> row_of_master = MasterOf(group, wanted);
  if (!row_of_master.has_value()) return;
  const Record& master = group.records[*row_of_master];
  const CalendarKey target = occurrence.calendar;
  const BlockContent plain = WithTextOfSeries(group, wanted, master, PlainSpan(master, wanted.original_start()), target);
  if (occurrence.actual == FingerprintOf(ContentFor(group, wanted, target)) || occurrence.actual == FingerprintOf(plain)) return;
  KeepEdit(group, row);
}

// The block's occurrence ended with its series (C-68), and does not come back without it: what shows it live is of before that,
// or its series is back, and it is looked at again once that is known (DoubtCancelled).
bool EndedWithItsSeries(const LiveGroup& group, const Record& block) {
  if (!block.IsOccurrence() || block.status != Status::kDeleted) return false;
  const std::optional<RowIndex> series = BlockOfOccurrence(group, block);
  return !series.has_value() || group.records[*series].status == Status::kDeleted;
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

// What a row of the slot leaves where its event was: to be read.
Record LeftAt(const Record& left) {
  Record seen;
  seen.calendar = left.calendar;
  seen.event = left.event;
  seen.slot = left.slot;
  seen.generation = left.generation;
  seen.sent = left.status == Status::kCreated;
  seen.must_read = true;
  return seen;
}

// The row's current event is left behind by a later generation; if it may be live it must go.
void LeaveBehind(LiveGroup& group, const Record& left) {
  if (!left.MayBeLive() && !left.must_read && left.etag.empty()) return;
  Record surplus = LeftAt(left);
  const std::optional<RowIndex> known = group.records.FindAt(left.calendar, left.event.view());
  if (!known.has_value()) {
    group.records.Add(std::move(surplus));
    return;
  }
  if (left.IsAdopted()) surplus.seen_as = SeenAs::kSurplusBlock;  // Nothing but this may say what it is.
  group.records.Replace(*known, std::move(surplus));
}

// Google says that the id is taken, and shows nothing there: it is looked at for a while (kYoung).
void LeaveUnseen(LiveGroup& group, const Record& left) {
  if (group.records.FindAt(left.calendar, left.event.view()).has_value()) return;
  Record unseen = LeftAt(left);
  unseen.seen_s = absl::ToUnixSeconds(group.now);
  group.records.Add(std::move(unseen));
}

}  // namespace

// The policy of the direction that the block lies in; the group's if nobody knows its source.
const DirectionPolicy& PolicyOf(const LiveGroup& group, const Record& block) {
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  if (!source.has_value()) return group.config.policy;
  return group.config.PolicyFor(group.records[*source].calendar, block.calendar);
}

// Shown live under its current id.
void ObserveBlock(LiveGroup& group, RowIndex row, const Event& event) {
  const Record before = group.records[row];
  const std::optional<RowIndex> source = group.records.FindById(before.source);
  group.records.Change(row, [&](Record& record) { TakeBlockFields(group, record, event); });
  if (!(group.records[row].etag == before.etag)) DoubtCancelled(group, row);
  ReleaseInherited(group, row);
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
      if (EndedWithItsSeries(group, before)) break;  // Seeds 14344826 and 14509536.
      group.records.Change(row, [&](Record& record) {
        const bool back = record.status == Status::kDeleted;
        record.status = Follow(record.status, back ? RecordEvent::kReappeared : RecordEvent::kConfirmed);
        record.hold = Hold::kNone;
        if (record.WasTakenAway(record.generation)) record.skips_told = 0;
        record.sent = true;
        record.ambiguous = record.taken = false;
      });
      // What was made and never answered was made all the same; what comes back was counted before.
      if (before.status != Status::kDeleted && !before.IsOccurrence()) CountCreated(group, before.calendar);
      group.Audit(AuditKind::kBlockAdopted, group.records[row]);
      ExplainWrites(group, 1);
      break;
    case Status::kCreated: {
      const uint64_t actual = group.records[row].actual;
      const bool edited = !adopted && !unheard && actual != before.actual && actual != before.accepted &&
                          actual != before.written && !IsHandedDown(group, before, group.records[row]);
      const bool stripped = before.tag == TagState::kWritten && group.records[row].tag == TagState::kOwed;
      if (edited || stripped || (group.records[row].guests && !before.guests)) ExplainWrites(group, 2);
      const bool by_person = edited && ShowsEdits(group, before.calendar);
      if (by_person && PolicyOf(group, group.records[row]).on_block_edited == OnBlockEdited::kKeep) KeepEdit(group, row);
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

void AddForgotten(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known) {
  Record record = ForgottenBlock(group, calendar.row.key, event, known);
  record.status = Follow(Status::kSeen, RecordEvent::kForgottenFound);
  record.must_read = true;  // No row of a list rebinds by itself.
  AddOrReplace(group, std::move(record), event);
  group.bind_forgotten = true;
}

// A generation later than the record's. It decides for its slot.
void TakeNewerGeneration(LiveGroup& group, RowIndex row, const Event& event, const CertifiedId& certified) {
  const Record left = group.records[row];
  EndOccurrencesOf(group, row);  // They go with it (seed 9081672).
  if (const std::optional<RowIndex> seen = group.records.FindAt(left.calendar, event.id.text())) {
    // It was another installation's for as long as the key that certifies it was missing from the settings.
    CALSYNC_CHECK(group.records[*seen].kind == RecordKind::kSeen);
    group.records.Exchange(row, *seen);
    group.records.Replace(*seen, CopyLeftBy(left));
  } else {
    StepGeneration(group, row);
    group.records.Move(row, event.id);
  }
  group.records.Change(row, [&](Record& record) {
    BeginGeneration(record, certified.generation);
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

namespace {

// A block that certifies that it was adopted for the slot, in which nothing else is: the database forgot it.
void AdoptAgain(LiveGroup& group, RowIndex seen, RowIndex block, const Event& event, Evidence evidence) {
  TakeOverSlot(group, seen, block);
  if (evidence == Evidence::kList) {
    Doubt(group, seen);  // No row of a list rebinds by itself; and until it is read nothing else is put into the slot.
  } else {
    ObserveBlock(group, seen, event);
  }
  ExplainWrites(group, 2);
  group.Audit(AuditKind::kLegacyAdopted, group.records[seen], "again");
  MarkSourceOfDirty(group, seen);
}

}  // namespace

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
  if (known.certified->generation == 0 && MayBeTakenOver(group, *known.row)) {
    return AdoptAgain(group, *row, *known.row, event, evidence);
  }
  if (evidence == Evidence::kList) return Doubt(group, *row);
  group.records.Change(*row, [&](Record& record) {
    TakeVersion(group, record, event);
    record.guests = !event.attendees.empty();
    record.seen_as = SeenAs::kSurplusBlock;
  });
  ExplainWrites(group, 1);
  group.Audit(AuditKind::kSurplusRemoved, group.records[*row]);
}

void ObserveWritten(LiveGroup& group, RowIndex row, const Event& event, uint64_t content, const TimeSpan& span) {
  const bool created = group.records[row].status == Status::kCreating;
  const bool tagging = group.records[row].IsAdopted() && group.records[row].tag == TagState::kOwed;
  group.records.Change(row, [&](Record& record) {
    if (tagging) ++record.tag_attempts;
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

// A person moved the block from `home` to another calendar if it lies there under its own id, as the main copy, and our record at
// home was live until a cancellation that no call of ours explains. It is removed where it landed; of one with an id of Google's
// own, only our tag tells that it was ours when it left (L6).
void RemoveIfMoved(LiveGroup& group, CalendarKey home, const EventId& event) {
  for (const LiveCalendar& calendar : group.calendars) {
    if (calendar.row.key == home) continue;
    const std::optional<RowIndex> row = group.records.FindAt(calendar.row.key, event.text());
    if (!row.has_value()) continue;
    const Record& landed = group.records[*row];
    if (landed.kind != RecordKind::kSeen || landed.seen_as != SeenAs::kCopyOfBlock || !landed.organizer_self) continue;
    if (landed.generation == 0 && !landed.tagged) continue;
    group.records.Change(*row, [](Record& record) { record.seen_as = SeenAs::kMovedBlock; });
    ExplainWrites(group, 2);
    group.Audit(AuditKind::kMovedBlockRemoved, group.records[*row]);
  }
}

namespace {

// A person deleted this generation of the block, or moved it away, now or some time ago. Where it landed may be met later (seed
// 5090070).
void TakenAway(LiveGroup& group, RowIndex block, uint32_t generation, const EventId& event) {
  group.records.Change(block, [&](Record& record) { record.skips_told = generation + 1; });
  RemoveIfMoved(group, group.records[block].calendar, event);
}

}  // namespace

void RespectOrRecreate(LiveGroup& group, RowIndex row) {
  const Record& block = group.records[row];
  TakenAway(group, row, block.generation, EventId(block.event));
  const std::optional<RowIndex> source = group.records.FindById(block.source);
  if (!source.has_value()) return;  // Decided when its source is met.
  ExplainWrites(group, 2);
  const bool respect = PolicyOf(group, block).on_block_deleted == OnBlockDeleted::kRespect;
  const bool give_up = !respect && !CountFight(group, row);
  if (give_up) group.Audit(AuditKind::kFightReported, block, "deleted too often today");
  group.records.Change(row, EndHold);  // An edit that was kept went with the block (seed 904438).
  if (!respect && !give_up) return;
  const uint64_t decided_for = MirroredFingerprint(group, group.records[*source], block.calendar);
  group.records.Change(row, [&](Record& record) {
    record.hold = Hold::kRespectedDeletion;
    record.held_for = decided_for;
    record.fights = give_up ? kGivenUp : std::min(record.fights, kFightsPerDay);
  });
  group.Audit(AuditKind::kDeletionRespected, group.records[row]);
}

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
        if (end == End::kAbsent && before.highest < kDoubledMax) {
          group.records.Change(row, [](Record& record) { record.highest = record.highest * 2 - 1; });
        }
        EndOccurrencesOf(group, row);  // And what a person split off it in that life (seed 910077286).
        StepGeneration(group, row);
        set_status(RecordEvent::kNextGeneration);
        // Or it is our own, which does not show yet (S-7): somebody has to know that it is there (seed 12293).
        if (end == End::kAbsent) LeaveUnseen(group, before);
      }
      break;
    case Status::kCreated:
      set_status(RecordEvent::kVanished);
      group.Audit(AuditKind::kBlockDeleted, group.records[row], "not by us");
      if (restored) {
        ExplainWrites(group, 2);
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

// Its cancellation and the later generation, which a clone made, were heard of in the wrong order (seed 4800652).
void EndOfLeftBehind(LiveGroup& group, RowIndex row, bool restored) {
  group.records.Change(row, [](Record& record) { record.sent = false; });
  if (restored) return;
  const Record& left = group.records[row];
  const std::optional<RowIndex> block = group.records.FindSlot(left.slot);
  if (block.has_value()) TakenAway(group, *block, left.generation, EventId(left.event));
}

}  // namespace calsync
