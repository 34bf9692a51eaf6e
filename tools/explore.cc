#include "tools/explore.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "scenarios/explore.h"
#include "scenarios/explore_actions.h"
#include "tools/flags.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutExplore[] =
    "Searches a small scope exhaustively: two calendars, one event, everything that people may do with it and with its\n"
    "block, adversities of many kinds at every place, and as many overtakings of what is under way as the scope allows.\n"
    "All laws are checked.\n"
    "\n"
    "Examples:\n"
    "  calsync explore                          # scope 0: two actions, one adversity, two overtakings; some seconds\n"
    "  calsync explore --scope 1                # three actions, two adversities of 25 kinds, all in their time; minutes\n"
    "  calsync explore --adversities 2          # scope 0, with one adversity more\n"
    "\n"
    "States that were met are not gone on from; what counts as the same state is in scenarios/state_hash.h.\n"
    "\n"
    "Exit code: 0 no law was broken, 1 one was, or the search did not come to its end, 2 the command line is wrong;\n"
    "130 after Ctrl-C.";

std::string Counted(const sim::Exploration& found) {
  return absl::StrCat(Thousands(found.states), " states, ", Thousands(found.transitions), " transitions, ", Thousands(found.ends),
                      " checked at rest");
}

// What several threads meet.
class SharedStates : public sim::MetStates {
 public:
  Met Meet(absl::uint128 state, const sim::Scope& left) override {
    Shard& shard = shards_[absl::Uint128Low64(state) % std::size(shards_)];
    const std::lock_guard lock(shard.mutex);
    return shard.met.Meet(state, left);
  }

 private:
  struct Shard {
    std::mutex mutex;
    sim::MetStates met;
  };
  Shard shards_[64];
};

// On so many threads.
sim::Exploration Explore(const sim::Scope& scope, int jobs, const std::function<bool(const sim::Exploration&)>& goes_on) {
  if (jobs == 1) return sim::Explore(scope, goes_on);
  std::mutex mutex;
  sim::Exploration all;
  std::atomic<bool> goes = true;
  const sim::TakesFound takes = [&](const sim::Exploration& since) {
    const std::lock_guard lock(mutex);
    all.Add(since);
    all.complete = all.complete && goes_on(all);
    goes = all.complete;
    return all.complete;
  };
  SharedStates met;
  std::vector<sim::ExplorationPart> parts = sim::SplitExploration(scope, met, takes);
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < jobs; ++i) {
    threads.emplace_back([&] {
      for (size_t part = next++; goes && part < parts.size(); part = next++) {
        sim::ExplorePart(scope, met, std::move(parts[part]), takes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return all;
}

int Run(const ExploreOptions& options) {
  const Terminal terminal(options.no_color);
  sim::Scope scope = sim::ScopeOf(options.scope);
  if (options.actions.has_value()) scope.actions = *options.actions;
  if (options.adversities.has_value()) scope.adversities = *options.adversities;
  if (options.overtakings.has_value()) scope.overtakings = *options.overtakings;
  if (options.all_kinds) scope.all_kinds = true;
  CatchInterrupts();
  const absl::Time began = absl::Now();
  absl::Time shown = began;
  const int jobs = options.jobs.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  const sim::Exploration found = Explore(scope, jobs, [&](const sim::Exploration& so_far) {
    const absl::Time now = absl::Now();
    if (terminal.shows_progress() && now - shown > absl::Milliseconds(200)) {
      shown = now;
      terminal.Progress(Counted(so_far));
    }
    return now - began < absl::Seconds(options.seconds) && !WasInterrupted();
  });
  terminal.ClearProgress();
  const absl::Duration took = absl::Now() - began;

  if (options.json) {
    nlohmann::ordered_json json = {{"actions", scope.actions},
                                   {"adversities", scope.adversities},
                                   {"overtakings", scope.overtakings},
                                   {"kinds", sim::KindsOf(scope)},
                                   {"jobs", jobs},
                                   {"complete", found.complete},
                                   {"states", found.states},
                                   {"transitions", found.transitions},
                                   {"ends", found.ends},
                                   {"deepest", found.deepest},
                                   {"seconds", absl::ToDoubleSeconds(took)}};
    if (found.violation.has_value()) {
      json["law"] = std::string(sim::ShortName(found.violation->law));
      json["message"] = found.violation->message;
      json["story"] = found.story;
    }
    std::fputs((json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n").c_str(), stdout);
  } else {
    absl::PrintF("  scope       %d actions of %d kinds, %d adversities of %d kinds, %d overtakings\n", scope.actions,
                 static_cast<int>(sim::kExploredActions), scope.adversities, sim::KindsOf(scope), scope.overtakings);
    absl::PrintF("  met         %s; the longest way has %s\n", Counted(found), Thousands(found.deepest));
    absl::PrintF("  time        %s\n", Lasting(took));
    if (found.violation.has_value()) {
      absl::PrintF(
          "%s\n", terminal.OnStdout(Colour::kRed, absl::StrCat(sim::ShortName(found.violation->law), " ",
                                                               sim::Name(found.violation->law), ": ", found.violation->message)));
      for (size_t i = 0; i < found.story.size(); ++i) absl::PrintF("%s%s\n", i == 0 ? "story:   " : "         ", found.story[i]);
    } else if (found.complete) {
      absl::PrintF("%s\n", terminal.OnStdout(Colour::kGreen, "Complete: no law was broken anywhere in the scope."));
    } else {
      absl::PrintF("Not complete: it ended early. No law was broken where it came.\n");
    }
  }
  if (!Written("the result")) return kEnvironment;
  if (found.violation.has_value()) return kLawBroken;
  if (WasInterrupted()) return kInterrupted;
  return found.complete ? kDone : kLawBroken;
}

}  // namespace

void AddExplore(CLI::App& app, ExploreOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("explore", kAboutExplore);
  verb->set_help_flag("-h,--help", "Help.");
  const auto count = [&](const char* flag, auto& option, const char* about, uint64_t most) {
    return verb->add_option(flag, option, about)->type_name("N")->check(WholeNumber(0, most));
  };
  count("--scope", options.scope, "0: two actions, one adversity, two overtakings; 1: three, two and none.", 1)
      ->capture_default_str();
  count("--actions", options.actions, "So many actions instead, the event's coming included.", sim::kActionsMax);
  count("--adversities", options.adversities, "So many adversities instead.", sim::kAdversitiesMax);
  count("--overtakings", options.overtakings, "How often something under way may come before what would have come earlier.",
        sim::kOvertakingsMax);
  verb->add_flag("--all-kinds", options.all_kinds, "Adversities of all kinds, as in scope 0.");
  verb->add_option("--jobs", options.jobs, "Threads; else one for each core.")->type_name("J")->check(WholeNumber(1, 256));
  verb->add_option("--seconds", options.seconds, "End after so many seconds, complete or not.")
      ->type_name("T")
      ->capture_default_str()
      ->check(PositiveSeconds());
  verb->add_flag("--json", options.json, "The result as one JSON object.");
  verb->add_flag("--no-color", options.no_color, "No colour, no progress; NO_COLOR and TERM=dumb say the same.");
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
