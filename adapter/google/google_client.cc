#include "adapter/google/google_client.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "adapter/google/access_tokens.h"
#include "adapter/google/answer_json.h"
#include "adapter/google/calendar_api.h"
#include "adapter/http/client.h"
#include "adapter/http/target.h"
#include "engine/base/check.h"
#include "engine/base/siphash.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr absl::Duration kCallMin = absl::Seconds(2);  // A call with less time than that is not begun.
constexpr int kCalendarPagesMax = 100;                 // 25,000 calendars.
constexpr SipKey kQuotaUserKey{0x63616c73796e63, 0x71756f7461};
constexpr char kUserAgent[] = "calsync (gzip)";  // Google packs answers only for who says gzip here, too (contract 0.2).

bool IsRateLimit(const ApiError& error) {
  return error.code == 429 || error.reason == "rateLimitExceeded" || error.reason == "userRateLimitExceeded" ||
         error.reason == "RATE_LIMIT_EXCEEDED";
}

// A robot's calls count as the person's for whom they are made, and not as its own (contract 6.2). No address leaves as a name.
std::string QuotaUserOf(const AccountId& account, const Grant& grant) {
  const auto* const robot = std::get_if<ServiceAccountGrant>(&grant);
  if (robot == nullptr || robot->subject.empty()) return "";
  return absl::StrFormat("%016x", SipHash64(kQuotaUserKey, account.text()));
}

// An answer of the API, or why there is none.
using Result = std::variant<http::Response, ApiError>;

absl::Status ListingFailed(const AccountId& account, const ApiError& error) {
  const std::string what = absl::StrCat("cannot list the calendars of ", account.text(), ": ");
  if (error.transport == Transport::kNotSent && error.code == 401)
    return absl::PermissionDeniedError(absl::StrCat(what, error.message));
  const std::string said = absl::StrCat(error.code == 0 ? "" : absl::StrCat(error.code, " "), error.reason,
                                        error.reason.empty() ? "" : ": ", error.message);
  const bool forbidden =
      error.transport == Transport::kAnswered && (error.code == 401 || error.code == 403) && !IsRateLimit(error);
  if (!forbidden) return absl::UnavailableError(absl::StrCat(what, said, "\n  Nothing was changed. Try again later."));
  if (error.reason == "accessNotConfigured") {
    return absl::PermissionDeniedError(
        absl::StrCat(what, said, "\n  Enable the Google Calendar API for the project of the OAuth client."));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(what, said, "\n  To grant all that is asked for:  calsync login --account ", account.text()));
}

absl::StatusOr<CalendarListPage> ReadCalendars(const AccountId& account, const Result& result, absl::Time now) {
  if (const auto* const error = std::get_if<ApiError>(&result)) return ListingFailed(account, *error);
  const http::Response& response = std::get<http::Response>(result);
  if (response.status != 200) return ListingFailed(account, ErrorOf(response, now));
  absl::StatusOr<CalendarListPage> page = ReadEntries(response.body);
  if (page.ok()) return page;
  return ListingFailed(account, {.transport = Transport::kUnreadable, .message = std::string(page.status().message())});
}

}  // namespace

