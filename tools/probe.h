// calsync probe: puts the open questions of the contract to the service, on a scratch calendar.

#ifndef CALSYNC_TOOLS_PROBE_H_
#define CALSYNC_TOOLS_PROBE_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct ProbeOptions {
  std::string config;
  std::string calendar;
  std::string second;
  std::string account;
  std::string output;                  // Where the answers go; empty: nowhere.
  std::vector<std::string> questions;  // "K-1"; none: all.
  std::string patience = "30s";
  bool yes = false;
  bool json = false;
};

void AddProbe(CLI::App& app, ProbeOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_PROBE_H_
