// The occurrences of a series by ground truth: its rule expanded by the wall clock, and what its exceptions make of it.
// Independent of the engine, which expands nothing, and of how the fake answers calls.

#ifndef CALSYNC_SCENARIOS_LAWS_OCCURRENCES_H_
#define CALSYNC_SCENARIOS_LAWS_OCCURRENCES_H_

#include <vector>

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "engine/api/ids.h"
#include "engine/api/recurrence.h"
#include "fakegoogle/model/server.h"

namespace calsync::sim {

// One occurrence as it is shown, in the order of original starts.
struct TrueOccurrence {
  OriginalStart original;
  TimeSpan span;
  const Event* shown;  // The exception, or the series itself; it lives as long as the server's log.
};

// The live occurrences of the series whose original start is not after `until`. Exceptions that its rule does not give (K-11) are
// not among them: see Strays. A rule that cannot be read gives its first occurrence alone (S-20).
std::vector<TrueOccurrence> LiveOccurrences(const fake::Server& server, const CalendarId& calendar, const Event& series,
                                            absl::Time until);

// An exception of a series.
struct TrueException {
  OriginalStart original;
  bool cancelled = false;
  bool busy = false;  // It blocks.
  TimeSpan span;
  friend bool operator==(const TrueException&, const TrueException&) = default;
};

// The exceptions that change nothing of LiveOccurrences: the series' rule does not give them, or their original start is after
// `until`. Who cannot expand a rule cannot tell them from those that do. In the order of original starts.
std::vector<TrueException> UnseenExceptions(const fake::Server& server, const CalendarId& calendar, const Event& series,
                                            absl::Time until);

// Live exceptions on the calendar whose series is not there, is none any more, or does not give them.
std::vector<EventPtr> Strays(const fake::Server& server, const CalendarId& calendar, absl::Time until);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_OCCURRENCES_H_
