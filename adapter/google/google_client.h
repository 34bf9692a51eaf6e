// Google Calendar, for many accounts: calls of the engine go out, replies come back.
//
// It keeps what a call needs besides itself: a fresh access token for its account, a place in the queue (pacing.h), one
// connection for many calls. It decides nothing about calendars, tries a call again in one case only (a 401, once, with a new
// token), and keeps accounts apart: what happens to the grant of one never touches another (S-28, L10).

#ifndef CALSYNC_ADAPTER_GOOGLE_GOOGLE_CLIENT_H_
#define CALSYNC_ADAPTER_GOOGLE_GOOGLE_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/google/grant.h"
#include "adapter/google/pacing.h"
#include "adapter/google/page_reader.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"
#include "engine/api/calls.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

struct GoogleOptions {
  std::string api_root = "https://www.googleapis.com/calendar/v3/";
  std::string token_endpoint = "https://oauth2.googleapis.com/token";
  std::string ca_file;  // PEM: who vouches for both, instead of the authorities of this machine. Empty: those.
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration call_timeout = absl::Seconds(30);
  // From Send to the answer, waiting and tokens and all. Below the two minutes after which the engine takes a call for lost.
  absl::Duration answer_within = absl::Seconds(110);
  // A call that has not left by then is answered as not sent.
  absl::Duration wait_max = absl::Seconds(45);
  PacingLimits limits;
  std::function<absl::Time()> clock;  // Null: the machine's.
};

// InvalidArgument, with what is wrong, if an endpoint is no address, or one to which no token may go: plain http to another
// machine.
absl::Status Validate(const GoogleOptions& options);

struct AccountHealth {
  enum class State : uint8_t {
    kNoGrant,  // Unknown here.
    kOk,
    kParked,  // Google does not accept its grant any more. Nothing is sent for it until SetGrant, or until the clock is set that
              // is to blame.
  };
  State state = State::kNoGrant;
  std::string reason;                     // Of kParked: what happened, what stays true, what to do. In words, without secrets.
  std::string unreachable;                // Why there was no answer last time; empty if there was one, or nothing was asked.
  std::optional<absl::Time> last_answer;  // Of any call; nothing if none came yet.
  uint64_t calls = 0;                     // Sent, repetitions included.
};

class GoogleClient {
 public:
  // The loop must outlive it. REQUIRES: Validate(options) is OK.
  GoogleClient(http::Loop& loop, GoogleOptions options);
  ~GoogleClient();  // What still waits is dropped, not answered.
  GoogleClient(const GoogleClient&) = delete;
  GoogleClient& operator=(const GoogleClient&) = delete;

  // Replaces; an account that was parked is tried again.
  void SetGrant(const AccountId& account, Grant grant);
  void RemoveGrant(const AccountId& account);

  using Answered = std::function<void(Reply)>;
  // Sends `request` as `account`; calls `answered` exactly once, later, on the loop, never from within Send.
  //
  // Without a token there is no call, so the answer is ApiError{kNotSent}: it certainly did not happen, the engine asks again
  // after a delay (Failure::kRefusedForNow) and concludes nothing about the event. If there is no token because the account has
  // no grant or is parked, `code` is 401 besides, so that the engine takes the calendar for unreachable after a few of them, as
  // if Google had said so; if the token endpoint cannot be reached, it is 0.
  //
  // `may_leave`, if it is not null, is asked right before the call leaves, after all waiting; if it says no, that is kNotSent,
  // too. `known`, if it is not null, is asked about the rows of a listing when its page has come (page_reader.h).
  using MayLeave = std::function<bool()>;
  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, MayLeave may_leave = nullptr,
            AskKnown known = nullptr);
  // From now on this share of the project's limit: others have the rest.
  void SetProjectShare(double share);

  // A request that no call of the engine makes, for who tries the service out: with the account's grant and its place in the
  // queue. `target` is relative to the API's root unless it begins with '/', and has a query. It costs `units` of the quota.
  using RawAnswered = std::function<void(std::variant<http::Response, ApiError>)>;
  void SendRaw(const AccountId& account, http::Request request, int units, RawAnswered answered);

  // All pages of calendarList.list, hidden calendars too. Errors: PermissionDenied (no grant, parked, or a scope is missing),
  // Unavailable (not reached, or refused for now); the message says what failed, why and what to do.
  void ListCalendars(const AccountId& account, std::function<void(absl::StatusOr<std::vector<CalendarListEntry>>)> answered);

  size_t in_flight() const;  // Not yet answered, those that wait included.
  AccountHealth health(const AccountId& account) const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_GOOGLE_CLIENT_H_
