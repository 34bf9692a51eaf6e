// L7 durable: when a call that changes something leaves, what is durable already identifies it; so after a crash at any point the
// records explain everything that was ever sent. S9.

#ifndef CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
#define CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_

#include <string>

#include "engine/api/calls.h"
#include "scenarios/durable_image.h"

namespace calsync::sim {

// `key`: of the calendar that the request is about. What does not change anything is always lawful.
std::string CheckDurable(const DurableImage& image, CalendarKey key, const Request& request);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
