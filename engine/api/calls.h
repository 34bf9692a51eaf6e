// The calls of Google Calendar v3 and their replies, typed. Contract sections 2, 3 and 5.
//
// The engine uses a part of them (never UpdateEvent, MoveEvent, ImportEvent or GetCalendar); the fake serves all of them.

#ifndef CALSYNC_ENGINE_API_CALLS_H_
#define CALSYNC_ENGINE_API_CALLS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"

namespace calsync {

enum class AccessRole : uint8_t {
  kNone,
  kFreeBusyReader,
  kReader,
  kWriterWithoutPrivateAccess,
  kWriter,
  kOwner,
  kUnknown,  // A value that did not exist when this was written: treated as read-only (contract 1.6).
};

// True for the roles that may create and change events and see all their details.
inline bool CanWrite(AccessRole role) { return role == AccessRole::kWriter || role == AccessRole::kOwner; }
// A feed of busy times has occurrences without masters, and no ids to trust (C-37): nothing is concluded from it.
inline bool ShowsEvents(AccessRole role) { return role != AccessRole::kNone && role != AccessRole::kFreeBusyReader; }

enum class SendUpdates : uint8_t { kAll, kExternalOnly, kNone };

// events.list. Filters that the engine never sends (q, orderBy, …) belong to the fake's HTTP front.
struct ListEvents {
  CalendarId calendar;
  std::optional<SyncToken> sync_token;
  std::optional<PageToken> page_token;
  int max_results = 250;  // 1…2500.
  bool show_deleted = false;
  bool single_events = false;
  std::optional<absl::Time> time_min;
  std::optional<absl::Time> time_max;
};

struct GetEvent {
  CalendarId calendar;
  EventId event;
};

struct InsertEvent {
  CalendarId calendar;
  Event event;  // `id` may be chosen (C-1); fields that the server sets are ignored.
  SendUpdates send_updates = SendUpdates::kNone;
};

// Merge semantics (C-45): what is absent stays; a property set to nothing is deleted; lists are replaced as a whole.
struct EventPatch {
  std::optional<EventStatus> status;
  std::optional<EventTime> start;
  std::optional<EventTime> end;
  std::optional<std::vector<std::string>> recurrence;
  std::optional<std::string> summary;
  std::optional<std::string> description;
  std::optional<std::string> location;
  std::optional<std::string> color_id;
  std::optional<Transparency> transparency;
  std::optional<Visibility> visibility;
  std::optional<std::vector<Attendee>> attendees;
  std::optional<bool> guests_can_modify;
  std::optional<int64_t> sequence;  // Lower than the event's: 400 (C-47).
  std::optional<Reminders> reminders;
  std::map<std::string, std::optional<std::string>> private_properties;
  std::map<std::string, std::optional<std::string>> shared_properties;
};

struct PatchEvent {  // Three quota units (C-55).
  CalendarId calendar;
  EventId event;
  EventPatch patch;
  std::optional<Etag> if_match;  // Mismatch: 412 (C-44).
  SendUpdates send_updates = SendUpdates::kNone;
};

struct UpdateEvent {  // PUT: what the body leaves out is cleared, extended properties included (C-46).
  CalendarId calendar;
  EventId event;
  Event body;
  std::optional<Etag> if_match;
  SendUpdates send_updates = SendUpdates::kNone;
};

struct DeleteEvent {
  CalendarId calendar;
  EventId event;
  std::optional<Etag> if_match;
  SendUpdates send_updates = SendUpdates::kNone;
};

struct MoveEvent {
  CalendarId calendar;
  EventId event;
  CalendarId destination;
};

struct ImportEvent {
  CalendarId calendar;
  Event event;  // Needs ical_uid, start, end; no id (C-54).
};

struct WatchEvents {
  CalendarId calendar;
  ChannelId channel;    // At most 64 characters, unique for ever (S-32).
  std::string address;  // HTTPS.
  std::string token;    // At most 256 characters.
  absl::Duration ttl = absl::Hours(7 * 24);
};

struct StopChannel {
  ChannelId channel;
  ResourceId resource;
};

struct GetCalendar {  // calendarList.get: what the caller may do with the calendar.
  CalendarId calendar;
};

// events.instances: the occurrences of one series, changed ones as they are now. Answered by pages without a sync token.
struct ListInstances {
  CalendarId calendar;
  EventId event;  // The master.
  std::optional<PageToken> page_token;
  int max_results = 250;                    // 1…2500.
  bool show_deleted = false;                // Cancelled occurrences too.
  std::optional<EventTime> original_start;  // Only the occurrence of this original start.
  std::optional<absl::Time> time_min;
  std::optional<absl::Time> time_max;
};

using Request = std::variant<ListEvents, GetEvent, InsertEvent, PatchEvent, UpdateEvent, DeleteEvent, MoveEvent, ImportEvent,
                             WatchEvents, StopChannel, GetCalendar, ListInstances>;

// The calendar that a request is about; null for StopChannel.
const CalendarId* CalendarOf(const Request& request);
// True if the request, carried out, changes an event.
bool IsEventWrite(const Request& request);

// A version of an event: the etag is new on every visible change (C-4).
struct EventVersion {
  EventId id;
  Etag etag;
};

// A row of a page of which no more was read: who asked knows this version of the event (Engine::Known).
struct UnreadRow {
  size_t place = 0;  // So many of the page's items come before it.
  EventVersion version;
};

// One page of events.list: exactly one of the two tokens is present (C-21). Or of events.instances, which gives no sync token.
struct EventsPage {
  std::vector<EventPtr> items;
  std::vector<UnreadRow> unread;  // By place.
  std::optional<PageToken> next_page_token;
  std::optional<SyncToken> next_sync_token;
  AccessRole access_role = AccessRole::kOwner;
  std::string time_zone;              // Of the calendar, an IANA name.
  std::optional<absl::Time> updated;  // When anything on it changed last, by Google's clock.
};

struct NoContent {};  // The 204 of events.delete and channels.stop.

struct Channel {
  ChannelId id;
  ResourceId resource;
  absl::Time expiration;
};

struct CalendarListEntry {
  CalendarId id;
  std::string summary;
  std::string time_zone;
  AccessRole access_role = AccessRole::kOwner;
  bool primary = false;
};

using Reply = std::variant<EventsPage, EventPtr, NoContent, Channel, CalendarListEntry, ApiError>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_CALLS_H_
