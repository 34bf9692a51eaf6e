// calsync view: a run as one page for a browser.

#ifndef CALSYNC_TOOLS_VIEW_H_
#define CALSYNC_TOOLS_VIEW_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace calsync::tools {

struct ViewOptions {
  std::vector<std::string> traces;  // One, or two to compare.
  std::string output;
  bool no_color = false;
};

void AddView(CLI::App& app, ViewOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_VIEW_H_
