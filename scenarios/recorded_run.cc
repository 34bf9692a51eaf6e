#include "scenarios/recorded_run.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/story.h"

namespace calsync::sim {
namespace {

// No run asks for one thing more often.
constexpr uint64_t kNthMax = 1000000;

constexpr char kStartFormat[] = "%Y-%m-%dT%H:%M:%SZ";

absl::string_view Name(TraceLine::Kind kind) {
  switch (kind) {
    case TraceLine::Kind::kMishap:
      return "mishap";
    case TraceLine::Kind::kStep:
      return "step";
    case TraceLine::Kind::kPeople:
      return "people";
    case TraceLine::Kind::kGoogle:
      return "google";
    case TraceLine::Kind::kLaw:
      return "law";
  }
  return "?";
}

adapter::TraceLine LineOf(const TraceLine& line) {
  const bool step = line.kind == TraceLine::Kind::kStep;
  return {.kind = std::string(Name(line.kind)),
          .step = line.step,
          .at = line.at,
          .place = line.place,
          .what = step ? std::string() : line.what,
          .input = line.input,
          .effects = line.effects,
          .digest = line.digest,
          .hash = line.hash};
}

std::string InWords(const adapter::TraceLine& line) {
  std::string what = line.kind == "step" ? absl::StrCat(line.input, line.effects.empty() ? "" : ": ") : line.what;
  for (size_t i = 0; i < line.effects.size(); ++i) absl::StrAppend(&what, i == 0 ? "" : "; ", line.effects[i]);
  return absl::StrCat("step ", line.step, ", ", absl::FormatTime("%Y-%m-%d %H:%M:%E3S", line.at, absl::UTCTimeZone()), ", ",
                      line.place, ": ", what);
}

std::string InWords(const std::optional<adapter::TraceEnd>& end) {
  if (!end.has_value()) return "nothing more";
  return absl::StrCat("the end after ", end->steps,
                      " steps: ", end->law.empty() ? "all laws hold" : absl::StrCat(end->law, ": ", end->message), ", hash ",
                      end->hash);
}

// "true" or "false".
bool ReadBool(const std::string& text, bool& value) {
  value = text == "true";
  return value || text == "false";
}

}  // namespace

size_t RecordedRun::Deviations() const {
  return static_cast<size_t>(
      std::count_if(choices.begin(), choices.end(), [](const Choice& choice) { return choice.value > 0; }));
}

RecordedRun Record(const SimulateOptions& options, Choices choices) {
  choices.StartRecording();
  World world = WorldOf(options, std::move(choices));
  RecordedRun run{.options = options};
  run.result = world.Run();
  run.choices = world.choices().recording();
  run.spans = world.choices().spans();
  for (const CalendarPlan& calendar : world.plan().calendars) run.places.push_back(calendar.name);
  return run;
}

adapter::Trace TraceOf(const RecordedRun& run, absl::string_view from, TraceSize size) {
  const SimulateOptions& options = run.options;
  adapter::Trace trace;
  trace.header.made_by = "calsync simulate";
  trace.header.from = std::string(from);
  trace.header.setting = {
      {"calendars", absl::StrCat(options.shape.calendars)},
      {"days", absl::StrCat(options.shape.days)},
      {"actions", absl::StrCat(options.shape.actions)},
      {"series", options.shape.series ? "true" : "false"},
      {"store", options.store == StoreKind::kSqlite ? "sqlite" : "memory"},
      {"start", absl::FormatTime(kStartFormat, options.start.value_or(UsualStart()), absl::UTCTimeZone())},
      {"breaker", options.breaker ? "true" : "false"},
  };
  if (options.wire) trace.header.setting.emplace_back("wire", "true");
  if (options.shape.legacy) trace.header.setting.emplace_back("legacy", "true");
  if (options.shape.workers > 1) trace.header.setting.emplace_back("workers", absl::StrCat(options.shape.workers));
  if (options.engine != EngineKind::kCalsync) trace.header.setting.emplace_back("engine", Name(options.engine));
  if (options.first_policy) trace.header.setting.emplace_back("policy", "first-design");
  if (options.until != ~uint64_t{0}) trace.header.setting.emplace_back("until", absl::StrCat(options.until));
  trace.header.places = run.places;
  std::map<std::pair<Stream, std::string>, uint64_t> asked;
  for (const Choice& choice : run.choices) {
    const uint64_t nth = ++asked[{choice.stream, choice.label}];
    if (choice.value == 0) continue;
    trace.choices.push_back({.stream = std::string(sim::Name(choice.stream)),
                             .label = choice.label,
                             .nth = nth,
                             .bound = choice.bound,
                             .value = choice.value});
  }
  if (size == TraceSize::kBare) return trace;
  for (const TraceLine& line : run.result.trace) trace.lines.push_back(LineOf(line));
  adapter::TraceEnd end{.steps = run.result.counts.steps, .at = options.start.value_or(UsualStart()) + run.result.simulated};
  if (run.result.violation.has_value()) {
    end.law = std::string(ShortName(run.result.violation->law));
    end.message = MessageOf(run.result);
  }
  end.hash = absl::StrFormat("%016x%016x", absl::Uint128High64(run.result.hash), absl::Uint128Low64(run.result.hash));
  trace.end = std::move(end);
  return trace;
}

absl::StatusOr<SimulateOptions> OptionsOf(const adapter::TraceHeader& header) {
  SimulateOptions options;
  options.start = UsualStart();
  for (const auto& [key, value] : header.setting) {
    bool good = true;
    const std::string& text = value;  // No lambda may name a part of a structured binding, says clang 14.
    const auto number = [&](int& into, int least, int most) {
      return absl::SimpleAtoi(text, &into) && into >= least && into <= most;
    };
    if (key == "calendars") {
      good = number(options.shape.calendars, 1, 40);
    } else if (key == "days") {
      good = number(options.shape.days, 1, 3650);
    } else if (key == "actions") {
      good = number(options.shape.actions, 0, 100000);
    } else if (key == "series") {
      good = ReadBool(value, options.shape.series);
    } else if (key == "legacy") {
      good = ReadBool(value, options.shape.legacy);
    } else if (key == "workers") {
      good = number(options.shape.workers, 1, kWorkersMax);
    } else if (key == "engine") {
      good = FindEngineKind(value, options.engine);
    } else if (key == "policy") {
      options.first_policy = value == "first-design";
      good = options.first_policy || value == "drawn";
    } else if (key == "store") {
      options.store = value == "sqlite" ? StoreKind::kSqlite : StoreKind::kMemory;
      good = value == "sqlite" || value == "memory";
    } else if (key == "wire") {
      good = ReadBool(value, options.wire);
    } else if (key == "start") {
      std::string why;
      good = absl::ParseTime(kStartFormat, value, &*options.start, &why) && *options.start > absl::UnixEpoch();
    } else if (key == "breaker") {
      good = ReadBool(value, options.breaker);
    } else if (key == "until") {
      good = absl::SimpleAtoi(value, &options.until);
    }
    if (!good) return absl::InvalidArgumentError(absl::StrCat("its setting \"", key, "\" cannot be \"", value, "\""));
  }
  return options;
}

absl::StatusOr<std::vector<Choice>> ChoicesOf(const adapter::Trace& trace) {
  std::map<std::pair<Stream, std::string>, std::map<uint64_t, const adapter::TraceChoice*>> written;
  for (const adapter::TraceChoice& choice : trace.choices) {
    Stream stream{};
    if (!FindStream(choice.stream, stream)) continue;  // Nobody asks for it any more.
    if (choice.nth == 0 || choice.nth > kNthMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("its choice \"", choice.label, "\" has ", choice.nth, " as its number, which is not from 1 to ", kNthMax));
    }
    written[{stream, choice.label}][choice.nth] = &choice;
  }
  std::vector<Choice> choices;
  for (const auto& [name, values] : written) {
    uint64_t nth = 0;
    for (const auto& [number, choice] : values) {
      for (++nth; nth < number; ++nth) choices.push_back({.stream = name.first, .label = name.second});
      choices.push_back({.stream = name.first, .bound = choice->bound, .value = choice->value, .label = name.second});
    }
  }
  return choices;
}

