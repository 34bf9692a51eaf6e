// One row of the database about one event, and the lifecycles that rows go through.

#ifndef CALSYNC_ENGINE_STATE_RECORD_H_
#define CALSYNC_ENGINE_STATE_RECORD_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/event_time.h"
#include "engine/api/recurrence.h"
#include "engine/base/shared_text.h"
#include "engine/state/ids.h"

namespace calsync {

enum class RecordKind : uint8_t {
  kUserEvent,  // A person, or another program on their behalf, put it on a calendar.
  kBlock,      // We made it, or planned to. One row for a slot, whatever its generation.
  kSeen,       // Neither (yet): held so that nothing undecided is forgotten when the sync token moves on.
};

enum class RecordStatus : uint8_t {
  kSynced,    // User event: known and live.
  kGone,      // User event: deleted. It may come back (undelete).
  kCreating,  // Block: its id is planned; its insert may or may not have been carried out.
  kCreated,   // Block: Google confirmed it.
  kDeleting,  // Block: to be removed. No way back: the delete is finished, then the next generation.
  kDeleted,   // Block: the end of a generation. The row stays, since ids of deleted events stay taken (S-10).
  kFailed,    // Block: refused for good, with a reason; creating again when a mirrored field, policy or role changes.
  kSeen,      // Seen: as the verdict says.
};

// Why a status changes. The table in record.cc lists every legal (from, event, to).
enum class RecordEvent : uint8_t {
  kDiscovered,      // A user event or somebody else's event was met for the first time.
  kPlanned,         // A slot became due: its block is planned.
  kConfirmed,       // Google showed our block live under its current id.
  kForgottenFound,  // A certified id without a record was met.
  kAdopted,         // A block of the system before this one is the slot's from now on.
  kRefused,         // Google refuses the write for good.
  kNoLongerDue,     // Source gone or not blocking, policy, calendar disabled.
  kRemoved,         // Our delete is done, or Google showed that it is gone.
  kVanished,        // A person deleted it.
  kNextGeneration,  // Due again under a new id.
  kReappeared,      // Live again: undeleted by a person.
  kReanchored,      // An occurrence of a block: its series was made anew or moved, nothing is known of it.
};

struct Transition {
  RecordStatus from;
  RecordEvent event;
  RecordStatus to;
};
absl::Span<const Transition> Lifecycle();
// The status that `event` leads to. CHECKs that the table allows it.
RecordStatus Follow(RecordStatus from, RecordEvent event);

// Why an event of a person does not make its calendar's owner busy, or that it does. Stored, since Google is not asked again.
enum class Blocking : uint8_t {
  kBlocks,
  kFree,         // transparency: transparent.
  kDeclined,     // Declined by the calendar's owner (S-17).
  kTypeNotBusy,  // Working location, birthday.
  kNoTime,       // Zero-length, reversed or missing times: parked (S-14).
};

// What the calendar's owner answered, as far as a policy may ask for it.
enum class Answer : uint8_t { kNone, kNeedsAction, kDeclined, kTentative, kAccepted };

// What is known about our tag on a user event.
enum class TagState : uint8_t { kOwed, kWritten, kGivenUp };

// Why a block is not there though its slot is due, or does not follow its source, for as long as the source's mirrored fields
// stay what they were.
enum class Hold : uint8_t {
  kNone,
  kRespectedDeletion,  // A person deleted it (policy on_block_deleted: respect).
  kKeptEdit,           // A person edited it (policy on_block_edited: keep).
  kParked,             // Google refuses it for good; see `reason`.
};

// What a seen event is. See engine/decide/classify.h for how this is found.
enum class SeenAs : uint8_t {
  kUndecided,      // Waits for a read or for more knowledge.
  kCopyOfBlock,    // Never a source (L1), left alone (L6).
  kExternalBlock,  // Another instance's or group's (L10).
  kSurplusBlock,   // Ours, of a generation that was superseded: to be removed.
  kMovedBlock,     // Ours, moved here by a person: to be removed.
  kFragment,       // Split off a block of ours by a person: removed when the block is restored or removed.
  kNoSuchEvent,    // A master that was asked for and is not there: its occurrences are events by themselves (S-18).
  kTextMarked,     // Only its text says that it is a block, of the system before this one. Never a source (L1), left alone (L6),
                   // until the operator says what it is; see engine/decide/legacy.h.
};

// Groups hold millions: fields stand in an order that leaves no room between them, and say which kinds they are for.
struct Record {
  RecordKind kind = RecordKind::kSeen;
  RecordStatus status = RecordStatus::kSeen;
  bool must_read = false;  // What we know is doubtful: events.get must settle it before anything else happens to the event.
  bool absent = false;     // A read said 404; it counts once a later listing proves the calendar itself readable.
  uint8_t attempts = 0;    // Of the call that is owed now; reset by success.

  // User events and seen events.
  Blocking blocking = Blocking::kBlocks;
  SeenAs seen_as = SeenAs::kUndecided;
  TagState tag = TagState::kOwed;
  uint8_t tag_attempts = 0;      // Bounded for life: programs that strip tags must not make us write for ever (S-2).
  bool organizer_self = false;   // The main copy lies on this calendar: tells a moved block from an invitation.
  bool text_is_private = false;  // Private or confidential: its text never leaves it (L9).
  bool tentative = false;        // Of status tentative.
  Answer answer = Answer::kNone;
  uint8_t colour = 0;  // The colour id; 0 if it has none, 255 if it is no number below that.

  uint16_t fight_day = 0;  // Blocks: the day of `fights`, since 1970-01-01, UTC.

