#include "fakegoogle/http/control.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "fakegoogle/http/control_page.h"
#include "fakegoogle/http/crowd.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/front.h"
#include "fakegoogle/http/knobs_json.h"
#include "fakegoogle/http/methods.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/truth.h"

namespace calsync::fake {
namespace {

constexpr size_t kLastDefault = 1000;
constexpr absl::Duration kForever = absl::Hours(24 * 366 * 1000);  // Years have four digits.

std::optional<absl::Duration> DurationOf(const Json& body, const char* name) {
  absl::Duration duration;
  const std::string text = StringOf(body, name);
  if (!absl::ParseDuration(text, &duration) || duration < absl::ZeroDuration()) return std::nullopt;
  return duration;
}

int CountOf(const Json& body, const char* name, int otherwise) {
  const Json* const member = Member(body, name);
  return member != nullptr && member->is_number_integer() ? member->get<int>() : otherwise;
}

Json TruthJson(const EventTruth& truth) {
  Json json{{"creator", ToString(truth.creator)},
            {"broughtBy", ToString(truth.brought_by)},
            {"origin", Name(truth.origin)},
            {"createdAt", FormatMillis(truth.created_at)},
            {"lastWriter", ToString(truth.last_writer)},
            {"lastWriteAt", FormatMillis(truth.last_write_at)}};
  if (!truth.came_from.empty()) json["cameFrom"] = truth.came_from.str();
  if (!truth.split_from.empty()) json["splitFrom"] = truth.split_from.str();
  if (truth.deleted_at != absl::InfiniteFuture()) {
    json["deletedBy"] = ToString(truth.deleted_by);
    json["deletedAt"] = FormatMillis(truth.deleted_at);
  }
  return json;
}

class Control {
 public:
  Control(Front& front, const http::Target& target, Json body)
      : front_(front), model_(front.model()), target_(target), body_(std::move(body)) {}

  Answer Get(const std::string& what) {
    if (what == "state") return Answer::Of(State());
    if (what == "journal") return Answer::Of(Journal());
    if (what == "counts") return Answer::Of(Counts());
    if (what == "writes") return Answer::Of(Writes());
    if (what == "events") return Events();
    if (what == "knobs") return Answer::Of(KnobsToJson(model_.knobs()));
    if (what == "export") return Export();
    return ToAnswer(ErrorId::kNotFound);
  }

  Answer Post(const std::string& what) {
    using Handler = Answer (Control::*)();
    static const auto& kHandlers = *new std::map<std::string, Handler>{
        {"clock", &Control::Clock},
        {"accounts", &Control::Accounts},
        {"service-accounts", &Control::ServiceAccounts},
        {"clients", &Control::Clients},
        {"calendars", &Control::Calendars},
        {"crowd", &Control::Crowd},
        {"act", &Control::Act},
        {"plant", &Control::Plant},
        {"expire", &Control::Expire},
        {"grant", &Control::Grants},
        {"role", &Control::Role},
        {"limit", &Control::Limit},
        {"faults", &Control::Faults},
        {"next", &Control::Next},
        {"reset", &Control::Reset},
        {"knobs", &Control::TurnKnobs},
        {"administrators", &Control::Administrators},
        {"import", &Control::Import},
        {"save", &Control::Save},
    };
    const auto found = kHandlers.find(what);
    return found == kHandlers.end() ? ToAnswer(ErrorId::kNotFound) : (this->*found->second)();
  }

 private:
  size_t Last() const {
    size_t last = kLastDefault;
    return absl::SimpleAtoi(target_.query.Get("last"), &last) ? last : kLastDefault;
  }

