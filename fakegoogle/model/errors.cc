#include "fakegoogle/model/errors.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/check.h"

namespace calsync::fake {
namespace {

struct Row {
  ErrorId id;
  int code;
  absl::string_view domain;
  absl::string_view reason;
  absl::string_view message;
};

// In the order of ErrorId.
constexpr Row kRows[] = {
    {ErrorId::kTimeRangeEmpty, 400, "calendar", "timeRangeEmpty", "The specified time range is empty."},
    {ErrorId::kMixedTimes, 400, "global", "invalid", "Start and end times must either both be date or both be dateTime."},
    {ErrorId::kMissingEnd, 400, "global", "required", "Missing end time."},
    {ErrorId::kMissingStart, 400, "global", "required", "Missing start time."},
    {ErrorId::kMissingZone, 400, "global", "required", "Missing time zone definition for start time."},
    {ErrorId::kInvalidZone, 400, "global", "invalid", "Invalid time zone definition for start time."},
    {ErrorId::kInvalidId, 400, "global", "invalid", "Invalid resource id value."},
    {ErrorId::kInvalidUid, 400, "global", "invalid", "Invalid iCalUID value."},
    {ErrorId::kInvalidValue, 400, "global", "invalid", "Invalid Value"},
    {ErrorId::kInvalidSyncToken, 400, "global", "invalid", "Invalid sync token value."},
    {ErrorId::kInvalidPageToken, 400, "global", "invalid", "Invalid page token value."},
    {ErrorId::kInvalidMaxResults, 400, "global", "invalidParameter", "Invalid value for maxResults."},
    {ErrorId::kTokenWithRestrictions, 400, "global", "badRequest", "Sync token cannot be used with other query restrictions."},
    {ErrorId::kChangedParameters, 400, "global", "badRequest", "The parameters differ from those of the initial request."},
    {ErrorId::kUnavailableOrder, 400, "global", "badRequest",
     "The requested ordering is not available for the particular query."},
    {ErrorId::kParseError, 400, "global", "parseError", "Parse Error"},
    {ErrorId::kInvalidSequence, 400, "global", "invalid",
     "Invalid sequence value. The specified sequence number is below the current sequence number of the resource. Re-fetch the "
     "resource and use its sequence number on the following request."},
    {ErrorId::kInvalidRecurrence, 400, "global", "invalid", "Invalid recurrence rule."},
    {ErrorId::kInvalidReminders, 400, "global", "invalid", "Invalid reminders."},
    {ErrorId::kPropertyBudget, 400, "global", "invalid", "Too many or too large extended properties."},
    {ErrorId::kMissingUid, 400, "global", "required", "Missing iCalUID."},
    {ErrorId::kNeitherOrganizerNorAttendee, 400, "calendar", "participantIsNeitherOrganizerNorAttendee",
     "The owner of the calendar must either be the organizer or an attendee of an event that is imported."},
    {ErrorId::kCannotChangeOrganizer, 400, "calendar", "cannotChangeOrganizer", "Cannot change the organizer of an event."},
    {ErrorId::kCannotChangeOrganizerOfInstance, 400, "calendar", "cannotChangeOrganizerOfInstance",
     "Cannot change the organizer of an instance."},
    {ErrorId::kEventTypeRestriction, 400, "calendar", "eventTypeRestriction", "The event type does not allow this change."},
    {ErrorId::kMalformedWorkingLocation, 400, "calendar", "malformedWorkingLocationEvent", "Malformed working location event."},
    {ErrorId::kMalformedFocusTime, 400, "calendar", "malformedFocusTimeEvent", "Malformed focus time event."},
    {ErrorId::kMalformedOutOfOffice, 400, "calendar", "malformedOutOfOfficeEvent", "Malformed out of office event."},
    {ErrorId::kInvalidChannel, 400, "global", "invalid", "Invalid channel."},
    {ErrorId::kInvalidTtl, 400, "global", "invalid", "Invalid channel lifetime."},
    {ErrorId::kChannelIdNotUnique, 400, "global", "channelIdNotUnique", "Channel id not unique."},
    {ErrorId::kWebhookNotHttps, 400, "global", "push.webhookUrlNotHttps", "WebHook callback must be HTTPS."},
    {ErrorId::kPushNotSupported, 400, "calendar", "pushNotSupportedForRequestedResource",
     "Push notifications are not supported by this resource."},
    {ErrorId::kAuthError, 401, "global", "authError", "Invalid Credentials"},
    {ErrorId::kLoginRequired, 401, "global", "required", "Login Required."},
    {ErrorId::kUserRateLimit, 403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"},
    {ErrorId::kRateLimit, 403, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"},
    {ErrorId::kUsageLimit, 403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded."},
    {ErrorId::kRequiredAccessLevel, 403, "calendar", "requiredAccessLevel", "You need to have writer access to this calendar."},
    {ErrorId::kForbidden, 403, "global", "forbidden", "Forbidden"},
    {ErrorId::kForbiddenForNonOrganizer, 403, "calendar", "forbiddenForNonOrganizer",
     "Shared properties can only be changed by the organizer of the event."},
    {ErrorId::kInsufficientPermissions, 403, "global", "insufficientPermissions", "Insufficient Permission"},
    {ErrorId::kNotFound, 404, "global", "notFound", "Not Found"},
    {ErrorId::kDuplicate, 409, "global", "duplicate", "The requested identifier already exists."},
    {ErrorId::kConflict, 409, "global", "conflict", "Conflict"},
    {ErrorId::kFullSyncRequired, 410, "calendar", "fullSyncRequired", "Sync token is no longer valid, a full sync is required."},
    {ErrorId::kUpdatedMinTooLongAgo, 410, "calendar", "updatedMinTooLongAgo",
     "The requested minimum modification time lies too far in the past."},
    {ErrorId::kDeleted, 410, "global", "deleted", "Resource has been deleted"},
    {ErrorId::kConditionNotMet, 412, "global", "conditionNotMet", "Precondition Failed"},
    {ErrorId::kTooManyRequests, 429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"},
    {ErrorId::kBackendError, 500, "global", "backendError", "Backend Error"},
    {ErrorId::kBadGateway, 502, "", "", "Bad Gateway"},
    {ErrorId::kUnavailable, 503, "global", "backendError", "Backend Error"},
    {ErrorId::kGatewayTimeout, 504, "", "", "Gateway Timeout"},
};

constexpr bool InOrder() {
  size_t at = 0;
  for (const Row& row : kRows) {
    if (static_cast<size_t>(row.id) != at++) return false;
  }
  return at == static_cast<size_t>(ErrorId::kGatewayTimeout) + 1;
}
static_assert(InOrder());

constexpr auto kAll = [] {
  std::array<ErrorId, std::size(kRows)> all{};
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<ErrorId>(i);
  return all;
}();

}  // namespace

ApiError Error(ErrorId id, std::optional<absl::Duration> retry_after) {
  const Row& row = kRows[static_cast<size_t>(id)];
  CALSYNC_CHECK(row.id == id);
  return {.code = row.code,
          .domain = std::string(row.domain),
          .reason = std::string(row.reason),
          .message = std::string(row.message),
          .retry_after = retry_after};
}

absl::Span<const ErrorId> AllErrors() { return kAll; }

}  // namespace calsync::fake
