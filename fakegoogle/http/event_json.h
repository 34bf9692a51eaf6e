// Events as JSON, as Google writes them and as programs send them (contract 1.1 to 1.5).
//
// What the vocabulary (engine/api) has no field for is an extra: kept beside the event by the front, sent back as it came (C-12).

#ifndef CALSYNC_FAKEGOOGLE_HTTP_EVENT_JSON_H_
#define CALSYNC_FAKEGOOGLE_HTTP_EVENT_JSON_H_

#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"
#include "fakegoogle/http/json.h"

namespace calsync::fake {

struct EventStyle {
  absl::TimeZone zone = absl::UTCTimeZone();  // C-9: of dateTimes, not of the event's own timeZone.
  int max_attendees = 0;                      // More than these: only the calendar's own is shown. 0: all.
};

// C-16: fields at their default are left out.
Json EventToJson(const Event& event, const CalendarId& calendar, const EventStyle& style);
Json TimeToJson(const EventTime& time, const absl::TimeZone& zone);
Json RemindersToJson(const Reminders& reminders);

// Of insert, import and update. What only the server sets, and what is not known, is passed over (C-12); `null` is as if absent.
std::variant<Event, ApiError> EventFromJson(const Json& body);
// Of patch, by merging into what is there now: start, end and reminders are patched member by member, as all objects are (C-45).
std::variant<EventPatch, ApiError> PatchFromJson(const Json& body, const Event& current);

// "2026-05-04T10:00:00+02:00"; nothing for the date and clock alone.
std::optional<absl::Time> ParseInstant(absl::string_view text);
std::string FormatMillis(absl::Time time);  // "2026-05-04T08:00:00.123Z".

absl::string_view Name(EventStatus status);
absl::string_view Name(EventType type);
absl::string_view Name(AccessRole role);
std::optional<EventType> EventTypeOf(absl::string_view name);
std::optional<AccessRole> RoleOf(absl::string_view name);

// Which opt-in parameters were given (C-58).
struct OptIns {
  bool conference = false;
  bool attachments = false;
  bool labels = false;
};
// False for what the client has not opted in to, and for what only the server sets: a write passes it over.
bool CanWriteExtra(absl::string_view name, const OptIns& with);
// The members of `body` that are extras and can be written, and those of its guests.
Json ExtrasOf(const Json& body, const OptIns& with);
// Whether the guests of `body` are not all there are: such a list changes one's own answer and nothing else (contract 1.3).
bool OmitsGuests(const Json& body);
// C-16: without those at their default.
void AddExtras(const Json& extras, Json& event);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_EVENT_JSON_H_
