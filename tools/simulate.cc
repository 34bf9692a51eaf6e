#include "tools/simulate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "scenarios/campaign.h"
#include "scenarios/choices.h"
#include "scenarios/recorded_run.h"
#include "scenarios/run_hash.h"
#include "scenarios/story.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"
#include "tools/flags.h"
#include "tools/imports.h"
#include "tools/scenario_file.h"
#include "tools/simulate_report.h"
#include "tools/terminal.h"
#include "tools/trace_file.h"

namespace calsync::tools {
namespace {

constexpr uint64_t kSeedMax = ~uint64_t{0};
// Failing seeds that are run again for their story; the others are only counted.
constexpr size_t kStoriesMax = 3;
// A longer run is not run again by itself: with its trace it takes many times as long.
constexpr uint64_t kStoryStepsMax = 20000;

constexpr char kAboutSimulate[] =
    "Runs the engine through simulated weeks of people, races and failures, and checks every law.\n"
    "\n"
    "Examples:\n"
    "  calsync simulate                                  # 1,000 seeds, all families of faults\n"
    "  calsync simulate --seeds 20000 --jobs 2\n"
    "  calsync simulate --seed 918273645 --trace         # one seed, every line of it\n"
    "  calsync simulate --seed 17 --record 17.trace      # the whole run as a file, for `calsync replay`\n"
    "  calsync simulate --import work.ics --import home.ics --seeds 50\n"
    "  calsync simulate --scenario scenarios/golden/late-notification.scenario\n"
    "  calsync simulate --seeds 200 --json | jq .laws\n"
    "\n"
    "Exit code: 0 no law was broken, 1 one was, 2 the command line or a file is wrong, 3 the machine is;\n"
    "130 after Ctrl-C, which ends with the summary of what was done until then.";

// Everything that shapes a run but its seed.
struct Setting {
  sim::SimulateOptions options;
  Imports imports;
};

// A failed check of ours ends the process; its last words name the seed, and the command that runs it again.
thread_local uint64_t seed_of_thread = 0;
char words_before_seed[1024] = "";
char words_after_seed[4096] = "";

void NameTheSeed(int) {
  std::fprintf(stderr,
               "calsync: the check above is the engine's own; it failed in seed %llu, and ended everything.\nrepeat:  %s%llu%s\n",
               static_cast<unsigned long long>(seed_of_thread), words_before_seed,
               static_cast<unsigned long long>(seed_of_thread), words_after_seed);
  std::_Exit(kLawBroken);
}

enum class Tracing : uint8_t { kOff, kOn };

sim::RunResult RunSeed(uint64_t seed, const Setting& setting, Tracing tracing, sim::Coverage* coverage = nullptr) {
  seed_of_thread = seed;
  sim::SimulateOptions options = setting.options;
  options.trace = tracing == Tracing::kOn;
  sim::World world = sim::WorldOf(options, sim::Choices::FromSeed(seed));
  if (options.trace) world.StopWhen(WasInterrupted);  // What was told until then is worth having; a part of a sum is not.
  if (coverage == nullptr) return world.Run();
  sim::Watcher watcher(*coverage);
  world.SetWatcher(&watcher);
  return world.Run();
}

// The flags that shape a run, its seed apart.
std::string ShapeFlags(const SimulateOptions& options) {
  std::string text = FlagsOf(options.shape);
  for (const std::string& path : options.imports) absl::StrAppend(&text, " --import ", Quoted(path));
  return text;
}

// The command line that runs one seed again, up to the step at which it broke a law.
std::string RepeatCommand(const SimulateOptions& options, uint64_t seed, const sim::Violation& violation) {
  return absl::StrCat(Quoted(options.called_as), " simulate --seed ", seed, ShapeFlags(options), " --until ", violation.step,
                      " --trace");
}

// Must come before the first run.
void PrepareToNameTheSeed(const SimulateOptions& options) {
  absl::SNPrintF(words_before_seed, sizeof(words_before_seed), "%s simulate --seed ", Quoted(options.called_as));
  absl::SNPrintF(words_after_seed, sizeof(words_after_seed), "%s --trace", ShapeFlags(options));
  std::signal(SIGABRT, NameTheSeed);
}

// Runs the seeds on several threads; results are taken in whatever order, the summary is the same in any.
class Campaign {
 public:
  Campaign(const SimulateOptions& options, const Setting& setting, const Terminal& terminal)
      : options_(options), setting_(setting), terminal_(terminal) {
    first_ = options.seed.value_or(options.from);
    summary_.wanted = options.seed.has_value() ? 1 : options.seeds;
  }

