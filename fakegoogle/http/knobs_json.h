// Knobs by name: what a file of answers (`--answers`) and the control interface say about how the service is to behave.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_KNOBS_JSON_H_
#define CALSYNC_FAKEGOOGLE_HTTP_KNOBS_JSON_H_

#include "absl/status/status.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/model/knobs.h"

namespace calsync::fake {

// An object with every knob: flags, whole numbers, durations ("90m"), and words for the readings of contract section 8.
Json KnobsToJson(const Knobs& knobs);

// Sets those that are named; the others stay. InvalidArgument, and nothing is set, if one is unknown or has no such value.
absl::Status ReadKnobs(const Json& json, Knobs& knobs);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_KNOBS_JSON_H_
