// The board's figures in the text format that Prometheus reads. Names and labels are a promise; docs/operating.md lists them.

#ifndef CALSYNC_ADAPTER_PAGE_METRICS_H_
#define CALSYNC_ADAPTER_PAGE_METRICS_H_

#include <string>

#include "adapter/page/board.h"

namespace calsync::adapter {

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";

std::string MetricsText(const Board& board);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_METRICS_H_
