// How long the simulated world takes: whole seeds as `calsync simulate` lives through them, an idle month, and a calendar like an
// imported one. Oracles are on, as always.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "scenarios/campaign.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);

uint64_t Calls(const Counts& counts) { return std::accumulate(counts.calls.begin(), counts.calls.end(), uint64_t{0}); }

// 4 calendars, 20 actions of people, 30 days: the defaults of `calsync simulate`. Another seed each time, so a thousand of them
// say more than ten. items_per_second: seeds a second; `calls`: of the engines to Google, in a seed.
void BM_StandardSeeds(benchmark::State& state, const SimulateOptions& options) {
  uint64_t seed = options.from;
  Counts counts;
  for (auto _ : state) {
    const RunResult result = RunSeed(options, seed++);
    CALSYNC_CHECK(!result.violation.has_value());
    counts += result.counts;
  }
  state.SetItemsProcessed(state.iterations());
  const auto average = [&](uint64_t count) {
    return benchmark::Counter(static_cast<double>(count), benchmark::Counter::kAvgIterations);
  };
  state.counters["engine_steps"] = average(counts.engine_steps);
  state.counters["calls"] = average(Calls(counts));
}

// Four calendars with a hundred events each, settled; then nobody does anything for 30 days: what polls and renewals cost.
// items_per_second: steps of the engine a second.
void BM_IdleMonth(benchmark::State& state) {
  World settled(QuietPlan({"work", "home", "club", "client"}, UsualStart()), Choices());
  for (int i = 0; i < 400; ++i) {
    Event event;
    event.summary = absl::StrCat("meeting ", i);
    const absl::Time start = UsualStart() + absl::Hours(24 * 40 + i * 3);
    event.start = EventTime::At(start);
    event.end = EventTime::At(start + absl::Hours(1));
    CALSYNC_CHECK(!settled.Insert(settled.person(), i % 4, std::move(event)).empty());
  }
  CALSYNC_CHECK(settled.Settle());
  uint64_t steps = 0;
  for (auto _ : state) {
    state.PauseTiming();
    World world = settled;
    const uint64_t before = world.counts().engine_steps;
    state.ResumeTiming();
    world.RunFor(kMonth);
    CALSYNC_CHECK(!world.violation().has_value());
    steps += world.counts().engine_steps - before;
  }
  state.SetItemsProcessed(static_cast<int64_t>(steps));
}

// Three calendars as they come from files, with so many events together, and the first day with them: each event is met, tagged
// and gets its blocks. items_per_second: events a second.
void BM_Imported(benchmark::State& state) {
  constexpr size_t kCalendars = 3;
  std::vector<std::vector<Event>> imported(kCalendars);
  for (int64_t i = 0; i < state.range(0); ++i) {
    Event event;
    event.summary = absl::StrCat("session ", i);
    const absl::Time start = UsualStart() + absl::Hours(48) + absl::Minutes(20) * i;
    event.start = EventTime::At(start);
    event.end = EventTime::At(start + absl::Minutes(50));
    imported[static_cast<size_t>(i) % kCalendars].push_back(std::move(event));
  }
  for (auto _ : state) {
    Plan plan = QuietPlan({"work", "workshop", "conferences"}, UsualStart());
    plan.events = imported;
    plan.instances[0].policy.breaker = false;
    World world(std::move(plan), Choices());
    world.RunFor(absl::Hours(24));
    CALSYNC_CHECK(!world.violation().has_value());
    CALSYNC_CHECK(world.counts().blocks_created == static_cast<uint64_t>(state.range(0)) * (kCalendars - 1));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Add(int64_t /*records_max*/) {
  const std::pair<const char*, SimulateOptions> kSeeds[] = {
      {"World/standard_seeds", {}},
      {"World/sqlite_seeds", {.store = StoreKind::kSqlite}},
      {"World/wire_seeds", {.wire = true}},
      {"World/full_fidelity_seeds", {.store = StoreKind::kSqlite, .wire = true}},
  };
  for (const auto& [name, options] : kSeeds) {
    benchmark::RegisterBenchmark(name, [options = options](benchmark::State& state) {
      BM_StandardSeeds(state, options);
    })->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("World/idle_month", BM_IdleMonth)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("World/imported", BM_Imported)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace calsync::sim

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::sim::Add); }
