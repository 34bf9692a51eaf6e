// Times as they are stored: whole nanoseconds since the Unix epoch, in 64 bits.
//
// Infinite times have the two extreme values to themselves. What 64 bits cannot hold (before 1677, after 2262) is stored as
// infinite; parts of a nanosecond are dropped. Both stores do so, or a simulation would pass with one and fail with the other.

#ifndef CALSYNC_ADAPTER_STORE_STORED_TIME_H_
#define CALSYNC_ADAPTER_STORE_STORED_TIME_H_

#include <cstdint>

#include "absl/time/time.h"

namespace calsync::adapter {

int64_t ToStoredTime(absl::Time time);
absl::Time FromStoredTime(int64_t stored);

// The time that comes back when `time` is stored and loaded.
inline absl::Time AsStored(absl::Time time) { return FromStoredTime(ToStoredTime(time)); }

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_STORED_TIME_H_
