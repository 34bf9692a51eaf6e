// The circuit breaker: the last line behind the laws. Writes of a group are bounded by what seen changes, commands and
// configuration can explain; past that the engine stops writing for the group, reports, and waits for the operator (L8).

#ifndef CALSYNC_ENGINE_DECIDE_BREAKER_H_
#define CALSYNC_ENGINE_DECIDE_BREAKER_H_

#include <cstdint>

#include "engine/decide/live_group.h"

namespace calsync {

// A new window begins if the present one is over. Called before news are taken in, so that what they make owed is not taken for
// what was owed before, and carried.
void RollWindowBeforeNews(LiveGroup& group);

// Adds to what may be written: `writes` calls follow from something that was seen.
void ExplainWrites(LiveGroup& group, int64_t writes);
// Adds as much as what is owed now lacks. For what makes many slots owe something though no event changed: an engine begins,
// maybe with other settings, and the calls of the one before it are lost; a calendar can be reached or written again; the clock
// was set back; the operator lets writes go on.
void ExplainOwed(LiveGroup& group);

// What one change of a user event explains: a block written or removed on each other calendar, with a repetition, and its tag.
int64_t WritesOfOneChange(const LiveGroup& group);
// The same of a series, with the exceptions that follow it.
int64_t WritesOfOneChange(const LiveGroup& group, const Record& source);

// Accounts for one write that is about to leave. False: it must not; the breaker is open now.
bool AdmitWrite(LiveGroup& group);

// The operator has looked: writes go on, also all those that are owed by now.
void ResetBreaker(LiveGroup& group);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_BREAKER_H_
