// What follows for the records when Google shows an event: in a listing, in answer to a read, or in answer to our own write. Of
// user events and of blocks there is more in files of their own.

#ifndef CALSYNC_ENGINE_DECIDE_OBSERVE_H_
#define CALSYNC_ENGINE_DECIDE_OBSERVE_H_

#include "engine/api/event.h"
#include "engine/decide/classify.h"
#include "engine/decide/evidence.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Classifies the event and takes over what it shows. Counts it if it came in a listing.
Verdict Observe(LiveGroup& group, LiveCalendar& calendar, const Event& event, Evidence evidence);

// The event of the row is not there any more.
void ObserveEnd(LiveGroup& group, RowIndex row, End end);
// Our own delete of the row's event is done.
void ObserveDeleted(LiveGroup& group, RowIndex row);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OBSERVE_H_
