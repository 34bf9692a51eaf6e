// Decides what an event, as Google returned it, is to this sync group.
//
// Pure and total: every event gets exactly one verdict, however odd its fields. Witnesses, in this order: a certified id (or the
// certificate of an adopted block), the record at (calendar, event id), the tag. Titles are never looked at, unless the policy
// heeds marks of the system before this one; and then only for what none of the others knows, see legacy.h. kTable in classify.cc
// is the design's table; its first fitting row wins.

#ifndef CALSYNC_ENGINE_DECIDE_CLASSIFY_H_
#define CALSYNC_ENGINE_DECIDE_CLASSIFY_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/event.h"
#include "engine/api/event_view.h"
#include "engine/state/block_id.h"
#include "engine/state/group.h"
#include "engine/state/records.h"
#include "engine/state/tag.h"

namespace calsync {

enum class Verdict : uint8_t {
  kOwnBlock,  // Its id certifies that we made it for this calendar, and its record holds this generation. Never a source (L1).
  kForgottenBlock,      // The same, but no record: our database is younger than this calendar. Rebound, or surplus.
  kNewerGeneration,     // The same, of a later generation than its record knows: our database is older than this calendar.
  kSupersededBlock,     // The same, of an earlier generation than the record's: surplus.
  kOwnTombstone,        // A cancelled block of ours under a generation that no record holds: its id is taken (S-10).
  kOccurrenceOfBlock,   // An occurrence of one of our blocks, changed or cancelled: compared with the source's (contract 4.2).
  kFragment,            // `<certified>_R…`: split off a block of ours by a person (contract 4.5).
  kCopyOfBlock,         // Bears our id or block tag elsewhere: duplicated, moved, invited. Never a source (L1).
  kExternalBlock,       // Another instance's or group's. Hands off (L10).
  kHeld,                // An occurrence whose master is not known yet (S-18).
  kOccurrence,          // An occurrence, changed or cancelled, of a user event that is a series.
  kDeletion,            // Cancelled, and we hold a record at its place (S-3).
  kIgnored,             // Cancelled, and we never knew it.
  kTrackedUserEvent,    // We hold its record; its content may have changed, or its tag was stripped.
  kCopiedUserEvent,     // Bears the tag of another event: a person copied, moved or split it. A new user event (S-1).
  kReturningUserEvent,  // Bears a user tag of ours that no record holds: a new record under the tag's correlation id.
  kTextMarked,          // Nothing of ours, but marked by its text, or it was when it was first met: skipped until settled.
  kNewUserEvent,        // Nothing of ours. A person or another program made it.
};
inline constexpr int kVerdicts = static_cast<int>(Verdict::kNewUserEvent) + 1;

// What the id, and the iCalUID, prove.
enum class IdWitness : uint8_t {
  kNothing,
  kHere,       // The id is certified for this calendar; or its tag certifies that we adopted this very event.
  kPartHere,   // `<certified for this calendar>_…`: an occurrence or a fragment of a block that a person made a series of.
  kElsewhere,  // Certified for another calendar of the group, or only the iCalUID is certified.
  kShape,      // Looks like an id of some CalSync and does not verify.
};

// What the records say. With IdWitness::kHere it is the record of the slot, else the one at (calendar, event id).
enum class RecordWitness : uint8_t {
  kNone,
  kSlotSame,      // The slot's record holds this generation.
  kSlotOlder,     // The slot's record holds an earlier generation than the event's.
  kSlotNewer,     // The slot's record holds a later one.
  kUserEvent,     // Synced or gone.
  kBlock,         // Adopted from the old system: a block whose id is not certified.
  kSeenCopy,      // Seen before as a copy of a block: it stays one, also without its tag.
  kSeenExternal,  // Likewise.
  kSeenUndecided,
  kSeenText,  // Seen before as marked by its text, and not settled: it stays so, also without the mark, in every mode.
};

// What the tag says. See TagVerdict; our user key is told apart by whether its correlation id is known.
enum class TagWitness : uint8_t { kNone, kOurBlock, kForeignBlock, kKnownUser, kUnknownUser, kUnreadableUser, kForeignUser };

// What an occurrence's master says; kWhole if the event is none.
enum class MasterWitness : uint8_t {
  kWhole,
  kOwnBlock,   // Certified for this calendar.
  kUserEvent,  // Tracked, live or gone.
  kCopy,       // A copy or a fragment of a block.
  kExternal,
  kNobody,   // Asked for, and not there, or text-marked and gone: the occurrence is an event by itself.
  kUnknown,  // Not met yet, or not settled.
};

// What its texts say. Nothing unless the policy heeds them.
enum class TextWitness : uint8_t { kNone, kMarked };

struct Witnesses {
  IdWitness id = IdWitness::kNothing;
  RecordWitness record = RecordWitness::kNone;
  TagWitness tag = TagWitness::kNone;
  bool cancelled = false;
  MasterWitness master = MasterWitness::kWhole;
  TextWitness text = TextWitness::kNone;
};

// The table alone. Total: CHECKs that some row fits.
Verdict VerdictOf(const Witnesses& witnesses);

struct Classified {
  Verdict verdict = Verdict::kIgnored;
  std::optional<RowIndex> row;                  // At its place, or of its slot for a certified id.
  std::optional<CertifiedId> certified;         // What the id, the part of it before `_`, or the iCalUID says.
  std::optional<CertifiedId> master;            // What the id of an occurrence's master says.
  std::optional<CorrelationId> correlation_id;  // From the tag.
};

// What classification may look at.
struct Knowledge {
  const GroupConfig& config;
  const Records& records;
  const BlockIds& ids;
  const Tags& tags;
};

Classified Classify(const Knowledge& knowledge, CalendarKey calendar, const Event& event);
Classified Classify(const Knowledge& knowledge, CalendarKey calendar, const EventView& event);
// The same for each of several, in order: out[i] of events[i]. Look-ups are asked for ahead, so that none waits for memory by
// itself; they are answered as if each event came alone. REQUIRES: both have one size.
void ClassifyBatch(const Knowledge& knowledge, CalendarKey calendar, absl::Span<const EventView> events,
                   absl::Span<Classified> out);

// What the tag alone says, and of which row: the third witness by itself.
struct TagFinding {
  TagWitness witness = TagWitness::kNone;
  std::optional<RowIndex> row;  // With its correlation id.
};
// For each of several lists of tag properties, as ClassifyBatch looks them up.
void ReadTagsBatch(const Knowledge& knowledge, absl::Span<const absl::Span<const PropertyView>> tag_properties,
                   absl::Span<TagFinding> out);

absl::string_view Name(Verdict verdict);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_CLASSIFY_H_
