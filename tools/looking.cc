#include "tools/looking.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "adapter/config/settings.h"
#include "adapter/config/tight_file.h"
#include "adapter/runner/zones.h"
#include "engine/base/status_macros.h"
#include "tools/workers.h"

namespace calsync::tools {
namespace {

constexpr absl::Duration kFresh = absl::Minutes(1);  // It is written anew four times a minute.

absl::Time ChangedAt(const std::string& file) {
  struct stat about = {};
  return stat(file.c_str(), &about) == 0 ? absl::TimeFromTimespec(about.st_mtim) : absl::InfinitePast();
}

std::string TextAt(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

absl::StatusOr<Engine> LookInto(const Installation& installation, adapter::Store& store, const adapter::GroupSettings& group,
                                absl::Time now) {
  ASSIGN_OR_RETURN(GroupImage image, store.Peek(group.id));
  GroupConfig config = adapter::ConfigOf(group, installation.settings().instance, adapter::EngineKeys(installation.keys()));
  const bool needs_zones = adapter::NeedsZones(config);
  Engine engine(std::move(config), std::move(image), SipKey{});
  engine.LookAt(now, needs_zones ? adapter::MachineZones() : nullptr);
  return engine;
}

namespace {

// Of this machine: one of the only process, or one of each worker.
std::vector<std::string> ReportFiles(const Installation& installation) {
  if (installation.settings().store.empty()) return {installation.report_file()};
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(installation.settings().state_folder, error)) {
    const std::string name = entry.path().filename().string();
    if (absl::StartsWith(name, "report") && absl::EndsWith(name, ".json")) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Adds up what the workers did, wherever they run; of their groups it takes what this machine does not know better.
void AddUp(const std::vector<nlohmann::json>& workers, Report& report) {
  if (workers.empty()) return;
  nlohmann::json all = {{"workers", workers.size()}, {"well", true}, {"quota_units", 0}, {"calls", nlohmann::json::array()}};
  all["groups"] = report.fresh ? report.json["groups"] : nlohmann::json::object();
  std::map<std::pair<std::string, std::string>, int64_t> calls;
  std::map<std::string, int64_t> notifications;
  std::string since;
  int64_t units = 0;
  for (const nlohmann::json& worker : workers) {
    all["well"] = all["well"].get<bool>() && worker.value("well", false);
    units += worker.value("quota_units", int64_t{0});
    const std::string began = TextAt(worker, "since");
    if (since.empty() || began < since) since = began;
    for (const nlohmann::json& call : worker.value("calls", nlohmann::json::array())) {
      calls[{TextAt(call, "method"), TextAt(call, "outcome")}] += call.value("count", int64_t{0});
    }
    const nlohmann::json arrived = worker.value("notifications", nlohmann::json::object());
    for (const auto& [outcome, count] : arrived.items()) {
      if (count.is_number_integer()) notifications[outcome] += count.get<int64_t>();
    }
    const nlohmann::json groups = worker.value("groups", nlohmann::json::object());
    for (const auto& [id, group] : groups.items()) {
      if (!all["groups"].contains(id)) all["groups"][id] = group;
    }
  }
  for (const auto& [what, count] : calls) {
    all["calls"].push_back({{"method", what.first}, {"outcome", what.second}, {"count", count}});
  }
  all["notifications"] = notifications;
  all["since"] = since;
  all["quota_units"] = units;
  report = {.fresh = true, .json = std::move(all)};
}

}  // namespace

Report ReadReport(const Installation& installation, absl::Time now) {
  Report report;
  const bool held = InstanceLock::IsHeld(installation.lock_file());
  for (const std::string& file : ReportFiles(installation)) {
    const absl::StatusOr<std::string> text = adapter::ReadFile(file, adapter::Privacy::kOwnerOnly);
    if (!text.ok()) continue;
    nlohmann::json json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) continue;
    const bool fresh = held && now - ChangedAt(file) < kFresh;
    if (report.json.is_object() && report.fresh && fresh) {
      report.json["groups"].update(json["groups"]);  // A group is of one worker.
    } else if (!report.json.is_object() || fresh) {
      report.json = std::move(json);
    }
    report.fresh = report.fresh || fresh;
  }
  AddUp(ReportsOf(installation), report);
  return report;
}

std::vector<AlertLine> AlertsOf(const Report& report, const adapter::GroupSettings& group, const Engine& engine, absl::Time now) {
  std::vector<AlertLine> lines;
  if (report.fresh && report.json["groups"].contains(group.id.str())) {
    for (const nlohmann::json& alert : report.json["groups"][group.id.str()].value("alerts", nlohmann::json::array())) {
      lines.push_back({TextAt(alert, "alert"), TextAt(alert, "calendar"), TextAt(alert, "words")});
    }
    return lines;
  }
  if (group.paused) return lines;
  for (const Alert& alert : engine.Health(now).alerts) {
    const adapter::CalendarSettings* const calendar = group.Find(alert.calendar);
    lines.push_back({std::string(Name(alert.kind)), calendar == nullptr ? "" : calendar->name, alert.words});
  }
  return lines;
}

}  // namespace calsync::tools
