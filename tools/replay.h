// calsync replay: runs of traces once more, compared with what they were; or a world in the rhythm of recorded webhooks.

#ifndef CALSYNC_TOOLS_REPLAY_H_
#define CALSYNC_TOOLS_REPLAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/verb.h"

namespace calsync::tools {

struct ReplayOptions {
  std::vector<std::string> traces;
  std::string webhooks;  // A log of notifications, instead of traces.
  uint64_t seeds = 100;  // … with so many draws of what had changed …
  uint64_t from = 1;     // … from this seed on.
  bool laws = false;     // Only whether the laws hold.
  bool trace = false;    // Every line of it.
  bool json = false;
  bool no_color = false;
  std::string called_as = "calsync";  // The command in what is said to repeat a run.
};

void AddReplay(CLI::App& app, ReplayOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_REPLAY_H_
