// calsync retire: removes the blocks of an installation that is no more, by their tags.

#ifndef CALSYNC_TOOLS_RETIRE_H_
#define CALSYNC_TOOLS_RETIRE_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct RetireOptions {
  std::string config;
  std::string instance;
  bool dry_run = false;
  bool yes = false;
  bool json = false;
};

void AddRetire(CLI::App& app, RetireOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_RETIRE_H_