  Summary Run() {
    const absl::Time began = absl::Now();
    const uint64_t jobs = std::min<uint64_t>(Jobs(), summary_.wanted);
    std::vector<std::thread> workers;
    for (uint64_t i = 0; i < jobs; ++i) workers.emplace_back([this] { Work(); });
    while (running_seeds_.load() < summary_.wanted && !IsOver() && !AllDone()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(terminal_.shows_progress() ? 100 : 20));
      ShowProgress(began);
      if (options_.seconds.has_value() && absl::Now() - began >= absl::Seconds(*options_.seconds)) enough_ = true;
    }
    for (std::thread& worker : workers) worker.join();
    terminal_.ClearProgress();
    summary_.took = absl::Now() - began;
    summary_.interrupted = WasInterrupted() && summary_.seeds < summary_.wanted;
    summary_.stopped = enough_.load() && summary_.seeds < summary_.wanted;
    HashAll();
    TellStories();
    return std::move(summary_);
  }

 private:
  uint64_t Jobs() const {
    if (options_.jobs > 0) return static_cast<uint64_t>(options_.jobs);
    return std::max(1u, std::thread::hardware_concurrency());
  }

  // No further seed is begun.
  bool IsOver() const { return WasInterrupted() || enough_.load(); }

  bool AllDone() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return summary_.seeds >= summary_.wanted;
  }

  void Work() {
    std::optional<sim::Coverage> coverage;
    if (options_.coverage) coverage.emplace();
    while (!IsOver()) {
      const uint64_t index = running_seeds_.fetch_add(1);
      if (index >= summary_.wanted) break;
      Take(first_ + index, RunSeed(first_ + index, setting_, Tracing::kOff, coverage.has_value() ? &*coverage : nullptr));
    }
    if (!coverage.has_value()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!summary_.coverage.has_value()) summary_.coverage.emplace();
    *summary_.coverage += *coverage;
  }

  void Take(uint64_t seed, sim::RunResult result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++summary_.seeds;
    if (result.vacuous) ++summary_.vacuous;
    summary_.counts += result.counts;
    summary_.simulated += result.simulated;
    summary_.longest_settling = std::max(summary_.longest_settling, result.settle_time);
    hashes_[seed] = result.hash;
    if (!result.violation.has_value()) return;
    ++summary_.broken[static_cast<size_t>(result.violation->law)];
    if (options_.until_failure == "any" || options_.until_failure == sim::ShortName(result.violation->law)) enough_ = true;
    violations_.emplace(seed, *std::move(result.violation));
  }

