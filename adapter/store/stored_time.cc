#include "adapter/store/stored_time.h"

#include <limits>

namespace calsync::adapter {
namespace {

constexpr int64_t kPast = std::numeric_limits<int64_t>::min();
constexpr int64_t kFuture = std::numeric_limits<int64_t>::max();

}  // namespace

int64_t ToStoredTime(absl::Time time) {
  if (time <= absl::FromUnixNanos(kPast)) return kPast;
  if (time >= absl::FromUnixNanos(kFuture)) return kFuture;
  return absl::ToUnixNanos(time);
}

absl::Time FromStoredTime(int64_t stored) {
  if (stored == kPast) return absl::InfinitePast();
  if (stored == kFuture) return absl::InfiniteFuture();
  return absl::FromUnixNanos(stored);
}

}  // namespace calsync::adapter
