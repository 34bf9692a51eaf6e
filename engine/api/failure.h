// What can go wrong with a call, as Google says it (ApiError) and as the engine reacts to it (Failure). Contract section 6.1.

#ifndef CALSYNC_ENGINE_API_FAILURE_H_
#define CALSYNC_ENGINE_API_FAILURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync {

// How a call ended without a usable answer.
enum class Transport : uint8_t {
  kAnswered,    // An HTTP status came with a body that could be read; `code` holds it.
  kNotSent,     // Connection refused, DNS, no access token to be had: it certainly did not happen (N10).
  kTimeout,     // It may have happened.
  kReset,       // The connection was cut in the middle: it may have happened.
  kUnreadable,  // A body that is truncated, HTML, or not JSON (N6): it may have happened.
};

struct ApiError {
  Transport transport = Transport::kAnswered;
  int code = 0;           // HTTP status; 0 if none came.
  std::string domain{};   // global, calendar, usageLimits, …
  std::string reason{};   // The first errors[].reason, else details[].reason.
  std::string message{};  // For people; nothing is decided by it.
  std::optional<absl::Duration> retry_after{};
};

// What follows from an error. One kind for each different reaction.
enum class Failure : uint8_t {
  kRefusedForNow,     // 429, 403 rateLimitExceeded, 409 conflict, 401 noise, not sent. Nothing happened; again after a delay.
  kUsageLimit,        // 403 quotaExceeded: the account's writes rest for hours; reads go on (S-27, C-103).
  kAmbiguous,         // Timeout, cut connection, 5xx. It may have happened: read back (C-42).
  kIdTaken,           // 409 duplicate. The id that we planned exists: read, adopt, never make a second (C-40).
  kStale,             // 412. Somebody was faster: read, decide anew (C-44).
  kGone,              // 410 deleted. It was there and is not any more (C-48).
  kNotFound,          // 404. Never existed, purged, no access, or not visible yet (S-7).
  kNoAccess,          // 403 requiredAccessLevel, insufficientPermissions: the calendar or the grant does not allow it.
  kForbidden,         // Any other 403: not allowed for this event.
  kSyncTokenInvalid,  // 410 fullSyncRequired, or 400 on a list with a sync token: drop it, walk in full (C-26).
  kRejected,          // Any other 4xx: the same request will fail again. Park it with the reason (S-14).
};

// What the call was, as far as it matters for the meaning of an error.
enum class CallKind : uint8_t {
  kListFromToken,
  kListAll,
  kGet,
  kInsert,
  kPatch,
  kDelete,
  kWatch,
  kStop,
  kGetCalendar,
  kInstances
};

// Decides by transport, code and reason, never by text (S-26). Total: an unknown 4xx is kRejected, any 5xx is kAmbiguous.
Failure FailureOf(CallKind call, const ApiError& error);

absl::string_view Name(Failure failure);

// What Google answered, or why there is no answer, in one line for people: "403 forbidden", "not sent: Connection refused". Of
// texts only what tells of a connection that failed: no answer's own words, which may be about an event.
std::string WordsOf(const ApiError& error);
// The same, after what it is to the engine where an answer says it: "refused for now (429 rateLimitExceeded)".
std::string WordsOf(Failure failure, const ApiError& error);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_FAILURE_H_
