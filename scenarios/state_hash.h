// What a world is like, in 128 bits, as far as it decides what may still happen: for exhaustive search, which goes on only from
// states that it has not met.
//
// In it: what Google holds; what each engine has stored, and whether it knows Google's latest version of each event; when it
// wakes, what it says to wait for; everything under way, and how long until it comes. Times are relative to now, so that the same
// situation an hour later is the same. Not in it: what an engine keeps in memory besides, as the next rung of a back-off ladder.
// Two states that differ in that alone count as one: the search is complete up to this.

#ifndef CALSYNC_SCENARIOS_STATE_HASH_H_
#define CALSYNC_SCENARIOS_STATE_HASH_H_

#include "absl/numeric/int128.h"
#include "scenarios/world.h"

namespace calsync::sim {

absl::uint128 StateHashOf(const World& world);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_STATE_HASH_H_
