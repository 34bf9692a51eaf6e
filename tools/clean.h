// calsync clean, backup, restore: takes every block away; keeps a copy of the database, and puts one back.

#ifndef CALSYNC_TOOLS_CLEAN_H_
#define CALSYNC_TOOLS_CLEAN_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct CleanOptions {
  std::string config;
  bool dry_run = false;
  bool yes = false;
  std::string timeout = "1h";
  std::string file;  // Of a backup.
};

void AddClean(CLI::App& app, CleanOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_CLEAN_H_
