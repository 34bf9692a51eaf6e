// calsync shrink: the smallest run that breaks a law as a given one does.

#ifndef CALSYNC_TOOLS_SHRINK_H_
#define CALSYNC_TOOLS_SHRINK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tools/flags.h"
#include "tools/verb.h"

namespace calsync::tools {

struct ShrinkOptions {
  std::string trace;
  std::optional<uint64_t> seed;
  ShapeOptions shape;
  std::string output;
  bool bare = false;
  uint64_t runs = 2000;
  double seconds = 60;
  bool json = false;
  bool no_color = false;
  std::string called_as = "calsync";
};

void AddShrink(CLI::App& app, ShrinkOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_SHRINK_H_
