#include "tools/calendars.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/config/edit.h"
#include "adapter/http/loop.h"
#include "engine/base/status_macros.h"
#include "engine/base/uuid.h"
#include "tools/foreign_blocks.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

using adapter::CalendarSettings;
using adapter::GroupSettings;
using ByAccount = std::map<AccountId, absl::StatusOr<std::vector<CalendarListEntry>>>;

constexpr char kAboutCalendars[] =
    "What the accounts have, and which of it is linked.\n"
    "\n"
    "Examples:\n"
    "  calsync calendars\n"
    "  calsync calendars add primary --account ann@example.org --name Work\n"
    "  calsync calendars add 7k2@group.calendar.google.com --account ann@example.org --direction target\n"
    "  calsync calendars disable Home      # its blocks, and blocks made from it, are removed\n"
    "  calsync calendars enable Home\n"
    "  calsync calendars remove Home       # likewise, for good\n"
    "  calsync calendars direction Home source\n"
    "\n"
    "A running `calsync run` takes changes over by itself.";

absl::string_view RoleName(AccessRole role) {
  constexpr absl::string_view kNames[] = {"none",   "freeBusyReader", "reader", "writerWithoutPrivateAccess",
                                          "writer", "owner",          "unknown"};
  return kNames[static_cast<size_t>(role)];
}

absl::string_view StateName(LinkState state) {
  constexpr absl::string_view kNames[] = {"enabled", "disabled", "removed"};
  return kNames[static_cast<size_t>(state)];
}

constexpr absl::string_view kFlowNames[] = {"both", "source", "target"};

ByAccount ListAll(const Installation& installation, const std::vector<AccountId>& accounts) {
  http::Loop loop;
  adapter::GoogleClient google(loop, installation.google());
  ByAccount listed;
  size_t waiting = accounts.size();
  for (const AccountId& account : accounts) {
    if (const absl::Status status = installation.SetGrant(google, account); !status.ok()) {
      listed.insert_or_assign(account, status);
      --waiting;
      continue;
    }
    google.ListCalendars(account, [&, account](absl::StatusOr<std::vector<CalendarListEntry>> entries) {
      listed.insert_or_assign(account, std::move(entries));
      if (--waiting == 0) loop.Stop();
    });
  }
  if (waiting > 0) loop.Run();
  return listed;
}

// Those that logged in, and those that settings name.
absl::StatusOr<std::vector<AccountId>> AllAccounts(const Installation& installation) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, installation.vault().Names());
  std::vector<AccountId> accounts = installation.Accounts();
  for (const std::string& name : names) accounts.emplace_back(name);
  std::sort(accounts.begin(), accounts.end());
  accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
  return accounts;
}

// The group and calendar that link this one; nulls if none does.
std::pair<const GroupSettings*, const CalendarSettings*> LinkOf(const Installation& installation, const CalendarId& id) {
  for (const GroupSettings& group : installation.settings().groups) {
    for (const CalendarSettings& calendar : group.calendars) {
      if (calendar.google_id == id) return {&group, &calendar};
    }
  }
  return {nullptr, nullptr};
}

int List(const CalendarsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<std::vector<AccountId>> accounts = AllAccounts(*installation);
  if (!accounts.ok()) return Fail(accounts.status());
  if (accounts->empty()) {
    return Fail(absl::FailedPreconditionError("no account is logged in yet.\n  To connect one:  calsync login"));
  }
  const ByAccount listed = ListAll(*installation, *accounts);
  nlohmann::json json = nlohmann::json::array();
  int exit = kDone;
  for (const auto& [account, entries] : listed) {
    if (!entries.ok()) {
      Complain(entries.status().message());
      exit = ExitCodeOf(entries.status());
      continue;
    }
    if (!options.json) std::printf("%s\n", account.str().c_str());
    for (const CalendarListEntry& entry : *entries) {
      const auto [group, calendar] = LinkOf(*installation, entry.id);
      if (options.json) {
        nlohmann::json one = {{"account", account.str()}, {"id", entry.id.str()},
                              {"name", entry.summary},    {"role", RoleName(entry.access_role)},
                              {"primary", entry.primary}, {"linked", calendar != nullptr}};
        if (calendar != nullptr) {
          one["group"] = group->id.str();
          one["linked_as"] = calendar->name;
          one["state"] = StateName(calendar->state);
          one["direction"] = kFlowNames[static_cast<size_t>(calendar->flow)];
        }
        json.push_back(std::move(one));
        continue;
      }
      std::string link = "-";
      if (calendar != nullptr) {
        link = absl::StrCat("linked as \"", calendar->name, "\" in ", group->id.text(), ", ", StateName(calendar->state));
        if (calendar->flow != adapter::Flow::kBoth)
          absl::StrAppend(&link, ", ", kFlowNames[static_cast<size_t>(calendar->flow)], " only");
      }
      std::printf("  %-24s %-8s %s\n    %s\n", entry.summary.c_str(), std::string(RoleName(entry.access_role)).c_str(),
                  link.c_str(), entry.id.str().c_str());
    }
  }
  if (options.json) std::printf("%s\n", json.dump(2).c_str());
  return Written("the calendars") ? exit : kEnvironment;
}

