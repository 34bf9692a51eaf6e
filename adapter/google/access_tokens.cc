#include "adapter/google/access_tokens.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/jwt.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync::adapter {
namespace {

constexpr absl::Duration kMargin = absl::Minutes(2);          // A token that is about to end is not begun with.
constexpr absl::Duration kTestingLife = absl::Hours(24 * 8);  // Seven days, and one on which it is noticed.
constexpr absl::Duration kClockRest = absl::Minutes(5);       // Of an account that is parked for the clock.
constexpr absl::string_view kJwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr absl::string_view kStays = "\n  Existing busy blocks stay as they are; no new ones will be written.";

// The form that asks for a token. Errors: InvalidArgument for a key that cannot sign.
absl::StatusOr<http::Parameters> FormOf(const Grant& grant, absl::string_view audience, absl::Time now) {
  http::Parameters form;
  if (const auto* const installed = std::get_if<RefreshTokenGrant>(&grant)) {
    form.Add("grant_type", "refresh_token");
    form.Add("client_id", installed->client.id);
    form.Add("client_secret", installed->client.secret.Reveal());
    form.Add("refresh_token", installed->refresh_token.Reveal());
    return form;
  }
  const auto* const robot = std::get_if<ServiceAccountGrant>(&grant);
  CALSYNC_CHECK(robot != nullptr);  // A static token is never asked for.
  const absl::StatusOr<Secret> assertion = SignAssertion(*robot, audience, now);
  if (!assertion.ok()) return assertion.status();
  form.Add("grant_type", std::string(kJwtGrant));
  form.Add("assertion", assertion->Reveal());
  return form;
}

std::string Said(const TokenRefusal& refusal) {
  return absl::StrCat(refusal.error, refusal.description.empty() ? "" : ": ", refusal.description);
}

// What Google says of an assertion whose times do not fit its own clock. They always fit each other.
bool BlamesClock(const Grant& grant, const TokenRefusal& refusal) {
  return std::holds_alternative<ServiceAccountGrant>(grant) && refusal.error == "invalid_grant" &&
         absl::StrContains(refusal.description, "short-lived token");
}

std::string HowToReconnect(const AccountId& account) {
  return absl::StrCat("\n  To reconnect:  calsync login --account ", account.text());
}

// Of a refresh token that ended early.
std::string LikelyReason(const RefreshTokenGrant& grant, absl::Time now) {
  if (!grant.granted_at || now - *grant.granted_at > kTestingLife) return "";
  return absl::StrCat(
      "\n  It was granted ", absl::FormatTime("%Y-%m-%d", *grant.granted_at, absl::UTCTimeZone()),
      ". While the publishing status of an OAuth consent screen is \"Testing\", Google ends every grant after 7 days: "
      "publish the app (\"In production\"), then reconnect.");
}

}  // namespace

std::string WhyParked(const AccountId& account, const Grant& grant, const TokenRefusal& refusal, absl::Time now) {
  const std::string what = absl::StrCat("Google does not accept the grant of ", account.text(), " (", Said(refusal), ").");
  const auto* const installed = std::get_if<RefreshTokenGrant>(&grant);
  if (installed == nullptr) {
    const auto* const robot = std::get_if<ServiceAccountGrant>(&grant);
    if (BlamesClock(grant, refusal)) {
      return absl::StrCat(what, kStays, "\n  The clock of this machine is wrong: it says ",
                          absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", now, absl::UTCTimeZone()),
                          ". Set it; Google is then asked again within minutes.");
    }
    const absl::string_view name = robot == nullptr ? absl::string_view("the service account") : robot->email;
    return absl::StrCat(what, kStays, "\n  The domain's administrator must let ", name,
                        " act for the account (domain-wide delegation) with the scopes ", JoinedScopes(),
                        ", and its key must not have been deleted. Then start calsync again.");
  }
  if (refusal.error == "invalid_client" || refusal.error == "deleted_client") {
    return absl::StrCat(what, kStays, "\n  The OAuth client ", installed->client.id,
                        " does not exist any more, or its secret is another one. Put the client's new file in place;",
                        HowToReconnect(account));
  }
  const std::string reason = refusal.error == "invalid_grant" ? LikelyReason(*installed, now) : "";
  return absl::StrCat(what, kStays, reason, HowToReconnect(account));
}

