#include "adapter/google/event_json.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "adapter/google/json_reader.h"
#include "adapter/google/json_text.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Json = nlohmann::ordered_json;

// --- Words.

template <class T>
struct Word {
  T value;
  absl::string_view name;
};

constexpr Word<EventStatus> kStatuses[] = {
    {EventStatus::kConfirmed, "confirmed"}, {EventStatus::kTentative, "tentative"}, {EventStatus::kCancelled, "cancelled"}};
constexpr Word<Transparency> kTransparencies[] = {{Transparency::kOpaque, "opaque"}, {Transparency::kTransparent, "transparent"}};
constexpr Word<Visibility> kVisibilities[] = {{Visibility::kDefault, "default"},
                                              {Visibility::kPublic, "public"},
                                              {Visibility::kPrivate, "private"},
                                              {Visibility::kConfidential, "confidential"}};
constexpr Word<ResponseStatus> kResponses[] = {{ResponseStatus::kNeedsAction, "needsAction"},
                                               {ResponseStatus::kDeclined, "declined"},
                                               {ResponseStatus::kTentative, "tentative"},
                                               {ResponseStatus::kAccepted, "accepted"}};
constexpr Word<EventType> kTypes[] = {{EventType::kDefault, "default"},         {EventType::kBirthday, "birthday"},
                                      {EventType::kFocusTime, "focusTime"},     {EventType::kFromGmail, "fromGmail"},
                                      {EventType::kOutOfOffice, "outOfOffice"}, {EventType::kWorkingLocation, "workingLocation"}};
constexpr Word<AccessRole> kRoles[] = {
    {AccessRole::kNone, "none"},     {AccessRole::kFreeBusyReader, "freeBusyReader"},
    {AccessRole::kReader, "reader"}, {AccessRole::kWriterWithoutPrivateAccess, "writerWithoutPrivateAccess"},
    {AccessRole::kWriter, "writer"}, {AccessRole::kOwner, "owner"}};

template <class T, size_t n>
absl::string_view NameIn(const Word<T> (&table)[n], T value) {
  for (const Word<T>& row : table) {
    if (row.value == value) return row.name;
  }
  return "";
}

template <class T, size_t n>
T ValueIn(const Word<T> (&table)[n], absl::string_view name, T otherwise) {
  for (const Word<T>& row : table) {
    if (row.name == name) return row.value;
  }
  return otherwise;
}

// `absent` if there is no such member (C-16), `unknown` if its word is new.
template <class T, size_t n>
T Choice(const JsonObject& json, const char* name, const Word<T> (&table)[n], T absent, T unknown) {
  const std::optional<JsonElement> member = FindMember(json, name);
  return member ? ValueIn(table, AsText(*member).value_or(""), unknown) : absent;
}

// --- Reading.

std::optional<absl::Time> FindInstant(const JsonObject& json, const char* name) { return ParseInstant(TextOf(json, name)); }

// kAbsent for what is not there or cannot be read.
EventTime ReadTime(const JsonObject& json, const char* name) {
  const std::optional<JsonObject> time = FindObject(json, name);
  if (!time) return {};
  absl::CivilDay day;
  if (const std::optional<absl::string_view> date = FindText(*time, "date")) {
    const bool plausible = absl::ParseCivilTime(*date, &day) && day.year() >= 1 && day.year() <= 9999;
    return plausible ? EventTime::Date(day) : EventTime();
  }
  const std::optional<absl::Time> instant = FindInstant(*time, "dateTime");
  if (!instant) return {};
  return EventTime::At(absl::FromUnixSeconds(absl::ToUnixSeconds(*instant)), std::string(TextOf(*time, "timeZone")));
}

// False if a line cannot be read.
bool ReadLines(const JsonObject& json, std::vector<std::string>& lines) {
  const std::optional<JsonElement> member = FindMember(json, "recurrence");
  if (!member || member->is_null()) return true;
  JsonArray list;
  if (member->get(list)) return false;
  for (const JsonElement line : list) {
    const std::optional<absl::string_view> text = AsText(line);
    if (!text) return false;
    lines.emplace_back(*text);
  }
  return true;
}

// An entry that is not even an object is still somebody who is invited.
std::vector<Attendee> ReadAttendees(const JsonObject& json) {
  std::vector<Attendee> attendees;
  const std::optional<JsonArray> list = FindArray(json, "attendees");
  if (!list) return attendees;
  for (const JsonElement element : *list) {
    Attendee& attendee = attendees.emplace_back();
    JsonObject one;
    if (element.get(one)) continue;
    attendee.self = FlagOf(one, "self");
    attendee.response = Choice(one, "responseStatus", kResponses, ResponseStatus::kNeedsAction, ResponseStatus::kNeedsAction);
  }
  return attendees;
}

