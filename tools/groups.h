// `calsync groups`: the registry of an installation for many people. What there is, more of it, less of it.

#ifndef CALSYNC_TOOLS_GROUPS_H_
#define CALSYNC_TOOLS_GROUPS_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct GroupsOptions {
  std::string config;
  bool json = false;
  std::vector<std::string> names;
  std::vector<std::string> calendars;  // "[NAME=]ACCOUNT[/ID]"
  std::string list_file;
  std::string service_account_file;
  bool keep_blocks = false;
  std::string timeout = "10m";
};

void AddGroups(CLI::App& app, GroupsOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_GROUPS_H_