  Json State() {
    Json json{{"now", FormatMillis(front_.Now())}, {"manualClock", front_.has_manual_clock()}, {"rootUrl", front_.root_url()}};
    json["accounts"] = Json::array();
    for (const AccountId& account : model_.Accounts()) json["accounts"].push_back(account.str());
    json["calendars"] = Json::array();
    for (const CalendarId& id : model_.Calendars()) {
      const Calendar& calendar = *model_.FindCalendar(id);
      Json one{{"id", id.str()},
               {"summary", calendar.setup().summary},
               {"owner", calendar.setup().owner.str()},
               {"timeZone", calendar.setup().time_zone},
               {"events", model_.CountLive(id)},
               {"channels", model_.CountLiveChannels(id, front_.Now())}};
      one["roles"] = Json::object();
      for (const auto& [account, role] : calendar.roles()) one["roles"][account.str()] = Name(role);
      json["calendars"].push_back(std::move(one));
    }
    const FaultLayer& faults = front_.api().faults();
    json["faults"] = Json::array();
    for (size_t i = 0; i < kFaultKinds; ++i) {
      const auto kind = static_cast<FaultKind>(i);
      json["faults"].push_back({{"id", CatalogueId(kind)},
                                {"what", Words(kind)},
                                {"perMille", faults.plan()[kind]},
                                {"struck", faults.counts()[kind]}});
    }
    json["scripted"] = front_.api().scripted().size();
    return json;
  }

  Json Journal() {
    Json lines = Json::array();
    const auto& journal = front_.journal();
    for (size_t i = journal.size() - std::min(journal.size(), Last()); i < journal.size(); ++i) {
      const JournalLine& line = journal[i];
      Json one{{"at", FormatMillis(line.at)}, {"what", line.what}, {"target", line.target}};
      if (!line.who.empty()) one["who"] = line.who;
      one["status"] = line.status;
      if (!line.note.empty()) one["note"] = line.note;
      lines.push_back(std::move(one));
    }
    return Json{{"lines", std::move(lines)}};
  }

  // For tests of size, to which the whole state is too long.
  Json Counts() {
    Json counts = Json::object();
    for (const auto& [line, count] : front_.counts()) counts[line] = count;
    return Json{{"counts", std::move(counts)}, {"channels", model_.CountLiveChannels(CalendarId(), front_.Now())}};
  }

  Json Writes() {
    Json lines = Json::array();
    const auto& writes = front_.writes();
    for (size_t i = writes.size() - std::min(writes.size(), Last()); i < writes.size(); ++i) {
      const WriteRecord& write = writes[i];
      lines.push_back({{"at", FormatMillis(write.time)},
                       {"actor", ToString(write.actor)},
                       {"kind", Name(write.kind)},
                       {"calendar", write.calendar.str()},
                       {"event", write.event.str()},
                       {"mails", write.mails}});
    }
    return Json{{"writes", std::move(lines)}};
  }

  Answer Events() {
    const CalendarId id(target_.query.Get("calendar"));
    const Calendar* const calendar = model_.FindCalendar(id);
    if (calendar == nullptr) return Refusal("There is no such calendar.", "notFound", "calendar", 404);
    Json items = Json::array();
    for (const auto& [event, entry] : calendar->by_id()) {
      Json one = EventToJson(*calendar->Current(entry), id, {.zone = calendar->setup().zone});
      one["truth"] = TruthJson(calendar->entry(entry).truth);
      items.push_back(std::move(one));
    }
    return Answer::Of(Json{{"items", std::move(items)}});
  }

  // --- What is done to the fake.

  Answer Clock() {
    if (!front_.has_manual_clock())
      return Refusal("The clock is the machine's; start with --clock manual to move it.", "realClock");
    if (const std::optional<absl::Duration> duration = DurationOf(body_, "advance"); duration && *duration < kForever) {
      front_.SetClock(front_.Now() + *duration);
    } else if (const std::optional<absl::Time> to = ParseInstant(StringOf(body_, "to")); to && *to >= front_.Now()) {
      front_.SetClock(*to);
    } else {
      return Refusal("\"advance\" is a duration such as \"90m\", \"to\" a time not before now.", "invalid", "advance");
    }
    return Answer::Of(Json{{"now", FormatMillis(front_.Now())}});
  }

