#include "tools/login.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapter/config/tight_file.h"
#include "adapter/google/grant.h"
#include "adapter/google/login.h"
#include "adapter/http/loop.h"
#include "engine/base/status_macros.h"
#include "tools/installation.h"
#include "tools/stored_grant.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

using adapter::Grant;
using adapter::Secret;

constexpr char kAboutLogin[] =
    "Connects a Google account: opens a page on which its owner agrees, and keeps what Google gives, encrypted.\n"
    "\n"
    "Examples:\n"
    "  calsync login                                            # in a browser on this machine\n"
    "  calsync login --paste                                    # in a browser on any other\n"
    "  calsync login --account ann@example.org --refresh-token-file -   # one that you have already, from stdin\n"
    "  calsync login --account ann@example.org --service-account robot.json   # a domain's delegation\n"
    "\n"
    "Secrets come from files or stdin (-), never from flags. Exit code: 0 done, 2 the grant does not work, 3 Google is not "
    "reached.";

// A line of a file, or of stdin.
absl::StatusOr<Secret> ReadSecret(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    ASSIGN_OR_RETURN(text, adapter::ReadFile(file, adapter::Privacy::kAnybody));
  }
  Secret secret{std::string(absl::StripAsciiWhitespace(text))};
  if (secret.empty()) return absl::InvalidArgumentError(absl::StrCat(file == "-" ? "stdin" : file, " holds no token"));
  return secret;
}

// CALSYNC_CLIENT_ID and CALSYNC_CLIENT_SECRET, else the file that the settings name.
absl::StatusOr<adapter::InstalledClient> ClientOf(const Installation& installation) {
  const char* const id = std::getenv("CALSYNC_CLIENT_ID");
  const char* const secret = std::getenv("CALSYNC_CLIENT_SECRET");
  if (id != nullptr && *id != '\0') return adapter::InstalledClient{id, Secret(secret == nullptr ? "" : secret)};
  const std::string& file = installation.settings().google.client_file;
  if (file.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("there is no OAuth client yet: `calsync init` says how to make one, and ",
                                                      installation.settings().file,
                                                      " names its file: client_file under [google]"));
  }
  ASSIGN_OR_RETURN(const std::string text, adapter::ReadFile(file, adapter::Privacy::kAnybody));
  absl::StatusOr<adapter::InstalledClient> client = adapter::ParseInstalledClient(text);
  if (!client.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", client.status().message()));
  return client;
}

absl::StatusOr<Grant> GrantFromFiles(const Installation& installation, const LoginOptions& options) {
  if (!options.access_token_file.empty()) {
    ASSIGN_OR_RETURN(Secret token, ReadSecret(options.access_token_file));
    return adapter::StaticTokenGrant{std::move(token)};
  }
  if (!options.service_account_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, adapter::ReadFile(options.service_account_file, adapter::Privacy::kAnybody));
    absl::StatusOr<adapter::ServiceAccountGrant> grant = adapter::ParseServiceAccountKey(text, options.account);
    if (!grant.ok())
      return absl::InvalidArgumentError(absl::StrCat(options.service_account_file, ": ", grant.status().message()));
    return *std::move(grant);
  }
  ASSIGN_OR_RETURN(adapter::InstalledClient client, ClientOf(installation));
  ASSIGN_OR_RETURN(Secret token, ReadSecret(options.refresh_token_file));
  return adapter::RefreshTokenGrant{std::move(client), std::move(token)};  // When it was granted is not known.
}

// Whom a grant speaks for, by the calendars that it shows: the primary one bears the account's address.
absl::StatusOr<std::vector<CalendarListEntry>> Try(const Installation& installation, const AccountId& account,
                                                   const Grant& grant) {
  http::Loop loop;
  adapter::GoogleClient google(loop, installation.google());
  google.SetGrant(account, grant);
  absl::StatusOr<std::vector<CalendarListEntry>> listed = absl::UnavailableError("no answer came");
  google.ListCalendars(account, [&](absl::StatusOr<std::vector<CalendarListEntry>> entries) {
    listed = std::move(entries);
    loop.Stop();
  });
  loop.Run();
  return listed;
}

int Keep(const Installation& installation, std::string account, const Grant& grant) {
  const auto entries = Try(installation, AccountId(account.empty() ? "the account" : account), grant);
  if (!entries.ok()) {
    Fail(entries.status());
    return absl::IsPermissionDenied(entries.status()) ? kUsage : kEnvironment;
  }
  for (const CalendarListEntry& entry : *entries) {
    if (!entry.primary) continue;
    if (!account.empty() && account != entry.id.text()) {
      return Fail(
          absl::InvalidArgumentError(absl::StrCat("the grant is of ", entry.id.text(), ", not of ", account,
                                                  ". Nothing was kept; log in as the other one, or leave --account away")));
    }
    account = entry.id.str();
  }
  if (account.empty()) return Fail(absl::InvalidArgumentError("Google does not say whose grant this is: --account does"));
  if (const absl::Status kept = installation.vault().Put(account, FormatGrant(grant)); !kept.ok()) return Fail(kept);
  std::printf("%s is connected: %zu calendars. `calsync calendars` lists them.\n", account.c_str(), entries->size());
  return Written("the result") ? kDone : kEnvironment;
}

