// What follows for the records when Google shows an event: in a listing, in answer to a read, or in answer to our own write. Of
// user events and of blocks there is more in files of their own.

#ifndef CALSYNC_ENGINE_DECIDE_OBSERVE_H_
#define CALSYNC_ENGINE_DECIDE_OBSERVE_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/event_view.h"
#include "engine/decide/classify.h"
#include "engine/decide/evidence.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Classifies the event and takes over what it shows. Counts it if it came in a listing.
Verdict Observe(LiveGroup& group, LiveCalendar& calendar, const Event& event, Evidence evidence);

// Of each of these versions that a listing of the calendar shows live: itself, if all that follows from it follows from its name,
// since the row of its event was last taken from just that version. Nothing for all others.
std::vector<std::optional<EventVersion>> KnownVersions(const LiveGroup& group, CalendarKey calendar,
                                                       absl::Span<const VersionView> shown);
// As Observe does for a row of a listing whose version is known. What changed between question and answer is read.
void ObserveUnread(LiveGroup& group, LiveCalendar& calendar, const EventVersion& version);

// The event of the row is not there any more.
void ObserveEnd(LiveGroup& group, RowIndex row, End end);
// Our own delete of the row's event is done.
void ObserveDeleted(LiveGroup& group, RowIndex row);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OBSERVE_H_
