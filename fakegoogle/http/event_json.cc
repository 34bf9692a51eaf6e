#include "fakegoogle/http/event_json.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "fakegoogle/http/event_words.h"

namespace calsync::fake {
namespace {

// Extras that are flags, and their defaults (C-16).
constexpr Named<bool> kFlags[] = {{false, "anyoneCanAddSelf"},
                                  {false, "endTimeUnspecified"},
                                  {true, "guestsCanInviteOthers"},
                                  {true, "guestsCanSeeOtherGuests"},
                                  {false, "locked"}};

std::string FormatInstant(absl::Time time, const absl::TimeZone& zone) {
  return absl::FormatTime(zone == absl::UTCTimeZone() ? "%E4Y-%m-%dT%H:%M:%SZ" : "%E4Y-%m-%dT%H:%M:%S%Ez", time, zone);
}

std::string HtmlLink(const EventId& id, const CalendarId& calendar) {
  const std::string shortened =
      absl::StrReplaceAll(calendar.text(), {{"@gmail.com", "@m"}, {"@group.calendar.google.com", "@g"}});
  std::string eid = absl::Base64Escape(absl::StrCat(id.text(), " ", shortened));
  while (!eid.empty() && eid.back() == '=') eid.pop_back();
  return absl::StrCat("https://www.google.com/calendar/event?eid=", eid);
}

Json PersonToJson(const Person& person) {
  Json json{{"email", person.email}};
  if (person.self) json["self"] = true;
  return json;
}

Json AttendeesToJson(const Event& event, int max_attendees, bool& omitted) {
  omitted = event.attendees_omitted || (max_attendees > 0 && event.attendees.size() > static_cast<size_t>(max_attendees));
  Json list = Json::array();
  for (const Attendee& attendee : event.attendees) {
    if (omitted && !attendee.self && !event.attendees_omitted) continue;
    Json one{{"email", attendee.email}};
    if (attendee.organizer) one["organizer"] = true;
    if (attendee.self) one["self"] = true;
    if (attendee.resource) one["resource"] = true;
    if (attendee.optional) one["optional"] = true;
    one["responseStatus"] = NameIn(kResponses, attendee.response);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

absl::string_view Name(EventStatus status) { return NameIn(kStatuses, status); }
absl::string_view Name(EventType type) { return NameIn(kTypes, type); }
absl::string_view Name(AccessRole role) { return NameIn(kRoles, role); }
std::optional<EventType> EventTypeOf(absl::string_view name) { return ValueIn(kTypes, name); }
std::optional<AccessRole> RoleOf(absl::string_view name) { return ValueIn(kRoles, name); }

std::string FormatMillis(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

Json TimeToJson(const EventTime& time, const absl::TimeZone& zone) {
  Json json = Json::object();
  switch (time.kind) {
    case EventTime::Kind::kAbsent:
      return json;
    case EventTime::Kind::kDate:
      json["date"] = absl::FormatTime("%E4Y-%m-%d", absl::FromCivil(time.date, absl::UTCTimeZone()), absl::UTCTimeZone());
      return json;
    case EventTime::Kind::kDateTime:
      json["dateTime"] = FormatInstant(time.instant, zone);
      if (!time.time_zone.empty()) json["timeZone"] = time.time_zone;
      return json;
  }
  return json;
}

Json RemindersToJson(const Reminders& reminders) {
  Json json{{"useDefault", reminders.use_default}};
  for (const Reminders::Override& one : reminders.overrides) {
    json["overrides"].push_back({{"method", one.method}, {"minutes", one.minutes}});
  }
  return json;
}

Json EventToJson(const Event& event, const CalendarId& calendar, const EventStyle& style) {
  Json json{{"kind", "calendar#event"}, {"etag", event.etag.str()}, {"id", event.id.str()}, {"status", Name(event.status)}};
  const bool is_stub = event.IsCancelled() && event.start.kind == EventTime::Kind::kAbsent && event.ical_uid.empty();
  if (is_stub) {  // C-28.
    if (event.IsOccurrence()) {
      json["recurringEventId"] = event.recurring_event_id.str();
      json["originalStartTime"] = TimeToJson(event.original_start, style.zone);
    }
    return json;
  }
  const bool hidden = event.creator.email.empty();  // Somebody who may not see details asks (C-14).
  if (!hidden) json["htmlLink"] = HtmlLink(event.id, calendar);
  if (event.created) json["created"] = FormatMillis(*event.created);
  if (event.updated) json["updated"] = FormatMillis(*event.updated);
  if (!event.summary.empty()) json["summary"] = event.summary;
  if (!event.description.empty()) json["description"] = event.description;
  if (!event.location.empty()) json["location"] = event.location;
  if (!event.color_id.empty()) json["colorId"] = event.color_id;
  if (!hidden) json["creator"] = PersonToJson(event.creator);
  if (!event.organizer.email.empty()) json["organizer"] = PersonToJson(event.organizer);
  if (event.start.kind != EventTime::Kind::kAbsent) json["start"] = TimeToJson(event.start, style.zone);
  if (event.end.kind != EventTime::Kind::kAbsent) json["end"] = TimeToJson(event.end, style.zone);
  if (!event.recurrence.empty()) json["recurrence"] = event.recurrence;
  if (event.IsOccurrence()) {
    json["recurringEventId"] = event.recurring_event_id.str();
    json["originalStartTime"] = TimeToJson(event.original_start, style.zone);
  }
  if (event.transparency != Transparency::kOpaque) json["transparency"] = NameIn(kTransparencies, event.transparency);
  if (event.visibility != Visibility::kDefault) json["visibility"] = NameIn(kVisibilities, event.visibility);
  if (!event.ical_uid.empty()) {
    json["iCalUID"] = event.ical_uid.str();
    json["sequence"] = event.sequence;
  }
  if (!event.attendees.empty()) {
    bool omitted = false;
    json["attendees"] = AttendeesToJson(event, style.max_attendees, omitted);
    if (omitted) json["attendeesOmitted"] = true;
  }
  if (!event.private_properties.empty()) json["extendedProperties"]["private"] = event.private_properties;
  if (!event.shared_properties.empty()) json["extendedProperties"]["shared"] = event.shared_properties;
  if (event.guests_can_modify) json["guestsCanModify"] = true;
  if (event.private_copy) json["privateCopy"] = true;
  if (!hidden) json["reminders"] = RemindersToJson(event.reminders);
  json["eventType"] = Name(event.type);
  return json;
}

void AddExtras(const Json& extras, Json& event) {
  for (const auto& [name, value] : extras.items()) {
    if (name != "attendees" || !value.is_array()) {
      const auto flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                     [&, &named = name](const Named<bool>& one) { return one.name == named; });
      if (flag == std::end(kFlags) || value != flag->value) event[name] = value;
      continue;
    }
    if (!event.contains("attendees")) continue;
    for (Json& attendee : event["attendees"]) {
      for (const Json& one : value) {
        if (StringOf(one, "email") == StringOf(attendee, "email")) attendee.update(one);
      }
    }
  }
}

}  // namespace calsync::fake