class GoogleClient::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(http::Loop& loop, GoogleOptions options);

  void SetGrant(const AccountId& account, Grant grant);
  void RemoveGrant(const AccountId& account);
  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, MayLeave may_leave,
            AskKnown known);
  void SetProjectShare(double share) { pacing_.SetProjectShare(share); }
  // A list of calendars, as far as it is known.
  struct Listing {
    AccountId account;
    std::function<void(absl::StatusOr<std::vector<CalendarListEntry>>)> answered;
    std::vector<CalendarListEntry> calendars;
    std::optional<PageToken> page;
    int pages = 0;
  };
  void ListCalendars(Listing listing);
  void SendRaw(const AccountId& account, http::Request request, int units, RawAnswered answered);
  size_t in_flight() const { return calls_.size() + answers_; }
  AccountHealth health(const AccountId& account) const;

 private:
  struct Call {
    AccountId account;
    http::Request request;  // Without authorization.
    std::function<void(Result)> done;
    absl::Time deadline;
    MayLeave may_leave;     // Null: it may.
    bool left = false;      // Out of the queue: counted as under way.
    bool repeated = false;  // After a 401.
  };
  using Ticket = Pacing::Ticket;

  absl::Time Now() const { return options_.clock(); }
  void Enqueue(const AccountId& account, http::Request request, int units, Urgency urgency, std::function<void(Result)> done,
               MayLeave may_leave = nullptr);
  void OnCalendars(Listing listing, const Result& result);
  void PumpSoon();
  void Pump();
  void Dispatch(Ticket ticket);
  void OnToken(Ticket ticket, const AccessTokens::Outcome& outcome);
  void OnOutcome(Ticket ticket, const Secret& token, http::Outcome outcome);
  void Finish(Ticket ticket, Result result);
  // On the loop, later, unless the client is gone by then.
  void Later(std::function<void()> what);
  // The same, for who asked: outside of everything here, so that they may do as they like.
  void Answer(std::function<void()> what);

  http::Loop& loop_;
  const GoogleOptions options_;
  http::Address api_;
  http::Client client_;
  AccessTokens tokens_;
  Pacing pacing_;
  http::Loop::Alarm alarm_;
  std::map<Ticket, Call> calls_;
  Ticket last_ticket_ = 0;
  size_t answers_ = 0;  // Under way to who asked.
  bool pump_posted_ = false;
  struct Account {
    std::string unreachable;
    std::optional<absl::Time> last_answer;
    uint64_t calls = 0;
  };
  std::map<AccountId, Account> accounts_;
};

namespace {

GoogleOptions Complete(GoogleOptions options) {
  if (!options.clock) options.clock = [] { return absl::Now(); };
  return options;
}

// A token is not for everybody's ears.
absl::Status ValidateEndpoint(absl::string_view name, const std::string& text) {
  const std::optional<http::Address> address = http::ParseAddress(text);
  if (!address) return absl::InvalidArgumentError(absl::StrCat(name, " \"", text, "\" is not an address of http or https"));
  if (address->secure || http::IsLoopback(address->host)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " \"", text, "\" is another machine by plain http: tokens go there by https alone"));
}

http::ClientOptions ClientOptionsOf(const GoogleOptions& options) {
  return {.trust = options.ca_file.empty() ? http::Trust::kSystem : http::Trust::kFile,
          .ca_file = options.ca_file,
          .user_agent = kUserAgent,
          .connections_max = options.limits.in_flight_max,
          .connect_timeout = options.connect_timeout};
}

}  // namespace

absl::Status Validate(const GoogleOptions& options) {
  RETURN_IF_ERROR(ValidateEndpoint("api_root", options.api_root));
  return ValidateEndpoint("token_endpoint", options.token_endpoint);
}

GoogleClient::Impl::Impl(http::Loop& loop, GoogleOptions options)
    : loop_(loop),
      options_(Complete(std::move(options))),
      api_(http::AddressOf(options_.api_root)),
      client_(loop, ClientOptionsOf(options_)),
      tokens_(client_, {.endpoint = options_.token_endpoint, .clock = options_.clock}),
      pacing_(options_.limits, options_.clock()),
      alarm_(loop) {
  CALSYNC_CHECK(Validate(options_).ok());
  if (!absl::EndsWith(api_.target, "/")) api_.target += "/";
}

void GoogleClient::Impl::SetGrant(const AccountId& account, Grant grant) {
  accounts_.try_emplace(account);
  tokens_.Set(account, std::move(grant));
}

void GoogleClient::Impl::RemoveGrant(const AccountId& account) { tokens_.Remove(account); }

AccountHealth GoogleClient::Impl::health(const AccountId& account) const {
  AccountHealth health;
  if (tokens_.FindGrant(account) != nullptr) health.state = AccountHealth::State::kOk;
  health.reason = tokens_.ParkedBecause(account);
  if (!health.reason.empty()) health.state = AccountHealth::State::kParked;
  if (const auto found = accounts_.find(account); found != accounts_.end()) {
    health.unreachable = found->second.unreachable;
    health.last_answer = found->second.last_answer;
    health.calls = found->second.calls;
  }
  return health;
}

