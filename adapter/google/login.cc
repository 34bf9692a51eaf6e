#include "adapter/google/login.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "adapter/google/answer_json.h"
#include "adapter/google/calendar_api.h"
#include "adapter/google/jwt.h"
#include "adapter/google/oauth.h"
#include "adapter/http/client.h"
#include "adapter/http/server.h"
#include "adapter/http/target.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

constexpr size_t kRandomBytes = 32;  // 43 characters, the least that PKCE takes (contract 6.3).
constexpr absl::string_view kNothingChanged = "\n  Nothing was changed.";

http::Response Page(int status, absl::string_view words) {
  return {.status = status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"}},
          .body = absl::StrCat("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>CalSync</title>\n<p>", words, "\n")};
}

std::vector<std::string> MissingScopes(const std::string& granted) {
  const std::vector<std::string> given = absl::StrSplit(granted, ' ', absl::SkipEmpty());
  std::vector<std::string> missing;
  for (const absl::string_view scope : kScopes) {
    if (std::find(given.begin(), given.end(), scope) == given.end()) missing.emplace_back(scope);
  }
  return missing;
}

LoginOptions Complete(LoginOptions options) {
  if (!options.clock) options.clock = [] { return absl::Now(); };
  if (!absl::EndsWith(options.api_root, "/")) options.api_root += "/";
  return options;
}

}  // namespace

class BrowserLogin::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(http::Loop& loop, LoginOptions options, Done done)
      : loop_(loop),
        options_(Complete(std::move(options))),
        done_(std::move(done)),
        client_(loop,
                {.trust = options_.ca_file.empty() ? http::Trust::kSystem : http::Trust::kFile, .ca_file = options_.ca_file}),
        alarm_(loop),
        verifier_(RandomText(kRandomBytes)),
        state_(RandomText(kRandomBytes)) {}

  absl::Status Listen();
  const std::string& url() const { return url_; }
  absl::Status Paste(absl::string_view address);

 private:
  http::Response OnVisit(const http::Request& request);
  // True if the parameters are the answer to this login; then it goes on with them.
  bool Take(const http::Parameters& answer);
  void Exchange(const std::string& code);
  void OnTokens(const TokenAnswer& answer);
  void AskWhose(const Tokens& tokens);
  void Finish(absl::StatusOr<LoggedIn> result);

  http::Loop& loop_;
  const LoginOptions options_;
  Done done_;  // Null once it is called.
  http::Client client_;
  http::Loop::Alarm alarm_;
  std::unique_ptr<http::Server> server_;
  const std::string verifier_;
  const std::string state_;
  std::string redirect_;
  std::string url_;
  bool answered_ = false;
};

absl::Status BrowserLogin::Impl::Listen() {
  absl::StatusOr<std::unique_ptr<http::Server>> server =
      http::Server::Listen(loop_, {}, [this](const http::Request& request) { return OnVisit(request); });
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  redirect_ = absl::StrCat("http://127.0.0.1:", server_->port(), "/");
  http::Parameters query;
  query.Add("client_id", options_.client.id);
  query.Add("redirect_uri", redirect_);
  query.Add("response_type", "code");
  query.Add("scope", JoinedScopes());
  query.Add("code_challenge", WebSafe(Sha256(verifier_)));
  query.Add("code_challenge_method", "S256");
  query.Add("state", state_);
  query.Add("access_type", "offline");
  query.Add("prompt", "consent");  // Also who agreed before gets a refresh token.
  if (!options_.login_hint.empty()) query.Add("login_hint", options_.login_hint);
  url_ = absl::StrCat(options_.authorization_endpoint, "?", http::FormatParameters(query));
  alarm_.Set(options_.patience, [this] {
    Finish(absl::DeadlineExceededError(absl::StrCat("nobody came back from the browser within ",
                                                    absl::FormatDuration(options_.patience), ".", kNothingChanged,
                                                    " Run the login again.")));
  });
  return absl::OkStatus();
}

http::Response BrowserLogin::Impl::OnVisit(const http::Request& request) {
  const std::optional<http::Target> target = http::ParseTarget(request.target);
  if (request.method != "GET" || !target || target->path != "/") return Page(404, "There is nothing here.");
  if (!Take(target->query)) return Page(400, "This is not the answer to the login that is under way.");
  return Page(200, "Thank you. The rest is said in the terminal; this window can be closed.");
}

absl::Status BrowserLogin::Impl::Paste(absl::string_view text) {
  const std::optional<http::Address> address = http::ParseAddress(absl::StripAsciiWhitespace(text));
  const std::optional<http::Target> target = address ? http::ParseTarget(address->target) : std::nullopt;
  if (target && Take(target->query)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("this is not the address at which the browser ends; that one begins with ", redirect_));
}

