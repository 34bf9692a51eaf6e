// events.* but for its channels (contract sections 2 and 3).

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/siphash.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr SipKey kEventEtagKey{5, 6};

Answer BadParameter(const char* name) { return Refusal(absl::StrCat("Invalid value for ", name, "."), "invalidParameter", name); }

// What does not go with a sync token (C-22).
constexpr const char* kRestrictions[] = {
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin"};

std::optional<std::pair<std::string, std::string>> ReadProperty(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::make_pair(text.substr(0, equals), text.substr(equals + 1));
}

bool IsSearch(const http::Parameters& query) {
  for (const char* name : {"q", "orderBy", "iCalUID", "privateExtendedProperty", "sharedExtendedProperty", "updatedMin"}) {
    if (query.Find(name) != nullptr) return true;
  }
  return false;
}

SendUpdates ReadSendUpdates(const http::Parameters& query) {
  const std::string text = query.Get("sendUpdates");
  if (text == "all") return SendUpdates::kAll;
  if (text == "externalOnly") return SendUpdates::kExternalOnly;
  if (text.empty() && query.Get("sendNotifications") == "true") return SendUpdates::kAll;
  return SendUpdates::kNone;
}

// C-52: what the model, which has no word for them, cannot see. Some types are made with an object of their own.
std::optional<ApiError> CheckTypeProperties(const Json& body, EventType type) {
  const auto has = [&](const char* name) { return Member(body, name) != nullptr; };
  if (has("workingLocationProperties") != (type == EventType::kWorkingLocation)) {
    ApiError error = Error(ErrorId::kMalformedWorkingLocation);  // OutlookGoogleCalendarSync#1817.
    error.message = "workingLocationProperties requires an event type of workingLocation, and vice versa.";
    return error;
  }
  if (type == EventType::kFocusTime && !has("focusTimeProperties")) return Error(ErrorId::kMalformedFocusTime);
  if (type == EventType::kOutOfOffice && !has("outOfOfficeProperties")) return Error(ErrorId::kMalformedOutOfOffice);
  return std::nullopt;
}

std::optional<Etag> IfMatch(const http::Headers& headers) {
  const std::string* const value = headers.Find("If-Match");
  return value == nullptr ? std::nullopt : std::optional<Etag>(Etag(*value));
}

}  // namespace

// --- Reading parameters.

std::optional<Answer> Api::ReadInstant(const Call& call, const char* name, std::optional<absl::Time>& to) const {
  if (!call.Has(name)) return std::nullopt;
  to = ParseInstant(call.Text(name));
  return to ? std::nullopt : std::optional<Answer>(BadParameter(name));
}

std::optional<Answer> Api::ReadStyle(const Call& call, EventStyle& style) const {
  style.max_attendees = call.Whole("maxAttendees", 0);
  if (const Calendar* const calendar = model_.FindCalendar(call.calendar)) style.zone = calendar->setup().zone;
  if (!call.Has("timeZone")) return std::nullopt;
  const std::optional<absl::TimeZone> zone = ical::MachineZone(call.Text("timeZone"));
  if (!zone) return BadParameter("timeZone");
  style.zone = *zone;
  return std::nullopt;
}

std::optional<Answer> Api::ReadList(const Call& call, ListEvents& list) const {
  list.calendar = call.calendar;
  if (call.Has("syncToken")) list.sync_token = SyncToken(call.Text("syncToken"));
  if (call.Has("pageToken")) list.page_token = PageToken(call.Text("pageToken"));
  list.max_results = call.Whole("maxResults", 250);
  list.show_deleted = call.Flag("showDeleted");
  list.single_events = call.Flag("singleEvents");
  if (list.sync_token) {
    for (const char* name : kRestrictions) {
      if (call.Has(name)) return ToAnswer(ErrorId::kTokenWithRestrictions);
    }
    if (call.Has("showDeleted") && !list.show_deleted) return ToAnswer(ErrorId::kTokenWithRestrictions);
  }
  if (std::optional<Answer> wrong = ReadInstant(call, "timeMin", list.time_min)) return wrong;
  return ReadInstant(call, "timeMax", list.time_max);
}

std::optional<Answer> Api::ReadSearch(const Call& call, SearchEvents& search) const {
  search.text = call.Text("q");
  search.ical_uid = ICalUid(call.Text("iCalUID"));
  if (std::optional<Answer> wrong = ReadInstant(call, "updatedMin", search.updated_min)) return wrong;
  const std::string order = call.Text("orderBy");
  if (order == "startTime") search.order = SearchOrder::kStartTime;
  if (order == "updated") search.order = SearchOrder::kUpdated;
  for (const auto& [name, to] : {std::make_pair("privateExtendedProperty", &search.private_properties),
                                 std::make_pair("sharedExtendedProperty", &search.shared_properties)}) {
    for (const std::string& text : call.query->All(name)) {
      std::optional<std::pair<std::string, std::string>> property = ReadProperty(text);
      if (!property) return BadParameter(name);
      to->push_back(*std::move(property));
    }
  }
  for (const std::string& name : call.query->All("eventTypes")) {
    search.types.push_back(EventTypeOf(name).value_or(EventType::kUnknown));
  }
  return std::nullopt;
}

