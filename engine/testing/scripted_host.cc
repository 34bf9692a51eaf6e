#include "engine/testing/scripted_host.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"

namespace calsync {
namespace {

constexpr int kAnswersMax = 10000;

std::string ShortName(const CalendarId& calendar) { return std::string(absl::StripSuffix(calendar.text(), "@example.com")); }

ApiError ErrorOf(int code, const char* reason) { return {.code = code, .reason = reason}; }

bool ComesBefore(const Record& a, const Record& b) {
  return std::make_tuple(a.calendar, a.event.view()) < std::make_tuple(b.calendar, b.event.view());
}

template <class T>
void TakeOver(const std::optional<T>& from, T& to) {
  if (from.has_value()) to = *from;
}

void MergeProperties(const std::map<std::string, std::optional<std::string>>& from, PropertyMap& to) {
  for (const auto& [key, value] : from) {
    if (value.has_value()) {
      to[key] = *value;
    } else {
      to.erase(key);
    }
  }
}

Event StubOf(const Event& event) {
  Event stub;
  stub.id = event.id;
  stub.etag = event.etag;
  stub.created = event.created;
  stub.status = EventStatus::kCancelled;
  return stub;
}

}  // namespace

ScriptedHost::ScriptedHost(GroupConfig config, GroupImage image, uint64_t seed)
    : config_(std::move(config)), image_(std::move(image)), seed_(seed) {
  std::sort(image_.records.begin(), image_.records.end(), ComesBefore);
}

void ScriptedHost::Put(const EventSpec& spec) {
  Event event = EventOf(spec);
  Store(spec.at.substr(0, spec.at.find('/')), std::move(event));
}

void ScriptedHost::Store(absl::string_view calendar, Event event) {
  ++change_;
  event.etag = Etag(absl::StrCat("\"", 1000 + change_, "\""));
  event.updated = now_ + absl::Milliseconds(change_ % 1000);
  updated_[std::string(calendar)] = *event.updated;
  if (event.ical_uid.empty()) event.ical_uid = ICalUid(absl::StrCat(event.id.text(), "@google.com"));
  changed_[{std::string(calendar), event.id.str()}] = change_;
  events_[std::string(calendar)][event.id.str()] = std::move(event);
}

void ScriptedHost::Cancel(absl::string_view calendar, absl::string_view event) {
  Edit(calendar, event, [](Event& edited) { edited.status = EventStatus::kCancelled; });
}

void ScriptedHost::Purge(absl::string_view calendar, absl::string_view event) {
  events_[std::string(calendar)].erase(std::string(event));
}

bool ScriptedHost::Has(absl::string_view calendar, absl::string_view event) const {
  const auto at = events_.find(std::string(calendar));
  return at != events_.end() && at->second.count(std::string(event)) > 0;
}

const Event& ScriptedHost::Get(absl::string_view calendar, absl::string_view event) const {
  CALSYNC_CHECK(Has(calendar, event));
  return events_.at(std::string(calendar)).at(std::string(event));
}

std::vector<Event> ScriptedHost::Live(absl::string_view calendar) const {
  std::vector<Event> live;
  const auto at = events_.find(std::string(calendar));
  if (at == events_.end()) return live;
  for (const auto& [id, event] : at->second) {
    if (!event.IsCancelled()) live.push_back(event);
  }
  return live;
}

void ScriptedHost::FailListings(absl::string_view calendar, std::optional<ApiError> error) {
  broken_.erase(std::string(calendar));
  if (error.has_value()) broken_[std::string(calendar)] = *error;
}

void ScriptedHost::Start(bool restored) {
  const SipKey seed{seed_, ++engines_};
  if (on_start != nullptr) on_start(config_, image_, seed);
  engine_.emplace(config_, image_, seed);
  timer_ = absl::InfiniteFuture();
  Give(Started{restored});
}

Effects ScriptedHost::Give(const Input& input) {
  if (std::holds_alternative<TimerFired>(input)) timer_ = absl::InfiniteFuture();
  if (const OperatorCommand* command = std::get_if<OperatorCommand>(&input)) {
    if (const Reconfigure* reconfigure = std::get_if<Reconfigure>(command)) config_ = reconfigure->config;
  }
  Effects effects = engine_->Step(input, now_);
  if (on_step != nullptr) on_step(input, now_, effects);
  CarryOut(effects);
  const std::string wrong = engine_->Verify();
  if (!wrong.empty()) CheckFailed(__FILE__, __LINE__, wrong.c_str());
  return effects;
}

void ScriptedHost::Crash(Carried carried) {
  for (const ApiCall& call : waiting_) {
    if (carried == Carried::kOut) CarryOut(*call.request);
  }
  waiting_.clear();
  engine_.reset();
}

void ScriptedHost::AnswerNext() {
  CALSYNC_CHECK(!waiting_.empty());
  const ApiCall call = waiting_.front();
  waiting_.pop_front();
  Give(ApiReply{call.id, Answer(*call.request)});
}

void ScriptedHost::AnswerAll() {
  for (int answers = 0; !waiting_.empty(); ++answers) {
    CALSYNC_CHECK(answers < kAnswersMax);  // The engine never comes to rest.
    AnswerNext();
  }
}

void ScriptedHost::Advance(absl::Duration by) {
  const absl::Time until = now_ + by;
  AnswerAll();
  for (int fired = 0; timer_ <= until; ++fired) {
    CALSYNC_CHECK(fired < kAnswersMax);  // The engine wants to be woken for ever.
    now_ = std::max(now_, timer_);
    Give(TimerFired{});
    AnswerAll();
  }
  now_ = until;
}

const Record& ScriptedHost::BlockOf(absl::string_view source, absl::string_view target) const {
  const size_t slash = source.find('/');
  const auto at = records().FindAt(KeyOf(source.substr(0, slash)), source.substr(slash + 1));
  CALSYNC_CHECK(at.has_value());
  const auto block = records().FindBlock(records()[*at].id, KeyOf(target));
  CALSYNC_CHECK(block.has_value());
  return records()[*block];
}

std::string ScriptedHost::IdOfBlock(absl::string_view source, absl::string_view target) const {
  return BlockOf(source, target).event.ToString();
}

size_t ScriptedHost::Audited(AuditKind kind) const {
  size_t count = 0;
  for (const Effect& effect : effects_) {
    const Commit* commit = std::get_if<Commit>(&effect);
    if (commit == nullptr) continue;
    for (const AuditEntry& entry : commit->audit) count += entry.kind == kind ? 1 : 0;
  }
  return count;
}

void ScriptedHost::ClearLog() {
  calls_.clear();
  effects_.clear();
}

void ScriptedHost::CarryOut(const Effects& effects) {
  for (const Effect& effect : effects) {
    effects_.push_back(effect);
    std::visit(Overloaded{
                   [&](const Commit& commit) { Apply(commit); },
                   [&](const ApiCall& call) {
                     calls_.push_back(call);
                     waiting_.push_back(call);
                   },
                   [&](const SetTimer& timer) { timer_ = timer.at; },
               },
               effect);
  }
}

void ScriptedHost::Apply(const Commit& commit) {
  auto& records = image_.records;
  const auto erase = [&](CalendarKey calendar, absl::string_view event) {
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [&](const Record& held) { return held.calendar == calendar && held.event.Equals(event); }),
                  records.end());
  };
  for (const Place& place : commit.erased) erase(place.calendar, place.event.text());
  for (const Record& record : commit.records) {
    erase(record.calendar, record.event.view());
    records.push_back(record);
  }
  std::sort(records.begin(), records.end(), ComesBefore);
  for (const CalendarRow& row : commit.calendars) {
    const auto same = [&](const CalendarRow& held) { return held.key == row.key; };
    const auto held = std::find_if(image_.calendars.begin(), image_.calendars.end(), same);
    if (held == image_.calendars.end()) {
      image_.calendars.push_back(row);
    } else {
      *held = row;
    }
  }
  if (commit.group.has_value()) image_.group = *commit.group;
}

