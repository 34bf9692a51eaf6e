#include "tools/replay.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "adapter/trace/recording.h"
#include "adapter/trace/webhook_log.h"
#include "scenarios/recorded_run.h"
#include "scenarios/story.h"
#include "scenarios/webhook_run.h"
#include "tools/files.h"
#include "tools/flags.h"
#include "tools/simulate_report.h"
#include "tools/terminal.h"
#include "tools/trace_file.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kAboutReplay[] =
    "Repeats runs from their traces, and compares them effect by effect with what they were.\n"
    "\n"
    "Examples:\n"
    "  calsync simulate --seed 17 --record seed-17.trace   # makes one\n"
    "  calsync replay seed-17.trace                        # the same run, to the last effect?\n"
    "  calsync replay seed-17.trace --trace                # and every line of it\n"
    "  calsync replay --laws scenarios/regressions/*.trace # whatever the engine does now: do the laws hold?\n"
    "  calsync replay recordings/*.trace                   # what `calsync run --record` wrote\n"
    "  calsync replay --webhooks webhooks.log              # a world in the rhythm of notifications that really came\n"
    "\n"
    "A repetition ends at its first difference, and both sides of it are shown. A trace without lines says only what\n"
    "to do; for it, as with --laws, what counts is that no law is broken.\n"
    "\n"
    "A log of webhooks says when messages came, not what had changed: each stands for a change on its calendar, drawn\n"
    "anew for every seed, and the engine hears of it as late, twice, out of order or not at all as the log says.\n"
    "docs/trace-format.md tells how to make one.\n"
    "\n"
    "Exit code: 0 every run was what its trace says, 1 one was not, or a law was broken that should hold, 2 the command\n"
    "line or a trace is wrong; 130 after Ctrl-C, which ends with the summary of what was done until then.";

struct Replayed {
  std::string path;
  std::optional<adapter::ReplayedRecording> recording;  // If it is one: all that is below is then of no run.
  sim::RecordedRun run;
  adapter::Trace again;
  bool compared = false;  // Effect by effect; else only the laws counted.
  std::optional<sim::Difference> difference;
  absl::Duration took;

