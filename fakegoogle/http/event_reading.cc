// Events as programs send them: whole ones, and patches.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/event_words.h"
#include "fakegoogle/http/schemas.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

// What the vocabulary has no word for.
constexpr const char* kExtras[] = {"anyoneCanAddSelf",
                                   "asyncOperation",
                                   "attachments",
                                   "birthdayProperties",
                                   "conferenceData",
                                   "endTimeUnspecified",
                                   "eventLabelId",
                                   "focusTimeProperties",
                                   "gadget",
                                   "guestsCanInviteOthers",
                                   "guestsCanSeeOtherGuests",
                                   "hangoutLink",
                                   "locked",
                                   "outOfOfficeProperties",
                                   "source",
                                   "workingLocationProperties"};

// Extras, too, of a guest.
constexpr const char* kGuestExtras[] = {"displayName", "comment", "additionalGuests"};

// `shape` with any digit for each 0. The library of times takes spaces and single digits, too.
bool HasShape(absl::string_view text, absl::string_view shape) {
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char wanted) {
    return wanted == '0' ? absl::ascii_isdigit(static_cast<unsigned char>(c)) : c == wanted;
  });
}

// The first thing that is wrong ends it; everything after that is passed over.

class Reader {
 public:
  explicit Reader(const Json& body) : body_(body) {}

  const std::optional<ApiError>& error() const { return error_; }
  void Fail(ErrorId id) {
    if (!error_) error_ = Error(id);
  }

  void Fail(const char* reason, const char* message, const char* domain = "global") {
    if (!error_) error_ = ApiError{.code = 400, .domain = domain, .reason = reason, .message = message};
  }

  bool Has(const char* name) const { return body_.contains(name); }
  void Text(const char* name, std::string& to) { Text(body_, name, to); }
  template <class T, size_t n>
  void Choice(const char* name, const Named<T> (&table)[n], T& to) {
    Choice(body_, name, table, to);
  }

  void Text(const Json& from, const char* name, std::string& to) {
    const Json* const member = Member(from, name);
    if (member == nullptr) return;
    if (!member->is_string()) return Fail(ErrorId::kInvalidValue);
    to = member->get<std::string>();
  }
  void Flag(const Json& from, const char* name, bool& to) {
    const Json* const member = Member(from, name);
    if (member == nullptr) return;
    if (!member->is_boolean()) return Fail(ErrorId::kInvalidValue);
    to = member->get<bool>();
  }
  template <class T>
  void Number(const Json& from, const char* name, T& to, int64_t max) {
    const Json* const member = Member(from, name);
    if (member == nullptr) return;
    if (!member->is_number_integer()) return Fail(ErrorId::kInvalidValue);
    const auto value = member->get<int64_t>();
    if (value < -max || value > max) return Fail(ErrorId::kInvalidValue);
    to = static_cast<T>(value);
  }
  template <class T, size_t n>
  void Choice(const Json& from, const char* name, const Named<T> (&table)[n], T& to) {
    std::string text;
    Text(from, name, text);
    if (text.empty()) return;
    const std::optional<T> value = ValueIn(table, text);
    if (!value) return Fail(ErrorId::kInvalidValue);
    to = *value;
  }
  const Json* List(const char* name) {
    const Json* const member = Member(body_, name);
    if (member == nullptr) return nullptr;
    if (!member->is_array()) {
      Fail(ErrorId::kInvalidValue);
      return nullptr;
    }
    return member;
  }
  const Json* Object(const Json& from, const char* name) {
    const Json* const member = Member(from, name);
    if (member == nullptr) return nullptr;
    if (!member->is_object()) {
      Fail(ErrorId::kInvalidValue);
      return nullptr;
    }
    return member;
  }

  void Time(const char* name, EventTime& to) {
    if (const Json* const member = Object(body_, name)) to = Time(*member);
  }
  EventTime Time(const Json& json) {
    EventTime time;
    std::string date;
    std::string date_time;
    Text(json, "date", date);
    Text(json, "dateTime", date_time);
    Text(json, "timeZone", time.time_zone);
    if (!time.time_zone.empty() && !ical::MachineZone(time.time_zone)) Fail(ErrorId::kInvalidZone);
    if (!date.empty() && !date_time.empty()) Fail(ErrorId::kMixedTimes);
    if (!date.empty()) {
      time.kind = EventTime::Kind::kDate;
      const bool is_date = HasShape(date, "0000-00-00") && absl::ParseCivilTime(date, &time.date);
      if (!is_date || !IsPlausible(time.date)) Fail(ErrorId::kInvalidValue);
    } else if (!date_time.empty()) {
      time.kind = EventTime::Kind::kDateTime;
      if (const std::optional<absl::Time> instant = ParseInstant(date_time)) {
        time.instant = *instant;
      } else {
        Clock(date_time, time);
      }
    }
    return time;
  }