PropertyMap ReadProperties(const JsonObject& json, const char* kind) {
  PropertyMap properties;
  const std::optional<JsonObject> both = FindObject(json, "extendedProperties");
  const std::optional<JsonObject> one = both ? FindObject(*both, kind) : std::nullopt;
  if (!one) return properties;
  for (const auto [key, value] : *one) {
    const std::optional<absl::string_view> text = AsText(value);
    if (text) properties.emplace(std::string(key.data(), key.size()), std::string(*text));
  }
  return properties;
}

absl::StatusOr<Event> EventOf(const JsonObject& json) {
  Event event;
  event.id = EventId(TextOf(json, "id"));
  if (event.id.empty()) return absl::DataLossError("an event has no id");
  event.etag = Etag(TextOf(json, "etag"));
  event.ical_uid = ICalUid(TextOf(json, "iCalUID"));
  event.status = Choice(json, "status", kStatuses, EventStatus::kConfirmed, EventStatus::kConfirmed);
  event.type = Choice(json, "eventType", kTypes, EventType::kDefault, EventType::kUnknown);
  event.transparency = Choice(json, "transparency", kTransparencies, Transparency::kOpaque, Transparency::kOpaque);
  event.visibility = Choice(json, "visibility", kVisibilities, Visibility::kDefault, Visibility::kPrivate);
  event.created = FindInstant(json, "created");
  event.updated = FindInstant(json, "updated");
  event.sequence = FindWhole(json, "sequence").value_or(0);
  event.start = ReadTime(json, "start");
  event.end = ReadTime(json, "end");
  event.recurring_event_id = EventId(TextOf(json, "recurringEventId"));
  event.original_start = ReadTime(json, "originalStartTime");
  event.summary = std::string(TextOf(json, "summary"));
  event.description = std::string(TextOf(json, "description"));
  event.color_id = std::string(TextOf(json, "colorId"));
  if (const std::optional<JsonObject> organizer = FindObject(json, "organizer"))
    event.organizer.self = FlagOf(*organizer, "self");
  event.attendees = ReadAttendees(json);
  event.private_properties = ReadProperties(json, "private");

  const bool lines_readable = ReadLines(json, event.recurrence);
  const bool master_readable = event.IsOccurrence() == FindMember(json, "recurringEventId").has_value();
  if (!lines_readable || !master_readable) event.start = event.end = EventTime();
  return event;
}

// --- Writing.

// Bytes that are no UTF-8 become U+FFFD: nothing here throws.
Json TimeToJson(const EventTime& time) {
  Json json = Json::object();
  switch (time.kind) {
    case EventTime::Kind::kAbsent:
      return json;
    case EventTime::Kind::kDate:
      json["date"] = FormatDate(time.date);
      return json;
    case EventTime::Kind::kDateTime:
      json["dateTime"] = FormatInstant(time.instant);
      if (!time.time_zone.empty()) json["timeZone"] = time.time_zone;
      return json;
  }
  return json;
}

Json TimePatch(const EventTime& time) {
  if (time.kind == EventTime::Kind::kAbsent) return Json();
  Json json = TimeToJson(time);
  if (time.kind == EventTime::Kind::kDate) {
    json["dateTime"] = Json();
    json["timeZone"] = Json();
  }
  if (time.kind == EventTime::Kind::kDateTime) json["date"] = Json();
  return json;
}

Json AttendeesToJson(const std::vector<Attendee>& attendees) {
  Json list = Json::array();
  for (const Attendee& attendee : attendees) {
    Json one{{"email", attendee.email}, {"responseStatus", NameIn(kResponses, attendee.response)}};
    if (attendee.optional) one["optional"] = true;
    if (attendee.resource) one["resource"] = true;
    list.push_back(std::move(one));
  }
  return list;
}

Json RemindersToJson(const Reminders& reminders) {
  Json json{{"useDefault", reminders.use_default}};
  if (reminders.use_default) return json;
  json["overrides"] = Json::array();
  for (const Reminders::Override& one : reminders.overrides)
    json["overrides"].push_back({{"method", one.method}, {"minutes", one.minutes}});
  return json;
}

Json PropertyPatch(const std::map<std::string, std::optional<std::string>>& properties) {
  Json json = Json::object();
  for (const auto& [key, value] : properties) json[key] = value ? Json(*value) : Json();
  return json;
}

}  // namespace

absl::StatusOr<EventPtr> ReadEvent(absl::string_view body) {
  JsonBody json;
  return ReadEvent(body, json);
}

absl::StatusOr<EventPtr> ReadEvent(absl::string_view body, JsonBody& memory) {
  ASSIGN_OR_RETURN(const JsonObject root, memory.Parse(body));
  ASSIGN_OR_RETURN(Event event, EventOf(root));
  return std::make_shared<const Event>(std::move(event));
}

