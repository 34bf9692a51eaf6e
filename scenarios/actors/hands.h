// What actors begin with: a choice, a calendar's person and name, an event as it is now.

#ifndef CALSYNC_SCENARIOS_ACTORS_HANDS_H_
#define CALSYNC_SCENARIOS_ACTORS_HANDS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "scenarios/world.h"

namespace calsync::sim {

// One of people, of programs and of the administrator. Mishaps and the old system choose from streams of their own.
inline uint64_t Draw(World& world, uint64_t bound, absl::string_view label) {
  return world.choices().Choose(Stream::kPeople, bound, label);
}

// Whose calendar it is.
inline fake::ActorId PersonOf(const World& world, int calendar) {
  return world.person(world.plan().calendars[static_cast<size_t>(calendar)].person);
}

inline const std::string& NameOf(const World& world, int calendar) {
  return world.plan().calendars[static_cast<size_t>(calendar)].name;
}

// As traces call the event; empty if nobody reads one.
inline std::string ShortName(const World& world, const Spot& spot) {
  return world.tracing() ? world.NameOf(world.google_id(spot.calendar), spot.event) : std::string();
}

// REQUIRES: Google holds it.
inline const Event& EventAt(const World& world, const Spot& spot) {
  return **world.server().Find(world.google_id(spot.calendar), spot.event);
}

// Its person changes or deletes it.
inline void Patch(World& world, const Spot& spot, EventPatch patch) {
  world.Act(PersonOf(world, spot.calendar),
            PatchEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .patch = std::move(patch)});
}
inline void Delete(World& world, const Spot& spot) {
  world.Act(PersonOf(world, spot.calendar), DeleteEvent{.calendar = world.google_id(spot.calendar), .event = spot.event});
}

// So many seconds later, or days if it is all-day.
inline EventPatch Shifted(const TimeSpan& span, int64_t by) {
  EventPatch patch;
  patch.start = StartOf({span.start + by, span.end + by, span.all_day});
  patch.end = EndOf({span.start + by, span.end + by, span.all_day});
  return patch;
}

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_HANDS_H_
