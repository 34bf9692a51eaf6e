// What the operator's commands in scenarios do to policies, of the group and of directions. Internal to script*.cc.

#ifndef CALSYNC_SCENARIOS_SCRIPT_RULES_H_
#define CALSYNC_SCENARIOS_SCRIPT_RULES_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"

namespace calsync::sim {

// In all directions, also in those that have a policy of their own by now.
absl::Status RuleEverywhere(ScriptRun& run, const std::vector<RuleWord>& rules);

// In the directions, between calendar numbers, that are concerned: they have a policy of their own from now on.
absl::Status RuleDirections(ScriptRun& run, absl::FunctionRef<bool(int from, int to)> concerned,
                            const std::vector<RuleWord>& rules);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SCRIPT_RULES_H_
