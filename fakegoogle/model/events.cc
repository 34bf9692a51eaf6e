#include "fakegoogle/model/events.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/base32hex.h"
#include "fakegoogle/ical/schedule.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr size_t kIdMin = 5;
constexpr size_t kEventIdMax = 1024;
constexpr size_t kKeyMax = 44;
constexpr size_t kValueMax = 1024;
constexpr size_t kRemindersMax = 5;
constexpr int kReminderMinutesMax = 40320;

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// Lengths are in characters, of UTF-8.
size_t Characters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

std::string Cut(absl::string_view text) {
  if (text.size() <= kValueMax) return std::string(text);
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCharacter(text[i]) && characters++ == kValueMax) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

void LimitMap(PropertyMap& properties) {
  for (auto at = properties.begin(); at != properties.end();) {
    if (Characters(at->first) > kKeyMax) {
      at = properties.erase(at);
      continue;
    }
    if (at->second.size() > kValueMax) at->second = Cut(at->second);
    ++at;
  }
}

void MergeMap(const std::map<std::string, std::optional<std::string>>& patch, PropertyMap& properties) {
  for (const auto& [key, value] : patch) {
    if (Characters(key) > kKeyMax) continue;
    if (value) {
      properties[key] = Cut(*value);
    } else {
      properties.erase(key);
    }
  }
}

template <class T>
void Take(const std::optional<T>& from, T& to) {
  if (from) to = *from;
}

// C-45: a new dateTime without a zone keeps the zone that was there.
void TakePoint(const std::optional<EventTime>& from, EventTime& to) {
  if (!from) return;
  std::string zone = std::move(to.time_zone);
  to = *from;
  if (to.kind == EventTime::Kind::kDateTime && to.time_zone.empty()) to.time_zone = std::move(zone);
}

// By instant or date, never by spelling (S-13).
bool SamePoint(const EventTime& a, const EventTime& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case EventTime::Kind::kAbsent:
      return true;
    case EventTime::Kind::kDate:
      return a.date == b.date;
    case EventTime::Kind::kDateTime:
      return a.instant == b.instant;
  }
  return false;
}

// But for one's own answer.
bool SameGuests(const std::vector<Attendee>& before, const std::vector<Attendee>& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(), [](const Attendee& a, const Attendee& b) {
    if (!a.self || !b.self) return a == b;
    Attendee answered = a;
    answered.response = b.response;
    return answered == b;
  });
}

bool SameSpelling(const EventTime& a, const EventTime& b) { return SamePoint(a, b) && a.time_zone == b.time_zone; }

// Whether a guest's copy is confirmed or tentative is the guest's own (contract 1.3); that it is cancelled is not.
bool DiffersInSharedStatus(const Event& before, const Event& after) {
  return before.status != after.status && (after.organizer.self || before.IsCancelled() || after.IsCancelled());
}

bool IsPrivate(const Event& event) {
  return event.visibility == Visibility::kPrivate || event.visibility == Visibility::kConfidential;
}

bool IsOneDay(const Event& event) {
  const TimeSpan span = event.span();
  return span.all_day && span.end - span.start == 1;
}

// Seconds are whole (contract 1.2, "rendering").
void WholeSeconds(EventTime& point) {
  if (point.kind == EventTime::Kind::kDateTime) point.instant = absl::FromUnixSeconds(absl::ToUnixSeconds(point.instant));
}

// Nothing but the listed fields differs.
bool DiffersOnlyIn(const Event& before, const Event& after, bool times, bool summary, bool attendees_and_properties) {
  Event mask = after;
  mask.color_id = before.color_id;
  mask.reminders = before.reminders;
  mask.visibility = before.visibility;
  mask.transparency = before.transparency;
  mask.status = before.status;
  if (times) {
    mask.start = before.start;
    mask.end = before.end;
  }
  if (summary) mask.summary = before.summary;
  if (attendees_and_properties) {
    mask.attendees = before.attendees;
    mask.private_properties = before.private_properties;
    mask.shared_properties = before.shared_properties;
  }
  return !Compare(before, mask).any;
}

}  // namespace

bool IsClientId(absl::string_view id) { return id.size() >= kIdMin && id.size() <= kEventIdMax && IsBase32Hex(id); }

EventId IdForUid(const ICalUid& uid) { return EventId(absl::StrCat("_", EncodeBase32Hex(uid.text()))); }

ICalUid DefaultUid(const EventId& id) { return ICalUid(absl::StrCat(id.text(), "@google.com")); }

