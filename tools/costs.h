// calsync costs: what one change of a person costs, measured in the simulator, beside what the first design would spend.

#ifndef CALSYNC_TOOLS_COSTS_H_
#define CALSYNC_TOOLS_COSTS_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct CostsOptions {
  int events = 100;
  bool json = false;
};

void AddCosts(CLI::App& app, CostsOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_COSTS_H_
