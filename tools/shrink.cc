#include "tools/shrink.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "scenarios/recorded_run.h"
#include "scenarios/shrink.h"
#include "scenarios/story.h"
#include "tools/simulate_report.h"
#include "tools/terminal.h"
#include "tools/trace_file.h"

namespace calsync::tools {
namespace {

// A smallest run is told whole, unless it is longer than anybody reads.
constexpr size_t kStoryLinesMax = 60;

constexpr char kAboutShrink[] =
    "Makes a run that breaks a law as small as it gets, and tells its story.\n"
    "\n"
    "Examples:\n"
    "  calsync shrink --seed 13493 -o small.trace          # a failing seed\n"
    "  calsync shrink --seed 1961 --calendars 3 --days 7 --actions 8 -o small.trace\n"
    "  calsync shrink seed-13493.trace -o small.trace      # a recorded run\n"
    "  calsync shrink --seed 13493 --bare -o scenarios/regressions/seed-13493.trace   # as a regression test\n"
    "\n"
    "It makes the run's choices smaller: fewer actions of people, fewer faults, fewer calendars and days, lower numbers; a\n"
    "smaller run counts only if it breaks the same law in the same way. The result is the same every time, unless\n"
    "--seconds or Ctrl-C end it early.\n"
    "\n"
    "Exit code: 0 a smaller run was written, 1 the run breaks no law, 2 the command line or a trace is wrong, 3 the result\n"
    "cannot be written; 130 after Ctrl-C, with the smallest run that was found until then.";

struct Measured {
  sim::RunSize size;
  uint64_t adversities = 0;  // Faults and mishaps that struck.
};

Measured Measure(const sim::RecordedRun& run) {
  Measured measured{.size = sim::SizeOf(run)};
  for (const auto& [kind, count] : run.result.counts.Adversities()) measured.adversities += count;
  return measured;
}

std::string InWords(const Measured& measured) {
  const sim::RunSize& size = measured.size;
  return absl::StrCat(Thousands(static_cast<uint64_t>(size.actions)), " actions, ", Thousands(measured.adversities),
                      " adversities, ", Thousands(size.deviations), " choices that are not benign, ", size.calendars,
                      " calendars, ", size.days, " days, ", Thousands(size.steps), " steps");
}

nlohmann::ordered_json InJson(const Measured& measured) {
  return {{"actions", measured.size.actions},     {"adversities", measured.adversities}, {"choices", measured.size.deviations},
          {"calendars", measured.size.calendars}, {"days", measured.size.days},          {"steps", measured.size.steps}};
}

// The run to make smaller; an empty one, with a sentence on stderr, if there is none.
absl::StatusOr<sim::RecordedRun> FailingRun(const ShrinkOptions& options, std::string& from) {
  if (options.seed.has_value()) {
    absl::Time start = sim::UsualStart();
    if (!ReadStart(options.shape, start)) return absl::InvalidArgumentError("");
    from = absl::StrCat("seed ", *options.seed, FlagsOf(options.shape));
    return sim::Record(RunsOf(options.shape, start), sim::Choices::FromSeed(*options.seed));
  }
  absl::StatusOr<TraceFile> file = LoadTrace(options.trace);
  if (!file.ok()) return file.status();
  if (file->IsRecording()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.trace, " was recorded from a running CalSync: it has no choices to leave out"));
  }
  from = file->trace.header.from;
  return RunAgain(*file, Lines::kNone);
}

