#include "tools/disturb.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "scenarios/disturb.h"
#include "tools/files.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

// Broken places of one scenario that are told with their story; the others are only counted.
constexpr size_t kBreachesMax = 2;

constexpr char kAboutDisturb[] =
    "Runs scenarios once more with one thing gone wrong at each place where it can: a crash before or after a commit,\n"
    "between calls or after a reply, a call lost with or without effect, an error before or after it was carried out.\n"
    "\n"
    "Examples:\n"
    "  calsync disturb scenarios/golden/*.scenario\n"
    "  calsync disturb scenarios/golden/insert-lost.scenario --json\n"
    "\n"
    "A scenario's own expectations are not judged; the laws are, at each step and when all has come to rest.\n"
    "\n"
    "Exit code: 0 the laws hold at every place, 1 they do not, 2 the command line or a scenario is wrong; 130 after Ctrl-C,\n"
    "which ends with what was found until then.";

struct Scenario {
  std::string path;
  sim::Script script;
  sim::Disturbed disturbed;
};

struct Sum {
  uint64_t done = 0, in_part = 0;  // Scenarios. Only after Ctrl-C not all were done.
  uint64_t unjudged = 0;
  uint64_t places = 0, broken = 0;
};

void Tell(const Scenario& scenario, const Terminal& terminal) {
  const sim::Disturbed& disturbed = scenario.disturbed;
  if (!disturbed.unjudged.empty()) absl::PrintF("%s: %s; nothing was judged\n", scenario.path, disturbed.unjudged);
  if (disturbed.broken.empty()) return;
  absl::PrintF(
      "%s: %s\n", scenario.path,
      terminal.OnStdout(Colour::kRed, absl::StrCat(disturbed.broken.size(), " of ", disturbed.places, " places break a law")));
  size_t told = 0;
  for (const sim::DisturbedPlace& place : disturbed.broken) {
    if (told++ == kBreachesMax) break;
    absl::PrintF("  %s, the %d. time%s: %s\n", sim::Name(place.disturbance), place.nth + 1,
                 place.instance == 0 ? "" : absl::StrCat(" of engine ", place.instance + 1), place.run.broken);
    for (const std::string& line : place.run.story) absl::PrintF("    %s\n", line);
  }
}

std::string InJson(const std::vector<Scenario>& all, const Sum& sum, absl::Duration took) {
  Json json;
  json["seconds"] = absl::ToDoubleSeconds(took);
  json["interrupted"] = sum.done < all.size();
  json["scenarios"] = Json::array();
  for (const Scenario& scenario : all) {
    Json broken = Json::array();
    for (const sim::DisturbedPlace& place : scenario.disturbed.broken) {
      broken.push_back({{"disturbance", std::string(sim::Name(place.disturbance))},
                        {"instance", place.instance},
                        {"nth", place.nth},
                        {"broken", place.run.broken},
                        {"story", place.run.story}});
    }
    json["scenarios"].push_back({{"scenario", scenario.path},
                                 {"reach", std::string(sim::Name(scenario.disturbed.reach))},
                                 {"judged", scenario.disturbed.judged()},
                                 {"unjudged", scenario.disturbed.unjudged},
                                 {"places", scenario.disturbed.places},
                                 {"broken", std::move(broken)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int Run(const DisturbOptions& options) {
  const Terminal terminal(options.no_color);
  std::vector<Scenario> all;
  for (const std::string& path : options.scenarios) {
    std::string text;
    if (const int error = ReadFile(path, text); error != 0) {
      Complain(absl::StrCat("cannot read the scenario ", path, ": ", std::strerror(error), ". Nothing was run."));
      return kUsage;
    }
    absl::StatusOr<sim::Script> script = sim::ParseScript(text, path);
    if (!script.ok()) {
      Complain(script.status().message());
      return kUsage;
    }
    all.push_back({.path = path, .script = *std::move(script)});
  }
  CatchInterrupts();
  const absl::Time began = absl::Now();
  Sum sum;
  for (Scenario& scenario : all) {
    if (terminal.shows_progress()) {
      terminal.Progress(
          absl::StrCat(sum.done, " of ", all.size(), " scenarios, ", Thousands(sum.places), " places: ", scenario.path));
    }
    scenario.disturbed = sim::DisturbEverywhere(scenario.script, [] { return !WasInterrupted(); });
    terminal.ClearProgress();
    if (scenario.disturbed.reach == sim::Reach::kNowhere) break;
    sum.done += scenario.disturbed.reach == sim::Reach::kWhole ? 1 : 0;
    sum.in_part += scenario.disturbed.reach == sim::Reach::kInPart ? 1 : 0;
    sum.places += scenario.disturbed.places;
    sum.broken += scenario.disturbed.broken.size();
    sum.unjudged += scenario.disturbed.judged() ? 0 : 1;
    if (!options.json) Tell(scenario, terminal);
    std::fflush(stdout);  // Minutes may pass until the next one, also where it is a pipe.
  }
  const absl::Duration took = absl::Now() - began;
  if (options.json) {
    std::fputs(InJson(all, sum, took).c_str(), stdout);
  } else {
    if (sum.done < all.size()) {
      absl::PrintF("Interrupted after %d of %d scenarios%s.\n", sum.done, all.size(),
                   sum.in_part > 0 ? " and a part of one" : "");
    }
    absl::PrintF("%d scenarios, %s places, %s of them break a law; %d scenarios not judged; %s\n", sum.done + sum.in_part,
                 Thousands(sum.places), Thousands(sum.broken), sum.unjudged, Lasting(took));
  }
  if (!Written("the result")) return kEnvironment;
  if (sum.broken > 0) return kLawBroken;
  return sum.done < all.size() ? kInterrupted : kDone;
}

}  // namespace

void AddDisturb(CLI::App& app, DisturbOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("disturb", kAboutDisturb);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("SCENARIO", options.scenarios, "Files of the scenario language.")->required();
  verb->add_flag("--json", options.json, "The result as one JSON object.");
  verb->add_flag("--no-color", options.no_color, "No colour, no progress; NO_COLOR and TERM=dumb say the same.");
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
