// What befalls a host: databases lost, restored, cloned (D), disks full, clocks stepped (K).

#ifndef CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_
#define CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_

#include "scenarios/world.h"

namespace calsync::sim {

// Which of the mishaps of a run an ActorTurn of Who::kMishap is, in ActorTurn::number.
enum class MishapTurn : uint8_t { kBackUp, kRestore, kLose, kClone, kClock, kDiskFull };

void MishapStrikes(World& world, MishapTurn what);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_
