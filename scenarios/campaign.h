// Many seeds, one after the other or on several threads: worlds are independent values.

#ifndef CALSYNC_SCENARIOS_CAMPAIGN_H_
#define CALSYNC_SCENARIOS_CAMPAIGN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "scenarios/knobs.h"
#include "scenarios/result.h"
#include "scenarios/world.h"

namespace calsync::sim {

struct SimulateOptions {
  uint64_t from = 1;      // The first seed …
  uint64_t seeds = 1000;  // … and how many.
  Shape shape;
  StoreKind store = StoreKind::kMemory;
  bool wire = false;  // See Plan.
  EngineKind engine = EngineKind::kCalsync;
  // The policy of the first design, for all directions: what baselines need, and whatever is compared with them.
  bool first_policy = false;
  // What people have on their calendars when it begins, by calendar; shape.calendars is raised to their number.
  std::vector<std::vector<Event>> imported;
  std::vector<std::string> imported_names;            // Of those calendars; empty: the usual names.
  std::optional<absl::Time> start;                    // Nothing: the day before the earliest imported event, or UsualStart().
  absl::Duration horizon_min = absl::ZeroDuration();  // Whatever a policy draws, it looks so far ahead: to what was imported.
  uint64_t until = ~uint64_t{0};                      // Each seed up to this step, and to what is judged after it.
  bool trace = false;                                 // Keep the trace (a single seed).
  bool breaker = true;                                // Off: the laws must hold without it as well.
  bool thorough = false;                              // The engines' own invariants at every step.
  bool twice = false;                                 // Each seed twice (L11).
  std::shared_ptr<EngineWitness> witness{};           // Of every engine; null: nobody listens.
  uint64_t failures_max = 10;                         // Stop after so many failing seeds.
};

struct FailedSeed {
  uint64_t seed = 0;
  Violation violation;
};

struct Summary {
  uint64_t seeds = 0;
  uint64_t failed = 0;
  uint64_t vacuous = 0;
  Counts counts;
  absl::Duration settle_longest = absl::ZeroDuration();
  std::vector<FailedSeed> failures;  // In the order of the seeds, at most failures_max.
};

// One seed.
RunResult RunSeed(const SimulateOptions& options, uint64_t seed);
// The world of a seed, before anything happens in it.
World WorldOf(const SimulateOptions& options, Choices choices);
// All of them, one after the other.
Summary RunSeeds(const SimulateOptions& options);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_CAMPAIGN_H_
