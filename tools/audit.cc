#include "tools/audit.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/base/uuid.h"
#include "engine/state/record.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAbout[] =
    "What was done to events and blocks, when and why. No titles: the trail has none.\n"
    "\n"
    "Examples:\n"
    "  calsync audit                               # the last hundred entries\n"
    "  calsync audit --since 24h --last 1000\n"
    "  calsync audit 7k2lq9ou4m1v                  # an event of a person with its blocks, or a block with its event\n"
    "  calsync audit 5f0c3a1e-1d2b-4c55-9a61-0a7d3f6b8c21 --json\n"
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

// The correlation ids that belong to one story: the event's own, its source's, and those of all that was made from that.
std::set<absl::uint128> StoryOf(const GroupImage& image, const std::string& what) {
  std::set<absl::uint128> story;
  absl::uint128 source = 0;
  const std::optional<absl::uint128> uuid = ParseUuid(what);
  for (const Record& record : image.records) {
    if (record.event.view() != what && !(uuid && record.id.value == *uuid)) continue;
    story.insert(record.id.value);
    source = record.kind == RecordKind::kBlock ? record.source.value : record.id.value;
  }
  if (source == 0) return story;
  story.insert(source);
  for (const Record& record : image.records) {
    if (record.kind == RecordKind::kBlock && record.source.value == source) story.insert(record.id.value);
  }
  return story;
}

struct Line {
  std::string group;
  std::string calendar;
  adapter::AuditRow row;
};

absl::Status Collect(adapter::SqliteStore& store, const adapter::GroupSettings& group, const AuditOptions& options,
                     absl::Time since, std::vector<Line>& lines) {
  const int64_t all = std::numeric_limits<int64_t>::max();
  ASSIGN_OR_RETURN(std::vector<adapter::AuditRow> rows,
                   store.Audit(group.id, {.since = since, .limit = options.what.empty() ? options.last : all}));
  std::set<absl::uint128> story;
  if (!options.what.empty()) {
    ASSIGN_OR_RETURN(const GroupImage image, store.Peek(group.id));
    story = StoryOf(image, options.what);
  }
  for (adapter::AuditRow& row : rows) {
    const bool told = options.what.empty() || row.entry.event.text() == options.what ||
                      (!row.entry.record.empty() && story.contains(row.entry.record.value));
    if (!told) continue;
    const adapter::CalendarSettings* const calendar = group.Find(row.entry.calendar);
    lines.push_back({group.id.str(), calendar == nullptr ? "" : calendar->name, std::move(row)});
  }
  return absl::OkStatus();
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
  std::vector<Line> lines;
  for (const adapter::GroupSettings& group : installation->settings().groups) {
    if (const absl::Status read = Collect(**store, group, options, *since, lines); !read.ok()) return Fail(read);
  }
  nlohmann::json json = nlohmann::json::array();
  for (const Line& line : lines) {
    const AuditEntry& entry = line.row.entry;
    const std::string record = entry.record.empty() ? "" : FormatUuid(entry.record.value);
    if (options.json) {
      json.push_back({{"number", line.row.number},
                      {"at", absl::FormatTime(absl::RFC3339_sec, entry.at, absl::UTCTimeZone())},
                      {"group", line.group},
                      {"calendar", line.calendar},
                      {"what", Name(entry.kind)},
                      {"event", entry.event.str()},
                      {"correlation_id", record},
                      {"detail", entry.detail}});
      continue;
    }
    std::printf("%s  %s%s%s  %s%s%s%s\n", absl::FormatTime("%Y-%m-%d %H:%M:%S", entry.at, absl::LocalTimeZone()).c_str(),
                line.group.c_str(), line.calendar.empty() ? "" : " ", line.calendar.c_str(),
                std::string(Name(entry.kind)).c_str(), entry.detail.empty() ? "" : absl::StrCat(" (", entry.detail, ")").c_str(),
                entry.event.empty() ? "" : "  ", entry.event.str().c_str());
  }
  if (options.json) {
    std::printf("%s\n", json.dump(2).c_str());
  } else if (lines.empty()) {
    std::printf("nothing in the trail%s\n",
                options.what.empty() ? "" : " about it: ids are those of Google or of the trail itself");
  }
  return Written("the trail") ? kDone : kEnvironment;
}

}  // namespace

void AddAudit(CLI::App& app, AuditOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("audit", kAbout);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("what", options.what, "An event's id, or a correlation id.")->type_name("ID");
  verb->add_option("--since", options.since, "How long ago, or a time.")->type_name("TIME");
  verb->add_option("--last", options.last, "How many entries of a group at most, without ID.")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
      ->capture_default_str();
  verb->add_flag("--json", options.json, "As JSON.");
  verb->callback([&] { run = [&options] { return Audit(options); }; });
}

}  // namespace calsync::tools
