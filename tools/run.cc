#include "tools/run.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/page/counters_json.h"
#include "engine/base/overloaded.h"
#include "engine/state/group.h"
#include "tools/installation.h"
#include "tools/production.h"
#include "tools/terminal.h"
#include "tools/timeout.h"

namespace calsync::tools {
namespace {

constexpr char kAboutRun[] =
    "Keeps the calendars of an installation in step, until Ctrl-C.\n"
    "\n"
    "Examples:\n"
    "  calsync run                     # polls, and takes notifications if the settings say where\n"
    "  calsync run --once --json       # once, then what this run did, per calendar and in total: for cron\n"
    "  calsync run --dry-run           # says what would be written, and writes nothing\n"
    "  calsync run --restored          # after a backup of the database was put back by hand\n"
    "  calsync run --worker            # as one of several on a database of PostgreSQL; docs/workers.md\n"
    "  calsync run --record DIR        # and keeps all that decides, for `calsync replay`; titles and names are replaced\n"
    "\n"
    "Changes of the settings file are taken over while it runs. Exit code: 0 stopped or settled, 1 --once could not settle all,\n"
    "2 settings or command line are wrong or another calsync runs, 3 the machine does not let it.";

std::string WhenOf(const Event& event) { return FormatSpan(event.span()); }

// One line for people: no title of anybody's event, but the block's own.
std::string TellWrite(const Installation& installation, const Request& write, const Event* before) {
  const CalendarId* const id = CalendarOf(write);
  std::string where = id == nullptr ? "" : id->str();
  for (const adapter::GroupSettings& group : installation.settings().groups) {
    for (const adapter::CalendarSettings& calendar : group.calendars) {
      if (id != nullptr && calendar.google_id == *id) where = calendar.name;
    }
  }
  if (const auto* insert = std::get_if<InsertEvent>(&write)) {
    return absl::StrCat("insert  ", where, ": a block at ", WhenOf(insert->event));
  }
  if (const auto* patch = std::get_if<PatchEvent>(&write)) {
    const bool tag =
        !patch->patch.start && !patch->patch.summary && !patch->patch.status && !patch->patch.private_properties.empty();
    return absl::StrCat(tag ? "tag     " : "update  ", where, ": ", tag ? "the event at " : "the block at ", WhenOf(*before));
  }
  return absl::StrCat("delete  ", where, ": the block at ", WhenOf(*before));
}

// Tells workers of one machine apart, and a life of one from the next.
std::string UsualName() {
  char host[65] = {};
  if (gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return absl::StrCat(host[0] == '\0' ? "worker" : host, "-", getpid());
}

// Counters are stored, and go on for as long as an installation lives.
using CountersBefore = std::map<std::pair<GroupId, CalendarKey>, Counters>;

CountersBefore CountersOf(Production& production) {
  CountersBefore counters;
  for (const adapter::Runner::View& view : production.runner().Groups()) {
    for (const CalendarRow& row : production.RowsOf(view)) counters[{view.group, row.key}] = row.counters;
  }
  return counters;
}

// What was counted since `before`.
nlohmann::json SummaryJson(Production& production, CountersBefore before, const std::vector<std::string>& left, int64_t writes,
                           bool dry_run) {
  nlohmann::json json;
  Counters total;
  json["groups"] = nlohmann::json::object();
  for (const adapter::Runner::View& view : production.runner().Groups()) {
    nlohmann::json& group = json["groups"][view.group.str()];
    const adapter::GroupSettings* const settings = production.installation().settings().Find(view.group);
    Counters of_group;
    const std::vector<CalendarRow> rows = production.RowsOf(view);
    for (const adapter::CalendarSettings& calendar : settings->calendars) {
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const CalendarRow& one) { return one.key == calendar.key; });
      Counters counters;
      if (row != rows.end()) (counters = row->counters) -= before[{view.group, calendar.key}];
      if (dry_run) counters.busy_blocks_created = 0;  // The answers were made up here.
      of_group += counters;
      group["calendars"][calendar.name] = adapter::CountersJson(counters);
    }
    total += of_group;
    group["total"] = adapter::CountersJson(of_group);
    if (view.engine != nullptr && ComparesMarks(view.engine->config().policy)) {
      group["detections_differ"] = {{"blocks_by_text_alone", view.engine->blocks_by_text_alone()},
                                    {"blocks_by_ids_alone", view.engine->blocks_by_ids_alone()}};
    }
  }
  json["total"] = adapter::CountersJson(total);
  json["unsettled"] = left;
  json["settled"] = left.empty();
  if (dry_run) json["would_write"] = writes;
  return json;
}

int Run(const RunOptions& options) {
  if ((options.bounded || options.json) && !options.once && !options.dry_run) {
    return Fail(absl::InvalidArgumentError(
        "--timeout and --json go with --once or --dry-run: without one of them calsync runs until it is stopped"));
  }
  const std::optional<absl::Duration> timeout = TimeoutFrom(options.timeout);
  if (!timeout.has_value()) return kUsage;
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (options.worker && installation->settings().store.empty()) {
    return Fail(absl::FailedPreconditionError(
        "workers share a database on PostgreSQL.\n  To move to it:  calsync store copy FILE postgres://…   (docs/workers.md)"));
  }
  int64_t writes = 0;
  const Installation names = *installation;
  ProductionOptions how{.dry_run = options.dry_run, .restored = options.restored};
  how.record = options.record;
  how.record_texts = options.record_text ? adapter::Texts::kKept : adapter::Texts::kRedacted;
  how.record_bytes_max = options.record_max << 20;
  how.receive = !options.once && !options.dry_run;
  if (options.worker) how.worker = options.name.empty() ? UsualName() : options.name;
  how.webhook_listen = options.webhook_listen;
  how.page_listen = options.page_listen;
  how.quiet = options.quiet || options.dry_run || (options.once && options.json);
  how.told = [&](const Request& write, const Event* before) {
    ++writes;
    if (!options.json) std::printf("%s\n", TellWrite(names, write, before).c_str());
  };
  http::Loop loop;
  absl::StatusOr<std::unique_ptr<Production>> started = Production::Start(loop, *std::move(installation), std::move(how));
  if (!started.ok()) return Fail(started.status());
  Production& production = **started;
  if (!options.once && !options.dry_run) {
    if (!options.quiet) std::fprintf(stderr, "calsync: running; Ctrl-C stops it\n");
    production.Run();
    if (!options.quiet) std::fprintf(stderr, "calsync: stopped\n");
    return kDone;
  }
  CountersBefore before = CountersOf(production);
  const std::vector<std::string> left = production.RunOnce(*timeout);
  const nlohmann::json summary = SummaryJson(production, std::move(before), left, writes, options.dry_run);
  if (options.json) {
    std::printf("%s\n", summary.dump(2).c_str());
  } else {
    const nlohmann::json& total = summary["total"];
    std::printf("%lld listings of calendars, %lld events in them, %lld new ones of people; ",
                total["calendars_processed"].get<long long>(), total["events_processed"].get<long long>(),
                total["user_events_found"].get<long long>());
    if (options.dry_run) {
      std::printf("%lld writes would be made, none was\n", static_cast<long long>(writes));
    } else {
      std::printf("%lld blocks created\n", total["busy_blocks_created"].get<long long>());
    }
    for (const std::string& what : left) std::printf("not settled: %s\n", what.c_str());
  }
  if (!Written("the summary")) return kEnvironment;
  if (production.interrupted()) return kInterrupted;
  return left.empty() ? kDone : kLawBroken;
}

}  // namespace