Reply ScriptedHost::Answer(const Request& request) {
  const auto same = [&](const Scripted& script) { return script.request == request.index(); };
  const auto scripted = std::find_if(scripts_.begin(), scripts_.end(), same);
  if (scripted == scripts_.end()) return CarryOut(request);
  const Scripted script = *scripted;
  scripts_.erase(scripted);
  if (script.carried == Carried::kOut) CarryOut(request);
  return script.reply;
}

Reply ScriptedHost::CarryOut(const Request& request) {
  return std::visit(
      Overloaded{
          [&](const ListEvents& call) { return List(call); },
          [&](const GetEvent& call) -> Reply {
            const Event* event = Find(call.calendar, call.event);
            if (event == nullptr) return ErrorOf(404, "notFound");
            return std::make_shared<const Event>(event->IsCancelled() ? StubOf(*event) : *event);
          },
          [&](const InsertEvent& call) { return Insert(call); },
          [&](const PatchEvent& call) { return Patch(call); },
          [&](const DeleteEvent& call) { return Delete(call); },
          [&](const WatchEvents& call) -> Reply {
            return Channel{call.channel, ResourceId(absl::StrCat("resource of ", call.calendar.text())), now_ + call.ttl};
          },
          [](const StopChannel&) -> Reply { return NoContent{}; },
          [](const UpdateEvent&) -> Reply { return ErrorOf(501, "notImplemented"); },
          [](const MoveEvent&) -> Reply { return ErrorOf(501, "notImplemented"); },
          [](const ImportEvent&) -> Reply { return ErrorOf(501, "notImplemented"); },
          [](const GetCalendar&) -> Reply { return ErrorOf(501, "notImplemented"); },
          [](const ListInstances&) -> Reply { return ErrorOf(501, "notImplemented"); },
      },
      request);
}

