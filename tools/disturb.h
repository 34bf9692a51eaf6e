// calsync disturb: scenarios once more, with one thing gone wrong at each place.

#ifndef CALSYNC_TOOLS_DISTURB_H_
#define CALSYNC_TOOLS_DISTURB_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace calsync::tools {

struct DisturbOptions {
  std::vector<std::string> scenarios;
  bool json = false;
  bool no_color = false;
};

void AddDisturb(CLI::App& app, DisturbOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_DISTURB_H_
