#include "tools/migrate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/engine.h"
#include "tools/installation.h"
#include "tools/production.h"
#include "tools/terminal.h"
#include "tools/timeout.h"

namespace calsync::tools {
namespace {

constexpr char kAboutMigrate[] =
    "Moves over from a system that knew its busy blocks by their texts: finds its blocks, and adopts each that is the block for "
    "just\n"
    "one event. It stays where it is, follows its event from then on, and goes with it. All else is listed, with the reason and "
    "what\n"
    "can be done; nothing is guessed.\n"
    "\n"
    "Examples:\n"
    "  calsync migrate --dry-run                 # what would be adopted, and what would be left; nothing is written\n"
    "  calsync migrate                           # adopts\n"
    "  calsync migrate --settle ID --as mine     # that event is a person's own, whatever it is called\n"
    "  calsync migrate --settle ID --as block    # that event is a block of the other system: adopted, or removed\n"
    "\n"
    "It needs detection = \"hybrid\" (or \"text\") under [group.policy]; docs/operating.md tells the whole way. It may be "
    "stopped and\n"
    "begun again at any moment. If `calsync run` is running, that is told to do it.\n"
    "Exit code: 0 nothing is left, 1 something waits for a word, 2 settings or what was asked for are wrong, 3 the machine does "
    "not\n"
    "let it.";

// What an entry of the list says, and what can be done about it.
struct Words {
  const char* reason;
  const char* proposal;
};

Words WordsOf(MarkFinding finding) {
  switch (finding) {
    case MarkFinding::kPaired:
      return {"the block for one event", "`calsync migrate` adopts it"};
    case MarkFinding::kInDoubt:
      return {"it, or an event at its times, waits to be read", "run this again later"};
    case MarkFinding::kOnlyTitle:
      return {"only its title is marked, though an event is there", "--settle it --as block, or --as mine"};
    case MarkFinding::kOnlyDescription:
      return {"only its description is marked, though an event is there", "--settle it --as block, or --as mine"};
    case MarkFinding::kNoEvent:
      return {"no single event has its times: its event moved, is gone, or recurs",
              "--settle it --as block removes it; --as mine keeps it"};
    case MarkFinding::kOtherTitle:
      return {"the events at its times have other titles",
              "--settle it --as block removes it, or adopts it with --of; --as mine keeps it"};
    case MarkFinding::kSeveralEvents:
      return {"several events are equally good", "--settle it --as block --of ID says which"};
    case MarkFinding::kSeveralMarks:
      return {"several blocks are equally good for its event", "--settle one --as block --of ID, the others --as block"};
    case MarkFinding::kBlockThere:
      return {"its event has a block of CalSync here, or somebody deleted that", "--settle it --as block removes it"};
    case MarkFinding::kNotDue:
      return {"its event has no block here, by policy", "--settle it --as block removes it"};
    case MarkFinding::kFrozen:
      return {"its calendar, or its event's, cannot be read or written now", "run this again later"};
    case MarkFinding::kRecurs:
      return {"it recurs, as no block of the other system did", "--settle it --as block removes it; --as mine keeps it"};
  }
  return {"?", "?"};
}

// One group, as it is now.
struct GroupState {
  GroupId id;
  GroupConfig config;
  MigrationState state;
};

struct Task {
  GroupId group;
  OperatorCommand command;
};

std::string NameOf(const GroupConfig& config, CalendarKey key) {
  const LinkedCalendar* const calendar = config.Find(key);
  return calendar == nullptr ? adapter::FormatKey(key) : calendar->name;
}

bool IsAskedFor(const Installation& installation, const MigrateOptions& options, const GroupId& group, CalendarKey key) {
  if (options.calendar.empty()) return true;
  const adapter::CalendarSettings* const calendar = installation.settings().Find(group)->FindByName(options.calendar);
  return calendar != nullptr && calendar->key == key;
}

// The groups that were asked for, by what is stored about them.
absl::StatusOr<std::vector<GroupState>> Stored(const Installation& installation, const MigrateOptions& options) {
  std::vector<GroupState> groups;
  std::unique_ptr<adapter::Store> store;
  if (installation.HasDatabase()) {
    ASSIGN_OR_RETURN(store, installation.OpenStore());
  }
  for (const adapter::GroupSettings& settings : installation.settings().groups) {
    adapter::Runner::Linked linked = installation.Linked(settings);
    if (!options.group.empty() && linked.config.id.text() != options.group) continue;
    GroupImage image;
    if (store != nullptr) {
      ASSIGN_OR_RETURN(image, store->Peek(linked.config.id));
    }
    const Engine engine(linked.config, std::move(image), SipKey{});  // It is asked, and takes no step.
    groups.push_back({linked.config.id, std::move(linked.config), engine.migration()});
  }
  if (groups.empty()) return absl::NotFoundError(absl::StrCat("there is no group \"", options.group, "\""));
  return groups;
}

bool HeedsTexts(const GroupState& group) { return HeedsMarks(group.config.policy) || !group.state.unsettled.empty(); }

// What --settle means, event by event; an error if one of them is none.
absl::StatusOr<std::vector<Task>> Settlements(const Installation& installation, const MigrateOptions& options,
                                              const std::vector<GroupState>& groups) {
  std::vector<Task> tasks;
  for (const std::string& id : options.settle) {
    std::vector<Task> found;
    for (const GroupState& group : groups) {
      for (const MarkedEvent& marked : group.state.unsettled) {
        if (marked.place.event.text() != id || !IsAskedFor(installation, options, group.id, marked.place.calendar)) continue;
        SettleLegacy settle{.calendar = marked.place.calendar,
                            .event = marked.place.event,
                            .as = options.as == "mine" ? SettleLegacy::As::kPersons : SettleLegacy::As::kBlock};
        if (!options.of.empty()) settle.source_event = EventId(options.of);
        found.push_back({group.id, settle});
      }
    }
    if (found.empty()) {
      return absl::NotFoundError(
          absl::StrCat("no event ", id, " waits for a word. `calsync migrate --dry-run` lists those that do"));
    }
    if (found.size() > 1)
      return absl::InvalidArgumentError(absl::StrCat(id, " is on more than one calendar: --calendar says which"));
    tasks.push_back(std::move(found.front()));
  }
  return tasks;
}

// Which calendar the event of --of lies on.
absl::Status FindSources(const Installation& installation, const MigrateOptions& options, std::vector<Task>& tasks) {
  if (options.of.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<adapter::Store> store, installation.OpenStore());
  for (Task& task : tasks) {
    auto& settle = std::get<SettleLegacy>(task.command);
    ASSIGN_OR_RETURN(const GroupImage image, store->Peek(task.group));
    for (const Record& record : image.records) {
      if (record.IsLiveUserEvent() && record.event.Equals(options.of) && record.calendar != settle.calendar) {
        settle.source_calendar = record.calendar;
      }
    }
    if (settle.source_calendar == CalendarKey()) {
      return absl::NotFoundError(absl::StrCat("--of ", options.of, ": no event of a person on another calendar has this id"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Task>> Tasks(const Installation& installation, const MigrateOptions& options,
                                        const std::vector<GroupState>& groups) {
  if (!options.settle.empty()) {
    ASSIGN_OR_RETURN(std::vector<Task> tasks, Settlements(installation, options, groups));
    RETURN_IF_ERROR(FindSources(installation, options, tasks));
    return tasks;
  }
  std::vector<Task> tasks;
  bool found = options.calendar.empty();
  for (const GroupState& group : groups) {
    AdoptLegacy adopt;
    if (!options.calendar.empty()) {
      const adapter::CalendarSettings* const calendar = installation.settings().Find(group.id)->FindByName(options.calendar);
      if (calendar == nullptr) continue;
      adopt.calendar = calendar->key;
      found = true;
    }
    if (HeedsTexts(group)) tasks.push_back({group.id, adopt});
  }
  if (!found) return absl::NotFoundError(absl::StrCat("no calendar \"", options.calendar, "\" is linked"));
  if (tasks.empty()) {
    return absl::FailedPreconditionError(
        "texts are not looked at: detection is \"uuid\". Put detection = \"hybrid\" under [group.policy] first");
  }
  return tasks;
}

nlohmann::json JsonOf(const GroupState& group, const MarkedEvent& marked, bool titles) {
  nlohmann::json json;
  json["calendar"] = NameOf(group.config, marked.place.calendar);
  json["event"] = marked.place.event.str();
  json["at"] = FormatSpan(marked.span);
  json["finding"] = std::string(Name(marked.finding));
  json["reason"] = WordsOf(marked.finding).reason;
  json["proposal"] = WordsOf(marked.finding).proposal;
  if (marked.finding == MarkFinding::kNotDue || marked.finding == MarkFinding::kFrozen)
    json["policy"] = std::string(Name(marked.reason));
  if (titles) json["title"] = marked.title;
  if (marked.source.has_value()) {
    json["source_calendar"] = NameOf(group.config, marked.source->calendar);
    json["source_event"] = marked.source->event.str();
  }
  return json;
}

void Say(const GroupState& group, const MarkedEvent& marked, bool titles) {
  std::string line = absl::StrCat("  ", FormatSpan(marked.span), "  ", NameOf(group.config, marked.place.calendar), "  ",
                                  marked.place.event.text());
  if (titles) absl::StrAppend(&line, "  \"", marked.title, "\"");
  if (marked.source.has_value()) {
    absl::StrAppend(&line, "  for ", NameOf(group.config, marked.source->calendar), " ", marked.source->event.text());
  }
  std::printf("%s\n", line.c_str());
}

// By finding, so that each reason is read once.
void SayAll(const GroupState& group, const MigrateOptions& options, const std::vector<MarkedEvent>& events) {
  for (int number = 0; number < kMarkFindings; ++number) {
    const auto finding = static_cast<MarkFinding>(number);
    const auto count =
        std::count_if(events.begin(), events.end(), [&](const MarkedEvent& one) { return one.finding == finding; });
    if (count == 0) continue;
    std::printf("%s, %lld: %s. %s:\n", group.id.str().c_str(), static_cast<long long>(count), WordsOf(finding).reason,
                WordsOf(finding).proposal);
    for (const MarkedEvent& marked : events) {
      if (marked.finding == finding) Say(group, marked, options.titles);
    }
  }
}

struct MigrationState {
  std::vector<GroupState> groups;
  std::vector<std::string> left;  // What came to no rest.
  int64_t adopted = 0;
  int64_t removed = 0;
  bool told_running = false;
};

// How many events wait for a word.
int64_t Waiting(const Installation& installation, const MigrateOptions& options, const MigrationState& report) {
  int64_t waiting = 0;
  for (const GroupState& group : report.groups) {
    for (const MarkedEvent& marked : group.state.unsettled) {
      waiting += IsAskedFor(installation, options, group.id, marked.place.calendar) ? 1 : 0;
    }
  }
  return waiting;
}

int Tell(const Installation& installation, const MigrateOptions& options, const MigrationState& report, bool interrupted) {
  nlohmann::json json;
  json["dry_run"] = options.dry_run;
  json["told_running"] = report.told_running;
  json[options.dry_run ? "would_adopt" : "adopted"] = report.adopted;
  json[options.dry_run ? "would_remove" : "removed"] = report.removed;
  json["not_done"] = report.left;
  json["groups"] = nlohmann::json::object();
  for (const GroupState& group : report.groups) {
    std::vector<MarkedEvent> events;
    for (const MarkedEvent& marked : group.state.unsettled) {
      if (IsAskedFor(installation, options, group.id, marked.place.calendar)) events.push_back(marked);
    }
    nlohmann::json& to = json["groups"][group.id.str()];
    to["detection"] = std::string(Name(group.config.policy.detection));
    to["adopted"] = group.state.adopted;
    to["tags_owed"] = group.state.tags_owed;
    to["recorded_events"] = group.state.recorded_events;
    to["unsettled"] = nlohmann::json::array();
    for (const MarkedEvent& marked : events) to["unsettled"].push_back(JsonOf(group, marked, options.titles));
    if (options.json) continue;
    SayAll(group, options, events);
    std::printf("%s: detection is %s; %lld adopted blocks are there, %lld of them without their tag yet\n",
                group.id.str().c_str(), std::string(Name(group.config.policy.detection)).c_str(),
                static_cast<long long>(group.state.adopted), static_cast<long long>(group.state.tags_owed));
    if (group.state.recorded_events > 0) {
      std::printf("%s: %lld events with a marked title are on record as a person's, and are mirrored\n", group.id.str().c_str(),
                  static_cast<long long>(group.state.recorded_events));
    }
  }
  const int64_t waiting = Waiting(installation, options, report);
  if (options.json) {
    std::printf("%s\n", json.dump(2).c_str());
  } else {
    for (const std::string& what : report.left) std::printf("not done: %s\n", what.c_str());
    if (report.told_running) {
      std::printf("`calsync run` was told; `calsync migrate --dry-run` shows what is left\n");
    } else {
      std::printf("%lld %s, %lld %s; %lld wait for a word%s\n", static_cast<long long>(report.adopted),
                  options.dry_run ? "would be adopted" : "adopted", static_cast<long long>(report.removed),
                  options.dry_run ? "would be removed" : "removed", static_cast<long long>(waiting),
                  options.dry_run ? "; nothing was written" : "");
    }
  }
  if (!Written("the report")) return kEnvironment;
  if (interrupted) return kInterrupted;
  return waiting == 0 && report.left.empty() ? kDone : kLawBroken;
}

// By the process that runs: it finds the orders. A dry run says what is stored, and calls nobody.
int Order(const Installation& installation, const MigrateOptions& options, std::vector<GroupState> groups) {
  MigrationState report{.groups = std::move(groups)};
  if (options.dry_run) {
    for (const GroupState& group : report.groups) {
      for (const MarkedEvent& marked : group.state.unsettled) report.adopted += marked.finding == MarkFinding::kPaired ? 1 : 0;
    }
    return Tell(installation, options, report, false);
  }
  const absl::StatusOr<std::vector<Task>> tasks = Tasks(installation, options, report.groups);
  if (!tasks.ok()) return Fail(tasks.status());
  for (const Task& task : *tasks) {
    if (const absl::Status put = installation.inbox().Put({task.group, task.command}); !put.ok()) return Fail(put);
  }
  report.told_running = true;
  return Tell(installation, options, report, false);
}

// The same of the groups that run in this process.
std::vector<GroupState> Running(const adapter::Runner& runner, const MigrateOptions& options) {
  std::vector<GroupState> groups;
  for (const adapter::Runner::View& view : runner.Groups()) {
    if (view.engine == nullptr || (!options.group.empty() && view.group.text() != options.group)) continue;
    groups.push_back({view.group, view.engine->config(), view.engine->migration()});
  }
  return groups;
}

// In this process: all calendars are read, the word is given, and what follows from it is carried out.
int CarryOut(Installation installation, const MigrateOptions& options, absl::Duration timeout) {
  const Installation names = installation;
  MigrationState report;
  ProductionOptions how{.dry_run = options.dry_run, .receive = false, .follow = false, .quiet = true};
  how.rows_max = std::numeric_limits<size_t>::max();  // All are asked at the end.
  how.heard = [&](const AuditEntry& entry) {
    report.adopted += entry.kind == AuditKind::kLegacyAdopted ? 1 : 0;
    report.removed += entry.kind == AuditKind::kTextMarkSettled && entry.detail == kSettledAsSurplus ? 1 : 0;
  };
  http::Loop loop;
  absl::StatusOr<std::unique_ptr<Production>> started = Production::Start(loop, std::move(installation), std::move(how));
  if (!started.ok()) return Fail(started.status());
  adapter::Runner& runner = (*started)->runner();
  absl::Status wrong;
  bool told = false;
  report.left = (*started)->RunOnce(timeout, [&] {
    if (std::exchange(told, true)) return false;
    report.groups = Running(runner, options);
    const absl::StatusOr<std::vector<Task>> tasks = Tasks(names, options, report.groups);
    if (!tasks.ok()) {
      wrong = tasks.status();
      return false;
    }
    report.adopted = report.removed = 0;
    for (const Task& task : *tasks) wrong.Update(runner.Command(task.group, task.command));
    return true;
  });
  if (!wrong.ok()) return Fail(wrong);
  // A dry run shows what there is to be decided, a real one what is left of it.
  if (!options.dry_run || report.groups.empty()) report.groups = Running(runner, options);
  return Tell(names, options, report, (*started)->interrupted());
}

int Migrate(const MigrateOptions& options) {
  const std::optional<absl::Duration> timeout = TimeoutFrom(options.timeout);
  if (!timeout.has_value()) return kUsage;
  if (options.settle.empty() != options.as.empty()) {
    Complain("--settle names the events, --as says what they are, \"mine\" or \"block\": both go together.");
    return kUsage;
  }
  if (!options.of.empty() && (options.as != "block" || options.settle.size() != 1)) {
    Complain("--of says which event a block is for: it goes with one event of --settle, and --as block.");
    return kUsage;
  }
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  absl::StatusOr<std::vector<GroupState>> groups = Stored(*installation, options);
  if (!groups.ok()) return Fail(groups.status());
  if (const absl::StatusOr<std::vector<Task>> tasks = Tasks(*installation, options, *groups); !tasks.ok())
    return Fail(tasks.status());
  if (InstanceLock::IsHeld(installation->lock_file())) return Order(*installation, options, *std::move(groups));
  return CarryOut(*std::move(installation), options, *timeout);
}

}  // namespace

void AddMigrate(CLI::App& app, MigrateOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("migrate", kAboutMigrate);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("--group", options.group, "This group alone.")->type_name("NAME");
  verb->add_option("--calendar", options.calendar, "Blocks on this calendar alone: its name, or Google's id.")->type_name("NAME");
  verb->add_flag("--dry-run", options.dry_run, "Say what would be done; write nothing, neither to Google nor to the database.");
  verb->add_option("--settle", options.settle, "Events that wait for a word, by their ids.")->type_name("ID")->delimiter(',');
  verb->add_option("--as", options.as, "What they are: a person's own, or blocks of the other system.")
      ->type_name("mine|block")
      ->check(CLI::IsMember({"mine", "block"}));
  verb->add_option("--of", options.of, "With --as block: the event that it is for.")->type_name("ID");
  verb->add_flag("--titles", options.titles, "Show titles, too.");
  verb->add_option("--timeout", options.timeout, "How long at most.")->type_name("TIME")->capture_default_str();
  verb->add_flag("--json", options.json, "The report as one object of JSON.");
  verb->callback([&] { run = [&options] { return Migrate(options); }; });
}

}  // namespace calsync::tools
