#include "engine/api/event.h"

#include "engine/api/event_view.h"

namespace calsync {

std::optional<ResponseStatus> Event::own_response() const {
  for (const Attendee& attendee : attendees) {
    if (attendee.self) return attendee.response;
  }
  return std::nullopt;
}

EventView ViewOf(const Event& event) {
  return {.id = event.id.text(),
          .ical_uid = event.ical_uid.text(),
          .master = event.recurring_event_id.text(),
          .summary = event.summary,
          .description = event.description,
          .cancelled = event.IsCancelled()};
}

}  // namespace calsync
