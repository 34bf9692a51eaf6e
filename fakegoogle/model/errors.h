// The errors of contract section 6.1, each row with its code, domain, reason and message (C-100).

#ifndef CALSYNC_FAKEGOOGLE_MODEL_ERRORS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_ERRORS_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/failure.h"

namespace calsync::fake {

enum class ErrorId : uint8_t {
  kTimeRangeEmpty,
  kMixedTimes,
  kMissingEnd,
  kMissingStart,
  kMissingZone,
  kInvalidZone,
  kInvalidId,
  kInvalidUid,
  kInvalidValue,
  kInvalidSyncToken,
  kInvalidPageToken,
  kInvalidMaxResults,
  kTokenWithRestrictions,
  kChangedParameters,
  kUnavailableOrder,
  kParseError,
  kInvalidSequence,
  kInvalidRecurrence,
  kInvalidReminders,
  kPropertyBudget,
  kMissingUid,
  kNeitherOrganizerNorAttendee,
  kCannotChangeOrganizer,
  kCannotChangeOrganizerOfInstance,
  kEventTypeRestriction,
  kMalformedWorkingLocation,
  kMalformedFocusTime,
  kMalformedOutOfOffice,
  kInvalidChannel,
  kInvalidTtl,
  kChannelIdNotUnique,
  kWebhookNotHttps,
  kPushNotSupported,
  kAuthError,
  kLoginRequired,
  kUserRateLimit,
  kRateLimit,
  kUsageLimit,
  kRequiredAccessLevel,
  kForbidden,
  kForbiddenForNonOrganizer,
  kInsufficientPermissions,
  kNotFound,
  kDuplicate,
  kConflict,
  kFullSyncRequired,
  kUpdatedMinTooLongAgo,
  kDeleted,
  kConditionNotMet,
  kTooManyRequests,
  kBackendError,
  kBadGateway,
  kUnavailable,
  kGatewayTimeout,
};

ApiError Error(ErrorId id, std::optional<absl::Duration> retry_after = std::nullopt);

// Every id, for tables in tests.
absl::Span<const ErrorId> AllErrors();

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_ERRORS_H_