std::optional<ApiError> Validate(const Event& event) {
  if (event.end.kind == EventTime::Kind::kAbsent) return Error(ErrorId::kMissingEnd);
  if (event.start.kind == EventTime::Kind::kAbsent) return Error(ErrorId::kMissingStart);
  if (event.start.kind != event.end.kind) return Error(ErrorId::kMixedTimes);
  if (!event.span().IsValid()) return Error(ErrorId::kTimeRangeEmpty);
  if (event.IsSeriesMaster()) {
    if (event.start.kind == EventTime::Kind::kDateTime && event.start.time_zone.empty()) return Error(ErrorId::kMissingZone);
    const absl::Status lines = ical::CheckLines(event);  // C-64.
    if (absl::IsNotFound(lines)) return Error(ErrorId::kInvalidZone);
    if (!lines.ok()) return Error(ErrorId::kInvalidRecurrence);
    if (event.IsOccurrence()) return Error(ErrorId::kInvalidRecurrence);  // Occurrences have no rules of their own.
  }
  const Reminders& reminders = event.reminders;
  if (reminders.use_default ? !reminders.overrides.empty() : reminders.overrides.size() > kRemindersMax) {
    return Error(ErrorId::kInvalidReminders);
  }
  for (const Reminders::Override& reminder : reminders.overrides) {
    const bool known = reminder.method == "email" || reminder.method == "popup";
    if (!known || reminder.minutes < 0 || reminder.minutes > kReminderMinutesMax) return Error(ErrorId::kInvalidReminders);
  }
  return std::nullopt;
}

std::optional<ApiError> CheckTypeRules(const Event* before, const Event& after, bool primary) {
  const EventType type = after.type;
  if (before != nullptr && before->type != type) return Error(ErrorId::kEventTypeRestriction);
  switch (type) {
    case EventType::kDefault:
      return std::nullopt;
    case EventType::kUnknown:  // Nobody can make what does not exist yet; what is planted can be changed.
      if (before == nullptr) return Error(ErrorId::kEventTypeRestriction);
      return std::nullopt;
    case EventType::kFromGmail:
      if (before == nullptr || !DiffersOnlyIn(*before, after, false, false, true)) return Error(ErrorId::kEventTypeRestriction);
      return std::nullopt;
    case EventType::kBirthday: {
      const bool shape =
          IsOneDay(after) && after.visibility == Visibility::kPrivate && after.transparency == Transparency::kTransparent &&
          after.private_properties.empty() && after.shared_properties.empty() && after.attendees.empty() &&
          (after.IsOccurrence() || (after.recurrence.size() == 1 && absl::StrContains(after.recurrence[0], "FREQ=YEARLY")));
      if (!shape) return Error(ErrorId::kEventTypeRestriction);
      if (before != nullptr && !DiffersOnlyIn(*before, after, true, true, false)) return Error(ErrorId::kEventTypeRestriction);
      return std::nullopt;
    }
    case EventType::kFocusTime:
    case EventType::kOutOfOffice:
      if (!primary || after.span().all_day || after.transparency != Transparency::kOpaque) {
        return Error(type == EventType::kFocusTime ? ErrorId::kMalformedFocusTime : ErrorId::kMalformedOutOfOffice);
      }
      return std::nullopt;
    case EventType::kWorkingLocation:
      if (!primary || after.transparency != Transparency::kTransparent || after.visibility != Visibility::kPublic ||
          (after.span().all_day && !IsOneDay(after))) {
        return Error(ErrorId::kMalformedWorkingLocation);
      }
      return std::nullopt;
  }
  return Error(ErrorId::kEventTypeRestriction);
}

void MergePatch(const EventPatch& patch, Event& event) {
  Take(patch.status, event.status);
  TakePoint(patch.start, event.start);
  TakePoint(patch.end, event.end);
  Take(patch.recurrence, event.recurrence);
  Take(patch.summary, event.summary);
  Take(patch.description, event.description);
  Take(patch.location, event.location);
  Take(patch.color_id, event.color_id);
  Take(patch.transparency, event.transparency);
  Take(patch.visibility, event.visibility);
  Take(patch.attendees, event.attendees);
  Take(patch.guests_can_modify, event.guests_can_modify);
  Take(patch.sequence, event.sequence);
  Take(patch.reminders, event.reminders);
  MergeMap(patch.private_properties, event.private_properties);
  MergeMap(patch.shared_properties, event.shared_properties);
  WholeSeconds(event.start);
  WholeSeconds(event.end);
}

Event Replaced(const Event& before, const Event& body) {
  Event event = body;
  event.id = before.id;
  event.etag = before.etag;
  event.ical_uid = before.ical_uid;
  event.created = before.created;
  event.updated = before.updated;
  event.recurring_event_id = before.recurring_event_id;
  event.original_start = before.original_start;
  event.organizer = before.organizer;
  event.creator = before.creator;
  event.private_copy = before.private_copy;
  if (body.attendees_omitted) {  // Only one's own answer counts (contract 1.3).
    event.attendees = before.attendees;
    for (const Attendee& sent : body.attendees) {
      for (Attendee& attendee : event.attendees) {
        if (attendee.self && attendee.email == sent.email) attendee.response = sent.response;
      }
    }
    event.attendees_omitted = false;
  }
  LimitProperties(event);
  WholeSeconds(event.start);
  WholeSeconds(event.end);
  return event;
}