  bool IsGood() const {
    if (recording.has_value()) return !recording->difference.has_value();
    return compared ? !difference.has_value() : !run.result.violation.has_value();
  }
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

// A recording of a running CalSync. Errors are of its file.
absl::StatusOr<Replayed> ReplayAgain(const TraceFile& file) {
  const absl::Time began = absl::Now();
  absl::StatusOr<adapter::ReplayedRecording> recording = adapter::ReplayRecording(file.text, file.path);
  if (!recording.ok()) return recording.status();
  Replayed replayed{.path = file.path, .recording = *std::move(recording), .compared = true};
  replayed.took = absl::Now() - began;
  return replayed;
}

std::string InWords(const std::string& path, const adapter::ReplayedRecording& recording, const Terminal& terminal) {
  std::string text;
  if (recording.difference.has_value()) {
    const adapter::RecordingDifference& difference = *recording.difference;
    text = absl::StrCat(
        path, ": ",
        terminal.OnStdout(Colour::kRed, absl::StrCat("differs at step ", Thousands(difference.step), ", ", difference.what)),
        "\n  recorded:  ", difference.recorded, "\n  repeated:  ", difference.repeated, "\n");
  } else {
    text = absl::StrCat(path, ": ", terminal.OnStdout(Colour::kGreen, "the same"), ", ", Thousands(recording.steps), " steps of ",
                        Thousands(recording.starts), recording.starts == 1 ? " engine; " : " engines; ",
                        recording.end.empty() ? "it breaks off there" : recording.end, "\n");
  }
  for (const std::string& mishap : recording.mishaps) absl::StrAppend(&text, "  ", mishap, "\n");
  return text;
}

std::string InWords(const Replayed& replayed, const Terminal& terminal) {
  if (replayed.recording.has_value()) return InWords(replayed.path, *replayed.recording, terminal);
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

std::string InJson(const std::vector<Replayed>& all, size_t wanted) {
  Json json;
  json["interrupted"] = all.size() < wanted;
  json["traces"] = Json::array();
  for (const Replayed& replayed : all) {
    Json one = {{"trace", replayed.path}, {"good", replayed.IsGood()}, {"compared", replayed.compared}};
    one["seconds"] = absl::ToDoubleSeconds(replayed.took);
    if (replayed.recording.has_value()) {
      const adapter::ReplayedRecording& recording = *replayed.recording;
      one["steps"] = recording.steps;
      one["engines"] = recording.starts;
      one["gaps"] = recording.mishaps;
      if (recording.difference.has_value()) {
        one["difference"] = {{"step", recording.difference->step},
                             {"what", recording.difference->what},
                             {"recorded", recording.difference->recorded},
                             {"repeated", recording.difference->repeated}};
      }
      json["traces"].push_back(std::move(one));
      continue;
    }
    one["steps"] = replayed.run.result.counts.steps;
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

// ---- Recorded webhooks ----

struct WebhookRuns {
  uint64_t seeds = 0;
  uint64_t calls = 0;
  uint64_t blocks = 0;
  uint64_t first_failed = 0;  // The seed.
  std::optional<sim::RunResult> failed;
  bool interrupted = false;  // Before all were carried out.
  absl::Duration took;
};

WebhookRuns RunWebhooks(const sim::Rhythm& rhythm, const ReplayOptions& options) {
  const absl::Time began = absl::Now();
  WebhookRuns runs;
  for (; runs.seeds < options.seeds && !runs.failed.has_value() && !WasInterrupted(); ++runs.seeds) {
    const uint64_t seed = options.from + runs.seeds;
    sim::RunResult result = RunRhythm(rhythm, {.seed = seed, .trace = options.trace});
    for (const uint64_t calls : result.counts.calls) runs.calls += calls;
    runs.blocks += result.counts.blocks_created;
    if (options.trace) std::fputs(TraceText(result).c_str(), stdout);
    if (!result.violation.has_value()) continue;
    runs.first_failed = seed;
    runs.failed = options.trace ? std::move(result) : RunRhythm(rhythm, {.seed = seed, .trace = true});
  }
  runs.interrupted = runs.seeds < options.seeds && !runs.failed.has_value();
  runs.took = absl::Now() - began;
  return runs;
}

std::string InWords(const sim::Rhythm& rhythm, const WebhookRuns& runs, const ReplayOptions& options, const Terminal& terminal) {
  std::string text = absl::StrCat("  calendars   ", rhythm.resources.size(), ", by X-Goog-Resource-ID\n", "  length      ",
                                  absl::FormatDuration(rhythm.length), "\n", "  changes     ", Thousands(rhythm.changes), ", ",
                                  Thousands(rhythm.lost), " of them without a message that was taken\n", "  messages    ",
                                  Thousands(rhythm.arrived), " that were taken: ", Thousands(rhythm.again), " again, ",
                                  Thousands(rhythm.overtaken), " overtaken by a later one; ", Thousands(rhythm.first),
                                  " that told of no change\n", "  seeds       ", Thousands(runs.seeds), "; ",
                                  Thousands(runs.blocks), " blocks made, ", Thousands(runs.calls), " calls\n");
  if (runs.interrupted) {
    absl::StrAppend(&text, "Interrupted after ", Thousands(runs.seeds), " of ", Thousands(options.seeds), " seeds.\n");
  }
  if (runs.seeds == 0) return text;
  if (!runs.failed.has_value()) return text + terminal.OnStdout(Colour::kGreen, "No law was broken.") + "\n";
  absl::StrAppend(&text, terminal.OnStdout(Colour::kRed, sim::VerdictOf(*runs.failed)), "\n");
  for (const std::string& line : sim::StoryOf(*runs.failed)) absl::StrAppend(&text, "  ", line, "\n");
  absl::StrAppend(&text, "repeat:  ", Quoted(options.called_as), " replay --webhooks ", Quoted(options.webhooks), " --from ",
                  runs.first_failed, " --seeds 1 --trace\n");
  return text;
}

std::string InJson(const sim::Rhythm& rhythm, const WebhookRuns& runs) {
  nlohmann::ordered_json json = {{"calendars", rhythm.resources.size()},
                                 {"seconds_of_log", absl::ToDoubleSeconds(rhythm.length)},
                                 {"changes", rhythm.changes},
                                 {"lost", rhythm.lost},
                                 {"messages", rhythm.arrived},
                                 {"again", rhythm.again},
                                 {"overtaken", rhythm.overtaken},
                                 {"seeds", runs.seeds},
                                 {"interrupted", runs.interrupted},
                                 {"blocks_created", runs.blocks},
                                 {"calls", runs.calls},
                                 {"seconds", absl::ToDoubleSeconds(runs.took)}};
  json["law"] = runs.failed.has_value() ? nlohmann::ordered_json(std::string(sim::ShortName(runs.failed->violation->law)))
                                        : nlohmann::ordered_json(nullptr);
  if (runs.failed.has_value()) {
    json["seed"] = runs.first_failed;
    json["message"] = sim::MessageOf(*runs.failed);
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int ReplayWebhooks(const ReplayOptions& options, const Terminal& terminal) {
  std::string text;
  if (const int error = ReadFile(options.webhooks, text); error != 0) {
    Complain(absl::StrCat("cannot read the log ", options.webhooks, ": ", std::strerror(error), ". Nothing was run."));
    return kUsage;
  }
  const absl::StatusOr<adapter::WebhookLog> log = adapter::ReadWebhookLog(text, options.webhooks);
  const absl::StatusOr<sim::Rhythm> rhythm = log.ok() ? sim::RhythmOf(log->messages) : log.status();
  if (!rhythm.ok()) {
    const std::string where = log.ok() ? absl::StrCat(options.webhooks, ": ") : "";
    Complain(absl::StrCat(where, rhythm.status().message(), ". Nothing was run; docs/trace-format.md describes such logs."));
    return kUsage;
  }
  const WebhookRuns runs = RunWebhooks(*rhythm, options);
  std::fputs((options.json ? InJson(*rhythm, runs) : InWords(*rhythm, runs, options, terminal)).c_str(), stdout);
  if (!Written("the result")) return kEnvironment;
  if (runs.failed.has_value()) return kLawBroken;
  return runs.interrupted ? kInterrupted : kDone;
}

int Run(const ReplayOptions& options) {
  const Terminal terminal(options.no_color);
  if (options.trace && options.json) {
    Complain("--trace and --json cannot be both: each wants stdout. `calsync replay -h` lists what can be chosen.");
    return kUsage;
  }
  if (options.traces.empty() == options.webhooks.empty()) {
    Complain("either traces or --webhooks FILE says what to replay. `calsync replay -h` has examples.");
    return kUsage;
  }
  CatchInterrupts();
  if (!options.webhooks.empty()) return ReplayWebhooks(options, terminal);
  std::vector<TraceFile> files;
  for (const std::string& path : options.traces) {
    absl::StatusOr<TraceFile> file = LoadTrace(path);
    if (!file.ok()) {
      Complain(
          absl::StrCat(file.status().message(), ". Nothing was run; `calsync simulate --seed S --record FILE` makes a trace."));
      return kUsage;
    }
    if (file->IsRecording() && (options.laws || options.trace)) {
      Complain(absl::StrCat(path, " was recorded from a running CalSync: --laws and --trace are for simulated runs."));
      return kUsage;
    }
    files.push_back(*std::move(file));
  }
  std::vector<Replayed> all;
  bool good = true;
  for (const TraceFile& file : files) {
    if (WasInterrupted()) break;
    if (file.IsRecording()) {
      absl::StatusOr<Replayed> replayed = ReplayAgain(file);
      if (!replayed.ok()) {
        Complain(replayed.status().message());
        return kUsage;
      }
      all.push_back(*std::move(replayed));
    } else {
      all.push_back(Replay(file, options));
    }
    good = good && all.back().IsGood();
    if (options.trace && !file.IsRecording()) std::fputs(TraceText(all.back().run.result).c_str(), stdout);
    if (!options.json) std::fputs(InWords(all.back(), terminal).c_str(), stdout);
  }
  const bool interrupted = all.size() < files.size();
  if (options.json) {
    std::fputs(InJson(all, files.size()).c_str(), stdout);
  } else if (interrupted) {
    absl::PrintF("Interrupted after %d of %d traces.\n", all.size(), files.size());
  }
  if (!Written("the result")) return kEnvironment;
  if (!good) return kLawBroken;
  return interrupted ? kInterrupted : kDone;
}

}  // namespace

void AddReplay(CLI::App& app, ReplayOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("replay", kAboutReplay);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("TRACE", options.traces,
                   "Traces, as `calsync simulate --record`, `calsync shrink` and `calsync run --record` write them.");
  CLI::Option* webhooks =
      verb->add_option("--webhooks", options.webhooks, "A log of notifications that really came, instead of traces.");
  verb->add_option("--seeds", options.seeds, "So many draws of what had changed.")
      ->type_name("N")
      ->check(WholeNumber(1, 1000000000))
      ->needs(webhooks)
      ->capture_default_str();
  verb->add_option("--from", options.from, "The first of them.")
      ->type_name("S")
      ->check(WholeNumber(0, ~uint64_t{0}))
      ->needs(webhooks)
      ->capture_default_str();
  verb->add_flag("--laws", options.laws, "Only whether the laws hold, however the engine gets there.");
  verb->add_flag("--trace", options.trace, "Every line of each run.");
  verb->add_flag("--json", options.json, "The result as one JSON object.");
  verb->add_flag("--no-color", options.no_color, "No colour; NO_COLOR and TERM=dumb say the same.");
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
