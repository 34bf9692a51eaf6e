// Why each slot is as it is: for people who ask why there is a block, or why there is none. It asks the functions that decide,
// and decides nothing itself.

#ifndef CALSYNC_ENGINE_DECIDE_EXPLAIN_H_
#define CALSYNC_ENGINE_DECIDE_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/decide/desired.h"
#include "engine/decide/live_group.h"

namespace calsync {

enum class Standing : uint8_t {
  kShown,        // There is a block, and it shows what it should.
  kStays,        // There is a block that would not be made now: it stays as it is until its source goes.
  kNotDue,       // There is none, and none is due: the verdict says why.
  kHeld,         // A person deleted or edited the block, or Google refuses it for good: so it stays until the event changes.
  kFrozen,       // Nothing is made or removed: one of the two calendars cannot be read or written, or the event is in doubt.
  kFight,        // Restored or made again too often today: left alone until tomorrow, UTC.
  kWaiting,      // Something is still to be done; the words say what it waits for.
  kUnexplained,  // Of a settled group: a defect.
};

struct SlotStory {
  CalendarKey target;
  std::optional<RowIndex> block;
  Standing standing = Standing::kUnexplained;
  DueVerdict verdict;
  std::string words;                        // A part of a sentence, for people.
  absl::Time until = absl::InfinitePast();  // When that ends by the clock alone; InfinitePast: not by the clock.
};

// One story for each other calendar, in the order of the configuration. REQUIRES: `source` is a user event.
std::vector<SlotStory> ExplainSlots(const LiveGroup& group, RowIndex source);

// What the row of an event is, in words.
std::string ExplainRow(const LiveGroup& group, RowIndex row);

absl::string_view Name(Standing standing);  // "shown": for machines, and a promise.

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_EXPLAIN_H_
