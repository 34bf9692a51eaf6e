// What happens to one event: validation, merging, replacing, limits, and how much of it somebody may see. Pure.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_EVENTS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_EVENTS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"

namespace calsync::fake {

bool IsClientId(absl::string_view id);  // C-1.
EventId IdForUid(const ICalUid& uid);   // C-2: "_" + base32hex(uid).
ICalUid DefaultUid(const EventId& id);  // C-3.

// C-6, C-7, C-8, and what else holds for any event that is stored by the API.
std::optional<ApiError> Validate(const Event& event);

// C-52. `before` is null for an insert; `primary`: the calendar is its owner's primary one.
std::optional<ApiError> CheckTypeRules(const Event* before, const Event& after, bool primary);

// C-45. Overlong property keys are dropped and values cut, silently (C-10).
void MergePatch(const EventPatch& patch, Event& event);

// C-46, C-12: what a PUT of `body` makes of `before`. The fields that the server sets are kept; sequence is the body's.
Event Replaced(const Event& before, const Event& body);

// C-10, for a whole event.
void LimitProperties(Event& event);

// Whether the two differ in what a program can write. Versions (etag, updated) do not count.
struct Difference {
  bool any = false;
  bool timing = false;                 // Start, end, recurrence, location: moves `sequence` (contract 3.5).
  bool shared = false;                 // What flows to guests (C-13), timing included.
  bool shared_besides_answer = false;  // The same, but for the answer of the attendee who is `self`.
  bool only_reminders = false;         // Any, and nothing but reminders (C-5).
};
Difference Compare(const Event& before, const Event& after);

// C-15: `self` says "the calendar on which this copy lies", whoever calls; `organizer` of an attendee follows the organizer.
void MarkPeople(const CalendarId& calendar, Event& event);

// The shared fields of a meeting, from the organizer's event into a guest's copy (C-13). A copy that was cancelled has the
// organizer's status again; else its status is its own.
void CopyShared(const Event& organizers, Event& copy);

// C-28: what lists show of a cancelled event.
EventPtr MakeStub(const Event& cancelled);

// C-14, C-37: the event as somebody with this role sees it; the same pointer if nothing is hidden.
EventPtr VisibleTo(AccessRole role, const EventPtr& event);
bool IsHiddenFrom(AccessRole role, const Event& event);

// C-11: number and bytes (keys and values) of the properties.
struct PropertySize {
  size_t count = 0;
  size_t bytes = 0;
  PropertySize& operator+=(const PropertySize& other) {
    count += other.count;
    bytes += other.bytes;
    return *this;
  }
  bool exceeds() const { return count > 300 || bytes > 32 * 1024; }
};
PropertySize SizeOf(const PropertyMap& properties);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_EVENTS_H_
