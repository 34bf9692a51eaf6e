#include "scenarios/campaign.h"

#include <algorithm>
#include <utility>

#include "scenarios/laws/l11_determinism.h"

namespace calsync::sim {
namespace {

absl::Time BeginOf(const SimulateOptions& options) {
  if (options.start.has_value()) return *options.start;
  absl::Time earliest = absl::InfiniteFuture();
  for (const std::vector<Event>& calendar : options.imported) {
    for (const Event& event : calendar) {
      if (event.span().IsValid()) earliest = std::min(earliest, EarliestStart(event.span()));
    }
  }
  if (earliest == absl::InfiniteFuture()) return UsualStart();
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::FromCivil(absl::ToCivilDay(earliest, utc) - 1, utc);
}

}  // namespace

World WorldOf(const SimulateOptions& options, Choices choices) {
  Shape shape = options.shape;
  shape.calendars = std::max(shape.calendars, static_cast<int>(options.imported.size()));
  Plan plan = DrawPlan(choices, shape, BeginOf(options));
  plan.store = options.store;
  plan.wire = options.wire;
  plan.tracing = options.trace;
  plan.thorough = options.thorough;
  plan.witness = options.witness;
  plan.events = options.imported;
  for (size_t i = 0; i < options.imported_names.size() && i < plan.calendars.size(); ++i)
    plan.calendars[i].name = options.imported_names[i];
  plan.knobs.policy.breaker = options.breaker;
  for (InstancePlan& instance : plan.instances) {
    instance.policy.breaker = options.breaker;
    instance.policy.horizon_ahead = std::max(instance.policy.horizon_ahead, options.horizon_min);
  }
  plan.engine = options.engine;
  if (options.engine != EngineKind::kCalsync) plan.workers = 1;
  if (options.first_policy || options.engine != EngineKind::kCalsync) {
    plan.knobs.directions.clear();
    plan.knobs.policy = PolicyOfFirstDesign(plan.knobs.policy);
    plan.knobs.policy_changes = 0;
    for (InstancePlan& instance : plan.instances) {
      instance.directions.clear();
      instance.policy = PolicyOfFirstDesign(instance.policy);
    }
  }
  World world(std::move(plan), std::move(choices));
  world.StopAt(options.until);
  return world;
}

RunResult RunSeed(const SimulateOptions& options, uint64_t seed) {
  RunResult result = WorldOf(options, Choices::FromSeed(seed)).Run();
  if (!options.twice || result.violation.has_value()) return result;
  const RunResult again = WorldOf(options, Choices::FromSeed(seed)).Run();
  if (std::string breach = CheckSameRun(result, again); !breach.empty()) {
    result.violation = Violation{.law = Law::kL11, .message = std::move(breach), .step = result.counts.steps};
  }
  return result;
}

Summary RunSeeds(const SimulateOptions& options) {
  Summary summary;
  for (uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
    const RunResult result = RunSeed(options, seed);
    ++summary.seeds;
    summary.vacuous += result.vacuous ? 1 : 0;
    summary.counts += result.counts;
    summary.settle_longest = std::max(summary.settle_longest, result.settle_time);
    if (!result.violation.has_value()) continue;
    summary.failures.push_back({seed, *result.violation});
    if (++summary.failed >= options.failures_max) break;
  }
  return summary;
}

}  // namespace calsync::sim