  void AttendeeList(std::vector<Attendee>& to) {
    const Json* const list = List("attendees");
    if (list == nullptr) return;
    to.clear();
    for (const Json& one : *list) {
      Attendee attendee;
      if (!one.is_object()) return Fail(ErrorId::kInvalidValue);
      Text(one, "email", attendee.email);
      if (attendee.email.empty()) return Fail("required", "Missing attendee email.");     // gdata-provider#82.
      if (!IsAddress(attendee.email)) return Fail("invalid", "Invalid attendee email.");  // google-api-php-client#1605.
      Choice(one, "responseStatus", kResponses, attendee.response);
      Flag(one, "optional", attendee.optional);
      Flag(one, "resource", attendee.resource);
      std::string text;
      int guests = 0;
      Text(one, "displayName", text);
      Text(one, "comment", text);
      Number(one, "additionalGuests", guests, 1'000'000);
      to.push_back(std::move(attendee));
    }
  }

  void Lines(std::vector<std::string>& to) {
    const Json* const list = List("recurrence");
    if (list == nullptr) return;
    to.clear();
    for (const Json& line : *list) {
      if (!line.is_string()) return Fail(ErrorId::kInvalidValue);
      to.push_back(line.get<std::string>());
    }
  }

  // Extras are kept as they are, if they are of the kind that the schema says.
  void Extras() {
    for (const char* const name : kExtras) {
      const Json* const member = Member(body_, name);
      if (member != nullptr && !FitsSchema("Event", name, *member)) return Fail(ErrorId::kInvalidValue);
    }
  }

  Reminders ReadReminders(const Json& json) {
    Reminders reminders;
    Flag(json, "useDefault", reminders.use_default);
    const Json* const overrides = Member(json, "overrides");
    if (overrides == nullptr) return reminders;
    if (!overrides->is_array()) {
      Fail(ErrorId::kInvalidValue);
      return reminders;
    }
    if (reminders.use_default && !overrides->empty()) {  // OutlookGoogleCalendarSync#666.
      Fail("cannotUseDefaultRemindersAndSpecifyOverride", "Cannot specify both default reminders and overrides at the same time.",
           "calendar");
      return reminders;
    }
    for (const Json& one : *overrides) {
      Reminders::Override& reminder = reminders.overrides.emplace_back();
      Text(one, "method", reminder.method);
      reminder.minutes = -1;  // One that says none is refused.
      Number(one, "minutes", reminder.minutes, 1'000'000);
    }
    return reminders;
  }

 private:
  // "ada@example.com". How much of it Google looks at is not known; at spaces, and for the sign in the middle.
  static bool IsAddress(absl::string_view text) {
    const size_t at = text.find('@');
    return at != absl::string_view::npos && at > 0 && at + 1 < text.size() && text.find_first_of(" \t\r\n") == text.npos;
  }

  static bool IsPlausible(absl::CivilDay day) { return day.year() >= 1 && day.year() <= 9999; }

  // What a wall clock shows: C-8.
  void Clock(const std::string& text, EventTime& time) {
    absl::CivilSecond local;
    const std::string whole = text.substr(0, text.find('.'));
    const bool is_clock = HasShape(whole, "0000-00-00T00:00:00") && absl::ParseCivilTime(whole, &local);
    if (!is_clock || !IsPlausible(absl::CivilDay(local))) return Fail(ErrorId::kInvalidValue);
    if (time.time_zone.empty()) return Fail(ErrorId::kMissingZone);
    const std::optional<absl::Time> instant = ical::MachineZones(local, time.time_zone);
    if (!instant) return Fail(ErrorId::kInvalidZone);
    time.instant = *instant;
  }

  const Json& body_;
  std::optional<ApiError> error_;
};

void ReadProperties(Reader& reader, const Json& body, const char* kind, PropertyMap& to) {
  const Json* const both = reader.Object(body, "extendedProperties");
  const Json* const one = both == nullptr ? nullptr : reader.Object(*both, kind);
  if (one == nullptr) return;
  for (const auto& [key, value] : one->items()) {
    if (value.is_null()) continue;
    if (!value.is_string()) return reader.Fail(ErrorId::kInvalidValue);
    to[key] = value.get<std::string>();
  }
}

