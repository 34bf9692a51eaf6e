// calsync replay: runs of traces once more, compared with what they were.

#ifndef CALSYNC_TOOLS_REPLAY_H_
#define CALSYNC_TOOLS_REPLAY_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace calsync::tools {

struct ReplayOptions {
  std::vector<std::string> traces;
  bool laws = false;   // Only whether the laws hold.
  bool trace = false;  // Every line of it.
  bool json = false;
  bool no_color = false;
};

void AddReplay(CLI::App& app, ReplayOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_REPLAY_H_
