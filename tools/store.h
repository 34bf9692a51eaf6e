// calsync store copy: moves what is stored from one database to another, SQLite or PostgreSQL.

#ifndef CALSYNC_TOOLS_STORE_H_
#define CALSYNC_TOOLS_STORE_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct StoreOptions {
  std::string config;
  std::string from;
  std::string to;
};

void AddStore(CLI::App& app, StoreOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_STORE_H_
