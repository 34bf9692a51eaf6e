// calsync explore: a small scope, searched exhaustively.

#ifndef CALSYNC_TOOLS_EXPLORE_H_
#define CALSYNC_TOOLS_EXPLORE_H_

#include <cstdint>
#include <optional>

#include "tools/verb.h"

namespace calsync::tools {

struct ExploreOptions {
  int scope = 0;
  std::optional<int> actions;  // Instead of the scope's.
  std::optional<int> adversities;
  std::optional<int> overtakings;
  bool all_kinds = false;
  std::optional<int> jobs;
  double seconds = 600;
  bool json = false;
  bool no_color = false;
};

void AddExplore(CLI::App& app, ExploreOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_EXPLORE_H_
