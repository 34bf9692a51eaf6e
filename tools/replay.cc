#include "tools/replay.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "scenarios/recorded_run.h"
#include "scenarios/story.h"
#include "tools/simulate_report.h"
#include "tools/terminal.h"
#include "tools/trace_file.h"

namespace calsync::tools {
namespace {

constexpr char kAbout[] =
    "Repeats runs from their traces, and compares them effect by effect with what they were.\n"
    "\n"
    "Examples:\n"
    "  calsync simulate --seed 17 --record seed-17.trace   # makes one\n"
    "  calsync replay seed-17.trace                        # the same run, to the last effect?\n"
    "  calsync replay seed-17.trace --trace                # and every line of it\n"
    "  calsync replay --laws scenarios/regressions/*.trace # whatever the engine does now: do the laws hold?\n"
    "\n"
    "A repetition ends at its first difference, and both sides of it are shown. A trace without lines says only what\n"
    "to do; for it, as with --laws, what counts is that no law is broken.\n"
    "\n"
    "Exit code: 0 every run was what its trace says, 1 one was not, or a law was broken that should hold, 2 the command\n"
    "line or a trace is wrong.";

struct Replayed {
  std::string path;
  sim::RecordedRun run;
  adapter::Trace again;
  bool compared = false;  // Effect by effect; else only the laws counted.
  std::optional<sim::Difference> difference;
  absl::Duration took;

  bool IsGood() const { return compared ? !difference.has_value() : !run.result.violation.has_value(); }
};

Replayed Replay(const TraceFile& file, const ReplayOptions& options) {
  const absl::Time began = absl::Now();
  const bool bare = file.trace.lines.empty() && !file.trace.end.has_value();
  Replayed replayed{.path = file.path, .compared = !bare && !options.laws};
  replayed.run = RunAgain(file, replayed.compared || options.trace ? Lines::kAll : Lines::kNone);
  if (replayed.compared) {
    replayed.again = sim::TraceOf(replayed.run, file.trace.header.from, sim::TraceSize::kWhole);
    replayed.difference = sim::FirstDifference(file.trace, replayed.again);
  }
  replayed.took = absl::Now() - began;
  return replayed;
}

std::string InWords(const Replayed& replayed, const Terminal& terminal) {
  const std::string verdict = sim::VerdictOf(replayed.run.result);
  const std::string steps = absl::StrCat(Thousands(replayed.run.result.counts.steps), " steps");
  if (!replayed.compared) {
    const Colour colour = replayed.IsGood() ? Colour::kGreen : Colour::kRed;
    return absl::StrCat(replayed.path, ": ", steps, "; ", terminal.OnStdout(colour, verdict), "\n");
  }
  if (!replayed.difference.has_value()) {
    return absl::StrCat(replayed.path, ": ", terminal.OnStdout(Colour::kGreen, "the same"), ", ", steps, "; ", verdict, "\n");
  }
  const sim::Difference& difference = *replayed.difference;
  return absl::StrCat(replayed.path, ": ",
                      terminal.OnStdout(Colour::kRed, absl::StrCat("differs after ", Thousands(difference.line), " lines")),
                      "\n  recorded:  ", difference.recorded, "\n  repeated:  ", difference.repeated, "\n");
}

std::string InJson(const std::vector<Replayed>& all) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["traces"] = Json::array();
  for (const Replayed& replayed : all) {
    Json one = {{"trace", replayed.path}, {"good", replayed.IsGood()}, {"compared", replayed.compared}};
    one["steps"] = replayed.run.result.counts.steps;
    one["seconds"] = absl::ToDoubleSeconds(replayed.took);
    const std::optional<sim::Violation>& broken = replayed.run.result.violation;
    one["law"] = broken.has_value() ? Json(std::string(sim::ShortName(broken->law))) : Json(nullptr);
    if (broken.has_value()) one["message"] = sim::MessageOf(replayed.run.result);
    if (replayed.difference.has_value()) {
      one["difference"] = {{"after_lines", replayed.difference->line},
                           {"step", replayed.difference->step},
                           {"recorded", replayed.difference->recorded},
                           {"repeated", replayed.difference->repeated}};
    }
    json["traces"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int Run(const ReplayOptions& options) {
  const Terminal terminal(options.no_color);
  if (options.trace && options.json) {
    Complain("--trace and --json cannot be both: each wants stdout. `calsync replay -h` lists what can be chosen.");
    return kUsage;
  }
  std::vector<TraceFile> files;
  for (const std::string& path : options.traces) {
    absl::StatusOr<TraceFile> file = LoadTrace(path);
    if (!file.ok()) {
      Complain(
          absl::StrCat(file.status().message(), ". Nothing was run; `calsync simulate --seed S --record FILE` makes a trace."));
      return kUsage;
    }
    files.push_back(*std::move(file));
  }
  std::vector<Replayed> all;
  bool good = true;
  for (const TraceFile& file : files) {
    all.push_back(Replay(file, options));
    good = good && all.back().IsGood();
    if (options.trace) std::fputs(TraceText(all.back().run.result).c_str(), stdout);
    if (!options.json) std::fputs(InWords(all.back(), terminal).c_str(), stdout);
  }
  if (options.json) std::fputs(InJson(all).c_str(), stdout);
  if (!Written("the result")) return kEnvironment;
  return good ? kDone : kLawBroken;
}

}  // namespace

void AddReplay(CLI::App& app, ReplayOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("replay", kAbout);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("TRACE", options.traces, "Traces, as `calsync simulate --record` and `calsync shrink` write them.")
      ->required();
  verb->add_flag("--laws", options.laws, "Only whether the laws hold, however the engine gets there.");
  verb->add_flag("--trace", options.trace, "Every line of each run.");
  verb->add_flag("--json", options.json, "The result as one JSON object.");
  verb->add_flag("--no-color", options.no_color, "No colour; NO_COLOR and TERM=dumb say the same.");
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
