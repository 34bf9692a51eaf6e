// What people do with series: make them, change, move and cancel occurrences, split them, change their rules (U10, U11, U12).

#ifndef CALSYNC_SCENARIOS_ACTORS_SERIES_H_
#define CALSYNC_SCENARIOS_ACTORS_SERIES_H_

#include "scenarios/world.h"

namespace calsync::sim {

// One action on a series of a person, drawn; a new one if there is none.
void ActOnSeries(World& world);
// A person lays hands on a part of a block that is a series: an occurrence, or "this and following".
void TouchBlockOfSeries(World& world);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_SERIES_H_
