// A look at what is stored, with the engine's own eyes: nothing is driven, nobody is asked.

#ifndef CALSYNC_TOOLS_LOOKING_H_
#define CALSYNC_TOOLS_LOOKING_H_

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/engine.h"
#include "tools/installation.h"

namespace calsync::tools {

// An engine that answers questions about the group as it is stored. It is given no input, and its effects would be nobody's.
absl::StatusOr<Engine> LookInto(const Installation& installation, adapter::Store& store, const adapter::GroupSettings& group,
                                absl::Time now);

// What a running CalSync said of itself lately; of several workers, what they said together.
struct Report {
  bool fresh = false;   // Somebody runs, and wrote it within the last minute.
  nlohmann::json json;  // Null if there is none, or it cannot be read. See adapter/page/board.h.
};
Report ReadReport(const Installation& installation, absl::Time now);

// The alerts of a group: those that the running process raised, or else what the rows alone say.
struct AlertLine {
  std::string name;      // "silence".
  std::string calendar;  // Empty: the group's.
  std::string words;
};
std::vector<AlertLine> AlertsOf(const Report& report, const adapter::GroupSettings& group, const Engine& engine, absl::Time now);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_LOOKING_H_
