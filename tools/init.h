// calsync init: makes the settings and the keys of a new installation.

#ifndef CALSYNC_TOOLS_INIT_H_
#define CALSYNC_TOOLS_INIT_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct InitOptions {
  std::string config;
  std::string state;        // Empty: asked, or the usual place.
  std::string client_file;  // Likewise; none is all right.
  std::string group = "me";
  std::string title;  // Of blocks; empty: asked, or "Busy".
  bool yes = false;   // Asks nothing.
};

void AddInit(CLI::App& app, InitOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_INIT_H_