// Asks the account's owner, in a browser.
absl::StatusOr<adapter::LoggedIn> AskOwner(const Installation& installation, const LoginOptions& options) {
  ASSIGN_OR_RETURN(adapter::InstalledClient client, ClientOf(installation));
  const adapter::GoogleSettings& google = installation.settings().google;
  http::Loop loop;
  absl::StatusOr<adapter::LoggedIn> result = absl::CancelledError("nobody logged in");
  ASSIGN_OR_RETURN(const std::unique_ptr<adapter::BrowserLogin> login,
                   adapter::BrowserLogin::Start(loop,
                                                {.client = std::move(client),
                                                 .login_hint = options.account,
                                                 .authorization_endpoint = google.authorization_uri,
                                                 .token_endpoint = google.token_uri,
                                                 .api_root = google.api_root,
                                                 .ca_file = google.ca_file},
                                                [&](absl::StatusOr<adapter::LoggedIn> logged_in) {
                                                  result = std::move(logged_in);
                                                  loop.Stop();
                                                }));
  std::fprintf(stderr, "Open this page, as the owner of the account:\n\n  %s\n\n", login->url().c_str());
  loop.OnInterrupt([&] { loop.Stop(); });
  if (options.paste) {
    std::fprintf(stderr, "It ends at a page that cannot be reached, http://127.0.0.1:... Paste its address here:\n");
    std::string address;
    if (!std::getline(std::cin, address)) return absl::InvalidArgumentError("nothing was pasted");
    RETURN_IF_ERROR(login->Paste(absl::StripAsciiWhitespace(address)));
  }
  loop.Run();
  return result;
}

int LoginByBrowser(const Installation& installation, const LoginOptions& options) {
  const absl::StatusOr<adapter::LoggedIn> logged_in = AskOwner(installation, options);
  if (!logged_in.ok()) {
    const int exit = Fail(logged_in.status());
    return absl::IsPermissionDenied(logged_in.status()) ? int{kUsage} : exit;
  }
  const std::string account = logged_in->account.str();
  if (!options.account.empty() && options.account != account) {
    std::fprintf(stderr, "calsync: it was %s who logged in, not %s; that is kept\n", account.c_str(), options.account.c_str());
  }
  return Keep(installation, account, logged_in->grant);
}

int Login(const LoginOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (options.refresh_token_file.empty() && options.access_token_file.empty() && options.service_account_file.empty()) {
    return LoginByBrowser(*installation, options);
  }
  const absl::StatusOr<Grant> grant = GrantFromFiles(*installation, options);
  if (!grant.ok()) return Fail(grant.status());
  return Keep(*installation, options.account, *grant);
}

int Logout(const LoginOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  if (const absl::Status status = installation->vault().Remove(options.account); !status.ok()) return Fail(status);
  std::printf(
      "the grant of %s is gone from here. Its blocks stay as they are: `calsync calendars remove` first takes them away.\n"
      "To withdraw it at Google as well: https://myaccount.google.com/connections\n",
      options.account.c_str());
  return kDone;
}

}  // namespace

void AddLogin(CLI::App& app, LoginOptions& options, Verb& run) {
  CLI::App* login = app.add_subcommand("login", kAboutLogin);
  login->set_help_flag("-h,--help", "Help.");
  AddConfigOption(login, options.config);
  login->add_option("--account", options.account, "Whose; checked against what Google says.")->type_name("EMAIL");
  CLI::Option* refresh =
      login->add_option("--refresh-token-file", options.refresh_token_file, "One that you have already; - is stdin.")
          ->type_name("FILE");
  CLI::Option* access = login->add_option("--access-token-file", options.access_token_file, "For tests: it ends within the hour.")
                            ->type_name("FILE");
  CLI::Option* robot = login->add_option("--service-account", options.service_account_file, "Its key; acts for --account.")
                           ->type_name("FILE.json");
  login->add_flag("--paste", options.paste, "The browser is on another machine: its last address is pasted here.");
  refresh->excludes(access)->excludes(robot);
  access->excludes(robot);
  login->callback([&] { run = [&options] { return Login(options); }; });
  CLI::App* logout = app.add_subcommand("logout", "Forgets the grant of an account.");
  logout->set_help_flag("-h,--help", "Help.");
  AddConfigOption(logout, options.config);
  logout->add_option("--account", options.account, "Whose.")->required()->type_name("EMAIL");
  logout->callback([&] { run = [&options] { return Logout(options); }; });
}

}  // namespace calsync::tools
