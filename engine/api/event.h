// An event as Google Calendar returns and accepts it, typed. Contract section 1.
//
// Fields at their default are absent on the wire (C-16) and hold the default here. On a cancelled event only `id` may be relied
// upon (contract 2.3, S-3). Events are values; lists share them as EventPtr, and nobody changes a shared one.

#ifndef CALSYNC_ENGINE_API_EVENT_H_
#define CALSYNC_ENGINE_API_EVENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/event_time.h"
#include "engine/api/ids.h"

namespace calsync {

enum class EventStatus : uint8_t { kConfirmed, kTentative, kCancelled };
enum class Transparency : uint8_t { kOpaque, kTransparent };
enum class Visibility : uint8_t { kDefault, kPublic, kPrivate, kConfidential };
enum class ResponseStatus : uint8_t { kNeedsAction, kDeclined, kTentative, kAccepted };
enum class EventType : uint8_t {
  kDefault,
  kBirthday,
  kFocusTime,
  kFromGmail,
  kOutOfOffice,
  kWorkingLocation,
  kUnknown,  // A value that did not exist when this was written (contract 1.2).
};

struct Attendee {
  std::string email;
  ResponseStatus response = ResponseStatus::kNeedsAction;
  bool self = false;  // This attendee is the calendar on which the copy lies (C-15).
  bool organizer = false;
  bool optional = false;
  bool resource = false;
  friend bool operator==(const Attendee&, const Attendee&) = default;
};

struct Person {  // Organizer or creator.
  std::string email;
  bool self = false;
  friend bool operator==(const Person&, const Person&) = default;
};

struct Reminders {
  struct Override {
    std::string method;  // email or popup.
    int minutes = 0;
    friend bool operator==(const Override&, const Override&) = default;
  };
  bool use_default = true;
  std::vector<Override> overrides;  // Only with use_default == false; at most 5.
  friend bool operator==(const Reminders&, const Reminders&) = default;
};

// Extended properties of one kind, in key order.
using PropertyMap = std::map<std::string, std::string>;

struct Event {
  EventId id;
  Etag etag;
  ICalUid ical_uid;
  EventStatus status = EventStatus::kConfirmed;
  EventType type = EventType::kDefault;
  Transparency transparency = Transparency::kOpaque;
  Visibility visibility = Visibility::kDefault;
  std::optional<absl::Time> created;  // Whole seconds.
  std::optional<absl::Time> updated;  // Milliseconds; a reminders-only change leaves it (C-5).
  int64_t sequence = 0;
  EventTime start;
  EventTime end;

  // Series. A master has recurrence lines; an occurrence names its master and its original start, and has no lines.
  std::vector<std::string> recurrence;  // RRULE, EXRULE, RDATE, EXDATE lines, as text.
  EventId recurring_event_id;           // Empty unless an occurrence.
  EventTime original_start;             // kAbsent unless an occurrence.

  std::string summary;
  std::string description;
  std::string location;
  std::string color_id;
  Person organizer;  // The calendar that holds the main copy.
  Person creator;
  std::vector<Attendee> attendees;
  bool attendees_omitted = false;
  bool guests_can_modify = false;
  bool private_copy = false;
  PropertyMap private_properties;  // Of this copy only (C-11).
  PropertyMap shared_properties;   // Of all copies.
  Reminders reminders;

  bool IsCancelled() const { return status == EventStatus::kCancelled; }
  bool IsOccurrence() const { return !recurring_event_id.empty(); }
  bool IsSeriesMaster() const { return !recurrence.empty(); }
  TimeSpan span() const { return SpanOf(start, end); }
  // The answer of the calendar's owner, if the owner is among the attendees (S-17).
  std::optional<ResponseStatus> own_response() const;
};

using EventPtr = std::shared_ptr<const Event>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_EVENT_H_
