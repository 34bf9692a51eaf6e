// Abseil's durations as Asio's timers take them.

#ifndef CALSYNC_ADAPTER_HTTP_CHRONO_H_
#define CALSYNC_ADAPTER_HTTP_CHRONO_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace calsync::http {

// No less than nothing, and no more than a year: what is longer would overflow when it is added to now.
inline std::chrono::nanoseconds Chrono(absl::Duration duration) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(std::clamp(duration, absl::ZeroDuration(), absl::Hours(24 * 365))));
}

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_CHRONO_H_
