// Who configures an installation (G), and who decides about access to calendars (T).

#ifndef CALSYNC_SCENARIOS_ACTORS_ADMINISTRATOR_H_
#define CALSYNC_SCENARIOS_ACTORS_ADMINISTRATOR_H_

#include "absl/time/time.h"
#include "scenarios/world.h"

namespace calsync::sim {

void AdministratorActs(World& world);
// G4: another policy, for all directions or for some.
void AdministratorChangesPolicy(World& world);

// Takes access to one calendar away. Returns which, and how long it is to last; -1 if nothing was done.
struct AccessTaken {
  int calendar = -1;
  absl::Duration lasts;
};
AccessTaken AccessIsTaken(World& world);
// All of it comes back.
void AccessComesBack(World& world, int calendar);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_ADMINISTRATOR_H_