// `null` for the whole kind, or for both, deletes every key that there is.
void ReadPropertyPatch(Reader& reader, const Json& body, const char* kind, const PropertyMap& current,
                       std::map<std::string, std::optional<std::string>>& to) {
  const auto both = body.find("extendedProperties");
  if (both == body.end()) return;
  const bool clears_both = both->is_null();
  if (!clears_both && !both->is_object()) return reader.Fail(ErrorId::kInvalidValue);
  if (!clears_both && !both->contains(kind)) return;
  if (clears_both || (*both)[kind].is_null()) {
    for (const auto& [key, value] : current) to[key] = std::nullopt;
    return;
  }
  if (!(*both)[kind].is_object()) return reader.Fail(ErrorId::kInvalidValue);
  for (const auto& [key, value] : (*both)[kind].items()) {
    if (!value.is_null() && !value.is_string()) return reader.Fail(ErrorId::kInvalidValue);
    to[key] = value.is_null() ? std::nullopt : std::optional<std::string>(value.get<std::string>());
  }
}

// A patch of a time names one kind at least; the other is then no more.
std::optional<EventTime> PatchTime(Reader& reader, const Json& body, const char* name, const EventTime& current) {
  const auto found = body.find(name);
  if (found == body.end()) return std::nullopt;
  if (found->is_null()) return EventTime();
  if (!found->is_object()) {
    reader.Fail(ErrorId::kInvalidValue);
    return std::nullopt;
  }
  Json merged = TimeToJson(current, absl::UTCTimeZone());
  const bool names_date = Member(*found, "date") != nullptr;
  const bool names_clock = Member(*found, "dateTime") != nullptr;
  if (names_date && !names_clock) {
    merged.erase("dateTime");
    merged.erase("timeZone");
  }
  if (names_clock && !names_date) merged.erase("date");
  MergeJson(*found, merged);
  return reader.Time(merged);
}

template <class T>
std::optional<T> IfNamed(const Reader& reader, const char* name, T value) {
  return reader.Has(name) ? std::optional<T>(std::move(value)) : std::nullopt;
}

// A list that is not the whole one changes one's own answer and nothing else (contract 1.3), as with a PUT.
std::vector<Attendee> WithOwnAnswer(std::vector<Attendee> current, const std::vector<Attendee>& sent) {
  for (Attendee& own : current) {
    const auto answer = std::find_if(sent.begin(), sent.end(), [&](const Attendee& one) { return one.email == own.email; });
    if (own.self && answer != sent.end()) own.response = answer->response;
  }
  return current;
}

}  // namespace

std::optional<absl::Time> ParseInstant(absl::string_view text) {
  absl::Time time;
  std::string error;
  constexpr absl::string_view kShape = "0000-00-00T00:00:00";
  if (!HasShape(text.substr(0, kShape.size()), kShape) || absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    return std::nullopt;
  }
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::nullopt;
  const bool plausible = time > absl::FromUnixSeconds(-62135596800) && time < absl::FromUnixSeconds(253402300800);
  return plausible ? std::optional<absl::Time>(time) : std::nullopt;
}

std::variant<Event, ApiError> EventFromJson(const Json& body) {
  if (!body.is_object()) return Error(ErrorId::kParseError);
  Reader reader(body);
  Event event;
  std::string id;
  std::string uid;
  std::string type;
  reader.Text("id", id);
  reader.Text("iCalUID", uid);
  event.id = EventId(id);
  event.ical_uid = ICalUid(uid);
  reader.Choice("status", kStatuses, event.status);
  reader.Text("eventType", type);
  if (!type.empty()) event.type = EventTypeOf(type).value_or(EventType::kUnknown);
  reader.Choice("transparency", kTransparencies, event.transparency);
  reader.Choice("visibility", kVisibilities, event.visibility);
  reader.Number(body, "sequence", event.sequence, int64_t{1} << 31);
  reader.Time("start", event.start);
  reader.Time("end", event.end);
  reader.Lines(event.recurrence);
  reader.Text("summary", event.summary);
  reader.Text("description", event.description);
  reader.Text("location", event.location);
  reader.Text("colorId", event.color_id);
  if (const Json* const organizer = reader.Object(body, "organizer")) reader.Text(*organizer, "email", event.organizer.email);
  reader.AttendeeList(event.attendees);
  reader.Flag(body, "attendeesOmitted", event.attendees_omitted);
  reader.Flag(body, "guestsCanModify", event.guests_can_modify);
  ReadProperties(reader, body, "private", event.private_properties);
  ReadProperties(reader, body, "shared", event.shared_properties);
  if (const Json* const reminders = reader.Object(body, "reminders")) event.reminders = reader.ReadReminders(*reminders);
  reader.Extras();
  if (reader.error()) return *reader.error();
  return event;
}

