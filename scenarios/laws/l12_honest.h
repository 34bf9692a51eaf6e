// L12 honest: at rest every live event of a readable calendar has a row that says what it is, and an entry in the audit trail
// with the reason if it does not block; no edit is kept that nobody made; and the counters agree with the ground truth. E7, LV5.

#ifndef CALSYNC_SCENARIOS_LAWS_L12_HONEST_H_
#define CALSYNC_SCENARIOS_LAWS_L12_HONEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "engine/state/group.h"
#include "engine/state/records.h"
#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

std::string CheckHonest(const RestView& view);
// The events of people that make busy and of which no policy leaves anything out, as far as the group can see them whole. When
// one is left out later, that is to be told anew.
std::vector<Place> NotLeftOut(const RestView& view);

// By ground truth: what an engine's counters may say.
struct CounterTruth {
  uint64_t blocks_inserted = 0;  // By the engines of the family.
  uint64_t blocks_live = 0;      // That the engine knows.
  uint64_t user_events_live = 0;
  bool memory_intact = true;  // No database was lost, restored or cloned: counters start over with it.
};
std::string CheckCounters(const Counters& counters, const CounterTruth& truth);

// An engine that says that it is at rest owes no block on a calendar on which nothing keeps it from writing. Asked in the midst
// of failures, when calls wait for their back-off.
std::string CheckDebtsTold(const Records& records, absl::Span<const CalendarKey> writable);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L12_HONEST_H_
