// From what rows owe to calls. Their answers: answers.h.
//
// What a row owes is a function of the rows alone: after a crash the same calls follow. Calls leave as gates, quotas and order
// allow.

#ifndef CALSYNC_ENGINE_DECIDE_WRITING_H_
#define CALSYNC_ENGINE_DECIDE_WRITING_H_

#include <optional>

#include "engine/api/calls.h"
#include "engine/decide/live_group.h"

namespace calsync {

// What the row owes to Google now, gates and times aside.
Owed OwedBy(const LiveGroup& group, RowIndex row);

// The update that the row owes takes back what somebody did to the block, and the slot's bound of that for today is reached.
// REQUIRES: it owes one.
bool IsFoughtOver(const LiveGroup& group, const Record& block);

// Puts the row into the queue where it belongs, or into none. Call after whatever may change what it owes.
void Enqueue(LiveGroup& group, RowIndex row);
// Moves rows whose time has come from the agenda to the queues.
void WakeRows(LiveGroup& group);
// Sends what may leave. At most kEventCallsMax calls a calendar are in flight.
void SendOwed(LiveGroup& group);
inline constexpr int kEventCallsMax = 4;

// True if nobody has shown the occurrence yet: it is asked for by its original start, since its id may be another one (K-20).
bool IsAskedFor(const Record& record);
void SendAsk(LiveGroup& group, const LiveCalendar& calendar, RowIndex row, std::optional<PageToken> page = std::nullopt);

// Registers a call for the current step's effects.
void MakeCall(LiveGroup& group, CallInFlight call, Request request);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_WRITING_H_