int ListAccounts(const CalendarsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<std::vector<AccountId>> accounts = AllAccounts(*installation);
  if (!accounts.ok()) return Fail(accounts.status());
  const ByAccount listed = ListAll(*installation, *accounts);
  nlohmann::json json = nlohmann::json::array();
  bool all_well = true;
  for (const auto& [account, entries] : listed) {
    all_well = all_well && entries.ok();
    if (options.json) {
      nlohmann::json one = {{"account", account.str()}, {"works", entries.ok()}};
      if (!entries.ok()) one["problem"] = std::string(entries.status().message());
      if (entries.ok()) one["calendars"] = entries->size();
      json.push_back(std::move(one));
    } else if (entries.ok()) {
      std::printf("%-32s works, %zu calendars\n", account.str().c_str(), entries->size());
    } else {
      std::printf("%-32s does not work: %s\n", account.str().c_str(), std::string(entries.status().message()).c_str());
    }
  }
  if (options.json) std::printf("%s\n", json.dump(2).c_str());
  if (listed.empty() && !options.json) std::printf("no account yet.\n  To connect one:  calsync login\n");
  if (!Written("the accounts")) return kEnvironment;
  return all_well ? kDone : kLawBroken;
}

// The group that was named, or the only one.
absl::StatusOr<GroupId> GroupOf(const Installation& installation, const std::string& name) {
  const auto& groups = installation.settings().groups;
  if (!name.empty()) {
    const auto broken = installation.settings().broken.find(GroupId(name));
    if (broken != installation.settings().broken.end()) return broken->second;
    if (installation.settings().Find(GroupId(name)) == nullptr) {
      return absl::NotFoundError(absl::StrCat("there is no group \"", name, "\" in ", installation.settings().file));
    }
    return GroupId(name);
  }
  if (groups.size() == 1) return groups[0].id;
  if (groups.empty()) return GroupId("me");
  return absl::InvalidArgumentError("there is more than one group: --group says which one is meant");
}

absl::StatusOr<CalendarListEntry> Look(const Installation& installation, const AccountId& account, const std::string& id) {
  const ByAccount listed = ListAll(installation, {account});
  const absl::StatusOr<std::vector<CalendarListEntry>>& entries = listed.at(account);
  RETURN_IF_ERROR(entries.status());
  for (const CalendarListEntry& entry : *entries) {
    if (entry.id.text() == id || (id == "primary" && entry.primary)) return entry;
  }
  return absl::NotFoundError(
      absl::StrCat(account.text(), " has no calendar \"", id, "\". `calsync calendars` lists what it has"));
}

uint64_t RandomKey() { return adapter::InstanceKey::Random().ForPaths() | 1; }

// Two installations that mirror the same calendars make each event twice; one that is no more leaves its blocks.
void TellForeignBlocks(const Installation& installation, const CalendarSettings& calendar) {
  http::Loop loop;
  adapter::GoogleClient google(loop, installation.google());
  if (!installation.SetGrant(google, calendar.account).ok()) return;
  const auto found = BlocksByInstance(loop, google, calendar.account, calendar.google_id);
  if (!found.ok()) return Complain(found.status().message());
  for (const auto& [instance, tagged] : *found) {
    if (tagged.blocks.empty() || instance == FormatUuid(installation.settings().instance.value)) continue;
    Complain(absl::StrCat(
        "\"", calendar.name, "\" has ", tagged.blocks.size(), " blocks of another installation of CalSync, ", instance,
        ".\n  They stay, and cause no blocks. If it still runs, each event gets two blocks: stop one of the two.\n",
        "  If it is no more:  calsync retire --instance ", instance));
  }
}

// Whether the group has no other calendar of that name.
absl::Status NameIsFree(const Installation& installation, const GroupId& group, CalendarKey calendar, const std::string& name,
                        absl::string_view advice) {
  const GroupSettings* const settings = installation.settings().Find(group);
  if (settings == nullptr) return absl::OkStatus();
  for (const CalendarSettings& other : settings->calendars) {
    if (other.name != name || other.key == calendar) continue;
    return absl::AlreadyExistsError(absl::StrCat("the name \"", name, "\" is taken: the group \"", group.text(), "\" calls ",
                                                 other.google_id.text(), " so. ", advice));
  }
  return absl::OkStatus();
}

