#include "tools/audit.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/page/story.h"
#include "engine/base/status_macros.h"
#include "engine/base/uuid.h"
#include "tools/audit_slots.h"
#include "tools/installation.h"
#include "tools/looking.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutAudit[] =
    "What was done to events and blocks, when and why; and, with an event, how each of its slots is now, and why. No titles: "
    "the\n"
    "trail has none.\n"
    "\n"
    "Examples:\n"
    "  calsync audit                               # the last hundred entries\n"
    "  calsync audit --since 24h --last 1000\n"
    "  calsync audit 7k2lq9ou4m1v                  # an event of a person with its blocks, or a block with its event\n"
    "  calsync audit 5f0c3a1e-1d2b-4c55-9a61-0a7d3f6b8c21 --json\n"
    "  calsync audit --slots                       # each event's slot on each other calendar, and why it is as it is\n"
    "  calsync audit --graph | dot -Tsvg > a.svg   # events and their blocks as a picture\n"
    "\n"
    "Exit code: 0 done, 2 settings or command line are wrong, 3 the database cannot be read.";

// "24h" ago, or a time.
std::optional<absl::Time> SinceOf(const std::string& text) {
  if (text.empty()) return absl::InfinitePast();
  absl::Duration ago;
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration()) return absl::Now() - ago;
  absl::Time at;
  std::string problem;
  if (absl::ParseTime(absl::RFC3339_full, text, &at, &problem)) return at;
  return std::nullopt;
}

struct Line {
  std::string group;
  std::string calendar;
  adapter::AuditRow row;
};

absl::Status Collect(adapter::Store& store, const adapter::GroupSettings& group, adapter::AuditQuery query,
                     std::vector<Line>& lines) {
  ASSIGN_OR_RETURN(std::vector<adapter::AuditRow> rows, store.Audit(group.id, query));
  for (adapter::AuditRow& row : rows) {
    const adapter::CalendarSettings* const calendar = group.Find(row.entry.calendar);
    lines.push_back({group.id.str(), calendar == nullptr ? "" : calendar->name, std::move(row)});
  }
  return absl::OkStatus();
}

std::string RecordOf(const AuditEntry& entry) { return entry.record.empty() ? "" : FormatUuid(entry.record.value); }

void PrintTrail(const std::vector<Line>& lines, bool with_records) {
  for (const Line& line : lines) {
    const AuditEntry& entry = line.row.entry;
    const std::string record = with_records && !entry.record.empty() ? absl::StrCat("  [", RecordOf(entry), "]") : "";
    std::printf("%s  %s%s%s  %s%s%s%s%s\n", absl::FormatTime("%Y-%m-%d %H:%M:%S", entry.at, absl::LocalTimeZone()).c_str(),
                line.group.c_str(), line.calendar.empty() ? "" : " ", line.calendar.c_str(),
                std::string(Name(entry.kind)).c_str(), entry.detail.empty() ? "" : absl::StrCat(" (", entry.detail, ")").c_str(),
                entry.event.empty() ? "" : "  ", entry.event.str().c_str(), record.c_str());
  }
}

nlohmann::json TrailJson(const std::vector<Line>& lines) {
  nlohmann::json json = nlohmann::json::array();
  for (const Line& line : lines) {
    const AuditEntry& entry = line.row.entry;
    json.push_back({{"number", line.row.number},
                    {"at", absl::FormatTime(absl::RFC3339_sec, entry.at, absl::UTCTimeZone())},
                    {"group", line.group},
                    {"calendar", line.calendar},
                    {"what", Name(entry.kind)},
                    {"event", entry.event.str()},
                    {"correlation_id", RecordOf(entry)},
                    {"detail", entry.detail}});
  }
  return json;
}

// How things are now, instead of what was done.
int TellNow(const Installation& installation, adapter::Store& store, const AuditOptions& options) {
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  for (const adapter::GroupSettings& group : installation.settings().groups) {
    const absl::StatusOr<Engine> engine = LookInto(installation, store, group, absl::Now());
    if (!engine.ok()) return Fail(engine.status());
    if (options.graph) {
      std::printf("%s", GraphOf(group, *engine, options.what).c_str());
      continue;
    }
    for (nlohmann::ordered_json& event : SlotsOf(group, *engine, options.what)) events.push_back(std::move(event));
  }
  if (!options.graph) std::printf("%s", options.json ? absl::StrCat(events.dump(2), "\n").c_str() : SlotsText(events).c_str());
  return Written("what there is") ? kDone : kEnvironment;
}

int Audit(const AuditOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const std::optional<absl::Time> since = SinceOf(options.since);
  if (!since) {
    Complain(
        absl::StrCat("--since takes how long ago, as 24h, or a time, as 2026-01-05T08:00:00Z, not \"", options.since, "\"."));
    return kUsage;
  }
  const auto store = installation->OpenStore();
  if (!store.ok()) return Fail(store.status());
  if (options.slots || options.graph) return TellNow(*installation, **store, options);
  std::vector<Line> lines;
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  for (const adapter::GroupSettings& group : installation->settings().groups) {
    adapter::AuditQuery query;
    query.limit = options.last;
    if (!options.what.empty()) {
      const absl::StatusOr<Engine> engine = LookInto(*installation, **store, group, absl::Now());
      if (!engine.ok()) return Fail(engine.status());
      query = adapter::StoryOf(*engine, options.what).query;
      query.limit = std::numeric_limits<int64_t>::max();
      for (nlohmann::ordered_json& event : SlotsOf(group, *engine, options.what)) events.push_back(std::move(event));
    }
    query.since = *since;
    if (const absl::Status read = Collect(**store, group, std::move(query), lines); !read.ok()) return Fail(read);
  }
  if (options.json) {
    std::printf("%s\n", TrailJson(lines).dump(2).c_str());
    return Written("the trail") ? kDone : kEnvironment;
  }
  PrintTrail(lines, /*with_records=*/!options.what.empty());
  if (lines.empty()) {
    std::printf("nothing in the trail%s\n",
                options.what.empty() ? "" : " about it: ids are those of Google or of the trail itself");
  }
  if (!events.empty()) std::printf("\nNow:\n%s", SlotsText(events).c_str());
  return Written("the trail") ? kDone : kEnvironment;
}

}  // namespace

void AddAudit(CLI::App& app, AuditOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("audit", kAboutAudit);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("what", options.what, "An event's id, or a correlation id.")->type_name("ID");
  CLI::Option* const since = verb->add_option("--since", options.since, "How long ago, or a time.")->type_name("TIME");
  CLI::Option* const last = verb->add_option("--last", options.last, "How many entries of a group at most, without ID.")
                                ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
                                ->capture_default_str();
  CLI::Option* const slots = verb->add_flag("--slots", options.slots, "How each slot is now, and why, instead of the trail.")
                                 ->excludes(since)
                                 ->excludes(last);
  CLI::Option* const json =
      verb->add_flag("--json", options.json, "As JSON. With ID the trail alone: --slots --json tells of the slots.");
  verb->add_flag("--graph", options.graph, "Events and blocks as a picture in Graphviz's DOT, instead of the trail.")
      ->excludes(since)
      ->excludes(last)
      ->excludes(slots)
      ->excludes(json);
  verb->callback([&] { run = [&options] { return Audit(options); }; });
}

}  // namespace calsync::tools
