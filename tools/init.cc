#include "tools/init.h"

#include <sodium.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapter/config/edit.h"
#include "adapter/config/secrets.h"
#include "adapter/config/settings.h"
#include "adapter/config/tight_file.h"
#include "adapter/google/grant.h"
#include "engine/base/uuid.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutInit[] =
    "Makes the settings and the keys of a new installation. Asks on a terminal; every answer can be given by a flag.\n"
    "\n"
    "Examples:\n"
    "  calsync init\n"
    "  calsync init --yes --state /var/lib/calsync --client-file client_secret.json\n"
    "\n"
    "Nothing that is there is overwritten. Exit code: 0 done, 2 there is an installation already, 3 a file cannot be written.";

constexpr char kGoogleSteps[] =
    "CalSync speaks to Google as a program of your own. Once, in about five minutes:\n"
    "  1. https://console.cloud.google.com/projectcreate            make a project, any name\n"
    "  2. https://console.cloud.google.com/apis/library/calendar-json.googleapis.com   \"Enable\"\n"
    "  3. https://console.cloud.google.com/auth/overview            \"Get started\": app name, your address, audience External\n"
    "  4. https://console.cloud.google.com/auth/audience            \"Publish app\": in testing mode logins end after 7 days\n"
    "  5. https://console.cloud.google.com/auth/clients             \"Create client\", type \"Desktop app\", download the JSON\n";

std::string UsualState() {
  const char* const given = std::getenv("XDG_STATE_HOME");
  if (given != nullptr && *given != '\0') return absl::StrCat(given, "/calsync");
  const char* const home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "" : home, "/.local/state/calsync");
}

// The answer, or what stands in brackets if there is none.
std::string Ask(const std::string& question, const std::string& usual) {
  std::fprintf(stderr, "%s [%s]: ", question.c_str(), usual.c_str());
  std::string answer;
  if (!std::getline(std::cin, answer)) return usual;
  answer = std::string(absl::StripAsciiWhitespace(answer));
  return answer.empty() ? usual : answer;
}

std::string SettingsText(const InitOptions& options, absl::uint128 instance) {
  return absl::StrCat(
      "# The settings of CalSync. What is commented out shows what is assumed without it.\n"
      "\n"
      "# This installation's name for ever: its blocks carry it.\n"
      "instance = ",
      adapter::Quoted(FormatUuid(instance)),
      "\n"
      "# Where the database lies. Relative paths begin at this file's folder.\n"
      "state = ",
      adapter::Quoted(options.state),
      "\n"
      "\n"
      "[google]\n"
      "# The client that Google's console gave, a \"Desktop app\", as it was downloaded.\n",
      options.client_file.empty() ? "# client_file = \"client_secret.json\"\n"
                                  : absl::StrCat("client_file = ", adapter::Quoted(options.client_file), "\n"),
      "# api_root = \"https://www.googleapis.com/calendar/v3/\"   # Elsewhere for tests: `calsync fake serve`.\n"
      "# authorization_uri = \"https://accounts.google.com/o/oauth2/v2/auth\"\n"
      "# token_uri = \"https://oauth2.googleapis.com/token\"\n"
      "# ca_file = \"\"             # Trusted instead of the system's authorities.\n"
      "\n"
      "# With a public https address Google tells of changes at once. Without one, calendars are polled.\n"
      "# [webhook]\n"
      "# listen = \"127.0.0.1:8086\"                  # Where a reverse proxy brings it.\n"
      "# address = \"https://calendar.example.org/notify\"\n"
      "\n"
      "# How it is, in a browser on this machine; /healthz and /metrics for programs.\n"
      "# [page]\n"
      "# listen = \"127.0.0.1:8087\"\n"
      "# titles = false           # true: events are shown and found by their titles, to all who use this machine.\n"
      "\n"
      "# The calendars of one person, kept mutually busy. `calsync calendars add` adds to it.\n"
      "[[group]]\n"
      "name = ",
      adapter::Quoted(options.group),
      "\n"
      "# paused = false\n"
      "\n"
      "[group.policy]\n"
      "title = ",
      adapter::Quoted(options.title),
      "              # Of blocks. {summary} and {calendar} stand for the event's.\n"
      "# description = \"\"         # Likewise.\n"
      "# visibility = \"private\"   # Of blocks: \"default\", \"public\", \"private\".\n"
      "# tentative = true         # Does what is answered \"maybe\" block? What is not answered yet, all-day events?\n"
      "# needs_action = true\n"
      "# all_day = true\n"
      "# keywords = []            # Events with one of these in their title do not block.\n"
      "# colours = []             # Events of these colours (1 to 11; 0: without one) do not block.\n"
      "# hours = { from = \"08:00\", to = \"18:00\", days = \"mon-fri\" }   # Events wholly outside do not block.\n"
      "# horizon_ahead = \"730d\"\n"
      "# horizon_back = \"0s\"\n"
      "# already_busy = \"none\"    # \"exact\": no block where the calendar is shown busy at just that time.\n"
      "# on_block_edited = \"restore\"     # or \"keep\"\n"
      "# on_block_deleted = \"respect\"    # or \"recreate\"\n"
      "# tag_user_events = \"lazy\"        # or \"off\"\n"
      "# poll = \"5m\"\n"
      "# poll_with_push = \"6h\"\n"
      "# full_walk = \"168h\"\n"
      "\n"
      "# A direction of its own, with any of the above:\n"
      "# [[group.direction]]\n"
      "# from = \"Work\"\n"
      "# to = \"Home\"\n"
      "# mirrors = true\n"
      "# title = \"Office\"\n");
}