  Answer Accounts() {
    const std::string email = StringOf(body_, "email");
    const std::string zone =
        Member(body_, "timeZone") != nullptr ? StringOf(body_, "timeZone") : front_.options().beginning.time_zone;
    if (email.empty() || !ical::MachineZone(zone)) return Refusal("\"email\" and a \"timeZone\" of the IANA are needed.");
    if (const absl::Status added = front_.AddPerson(AccountId(email), zone); !added.ok()) {
      return Refusal(added.message(), "duplicate", "email", 409);
    }
    return Answer::Of({{"email", email},
                       {"accessToken", absl::StrCat("test-token-", email)},
                       {"refreshToken", absl::StrCat("test-refresh-token-", email)}});
  }

  Answer ServiceAccounts() {
    const AccountId account(StringOf(body_, "email"));
    const std::string key = StringOf(body_, "publicKey");
    if (account.empty() || key.empty()) return Refusal("\"email\" and \"publicKey\" (PEM) are needed.");
    if (!model_.HasAccount(account)) front_.AddPerson(account, front_.options().beginning.time_zone).IgnoreError();
    front_.oauth().AddServiceAccount(account, key);
    return Answer::Of(Json{{"email", account.str()}});
  }

  Answer Clients() {
    const std::string id = StringOf(body_, "id");
    if (id.empty()) return Refusal("\"id\" and \"secret\" are needed.");
    front_.oauth().AddClient(id, StringOf(body_, "secret"));
    return Answer::Of(Json{{"id", id}});
  }

  Answer Calendars() {
    const AccountId account(StringOf(body_, "account"));
    const std::string zone =
        Member(body_, "timeZone") != nullptr ? StringOf(body_, "timeZone") : front_.options().beginning.time_zone;
    if (!model_.HasAccount(account) || !ical::MachineZone(zone)) return Refusal("\"account\" must be there, \"timeZone\" known.");
    const Json* const push = Member(body_, "push");
    if (push != nullptr && !push->is_boolean()) return Refusal("\"push\" is true or false.", "invalid", "push");
    const Api::Push supported = push == nullptr || *push == true ? Api::Push::kSupported : Api::Push::kRefused;
    const CalendarId id = front_.api().AddCalendar(account, StringOf(body_, "summary"), zone, supported);
    return Answer::Of(Json{{"id", id.str()}});
  }

  Answer Crowd() {
    const absl::StatusOr<Json> made = MakeCrowd(front_, body_);
    return made.ok() ? Answer::Of(*made) : Refusal(made.status().message());
  }

  Answer Expire() {
    const std::optional<CalendarId> calendar = KnownCalendar("calendar");
    if (!calendar) return NoCalendar();
    model_.ExpireSyncTokens(*calendar);
    return Done();
  }

  Answer Grants() {
    const AccountId account(StringOf(body_, "account"));
    const std::string grant = StringOf(body_, "grant");
    if (!model_.HasAccount(account)) return Refusal("There is no such account.", "notFound", "account", 404);
    if (grant == "expired") {
      front_.oauth().Expire(account);
      return Done();
    }
    if (grant != "full" && grant != "readOnly" && grant != "revoked") {
      return Refusal("\"grant\" is full, readOnly, revoked or expired.");
    }
    model_.SetGrant(account, grant == "full" ? Grant::kFull : grant == "readOnly" ? Grant::kReadOnly : Grant::kRevoked);
    if (grant == "revoked") front_.oauth().Revoke(account);
    if (grant == "full") front_.GiveTestTokens(account);
    return Done();
  }

  Answer Role() {
    const std::optional<CalendarId> calendar = KnownCalendar("calendar");
    const AccountId account(StringOf(body_, "account"));
    const std::optional<AccessRole> role = RoleOf(StringOf(body_, "role"));
    if (!calendar) return NoCalendar();
    if (account.empty() || !role) return Refusal("\"account\" and a \"role\" are needed.");
    model_.SetRole(*calendar, account, *role);
    return Done();
  }

  Answer Administrators() {
    const AccountId account(StringOf(body_, "account"));
    if (!model_.HasAccount(account)) return Refusal("There is no such account.", "notFound", "account", 404);
    front_.api().AddAdministrator(account);
    return Done();
  }

