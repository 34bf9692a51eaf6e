// calsync status, doctor: how an installation is, and what to do where it is not well.

#ifndef CALSYNC_TOOLS_STATUS_H_
#define CALSYNC_TOOLS_STATUS_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct StatusOptions {
  std::string config;
  bool json = false;
};

void AddStatus(CLI::App& app, StatusOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_STATUS_H_
