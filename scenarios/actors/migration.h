// The system before CalSync, whose blocks only their texts mark, and the operator who moves a group over from it (G5).

#ifndef CALSYNC_SCENARIOS_ACTORS_MIGRATION_H_
#define CALSYNC_SCENARIOS_ACTORS_MIGRATION_H_

#include "engine/api/ids.h"
#include "scenarios/ghost.h"
#include "scenarios/world.h"

namespace calsync::sim {

// What was there before the engines started: events of people, the blocks that the other system made for them, what became of
// both since, and events of people that only look like blocks.
void PlantLegacy(World& world);

// The system before CalSync puts a block for the event on the target. Empty if refused.
EventId MakeLegacyBlock(World& world, const Spot& source, int target);

// One turn: the operator moves on or back, people touch what is there, the other system may go on making blocks.
void MigrationGoesOn(World& world);

// The operator has all pairs adopted, and says of all else what it is by ground truth. True if there was anything to say.
bool SettleMarks(World& world, int instance);
// The truth about one marked event.
void SettleMark(World& world, int instance, const Spot& spot);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_MIGRATION_H_
