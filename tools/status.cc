#include "tools/status.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "adapter/page/counters_json.h"
#include "engine/state/record.h"
#include "tools/installation.h"
#include "tools/looking.h"
#include "tools/terminal.h"
#include "tools/workers.h"

namespace calsync::tools {
namespace {

using adapter::CalendarSettings;
using adapter::GroupSettings;

constexpr char kAboutStatus[] =
    "How each calendar is: when it was last read, what lies on it, what is owed or wrong, and what notifications led to. Reads "
    "the\n"
    "database and what a running CalSync wrote last; asks nobody.\n"
    "\n"
    "Examples:\n"
    "  calsync status\n"
    "  calsync status --json | jq '.groups[].calendars[] | select(.problem != \"\")'\n"
    "\n"
    "Exit code: 0 all is well, 1 something needs a person, 2 settings are wrong, 3 the database cannot be read.";

// What lies on one calendar, as the database has it.
struct Contents {
  int64_t user_events = 0;
  int64_t blocks = 0;  // Live.
  int64_t owed = 0;    // Blocks that are to be made or to be deleted.
  int64_t failed = 0;  // That Google refused for good.
};

Contents ContentsOf(const GroupImage& image, CalendarKey calendar) {
  Contents contents;
  for (const Record& record : image.records) {
    if (record.calendar != calendar) continue;
    if (record.kind == RecordKind::kUserEvent) {
      contents.user_events += record.IsLiveUserEvent() ? 1 : 0;
      continue;
    }
    if (record.kind != RecordKind::kBlock) continue;
    contents.blocks += record.status == RecordStatus::kCreated ? 1 : 0;
    contents.owed += record.status == RecordStatus::kCreating || record.status == RecordStatus::kDeleting ? 1 : 0;
    contents.failed += record.status == RecordStatus::kFailed ? 1 : 0;
  }
  return contents;
}

// `grant`: of its account, as it is kept here; Google's own word about it is with the process that runs.
std::string ProblemOf(const CalendarSettings& settings, const CalendarRow* row, const Contents& contents,
                      const absl::Status& grant) {
  if (settings.state != LinkState::kEnabled) return "";
  if (!grant.ok()) return absl::StrReplaceAll(grant.message(), {{"\n ", ""}});
  if (row == nullptr) return "never read yet";
  if (row->unreachable) return "cannot be reached: no access, or it is gone. Its blocks are frozen; `calsync accounts` says more";
  if (row->sweep_held)
    return absl::StrCat("much of it is missing at once; `calsync calendars confirm ", settings.name, "` if that is right");
  if (!row->walked) return "never walked in full yet";
  if (contents.failed > 0)
    return absl::StrCat(contents.failed, " blocks were refused by Google for good; `calsync audit` says why");
  if (row->failures > 3) return absl::StrCat("the last ", row->failures, " calls failed");
  return "";
}

std::string Ago(absl::Time at, absl::Time now) {
  return at == absl::InfinitePast() ? "never" : absl::StrCat(Lasting(std::max(now - at, absl::ZeroDuration())), " ago");
}

// What a running process knows besides: alerts, and what became of listings and notifications lately.
void AddReported(nlohmann::json& one, const Report& report, const std::string& group, const std::vector<AlertLine>& alerts) {
  one["alerts"] = nlohmann::json::array();
  for (const AlertLine& alert : alerts) {
    one["alerts"].push_back({{"alert", alert.name}, {"calendar", alert.calendar}, {"words", alert.words}});
  }
  const bool known = report.json.is_object() && report.json["groups"].contains(group);
  for (const char* what : {"webhooks", "passes"}) {
    one[what] = known ? report.json["groups"][group].value(what, nlohmann::json::array()) : nlohmann::json::array();
  }
}

void PrintReported(const nlohmann::json& one) {
  for (const nlohmann::json& alert : one["alerts"]) {
    const std::string calendar = alert["calendar"];
    std::printf("  ! %s%s%s: %s\n", alert["alert"].get<std::string>().c_str(), calendar.empty() ? "" : " on ", calendar.c_str(),
                alert["words"].get<std::string>().c_str());
  }
  if (!one["webhooks"].empty()) {
    const nlohmann::json& last = one["webhooks"].back();
    const std::string calendar = last.value("calendar", "");
    const std::string error = last.value("error", "");
    std::printf("  last notification: %s, %s, took %.1f s%s%s\n", last.value("arrived", "").c_str(),
                calendar.empty() ? "for no channel of ours" : calendar.c_str(), last.value("processing_time", 0.0),
                error.empty() ? "" : "; failed: ", error.c_str());
  }
}

int Status(const StatusOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<std::unique_ptr<adapter::Store>> store = installation->OpenStore();
  if (!store.ok()) return Fail(store.status());
  const bool runs = InstanceLock::IsHeld(installation->lock_file());
  const absl::Time now = absl::Now();
  const Report report = ReadReport(*installation, now);
  nlohmann::json json = {{"running", runs}, {"groups", nlohmann::json::object()}};
  bool well = true;
  const absl::StatusOr<std::vector<adapter::Peer>> workers = WorkersOf(*installation);
  if (!workers.ok()) return Fail(workers.status());
  json["workers"] = WorkersJson(*workers);
  if (!options.json && workers->empty()) std::printf("calsync run: %s\n", runs ? "running" : "not running");
  if (!options.json && !workers->empty()) std::printf("%s", WorkersText(*workers).c_str());
  for (const GroupSettings& group : installation->settings().groups) {
    const absl::StatusOr<GroupImage> image = (*store)->Peek(group.id);
    if (!image.ok()) return Fail(image.status());
    nlohmann::json& one = json["groups"][group.id.str()];
    one = {{"paused", group.paused},
           {"breaker_open", image->group.breaker_open},
           {"problem", ""},
           {"calendars", nlohmann::json::array()}};
    well = well && !image->group.breaker_open;
    const absl::StatusOr<Engine> engine = LookInto(*installation, **store, group, now);
    if (!engine.ok()) return Fail(engine.status());
    const std::vector<AlertLine> alerts = AlertsOf(report, group, *engine, now);
    well = well && alerts.empty();
    AddReported(one, report, group.id.str(), alerts);
    if (!options.json) {
      std::printf("\n%s%s%s\n", group.id.str().c_str(), group.paused ? ", paused" : "",
                  image->group.breaker_open
                      ? ", stopped writing: more writes than people's changes explain. `calsync resume` goes on"
                      : "");
    }
    for (const CalendarSettings& calendar : group.calendars) {
      const CalendarRow* row = nullptr;
      for (const CalendarRow& known : image->calendars) {
        if (known.key == calendar.key) row = &known;
      }
      const Contents contents = ContentsOf(*image, calendar.key);
      const absl::Status grant = installation->GrantOf(calendar.account).status();
      const std::string problem = ProblemOf(calendar, row, contents, grant);
      well = well && problem.empty();
      const CalendarRow usual;
      const CalendarRow& known = row == nullptr ? usual : *row;
      const bool pushed = std::any_of(known.channels.begin(), known.channels.end(), [&](const ChannelRow& channel) {
        return channel.status == ChannelStatus::kLive && channel.expiration > now;
      });
      if (options.json) {
        nlohmann::json line = {{"name", calendar.name},
                               {"id", calendar.google_id.str()},
                               {"account", calendar.account.str()},
                               {"state", calendar.state == LinkState::kEnabled    ? "enabled"
                                         : calendar.state == LinkState::kDisabled ? "disabled"
                                                                                  : "removed"},
                               {"user_events", contents.user_events},
                               {"blocks", contents.blocks},
                               {"owed", contents.owed},
                               {"failed", contents.failed},
                               {"writable", CanWrite(known.role)},
                               {"push", pushed},
                               {"problem", problem},
                               {"counters", adapter::CountersJson(known.counters)}};
        if (known.last_pass != absl::InfinitePast())
          line["last_read"] = absl::FormatTime(absl::RFC3339_sec, known.last_pass, absl::UTCTimeZone());
        one["calendars"].push_back(std::move(line));
        continue;
      }
      const std::string off = calendar.state == LinkState::kEnabled    ? ""
                              : calendar.state == LinkState::kDisabled ? ", disabled"
                                                                       : ", removed";
      std::printf("  %-20s read %s%s%s%s\n    %lld events of people, %lld blocks%s\n", calendar.name.c_str(),
                  Ago(known.last_pass, now).c_str(), pushed ? ", told of changes" : "", known.IsReadOnly() ? ", read only" : "",
                  off.c_str(), static_cast<long long>(contents.user_events), static_cast<long long>(contents.blocks),
                  contents.owed > 0 ? absl::StrCat(", ", contents.owed, " more owed").c_str() : "");
      // An alert about the calendar says the same, below; but none says that there is no grant at all.
      const bool told =
          std::any_of(alerts.begin(), alerts.end(), [&](const AlertLine& alert) { return alert.calendar == calendar.name; });
      if (!problem.empty() && (!told || !grant.ok())) std::printf("    ! %s\n", problem.c_str());
    }
    if (!options.json) PrintReported(one);
  }
  for (const auto& [group, why] : installation->settings().broken) {
    well = false;
    json["groups"][group.str()] = {{"problem", std::string(why.message())}, {"calendars", nlohmann::json::array()}};
    if (!options.json) {
      std::printf(
          "\n%s, broken\n  ! %s.\n    Until that is corrected it does not run, or stays as a running CalSync took it last\n",
          group.str().c_str(), std::string(why.message()).c_str());
    }
  }
  for (const adapter::Overlap& overlap : adapter::OverlapsOf(installation->settings())) {
    Complain(absl::StrCat(adapter::FormatOverlap(overlap), "."));
  }
  if (options.json) std::printf("%s\n", json.dump(2).c_str());
  if (!Written("the status")) return kEnvironment;
  return well ? kDone : kLawBroken;
}

}  // namespace

void AddStatus(CLI::App& app, StatusOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("status", kAboutStatus);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_flag("--json", options.json, "As JSON.");
  verb->callback([&] { run = [&options] { return Status(options); }; });
}

}  // namespace calsync::tools
