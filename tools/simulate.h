// calsync simulate: the engine lives through simulated weeks of people, races and failures on a fake Google Calendar.

#ifndef CALSYNC_TOOLS_SIMULATE_H_
#define CALSYNC_TOOLS_SIMULATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/flags.h"
#include "tools/verb.h"

namespace calsync::tools {

// What the command line says.
struct SimulateOptions {
  uint64_t seeds = 1000;
  std::optional<uint64_t> seed;  // This one alone.
  uint64_t from = 1;
  ShapeOptions shape;
  std::vector<std::string> imports;
  std::optional<uint64_t> until;
  std::optional<double> seconds;  // Begin no seed after so long.
  std::string until_failure;      // Begin no seed once this law was broken, or `any`.
  int jobs = 0;                   // 0: one for each core.
  std::string scenario;
  bool rewrite = false;
  std::string record;  // A file for the trace.
  bool trace = false;
  bool json = false;
  bool coverage = false;
  bool no_color = false;
  std::string called_as = "calsync";  // The command in what is said to repeat a run.
};

// Declares the verb. `run` is set if the command line chose it.
void AddSimulate(CLI::App& app, SimulateOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_SIMULATE_H_
