// Exhaustive search of a small scope: two calendars and one event, everything that people may do with it and with its block,
// every kind of adversity at every place where it may strike, in every order of what is under way.
//
// One step of the world is one transition, under each answer to whatever it leaves open (sources/enumerated.h); between two steps
// somebody may act, or what is under way may come in another order. States that were met are not gone on from (state_hash.h).
// Wherever all is at rest, and wherever nothing more may happen but rest, the laws at rest are checked; those of each step
// always.

#ifndef CALSYNC_SCENARIOS_EXPLORE_H_
#define CALSYNC_SCENARIOS_EXPLORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/result.h"

namespace calsync::sim {

struct Scope {
  int actions = 2;      // What people and programs do, the event's coming included.
  int adversities = 1;  // What goes wrong.
  int overtakings = 1;  // How often something under way comes before what would have come earlier.
};
// Scope 0 is for every commit, scope 1 for every night.
Scope ScopeOf(int number);

struct Exploration {
  uint64_t states = 0;       // Different ones.
  uint64_t transitions = 0;  // Carried out, also to states that were met.
  uint64_t ends = 0;         // Checked at rest.
  uint64_t deepest = 0;      // Transitions from the beginning.
  bool complete = false;     // Else it was told to end, or a law was broken.
  std::optional<Violation> violation;
  std::vector<std::string> story;  // The whole way to it.
};

// `goes_on` is asked now and then.
Exploration Explore(const Scope& scope, const std::function<bool(const Exploration& so_far)>& goes_on);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_EXPLORE_H_
