#include "tools/fake.h"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/http/target.h"
#include "engine/base/status_macros.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/http/knobs_json.h"
#include "fakegoogle/http/serve.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/ical/import.h"
#include "tools/files.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr absl::Duration kFakeGrace = absl::Seconds(2);

constexpr char kAboutFake[] = "A Google Calendar on this machine, for tests.";
constexpr char kServeAbout[] =
    "Serves Google Calendar v3 on this machine: events, sync tokens, webhooks, OAuth, batches, discovery, and faults.\n"
    "\n"
    "Examples:\n"
    "  calsync fake serve                                   # one person, three calendars, http://127.0.0.1:8085/\n"
    "  calsync fake serve --import work.ics --faults mild\n"
    "  calsync fake serve --clock manual --seed 7           # time stands still until POST /_fake/clock moves it\n"
    "  calsync fake serve --listen 127.0.0.1:0 --json       # any free port, told as JSON\n"
    "  curl -H 'Authorization: Bearer test-token' http://127.0.0.1:8085/calendar/v3/calendars/primary/events\n"
    "  calsync fake serve --state club.json                 # goes on where it stopped: ids, tokens, channels stay valid\n"
    "\n"
    "It runs until Ctrl-C, and keeps nothing but --state. Exit code: 0 stopped, 2 the command line or a file is wrong, 3 the\n"
    "machine does not let it, for example because the port is taken.";

absl::StatusOr<fake::FirstCalendar> ReadFirst(const std::string& path) {
  fake::FirstCalendar first;
  if (const int error = ReadFile(path, first.ics); error != 0) {
    return absl::NotFoundError(absl::StrCat("--import ", path, " cannot be read: ", std::strerror(error)));
  }
  ASSIGN_OR_RETURN(const ical::ImportedCalendar read, ical::ReadCalendar(first.ics, path, {.keep_series = true}));
  first.name = read.name.empty() ? std::filesystem::path(path).stem().string() : read.name;
  if (ical::MachineZone(read.time_zone)) first.time_zone = read.time_zone;
  std::fprintf(stderr, "calsync: %s: %d of %d events taken\n", path.c_str(), read.report.taken, read.report.read);
  return first;
}

absl::StatusOr<fake::Json> ReadAnswers(const std::string& path) {
  std::string text;
  if (const int error = ReadFile(path, text); error != 0) {
    return absl::NotFoundError(absl::StrCat("--answers ", path, " cannot be read: ", std::strerror(error)));
  }
  const std::optional<fake::Json> json = fake::ParseJson(text);
  if (!json) return absl::InvalidArgumentError(absl::StrCat("--answers ", path, " is not JSON"));
  fake::Knobs knobs;
  if (const absl::Status read = fake::ReadKnobs(*json, knobs); !read.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--answers ", path, ": ", read.message()));
  }
  return *json;
}

absl::Status Keep(const std::string& path, const fake::Json& state) {
  const int error = ReplaceFile(path, fake::FormatJson(state));
  if (error == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("--state ", path, " cannot be written: ", std::strerror(error)));
}

// Whether there is a state to go on from.
bool IsKept(const FakeOptions& options) { return !options.state.empty() && std::filesystem::exists(options.state); }

// Errors: FailedPrecondition if the file is not what it should be, Internal if a new one cannot be made.
absl::Status TakeUp(const FakeOptions& options, fake::ServedFake& served) {
  if (options.state.empty()) return absl::OkStatus();
  if (!IsKept(options)) {  // Whether it can be written is better known now than at the end.
    ASSIGN_OR_RETURN(const fake::Json state, served.front().Export());
    return Keep(options.state, state);
  }
  std::string text;
  if (const int error = ReadFile(options.state, text); error != 0) {
    return absl::FailedPreconditionError(absl::StrCat("--state ", options.state, " cannot be read: ", std::strerror(error)));
  }
  const std::optional<fake::Json> json = fake::ParseJson(text);
  const absl::Status taken = json ? served.Import(*json) : absl::FailedPreconditionError("is broken: it is not JSON");
  if (!taken.ok()) return absl::FailedPreconditionError(absl::StrCat("--state ", options.state, " ", taken.message()));
  std::fprintf(stderr, "calsync: %s is taken up\n", options.state.c_str());
  return absl::OkStatus();
}