  // All kinds.
  CorrelationId id;      // None for kSeen.
  CalendarKey calendar;  // Where the event lies.
  SharedText event;      // Its Google id; for a block the id of the current generation.
  SharedText etag;       // As last seen; empty if never.
  // `updated` as last seen, Unix milliseconds; 0 if never. Of a block whose insert has left: the latest that was seen of any.
  int64_t updated_ms = 0;
  int64_t seen_s = 0;   // When the event itself was last returned, Unix seconds. See also CalendarRow::last_pass.
  int64_t retry_s = 0;  // Not before this, Unix seconds; 0 if at once.
  TimeSpan span;        // As last seen (user event, seen), or as Google last showed the block.

  // Series (contract section 4). `series`: of a master, its zone and recurrence lines as text, see PackSeries; of a block, as
  // Google last showed it. `master`: of an occurrence, the id of its master on the same calendar; of a fragment, the block's.
  SharedText series;
  SharedText master;
  int64_t original = 0;  // Of an occurrence: the start that its series gives it, in the unit of span.start …
  bool original_all_day = false;
  bool plain = false;      // … and it was, when last seen, just what its series makes it: walks need not show it.
  bool alone = false;      // A user event: no series has it, or its block's series cannot: it is a source by itself. A block's
                           // occurrence: its source's series has nothing to show of it; what it left behind was looked at.
  bool cancelled = false;  // A seen occurrence whose master is not known yet, or a text-marked event: it is cancelled. Any other
                           // occurrence: a listing shows it so, which a read is to confirm.

  // User events and seen events.
  uint32_t keywords = 0;  // Which of the group's keywords its title has in it, see KeywordsOf: values, not text, decide. Of a
                          // text-marked event: which marks it bears, see MarkBit.
  // Hash of what the audit trail last said policies skip of it; 0 if nothing. Of a block, to save room: one more than the
  // generation that a person deleted or moved away last; 0 if none.
  uint32_t skips_told = 0;
  // All kinds: when the row, or the block's present generation, was first committed, Unix seconds. A block that is planned anew
  // begins anew, and a seen event that turns out to be a person's. 0: it never was.
  uint32_t made_s = 0;
  int64_t cover_went_s = 0;  // When an event went that covered a slot of this one (already_busy), Unix seconds; 0 if never.
  uint64_t ical_hash = 0;    // Of the iCalUID: the key of twins (S-15).

  // Blocks, and seen events that carry a certified id.
  CorrelationId source;  // Of the user event; none while unbound (a forgotten block whose source was not met yet).
  SlotHash slot;
  SharedText summary;       // User events and seen events: reaches a block through the policy's templates alone (L9).
  uint32_t generation = 0;  // Of `event`, from 1; 0 if it has an id of Google's own: it was adopted.
  // Highest generation ever met for the slot; the next one is above it. Of a user event, to save room: how often Google counts
  // its times and rule as changed (`sequence`), which tells of changes that nobody saw.
  uint32_t highest = 0;
  bool sent = false;       // An insert of this generation may have left us. Of a seen event: it was there when its slot went on.
  bool ambiguous = false;  // … and its outcome was not learnt.
  bool taken = false;      // … and Google said 409.
  bool tagged = false;     // The block carried our tag when last seen.
  bool guests = false;     // A person invited guests to the block: removed before any other write (L6).
  Hold hold = Hold::kNone;
  uint8_t fights = 0;     // Restores and recreations on `fight_day`; kGivenUp if a deletion ended the fight.
  uint64_t held_for = 0;  // Fingerprint of what the hold was decided for: the source's mirrored fields; of a parked block, all
                          // that it was to show. Of a text-marked event: HashOf the calendar that its description names.
  uint64_t written = 0;   // Fingerprint of the content that we last wrote; 0 if never.
  uint64_t accepted = 0;  // What Google made of it (S-13).
  uint64_t actual = 0;    // What Google shows now; differs from `accepted` after a person's edit.
  SharedText reason;      // Of kFailed: what Google said, without content of events.

  bool IsMaster() const { return !series.empty(); }
  bool IsOccurrence() const { return !master.empty() && seen_as != SeenAs::kFragment; }
  uint32_t sequence() const { return highest; }
  bool WasTakenAway(uint32_t of_generation) const { return IsBlock() && skips_told == of_generation + 1; }
  OriginalStart original_start() const { return {original, original_all_day}; }
  bool IsLiveUserEvent() const { return kind == RecordKind::kUserEvent && status == RecordStatus::kSynced; }
  bool IsBlock() const { return kind == RecordKind::kBlock; }
  // The system before this one made it. It shows single events alone: for a series it gives way to a block of our own making.
  bool IsAdopted() const { return IsBlock() && generation == 0; }
  // There, and not settled.
  bool IsLiveMark() const {
    return kind == RecordKind::kSeen && seen_as == SeenAs::kTextMarked && !cancelled &&
           (span.IsValid() || blocking == Blocking::kNoTime);
  }
  // True if, as far as we know, Google shows the block or may do so.
  bool MayBeLive() const;
  // To be deleted where it lies.
  bool IsDoomed() const;
};

static_assert(sizeof(Record) == 256);

// What the record of one event costs in memory, its share of texts included (not of Records' indexes).
size_t MemoryOf(const Record& record);

absl::string_view Name(RecordKind kind);
absl::string_view Name(RecordStatus status);
absl::string_view Name(Blocking blocking);
absl::string_view Name(Hold hold);
absl::string_view Name(SeenAs seen_as);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_RECORD_H_