absl::Status AddOne(Installation& installation, const CalendarsOptions& options, const std::string& id) {
  ASSIGN_OR_RETURN(const GroupId group, GroupOf(installation, options.group));
  ASSIGN_OR_RETURN(const CalendarListEntry entry, Look(installation, AccountId(options.account), id));
  if (const auto [other, linked] = LinkOf(installation, entry.id); linked != nullptr && other->id == group) {
    return absl::AlreadyExistsError(absl::StrCat("\"", entry.id.text(), "\" is linked already, as \"", linked->name, "\""));
  }
  CalendarSettings calendar{.key = CalendarKey(RandomKey()),
                            .account = AccountId(options.account),
                            .google_id = entry.id,
                            .name = options.name.empty() ? entry.summary : options.name};
  if (options.direction == "source") calendar.flow = adapter::Flow::kSource;
  if (options.direction == "target") calendar.flow = adapter::Flow::kTarget;
  RETURN_IF_ERROR(NameIsFree(installation, group, calendar.key, calendar.name, "--name gives it another"));
  ASSIGN_OR_RETURN(std::string text, installation.Text(group));
  if (installation.settings().Find(group) == nullptr) text = adapter::AddGroup(text, group);
  ASSIGN_OR_RETURN(text, adapter::AddCalendar(text, group, calendar));
  RETURN_IF_ERROR(installation.Rewrite(group, text));
  std::printf("linked \"%s\" (%s) in %s\n", calendar.name.c_str(), entry.id.str().c_str(), group.str().c_str());
  if (!CanWrite(entry.access_role) && calendar.flow != adapter::Flow::kSource) {
    std::fprintf(stderr, "calsync: %s may only read \"%s\": it is a source, and gets no blocks\n", options.account.c_str(),
                 calendar.name.c_str());
  }
  TellForeignBlocks(installation, calendar);
  return absl::OkStatus();
}

int Add(const CalendarsOptions& options) {
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  for (const std::string& id : options.calendars) {
    if (const absl::Status status = AddOne(*installation, options, id); !status.ok()) return Fail(status);
  }
  return kDone;
}

// Changes one key of each linked calendar that was named.
int Change(const CalendarsOptions& options, const std::vector<std::string>& names, absl::string_view key,
           absl::string_view value) {
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<GroupId> group = GroupOf(*installation, options.group);
  if (!group.ok()) return Fail(group.status());
  for (const std::string& name : names) {
    const GroupSettings* const settings = installation->settings().Find(*group);
    const CalendarSettings* const calendar = settings == nullptr ? nullptr : settings->FindByName(name);
    if (calendar == nullptr) {
      return Fail(absl::NotFoundError(
          absl::StrCat("the group \"", group->text(), "\" has no calendar \"", name, "\". `calsync calendars` lists them")));
    }
    if (key == "name") {
      const absl::Status is_free = NameIsFree(*installation, *group, calendar->key, std::string(value), "Choose another");
      if (!is_free.ok()) return Fail(is_free);
    }
    absl::StatusOr<std::string> text = installation->Text(*group);
    if (text.ok()) text = adapter::SetInCalendar(*text, *group, calendar->key, key, adapter::Quoted(value));
    if (!text.ok()) return Fail(text.status());
    if (const absl::Status status = installation->Rewrite(*group, *text); !status.ok()) return Fail(status);
    std::printf("%s: %s is now %s\n", name.c_str(), std::string(key).c_str(), std::string(value).c_str());
  }
  return kDone;
}

int Pause(const CalendarsOptions& options, bool paused) {
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<GroupId> group = GroupOf(*installation, options.group);
  if (!group.ok()) return Fail(group.status());
  absl::StatusOr<std::string> text = installation->Text(*group);
  if (text.ok()) text = adapter::SetInGroup(*text, *group, "paused", adapter::TomlFlag(paused));
  if (!text.ok()) return Fail(text.status());
  if (const absl::Status status = installation->Rewrite(*group, *text); !status.ok()) return Fail(status);
  // A breaker that opened waits for this word, too.
  if (!paused) {
    if (const absl::Status status = installation->inbox().Put({*group, ResumeWrites{}}); !status.ok()) return Fail(status);
  }
  std::printf("%s is %s\n", group->str().c_str(), paused ? "paused: blocks stay as they are" : "resumed");
  return kDone;
}

int Resync(const CalendarsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<GroupId> group = GroupOf(*installation, options.group);
  if (!group.ok()) return Fail(group.status());
  if (const absl::Status status = installation->inbox().Put({*group, WalkAgain{}}); !status.ok()) return Fail(status);
  const bool runs = InstanceLock::IsHeld(installation->lock_file());
  std::printf("%s will be walked in full%s\n", group->str().c_str(), runs ? "" : " when `calsync run` is started");
  return kDone;
}

