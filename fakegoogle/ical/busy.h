// When a series is: all its occurrences in a window, changed and cancelled ones taken into account. For oracles: it knows events
// and recurrence, and nothing of how the fake keeps or looks them up.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_BUSY_H_
#define CALSYNC_FAKEGOOGLE_ICAL_BUSY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"

namespace calsync::ical {

struct BusyInterval {
  EventTime original;                // The start that the series gives it: its name.
  TimeSpan span;                     // When it is.
  const Event* exception = nullptr;  // The one that says so; null: nobody has changed it.
};

// In the order of `span`; those of which a part lies in [from, to), days taken as days of UTC. `master` is null for exceptions
// whose series is not there. An exception that the series does not give counts all the same; cancelled ones never do. Whether an
// occurrence makes anybody busy (free, declined) is the caller's to ask. The exceptions must outlive the result.
//
// Errors as of Expand. A cancelled master has no occurrences.
absl::StatusOr<std::vector<BusyInterval>> BusyIntervals(const Event* master, absl::Span<const EventPtr> exceptions,
                                                        absl::Time from, absl::Time to);

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_BUSY_H_
