// calsync metrics: the first design's figures, and what a running CalSync counts besides.

#ifndef CALSYNC_TOOLS_METRICS_H_
#define CALSYNC_TOOLS_METRICS_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct MetricsOptions {
  std::string config;
  bool json = false;
};

void AddMetrics(CLI::App& app, MetricsOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_METRICS_H_
