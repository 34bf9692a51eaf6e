// A call and its answer through their text, as HTTP carries them: the request that the adapter writes, what the fake's API reads
// in it, the body that it answers, what the adapter reads in that. Only the sockets are left out.
//
// What the engine knows is left unread, as the adapter leaves it (adapter/google/page_reader.h).
//
// Whatever an engine needs to know must come through: a run in which all calls go this way has the hash of the same run without
// it (wire_test.cc). Texts cost ten times what the simulation does, so this is asked for (`calsync simulate --wire`).

#ifndef CALSYNC_SCENARIOS_WIRE_H_
#define CALSYNC_SCENARIOS_WIRE_H_

#include "absl/time/time.h"
#include "adapter/google/page_reader.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "fakegoogle/faults/fault_layer.h"
#include "fakegoogle/model/server.h"

namespace calsync::sim {

// What the server answers to the request, under these conditions.
Reply AskThroughText(fake::Server& server, const fake::Caller& caller, const Request& request, absl::Time now,
                     const fake::Conditions& conditions);
// An answer that something before the server gave to the request. What is no answer has no text, and stays what it is.
Reply RefuseThroughText(const Request& request, const ApiError& error, absl::Time now);

// Of the rows that are known no more than the names is left.
void LeaveUnread(EventsPage& page, const adapter::AskKnown& known);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_WIRE_H_