// --- Reading.

Answer Api::ListEventsOf(Call& call) {
  SearchEvents search;
  EventStyle style;
  if (std::optional<Answer> wrong = ReadList(call, search.list)) return Refuse(call, *std::move(wrong));
  if (std::optional<Answer> wrong = ReadSearch(call, search)) return Refuse(call, *std::move(wrong));
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  if (IsSearch(*call.query)) {
    const Reply reply = Execute(call, search.list, [&](const Conditions& conditions) {
      return model_.Search(call.caller(), search, call.now, conditions);
    });
    return Page(call, reply, style, {});
  }
  return Page(call, Execute(call, search.list), style, search.types);
}

Answer Api::ListInstancesOf(Call& call) {
  EventStyle style;
  ListInstances request{.calendar = call.calendar,
                        .event = call.event(),
                        .max_results = call.Whole("maxResults", 250),
                        .show_deleted = call.Flag("showDeleted")};
  if (call.Has("pageToken")) request.page_token = PageToken(call.Text("pageToken"));
  if (std::optional<Answer> wrong = ReadInstant(call, "timeMin", request.time_min)) return Refuse(call, *std::move(wrong));
  if (std::optional<Answer> wrong = ReadInstant(call, "timeMax", request.time_max)) return Refuse(call, *std::move(wrong));
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  if (call.Has("originalStart")) {
    const std::string text = call.Text("originalStart");
    absl::CivilDay date;
    if (const std::optional<absl::Time> instant = ParseInstant(text)) {
      request.original_start = EventTime::At(*instant);
    } else if (absl::ParseCivilTime(text, &date)) {
      request.original_start = EventTime::Date(date);
    } else {
      return Refuse(call, BadParameter("originalStart"));
    }
  }
  return Page(call, Execute(call, request), style, {});
}

Answer Api::Page(Call& call, const Reply& reply, const EventStyle& style, const std::vector<EventType>& types) {
  if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error, call.method->id);
  const EventsPage& page = std::get<EventsPage>(reply);
  const Calendar& calendar = *model_.FindCalendar(call.calendar);
  Answer answer;
  answer.etag = ListEtag(call);
  Json body{{"kind", "calendar#events"}, {"etag", answer.etag}, {"summary", calendar.setup().summary}};
  const auto notes = notes_.find(call.calendar);
  body["description"] = notes == notes_.end() ? "" : StringOf(notes->second, "description");
  body["updated"] = FormatMillis(page.updated.value_or(absl::UnixEpoch()));
  body["timeZone"] = page.time_zone;
  body["accessRole"] = Name(page.access_role);
  body["defaultReminders"] = DefaultReminders(call.caller().account, call.calendar, page.access_role);
  if (page.next_page_token) body["nextPageToken"] = page.next_page_token->str();
  if (page.next_sync_token) body["nextSyncToken"] = page.next_sync_token->str();
  Json items = Json::array();
  for (const EventPtr& event : page.items) {
    if (!types.empty()) {  // A stub does not say its type; the model knows it.
      const EventPtr* const whole = model_.Find(call.calendar, event->id);
      const EventType type = event->IsCancelled() && whole != nullptr ? (*whole)->type : event->type;
      if (std::find(types.begin(), types.end(), type) == types.end()) continue;
    }
    items.push_back(Show(*event, call.calendar, style));
  }
  body["items"] = std::move(items);
  answer.body = std::move(body);
  return answer;
}

// The same list of an unchanged calendar has the same etag.
std::string Api::ListEtag(const Call& call) const {
  const Calendar& calendar = *model_.FindCalendar(call.calendar);
  FieldBytes fields;
  fields.Text(call.calendar.text()).Text(call.caller().account.text()).Number(calendar.log_end()).Text(call.method->id);
  for (const auto& [name, value] : call.query->pairs()) fields.Text(name).Text(value);
  if (!calendar.log().empty()) fields.Text(calendar.log().back().event->etag.text());
  return absl::StrFormat("\"p33%016x\"", SipHash64(kEventEtagKey, fields.bytes()));
}

Answer Api::GetEventOf(Call& call) {
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  return Written(call, Execute(call, GetEvent{call.calendar, call.event()}), call.calendar, style);
}