void LimitProperties(Event& event) {
  LimitMap(event.private_properties);
  LimitMap(event.shared_properties);
}

Difference Compare(const Event& before, const Event& after) {
  Difference difference;
  difference.timing = !SamePoint(before.start, after.start) || !SamePoint(before.end, after.end) ||
                      before.recurrence != after.recurrence || before.location != after.location ||
                      (after.IsSeriesMaster() && before.start.time_zone != after.start.time_zone);  // Other occurrences.
  difference.shared_besides_answer =
      difference.timing || !SameSpelling(before.start, after.start) || !SameSpelling(before.end, after.end) ||
      DiffersInSharedStatus(before, after) || before.summary != after.summary || before.description != after.description ||
      before.shared_properties != after.shared_properties || before.guests_can_modify != after.guests_can_modify ||
      !SameGuests(before.attendees, after.attendees);
  difference.shared = difference.shared_besides_answer || before.attendees != after.attendees;
  const bool reminders = before.reminders != after.reminders;
  const bool rest = before.status != after.status || before.color_id != after.color_id ||
                    before.transparency != after.transparency || before.visibility != after.visibility ||
                    before.private_properties != after.private_properties || before.type != after.type ||
                    before.sequence != after.sequence || before.organizer != after.organizer ||
                    before.private_copy != after.private_copy;
  difference.any = difference.shared || rest || reminders;
  difference.only_reminders = reminders && !difference.shared && !rest;
  return difference;
}

void MarkPeople(const CalendarId& calendar, Event& event) {
  const absl::string_view own = calendar.text();
  event.organizer.self = event.organizer.email == own;
  event.creator.self = event.creator.email == own;
  for (Attendee& attendee : event.attendees) {
    attendee.self = attendee.email == own;
    attendee.organizer = attendee.email == event.organizer.email;
  }
}

void CopyShared(const Event& organizers, Event& copy) {
  if (copy.IsCancelled()) copy.status = organizers.status;
  copy.sequence = organizers.sequence;
  copy.start = organizers.start;
  copy.end = organizers.end;
  copy.recurrence = organizers.recurrence;
  copy.recurring_event_id = organizers.recurring_event_id;
  copy.original_start = organizers.original_start;
  copy.summary = organizers.summary;
  copy.description = organizers.description;
  copy.location = organizers.location;
  copy.attendees = organizers.attendees;
  copy.guests_can_modify = organizers.guests_can_modify;
  copy.shared_properties = organizers.shared_properties;
}

EventPtr MakeStub(const Event& cancelled) {
  auto stub = std::make_shared<Event>();
  stub->id = cancelled.id;
  stub->etag = cancelled.etag;
  stub->status = EventStatus::kCancelled;
  stub->recurring_event_id = cancelled.recurring_event_id;
  stub->original_start = cancelled.original_start;
  return stub;
}

bool IsHiddenFrom(AccessRole role, const Event& event) {
  switch (role) {
    case AccessRole::kOwner:
    case AccessRole::kWriter:
      return false;
    case AccessRole::kWriterWithoutPrivateAccess:
    case AccessRole::kReader:
    case AccessRole::kUnknown:
      return IsPrivate(event);
    case AccessRole::kFreeBusyReader:
    case AccessRole::kNone:
      return true;
  }
  return true;
}

EventPtr VisibleTo(AccessRole role, const EventPtr& event) {
  if (!IsHiddenFrom(role, *event)) return event;
  auto shown = std::make_shared<Event>();
  shown->id = event->id;
  shown->etag = event->etag;
  shown->status = event->status;
  shown->type = event->type;
  shown->transparency = event->transparency;
  shown->visibility = event->visibility;
  shown->created = event->created;
  shown->updated = event->updated;
  shown->start = event->start;
  shown->end = event->end;
  shown->recurrence = event->recurrence;
  shown->recurring_event_id = event->recurring_event_id;
  shown->original_start = event->original_start;
  if (role != AccessRole::kFreeBusyReader) {
    shown->ical_uid = event->ical_uid;
    shown->sequence = event->sequence;
    shown->organizer = event->organizer;
  }
  return shown;
}

PropertySize SizeOf(const PropertyMap& properties) {
  PropertySize size{.count = properties.size()};
  for (const auto& [key, value] : properties) size.bytes += key.size() + value.size();
  return size;
}

}  // namespace calsync::fake
