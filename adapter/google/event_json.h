// Events as JSON of Calendar v3: what Google says of them, and what it is told (contract sections 1 and 2.2).
//
// Reading is total. A body that is not whole JSON, or not what was asked for, is an error as a whole. Within it:
//   - An event without a readable id makes its page unreadable. A page's sync token vouches for every row of it; to go on without
//     one would lose the event silently (L3, L12), and Google promises the id of every row (S-3). The listing is asked for again.
//   - Anything else that is odd costs that much and no more. A time, a recurrence line or a master's id that cannot be read
//   leaves
//     the event without times: the engine parks it and says so (L12, S-14, S-20).
//   - Words that did not exist when this was written read as the careful choice: an event type as kUnknown, a visibility as
//     private (L9), a status as confirmed, a transparency as busy, an answer as none (S-17), a role as kUnknown, read-only
//     (S-22).
//   - Members that nobody here reads are passed over, known or not (C-12, C-17).

#ifndef CALSYNC_ADAPTER_GOOGLE_EVENT_JSON_H_
#define CALSYNC_ADAPTER_GOOGLE_EVENT_JSON_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapter/google/json_reader.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"

namespace calsync::adapter {

// What is read of an event, as a `fields` selector (C-36). Of people, only whether they are the calendar itself, and their
// answer.
inline constexpr char kEventFields[] =
    "id,etag,status,eventType,transparency,visibility,created,updated,start,end,recurrence,recurringEventId,originalStartTime,"
    "iCalUID,sequence,summary,description,colorId,organizer/self,attendees(self,responseStatus),extendedProperties/private";

// Errors of all of them: DataLoss, with what is wrong and nothing of the content.
absl::StatusOr<EventPtr> ReadEvent(absl::string_view body);
absl::StatusOr<EventPtr> ReadEvent(absl::string_view body, JsonBody& memory);  // For many: its memory is used again.
absl::StatusOr<EventsPage> ReadEventsPage(absl::string_view body);

// Of insert, update and import. What only the server sets is left out, and so is what is at its default (C-16), but for
// reminders: none of our own is not the same as the calendar's.
std::string WriteEvent(const Event& event);
// Of patch: what is absent stays, `null` deletes (C-45). A time names both of its kinds, so that the other one goes.
std::string WritePatch(const EventPatch& patch);

// "2026-05-04", "2026-05-04T08:00:00Z". Years have four digits, also those before 1000.
std::string FormatDate(absl::CivilDay day);
std::string FormatInstant(absl::Time time);
// Nothing for what is no RFC 3339 time of the years 1 to 9999.
std::optional<absl::Time> ParseInstant(absl::string_view text);

AccessRole AccessRoleOf(absl::string_view name);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_EVENT_JSON_H_
