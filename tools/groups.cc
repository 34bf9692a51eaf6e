#include "tools/groups.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/config/edit.h"
#include "adapter/config/tight_file.h"
#include "adapter/google/grant.h"
#include "engine/base/status_macros.h"
#include "tools/group_list.h"
#include "tools/installation.h"
#include "tools/looking.h"
#include "tools/production.h"
#include "tools/removal.h"
#include "tools/stored_grant.h"
#include "tools/terminal.h"
#include "tools/timeout.h"

namespace calsync::tools {
namespace {

using adapter::CalendarSettings;
using adapter::GroupSettings;

constexpr char kAboutGroups[] =
    "Groups of calendars, each of one person. Those that are added here lie in files of their own, in the folder \"groups\" "
    "beside\n"
    "the settings.\n"
    "\n"
    "Examples:\n"
    "  calsync groups list\n"
    "  calsync groups add ann --calendar Work=ann@example.org --calendar Home=ann@example.org/7k2@group.calendar.google.com\n"
    "  calsync groups add --list people.csv --service-account robot.json   # a domain's delegation\n"
    "  calsync groups remove ann bob               # their blocks first, then the groups\n"
    "  calsync groups remove ann --keep-blocks     # the blocks stay, and nobody follows them any more\n"
    "\n"
    "A list has a row for each calendar, and the first names the columns: group,account,calendar,name,direction. Without a "
    "calendar\n"
    "it is the account's own. It may be given again: what is there already stays. A running `calsync run` takes changes over by\n"
    "itself. Exit code: 0 done, 1 blocks are left or a file cannot be understood, 2 the command line, the list or the settings\n"
    "are wrong.";

// In this time the process that runs has taken a change over, and asked for a calendar that could not be reached before.
constexpr absl::Duration kTryOnce = absl::Seconds(5);

std::string StateOf(const GroupSettings& group) { return group.removing ? "removing" : group.paused ? "paused" : "runs"; }

int List(const GroupsOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const adapter::Settings& settings = installation->settings();
  nlohmann::json json = nlohmann::json::array();
  for (const GroupSettings& group : settings.groups) {
    if (!options.json) {
      std::printf("%-24s %-8s %zu calendars%s%s%s\n", group.id.str().c_str(), StateOf(group).c_str(), group.calendars.size(),
                  group.delegate.empty() ? "" : ", by ", group.delegate.c_str(),
                  group.in_registry ? "" : ", in the settings file");
      continue;
    }
    nlohmann::json one = {{"group", group.id.str()},
                          {"state", StateOf(group)},
                          {"file", installation->FileOf(group.id)},
                          {"delegate", group.delegate},
                          {"calendars", nlohmann::json::array()},
                          {"problem", ""}};
    for (const CalendarSettings& calendar : group.calendars) {
      one["calendars"].push_back(
          {{"name", calendar.name}, {"id", calendar.google_id.str()}, {"account", calendar.account.str()}});
    }
    json.push_back(std::move(one));
  }
  for (const auto& [group, why] : settings.broken) {
    const std::string problem(why.message());
    if (options.json) {
      json.push_back({{"group", group.str()}, {"state", "broken"}, {"file", installation->FileOf(group)}, {"problem", problem}});
    } else {
      std::printf("%-24s broken   %s\n", group.str().c_str(), problem.c_str());
    }
  }
  if (options.json) std::printf("%s\n", json.dump(2).c_str());
  if (!Written("the groups")) return kEnvironment;
  return settings.broken.empty() ? kDone : kLawBroken;
}

// The groups that flags or a list ask for; what is wrong with them.
GroupList Asked(const GroupsOptions& options) {
  GroupList list;
  if (!options.list_file.empty()) {
    const absl::StatusOr<std::string> text = adapter::ReadFile(options.list_file, adapter::Privacy::kAnybody);
    if (text.ok()) return ReadGroupList(options.list_file, *text);
    list.problems.emplace_back(text.status().message());
    return list;
  }
  for (const std::string& calendar : options.calendars) {
    // A name before the "=", and an id after the "/": neither is in an address of an account.
    std::pair<std::string, std::string> named = absl::StrSplit(calendar, absl::MaxSplits('=', 1));
    if (calendar.find('=') == std::string::npos) named = {"", calendar};
    const std::pair<std::string, std::string> parts = absl::StrSplit(named.second, absl::MaxSplits('/', 1));
    const std::string problem = Add(list, 0, options.names[0], parts.first, parts.second, named.first, "");
    if (!problem.empty()) list.problems.push_back(absl::StrCat("--calendar ", calendar, ": ", problem));
  }
  return list;
}

bool IsTheSame(const GroupSettings& known, const ListedGroup& asked) {
  const auto is_known = [&](const CalendarSettings& calendar) {
    return std::any_of(known.calendars.begin(), known.calendars.end(), [&](const CalendarSettings& other) {
      return other.google_id == calendar.google_id && other.account == calendar.account;
    });
  };
  return known.calendars.size() == asked.calendars.size() &&
         std::all_of(asked.calendars.begin(), asked.calendars.end(), is_known);
}

// What cannot be done of the list, before any of it is.
std::vector<std::string> Judge(const Installation& installation, const std::string& list_file, const GroupList& list) {
  std::vector<std::string> problems = list.problems;
  for (const ListedGroup& group : list.groups) {
    const std::string where = group.row == 0 ? "" : absl::StrCat(list_file, ":", group.row, ": ");
    const GroupSettings* const known = installation.settings().Find(group.id);
    const auto broken = installation.settings().broken.find(group.id);
    if (group.calendars.size() < 2) {
      problems.push_back(
          absl::StrCat(where, "the group \"", group.id.text(), "\" has one calendar: nothing is to be kept in step"));
    } else if (broken != installation.settings().broken.end()) {
      problems.push_back(
          absl::StrCat(where, "the group \"", group.id.text(), "\" is there, and broken: ", broken->second.message()));
    } else if (known != nullptr && !IsTheSame(*known, group)) {
      problems.push_back(absl::StrCat(where, "the group \"", group.id.text(),
                                      "\" is there already, with other calendars: `calsync ", "calendars add --group ",
                                      group.id.text(), "` adds to it"));
    }
  }
  return problems;
}

absl::StatusOr<std::string> GroupText(const ListedGroup& group, const std::string& delegate) {
  std::string text = adapter::AddGroup("# Made by `calsync groups add`. What a group may say: docs/operating.md.", group.id);
  if (!delegate.empty()) absl::StrAppend(&text, "delegate = ", adapter::Quoted(delegate), "\n");
  for (CalendarSettings calendar : group.calendars) {
    calendar.key = CalendarKey(adapter::InstanceKey::Random().ForPaths() | 1);
    ASSIGN_OR_RETURN(text, adapter::AddCalendar(text, group.id, calendar));
  }
  return text;
}

// Keeps the key; the robot's address.
absl::StatusOr<std::string> KeepRobot(const Installation& installation, const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, adapter::ReadFile(file, adapter::Privacy::kAnybody));
  absl::StatusOr<adapter::ServiceAccountGrant> grant = adapter::ParseServiceAccountKey(text, "");
  if (!grant.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", grant.status().message()));
  const std::string email = grant->email;
  RETURN_IF_ERROR(installation.vault().Put(email, FormatGrant(*std::move(grant))));
  return email;
}

int AddAll(const GroupsOptions& options) {
  if (options.list_file.empty() == options.names.empty() || options.names.size() > 1) {
    Complain("a group is named, with its --calendar, or --list names a file of many: one of the two.");
    return kUsage;
  }
  if (!options.names.empty() && options.calendars.size() < 2) {
    Complain("a group has two calendars or more: --calendar for each.");
    return kUsage;
  }
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const GroupList list = Asked(options);
  if (const std::vector<std::string> problems = Judge(*installation, options.list_file, list); !problems.empty()) {
    for (const std::string& problem : problems) Complain(problem);
    Complain("nothing was added.");
    return kUsage;
  }
  std::string delegate;
  if (!options.service_account_file.empty()) {
    absl::StatusOr<std::string> kept = KeepRobot(*installation, options.service_account_file);
    if (!kept.ok()) return Fail(kept.status());
    delegate = *std::move(kept);
  }
  std::set<GroupId> added;
  for (const ListedGroup& group : list.groups) {
    if (installation->settings().Find(group.id) != nullptr) continue;
    const absl::StatusOr<std::string> text = GroupText(group, delegate);
    const absl::Status done = text.ok() ? installation->Register(group.id, *text) : text.status();
    if (!done.ok()) {
      Complain(absl::StrCat(added.size(), " groups were added before this one; the same command goes on."));
      return Fail(done);
    }
    added.insert(group.id);
  }
  std::printf("%zu groups added, %zu were there already\n", added.size(), list.groups.size() - added.size());
  const absl::StatusOr<adapter::Settings> now = adapter::ReadSettings(options.config);
  for (const adapter::Overlap& overlap : now.ok() ? adapter::OverlapsOf(*now) : std::vector<adapter::Overlap>()) {
    if (added.contains(overlap.group) || added.contains(overlap.other))
      Complain(absl::StrCat(adapter::FormatOverlap(overlap), "."));
  }
  return Written("the result") ? kDone : kEnvironment;
}

// Marks the groups: whoever runs the installation takes their blocks away, then them.
absl::Status MarkForRemoval(Installation& installation, const std::vector<GroupId>& groups) {
  for (const GroupId& group : groups) {
    ASSIGN_OR_RETURN(std::string text, installation.Text(group));
    ASSIGN_OR_RETURN(text, adapter::SetInGroup(text, group, "removing", adapter::TomlFlag(true)));
    RETURN_IF_ERROR(installation.Rewrite(group, text));
  }
  return absl::OkStatus();
}

// What is left of a group that another process takes away, as the database has it.
Remains LookAtRemains(const Installation& installation, adapter::Store& store, const GroupSettings& group) {
  const absl::StatusOr<Engine> engine = LookInto(installation, store, group, absl::Now());
  return engine.ok() ? RemainsOf(*engine) : Remains();
}

// Waits for the process that runs, but for nothing that nobody can reach. Those that are still there, and why.
std::vector<std::string> WaitForOther(const std::string& config, adapter::Store& store, const std::vector<GroupId>& groups,
                                      absl::Duration timeout) {
  const absl::Time begun = absl::Now();
  for (;;) {
    std::vector<std::string> left;
    bool in_vain = true;
    const absl::StatusOr<Installation> installation = Installation::Open(config);
    for (const GroupId& group : groups) {
      const GroupSettings* const settings = installation.ok() ? installation->settings().Find(group) : nullptr;
      if (installation.ok() && settings == nullptr) continue;
      const Remains remains = settings == nullptr ? Remains() : LookAtRemains(*installation, store, *settings);
      in_vain = in_vain && remains.out_of_reach;
      left.push_back(absl::StrCat(
          group.text(), ": ",
          remains.out_of_reach ? remains.words : "the calsync that runs is at it; `calsync status` says what it waits for"));
    }
    const absl::Duration waited = absl::Now() - begun;
    if (left.empty() || waited >= timeout || (in_vain && waited >= kTryOnce)) return left;
    absl::SleepFor(absl::Milliseconds(300));
  }
}

absl::Status RemoveAndKeepBlocks(Installation& installation, const std::vector<GroupId>& groups) {
  ASSIGN_OR_RETURN(const std::unique_ptr<adapter::Store> store, installation.OpenStore());
  for (const GroupId& group : groups) {
    RETURN_IF_ERROR(installation.Leave(group));
    // A process that runs may still write for it; then its rows stay, and do no harm.
    RETURN_IF_ERROR(store->Forget(group));
  }
  return absl::OkStatus();
}

// Accounts that no group links any more, and that have a grant of their own here.
std::vector<std::string> GrantsLeft(const Installation& before, const std::string& config, const std::vector<GroupId>& groups) {
  const absl::StatusOr<Installation> after = Installation::Open(config);
  const absl::StatusOr<std::vector<std::string>> granted = before.vault().Names();
  if (!after.ok() || !granted.ok()) return {};
  const std::vector<AccountId> used = after->Accounts();
  std::set<std::string> left;
  for (const GroupId& group : groups) {
    const GroupSettings* const settings = before.settings().Find(group);
    for (const CalendarSettings& calendar : settings == nullptr ? std::vector<CalendarSettings>() : settings->calendars) {
      const bool is_granted = std::find(granted->begin(), granted->end(), calendar.account.text()) != granted->end();
      if (is_granted && !std::binary_search(used.begin(), used.end(), calendar.account)) left.insert(calendar.account.str());
    }
  }
  return {left.begin(), left.end()};
}

// In this process, if no other runs. What is left.
absl::StatusOr<std::vector<std::string>> RemoveHere(const Installation& installation, const std::vector<GroupId>& groups,
                                                    absl::Duration timeout) {
  ProductionOptions how{.receive = false, .follow = false, .quiet = true};
  how.only.insert(groups.begin(), groups.end());
  http::Loop loop;
  ASSIGN_OR_RETURN(const std::unique_ptr<Production> production, Production::Start(loop, installation, std::move(how)));
  return production->RunOnce(timeout);
}

int Remove(const GroupsOptions& options) {
  const std::optional<absl::Duration> timeout = TimeoutFrom(options.timeout);
  if (!timeout.has_value()) return kUsage;
  absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  std::vector<GroupId> groups;
  for (const std::string& name : options.names) {
    const auto broken = installation->settings().broken.find(GroupId(name));
    if (broken != installation->settings().broken.end() && !options.keep_blocks) {
      return Fail(absl::FailedPreconditionError(
          absl::StrCat(broken->second.message(),
                       ".\n  Its blocks can only be found if its file can be understood: correct it, or --keep-blocks")));
    }
    if (broken == installation->settings().broken.end() && installation->settings().Find(GroupId(name)) == nullptr) {
      return Fail(absl::NotFoundError(absl::StrCat("there is no group \"", name, "\". `calsync groups list` shows them")));
    }
    groups.emplace_back(name);
  }
  const Installation before = *installation;
  std::vector<std::string> left;
  if (options.keep_blocks) {
    if (const absl::Status done = RemoveAndKeepBlocks(*installation, groups); !done.ok()) return Fail(done);
  } else {
    if (const absl::Status marked = MarkForRemoval(*installation, groups); !marked.ok()) return Fail(marked);
    if (InstanceLock::IsHeld(installation->lock_file())) {
      const absl::StatusOr<std::unique_ptr<adapter::Store>> store = installation->OpenStore();
      if (!store.ok()) return Fail(store.status());
      left = WaitForOther(options.config, **store, groups, *timeout);
    } else {
      absl::StatusOr<std::vector<std::string>> here = RemoveHere(*installation, groups, *timeout);
      if (!here.ok()) return Fail(here.status());
      left = *std::move(here);
    }
  }
  const std::vector<std::string> grants = GrantsLeft(before, options.config, groups);
  if (options.json) {
    std::printf(
        "%s\n",
        nlohmann::json{{"removed", groups.size() - left.size()}, {"left", left}, {"grants_left", grants}}.dump(2).c_str());
  } else {
    std::printf("%zu groups removed%s\n", groups.size() - left.size(),
                options.keep_blocks ? "; their blocks stay where they are" : "");
    for (const std::string& what : left) std::printf("not done: %s\n", what.c_str());
    if (!left.empty()) {
      std::printf(
          "They stay marked, and `calsync run` goes on with them. Where nobody can reach the calendars any more: "
          "--keep-blocks\n");
    }
    for (const std::string& account : grants) {
      std::printf("the grant of %s stays here: calsync logout --account %s\n", account.c_str(), account.c_str());
    }
  }
  if (!Written("the result")) return kEnvironment;
  return left.empty() ? kDone : kLawBroken;
}

CLI::App* AddVerb(CLI::App* parent, const char* name, const char* about, GroupsOptions& options) {
  CLI::App* verb = parent->add_subcommand(name, about);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  return verb;
}

}  // namespace

void AddGroups(CLI::App& app, GroupsOptions& options, Verb& run) {
  CLI::App* groups = app.add_subcommand("groups", kAboutGroups);
  groups->set_help_flag("-h,--help", "Help.");
  groups->require_subcommand(1);
  CLI::App* list = AddVerb(groups, "list", "What groups there are.", options);
  list->add_flag("--json", options.json, "As JSON.");
  list->callback([&] { run = [&options] { return List(options); }; });

  CLI::App* add = AddVerb(groups, "add", "Adds one group, or those of a list.", options);
  add->add_option("name", options.names, "Of the group.")->type_name("NAME");
  add->add_option("--calendar", options.calendars, "One of its calendars; without an id the account's own.")
      ->type_name("[NAME=]ACCOUNT[/ID]");
  add->add_option("--list", options.list_file, "CSV: group,account,calendar,name,direction.")->type_name("FILE.csv");
  add->add_option("--service-account", options.service_account_file,
                  "The key of the robot that acts for accounts that have no grant of their own. It is kept, encrypted.")
      ->type_name("FILE.json");
  add->callback([&] { run = [&options] { return AddAll(options); }; });

  CLI::App* remove = AddVerb(groups, "remove", "Takes away the blocks of groups, then the groups.", options);
  remove->add_option("name", options.names, "Of the groups.")->required()->type_name("NAME");
  remove->add_flag("--keep-blocks", options.keep_blocks, "Nothing is asked of Google; blocks stay.");
  remove->add_flag("--json", options.json, "As JSON.");
  remove->add_option("--timeout", options.timeout, "How long at most.")->type_name("TIME")->capture_default_str();
  remove->callback([&] { run = [&options] { return Remove(options); }; });
}

}  // namespace calsync::tools
