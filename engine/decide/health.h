// How a group is: what it still has to do, and what it counted.

#ifndef CALSYNC_ENGINE_DECIDE_HEALTH_H_
#define CALSYNC_ENGINE_DECIDE_HEALTH_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "engine/decide/live_group.h"
#include "engine/state/group.h"

namespace calsync {

// Tags are written lazily, half a minute after an event is found (S-30): who only wants the blocks need not wait for them.
enum class OwedTags : uint8_t { kCount, kLeave };

// What the group does or waits for, in words; empty if it is at rest but for polls and renewals.
// What waits for a calendar of `given_up` does not count.
std::string Unsettled(const LiveGroup& group, absl::Span<const CalendarKey> given_up, OwedTags tags);

Counters TotalCounters(const LiveGroup& group);

// Every invariant between rows, indexes and queues; empty if all hold.
std::string VerifyGroup(const LiveGroup& group);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_HEALTH_H_
