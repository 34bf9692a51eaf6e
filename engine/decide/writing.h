// From what rows owe to calls, and from their answers back to rows.
//
// What a row owes is a function of the rows alone: after a crash the same calls follow. Calls leave as gates, quotas and order
// allow.

#ifndef CALSYNC_ENGINE_DECIDE_WRITING_H_
#define CALSYNC_ENGINE_DECIDE_WRITING_H_

#include "engine/api/calls.h"
#include "engine/decide/live_group.h"

namespace calsync {

// What the row owes to Google now, gates and times aside.
Owed OwedBy(const LiveGroup& group, RowIndex row);

// Puts the row into the queue where it belongs, or into none. Call after whatever may change what it owes.
void Enqueue(LiveGroup& group, RowIndex row);
// Moves rows whose time has come from the agenda to the queues.
void WakeRows(LiveGroup& group);
// Sends what may leave. At most kEventCallsMax calls a calendar are in flight.
void SendOwed(LiveGroup& group);
inline constexpr int kEventCallsMax = 4;

// The answer to an event call that was in flight.
void OnEventReply(LiveGroup& group, const CallInFlight& call, const Reply& reply);

// A listing proved the calendar readable: what a read found absent before it is gone, unless it is young.
void SettleAbsent(LiveGroup& group, LiveCalendar& calendar);

// Registers a call for the current step's effects.
void MakeCall(LiveGroup& group, CallInFlight call, Request request);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_WRITING_H_
