// calsync migrate: moves over from a system that knew its blocks by their texts.

#ifndef CALSYNC_TOOLS_MIGRATE_H_
#define CALSYNC_TOOLS_MIGRATE_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct MigrateOptions {
  std::string config;
  std::string group;     // Empty: all.
  std::string calendar;  // By name or Google's id; empty: all.
  bool dry_run = false;
  bool json = false;
  bool titles = false;
  std::vector<std::string> settle;  // Ids of events.
  std::string as;                   // "mine" or "block".
  std::string of;                   // The id of the event that a block is for.
  std::string timeout = "1h";
};

void AddMigrate(CLI::App& app, MigrateOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_MIGRATE_H_
