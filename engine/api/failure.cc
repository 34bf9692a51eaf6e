#include "engine/api/failure.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace calsync {
namespace {

bool IsList(CallKind call) { return call == CallKind::kListFromToken || call == CallKind::kListAll; }

// One row of contract section 6.1. The first row that fits decides; an empty reason fits every reason.
struct Row {
  int code;
  absl::string_view reason;
  Failure failure;
};

constexpr Row kRows[] = {
    {401, "", Failure::kRefusedForNow},  // The host refreshes the grant; a dead grant is the host's to report.
    {403, "userRateLimitExceeded", Failure::kRefusedForNow},
    {403, "rateLimitExceeded", Failure::kRefusedForNow},
    {403, "RATE_LIMIT_EXCEEDED", Failure::kRefusedForNow},
    {403, "dailyLimitExceeded", Failure::kUsageLimit},
    {403, "quotaExceeded", Failure::kUsageLimit},
    {403, "requiredAccessLevel", Failure::kNoAccess},
    {403, "insufficientPermissions", Failure::kNoAccess},
    {403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Failure::kNoAccess},
    {403, "accessNotConfigured", Failure::kNoAccess},
    {403, "notACalendarUser", Failure::kNoAccess},
    {403, "forbiddenForNonOrganizer", Failure::kRejected},
    {403, "forbiddenForServiceAccounts", Failure::kRejected},
    {403, "", Failure::kForbidden},
    {404, "", Failure::kNotFound},
    {408, "", Failure::kAmbiguous},
    {409, "conflict", Failure::kRefusedForNow},
    {409, "", Failure::kIdTaken},
    {410, "", Failure::kGone},
    {412, "", Failure::kStale},
    {429, "", Failure::kRefusedForNow},
};

constexpr size_t kWhyMax = 200;

// The first line of why a connection failed.
std::string Because(absl::string_view what, absl::string_view why) {
  why = why.substr(0, std::min(why.find('\n'), kWhyMax));
  return absl::StrCat(what, why.empty() ? "" : ": ", why);
}

}  // namespace

Failure FailureOf(CallKind call, const ApiError& error) {
  if (error.transport == Transport::kNotSent) return Failure::kRefusedForNow;
  if (error.transport != Transport::kAnswered || error.code >= 500) return Failure::kAmbiguous;
  if (IsList(call) && error.code == 410) return Failure::kSyncTokenInvalid;
  if (call == CallKind::kListFromToken && error.code == 400) return Failure::kSyncTokenInvalid;
  for (const Row& row : kRows) {
    if (row.code == error.code && (row.reason.empty() || row.reason == error.reason)) return row.failure;
  }
  return Failure::kRejected;
}

absl::string_view Name(Failure failure) {
  switch (failure) {
    case Failure::kRefusedForNow:
      return "refused for now";
    case Failure::kUsageLimit:
      return "usage limit";
    case Failure::kAmbiguous:
      return "ambiguous";
    case Failure::kIdTaken:
      return "id taken";
    case Failure::kStale:
      return "stale";
    case Failure::kGone:
      return "gone";
    case Failure::kNotFound:
      return "not found";
    case Failure::kNoAccess:
      return "no access";
    case Failure::kForbidden:
      return "forbidden";
    case Failure::kSyncTokenInvalid:
      return "sync token invalid";
    case Failure::kRejected:
      return "rejected";
  }
  return "?";
}

std::string WordsOf(const ApiError& error) {
  switch (error.transport) {
    case Transport::kAnswered:
      return absl::StrCat(error.code, error.reason.empty() ? "" : " ", error.reason);
    case Transport::kNotSent:  // With a code: there is no token, and why is told to the operator.
      return error.code != 0 ? "not sent: the account's grant does not work" : Because("not sent", error.message);
    case Transport::kTimeout:
      return Because("no answer in time", error.message);
    case Transport::kReset:
      return Because("the connection was cut", error.message);
    case Transport::kUnreadable:
      return absl::StrCat("the answer cannot be read", error.code == 0 ? "" : absl::StrCat(": ", error.code));
  }
  return "?";
}

std::string WordsOf(Failure failure, const ApiError& error) {
  return error.transport == Transport::kAnswered ? absl::StrCat(Name(failure), " (", WordsOf(error), ")") : WordsOf(error);
}

}  // namespace calsync
