#include "tools/retire.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/uuid.h"
#include "tools/foreign_blocks.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutRetire[] =
    "Removes the blocks of another installation of CalSync that is no more, from all linked calendars.\n"
    "\n"
    "Examples:\n"
    "  calsync calendars add ID --account EMAIL     # says which installations have blocks there\n"
    "  calsync retire --instance 5b1f…-… --dry-run  # says what would go\n"
    "  calsync retire --instance 5b1f…-…\n"
    "\n"
    "Blocks are known by their tag and an id that only CalSync makes. Copies that people made of them stay, and so does all "
    "else. An\n"
    "installation that still runs would make its blocks anew: stop it first. `calsync clean` is for those of this one. It may "
    "be\n"
    "stopped and begun again; what is gone already counts as done.\n"
    "Exit code: 0 all are gone, 1 some are not, with the reason, 2 settings or command line are wrong, 3 Google or the machine "
    "does\n"
    "not let it, 130 after Ctrl-C.";

struct Found {
  AccountId account;
  CalendarId calendar;
  std::string name;
  TaggedBlocks tagged;
};

bool Confirmed(const RetireOptions& options, size_t blocks) {
  if (options.yes || options.dry_run || blocks == 0) return true;
  if (isatty(STDIN_FILENO) != 1) {
    Complain("retire removes blocks. --yes says that this is meant; --dry-run shows what would go.");
    return false;
  }
  std::fprintf(stderr, "Remove %zu blocks of the installation %s? [y/N] ", blocks, options.instance.c_str());
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

// Why it is still there; empty: it is gone.
std::string Remove(http::Loop& loop, adapter::GoogleClient& google, const Found& where, const Event& block,
                   const std::string& instance) {
  const auto is_gone = [](const ApiError& error) { return error.code == 404 || error.code == 410; };
  constexpr int kTries = 3;  // Somebody may be faster; an answer may be lost.
  std::string why;
  for (int tries = 0; tries < kTries; ++tries) {
    // What it is now decides: it may have lost its tag, or have got another, since it was listed.
    const Reply read = CallAndWait(loop, google, where.account, GetEvent{where.calendar, block.id});
    if (const auto* error = std::get_if<ApiError>(&read)) {
      if (is_gone(*error)) return "";
      why = WordsOf(*error);
      continue;
    }
    EventPtr now = std::get<EventPtr>(read);
    const auto tag = now->private_properties.find("calsync_instance");
    if (now->IsCancelled()) return "";
    if (tag == now->private_properties.end() || tag->second != instance) return "it bears the tag no more";
    if (!now->attendees.empty()) {  // No guest is to hear of it (L6): they go before it does.
      EventPatch patch;
      patch.attendees = std::vector<Attendee>();
      const Reply reply =
          CallAndWait(loop, google, where.account, PatchEvent{where.calendar, now->id, patch, now->etag, SendUpdates::kNone});
      if (const auto* error = std::get_if<ApiError>(&reply)) {
        why = WordsOf(*error);
        continue;
      }
      now = std::get<EventPtr>(reply);
    }
    const Reply reply =
        CallAndWait(loop, google, where.account, DeleteEvent{where.calendar, now->id, now->etag, SendUpdates::kNone});
    const auto* error = std::get_if<ApiError>(&reply);
    if (error == nullptr || is_gone(*error)) return "";
    why = WordsOf(*error);
  }
  return why;
}

int Retire(const RetireOptions& options) {
  const std::optional<absl::uint128> instance = ParseUuid(options.instance);
  if (!instance.has_value()) {
    Complain(absl::StrCat("--instance takes the id of an installation, as 5b1fe3a2-…, not \"", options.instance, "\"."));
    return kUsage;
  }
  const std::string id = FormatUuid(*instance);
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  std::vector<Found> calendars;
  std::set<CalendarId> known;
  for (const adapter::GroupSettings& group : installation->settings().groups) {
    for (const adapter::CalendarSettings& calendar : group.calendars) {
      if (known.insert(calendar.google_id).second) calendars.push_back({calendar.account, calendar.google_id, calendar.name, {}});
    }
  }
  if (installation->settings().instance.value == *instance) {
    Complain("this is the id of this very installation. `calsync clean` removes its blocks.");
    return kUsage;
  }
  if (calendars.empty()) {
    return Fail(absl::FailedPreconditionError("no calendar is linked yet.\n  To see what there is:  calsync calendars"));
  }
  http::Loop loop;
  adapter::GoogleClient google(loop, installation->google());
  for (const AccountId& account : installation->Accounts()) {
    if (const absl::Status granted = installation->SetGrant(google, account); !granted.ok()) return Fail(granted);
  }
  bool interrupted = false;
  loop.OnInterrupt([&] { interrupted = true; });
  size_t blocks = 0, others = 0;
  for (Found& calendar : calendars) {
    auto tagged = BlocksByInstance(loop, google, calendar.account, calendar.calendar);
    if (!tagged.ok()) return Fail(tagged.status());
    calendar.tagged = std::move((*tagged)[id]);
    blocks += calendar.tagged.blocks.size();
    others += calendar.tagged.others.size();
  }
  if (!Confirmed(options, blocks)) return kUsage;
  nlohmann::ordered_json json = {{"instance", id}, {"blocks", blocks}, {"left_alone", others}};
  size_t gone = 0;
  std::vector<std::string> left;
  for (const Found& calendar : calendars) {
    for (const EventPtr& block : calendar.tagged.blocks) {
      if (interrupted) break;
      const std::string what = absl::StrCat(FormatSpan(block->span()), " on ", calendar.name);
      if (options.dry_run) {
        if (!options.json) std::printf("would go: %s\n", what.c_str());
        continue;
      }
      const std::string why = Remove(loop, google, calendar, *block, id);
      if (why.empty()) {
        ++gone;
      } else {
        left.push_back(absl::StrCat(what, ": ", why));
      }
    }
  }
  json["gone"] = gone;
  json["not_done"] = left;
  if (options.json) {
    std::printf("%s\n", json.dump(2).c_str());
  } else if (options.dry_run) {
    std::printf("%zu blocks would go; nothing was written\n", blocks);
  } else {
    std::printf("%zu blocks are gone\n", gone);
  }
  if (!options.json && others > 0) {
    std::printf("%zu events bear its tag and no id of CalSync's: copies that people made, or taken over by it; left alone\n",
                others);
  }
  if (!options.json) {
    for (const std::string& what : left) std::printf("not done: %s\n", what.c_str());
  }
  if (!Written("the result")) return kEnvironment;
  if (interrupted) return kInterrupted;
  return left.empty() ? kDone : kLawBroken;
}

}  // namespace

void AddRetire(CLI::App& app, RetireOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("retire", kAboutRetire);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("--instance", options.instance, "The installation that is no more.")->type_name("ID")->required();
  verb->add_flag("--dry-run", options.dry_run, "Say what would go; write nothing.");
  verb->add_flag("--yes", options.yes, "Do not ask.");
  verb->add_flag("--json", options.json, "The result as one object of JSON.");
  verb->callback([&options, &run] { run = [&options] { return Retire(options); }; });
}

}  // namespace calsync::tools