  void ShowProgress(absl::Time began) {
    if (!terminal_.shows_progress()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
    terminal_.Progress(absl::StrCat(
        Thousands(summary_.seeds), " of ", Thousands(summary_.wanted), " seeds, ",
        violations_.empty() ? "no law broken" : absl::StrCat(Thousands(violations_.size()), " broke a law"), ", ",
        Thousands(static_cast<uint64_t>(static_cast<double>(summary_.seeds) / std::max(seconds, 0.001))), " a second"));
  }

  void HashAll() {
    sim::RunHash all;
    for (const auto& [seed, hash] : hashes_) {
      all.Add(seed);
      all.Add(absl::Uint128High64(hash));
      all.Add(absl::Uint128Low64(hash));
    }
    summary_.hash = absl::StrFormat("%016x%016x", absl::Uint128High64(all.value()), absl::Uint128Low64(all.value()));
  }

  // The first failing seeds once more, with their trace.
  void TellStories() {
    for (auto& [seed, violation] : violations_) {
      FailedSeed failed{.seed = seed, .violation = violation, .repeat = RepeatCommand(options_, seed, violation)};
      if (summary_.failed.size() >= kStoriesMax || WasInterrupted()) {
        // Counted, not told.
      } else if (violation.step > kStoryStepsMax) {
        failed.story = {absl::StrCat("a run of ", Thousands(violation.step), " steps; the command below tells it")};
      } else {
        sim::RunResult again = RunSeed(seed, setting_, Tracing::kOn);
        // With a trace the message has short names, if the run is what it was.
        if (again.violation.has_value() && again.violation->step == violation.step) {
          failed.violation.message = sim::MessageOf(again);
          failed.story = sim::StoryOf(again);
        } else if (!WasInterrupted()) {
          failed.story = {"The seed run again does not break the law: the run is not deterministic (L11)."};
        }
      }
      summary_.failed.push_back(std::move(failed));
    }
  }

  const SimulateOptions& options_;
  const Setting& setting_;
  const Terminal& terminal_;
  uint64_t first_ = 1;
  std::atomic<uint64_t> running_seeds_ = 0;
  std::atomic<bool> enough_ = false;  // Time is up, or what was looked for was found.
  std::mutex mutex_;                  // Of all below, while workers run.
  Summary summary_;
  std::map<uint64_t, absl::uint128> hashes_;
  std::map<uint64_t, sim::Violation> violations_;
};

// What is wrong with the combination of flags; empty if nothing is.
std::string Contradiction(const SimulateOptions& options) {
  if (options.rewrite && options.scenario.empty()) return "--rewrite needs --scenario FILE";
  if (options.trace && !options.seed.has_value() && options.scenario.empty())
    return "--trace needs --seed S: a trace is of one run";
  if (options.trace && options.json) return "--trace and --json cannot be both: each wants stdout";
  if (options.coverage && (options.trace || !options.record.empty()))
    return "--coverage goes with neither --trace nor --record: it is of many runs";
  if (!options.record.empty() && !options.seed.has_value()) return "--record needs --seed S: a trace is of one run";
  if (!options.record.empty() && !options.imports.empty()) {
    return "--record and --import cannot be both: the trace would have to hold the whole of somebody's calendars";
  }
  if (options.shape.workers > 1 && options.shape.engine != "calsync")
    return "--workers needs our own engine: the others know no leases";
  if (options.until.has_value() && !options.seed.has_value()) return "--until needs --seed S: steps are counted in one run";
  if (options.seeds - 1 > ~uint64_t{0} - options.from) {
    return absl::StrCat("--from ", options.from, " leaves no room for ", options.seeds, " seeds: the last one is ", ~uint64_t{0});
  }
  if (options.shape.calendars < static_cast<int>(options.imports.size())) {
    return absl::StrCat("--calendars ", options.shape.calendars, " is too few for ", options.imports.size(),
                        " imported files, each of which is a calendar");
  }
  return "";
}

int RunTraced(const SimulateOptions& options, const Setting& setting, const Terminal& terminal) {
  const sim::RunResult result = RunSeed(*options.seed, setting, Tracing::kOn);
  std::fputs(TraceText(result).c_str(), stdout);
  if (!result.violation.has_value()) {
    const bool interrupted = WasInterrupted();
    if (interrupted) absl::PrintF("Interrupted after step %d.\n", result.counts.steps);
    if (!Written("the trace")) return kEnvironment;
    return interrupted ? kInterrupted : kDone;
  }
  FailedSeed failed{.seed = *options.seed,
                    .violation = *result.violation,
                    .story = sim::StoryOf(result),
                    .repeat = RepeatCommand(options, *options.seed, *result.violation)};
  failed.violation.message = sim::MessageOf(result);
  absl::PrintF("\n%s", FailureText(failed, terminal));
  return Written("the trace") ? kLawBroken : kEnvironment;
}

// The run of the seed as a file. False: it could not be written, which was said.
bool RecordSeed(const SimulateOptions& options, const Setting& setting) {
  seed_of_thread = *options.seed;
  sim::SimulateOptions traced = setting.options;
  traced.trace = true;
  const sim::RecordedRun run = sim::Record(traced, sim::Choices::FromSeed(*options.seed));
  const std::string from = absl::StrCat("seed ", *options.seed, FlagsOf(options.shape));
  if (!SaveTrace(options.record, sim::TraceOf(run, from, sim::TraceSize::kWhole))) return false;
  Complain(absl::StrCat("the run is recorded in ", options.record, "; `", Quoted(options.called_as), " replay ",
                        Quoted(options.record), "` repeats it."));
  return true;
}

int Simulate(const SimulateOptions& options) {
  const Terminal terminal(options.no_color);
  if (const std::string wrong = Contradiction(options); !wrong.empty()) {
    Complain(absl::StrCat(wrong, ". `calsync simulate -h` lists what can be chosen."));
    return kUsage;
  }
  if (!options.scenario.empty()) {
    return RunScenarioFile(options.scenario, options.rewrite ? OnDifference::kRewrite : OnDifference::kReport, terminal);
  }

  Setting setting;
  absl::StatusOr<Imports> imports = ReadImports(options.imports, {.keep_series = !options.shape.no_series});
  if (!imports.ok()) {
    Complain(absl::StrCat(imports.status().message(), ". Nothing was run; give --import an .ics file as it was exported."));
    return kUsage;
  }
  setting.imports = *std::move(imports);
  absl::Time start = sim::UsualStart();
  if (setting.imports.earliest < absl::InfiniteFuture()) {
    const absl::CivilDay first = absl::ToCivilDay(setting.imports.earliest, absl::UTCTimeZone());
    start = std::clamp(absl::FromCivil(first - 1, absl::UTCTimeZone()), StartMin(), StartMax());
  }
  if (!ReadStart(options.shape, start)) return kUsage;
  setting.options = RunsOf(options.shape, start);
  setting.options.until = options.until.value_or(~uint64_t{0});
  setting.options.imported = setting.imports.Events();
  for (const ImportedFile& file : setting.imports.files) setting.options.imported_names.push_back(file.name);
  // Whatever was imported is to be due, however far ahead it lies.
  if (!setting.imports.files.empty()) setting.options.horizon_min = setting.imports.latest - start + absl::Hours(48);
  const int others = options.shape.calendars - 1;
  for (const ImportedFile& file : setting.imports.files) {
    // With --json stdout is one object, which has all of this.
    std::fputs(DescribeImport(file, others).c_str(), options.json ? stderr : stdout);
  }
  if (setting.imports.earliest < start) {
    std::fprintf(options.json ? stderr : stdout, "virtual time begins %s; what was over by then gets no block\n",
                 absl::FormatTime("%Y-%m-%d", start, absl::UTCTimeZone()).c_str());
  }
  std::fflush(stdout);
  PrepareToNameTheSeed(options);
  CatchInterrupts();
  if (!options.record.empty() && !RecordSeed(options, setting)) return kEnvironment;
  if (options.trace) return RunTraced(options, setting, terminal);

  std::signal(SIGPIPE, SIG_IGN);  // Whoever waited minutes for a summary is told that it could not be written.
  const Summary summary = Campaign(options, setting, terminal).Run();
  if (options.json) {
    std::fputs(SummaryJson(summary, setting.imports, others).c_str(), stdout);
  } else {
    size_t told = 0;
    for (const FailedSeed& failed : summary.failed) {
      if (told++ == kStoriesMax) break;
      absl::PrintF("%s\n", FailureText(failed, terminal));
    }
    std::fputs(SummaryText(summary, terminal).c_str(), stdout);
  }
  if (!Written("the summary")) return kEnvironment;
  if (summary.Failures() > 0) return kLawBroken;
  return summary.interrupted ? kInterrupted : kDone;
}

CLI::Validator LawOrAny() {
  return CLI::Validator(
      [](const std::string& text) {
        if (text == "any") return std::string();
        for (size_t i = 0; i < sim::kLaws; ++i) {
          if (text == sim::ShortName(static_cast<sim::Law>(i))) return std::string();
        }
        return absl::StrCat("'", text, "' is neither a law (L1 to L12) nor `any`");
      },
      "");
}

}  // namespace

