// The families of choices, each with a random sequence of its own.

#ifndef CALSYNC_SCENARIOS_SOURCES_STREAM_H_
#define CALSYNC_SCENARIOS_SOURCES_STREAM_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace calsync::sim {

enum class Stream : uint8_t {
  kTopology,       // Knobs, calendars, policy.
  kPeople,         // What actors do, and when.
  kNetwork,        // Latency and loss of calls.
  kServer,         // What Google does wrong.
  kNotifications,  // Delay, loss, doubling of messages.
  kCrash,
  kDisk,
  kClock,
  kLegacy,   // The system before CalSync, and the move from it.
  kWorkers,  // What befalls workers and their leases.
  kMoments,  // Who lies in wait for a call.
  kHabits,   // What Google is like in a few runs alone.
};
inline constexpr size_t kStreams = 12;

absl::string_view Name(Stream stream);
// The inverse; false if there is no such stream.
bool FindStream(absl::string_view name, Stream& stream);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_STREAM_H_
