// L7 durable: when a call that changes something leaves, what is durable already identifies it; so after a crash at any point the
// records explain everything that was ever sent. S9. Nor is what was heard ever lost: rows go their legal ways (S15), and hold
// all that the stored sync token has left behind, and never less than before (S10).

#ifndef CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
#define CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_

#include <cstdint>
#include <string>

#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/state/record.h"
#include "scenarios/durable_image.h"

namespace calsync::sim {

// Whether a call leaves at once when it was decided, or waited for its turn. Then its row may have gone on: it was doomed
// meanwhile, or ended with its series, or its process stood still for so long that the engine gave the call up and asked Google.
// The row must name it all the same.
enum class Leaving : uint8_t { kAtOnce, kLater };
// `key`: of the calendar that the request is about. What does not change anything is always lawful.
std::string CheckDurable(const DurableImage& image, CalendarKey key, const Request& request, Leaving leaving = Leaving::kAtOnce);

// S15: a commit turns the row, null if it is new, into what the lifecycle leads to, and never back to an earlier generation.
std::string CheckTransition(const RowDigest* before, const Record& after);

// S10: a commit never takes an event's row, null if it is new, back to a version before the one that it knows: deltas have told
// of the later one, and will not again. `before`: of the same event.
std::string CheckNoStepBack(const RowDigest* before, const Record& after);

// S10: the event has been as it is since before the stored sync token, so no delta will tell of it again. The durable row, null
// if there is none, shows it, or a call is owed that will.
std::string CheckTokenSafe(const RowDigest* row, const Event& event);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L07_DURABLE_H_