// C-56: what a get would say.
Answer Api::Written(Call& call, const Reply& reply, const CalendarId& calendar, const EventStyle& style) {
  if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error, call.method->id);
  const EventPtr& event = std::get<EventPtr>(reply);
  Answer answer = Answer::Of(Show(*event, calendar, style));
  answer.etag = event->etag.str();  // C-4.
  return answer;
}

Json Api::Show(const Event& event, const CalendarId& calendar, const EventStyle& style) const {
  Json json = EventToJson(event, calendar, style);
  if (extras_.empty() || event.creator.email.empty()) return json;
  if (const Json* const extras = FindExtras(event, calendar)) AddExtras(*extras, json);
  if (!json.contains("attendees") || !HidesGuests(event)) return json;
  Json own = Json::array();
  for (const Json& attendee : json["attendees"]) {
    if (attendee.contains("self")) own.push_back(attendee);
  }
  if (own.size() < json["attendees"].size()) json["attendeesOmitted"] = true;
  json["attendees"] = std::move(own);
  return json;
}

// Whether a guest may not see who the others are, as the organizer said (contract 1.3).
bool Api::HidesGuests(const Event& event) const {
  if (event.organizer.self) return false;
  for (const EventId& id : {event.id, event.recurring_event_id}) {
    const auto found = extras_.find({CalendarId(event.organizer.email), id});
    if (found == extras_.end()) continue;
    const Json* const seen = Member(found->second, "guestsCanSeeOtherGuests");
    return seen != nullptr && *seen == false;
  }
  return false;
}

// With labels, colours by number are not heeded ([D], eventLabelVersion).
void Api::PassOverColor(Call& call) const {
  if (call.Whole("eventLabelVersion", 0) == 0 || !call.body.is_object()) return;
  call.body.erase("colorId");
  // A PUT would clear it.
  if (call.method->id == "events.update" && !CurrentOf(call)->color_id.empty()) call.body["colorId"] = CurrentOf(call)->color_id;
}

// An occurrence has its series', a guest's copy its organizer's, until it has some of its own.
const Json* Api::FindExtras(const Event& event, const CalendarId& calendar) const {
  for (const CalendarId& where : {calendar, CalendarId(event.organizer.email)}) {
    for (const EventId& id : {event.id, event.recurring_event_id}) {
      const auto found = extras_.find({where, id});
      if (found != extras_.end()) return &found->second;
    }
  }
  return nullptr;
}

void Api::ChangeExtras(Call& call, const EventId& event, bool replaces) {
  const OptIns with{.conference = call.Whole("conferenceDataVersion", 0) > 0,
                    .attachments = call.Flag("supportsAttachments"),
                    .labels = call.Whole("eventLabelVersion", 0) > 0};
  const Json sent = ExtrasOf(call.body, with);
  const std::pair<CalendarId, EventId> key(call.calendar, event);
  const auto found = extras_.find(key);
  Json extras = Json::object();
  if (found != extras_.end()) {
    extras = found->second;
    if (replaces) {  // What cannot be written stays (C-58).
      Json kept = Json::object();
      for (const auto& [name, value] : extras.items()) {
        if (!CanWriteExtra(name, with) || (name == "attendees" && OmitsGuests(call.body))) kept[name] = value;
      }
      extras = std::move(kept);
    }
  } else if (!replaces) {
    if (const EventPtr* const whole = model_.Find(call.calendar, event)) {
      if (const Json* const inherited = FindExtras(**whole, call.calendar)) extras = *inherited;
    }
  }
  MergeJson(sent, extras);
  if (extras.contains("attendees") && extras["attendees"].empty()) extras.erase("attendees");
  if (!extras.empty()) {
    extras_[key] = std::move(extras);
  } else if (found != extras_.end()) {
    extras_.erase(found);
  }
}

// --- Writing.

// What a write finds: an occurrence that nobody has changed, too. If there is nothing, an empty one: the model says what is
// wrong.
EventPtr Api::CurrentOf(const Call& call) const {
  const EventPtr* const stored = model_.Find(call.calendar, call.event());
  EventPtr current = stored != nullptr ? *stored : model_.FindOccurrence(call.calendar, call.event());
  return current != nullptr ? current : std::make_shared<const Event>();
}

// C-110: what is beside the event is written with it, whatever becomes of the answer.
Reply Api::ExecuteWrite(Call& call, const Request& request, bool replaces) {
  return Execute(call, request, [&](const Conditions& conditions) {
    Reply reply = model_.Handle(call.caller(), request, call.now, conditions);
    const auto* const written = std::get_if<EventPtr>(&reply);
    if (written == nullptr) return reply;
    const bool is_new = std::holds_alternative<InsertEvent>(request);  // What bore the id before is another event (K-5, K-21).
    if (is_new) extras_.erase({call.calendar, (*written)->id});
    ChangeExtras(call, (*written)->id, replaces);
    return reply;
  });
}