int Init(InitOptions options) {
  const std::string keys = (std::filesystem::absolute(options.config).parent_path() / "calsync.keys").string();
  std::error_code error;
  if (std::filesystem::exists(options.config, error)) {
    return Fail(absl::AlreadyExistsError(
        absl::StrCat("there is an installation already: ", options.config, ". --config chooses another place")));
  }
  if (!adapter::IsGroupName(options.group)) {
    return Fail(
        absl::InvalidArgumentError(absl::StrCat("--group takes ", adapter::kGroupNameRule, ", not \"", options.group, "\"")));
  }
  const bool asks = !options.yes && isatty(STDIN_FILENO) == 1;
  if (options.state.empty()) options.state = asks ? Ask("Where shall the database lie?", UsualState()) : UsualState();
  if (options.title.empty()) {
    options.title = asks ? Ask("What shall blocks be called? \"Busy - {summary}\" shows the event's title", "Busy") : "Busy";
  }
  if (options.client_file.empty() && asks) {
    std::fprintf(stderr, "\n%s", kGoogleSteps);
    options.client_file = Ask("Where is the downloaded JSON? (may be added to the settings later)", "");
  }
  if (!options.client_file.empty()) {
    options.client_file = std::filesystem::absolute(options.client_file).string();
    const absl::StatusOr<std::string> text = adapter::ReadFile(options.client_file, adapter::Privacy::kAnybody);
    if (!text.ok()) return Fail(text.status());
    if (const auto client = adapter::ParseInstalledClient(*text); !client.ok()) {
      return Fail(absl::InvalidArgumentError(absl::StrCat(options.client_file, ": ", client.status().message())));
    }
  }
  absl::uint128 random = 0;
  if (sodium_init() < 0) return Fail(absl::InternalError("this machine has no randomness"));
  randombytes_buf(&random, sizeof random);
  const std::string text = SettingsText(options, UuidV4From(random));
  if (const auto read = adapter::ParseSettings(options.config, text); !read.ok()) {
    return Fail(absl::InvalidArgumentError(
        absl::StrCat("nothing was made: an answer cannot stand in settings. They would say: ", read.status().message())));
  }
  // Keys first: an installation without them would look whole.
  absl::Status written = adapter::WriteKeys(keys, {adapter::InstanceKey::Random()});
  if (absl::IsAlreadyExists(written)) {
    std::fprintf(stderr, "calsync: the keys that are there are kept: %s\n", keys.c_str());
    written = absl::OkStatus();
  }
  if (written.ok()) written = adapter::WriteTightFile(options.config, text, adapter::Existing::kRefuse);
  if (!written.ok()) return Fail(written);
  std::printf(
      "Settings  %s\n"
      "Keys      %s   keep a copy of it: without it CalSync does not know its own blocks\n"
      "\n"
      "Next:\n"
      "  calsync login                 # once for each Google account\n"
      "  calsync calendars             # what these accounts have\n"
      "  calsync calendars add ...     # two or more of them\n"
      "  calsync run --dry-run         # what would be written\n"
      "  calsync run\n",
      options.config.c_str(), keys.c_str());
  if (options.client_file.empty())
    std::printf("\n%s  6. name it in the settings: client_file = \"...\" under [google]\n", kGoogleSteps);
  return Written("what was made") ? kDone : kEnvironment;
}

}  // namespace

void AddInit(CLI::App& app, InitOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("init", kAboutInit);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_option("--state", options.state, "The folder of the database.")->type_name("FOLDER");
  verb->add_option("--client-file", options.client_file, "The OAuth client, as Google's console gave it.")
      ->type_name("FILE.json");
  verb->add_option("--group", options.group, "The name of the first group.")->type_name("NAME")->capture_default_str();
  verb->add_option("--title", options.title, "Of blocks.")->type_name("TEXT");
  verb->add_flag("--yes", options.yes, "Ask nothing.");
  verb->callback([&] { run = [&options] { return Init(options); }; });
}

}  // namespace calsync::tools
