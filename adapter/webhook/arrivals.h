// What came to the port where messages arrive, since the process began. Counted on the receiver's thread and on the loop, read by
// whoever shows figures.

#ifndef CALSYNC_ADAPTER_WEBHOOK_ARRIVALS_H_
#define CALSYNC_ADAPTER_WEBHOOK_ARRIVALS_H_

#include <atomic>
#include <cstdint>

namespace calsync::adapter {

// Each message is one of these.
struct Arrivals {
  std::atomic<int64_t> taken = 0;      // Passed on to its group, which heeds it or calls it forged.
  std::atomic<int64_t> malformed = 0;  // Not what Google sends.
  std::atomic<int64_t> unknown = 0;    // It came to a path that no group has.
  std::atomic<int64_t> dropped = 0;    // Too many others waited: a poll finds what it would have told.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_WEBHOOK_ARRIVALS_H_
