#include "tools/metrics.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/page/board.h"
#include "tools/installation.h"
#include "tools/looking.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutMetrics[] =
    "Figures of what is kept in step: how many events, how many blocks, how many are stuck. From the database; what a running\n"
    "CalSync counted besides (calls, quota, queues, channels) as it wrote it last. For Prometheus see [page] in the settings.\n"
    "\n"
    "Examples:\n"
    "  calsync metrics\n"
    "  calsync metrics --json | jq .events_stuck_creating\n"
    "\n"
    "Exit code: 0 done, 2 settings are wrong, 3 the database cannot be read.";

int Metrics(const MetricsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const auto store = installation->OpenStore();
  if (!store.ok()) return Fail(store.status());
  const absl::Time now = absl::Now();
  std::vector<std::pair<std::string, Figures>> all;
  nlohmann::ordered_json groups = nlohmann::ordered_json::object();
  const bool many = installation->settings().groups.size() > 1;
  for (const adapter::GroupSettings& group : installation->settings().groups) {
    const absl::StatusOr<Engine> engine = LookInto(*installation, **store, group, now);
    if (!engine.ok()) return Fail(engine.status());
    std::vector<std::pair<std::string, Figures>> of_group;
    for (const CalendarHealth& health : engine->Health(now).calendars) {
      const std::string& name = group.Find(health.calendar)->name;
      of_group.emplace_back(name, health.figures);
      all.emplace_back(many ? absl::StrCat(group.id.text(), "/", name) : name, health.figures);
    }
    groups[group.id.str()] = nlohmann::ordered_json::parse(adapter::FiguresJson(of_group));
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(adapter::FiguresJson(all));
  if (!options.json) {
    for (const auto& [name, value] : json.items()) {
      if (value.is_number()) std::printf("%-26s %8s\n", name.c_str(), Thousands(value.get<uint64_t>()).c_str());
    }
    std::printf("events_by_calendar\n");
    for (const auto& [name, figures] : all) {
      std::printf("  %-24s %8s\n", name.c_str(), Thousands(static_cast<uint64_t>(figures.total_events_tracked)).c_str());
    }
    return Written("the figures") ? kDone : kEnvironment;
  }
  json["groups"] = std::move(groups);
  const Report report = ReadReport(*installation, now);
  json["running"] = report.fresh ? nlohmann::ordered_json(report.json) : nlohmann::ordered_json();
  std::printf("%s\n", json.dump(2).c_str());
  return Written("the figures") ? kDone : kEnvironment;
}

}  // namespace

void AddMetrics(CLI::App& app, MetricsOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("metrics", kAboutMetrics);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_flag("--json", options.json, "As JSON.");
  verb->callback([&] { run = [&options] { return Metrics(options); }; });
}

}  // namespace calsync::tools
