// People in Google's own user interface: they make, change and delete their events, and now and then lay hands on our blocks (U).

#ifndef CALSYNC_SCENARIOS_ACTORS_PEOPLE_H_
#define CALSYNC_SCENARIOS_ACTORS_PEOPLE_H_

#include <vector>

#include "scenarios/ghost.h"
#include "scenarios/world.h"

namespace calsync::sim {

// One action, drawn by the weights of the knobs.
void PersonActs(World& world);
// U18: the owner of a calendar chooses another time zone for it.
void PersonChangesZone(World& world);

// One plain action on this calendar: an event is made, changed or deleted.
void PersonActsOn(World& world, int calendar);

// One plain action on events of people alone: for the encore, when all else rests.
void PersonActsQuietly(World& world);

// Live events of a nature, in the order of (calendar, id). `person` -1: of everybody.
std::vector<Spot> LiveEvents(const World& world, Nature nature, int person = -1);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_PEOPLE_H_
