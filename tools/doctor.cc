#include "tools/doctor.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/http/client.h"
#include "adapter/http/loop.h"
#include "adapter/http/target.h"
#include "adapter/store/store.h"
#include "engine/state/block_id.h"
#include "engine/state/record.h"
#include "tools/installation.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr char kAboutDoctor[] =
    "Checks settings, keys, database, clock, grants, calendars and the webhook's address, and says what to do.\n"
    "\n"
    "Exit code: 0 all is well, 1 something is not, 2 settings cannot be read.";

constexpr absl::Duration kTimeout = absl::Seconds(15);
constexpr absl::Duration kSkewMax = absl::Minutes(2);  // Tokens are refused, and horizons wrong, beyond a few minutes.

// What was looked at, and what was found.
struct Finding {
  enum class Kind : uint8_t { kWell, kNote, kWrong };
  Kind kind = Kind::kWell;
  std::string what;
  std::string advice;  // Empty if it is well.
};
constexpr absl::string_view kKindNames[] = {"well", "note", "wrong"};

class Doctor {
 public:
  explicit Doctor(const Installation& installation) : installation_(installation), client_(loop_, Options(installation)) {}

  std::vector<Finding> Examine() {
    Database();
    Clock();
    Accounts();
    Groups();
    Webhook();
    return std::move(findings_);
  }

 private:
  static http::ClientOptions Options(const Installation& installation) {
    http::ClientOptions options;
    options.ca_file = installation.settings().google.ca_file;
    if (!options.ca_file.empty()) options.trust = http::Trust::kFile;
    return options;
  }

  void Well(std::string what) { findings_.push_back({Finding::Kind::kWell, std::move(what), ""}); }
  void Note(std::string what, std::string advice) {
    findings_.push_back({Finding::Kind::kNote, std::move(what), std::move(advice)});
  }
  void Wrong(std::string what, std::string advice) {
    findings_.push_back({Finding::Kind::kWrong, std::move(what), std::move(advice)});
  }

  void Database() {
    const auto store = installation_.OpenStore();
    if (!store.ok()) return Wrong(absl::StrCat("database: ", store.status().message()), "");
    Well(absl::StrCat("database ", installation_.database(), " opens"));
    Keys(**store);
    if (InstanceLock::IsHeld(installation_.lock_file())) {
      Well("calsync run is running");
    } else {
      Note("calsync run is not running", "calsync run, or the service; docs/operating.md");
    }
  }

  // What lies on calendars bears ids that the installation's keys certify.
  void Keys(adapter::Store& store) {
    size_t blocks = 0;
    size_t strange = 0;
    for (const adapter::GroupSettings& group : installation_.settings().groups) {
      const absl::StatusOr<GroupImage> image = store.Peek(group.id);
      if (!image.ok()) return Wrong(absl::StrCat("database: ", image.status().message()), "");
      const BlockIds ids(adapter::EngineKeys(installation_.keys()), group.id);
      for (const Record& record : image->records) {
        if (!record.IsBlock() || !record.MayBeLive() || !BlockIds::HasShape(record.event.view())) continue;
        ++blocks;
        strange += ids.Verify(record.event.view(), record.calendar).has_value() ? 0 : 1;
      }
    }
    if (strange == 0) return Well("the keys are those of the blocks that were made");
    Wrong(absl::StrCat(strange, " of ", blocks, " blocks were made with keys that are not in calsync.keys"),
          "put the right calsync.keys back; a key that is newer belongs on top of those that it had, not in their place");
  }

  http::Outcome Send(const http::Address& to, http::Request request) {
    http::Outcome got = http::NoAnswer{.kind = http::NoAnswer::Kind::kTimeout, .why = "no answer"};
    client_.Send(to, std::move(request), kTimeout, [&](http::Outcome outcome) {
      got = std::move(outcome);
      loop_.Stop();
    });
    loop_.Run();
    return got;
  }