void AddRun(CLI::App& app, RunOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("run", kAboutRun);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  CLI::Option* once = verb->add_flag("--once", options.once, "End when all is in step.");
  CLI::Option* dry_run = verb->add_flag("--dry-run", options.dry_run,
                                        "Say what would be written; write nothing, neither to Google nor to the database.");
  verb->add_flag("--restored", options.restored, "The database is older than the calendars: a backup was put back.");
  CLI::Option* timeout = verb->add_option("--timeout", options.timeout, "With --once or --dry-run: how long at most.")
                             ->type_name("TIME")
                             ->capture_default_str();
  CLI::Option* record =
      verb->add_option("--record", options.record, "Record what each group's engine is given and answers: traces, redacted.")
          ->type_name("DIR");
  verb->add_flag("--record-text", options.record_text, "Keep titles, descriptions, names and addresses in them.")->needs(record);
  verb->add_option("--record-max", options.record_max, "So large a file gets; a group has four at most.")
      ->needs(record)
      ->check(CLI::Range(1, 65536))
      ->type_name("MIB")
      ->capture_default_str();
  CLI::Option* worker = verb->add_flag("--worker", options.worker,
                                       "Be one of several processes that share the database on PostgreSQL: each runs its share.")
                            ->excludes(once)
                            ->excludes(dry_run);
  verb->add_option("--name", options.name, "Of the worker, for `calsync workers`; its machine's and its number if there is none.")
      ->needs(worker)
      ->check([](const std::string& name) {
        return adapter::IsGroupName(name) ? std::string() : absl::StrCat("takes ", adapter::kGroupNameRule);
      });
  verb->add_option("--webhook-listen", options.webhook_listen,
                   "Where notifications arrive at this worker, instead of the settings'.")
      ->needs(worker)
      ->type_name("ADDRESS:PORT");
  verb->add_option("--page-listen", options.page_listen, "Likewise the page.")->needs(worker)->type_name("ADDRESS:PORT");
  verb->add_flag("--quiet", options.quiet, "Say only what goes wrong.");
  verb->add_flag("--json", options.json, "With --once or --dry-run: what this run did as one object of JSON; docs/operating.md.");
  verb->callback([&, timeout] {
    options.bounded = timeout->count() > 0;
    run = [&options] { return Run(options); };
  });
}

}  // namespace calsync::tools