void GoogleClient::Impl::Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered,
                              MayLeave may_leave, AskKnown known) {
  CALSYNC_CHECK(request != nullptr);
  const int units = UnitsOf(*request);
  const Urgency urgency = UrgencyOf(*request);
  http::Request http_request = RequestOf(*request, api_.target);
  Enqueue(
      account, std::move(http_request), units, urgency,
      [this, account, request = std::move(request), answered = std::move(answered), known = std::move(known)](Result result) {
        Reply reply = std::holds_alternative<ApiError>(result)
                          ? Reply(std::get<ApiError>(std::move(result)))
                          : ReplyOf(*request, std::get<http::Response>(result), Now(), known);
        if (const auto* const error = std::get_if<ApiError>(&reply); error != nullptr && IsRateLimit(*error)) {
          pacing_.Refused(account, error->retry_after, Now());
        }
        Answer([answered, reply = std::move(reply)] { answered(reply); });
      },
      std::move(may_leave));
}

void GoogleClient::Impl::SendRaw(const AccountId& account, http::Request request, int units, RawAnswered answered) {
  if (!absl::StartsWith(request.target, "/")) request.target = absl::StrCat(api_.target, request.target);
  CALSYNC_CHECK(absl::StrContains(request.target, "?"));
  Enqueue(account, std::move(request), units, Urgency::kSoon, [this, answered = std::move(answered)](Result result) {
    Answer([answered, result = std::move(result)] { answered(result); });
  });
}

void GoogleClient::Impl::ListCalendars(Listing listing) {
  http::Request request = ListCalendarsRequest(api_.target, listing.page);
  const AccountId account = listing.account;
  Enqueue(account, std::move(request), 1, Urgency::kSoon,
          [this, listing = std::move(listing)](const Result& result) mutable { OnCalendars(std::move(listing), result); });
}

void GoogleClient::Impl::OnCalendars(Listing listing, const Result& result) {
  absl::StatusOr<CalendarListPage> page = ReadCalendars(listing.account, result, Now());
  if (!page.ok()) return Answer([answered = std::move(listing.answered), wrong = page.status()] { answered(wrong); });
  std::move(page->items.begin(), page->items.end(), std::back_inserter(listing.calendars));
  listing.page = std::move(page->next_page_token);
  if (listing.page && ++listing.pages < kCalendarPagesMax) return ListCalendars(std::move(listing));
  Answer([listing = std::move(listing)] { listing.answered(listing.calendars); });
}

void GoogleClient::Impl::Enqueue(const AccountId& account, http::Request request, int units, Urgency urgency,
                                 std::function<void(Result)> done, MayLeave may_leave) {
  const Ticket ticket = ++last_ticket_;
  if (const Grant* const grant = tokens_.FindGrant(account)) {
    const std::string quota_user = QuotaUserOf(account, *grant);
    if (!quota_user.empty()) absl::StrAppend(&request.target, "&quotaUser=", quota_user);
  }
  calls_.emplace(ticket,
                 Call{account, std::move(request), std::move(done), Now() + options_.answer_within, std::move(may_leave)});
  if (tokens_.RefusesAtOnce(account)) {
    return Later([this, ticket] { Dispatch(ticket); });  // It will not leave, so it takes nobody's place (L10).
  }
  pacing_.Add(ticket, account, units, urgency, Now());
  PumpSoon();
}

void GoogleClient::Impl::PumpSoon() {
  if (std::exchange(pump_posted_, true)) return;
  Later([this] {
    pump_posted_ = false;
    Pump();
  });
}

void GoogleClient::Impl::Pump() {
  const absl::Time now = Now();
  for (const Ticket ticket : pacing_.TakeOlderThan(now - options_.wait_max)) {
    Finish(ticket,
           ApiError{.transport = Transport::kNotSent, .message = "it waited too long for a place among the account's calls"});
  }
  for (const Ticket ticket : pacing_.TakeReady(now)) {
    calls_.at(ticket).left = true;
    Dispatch(ticket);
  }
  const absl::Time next = std::min(pacing_.NextReady(now), pacing_.OldestSince() + options_.wait_max);
  if (next == absl::InfiniteFuture()) return alarm_.Cancel();
  alarm_.Set(next - now + absl::Milliseconds(1), [this] { Pump(); });
}

void GoogleClient::Impl::Dispatch(Ticket ticket) {
  tokens_.Get(calls_.at(ticket).account, [this, ticket](const AccessTokens::Outcome& outcome) { OnToken(ticket, outcome); });
}