  // Google tells the time with every answer, whatever it answers.
  void Clock() {
    const std::string& root = installation_.settings().google.api_root;
    const std::optional<http::Address> to = http::ParseAddress(root);
    if (!to) return Wrong(absl::StrCat("api_root \"", root, "\" is no address"), "correct it in the settings");
    const http::Outcome outcome = Send(*to, {.method = "GET", .target = to->target});
    const auto* const response = std::get_if<http::Response>(&outcome);
    if (response == nullptr) {
      return Wrong(absl::StrCat(to->host, " cannot be reached: ", std::get<http::NoAnswer>(outcome).why),
                   "is this machine online? is a proxy needed (https_proxy)?");
    }
    Well(absl::StrCat(to->host, " can be reached"));
    absl::Time told;
    std::string problem;
    const std::string date(response->headers.Get("Date"));
    if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", date, &told, &problem)) return;
    const absl::Duration ahead = absl::Now() - told;
    if (absl::AbsDuration(ahead) > kSkewMax) {
      return Wrong(absl::StrCat("this machine's clock is ", Lasting(absl::AbsDuration(ahead)),
                                ahead > absl::ZeroDuration() ? " ahead" : " behind"),
                   "set it; systemd-timesyncd or chrony keep it right");
    }
    Well("the clock is right");
  }

  static bool IsSet(const char* variable) {
    const char* const value = std::getenv(variable);
    return value != nullptr && *value != '\0';
  }

  // Without an account nothing else can be done.
  void FirstLogin() {
    const absl::StatusOr<std::vector<std::string>> granted = installation_.vault().Names();
    if (!granted.ok()) return Wrong(std::string(granted.status().message()), "");
    if (!granted->empty() || IsSet("CALSYNC_ACCESS_TOKEN")) return;
    const bool has_client = !installation_.settings().google.client_file.empty() || IsSet("CALSYNC_CLIENT_ID");
    Note("no account is logged in yet",
         has_client ? "calsync login, then calsync calendars add"
                    : absl::StrCat("first name the OAuth client's file: client_file under [google] in ",
                                   installation_.settings().file, "; then calsync login, and calsync calendars add"));
  }

  void Accounts() {
    if (installation_.Accounts().empty()) FirstLogin();
    adapter::GoogleClient google(loop_, installation_.google());
    for (const AccountId& account : installation_.Accounts()) {
      if (const absl::Status status = installation_.SetGrant(google, account); !status.ok()) {
        Wrong(std::string(status.message()), "");
        continue;
      }
      google.ListCalendars(account, [&](absl::StatusOr<std::vector<CalendarListEntry>> entries) {
        if (entries.ok()) {
          Well(absl::StrCat("the grant of ", account.text(), " works"));
          listed_[account] = *std::move(entries);
        } else {
          Wrong(std::string(entries.status().message()), "");
        }
        loop_.Stop();
      });
      loop_.Run();
    }
  }

  void Calendar(const adapter::CalendarSettings& calendar) {
    const auto account = listed_.find(calendar.account);
    if (account == listed_.end()) return;  // Its grant was complained about.
    const auto entry = std::find_if(account->second.begin(), account->second.end(),
                                    [&](const CalendarListEntry& one) { return one.id == calendar.google_id; });
    if (entry == account->second.end()) {
      return Wrong(absl::StrCat("\"", calendar.name, "\" is not among the calendars of ", calendar.account.text()),
                   "was it deleted or unshared? calsync calendars remove takes it out");
    }
    if (!CanWrite(entry->access_role) && calendar.flow != adapter::Flow::kSource) {
      return Note(absl::StrCat("\"", calendar.name, "\" may only be read: it gets no blocks"),
                  absl::StrCat("calsync calendars direction \"", calendar.name, "\" source says that this is meant"));
    }
    Well(absl::StrCat("\"", calendar.name, "\" is there"));
  }

