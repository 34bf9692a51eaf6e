// What a scenario says that there is to be seen. Internal to script*.cc.

#ifndef CALSYNC_SCENARIOS_SCRIPT_EXPECTATIONS_H_
#define CALSYNC_SCENARIOS_SCRIPT_EXPECTATIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"

namespace calsync::sim {

// FailedPrecondition with what the calendar shows instead, if it does not show just these live events.
absl::Status Expect(ScriptRun& run, int calendar, const std::vector<ShownWord>& shown);
absl::Status ExpectCount(ScriptRun& run, int calendar, size_t count);
absl::Status ExpectWrites(ScriptRun& run, int64_t count);

// What the first engine warns of now: "unreachable home, breaker_open"; "none" if all is well.
std::string AlertsNow(ScriptRun& run);
absl::Status ExpectAlerts(ScriptRun& run, absl::string_view alerts);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SCRIPT_EXPECTATIONS_H_