  Answer Limit() {
    const AccountId account(StringOf(body_, "account"));
    const std::optional<absl::Duration> duration = DurationOf(body_, "for");
    if (!model_.HasAccount(account) || !duration) return Refusal("\"account\" and \"for\", a duration, are needed.");
    model_.SetUsageLimit(account, front_.Now() + *duration);
    return Done();
  }

  Answer Faults() {
    FaultLayer& faults = front_.api().faults();
    if (Member(body_, "clear") != nullptr) {
      faults.Calm();
      front_.api().scripted().clear();
    }
    if (Member(body_, "profile") != nullptr) {
      const std::optional<FaultPlan> plan = FaultProfile(StringOf(body_, "profile"));
      if (!plan) return Refusal("\"profile\" is none, mild or rough.", "invalid", "profile");
      faults.plan() = *plan;
    }
    if (const Json* const rates = Member(body_, "rates")) {
      for (const auto& [id, rate] : rates->items()) {
        const std::optional<FaultKind> kind = KindOf(id);
        if (!kind || !rate.is_number_integer() || rate < 0 || rate > 1000) {
          return Refusal(absl::StrCat("\"", id, "\" must be the id of a fault, its rate a number up to 1000."), "invalid",
                         "rates");
        }
        faults.plan()[*kind] = rate.get<int>();
      }
    }
    return Answer::Of(State()["faults"]);
  }

  static std::optional<FaultKind> KindOf(absl::string_view id) {
    for (size_t i = 0; i < kFaultKinds; ++i) {
      if (CatalogueId(static_cast<FaultKind>(i)) == id) return static_cast<FaultKind>(i);
    }
    return std::nullopt;
  }

  Answer Next() {
    ScriptedFault fault{.method = StringOf(body_, "method"),
                        .count = CountOf(body_, "count", 1),
                        .applied = Member(body_, "applied") != nullptr && body_["applied"] == true};
    const auto is_it = [&](const Method& method) { return method.id == fault.method; };
    if (!fault.method.empty() && std::none_of(Methods().begin(), Methods().end(), is_it)) {
      return Refusal("No method of the service has this \"method\" as its id; \"events.insert\" is one.", "invalid", "method");
    }
    const std::string reason = StringOf(body_, "reason");
    const int status = CountOf(body_, "status", 0);
    if (status != 0 || !reason.empty()) {
      for (const ErrorId id : AllErrors()) {
        const ApiError error = Error(id);
        if ((status == 0 || error.code == status) && (reason.empty() || error.reason == reason)) {
          fault.error = error;
          break;
        }
      }
      if (!fault.error) return Refusal("No error of the service has this \"status\" and \"reason\".", "invalid", "status");
    }
    const std::string ending = StringOf(body_, "ending");
    if (ending == "cut") {
      fault.ending = http::Ending::kCut;
    } else if (ending == "never") {
      fault.ending = http::Ending::kNever;
    } else if (ending == "truncated") {
      fault.ending = http::Ending::kTruncated;
    } else if (!ending.empty()) {
      return Refusal("\"ending\" is cut, never or truncated.", "invalid", "ending");
    }
    if (Member(body_, "after") != nullptr) {
      const std::optional<absl::Duration> after = DurationOf(body_, "after");
      if (!after) return Refusal("\"after\" is a duration.", "invalid", "after");
      fault.after = *after;
    }
    front_.api().scripted().push_back(std::move(fault));
    return Done();
  }

  Answer TurnKnobs() {
    if (const absl::Status read = ReadKnobs(body_, model_.knobs()); !read.ok()) return Refusal(read.message());
    return Answer::Of(KnobsToJson(model_.knobs()));
  }

  Answer Reset() {
    front_.Reset();
    return Done();
  }

  // --- The whole of it.

  Answer Export() const {
    absl::StatusOr<Json> state = front_.Export();
    return state.ok() ? Answer::Of(*std::move(state)) : Refusal(state.status().message(), "tooLong", "", 409);
  }

  Answer Import() {
    const absl::Status taken = front_.Import(body_);
    return taken.ok() ? Done() : Refusal(absl::StrCat("The body ", taken.message(), "."));
  }

