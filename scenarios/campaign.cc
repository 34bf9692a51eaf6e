#include "scenarios/campaign.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "scenarios/laws/l11_determinism.h"

namespace calsync::sim {
namespace {

// A failed check of the engine ends the process; the last words must name the seed.
thread_local uint64_t current_seed = 0;

void NameTheSeed(int) {
  char line[64];
  const int length = std::snprintf(line, sizeof(line), "in seed %llu\n", static_cast<unsigned long long>(current_seed));
  if (length > 0) std::fwrite(line, 1, static_cast<size_t>(length), stderr);
  std::signal(SIGABRT, SIG_DFL);
}

absl::Time StartOf(const SimulateOptions& options) {
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
  Plan plan = DrawPlan(choices, shape, StartOf(options));
  plan.store = options.store;
  plan.tracing = options.trace;
  plan.thorough = options.thorough;
  plan.events = options.imported;
  for (size_t i = 0; i < options.imported_names.size() && i < plan.calendars.size(); ++i) plan.calendars[i].name = options.imported_names[i];
  for (InstancePlan& instance : plan.instances) instance.policy.breaker = options.breaker;
  World world(std::move(plan), std::move(choices));
  world.StopAt(options.until);
  return world;
}

RunResult RunSeed(const SimulateOptions& options, uint64_t seed) {
  current_seed = seed;
  RunResult result = WorldOf(options, Choices::FromSeed(seed)).Run();
  if (!options.twice || result.violation.has_value()) return result;
  const RunResult again = WorldOf(options, Choices::FromSeed(seed)).Run();
  if (std::string breach = CheckSameRun(result, again); !breach.empty()) {
    result.violation = Violation{.law = Law::kL11, .message = std::move(breach), .step = result.counts.steps};
  }
  return result;
}

Summary RunSeeds(const SimulateOptions& options, const std::function<void(const Summary&)>& progress) {
  const auto began = std::chrono::steady_clock::now();
  const auto since = [began] { return absl::FromChrono(std::chrono::steady_clock::now() - began); };
  using Handler = void (*)(int);
  const Handler before = std::signal(SIGABRT, NameTheSeed);
  Summary summary;
  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> enough{false};

  const auto work = [&](bool reports) {
    auto last_report = std::chrono::steady_clock::now();
    Summary mine;
    const auto hand_in = [&] {
      const std::lock_guard<std::mutex> lock(mutex);
      summary.seeds += mine.seeds;
      summary.failed += mine.failed;
      summary.vacuous += mine.vacuous;
      summary.counts += mine.counts;
      summary.simulated += mine.simulated;
      summary.settle_longest = std::max(summary.settle_longest, mine.settle_longest);
      for (FailedSeed& failure : mine.failures) summary.failures.push_back(std::move(failure));
      summary.took = since();
      if (summary.failed >= options.failures_max) enough = true;
      mine = Summary();
    };
    for (uint64_t i = next++; i < options.seeds && !enough; i = next++) {
      const uint64_t seed = options.from + i;
      const RunResult result = RunSeed(options, seed);
      ++mine.seeds;
      mine.vacuous += result.vacuous ? 1 : 0;
      mine.counts += result.counts;
      mine.simulated += result.simulated;
      mine.settle_longest = std::max(mine.settle_longest, result.settle_time);
      if (result.violation.has_value()) {
        ++mine.failed;
        mine.failures.push_back({seed, *result.violation});
      }
      const auto now = std::chrono::steady_clock::now();
      if (!mine.failures.empty() || now - last_report > std::chrono::milliseconds(200)) {
        last_report = now;
        hand_in();
        if (reports && progress) {
          const std::lock_guard<std::mutex> lock(mutex);
          progress(summary);
        }
      }
    }
    hand_in();
  };

  std::vector<std::thread> others;
  for (int i = 1; i < options.jobs; ++i) others.emplace_back(work, false);
  work(true);
  for (std::thread& other : others) other.join();
  std::signal(SIGABRT, before);

  std::sort(summary.failures.begin(), summary.failures.end(), [](const FailedSeed& a, const FailedSeed& b) { return a.seed < b.seed; });
  if (summary.failures.size() > options.failures_max) summary.failures.resize(options.failures_max);
  summary.took = since();
  return summary;
}

}  // namespace calsync::sim
