// Blocks of the system before this one, which knew its own by their texts: what a text says, and which slot a marked event may
// fill. Pure functions of rows and policy. What becomes of them: migrate.h.
//
// A mark proves nothing: a person may call an event "Busy - dentist". It is looked at last, for events without a certified id,
// without a record and without a tag of ours (classify.h), and all it does by itself is to have the event skipped, and the slots
// that it may fill left alone, until the operator says what it is. So it may miss a block, and never makes one of a block (L1).

#ifndef CALSYNC_ENGINE_DECIDE_LEGACY_H_
#define CALSYNC_ENGINE_DECIDE_LEGACY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/api/event.h"
#include "engine/decide/classify.h"
#include "engine/decide/desired.h"
#include "engine/decide/live_group.h"
#include "engine/state/policy.h"
#include "engine/state/record.h"

namespace calsync {

// What the audit trail says of an event that the operator settled (AuditKind::kTextMarkSettled).
inline constexpr absl::string_view kSettledAsPersons = "an event of a person";
inline constexpr absl::string_view kSettledAsBlock = "a block of the system before, for an event that is there";
inline constexpr absl::string_view kSettledAsSurplus = "a block of the system before, for nothing that is there: it goes";

// Bits of Record::keywords of a text-marked event.
enum MarkBit : uint32_t { kTitleMark = 1, kDescriptionMark = 2 };

// What the texts of an event say.
struct TextMark {
  uint32_t bits = 0;      // Of MarkBit; 0: it bears no mark.
  uint64_t calendar = 0;  // HashOf the calendar that its description names; 0 if none.
};
TextMark TextMarkOf(const LegacyMarks& marks, absl::string_view title, absl::string_view description);

// True if the text-marked event may be the block for the source, as far as times and texts tell: the same times, none of them a
// series, a title that fits, and no other calendar named.
bool Fits(const LiveGroup& group, const Record& mark, const Record& source);
// True if a text-marked event on the target may be the source's block there: then no other is made. REQUIRES: group.cover.on.
bool IsHeldByMark(const LiveGroup& group, const Record& source, CalendarKey target);
// What a text-marked event of these times held, or holds, is to be decided anew.
void MarkHeldDirty(LiveGroup& group, const TimeSpan& span);
// True if marks are heeded, or some are not settled.
bool HasMarks(const LiveGroup& group);

// What can be said of a text-marked event.
enum class MarkFinding : uint8_t {
  kPaired,     // It is the block for one event, by all that there is to see: migration adopts it.
  kInDoubt,    // It, or an event of its times, waits to be read, or its calendar to be listed.
  kOnlyTitle,  // Its event is there, but only its title is marked, and the other system marked descriptions, too …
  kOnlyDescription,
  kNoEvent,        // No event has its times.
  kOtherTitle,     // Events have its times, and none its title.
  kSeveralEvents,  // Equally good: not guessed.
  kSeveralMarks,   // Equally good.
  kBlockThere,     // Its event has a block of ours on this calendar, or a person deleted that.
  kNotDue,         // Its event has no block here, by policy.
  kFrozen,         // Its calendar, or its event's, cannot be written or read now.
  kRecurs,         // It is a series: no block of the system before this one was.
};
inline constexpr int kMarkFindings = static_cast<int>(MarkFinding::kRecurs) + 1;
absl::string_view Name(MarkFinding finding);  // "paired", "only_title" …

struct MarkPlan {
  RowIndex mark = 0;
  MarkFinding finding = MarkFinding::kNoEvent;
  std::optional<RowIndex> source{};       // The one event that fits, if there is just one.
  DueReason reason = DueReason::kBlocks;  // Of kNotDue and kFrozen.
};
// One entry for each text-marked event that is not settled, in the order of rows. `on`: of this calendar alone.
std::vector<MarkPlan> PlanMigration(const LiveGroup& group, std::optional<CalendarKey> on = std::nullopt);

// The same for who shows it to people. Places, not rows: it outlives the engine.
struct MarkedEvent {
  Place place;
  TimeSpan span;
  std::string title;
  MarkFinding finding = MarkFinding::kNoEvent;
  std::optional<Place> source{};
  DueReason reason = DueReason::kBlocks;
};
struct MigrationState {
  std::vector<MarkedEvent> unsettled;
  int64_t adopted = 0;          // Live blocks of the system before this one that are ours by now …
  int64_t tags_owed = 0;        // … of them without our tag yet: only the database knows them.
  int64_t recorded_events = 0;  // Events of people on record whose title bears a mark: ids knew them before texts were heeded.
};
MigrationState MigrationStateOf(const LiveGroup& group);

// Whether ids and texts agree about an event that was given this verdict; and what is told if not.
enum class Disagreement : uint8_t { kNone, kTextAlone, kIdsAlone };
Disagreement Compare(Verdict verdict, const TextMark& mark);
// Tells and counts a disagreement, where that is asked for. For each version of an event once.
void CompareDetections(LiveGroup& group, CalendarKey calendar, const Event& event, Verdict verdict);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_LEGACY_H_