Answer Api::InsertEventInto(Call& call) {
  PassOverColor(call);
  std::variant<Event, ApiError> event = EventFromJson(call.body);
  if (const auto* error = std::get_if<ApiError>(&event)) return Refuse(call, *error);
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  if (std::optional<ApiError> error = CheckTypeProperties(call.body, std::get<Event>(event).type)) return Refuse(call, *error);
  const InsertEvent request{call.calendar, std::get<Event>(std::move(event)), ReadSendUpdates(*call.query)};
  return Written(call, ExecuteWrite(call, request, true), call.calendar, style);
}

Answer Api::ImportEventInto(Call& call) {
  PassOverColor(call);
  std::variant<Event, ApiError> event = EventFromJson(call.body);
  if (const auto* error = std::get_if<ApiError>(&event)) return Refuse(call, *error);
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  const ImportEvent request{call.calendar, std::get<Event>(std::move(event))};
  return Written(call, ExecuteWrite(call, request, true), call.calendar, style);
}

Answer Api::UpdateEventOf(Call& call) {
  PassOverColor(call);
  std::variant<Event, ApiError> event = EventFromJson(call.body);
  if (const auto* error = std::get_if<ApiError>(&event)) return Refuse(call, *error);
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  Event& body = std::get<Event>(event);
  // To the model, zero is left out (K-6). One that is said is lower than what is there (C-47).
  const bool says_zero = body.sequence == 0 && Member(call.body, "sequence") != nullptr;
  if (says_zero && CurrentOf(call)->sequence > 0) body.sequence = -1;
  const UpdateEvent request{.calendar = call.calendar,
                            .event = call.event(),
                            .body = std::move(body),
                            .if_match = IfMatch(*call.headers),
                            .send_updates = ReadSendUpdates(*call.query)};
  return Written(call, ExecuteWrite(call, request, true), call.calendar, style);
}

Answer Api::PatchEventOf(Call& call) {
  PassOverColor(call);
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  std::variant<EventPatch, ApiError> patch = PatchFromJson(call.body, *CurrentOf(call));
  if (const auto* error = std::get_if<ApiError>(&patch)) return Refuse(call, *error);
  const PatchEvent request{.calendar = call.calendar,
                           .event = call.event(),
                           .patch = std::get<EventPatch>(std::move(patch)),
                           .if_match = IfMatch(*call.headers),
                           .send_updates = ReadSendUpdates(*call.query)};
  return Written(call, ExecuteWrite(call, request, false), call.calendar, style);
}

Answer Api::DeleteEventOf(Call& call) {
  const Reply reply = Execute(call, DeleteEvent{.calendar = call.calendar,
                                                .event = call.event(),
                                                .if_match = IfMatch(*call.headers),
                                                .send_updates = ReadSendUpdates(*call.query)});
  if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error, call.method->id);
  return Answer::NoContent();
}

Answer Api::MoveEventOf(Call& call) {
  const std::string text = call.Text("destination");
  const CalendarId* const primary = text == "primary" ? model_.FindPrimary(call.caller().account) : nullptr;
  const CalendarId destination = primary != nullptr ? *primary : CalendarId(text);
  EventStyle style;
  if (const Calendar* const calendar = model_.FindCalendar(destination)) style.zone = calendar->setup().zone;
  const MoveEvent request{call.calendar, call.event(), destination};
  const Reply reply = Execute(call, request, [&](const Conditions& conditions) {
    Reply moved = model_.Handle(call.caller(), request, call.now, conditions);
    if (std::holds_alternative<EventPtr>(moved)) {
      if (auto extras = extras_.extract({call.calendar, call.event()})) {
        extras_[{destination, call.event()}] = std::move(extras.mapped());
      }
    }
    return moved;
  });
  return Written(call, reply, destination, style);
}

Answer Api::QuickAddInto(Call& call) {
  const Calendar* const calendar = model_.FindCalendar(call.calendar);
  if (calendar == nullptr) return Refuse(call, Error(ErrorId::kNotFound));
  const CalendarSetup& setup = calendar->setup();
  EventStyle style;
  if (std::optional<Answer> wrong = ReadStyle(call, style)) return Refuse(call, *std::move(wrong));
  Event event = QuickEvent(call.Text("text"), call.now, setup.time_zone, setup.zone);
  return Written(call, Execute(call, InsertEvent{call.calendar, std::move(event), ReadSendUpdates(*call.query)}), call.calendar,
                 style);
}

}  // namespace calsync::fake