std::optional<Difference> FirstDifference(const adapter::Trace& recorded, const adapter::Trace& repeated) {
  if (recorded.lines.empty() && !recorded.end.has_value()) return std::nullopt;
  size_t i = 0;
  while (i < recorded.lines.size() && i < repeated.lines.size() && recorded.lines[i] == repeated.lines[i]) ++i;
  const auto told = [&](const adapter::Trace& trace) {
    return i < trace.lines.size() ? InWords(trace.lines[i]) : InWords(trace.end);
  };
  if (i == recorded.lines.size() && i == repeated.lines.size() && recorded.end == repeated.end) return std::nullopt;
  Difference difference{.line = i, .recorded = told(recorded), .repeated = told(repeated)};
  if (i < repeated.lines.size()) {
    difference.step = repeated.lines[i].step;
  } else if (i < recorded.lines.size()) {
    difference.step = recorded.lines[i].step;
  }
  if (difference.recorded == difference.repeated) {
    const bool step = i < recorded.lines.size() && recorded.lines[i].digest != repeated.lines[i].digest;
    const absl::string_view what =
        step ? " (what the words of its effects leave out differs)" : " (what happened between two lines differs)";
    absl::StrAppend(&difference.recorded, what);
    absl::StrAppend(&difference.repeated, what);
  }
  return difference;
}

std::string VerdictOf(const RunResult& result) {
  if (!result.violation.has_value()) return "all laws hold";
  return absl::StrCat(ShortName(result.violation->law), " ", sim::Name(result.violation->law), ": ", MessageOf(result));
}

}  // namespace calsync::sim
