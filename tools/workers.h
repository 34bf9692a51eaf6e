// calsync workers: the processes that share a database on PostgreSQL, and draining one of them.

#ifndef CALSYNC_TOOLS_WORKERS_H_
#define CALSYNC_TOOLS_WORKERS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapter/lease/leases.h"
#include "tools/installation.h"
#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

// None where the database is a file.
absl::StatusOr<std::vector<adapter::Peer>> WorkersOf(const Installation& installation);
nlohmann::json WorkersJson(const std::vector<adapter::Peer>& workers);
std::string WorkersText(const std::vector<adapter::Peer>& workers);

// What each of them said of itself lately, wherever it runs (adapter/page/board.h, SummaryOf). None if nobody can be asked.
std::vector<nlohmann::json> ReportsOf(const Installation& installation);

struct WorkersOptions {
  std::string config;
  std::string name;
  bool json = false;
};

void AddWorkers(CLI::App& app, WorkersOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_WORKERS_H_