// At the end. False if that was not possible.
bool KeepAll(const FakeOptions& options, const fake::ServedFake& served) {
  if (options.state.empty()) return true;
  const absl::StatusOr<fake::Json> state = served.front().Export();
  const absl::Status kept = state.ok() ? Keep(options.state, *state) : state.status();
  if (!kept.ok()) Complain(absl::StrCat("the state is not kept: ", kept.message(), "."));
  return kept.ok();
}

absl::StatusOr<fake::ServeOptions> Understand(const FakeOptions& options) {
  fake::ServeOptions serve;
  const std::optional<http::Endpoint> listen = http::ParseEndpoint(options.listen);
  if (!listen) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen takes an address and a port, as 127.0.0.1:8085, not \"", options.listen, "\""));
  }
  if (!options.allow_remote && !http::IsLoopback(listen->address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen ", options.listen,
                     " would let other machines in, and its passwords are known to all. --allow-remote does it all the same"));
  }
  serve.server.address = listen->address;
  serve.server.port = listen->port;
  serve.webhooks.anywhere = options.allow_remote;
  if (!options.webhook_ca.empty()) {
    if (!std::filesystem::exists(options.webhook_ca)) {
      return absl::NotFoundError(absl::StrCat("--webhook-ca ", options.webhook_ca, " does not exist"));
    }
    std::string pem;
    if (ReadFile(options.webhook_ca, pem) != 0 || !absl::StrContains(pem, "CERTIFICATE-----")) {
      return absl::InvalidArgumentError(
          absl::StrCat("--webhook-ca ", options.webhook_ca, " holds no certificate: it takes a file of PEM"));
    }
    serve.webhooks.trust = http::Trust::kFile;
    serve.webhooks.ca_file = options.webhook_ca;
  }
  if (options.webhook_any_certificate) serve.webhooks.trust = http::Trust::kAnybody;
  const size_t at = options.account.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == options.account.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--account takes an address, as ada@example.com, not \"", options.account, "\""));
  }
  serve.front.remote = options.allow_remote;
  serve.front.beginning.seed = options.seed;
  serve.front.beginning.account = options.account;
  serve.front.beginning.time_zone = options.time_zone;
  if (!ical::MachineZone(options.time_zone)) {
    return absl::InvalidArgumentError(absl::StrCat("--time-zone ", options.time_zone, " is not known"));
  }
  if (options.clock == "real") serve.front.clock = [] { return absl::Now(); };
  if (!options.start.empty()) {
    const std::optional<absl::Time> start = fake::ParseInstant(options.start);
    if (!start) return absl::InvalidArgumentError("--start takes a time with an offset, as 2026-01-05T08:00:00Z");
    if (options.clock == "real") return absl::InvalidArgumentError("--start is for --clock manual");
    serve.front.beginning.start = *start;
  }
  const std::optional<fake::FaultPlan> faults = fake::FaultProfile(options.faults);
  if (!faults) return absl::InvalidArgumentError("--faults takes none, mild or rough");
  serve.front.beginning.faults = *faults;
  if (!options.answers.empty()) {
    ASSIGN_OR_RETURN(serve.front.beginning.knobs, ReadAnswers(options.answers));
  }
  if (!options.state.empty()) serve.front.keeps = [path = options.state](const fake::Json& state) { return Keep(path, state); };
  if (IsKept(options)) return serve;  // Its beginning is known already.
  for (const std::string& path : options.imports) {
    ASSIGN_OR_RETURN(fake::FirstCalendar first, ReadFirst(path));
    serve.front.beginning.calendars.push_back(std::move(first));
  }
  return serve;
}

void Announce(const FakeOptions& options, fake::ServedFake& served) {
  const std::string& url = served.front().root_url();
  if (options.json) {
    const nlohmann::ordered_json json{{"rootUrl", url},
                                      {"accessToken", "test-token"},
                                      {"clientId", "test-client"},
                                      {"clientSecret", "test-secret"},
                                      {"refreshToken", "test-refresh-token"},
                                      {"account", served.front().options().beginning.account}};
    std::printf("%s\n", json.dump().c_str());
  } else {
    std::printf("Google Calendar, faked, on %s\n", url.c_str());
    std::printf("  API            %scalendar/v3/\n", url.c_str());
    std::printf("  discovery      %sdiscovery/v1/apis/calendar/v3/rest\n", url.c_str());
    std::printf("  tokens         %stoken, consent on %so/oauth2/v2/auth\n", url.c_str(), url.c_str());
    std::printf("  control        %s_fake/\n", url.c_str());
    std::printf("  account        %s: calendars \"primary\", \"Work\", \"Home\"\n",
                served.front().options().beginning.account.c_str());
    std::printf("  access token   test-token; refresh token test-refresh-token; client test-client, test-secret\n");
    std::printf("Ctrl-C ends it.\n");
  }
  std::fflush(stdout);
}

