// What `calsync simulate` says about its runs.

#ifndef CALSYNC_TOOLS_SIMULATE_REPORT_H_
#define CALSYNC_TOOLS_SIMULATE_REPORT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "scenarios/marks.h"
#include "scenarios/result.h"
#include "tools/imports.h"
#include "tools/terminal.h"

namespace calsync::tools {

struct FailedSeed {
  uint64_t seed = 0;
  sim::Violation violation;
  std::vector<std::string> story;
  std::string repeat;  // The one command that runs it again.
};

// The sum over all runs.
struct Summary {
  uint64_t seeds = 0;  // Carried out.
  uint64_t wanted = 0;
  uint64_t vacuous = 0;  // Runs in which no block was ever due: they prove nothing.
  sim::Counts counts;
  absl::Duration simulated;
  absl::Duration longest_settling;
  absl::Duration took;
  std::array<uint64_t, sim::kLaws> broken = {};  // Seeds, by law.
  std::vector<FailedSeed> failed;                // In the order of seeds; the first few with their stories.
  bool interrupted = false;
  bool stopped = false;                   // By --seconds or --until-failure, before all were carried out.
  std::optional<sim::Coverage> coverage;  // If it was asked for.
  std::string hash;                       // Over all runs, in the order of seeds: equal for equal command lines.

  uint64_t Failures() const;
};

std::string SummaryText(const Summary& summary, const Terminal& terminal);
// One object. Its field names are a promise.
std::string SummaryJson(const Summary& summary, const Imports& imports, int other_calendars);
// Every line of a traced run.
std::string TraceText(const sim::RunResult& result);
std::string FailureText(const FailedSeed& failed, const Terminal& terminal);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_SIMULATE_REPORT_H_
