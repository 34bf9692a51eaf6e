// What the commands of scenarios let befall Google, messages and processes. Internal to script*.cc.
//
// Each fails with the sentence for the scenario's author if what it is about is not there.

#ifndef CALSYNC_SCENARIOS_SCRIPT_MISHAPS_H_
#define CALSYNC_SCENARIOS_SCRIPT_MISHAPS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"

namespace calsync::sim::mishaps {

// Google refuses every block of the event from now on, or takes them again.
absl::Status Refuse(ScriptRun& run, int calendar, const EventWord& word, bool refused);
// Of CalSync's account on the calendar: "reader".
absl::Status SetRole(ScriptRun& run, int calendar, const std::string& name);
// A message that nobody should believe; `right_channel`: with the id of the calendar's own channel, and a guessed token.
absl::Status Forge(ScriptRun& run, int calendar, bool right_channel);
// `number` from 1, as people count; `act` gets it from 0.
absl::Status WithWorker(ScriptRun& run, int number, absl::FunctionRef<void(int)> act);

}  // namespace calsync::sim::mishaps

#endif  // CALSYNC_SCENARIOS_SCRIPT_MISHAPS_H_