bool BrowserLogin::Impl::Take(const http::Parameters& answer) {
  if (answered_ || answer.Get("state") != state_) return false;
  const std::string code = answer.Get("code");
  const std::string error = answer.Get("error");
  if (code.empty() && error.empty()) return false;
  answered_ = true;
  if (!code.empty()) {
    Exchange(code);
  } else if (error == "access_denied") {
    Finish(absl::PermissionDeniedError(
        absl::StrCat("access was not granted.", kNothingChanged, " Run the login again, and allow what is asked for.")));
  } else {
    Finish(absl::FailedPreconditionError(absl::StrCat("Google refused the login: ", error.substr(0, 100), ".", kNothingChanged)));
  }
  return true;
}

void BrowserLogin::Impl::Exchange(const std::string& code) {
  http::Parameters form;
  form.Add("grant_type", "authorization_code");
  form.Add("code", code);
  form.Add("code_verifier", verifier_);
  form.Add("redirect_uri", redirect_);
  form.Add("client_id", options_.client.id);
  form.Add("client_secret", options_.client.secret.Reveal());
  const http::Address to = http::AddressOf(options_.token_endpoint);
  client_.Send(to, TokenRequest(to.target, form), options_.call_timeout,
               [this, form](const http::Outcome& outcome) { OnTokens(ReadTokenAnswer(outcome, form)); });
}

void BrowserLogin::Impl::OnTokens(const TokenAnswer& answer) {
  std::visit(Overloaded{
                 [&](const Tokens& tokens) { AskWhose(tokens); },
                 [&](const TokenRefusal& refusal) {
                   Finish(absl::FailedPreconditionError(absl::StrCat(
                       "Google refused the login: ", refusal.error, refusal.description.empty() ? "" : ": ", refusal.description,
                       ".", kNothingChanged, " Is the file of the OAuth client the right one?")));
                 },
                 [&](const TokenSilence& silence) {
                   Finish(absl::UnavailableError(
                       absl::StrCat("Google cannot be reached: ", silence.why, ".", kNothingChanged, " Try again later.")));
                 },
             },
             answer);
}

void BrowserLogin::Impl::AskWhose(const Tokens& tokens) {
  const std::vector<std::string> missing = MissingScopes(tokens.scope);
  if (!missing.empty()) {  // People can untick what they like.
    return Finish(absl::PermissionDeniedError(absl::StrCat("access was granted only in part, ", missing[0], " is missing.",
                                                           kNothingChanged, " Run the login again, and tick every box.")));
  }
  if (tokens.refresh_token.empty()) {
    return Finish(absl::FailedPreconditionError(
        absl::StrCat("Google gave no refresh token.", kNothingChanged,
                     " Remove CalSync's access at myaccount.google.com/permissions, then run the login again.")));
  }
  RefreshTokenGrant grant{.client = options_.client, .refresh_token = tokens.refresh_token, .granted_at = options_.clock()};
  http::Address to = http::AddressOf(options_.api_root);
  http::Request request = RequestOf(GetCalendar{CalendarId("primary")}, to.target);  // Its id is the account's address.
  to.target = request.target;
  request.headers.Add("Authorization", absl::StrCat("Bearer ", tokens.access_token.Reveal()));
  client_.Send(to, std::move(request), options_.call_timeout, [this, grant = std::move(grant)](const http::Outcome& outcome) {
    const auto* const response = std::get_if<http::Response>(&outcome);
    const absl::StatusOr<CalendarListEntry> entry = response != nullptr && response->status == 200
                                                        ? ReadEntry(response->body)
                                                        : absl::UnavailableError("no answer that says so");
    if (entry.ok()) return Finish(LoggedIn{AccountId(entry->id.text()), grant});
    const ApiError error =
        response != nullptr ? ErrorOf(*response, options_.clock()) : ErrorOf(std::get<http::NoAnswer>(outcome));
    Finish(absl::UnavailableError(absl::StrCat(
        "access was granted, but Google does not say whose account it is: ", error.code == 0 ? "" : absl::StrCat(error.code, " "),
        error.reason, error.message.empty() ? "" : " ", error.message, ".", kNothingChanged, " Run the login again.")));
  });
}

// Later, and outside of everything here: whoever hears it may end the login.
void BrowserLogin::Impl::Finish(absl::StatusOr<LoggedIn> result) {
  if (!done_) return;
  answered_ = true;
  alarm_.Cancel();
  loop_.Post([self = weak_from_this(), done = std::exchange(done_, nullptr), result = std::move(result)] {
    if (const std::shared_ptr<Impl> here = self.lock()) done(result);
  });
}

absl::StatusOr<std::unique_ptr<BrowserLogin>> BrowserLogin::Start(http::Loop& loop, LoginOptions options, Done done) {
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(done));
  if (absl::Status listens = impl->Listen(); !listens.ok()) return listens;
  return std::unique_ptr<BrowserLogin>(new BrowserLogin(std::move(impl)));
}

BrowserLogin::BrowserLogin(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
BrowserLogin::~BrowserLogin() = default;
const std::string& BrowserLogin::url() const { return impl_->url(); }
absl::Status BrowserLogin::Paste(absl::string_view address) { return impl_->Paste(address); }

}  // namespace calsync::adapter