void GoogleClient::Impl::OnToken(Ticket ticket, const AccessTokens::Outcome& outcome) {
  Call& call = calls_.at(ticket);
  if (const auto* const none = std::get_if<NoToken>(&outcome)) {
    ApiError error{.transport = Transport::kNotSent, .message = none->message};
    if (none->why == NoToken::Why::kNotReached) accounts_[call.account].unreachable = none->message;
    if (none->why != NoToken::Why::kNotReached) {
      error.code = 401;
      error.reason = "authError";
    }
    return Finish(ticket, std::move(error));
  }
  const absl::Duration left = call.deadline - Now();
  if (left < kCallMin)
    return Finish(ticket, ApiError{.transport = Transport::kNotSent, .message = "an access token came too late"});
  if (call.may_leave && !call.may_leave()) {
    return Finish(ticket, ApiError{.transport = Transport::kNotSent, .message = "who decided it may not send it any more"});
  }
  const Secret& token = std::get<Secret>(outcome);
  http::Request request = call.request;
  request.headers.Add("Authorization", absl::StrCat("Bearer ", token.Reveal()));
  http::Address to = api_;
  to.target = request.target;
  ++accounts_[call.account].calls;
  client_.Send(to, std::move(request), std::min(left, options_.call_timeout),
               [this, ticket, token](http::Outcome answer) { OnOutcome(ticket, token, std::move(answer)); });
}

void GoogleClient::Impl::OnOutcome(Ticket ticket, const Secret& token, http::Outcome outcome) {
  Call& call = calls_.at(ticket);
  Account& account = accounts_[call.account];
  if (const auto* const none = std::get_if<http::NoAnswer>(&outcome)) {
    account.unreachable = absl::StrCat(http::Name(none->kind), ": ", none->why);
    return Finish(ticket, ErrorOf(*none));
  }
  account.unreachable.clear();
  account.last_answer = Now();
  http::Response& response = std::get<http::Response>(outcome);
  // It did not happen; perhaps the token ended early. It is refused before quota is counted (C-101), so that the repetition has
  // the place that was taken for it, and costs what one call costs.
  if (response.status == 401 && !call.repeated) {
    call.repeated = true;
    tokens_.Reject(call.account, token);
    return Dispatch(ticket);
  }
  if (response.status >= 400) response.body = absl::StrReplaceAll(response.body, {{token.Reveal(), "(secret)"}});
  Finish(ticket, std::move(response));
}

void GoogleClient::Impl::Finish(Ticket ticket, Result result) {
  const auto found = calls_.find(ticket);
  CALSYNC_CHECK(found != calls_.end());  // Nothing is answered twice.
  const Call call = std::move(found->second);
  calls_.erase(found);
  if (call.left) pacing_.Done();
  call.done(std::move(result));
  PumpSoon();
}

void GoogleClient::Impl::Answer(std::function<void()> what) {
  ++answers_;
  Later([this, what = std::move(what)] {
    --answers_;
    what();
  });
}

void GoogleClient::Impl::Later(std::function<void()> what) {
  loop_.Post([self = weak_from_this(), what = std::move(what)] {
    if (const std::shared_ptr<Impl> here = self.lock()) what();
  });
}

GoogleClient::GoogleClient(http::Loop& loop, GoogleOptions options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}
GoogleClient::~GoogleClient() = default;

void GoogleClient::SetGrant(const AccountId& account, Grant grant) { impl_->SetGrant(account, std::move(grant)); }
void GoogleClient::RemoveGrant(const AccountId& account) { impl_->RemoveGrant(account); }
void GoogleClient::Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, MayLeave may_leave,
                        AskKnown known) {
  impl_->Send(account, std::move(request), std::move(answered), std::move(may_leave), std::move(known));
}
void GoogleClient::SetProjectShare(double share) { impl_->SetProjectShare(share); }
void GoogleClient::SendRaw(const AccountId& account, http::Request request, int units, RawAnswered answered) {
  impl_->SendRaw(account, std::move(request), units, std::move(answered));
}
void GoogleClient::ListCalendars(const AccountId& account,
                                 std::function<void(absl::StatusOr<std::vector<CalendarListEntry>>)> answered) {
  impl_->ListCalendars({.account = account, .answered = std::move(answered)});
}
size_t GoogleClient::in_flight() const { return impl_->in_flight(); }
AccountHealth GoogleClient::health(const AccountId& account) const { return impl_->health(account); }

}  // namespace calsync::adapter
