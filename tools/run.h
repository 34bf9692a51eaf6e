// calsync run: keeps the calendars of an installation in step.

#ifndef CALSYNC_TOOLS_RUN_H_
#define CALSYNC_TOOLS_RUN_H_

#include <cstdint>
#include <optional>
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
  bool bounded = false;      // The timeout was given.
  std::string record;        // A folder; empty: nothing is recorded.
  bool record_text = false;  // With what people wrote.
  int64_t record_max = 64;   // MiB of one file.
  bool worker = false;       // One of several.
  std::string name;          // Of the worker.
  std::optional<std::string> webhook_listen;
  std::optional<std::string> page_listen;
};

void AddRun(CLI::App& app, RunOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_RUN_H_
