#include "tools/workers.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "adapter/store/postgres_leases.h"
#include "engine/base/status_macros.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutWorkers[] =
    "The processes that share the database: how many groups each of them runs, and how long its lease still holds.\n"
    "\n"
    "Examples:\n"
    "  calsync workers [--json]\n"
    "  calsync workers drain NAME      # it hands its groups over and takes none; it still receives notifications\n"
    "  calsync workers undrain NAME\n"
    "\n"
    "Exit code: 0 done, 2 there is no such worker, or the database is a file, 3 the database cannot be reached.";

absl::StatusOr<std::unique_ptr<adapter::PostgresLeases>> Open(const Installation& installation) {
  RETURN_IF_ERROR(installation.OpenStore().status());  // Brings the tables up to date.
  return adapter::PostgresLeases::Open(installation.settings().store, {});
}

int List(const WorkersOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<std::vector<adapter::Peer>> workers = WorkersOf(*installation);
  if (!workers.ok()) return Fail(workers.status());
  std::printf("%s", options.json ? absl::StrCat(WorkersJson(*workers).dump(2), "\n").c_str() : WorkersText(*workers).c_str());
  if (!options.json && workers->empty()) std::printf("no workers\n");
  return Written("the workers") ? kDone : kEnvironment;
}

int Drain(const WorkersOptions& options, bool draining) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (installation->settings().store.empty())
    return Fail(absl::FailedPreconditionError("the database is a file: there are no workers"));
  const auto leases = Open(*installation);
  if (!leases.ok()) return Fail(leases.status());
  const absl::StatusOr<int64_t> found = (*leases)->Drain(options.name, draining);
  if (!found.ok()) return Fail(found.status());
  if (*found == 0)
    return Fail(absl::NotFoundError(absl::StrCat("there is no worker \"", options.name, "\". `calsync workers` lists them")));
  std::printf("%s\n",
              draining ? "it hands its groups over; `calsync workers` says when it has none" : "it takes its share again");
  return Written("the result") ? kDone : kEnvironment;
}

}  // namespace

absl::StatusOr<std::vector<adapter::Peer>> WorkersOf(const Installation& installation) {
  if (installation.settings().store.empty()) return std::vector<adapter::Peer>();
  ASSIGN_OR_RETURN(const auto leases, Open(installation));
  return leases->Workers();
}

std::vector<nlohmann::json> ReportsOf(const Installation& installation) {
  std::vector<nlohmann::json> reports;
  if (installation.settings().store.empty()) return reports;
  const auto leases = Open(installation);
  const absl::StatusOr<std::vector<std::string>> said = leases.ok() ? (*leases)->Reports() : leases.status();
  if (!said.ok()) return reports;
  for (const std::string& text : *said) {
    nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (json.is_object()) reports.push_back(std::move(json));
  }
  return reports;
}

nlohmann::json WorkersJson(const std::vector<adapter::Peer>& workers) {
  nlohmann::json json = nlohmann::json::array();
  for (const adapter::Peer& worker : workers) {
    json.push_back({{"name", worker.name},
                    {"groups", worker.groups},
                    {"draining", worker.draining},
                    {"lease_left", absl::ToDoubleSeconds(worker.left)}});
  }
  return json;
}

std::string WorkersText(const std::vector<adapter::Peer>& workers) {
  std::string text;
  for (const adapter::Peer& worker : workers) {
    const bool over = worker.left < absl::ZeroDuration();
    absl::StrAppend(&text, "worker ", worker.name, ": ", worker.groups, worker.groups == 1 ? " group" : " groups",
                    worker.draining ? ", drains" : "",
                    over ? ", its lease is over" : absl::StrCat(", lease for ", absl::ToInt64Seconds(worker.left), " s more"),
                    "\n");
  }
  return text;
}

void AddWorkers(CLI::App& app, WorkersOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("workers", kAboutWorkers);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_flag("--json", options.json, "As JSON.");
  verb->callback([&options, &run] {  // After those of its own verbs.
    if (!run) run = [&options] { return List(options); };
  });
  for (const bool draining : {true, false}) {
    CLI::App* one = verb->add_subcommand(draining ? "drain" : "undrain",
                                         draining ? "Its groups go to the others." : "It takes its share again.");
    one->set_help_flag("-h,--help", "Help.");
    one->add_option("name", options.name, "Which; all of that name.")->required()->type_name("NAME");
    one->callback([&options, &run, draining] { run = [&options, draining] { return Drain(options, draining); }; });
  }
}

}  // namespace calsync::tools
