// What actors begin with: a choice, a calendar's person and name, an event as it is now.

#ifndef CALSYNC_SCENARIOS_ACTORS_HANDS_H_
#define CALSYNC_SCENARIOS_ACTORS_HANDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

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

// Somebody is about to do something. It counts (World::Count) once Google has not refused it.
inline void Tell(World& world, int calendar, std::string what) {
  if (world.tracing()) world.Tell(NameOf(world, calendar), std::move(what));
}

// Its person does something to an event. False: Google refuses it.
inline bool Act(World& world, const Spot& spot, const Request& request) {
  return !std::holds_alternative<ApiError>(world.Act(PersonOf(world, spot.calendar), request));
}
inline bool Patch(World& world, const Spot& spot, EventPatch patch) {
  return Act(world, spot, PatchEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .patch = std::move(patch)});
}
inline bool Delete(World& world, const Spot& spot) {
  return Act(world, spot, DeleteEvent{.calendar = world.google_id(spot.calendar), .event = spot.event});
}
inline bool Move(World& world, const Spot& spot, int to) {
  return Act(world, spot,
             MoveEvent{.calendar = world.google_id(spot.calendar), .event = spot.event, .destination = world.google_id(to)});
}
// This and following.
inline bool Split(World& world, const Spot& series, const EventTime& original_start, const EventPatch& change) {
  const Reply reply = world.server().SplitSeries(world.google_id(series.calendar), series.event, original_start, change,
                                                 PersonOf(world, series.calendar), world.now());
  world.Pump();
  return !std::holds_alternative<ApiError>(reply);
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