AccessTokens::AccessTokens(http::Client& client, Options options) : client_(client), options_(std::move(options)) {
  const std::optional<http::Address> address = http::ParseAddress(options_.endpoint);
  CALSYNC_CHECK(address.has_value());
  endpoint_ = *address;
}

void AccessTokens::Set(const AccountId& account, Grant grant) {
  Account& state = accounts_[account];
  std::vector<Given> waiting = std::move(state.waiting);
  state = Account{.grant = std::move(grant), .round = ++rounds_};
  for (Given& given : waiting) Get(account, std::move(given));
}

void AccessTokens::Remove(const AccountId& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  Account state = std::move(found->second);
  accounts_.erase(found);
  for (Given& given : state.waiting) Get(account, std::move(given));
}

const Grant* AccessTokens::FindGrant(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second.grant;
}

std::string AccessTokens::ParkedBecause(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? "" : found->second.parked;
}

bool AccessTokens::RefusesAtOnce(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() || IsParkedNow(found->second);
}

// A clock that was blamed and stands before that moment was set.
bool AccessTokens::IsParkedNow(const Account& state) const {
  if (state.parked.empty() || !state.clock_blamed) return !state.parked.empty();
  const absl::Duration since = options_.clock() - *state.clock_blamed;
  return absl::ZeroDuration() <= since && since < kClockRest;
}

void AccessTokens::Get(const AccountId& account, Given given) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) {
    return given(NoToken{NoToken::Why::kNoGrant,
                         absl::StrCat("there is no grant of ", account.text(), " here.", HowToReconnect(account))});
  }
  Account& state = found->second;
  if (IsParkedNow(state)) return given(NoToken{NoToken::Why::kParked, state.parked});
  if (const auto* const fixed = std::get_if<StaticTokenGrant>(&state.grant)) return given(fixed->access_token);
  if (!state.token.empty() && options_.clock() < state.until) return given(state.token);
  state.waiting.push_back(std::move(given));
  if (!state.asking) Ask(account, state);
}

void AccessTokens::Reject(const AccountId& account, const Secret& token) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || !(found->second.token == token)) return;  // A newer one is there already.
  found->second.token = Secret();
}

void AccessTokens::Ask(const AccountId& account, Account& state) {
  const absl::StatusOr<http::Parameters> form = FormOf(state.grant, options_.endpoint, options_.clock());
  if (!form.ok()) {
    state.parked =
        absl::StrCat("the key of the service account that acts for ", account.text(), " cannot sign: ", form.status().message(),
                     ".", kStays, "\n  Put the key file from Google's console in place, and start calsync again.");
    return Tell(state, NoToken{NoToken::Why::kParked, state.parked});
  }
  state.asking = true;
  client_.Send(endpoint_, TokenRequest(endpoint_.target, *form), options_.timeout,
               [this, account, round = state.round, sent = *form](const http::Outcome& outcome) {
                 OnAnswer(account, round, ReadTokenAnswer(outcome, sent));
               });
}

void AccessTokens::OnAnswer(const AccountId& account, uint64_t round, const TokenAnswer& answer) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || found->second.round != round) return;
  Account& state = found->second;
  state.asking = false;
  std::visit(
      Overloaded{
          [&](const Tokens& tokens) {
            state.parked.clear();
            state.clock_blamed.reset();
            state.token = tokens.access_token;
            state.until = options_.clock() + std::max(tokens.expires_in - kMargin, tokens.expires_in / 2);
            Tell(state, state.token);
          },
          [&](const TokenRefusal& refusal) {
            if (!IsFinal(refusal)) {
              return Tell(state, NoToken{NoToken::Why::kNotReached, absl::StrCat("no access token for now: ", Said(refusal))});
            }
            const absl::Time now = options_.clock();
            state.parked = WhyParked(account, state.grant, refusal, now);
            state.clock_blamed = BlamesClock(state.grant, refusal) ? std::make_optional(now) : std::nullopt;
            Tell(state, NoToken{NoToken::Why::kParked, state.parked});
          },
          [&](const TokenSilence& silence) {
            Tell(state, NoToken{NoToken::Why::kNotReached, absl::StrCat("no access token for now: ", silence.why)});
          },
      },
      answer);
}

void AccessTokens::Tell(Account& state, const Outcome& outcome) {
  for (const Given& given : std::exchange(state.waiting, {})) given(outcome);
}

}  // namespace calsync::adapter