void AddSimulate(CLI::App& app, SimulateOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("simulate", kAboutSimulate);
  verb->set_help_flag("-h,--help", "Help.");
  const std::string which = "Which runs";
  verb->add_option("--seeds", options.seeds, "How many seeds.")
      ->type_name("N")
      ->capture_default_str()
      ->check(WholeNumber(1, 1000000000))
      ->group(which);
  verb->add_option("--from", options.from, "The first of them.")
      ->type_name("S")
      ->capture_default_str()
      ->check(WholeNumber(0, kSeedMax))
      ->group(which);
  CLI::Option* seed =
      verb->add_option("--seed", options.seed, "This seed alone.")->type_name("S")->check(WholeNumber(0, kSeedMax))->group(which);
  verb->get_option("--seeds")->excludes(seed);
  verb->get_option("--from")->excludes(seed);
  verb->add_option("--until", options.until, "The run up to this step, and to what is judged after it.")
      ->type_name("STEP")
      ->check(WholeNumber(1, kSeedMax))
      ->group(which);
  verb->add_option("--seconds", options.seconds, "Begin no further seed after so many seconds.")
      ->type_name("T")
      ->check(PositiveSeconds())
      ->group(which);
  verb->add_option("--until-failure", options.until_failure, "Begin no further seed once this law was broken.")
      ->type_name("LAW|any")
      ->check(LawOrAny())
      ->group(which);
  CLI::Option* scenario =
      verb->add_option("--scenario", options.scenario, "Run a file of the scenario language instead; `help` lists its commands.")
          ->type_name("FILE")
          ->group(which);
  verb->add_flag("--rewrite", options.rewrite, "Put the trace into the scenario's file.")->group(which);

  const std::string shape = "What each run is like";
  AddShape(*verb, options.shape, shape);
  verb->add_option("--import", options.imports, "A calendar export (.ics): one calendar of the person. May be given again.")
      ->type_name("FILE.ics")
      ->group(shape);
  const std::string telling = "How it is told";
  verb->add_option("--jobs", options.jobs, "Threads; else one for each core.")
      ->type_name("J")
      ->check(WholeNumber(1, 256))
      ->group(telling);
  verb->add_flag("--trace", options.trace, "Every line of the run; needs --seed.")->group(telling);
  verb->add_option("--record", options.record, "A file for the whole run, which `calsync replay` repeats; needs --seed.")
      ->type_name("FILE")
      ->group(telling);
  verb->add_flag("--coverage", options.coverage, "Which marks were reached, and which adversity struck in which phase.")
      ->group(telling);
  verb->add_flag("--json", options.json, "The summary as one JSON object.")->group(telling);
  verb->add_flag("--no-color", options.no_color, "No colour, no progress; NO_COLOR and TERM=dumb say the same.")->group(telling);
  // A scenario says itself all that these would.
  for (const char* flag :
       {"--seeds",   "--from",   "--seed",         "--until",    "--seconds", "--until-failure", "--calendars",  "--days",
        "--actions", "--store",  "--wire",         "--import",   "--start",   "--no-series",     "--no-breaker", "--legacy",
        "--workers", "--engine", "--first-policy", "--coverage", "--jobs",    "--record",        "--json"}) {
    scenario->excludes(verb->get_option(flag));
  }
  verb->callback([&options, &run] { run = [&options] { return Simulate(options); }; });
}

}  // namespace calsync::tools
