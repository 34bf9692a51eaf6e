// Everything that can happen to a sync group. A new alternative is a new thing to simulate.

#ifndef CALSYNC_ENGINE_HOST_INPUT_H_
#define CALSYNC_ENGINE_HOST_INPUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "engine/api/calls.h"
#include "engine/api/ids.h"
#include "engine/base/strong_id.h"
#include "engine/state/group.h"
#include "engine/state/zones.h"

namespace calsync {

using CallId = StrongNumber<struct CallIdTag>;  // Never used twice, over restarts too.

// The first input of every engine.
struct Started {
  // The store is older than what was once known: its owner epoch is below the one kept beside the configuration, or the operator
  // says so. Cancellations met in the first walk are then not a person's.
  bool restored = false;
  // Zone rules as values. A calendar whose zone is not among them is taken to be always within the hours of a policy.
  std::shared_ptr<const ZoneTable> zones{};
};

enum class ResourceState : uint8_t { kSync, kExists, kNotExists };

// A push message, as it came: nothing about it is proven yet.
struct Notification {
  ChannelId channel;
  std::string token;
  ResourceState state = ResourceState::kExists;
};

// The answer to a call. It may come late, twice, or never.
struct ApiReply {
  CallId call;
  Reply reply;
};

// The time that the last SetTimer named has come. May come early or twice.
struct TimerFired {};

// A word of the operator.
struct Reconfigure {  // The whole new configuration; what differs is carried out.
  GroupConfig config;
};
struct ResumeWrites {};  // Closes the circuit breaker.
struct ConfirmSweep {    // What is absent from this calendar is truly gone.
  CalendarKey calendar;
};
struct WalkAgain {};  // A full walk of every calendar, now.

struct AdoptLegacy {       // Blocks of the system before this one that are for just one event become ours.
  CalendarKey calendar{};  // On this one alone; none: on all.
};
struct SettleLegacy {  // What a text-marked event is.
  enum class As : uint8_t {
    kPersons,  // An event of a person, like any other.
    kBlock,    // A block of the system before this one, for the event that fits, or the one named; it goes if there is none.
  };
  CalendarKey calendar;
  EventId event;
  As as = As::kPersons;
  CalendarKey source_calendar{};  // Of kBlock: the event that it is for, if the operator says so …
  EventId source_event{};         // … and its id; else empty.
};

using OperatorCommand = std::variant<Reconfigure, ResumeWrites, ConfirmSweep, WalkAgain, AdoptLegacy, SettleLegacy>;

using Input = std::variant<Started, Notification, ApiReply, TimerFired, OperatorCommand>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_HOST_INPUT_H_
