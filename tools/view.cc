#include "tools/view.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "scenarios/plain_words.h"
#include "scenarios/recorded_run.h"
#include "tools/files.h"
#include "tools/terminal.h"
#include "tools/trace_file.h"
#include "tools/view_page.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kAboutView[] =
    "Makes one page of a trace: a lane each for people, Google, notifications, the engine and its store, and beside every\n"
    "step what Google has and what the engine believes. The page needs nothing else, and asks nobody.\n"
    "\n"
    "Examples:\n"
    "  calsync view small.trace -o small.html\n"
    "  calsync view before.trace after.trace -o both.html   # opens at their first difference\n"
    "\n"
    "Exit code: 0 the page was written, 2 the command line or a trace is wrong, 3 the page cannot be written.";

// A line for the page: k kind, s step, t milliseconds, p place, w words; of a step i input, c calls and r rows that were stored.
Json InJson(const adapter::TraceLine& line, sim::PlainWords& words) {
  Json json = {{"k", line.kind}, {"s", line.step}, {"t", absl::ToUnixMillis(line.at)}, {"p", line.place}};
  if (line.kind != "step") {
    json["w"] = words.Of(line.what);
    return json;
  }
  json["i"] = line.input == "timer" ? line.input : words.Of(line.input);
  Json calls = Json::array(), rows = Json::array();
  for (const std::string& effect : line.effects) {
    const std::string told = words.Of(effect);
    if (told.empty()) continue;
    (absl::StartsWith(effect, "commit") ? rows : calls).push_back(told);
  }
  if (!calls.empty()) json["c"] = std::move(calls);
  if (!rows.empty()) json["r"] = std::move(rows);
  return json;
}

Json InJson(const adapter::Trace& trace) {
  Json json = {{"from", trace.header.from}, {"places", trace.header.places}};
  if (trace.header.recording) json["recording"] = true;
  json["setting"] = Json::object();
  for (const auto& [key, value] : trace.header.setting) json["setting"][key] = value;
  json["choices"] = Json::array();
  for (const adapter::TraceChoice& choice : trace.choices) {
    json["choices"].push_back({choice.stream, choice.label, choice.nth, choice.bound, choice.value});
  }
  sim::PlainWords words;
  json["lines"] = Json::array();
  for (const adapter::TraceLine& line : trace.lines) json["lines"].push_back(InJson(line, words));
  if (trace.end.has_value()) {
    json["end"] = {{"law", trace.header.recording ? "" : trace.end->law},
                   {"message", trace.header.recording ? trace.end->message : words.Of(trace.end->message)},
                   {"steps", trace.end->steps},
                   {"hash", trace.end->hash}};
  }
  return json;
}

// A bare trace has no lines: the run is done to have some.
adapter::Trace WithLines(const TraceFile& file) {
  if (!file.trace.lines.empty() || file.IsRecording()) return file.trace;
  return sim::TraceOf(RunAgain(file, Lines::kAll), file.trace.header.from, sim::TraceSize::kWhole);
}

int Run(const ViewOptions& options) {
  if (options.traces.size() > 2) {
    Complain("a page shows one trace, or two side by side. `calsync view -h` says how.");
    return kUsage;
  }
  std::vector<adapter::Trace> traces;
  Json data;
  data["traces"] = Json::array();
  for (const std::string& path : options.traces) {
    const absl::StatusOr<TraceFile> file = LoadTrace(path);
    if (!file.ok()) {
      Complain(absl::StrCat(file.status().message(), ". `calsync simulate --seed S --record FILE` makes a trace."));
      return kUsage;
    }
    traces.push_back(WithLines(*file));
    Json one = InJson(traces.back());
    one["name"] = path;
    data["traces"].push_back(std::move(one));
  }
  if (traces.size() == 2) {
    const std::optional<sim::Difference> difference = sim::FirstDifference(traces[0], traces[1]);
    data["difference"] = nullptr;
    if (difference.has_value()) {
      data["difference"] = {{"line", difference->line}, {"recorded", difference->recorded}, {"repeated", difference->repeated}};
    }
  }
  const std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (const int error = ReplaceFile(options.output, ViewPage(options.traces.front(), text)); error != 0) {
    Complain(absl::StrCat("cannot write the page ", options.output, ": ", std::strerror(error),
                          ". What was there before stays as it is."));
    return kEnvironment;
  }
  Complain(absl::StrCat("the page is ", options.output, "; open it with a browser, `?` lists its keys."));
  return kDone;
}

}  // namespace

void AddView(CLI::App& app, ViewOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("view", kAboutView);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("TRACE", options.traces, "A trace, or two.")->required();
  verb->add_option("-o,--output", options.output, "Where the page goes.")->type_name("FILE.html")->required();
  verb->callback([&options, &run] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
