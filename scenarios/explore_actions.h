// What somebody may do in an exhaustive search: a closed set, each thing with the one event or its block. Internal to it.

#ifndef CALSYNC_SCENARIOS_EXPLORE_ACTIONS_H_
#define CALSYNC_SCENARIOS_EXPLORE_ACTIONS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "scenarios/world.h"

namespace calsync::sim {

inline constexpr size_t kExploredActions = 15;
absl::string_view NameOfAction(size_t action);  // "delete the block".

// True if there is what it is about.
bool CanDoAction(const World& world, size_t action);
// Does it. False: it was refused. REQUIRES: CanDoAction.
bool DoAction(World& world, size_t action);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_EXPLORE_ACTIONS_H_
