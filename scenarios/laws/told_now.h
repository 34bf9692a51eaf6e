// What CalSync tells people while they act and things go wrong: alerts that are so, and nothing but; and why a slot is as it is.
// L12.
//
// The rows that an engine holds after a step are durable (L7): what they say is compared with what is told of them. What Google
// answered and when, the world knows by itself.

#ifndef CALSYNC_SCENARIOS_LAWS_TOLD_NOW_H_
#define CALSYNC_SCENARIOS_LAWS_TOLD_NOW_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/records.h"
#include "scenarios/laws/told.h"

namespace calsync::sim {

// What was answered to one host about one calendar, on the world's clock.
struct AnsweredLast {
  absl::Time listed = absl::InfinitePast();         // When a listing came to its end, for an engine that went on after that.
  absl::Time refused = absl::InfinitePast();        // When a listing was refused: no access, no such calendar, no grant.
  absl::Time write_refused = absl::InfinitePast();  // When a write was.
  absl::Time told = absl::InfinitePast();           // When a message of one of its channels came that calls for a listing …
  absl::Time heard = absl::InfinitePast();          // … and when any did, also while it cannot be read: it is tried anyway.
};

struct CalendarNow {
  int calendar = -1;
  std::string name;
  bool enabled = true;
  bool grant_lost = false;  // As the host knows.
  const CalendarRow* row = nullptr;
  AnsweredLast answered;
};

// One group on one host, after a step.
struct GroupNow {
  std::vector<CalendarNow> calendars;
  bool breaker_open = false;
  bool compares_marks = false;   // The policy asks whether ids and texts agree.
  absl::Time now;                // The world's …
  absl::Time clock;              // … and the host's.
  absl::Time started;            // When this engine was, on the world's clock.
  absl::Duration shortest_poll;  // Of the intervals that the policy knows.
  absl::Duration longest_poll;
  bool times_are_true = true;  // No clock was set, no host slept, and the database is the one that it always was.
  bool has_slept = false;      // This engine did.
  int64_t creating_long = 0;   // Blocks that wait to be made for more than ten minutes.
  std::vector<std::pair<absl::Time, bool>> listings;  // That this engine heard the end of, by the host's clock; true: it failed.
};

struct ToldNow {
  ToldAlerts alerts;
  int64_t listings = 0;         // Of the last fifteen minutes …
  int64_t listings_failed = 0;  // … and those that failed.
};
std::string CheckAlertsNow(const GroupNow& truth, const ToldNow& told);

// So many blocks, by a plain count, wait to be made for more than ten minutes. `born`: see FigureTruth.
int64_t CountCreatingLong(const Records& records, absl::Time clock, const std::function<absl::Time(const CorrelationId&)>& born);

// Why a slot is as it is, and what bears that out at once.
struct SlotNow {
  ToldSlot told;
  absl::Time until = absl::InfinitePast();
  bool created = false;       // By the database, its block is there …
  bool planned = false;       // … or it has a row at all.
  bool under_way = false;     // Calls are, of this engine.
  bool out_of_reach = false;  // One of its calendars cannot be read or written, as far as the engine was told.
  bool in_doubt = false;      // The event, or its series, is to be read again.
  bool enabled = true;        // Both calendars are.
  bool mirrors = true;        // Its direction does.
};
std::string CheckSlotNow(const GroupNow& truth, const SlotNow& slot);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_TOLD_NOW_H_