// A sync token says up to which change its bearer knows the calendar.
Reply ScriptedHost::List(const ListEvents& call) {
  const std::string calendar = ShortName(call.calendar);
  if (const auto broken = broken_.find(calendar); broken != broken_.end()) return broken->second;
  int64_t since = 0;
  if (call.sync_token.has_value() && !absl::SimpleAtoi(call.sync_token->text(), &since)) return ErrorOf(410, "fullSyncRequired");
  EventsPage page;
  for (const auto& [id, event] : events_[calendar]) {
    if (changed_[{calendar, id}] <= since) continue;
    page.items.push_back(std::make_shared<const Event>(event.IsCancelled() ? StubOf(event) : event));
  }
  page.next_sync_token = SyncToken(absl::StrCat(change_));
  if (const auto role = roles_.find(calendar); role != roles_.end()) page.access_role = role->second;
  page.time_zone = "UTC";
  if (const auto updated = updated_.find(calendar); updated != updated_.end()) page.updated = updated->second;
  return page;
}

Reply ScriptedHost::Insert(const InsertEvent& call) {
  if (Find(call.calendar, call.event.id) != nullptr) return ErrorOf(409, "duplicate");
  const std::string calendar = ShortName(call.calendar);
  Event event = call.event;
  event.created = now_;
  event.organizer = event.creator = {call.calendar.str(), true};
  Store(calendar, std::move(event));
  return std::make_shared<const Event>(*Find(call.calendar, call.event.id));
}

Reply ScriptedHost::Patch(const PatchEvent& call) {
  Event* held = Find(call.calendar, call.event);
  if (held == nullptr) return ErrorOf(404, "notFound");
  if (call.if_match.has_value() && *call.if_match != held->etag) return ErrorOf(412, "conditionNotMet");
  Event event = *held;
  TakeOver(call.patch.status, event.status);
  TakeOver(call.patch.start, event.start);
  TakeOver(call.patch.end, event.end);
  TakeOver(call.patch.recurrence, event.recurrence);
  TakeOver(call.patch.summary, event.summary);
  TakeOver(call.patch.description, event.description);
  TakeOver(call.patch.transparency, event.transparency);
  TakeOver(call.patch.visibility, event.visibility);
  TakeOver(call.patch.attendees, event.attendees);
  TakeOver(call.patch.reminders, event.reminders);
  MergeProperties(call.patch.private_properties, event.private_properties);
  Store(ShortName(call.calendar), std::move(event));
  return std::make_shared<const Event>(*Find(call.calendar, call.event));
}

Reply ScriptedHost::Delete(const DeleteEvent& call) {
  const Event* held = Find(call.calendar, call.event);
  if (held == nullptr) return ErrorOf(404, "notFound");
  if (held->IsCancelled()) return ErrorOf(410, "deleted");
  if (call.if_match.has_value() && *call.if_match != held->etag) return ErrorOf(412, "conditionNotMet");
  Cancel(ShortName(call.calendar), call.event.text());
  return NoContent{};
}

Event* ScriptedHost::Find(const CalendarId& calendar, const EventId& event) {
  EventMap& map = events_[ShortName(calendar)];
  const auto found = map.find(event.str());
  return found == map.end() ? nullptr : &found->second;
}

ScriptedHost AtRest(GroupConfig config, const EventSpec& event) {
  ScriptedHost host(std::move(config));
  host.Put(event);
  host.Start();
  host.Settle();
  host.ClearLog();
  return host;
}

}  // namespace calsync
