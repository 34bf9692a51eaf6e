#include "engine/api/event.h"

namespace calsync {

std::optional<ResponseStatus> Event::own_response() const {
  for (const Attendee& attendee : attendees) {
    if (attendee.self) return attendee.response;
  }
  return std::nullopt;
}

}  // namespace calsync
