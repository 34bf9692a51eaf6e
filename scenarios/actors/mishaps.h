// What befalls a host: databases lost, restored, cloned (D), disks full, clocks stepped (K); and workers that share one (P7, I4).

#ifndef CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_
#define CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_

#include "scenarios/world.h"

namespace calsync::sim {

// Which of the mishaps of a run an ActorTurn of Who::kMishap is, in ActorTurn::number.
enum class MishapTurn : uint8_t { kBackUp, kRestore, kLose, kClone, kClock, kDiskFull, kSuspend, kCrashLoop };

void MishapStrikes(World& world, MishapTurn what);

// Something happens to the workers of the first installation, to whoever owns its first group more often than to others.
void WorkersSuffer(World& world);
// How long a process stands still, if it does: from a moment to several leases.
absl::Duration DrawStandstill(Choices& choices);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_MISHAPS_H_
