#include "fakegoogle/http/api.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/siphash.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

// However late a fault makes an answer, somebody waits for it.
constexpr absl::Duration kLatest = absl::Minutes(10);

// C-44. `etag` is empty where there is none.
bool IsUnchanged(const http::Headers& headers, absl::string_view etag) {
  const std::string* const value = headers.Find("If-None-Match");
  return value != nullptr && !etag.empty() && (*value == "*" || absl::StrContains(*value, etag));
}

}  // namespace

Api::Api(Server& model, std::string root_url, uint64_t seed)
    : model_(model), root_url_(std::move(root_url)), random_(Mix64(seed + 11)) {
  // A program's own machine has latency enough.
  faults_.plan().latency_min = absl::ZeroDuration();
  faults_.plan().latency_max = absl::ZeroDuration();
  faults_.plan().notice_after = absl::ZeroDuration();
}

int Api::Call::Whole(absl::string_view name, int otherwise) const {
  int value = otherwise;
  return absl::SimpleAtoi(query->Get(name), &value) ? value : otherwise;
}

uint64_t Api::Choose(uint64_t bound) { return bound < 2 ? 0 : NextRandom(random_) % bound; }

Answer Api::Handle(const http::Request& request, absl::string_view verb, const std::vector<std::string>& path,
                   const http::Parameters& query, const Identity* identity, absl::Time now) {
  last_method_.clear();
  std::optional<Route> route = FindRoute(verb, path);
  if (!route) return ToAnswer(ErrorId::kNotFound);
  if (route->method == nullptr) return Refusal("Method Not Allowed", "httpMethodNotAllowed", "", 405);
  last_method_ = route->method->id;
  if (identity == nullptr) return ToAnswer(Error(ErrorId::kLoginRequired), route->method->id);
  Call call{.method = route->method,
            .path = std::move(route->path),
            .query = &query,
            .headers = &request.headers,
            .raw = request.body,
            .identity = *identity,
            .now = now};
  if ((call.method->scopes & call.identity.scopes) == 0) {  // C-106.
    return ToAnswer(Error(ErrorId::kInsufficientPermissions), call.method->id);
  }
  if (const auto found = call.path.find("calendarId"); found != call.path.end()) {  // C-109.
    const CalendarId* const primary = found->second == "primary" ? model_.FindPrimary(call.caller().account) : nullptr;
    call.calendar = primary != nullptr ? *primary : CalendarId(found->second);
  }

  bool applied = false;
  std::optional<Answer> scripted = TakeScripted(call, applied);
  if (scripted && !applied) return *std::move(scripted);
  Answer answer = Dispatch(call);
  if (scripted) {
    if (scripted->error) return *std::move(scripted);
    answer.ending = scripted->ending;
    answer.after = scripted->after;
    return answer;
  }
  answer.after = std::min(call.after, kLatest);
  answer.ending = call.ending;
  answer.unreadable = answer.unreadable || call.unreadable;
  return answer;
}

Answer Api::Dispatch(Call& call) {
  if (std::optional<Answer> wrong = CheckParameters(call)) return Refuse(call, *std::move(wrong));
  if (!call.method->request.empty() && !call.raw.empty()) {
    std::optional<Json> body = ParseJson(call.raw);
    if (!body || !body->is_object()) return Refuse(call, Error(ErrorId::kParseError));
    call.body = *std::move(body);
  }
  const Selection* selection = nullptr;
  if (const std::string* const fields = call.query->Find("fields")) {  // C-36.
    selection = &SelectionOf(*fields, call.method->response);
    if (!selection->unknown.empty()) {
      return Refuse(call, Refusal(absl::StrCat("Invalid field selection ", selection->unknown), "invalidParameter", "fields"));
    }
  }

  using Handler = Answer (Api::*)(Call&);
  static const auto& kHandlers = *new std::map<std::string, Handler>{
      {"events.list", &Api::ListEventsOf},
      {"events.get", &Api::GetEventOf},
      {"events.insert", &Api::InsertEventInto},
      {"events.import", &Api::ImportEventInto},
      {"events.patch", &Api::PatchEventOf},
      {"events.update", &Api::UpdateEventOf},
      {"events.delete", &Api::DeleteEventOf},
      {"events.move", &Api::MoveEventOf},
      {"events.instances", &Api::ListInstancesOf},
      {"events.quickAdd", &Api::QuickAddInto},
      {"events.watch", &Api::WatchCollection},
      {"acl.watch", &Api::WatchCollection},
      {"calendarList.watch", &Api::WatchCollection},
      {"settings.watch", &Api::WatchCollection},
      {"channels.stop", &Api::StopChannelOf},
      {"acl.delete", &Api::AccessMethod},
      {"acl.get", &Api::AccessMethod},
      {"acl.insert", &Api::AccessMethod},
      {"acl.list", &Api::AccessMethod},
      {"acl.patch", &Api::AccessMethod},
      {"acl.update", &Api::AccessMethod},
      {"calendarList.delete", &Api::CalendarListMethod},
      {"calendarList.get", &Api::CalendarListMethod},
      {"calendarList.insert", &Api::CalendarListMethod},
      {"calendarList.list", &Api::CalendarListMethod},
      {"calendarList.patch", &Api::CalendarListMethod},
      {"calendarList.update", &Api::CalendarListMethod},
      {"calendars.clear", &Api::CalendarMethod},
      {"calendars.delete", &Api::CalendarMethod},
      {"calendars.get", &Api::CalendarMethod},
      {"calendars.insert", &Api::CalendarMethod},
      {"calendars.patch", &Api::CalendarMethod},
      {"calendars.transferOwnership", &Api::TransferCalendar},
      {"calendars.update", &Api::CalendarMethod},
      {"freebusy.query", &Api::QueryFreeBusy},
      {"settings.get", &Api::SettingsMethod},
      {"settings.list", &Api::SettingsMethod},
      {"colors.get", &Api::SettingsMethod},
  };
  Answer answer = (this->*kHandlers.at(call.method->id))(call);
  if (call.method->verb == "GET" && !answer.error && IsUnchanged(*call.headers, answer.etag)) {
    answer.status = 304;
    answer.body.reset();
  }
  if (selection != nullptr && !answer.error && answer.body) SelectFields(selection->fields, *answer.body);
  return answer;
}