std::variant<EventPatch, ApiError> PatchFromJson(const Json& body, const Event& current) {
  if (!body.is_object()) return Error(ErrorId::kParseError);
  Reader reader(body);
  Event named;
  reader.Choice("status", kStatuses, named.status);
  reader.Choice("transparency", kTransparencies, named.transparency);
  reader.Choice("visibility", kVisibilities, named.visibility);
  reader.Lines(named.recurrence);
  reader.Text("summary", named.summary);
  reader.Text("description", named.description);
  reader.Text("location", named.location);
  reader.Text("colorId", named.color_id);
  reader.AttendeeList(named.attendees);
  reader.Flag(body, "guestsCanModify", named.guests_can_modify);
  reader.Number(body, "sequence", named.sequence, int64_t{1} << 31);
  std::string type;
  reader.Text("eventType", type);
  if (!type.empty() && type != Name(current.type)) reader.Fail(ErrorId::kEventTypeRestriction);

  EventPatch patch;
  patch.status = IfNamed(reader, "status", named.status);
  patch.transparency = IfNamed(reader, "transparency", named.transparency);
  patch.visibility = IfNamed(reader, "visibility", named.visibility);
  patch.recurrence = IfNamed(reader, "recurrence", std::move(named.recurrence));
  patch.summary = IfNamed(reader, "summary", std::move(named.summary));
  patch.description = IfNamed(reader, "description", std::move(named.description));
  patch.location = IfNamed(reader, "location", std::move(named.location));
  patch.color_id = IfNamed(reader, "colorId", std::move(named.color_id));
  patch.attendees = IfNamed(reader, "attendees", std::move(named.attendees));
  patch.guests_can_modify = IfNamed(reader, "guestsCanModify", named.guests_can_modify);
  patch.sequence = IfNamed(reader, "sequence", named.sequence);
  reader.Flag(body, "attendeesOmitted", named.attendees_omitted);
  if (patch.attendees && named.attendees_omitted) patch.attendees = WithOwnAnswer(current.attendees, *patch.attendees);
  patch.start = PatchTime(reader, body, "start", current.start);
  patch.end = PatchTime(reader, body, "end", current.end);
  if (reader.Has("reminders")) {
    Json merged = RemindersToJson(current.reminders);
    MergeJson(body["reminders"], merged);
    if (merged.is_object()) {
      patch.reminders = reader.ReadReminders(merged);
    } else if (merged.is_null()) {
      patch.reminders = Reminders();
    } else {
      reader.Fail(ErrorId::kInvalidValue);
    }
  }
  ReadPropertyPatch(reader, body, "private", current.private_properties, patch.private_properties);
  ReadPropertyPatch(reader, body, "shared", current.shared_properties, patch.shared_properties);
  reader.Extras();
  if (reader.error()) return *reader.error();
  return patch;
}

bool OmitsGuests(const Json& body) {
  const Json* const omitted = Member(body, "attendeesOmitted");
  return omitted != nullptr && *omitted == true;
}

bool CanWriteExtra(absl::string_view name, const OptIns& with) {
  if (name == "conferenceData") return with.conference;
  if (name == "attachments") return with.attachments;
  if (name == "eventLabelId") return with.labels;
  return name != "asyncOperation" && name != "hangoutLink" && name != "locked";
}

Json ExtrasOf(const Json& body, const OptIns& with) {
  Json extras = Json::object();
  for (const auto& [name, value] : body.items()) {
    const bool is_extra = std::find(std::begin(kExtras), std::end(kExtras), name) != std::end(kExtras);
    if (!is_extra || !CanWriteExtra(name, with)) continue;
    extras[name] = name == "eventLabelId" && value == "" ? Json() : value;  // An empty one takes the label away ([D]).
  }
  if (const Json* const attendees = Member(body, "attendees");
      attendees != nullptr && attendees->is_array() && !OmitsGuests(body)) {
    Json& of_guests = extras["attendees"] = Json::array();
    for (const Json& attendee : *attendees) {
      Json one{{"email", StringOf(attendee, "email")}};
      for (const char* const name : kGuestExtras) {
        if (const Json* const value = Member(attendee, name)) one[name] = *value;
      }
      if (one.size() > 1) of_guests.push_back(std::move(one));
    }
  }
  return extras;
}

}  // namespace calsync::fake