// What is missing from a calendar is truly gone: blocks made from it may go.
int Confirm(const CalendarsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const absl::StatusOr<GroupId> group = GroupOf(*installation, options.group);
  if (!group.ok()) return Fail(group.status());
  const GroupSettings* const settings = installation->settings().Find(*group);
  const CalendarSettings* const calendar = settings == nullptr ? nullptr : settings->FindByName(options.name);
  if (calendar == nullptr) {
    return Fail(absl::NotFoundError(absl::StrCat("the group \"", group->text(), "\" has no calendar \"", options.name, "\"")));
  }
  if (const absl::Status status = installation->inbox().Put({*group, ConfirmSweep{calendar->key}}); !status.ok())
    return Fail(status);
  std::printf("what is missing from \"%s\" counts as gone\n", calendar->name.c_str());
  return kDone;
}

CLI::App* AddVerb(CLI::App* parent, const char* name, const char* about, CalendarsOptions& options) {
  CLI::App* verb = parent->add_subcommand(name, about);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("--group", options.group, "Which group, if there are more.")->type_name("NAME");
  return verb;
}

}  // namespace

void AddCalendars(CLI::App& app, CalendarsOptions& options, Verb& run) {
  CLI::App* calendars = app.add_subcommand("calendars", kAboutCalendars);
  calendars->set_help_flag("-h,--help", "Help.");
  AddConfigOption(calendars, options.config);
  calendars->add_flag("--json", options.json, "As JSON.");
  calendars->require_subcommand(0, 1);
  calendars->callback([&, calendars] {
    if (calendars->get_subcommands().empty()) run = [&options] { return List(options); };
  });

  CLI::App* add = AddVerb(calendars, "add", "Links calendars.", options);
  add->add_option("id", options.calendars, "Google's id, or primary.")->required()->type_name("ID");
  add->add_option("--account", options.account, "Who has it.")->required()->type_name("EMAIL");
  add->add_option("--name", options.name, "What it is called here; else as Google has it.")->type_name("NAME");
  add->add_option("--direction", options.direction, "source: gets no blocks; target: causes none.")
      ->type_name("both|source|target")
      ->check(CLI::IsMember({"both", "source", "target"}));
  add->callback([&] { run = [&options] { return Add(options); }; });

  constexpr struct {
    const char* verb;
    const char* about;
    const char* state;
  } kStates[] = {{"enable", "Lets a calendar take part again.", "enabled"},
                 {"disable", "Takes a calendar out; its blocks, and blocks made from it, are removed.", "disabled"},
                 {"remove", "The same, for good.", "removed"}};
  for (const auto& row : kStates) {
    CLI::App* verb = AddVerb(calendars, row.verb, row.about, options);
    verb->add_option("name", options.calendars, "As it is linked.")->required()->type_name("NAME");
    verb->callback([&, row] { run = [&options, row] { return Change(options, options.calendars, "state", row.state); }; });
  }
  CLI::App* rename = AddVerb(calendars, "rename", "Calls a calendar something else.", options);
  rename->add_option("name", options.calendars, "The name that it has, and the one that it gets.")
      ->required()
      ->expected(2)
      ->type_name("NAME");
  rename->callback([&] { run = [&options] { return Change(options, {options.calendars[0]}, "name", options.calendars[1]); }; });
  CLI::App* direction = AddVerb(calendars, "direction", "Which way events go through a calendar.", options);
  direction->add_option("name", options.name, "As it is linked.")->required()->type_name("NAME");
  direction->add_option("direction", options.direction, "Which way.")
      ->required()
      ->check(CLI::IsMember({"both", "source", "target"}));
  direction->callback([&] { run = [&options] { return Change(options, {options.name}, "direction", options.direction); }; });

  CLI::App* confirm = AddVerb(calendars, "confirm", "Much of a calendar is missing at once, and that is right.", options);
  confirm->add_option("name", options.name, "As it is linked.")->required()->type_name("NAME");
  confirm->callback([&] { run = [&options] { return Confirm(options); }; });

  CLI::App* accounts = app.add_subcommand("accounts", "Which accounts logged in, and whether their grants work.");
  accounts->set_help_flag("-h,--help", "Help.");
  AddConfigOption(accounts, options.config);
  accounts->add_flag("--json", options.json, "As JSON.");
  accounts->callback([&] { run = [&options] { return ListAccounts(options); }; });

  AddVerb(&app, "pause", "Stops syncing a group; what exists stays as it is.", options)->callback([&] {
    run = [&options] { return Pause(options, true); };
  });
  AddVerb(&app, "resume", "Goes on with a group that was paused, or that stopped writing by itself.", options)->callback([&] {
    run = [&options] { return Pause(options, false); };
  });
  AddVerb(&app, "resync", "Has every calendar of a group walked in full, now.", options)->callback([&] {
    run = [&options] { return Resync(options); };
  });
}

}  // namespace calsync::tools
