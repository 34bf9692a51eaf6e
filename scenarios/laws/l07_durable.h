// L7 durable: when a call that changes something leaves, what is durable already identifies it; so after a crash at any point the
// records explain everything that was ever sent. S9.

#ifndef CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
#define CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_

#include <cstdint>
#include <string>

#include "engine/api/calls.h"
#include "scenarios/durable_image.h"

namespace calsync::sim {

// Whether a call leaves at once when it was decided, or waited for its turn. Then its row may have gone on: it was doomed
// meanwhile, or ended with its series, or its process stood still for so long that the engine gave the call up and asked Google.
// The row must name it all the same.
enum class Leaving : uint8_t { kAtOnce, kLater };
// `key`: of the calendar that the request is about. What does not change anything is always lawful.
std::string CheckDurable(const DurableImage& image, CalendarKey key, const Request& request, Leaving leaving = Leaving::kAtOnce);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