absl::StatusOr<EventsPage> ReadEventsPage(absl::string_view body) {
  JsonBody json;
  ASSIGN_OR_RETURN(const JsonObject root, json.Parse(body));
  if (TextOf(root, "kind") != "calendar#events") return absl::DataLossError("the body is no list of events");
  EventsPage page;
  page.access_role = AccessRoleOf(TextOf(root, "accessRole"));
  page.time_zone = std::string(TextOf(root, "timeZone"));
  page.updated = FindInstant(root, "updated");
  if (const auto token = FindText(root, "nextPageToken")) page.next_page_token = PageToken(*token);
  if (const auto token = FindText(root, "nextSyncToken")) page.next_sync_token = SyncToken(*token);
  const std::optional<JsonElement> items = FindMember(root, "items");
  if (!items) return page;
  JsonArray rows;
  if (items->get(rows)) return absl::DataLossError("the items of a list of events are no list");
  page.items.reserve(rows.size());
  for (const JsonElement row : rows) {
    JsonObject object;
    if (row.get(object)) return absl::DataLossError(absl::StrCat("row ", page.items.size(), " of a list of events is no event"));
    absl::StatusOr<Event> event = EventOf(object);
    if (!event.ok())
      return absl::DataLossError(absl::StrCat("row ", page.items.size(), " of a list of events: ", event.status().message()));
    page.items.push_back(std::make_shared<const Event>(*std::move(event)));
  }
  return page;
}

std::string WriteEvent(const Event& event) {
  Json json = Json::object();
  if (!event.id.empty()) json["id"] = event.id.str();
  if (!event.ical_uid.empty()) json["iCalUID"] = event.ical_uid.str();
  if (event.status != EventStatus::kConfirmed) json["status"] = NameIn(kStatuses, event.status);
  if (!NameIn(kTypes, event.type).empty() && event.type != EventType::kDefault) json["eventType"] = NameIn(kTypes, event.type);
  if (event.start.kind != EventTime::Kind::kAbsent) json["start"] = TimeToJson(event.start);
  if (event.end.kind != EventTime::Kind::kAbsent) json["end"] = TimeToJson(event.end);
  if (!event.recurrence.empty()) json["recurrence"] = event.recurrence;
  if (!event.summary.empty()) json["summary"] = event.summary;
  if (!event.description.empty()) json["description"] = event.description;
  if (!event.location.empty()) json["location"] = event.location;
  if (!event.color_id.empty()) json["colorId"] = event.color_id;
  if (event.transparency != Transparency::kOpaque) json["transparency"] = NameIn(kTransparencies, event.transparency);
  if (event.visibility != Visibility::kDefault) json["visibility"] = NameIn(kVisibilities, event.visibility);
  if (event.sequence != 0) json["sequence"] = event.sequence;
  if (!event.organizer.email.empty()) json["organizer"] = {{"email", event.organizer.email}};
  if (!event.attendees.empty()) json["attendees"] = AttendeesToJson(event.attendees);
  if (event.guests_can_modify) json["guestsCanModify"] = true;
  if (!event.private_properties.empty()) json["extendedProperties"]["private"] = event.private_properties;
  if (!event.shared_properties.empty()) json["extendedProperties"]["shared"] = event.shared_properties;
  json["reminders"] = RemindersToJson(event.reminders);
  return Dump(json);
}

std::string WritePatch(const EventPatch& patch) {
  Json json = Json::object();
  if (patch.status) json["status"] = NameIn(kStatuses, *patch.status);
  if (patch.start) json["start"] = TimePatch(*patch.start);
  if (patch.end) json["end"] = TimePatch(*patch.end);
  if (patch.recurrence) json["recurrence"] = *patch.recurrence;
  if (patch.summary) json["summary"] = *patch.summary;
  if (patch.description) json["description"] = *patch.description;
  if (patch.location) json["location"] = *patch.location;
  if (patch.color_id) json["colorId"] = *patch.color_id;
  if (patch.transparency) json["transparency"] = NameIn(kTransparencies, *patch.transparency);
  if (patch.visibility) json["visibility"] = NameIn(kVisibilities, *patch.visibility);
  if (patch.attendees) json["attendees"] = AttendeesToJson(*patch.attendees);
  if (patch.guests_can_modify) json["guestsCanModify"] = *patch.guests_can_modify;
  if (patch.sequence) json["sequence"] = *patch.sequence;
  if (patch.reminders) json["reminders"] = RemindersToJson(*patch.reminders);
  if (!patch.private_properties.empty()) json["extendedProperties"]["private"] = PropertyPatch(patch.private_properties);
  if (!patch.shared_properties.empty()) json["extendedProperties"]["shared"] = PropertyPatch(patch.shared_properties);
  return Dump(json);
}

std::string FormatDate(absl::CivilDay day) {
  return absl::FormatTime("%E4Y-%m-%d", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}
std::string FormatInstant(absl::Time time) { return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

std::optional<absl::Time> ParseInstant(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (text.empty() || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::nullopt;
  const bool plausible = time >= absl::FromUnixSeconds(-62135596800) && time < absl::FromUnixSeconds(253402300800);
  return plausible ? std::optional<absl::Time>(time) : std::nullopt;
}

AccessRole AccessRoleOf(absl::string_view name) { return ValueIn(kRoles, name, AccessRole::kUnknown); }

}  // namespace calsync::adapter