  Answer Save() {
    if (!front_.options().keeps) return Refusal("There is no file to save to; start with --state FILE.", "noFile", "", 409);
    const absl::StatusOr<Json> state = front_.Export();
    const absl::Status saved = state.ok() ? front_.options().keeps(*state) : state.status();
    return saved.ok() ? Done() : Refusal(saved.message(), "notSaved", "", 500);
  }

  // --- What people do.

  Answer Plant() {
    const std::optional<CalendarId> calendar = KnownCalendar("calendar");
    const Json* const body = Member(body_, "body");
    if (!calendar) return NoCalendar();
    if (body == nullptr) return Refusal("\"body\", an event, is needed.", "required", "body");
    std::variant<Event, ApiError> event = EventFromJson(*body);
    if (const auto* error = std::get_if<ApiError>(&event)) return ToAnswer(*error);
    const EventPtr planted = model_.Plant(*calendar, std::get<Event>(std::move(event)), Person(AccountId()), front_.Now());
    if (const Json* const extras = Member(body_, "extras")) front_.api().SetExtras(*calendar, planted->id, *extras);
    return Shown(planted, *calendar);
  }

  Answer Act() {
    const AccountId account(StringOf(body_, "as"));
    if (!model_.HasAccount(account)) return Refusal("\"as\" is none of the accounts.", "notFound", "as", 404);
    const CalendarId* const primary = model_.FindPrimary(account);
    CalendarId calendar = Member(body_, "calendar") != nullptr ? CalendarId(StringOf(body_, "calendar"))
                          : primary != nullptr                 ? *primary
                                                               : CalendarId();
    if (model_.FindCalendar(calendar) == nullptr) return NoCalendar();
    const Caller person{account, Person(account)};
    const std::string what = StringOf(body_, "do");
    const Json* const body = Member(body_, "body");
    const Json empty = Json::object();
    if (what == "create") {
      std::variant<Event, ApiError> event = EventFromJson(body == nullptr ? empty : *body);
      if (const auto* error = std::get_if<ApiError>(&event)) return ToAnswer(*error);
      return Replied(person, InsertEvent{calendar, std::get<Event>(std::move(event))}, calendar);
    }
    const EventId id(StringOf(body_, "event"));
    const EventPtr* const stored = model_.Find(calendar, id);
    const EventPtr event = stored != nullptr ? *stored : model_.FindOccurrence(calendar, id);
    if (event == nullptr) return Refusal("There is no such event on this calendar.", "notFound", "event", 404);

    if (what == "delete") return Replied(person, DeleteEvent{calendar, id}, calendar);
    if (what == "move")
      return Replied(person, MoveEvent{calendar, id, CalendarId(StringOf(body_, "to"))}, CalendarId(StringOf(body_, "to")));
    if (what == "copy") {
      const CalendarId to(StringOf(body_, "to"));
      Event copy = *event;
      copy.id = EventId();
      copy.ical_uid = ICalUid();
      copy.recurring_event_id = EventId();
      copy.original_start = EventTime();
      return Replied(person, InsertEvent{to, std::move(copy)}, to);
    }
    std::variant<EventPatch, ApiError> patch =
        PatchFromJson(body == nullptr ? (what == "drag" ? Dragged() : empty) : *body, *event);
    if (const auto* error = std::get_if<ApiError>(&patch)) return ToAnswer(*error);
    EventPatch& change = std::get<EventPatch>(patch);
    if (what == "split") {
      const std::optional<absl::Time> at = ParseInstant(StringOf(body_, "at"));
      absl::CivilDay day;
      if (!at && !absl::ParseCivilTime(StringOf(body_, "at"), &day))
        return Refusal("\"at\" is an original start.", "invalid", "at");
      const Reply reply =
          model_.SplitSeries(calendar, id, at ? EventTime::At(*at) : EventTime::Date(day), change, person.actor, front_.Now());
      if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error);
      return Shown(std::get<EventPtr>(reply), calendar);
    }
    static const auto& kAnswers = *new std::map<std::string, ResponseStatus>{
        {"accept", ResponseStatus::kAccepted}, {"decline", ResponseStatus::kDeclined}, {"tentative", ResponseStatus::kTentative}};
    if (const auto answer = kAnswers.find(what); answer != kAnswers.end()) {
      change.attendees = event->attendees;
      for (Attendee& attendee : *change.attendees) {
        if (attendee.self) attendee.response = answer->second;
      }
    } else if (what == "undelete") {
      change.status = EventStatus::kConfirmed;
    } else if (what != "edit" && what != "drag") {
      return Refusal("\"do\" is none of the things that people do.", "invalid", "do");
    }
    return Replied(person, PatchEvent{.calendar = calendar, .event = id, .patch = change}, calendar);
  }