  void Groups() {
    for (const auto& [group, why] : installation_.settings().broken) {
      Wrong(absl::StrCat(std::string(why.message()), ": the group \"", group.text(), "\" does not run"), "correct the file");
    }
    for (const adapter::GroupSettings& group : installation_.settings().groups) {
      if (group.paused) Note(absl::StrCat("the group \"", group.id.text(), "\" is paused"), "calsync resume");
      int enabled = 0;
      for (const adapter::CalendarSettings& calendar : group.calendars) {
        if (calendar.state != LinkState::kEnabled) continue;
        ++enabled;
        Calendar(calendar);
      }
      if (enabled < 2)
        Note(absl::StrCat("the group \"", group.id.text(), "\" has ", enabled, " calendars: nothing is to be kept in step"),
             "calsync calendars add");
    }
  }

  void Webhook() {
    if (installation_.settings().webhook.listen.empty()) return Well("no webhook: calendars are polled");
    const std::string& address = installation_.settings().defaults.policy.push_address;
    const std::optional<http::Address> to = http::ParseAddress(absl::StrCat(address, "/doctor"));
    if (!to) return Wrong(absl::StrCat("the webhook's address \"", address, "\" is no address"), "correct it in the settings");
    const http::Outcome outcome = Send(
        *to, {.method = "POST",
              .target = to->target,
              .headers = {{"X-Goog-Channel-ID", "doctor"}, {"X-Goog-Channel-Token", ""}, {"X-Goog-Resource-State", "sync"}}});
    const auto* const response = std::get_if<http::Response>(&outcome);
    if (response != nullptr && response->status == 204) return Well(absl::StrCat("the webhook answers at ", address));
    const std::string why =
        response == nullptr ? std::get<http::NoAnswer>(outcome).why : absl::StrCat("it answers ", response->status);
    Wrong(absl::StrCat("the webhook does not answer at ", address, ": ", why),
          "does calsync run? does the proxy bring it to the receiver's port?");
  }

  const Installation& installation_;
  http::Loop loop_;
  http::Client client_;
  std::vector<Finding> findings_;
  std::map<AccountId, std::vector<CalendarListEntry>> listed_;
};

int Run(const DoctorOptions& options) {
  const absl::StatusOr<Installation> installation = Installation::Open(options.config);
  if (!installation.ok()) return Fail(installation.status());
  const std::vector<Finding> findings = Doctor(*installation).Examine();
  const Terminal terminal(options.no_color);
  bool well = true;
  nlohmann::json json = nlohmann::json::array();
  for (const Finding& finding : findings) {
    well = well && finding.kind != Finding::Kind::kWrong;
    if (options.json) {
      json.push_back(
          {{"kind", kKindNames[static_cast<size_t>(finding.kind)]}, {"what", finding.what}, {"advice", finding.advice}});
      continue;
    }
    const bool is_well = finding.kind == Finding::Kind::kWell;
    const std::string mark = is_well                                ? terminal.OnStdout(Colour::kGreen, "ok   ")
                             : finding.kind == Finding::Kind::kNote ? "note "
                                                                    : terminal.OnStdout(Colour::kRed, "WRONG");
    std::printf("%s %s\n", mark.c_str(), finding.what.c_str());
    if (!finding.advice.empty()) std::printf("      %s\n", finding.advice.c_str());
  }
  if (options.json) std::printf("%s\n", json.dump(2).c_str());
  if (!Written("the findings")) return kEnvironment;
  return well ? kDone : kLawBroken;
}

}  // namespace

void AddDoctor(CLI::App& app, DoctorOptions& options, Verb& run) {
  CLI::App* verb = app.add_subcommand("doctor", kAboutDoctor);
  verb->set_help_flag("-h,--help", "Help.");
  AddConfigOption(verb, options.config);
  verb->add_flag("--json", options.json, "As JSON.");
  verb->add_flag("--no-color", options.no_color, "No colours.");
  verb->callback([&] { run = [&options] { return Run(options); }; });
}

}  // namespace calsync::tools
