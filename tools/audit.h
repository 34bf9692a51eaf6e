// calsync audit: what was done to events and blocks, when and why, as the trail has it; how each slot is, and why; and a picture.

#ifndef CALSYNC_TOOLS_AUDIT_H_
#define CALSYNC_TOOLS_AUDIT_H_

#include <cstdint>
#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct AuditOptions {
  std::string config;
  std::string what;  // An event's id or a correlation id; empty: everything.
  std::string since;
  int64_t last = 100;
  bool slots = false;
  bool graph = false;
  bool json = false;
};

void AddAudit(CLI::App& app, AuditOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_AUDIT_H_