// Each connection is a descriptor, and shells allow a thousand.
void AllowManyConnections() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(const FakeOptions& options) {
  absl::StatusOr<fake::ServeOptions> understood = Understand(options);
  if (!understood.ok()) {
    Complain(absl::StrCat(understood.status().message(), "."));
    return kUsage;
  }
  AllowManyConnections();
  http::Loop loop;
  absl::StatusOr<std::unique_ptr<fake::ServedFake>> served = fake::ServedFake::Start(loop, *std::move(understood));
  if (!served.ok()) {
    Complain(
        absl::StrCat("cannot listen: ", served.status().message(), ".",
                     absl::IsUnavailable(served.status()) ? " --listen chooses another port; port 0 is any that is free." : ""));
    return kEnvironment;
  }
  if (const absl::Status taken = TakeUp(options, **served); !taken.ok()) {
    Complain(absl::StrCat(taken.message(), "."));
    return absl::IsFailedPrecondition(taken) ? kUsage : kEnvironment;
  }
  // Before anybody hears of it: whoever starts it may stop it at once.
  loop.OnInterrupt([&] { (*served)->Stop(kFakeGrace, [&] { loop.Stop(); }); });
  Announce(options, **served);
  if (!Written("where it listens")) return kEnvironment;
  loop.Run();
  if (!KeepAll(options, **served)) return kEnvironment;
  std::fprintf(stderr, "calsync: stopped\n");
  return kDone;
}

}  // namespace

void AddFake(CLI::App& app, FakeOptions& options, Verb& run) {
  CLI::App* fake = app.add_subcommand("fake", kAboutFake);
  fake->set_help_flag("-h,--help", "Help.");
  fake->require_subcommand(1);
  CLI::App* verb = fake->add_subcommand("serve", kServeAbout);
  verb->set_help_flag("-h,--help", "Help.");
  verb->add_option("--listen", options.listen, "Where; port 0 is any that is free.")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  verb->add_flag("--allow-remote", options.allow_remote, "Other machines may call it, and be called by webhooks.");
  CLI::Option* const webhook_ca =
      verb->add_option("--webhook-ca", options.webhook_ca,
                       "Who vouches for receivers of webhooks by https, instead of the machine's own.")
          ->type_name("FILE.pem");
  verb->add_flag("--webhook-any-certificate", options.webhook_any_certificate, "Receivers of webhooks may show any certificate.")
      ->excludes(webhook_ca);
  verb->add_option("--import", options.imports, "A calendar more, as it was exported; any number of times.")
      ->type_name("FILE.ics")
      ->take_all();
  verb->add_option("--state", options.state,
                   "Goes on from what it left there, and leaves it there when it stops. --seed, --account, --time-zone, --start, "
                   "--import, --faults and --answers are for a new one.")
      ->type_name("FILE.json");
  verb->add_option("--account", options.account, "The address of the person.")->type_name("EMAIL")->capture_default_str();
  verb->add_option("--time-zone", options.time_zone, "Of the person's calendars.")->type_name("ZONE")->capture_default_str();
  verb->add_option("--seed", options.seed, "Of ids, tokens, orders of rows and faults.")->type_name("S")->capture_default_str();
  verb->add_option("--clock", options.clock, "The machine's, or one that /_fake/clock moves.")
      ->type_name("real|manual")
      ->check(CLI::IsMember({"real", "manual"}))
      ->capture_default_str();
  verb->add_option("--start", options.start, "Where a manual clock stands first.")->type_name("TIME");
  verb->add_option("--faults", options.faults, "What goes wrong, and how often; /_fake/faults changes it.")
      ->type_name("none|mild|rough")
      ->check(CLI::IsMember({"none", "mild", "rough"}))
      ->capture_default_str();
  verb->add_option("--answers", options.answers, "How the real service was seen to behave: knobs, as /_fake/knobs shows them.")
      ->type_name("FILE.json");
  verb->add_flag("--json", options.json, "Say where it listens as one line of JSON.");
  verb->callback([&] { run = [&options] { return Serve(options); }; });
}

}  // namespace calsync::tools
