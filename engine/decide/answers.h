// From the answers to event calls back to rows: what was done, refused, lost or not there.

#ifndef CALSYNC_ENGINE_DECIDE_ANSWERS_H_
#define CALSYNC_ENGINE_DECIDE_ANSWERS_H_

#include "engine/api/calls.h"
#include "engine/decide/live_group.h"

namespace calsync {

// The answer to an event call that was in flight.
void OnEventReply(LiveGroup& group, const CallInFlight& call, const Reply& reply);

// A listing proved the calendar readable: what a read found absent before it is gone, unless it is young.
void SettleAbsent(LiveGroup& group, LiveCalendar& calendar);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_ANSWERS_H_
