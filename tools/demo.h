// calsync demo: a fake Google Calendar, the production host on it over real HTTP with webhooks, and a person whom one can watch.

#ifndef CALSYNC_TOOLS_DEMO_H_
#define CALSYNC_TOOLS_DEMO_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct DemoOptions {
  bool once = false;
  bool no_color = false;
};

void AddDemo(CLI::App& app, DemoOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_DEMO_H_
