// calsync run: keeps the calendars of an installation in step.

#ifndef CALSYNC_TOOLS_RUN_H_
#define CALSYNC_TOOLS_RUN_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct RunOptions {
  std::string config;
  bool once = false;
  bool dry_run = false;
  bool restored = false;
  bool json = false;
  bool quiet = false;
  std::string timeout = "10m";
};

void AddRun(CLI::App& app, RunOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_RUN_H_
