// Which events of people block under a policy, of those that make their calendar's owner busy at all (Record::blocking). Each
// rule is stated here and nowhere else. Pure functions of rows, policy and zone rules.

#ifndef CALSYNC_ENGINE_DECIDE_SKIP_H_
#define CALSYNC_ENGINE_DECIDE_SKIP_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/decide/live_group.h"
#include "engine/state/policy.h"
#include "engine/state/record.h"
#include "engine/state/zones.h"

namespace calsync {

// Why an event does not block in a direction, though it makes its calendar's owner busy.
enum class Skip : uint8_t { kNone, kTentative, kNeedsAction, kAllDay, kKeyword, kColour, kOutsideHours };

// The first rule that speaks against it. REQUIRES: the direction mirrors.
Skip SkipOf(const LiveGroup& group, const Record& source, const DirectionPolicy& policy);

// True if the span has a moment within the hours, on the clocks of a zone. All-day spans have all hours of their days. `zone`:
// null if its rules are not known, and then always true: rather busy than free.
bool IsWithin(const Hours& hours, const TimeSpan& span, const ZoneRules* zone);

// True if it ended longer ago than the policy looks back.
bool IsOver(const DirectionPolicy& policy, const TimeSpan& span, absl::Time now);
// True if the policy makes no block for such times now, though one that exists stays: they are over, or too far ahead.
bool IsBeyondHorizon(const DirectionPolicy& policy, const TimeSpan& span, absl::Time now);

// The rules of the calendar's zone; null if they are not known.
const ZoneRules* ZoneOf(const LiveGroup& group, CalendarKey calendar);

absl::string_view Name(Skip skip);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_SKIP_H_