const Api::Selection& Api::SelectionOf(const std::string& fields, const std::string& schema) {
  constexpr size_t kKept = 256;  // A client has a few of them.
  const auto key = std::make_pair(schema, fields);
  if (const auto known = selections_.find(key); known != selections_.end()) return known->second;
  if (selections_.size() >= kKept) selections_.clear();
  Selection selection;
  if (std::optional<FieldTree> tree = ParseFields(fields)) {
    selection.unknown = UnknownField(*tree, schema);
    selection.fields = *std::move(tree);
  } else {
    selection.unknown = fields;
    selection.fields.all = true;  // An empty text selects nothing out.
  }
  return selections_.emplace(key, std::move(selection)).first->second;
}

std::optional<Answer> Api::CheckParameters(const Call& call) const {
  for (const Parameter& parameter : call.method->parameters) {
    if (parameter.in_path) continue;
    const std::vector<std::string> values = call.query->All(parameter.name);
    if (values.empty() && parameter.required) {
      return Refusal(absl::StrCat("Required parameter: ", parameter.name), "required", parameter.name);
    }
    const bool right =
        std::all_of(values.begin(), values.end(), [&](const std::string& value) { return parameter.Allows(value); });
    if (!right) return Refusal(absl::StrCat("Invalid value for ", parameter.name, "."), "invalidParameter", parameter.name);
  }
  if (call.Has("alt") && call.Text("alt") != "json") return Refusal("Invalid value for alt.", "invalidParameter", "alt");
  return std::nullopt;
}

Answer Api::Refuse(Call& call, Answer answer) {
  if (std::optional<Answer> refused = Admit(call, false)) return *std::move(refused);
  if (!call.calendar.empty() && RoleOn(call, call.calendar) == AccessRole::kNone) return ToAnswer(ErrorId::kNotFound);
  return answer;
}

std::optional<Answer> Api::Admit(Call& call, bool writes) {
  // What a write costs and needs does not depend on what is written.
  const Request like = writes ? Request(DeleteEvent{}) : Request(GetCalendar{});
  if (std::optional<ApiError> error = model_.Admit(call.caller(), like, call.now)) return ToAnswer(*error, call.method->id);
  return std::nullopt;
}

AccessRole Api::RoleOn(const Call& call, const CalendarId& calendar) const {
  const Calendar* const found = model_.FindCalendar(calendar);
  return found == nullptr ? AccessRole::kNone : found->RoleOf(call.caller().account);
}

Reply Api::Execute(Call& call, const Request& request) {
  return Execute(call, request,
                 [&](const Conditions& conditions) { return model_.Handle(call.caller(), request, call.now, conditions); });
}

Reply Api::Execute(Call& call, const Request& request, CarryOut carry_out) {
  const auto choose = [this](uint64_t bound, absl::string_view) { return Choose(bound); };
  const CallPlan plan = plan_.has_value() ? *plan_ : faults_.PlanCall(call.caller(), request, call.now, choose);
  Reply reply = Error(ErrorId::kBackendError);
  for (int i = 0; i < plan.apply; ++i) reply = carry_out(plan.conditions);
  call.after = plan.answered_after;
  switch (plan.answer) {
    case CallPlan::Answer::kReal:
      return reply;
    case CallPlan::Answer::kNever:
      call.after = absl::ZeroDuration();
      call.ending = http::Ending::kNever;
      return reply;
    case CallPlan::Answer::kError:
      break;
  }
  switch (plan.error->transport) {
    case Transport::kAnswered:
      return *plan.error;
    case Transport::kNotSent:
    case Transport::kReset:
      call.ending = http::Ending::kCut;
      return reply;
    case Transport::kTimeout:
      call.ending = http::Ending::kNever;
      return reply;
    case Transport::kUnreadable:  // C-104: HTML, or half of the body.
      call.unreadable = Choose(2) == 1;
      if (!call.unreadable) call.ending = http::Ending::kTruncated;
      return reply;
  }
  return reply;
}

std::optional<Answer> Api::TakeScripted(Call& call, bool& applied) {
  const auto found = std::find_if(scripted_.begin(), scripted_.end(), [&](const ScriptedFault& fault) {
    return fault.method.empty() || fault.method == call.method->id;
  });
  if (found == scripted_.end()) return std::nullopt;
  const ScriptedFault fault = *found;
  if (--found->count <= 0) scripted_.erase(found);
  Answer answer;
  if (fault.error) answer = ToAnswer(*fault.error, call.method->id);
  answer.ending = fault.ending;
  answer.after = fault.after;
  applied = fault.applied || (!fault.error && fault.ending == http::Ending::kWhole);
  return answer;
}

void Api::SetExtras(const CalendarId& calendar, const EventId& event, Json extras) {
  extras_[{calendar, event}] = std::move(extras);
}

}  // namespace calsync::fake
