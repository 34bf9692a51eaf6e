// What the commands of scenarios have CalSync's operator do, or wait for. Internal to script*.cc.
//
// Each fails with the sentence for the scenario's author if what it is about is not there, or is no word of the language.

#ifndef CALSYNC_SCENARIOS_SCRIPT_OPERATOR_H_
#define CALSYNC_SCENARIOS_SCRIPT_OPERATOR_H_

#include <string>

#include "absl/status/status.h"
#include "engine/host/input.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"

namespace calsync::sim::operators {

// Until all is at rest; then the laws.
absl::Status Settle(ScriptRun& run);
absl::Status Operate(ScriptRun& run, OperatorCommand command);
absl::Status SetZone(ScriptRun& run, int calendar, const std::string& name);
absl::Status SetDetection(ScriptRun& run, const std::string& word);
// What a text-marked event is (decision 0025); a block is of the source, if one is named.
absl::Status SettleMark(ScriptRun& run, int calendar, const EventWord& word, SettleLegacy::As as);
absl::Status SettleMarkFor(ScriptRun& run, int calendar, const EventWord& word, int home, const EventWord& source_word);

}  // namespace calsync::sim::operators

#endif  // CALSYNC_SCENARIOS_SCRIPT_OPERATOR_H_