int Run(const ShrinkOptions& options) {
  const Terminal terminal(options.no_color);
  if (options.seed.has_value() == !options.trace.empty()) {
    Complain("say which run: a trace, or --seed S. `calsync shrink -h` lists what can be chosen.");
    return kUsage;
  }
  CatchInterrupts();
  std::string from;
  absl::StatusOr<sim::RecordedRun> failing = FailingRun(options, from);
  if (!failing.ok()) {
    if (!failing.status().message().empty()) Complain(absl::StrCat(failing.status().message(), ". Nothing was run."));
    return kUsage;
  }
  if (!failing->result.violation.has_value()) {
    Complain(absl::StrCat("the run breaks no law: there is nothing to look for in a smaller one."));
    return kLawBroken;
  }
  const absl::Time began = absl::Now();
  const Measured before = Measure(*failing);
  absl::Time shown = began;
  sim::Shrunk shrunk = sim::Shrink(*failing, [&](const sim::ShrinkState& state) {
    const absl::Time now = absl::Now();
    if (terminal.shows_progress() && now - shown > absl::Milliseconds(100)) {
      shown = now;
      terminal.Progress(absl::StrCat(Thousands(state.runs), " runs, ", state.pass, ": ", state.size.actions, " actions, ",
                                     Thousands(state.size.deviations), " choices, ", Thousands(state.size.steps), " steps"));
    }
    return state.runs < options.runs && now - began < absl::Seconds(options.seconds) && !WasInterrupted();
  });
  terminal.ClearProgress();
  const absl::Duration took = absl::Now() - began;

  // Once more with its lines: those of the search were never told.
  sim::SimulateOptions traced = shrunk.run.options;
  traced.trace = true;
  const sim::RecordedRun minimal = sim::Record(traced, sim::Choices::FromRecording(shrunk.run.choices));
  const Measured after = Measure(minimal);
  const sim::TraceSize size = options.bare ? sim::TraceSize::kBare : sim::TraceSize::kWhole;
  if (!SaveTrace(options.output, sim::TraceOf(minimal, from, size))) return kEnvironment;
  const std::vector<std::string> story = sim::WholeStoryOf(minimal.result, kStoryLinesMax);
  const std::string repeat = absl::StrCat(Quoted(options.called_as), " replay ", Quoted(options.output), " --trace");

  if (options.json) {
    nlohmann::ordered_json json = {{"law", std::string(sim::ShortName(minimal.result.violation->law))},
                                   {"message", sim::MessageOf(minimal.result)},
                                   {"from", from},
                                   {"before", InJson(before)},
                                   {"after", InJson(after)},
                                   {"runs", shrunk.runs},
                                   {"seconds", absl::ToDoubleSeconds(took)},
                                   {"finished", shrunk.finished},
                                   {"story", story},
                                   {"repeat", repeat}};
    std::fputs((json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n").c_str(), stdout);
  } else {
    absl::PrintF("%s\n", terminal.OnStdout(Colour::kRed, sim::VerdictOf(minimal.result)));
    absl::PrintF("before:  %s\n", InWords(before));
    absl::PrintF("after:   %s\n", InWords(after));
    absl::PrintF("search:  %s runs in %s%s\n", Thousands(shrunk.runs), Lasting(took),
                 shrunk.finished ? "; nothing makes it smaller" : "; ended early, and perhaps it gets smaller still");
    for (size_t i = 0; i < story.size(); ++i) absl::PrintF("%s%s\n", i == 0 ? "story:   " : "         ", story[i]);
    absl::PrintF("repeat:  %s\n", repeat);
  }
  if (!Written("the result")) return kEnvironment;
  return WasInterrupted() && !shrunk.finished ? kInterrupted : kDone;
}

}  // namespace

void AddShrink(CLI::App& app, ShrinkOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("shrink", kAboutShrink);
  verb->set_help_flag("-h,--help", "Help.");
  const std::string which = "Which run";
  CLI::Option* trace = verb->add_option("TRACE", options.trace, "A recorded run.")->group(which);
  verb->add_option("--seed", options.seed, "The run of a seed.")
      ->type_name("S")
      ->check(WholeNumber(0, ~uint64_t{0}))
      ->excludes(trace)
      ->group(which);
  const std::string shape = "What the seed's run is like";
  AddShape(*verb, options.shape, shape);
  for (const char* flag : {"--calendars", "--days", "--actions", "--store", "--wire", "--start", "--no-series", "--no-breaker",
                           "--legacy", "--workers", "--engine", "--first-policy"}) {
    trace->excludes(verb->get_option(flag));
  }
  const std::string result = "The result";
  verb->add_option("-o,--output", options.output, "Where the trace of the smallest run goes.")
      ->type_name("FILE")
      ->required()
      ->group(result);
  verb->add_flag("--bare", options.bare, "Without what comes of it: a regression says what to do, and the laws must hold.")
      ->group(result);
  verb->add_option("--runs", options.runs, "End after so many runs.")
      ->type_name("N")
      ->capture_default_str()
      ->check(WholeNumber(1, 1000000000))
      ->group(result);
  verb->add_option("--seconds", options.seconds, "End after so many seconds.")
      ->type_name("T")
      ->capture_default_str()
      ->check(PositiveSeconds())
      ->group(result);
  verb->add_flag("--json", options.json, "The result as one JSON object.")->group(result);
  verb->add_flag("--no-color", options.no_color, "No colour, no progress; NO_COLOR and TERM=dumb say the same.")->group(result);
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
