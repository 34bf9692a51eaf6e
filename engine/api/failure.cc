#include "engine/api/failure.h"

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

}  // namespace calsync
