// Exhaustive search of a small scope: two calendars and one event, everything that people may do with it and with its block,
// adversities of many kinds at every place where they may strike, and as many overtakings of what is under way as it allows.
//
// One step of the world is one transition, under each answer to whatever it leaves open (sources/enumerated.h); between two steps
// somebody may act, or what is under way may come in another order. States that were met with as much left to happen are not gone
// on from (state_hash.h). The last overtaking is of something that depends on what it overtakes, as two answers to one engine do;
// of other orders nothing else comes. When nothing more may happen, a way is followed to where it meets another one. Wherever all
// is at rest the laws at rest are checked, once for each state; some ways that met another are followed to their rest all the
// same, since laws remember how it came about. Those of each step are checked always.

#ifndef CALSYNC_SCENARIOS_EXPLORE_H_
#define CALSYNC_SCENARIOS_EXPLORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "scenarios/result.h"
#include "scenarios/world.h"

namespace calsync::sim {

// At most these: what a searcher remembers of a state is a bit for each combination.
inline constexpr int kActionsMax = 4;
inline constexpr int kAdversitiesMax = 3;
inline constexpr int kOvertakingsMax = 2;

struct Scope {
  int actions = 2;        // What people and programs do, the event's coming included.
  int adversities = 1;    // What goes wrong.
  int overtakings = 2;    // How often something under way comes before what would have come earlier.
  bool all_kinds = true;  // Of adversities. Else without those that last for hours, and those that say what others say.
};
// Scope 0 is for every commit. Scope 1 is for every night: nothing overtakes in it but what is late, delayed or sent twice.
Scope ScopeOf(int number);
// How many kinds of adversities there are in it.
int KindsOf(const Scope& scope);

struct Exploration {
  uint64_t states = 0;       // Different ones.
  uint64_t transitions = 0;  // Carried out, also to states that were met.
  uint64_t ends = 0;         // Ways that were followed to their rest, and checked there.
  uint64_t deepest = 0;      // Transitions from the beginning.
  bool complete = true;      // Else it was told to end, or a law was broken.
  std::optional<Violation> violation;
  std::vector<std::string> story;  // The whole way to it.

  void Add(const Exploration& other);  // The first violation stays.
};

// `goes_on` is asked now and then. Two searches of a scope give the same figures.
Exploration Explore(const Scope& scope, const std::function<bool(const Exploration& so_far)>& goes_on);

// --- For several searchers who share the work. Which of them comes to a state first decides what is gone on from, so figures may
// differ a little from those of one.

// The states that were met, and with how much left to happen.
class MetStates {
 public:
  enum class Met : uint8_t { kNever, kWithLess, kBefore };  // kBefore: with as much left, or more.
  virtual ~MetStates() = default;
  // How the state was met so far; it is met now, with so much left.
  virtual Met Meet(absl::uint128 state, const Scope& left);

 private:
  absl::flat_hash_map<absl::uint128, uint64_t> met_;  // A bit for each that may be left. Look-ups only.
};

// What goes on from a state: the next thing happens, something else comes first, or somebody acts; and what is answered to
// whatever that leaves open.
struct Transition {
  enum class Kind : uint8_t { kStep, kOvertake, kAct };
  Kind kind = Kind::kStep;
  size_t which = 0;  // Of what is under way, or of the actions.
  std::vector<uint64_t> said;
};

// Where somebody may go on.
struct ExplorationPart {
  World world;
  Scope left;
  std::vector<Transition> path;  // From the beginning.
};

// Is given what was found since it was given something last; false: that is enough.
using TakesFound = std::function<bool(const Exploration& since)>;

// Searches from the beginning as far as two things happened, and returns what lies behind that.
std::vector<ExplorationPart> SplitExploration(const Scope& scope, MetStates& met, const TakesFound& takes);
void ExplorePart(const Scope& scope, MetStates& met, ExplorationPart part, const TakesFound& takes);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_EXPLORE_H_