  Json Dragged() const {
    Json times = Json::object();
    for (const char* name : {"start", "end"}) {
      if (const Json* const time = Member(body_, name)) times[name] = *time;
    }
    return times;
  }

  ActorId Person(const AccountId& account) const {
    const std::vector<AccountId> all = model_.Accounts();
    const auto place = std::find(all.begin(), all.end(), account) - all.begin();
    return {ActorKind::kPerson, static_cast<uint32_t>(place) + 1};
  }

  Answer Replied(const Caller& person, const Request& request, const CalendarId& calendar) {
    const Reply reply = model_.Handle(person, request, front_.Now());
    if (const auto* error = std::get_if<ApiError>(&reply)) return ToAnswer(*error);
    if (const auto* event = std::get_if<EventPtr>(&reply)) return Shown(*event, calendar);
    return Done();
  }

  Answer Shown(const EventPtr& event, const CalendarId& calendar) const {
    return Answer::Of(EventToJson(*event, calendar, {.zone = model_.FindCalendar(calendar)->setup().zone}));
  }

  std::optional<CalendarId> KnownCalendar(const char* name) const {
    const CalendarId id(StringOf(body_, name));
    return model_.FindCalendar(id) == nullptr ? std::nullopt : std::optional<CalendarId>(id);
  }
  static Answer NoCalendar() { return Refusal("There is no such calendar.", "notFound", "calendar", 404); }
  static Answer Done() { return Answer::Of(Json{{"done", true}}); }

  Front& front_;
  Server& model_;
  const http::Target& target_;
  const Json body_;
};

// A page of another site must not drive the fake through somebody's browser, nor one whose name was made to lead here.
bool IsForeign(const http::Request& request, bool remote) {
  const std::string host = absl::StrCat("http://", request.headers.Get("Host"));
  const std::optional<http::Address> address = http::ParseAddress(host);
  if (!remote && address && !http::IsLoopback(address->host)) return true;
  const std::string* const origin = request.headers.Find("Origin");
  return origin != nullptr && *origin != host;
}

// Of what is posted.
bool IsPassing(absl::string_view what) { return what == "reset" || what == "import" || what == "save"; }

}  // namespace

bool IsLasting(const http::Request& request, bool remote) {
  const std::optional<http::Target> target = http::ParseTarget(request.target);
  if (!target) return false;
  if (target->segments[0] != "_fake") return true;
  return request.method == "POST" && target->segments.size() == 2 && !IsPassing(target->segments[1]) &&
         !IsForeign(request, remote);
}

http::Response HandleControl(Front& front, const http::Request& request, const http::Target& target) {
  if (IsForeign(request, front.options().remote))
    return ToResponse(Refusal("Not from another site.", "forbidden", "", 403), false);
  const std::string what = target.segments.size() == 2 ? target.segments[1] : "?";
  if (request.method == "GET" && (what.empty() || target.segments.size() == 1)) {
    return {.headers = {{"Content-Type", "text/html; charset=utf-8"}}, .body = std::string(ControlPage())};
  }
  std::optional<Json> body = request.body.empty() ? Json::object() : ParseJson(request.body);
  if (!body || !body->is_object()) return ToResponse(ToAnswer(ErrorId::kParseError), false);
  Control control(front, target, *std::move(body));
  if (request.method == "GET") return ToResponse(control.Get(what), false);
  if (request.method == "POST") return ToResponse(control.Post(what), false);
  return ToResponse(Refusal("Method Not Allowed", "httpMethodNotAllowed", "", 405), false);
}

}  // namespace calsync::fake
