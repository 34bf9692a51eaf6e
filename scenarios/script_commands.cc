// The table of commands: what may be written, what it means, and what it does to the world.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/host/input.h"
#include "engine/state/policy.h"
#include "scenarios/script.h"
#include "scenarios/script_run.h"
#include "scenarios/world.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

using Arguments = std::vector<Argument>;
using Call = OrderedFault::Call;
using Outcome = OrderedFault::Outcome;
using When = CommandRow::When;

int CalendarAt(const Arguments& a, size_t i) { return std::get<CalendarWord>(a[i]).number; }
const std::string& TextAt(const Arguments& a, size_t i) { return std::get<std::string>(a[i]); }
int NumberAt(const Arguments& a, size_t i) { return static_cast<int>(std::get<int64_t>(a[i])); }
absl::Duration DurationAt(const Arguments& a, size_t i) { return std::get<absl::Duration>(a[i]); }
const TimeWord& TimeAt(const Arguments& a, size_t i) { return std::get<TimeWord>(a[i]); }
const EventWord& EventAt(const Arguments& a, size_t i) { return std::get<EventWord>(a[i]); }
Call CallAt(const Arguments& a, size_t i) { return std::get<Call>(a[i]); }
const std::vector<ChangeWord>& ChangesAt(const Arguments& a, size_t i) { return std::get<std::vector<ChangeWord>>(a[i]); }
std::vector<int> CalendarsAt(const Arguments& a, size_t i) {
  std::vector<int> numbers;
  for (const CalendarWord& word : std::get<std::vector<CalendarWord>>(a[i])) numbers.push_back(word.number);
  return numbers;
}

EventTime WrittenStart(const TimeWord& time) {
  return time.is_date ? EventTime::Date(absl::ToCivilDay(time.time, absl::UTCTimeZone())) : EventTime::At(time.time);
}

EventTime WrittenEnd(const TimeWord& start, absl::Duration length) { return WrittenStart({start.is_date, start.time + length}); }

// --- People.

// What a change means for an event. `event` is the one that is changed, or the new one.
absl::Status ApplyChange(ScriptRun& run, int calendar, const ChangeWord& change, Event& event) {
  const std::string& what = change.what;
  if (what == "title") event.summary = change.text;
  if (what == "note") event.description = change.text;
  if (what == "location") event.location = change.text;
  if (what == "color") event.color_id = absl::StrCat(change.number);
  if (what == "reminder")
    event.reminders = {.use_default = false, .overrides = {{.method = "popup", .minutes = static_cast<int>(change.number)}}};
  if (what == "free") event.transparency = Transparency::kTransparent;
  if (what == "busy") event.transparency = Transparency::kOpaque;
  if (what == "tentative") event.status = EventStatus::kTentative;
  if (what == "confirmed") event.status = EventStatus::kConfirmed;
  if (what == "private") event.visibility = Visibility::kPrivate;
  if (what == "confidential") event.visibility = Visibility::kConfidential;
  if (what == "public") event.visibility = Visibility::kPublic;
  if (what == "guest") event.attendees.push_back({.email = change.text});
  if (what == "with") event.attendees.push_back({.email = run.world().owner_account(change.calendar).str()});
  const std::pair<const char*, ResponseStatus> kAnswers[] = {{"declined", ResponseStatus::kDeclined},
                                                             {"accepted", ResponseStatus::kAccepted},
                                                             {"maybe", ResponseStatus::kTentative},
                                                             {"unanswered", ResponseStatus::kNeedsAction}};
  for (const auto& [word, answer] : kAnswers) {
    if (what != word) continue;
    const std::string self = run.world().owner_account(calendar).str();
    const auto own =
        std::find_if(event.attendees.begin(), event.attendees.end(), [&](const Attendee& a) { return a.email == self; });
    if (own == event.attendees.end()) return absl::FailedPreconditionError("the calendar's owner is not among the guests");
    own->response = answer;
  }
  if (what == "type") {
    const std::pair<const char*, EventType> kTypes[] = {{"outOfOffice", EventType::kOutOfOffice},
                                                        {"workingLocation", EventType::kWorkingLocation},
                                                        {"focusTime", EventType::kFocusTime},
                                                        {"birthday", EventType::kBirthday},
                                                        {"fromGmail", EventType::kFromGmail}};
    const auto found =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& type) { return change.text == type.first; });
    if (found == std::end(kTypes)) return absl::InvalidArgumentError("no such type of event");
    event.type = found->second;
  }
  if (what == "lasting") {
    event.end = event.start.kind == EventTime::Kind::kDate
                    ? EventTime::Date(event.start.date + absl::ToInt64Hours(change.duration) / 24)
                    : EventTime::At(event.start.instant + change.duration, event.start.time_zone);
  }
  return absl::OkStatus();
}

absl::Status Add(ScriptRun& run, int calendar, const std::string& title, const TimeWord& start, absl::Duration length,
                 const std::vector<ChangeWord>& changes) {
  Event event;
  event.summary = title;
  event.start = WrittenStart(start);
  event.end = WrittenEnd(start, length);
  bool invites = false;
  for (const ChangeWord& change : changes) {
    for (const char* word : {"with", "guest", "declined", "accepted", "maybe", "unanswered"})
      invites = invites || change.what == word;
  }
  if (invites)
    event.attendees.push_back({.email = run.world().owner_account(calendar).str(), .response = ResponseStatus::kAccepted});
  for (const ChangeWord& change : changes) RETURN_IF_ERROR(ApplyChange(run, calendar, change, event));
  return run.Act(run.PersonOf(calendar), InsertEvent{.calendar = run.world().google_id(calendar), .event = std::move(event)});
}

absl::Status Change(ScriptRun& run, int calendar, const EventWord& word, const std::vector<ChangeWord>& changes) {
  ASSIGN_OR_RETURN(const EventPtr before, run.FindEvent(calendar, word));
  Event after = *before;
  for (const ChangeWord& change : changes) RETURN_IF_ERROR(ApplyChange(run, calendar, change, after));
  EventPatch patch;
  if (after.summary != before->summary) patch.summary = after.summary;
  if (after.description != before->description) patch.description = after.description;
  if (after.location != before->location) patch.location = after.location;
  if (after.color_id != before->color_id) patch.color_id = after.color_id;
  if (after.transparency != before->transparency) patch.transparency = after.transparency;
  if (after.visibility != before->visibility) patch.visibility = after.visibility;
  if (after.status != before->status) patch.status = after.status;
  if (after.attendees != before->attendees) patch.attendees = after.attendees;
  if (after.reminders != before->reminders) patch.reminders = after.reminders;
  if (after.span() != before->span()) patch.start = after.start, patch.end = after.end;
  return run.Act(run.PersonOf(calendar),
                 PatchEvent{.calendar = run.world().google_id(calendar), .event = before->id, .patch = std::move(patch)});
}

absl::Status Drag(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& to, const absl::Duration* length) {
  ASSIGN_OR_RETURN(const EventPtr before, run.FindEvent(calendar, word));
  const TimeSpan span = before->span();
  absl::Duration lasting = span.all_day ? absl::Hours(24 * (span.end - span.start)) : absl::Seconds(span.end - span.start);
  if (length != nullptr) lasting = *length;
  EventPatch patch;
  patch.start = WrittenStart(to);
  patch.end = WrittenEnd(to, lasting);
  return run.Act(run.PersonOf(calendar),
                 PatchEvent{.calendar = run.world().google_id(calendar), .event = before->id, .patch = std::move(patch)});
}

// --- Series.

absl::Status AddSeries(ScriptRun& run, int calendar, const std::string& title, const TimeWord& start, absl::Duration length,
                       const std::string& rule, const std::string& zone) {
  Event event;
  event.summary = title;
  event.start = WrittenStart(start);
  event.end = WrittenEnd(start, length);
  if (!start.is_date) event.start.time_zone = event.end.time_zone = zone;
  event.recurrence = {rule};
  return run.Act(run.PersonOf(calendar), InsertEvent{.calendar = run.world().google_id(calendar), .event = std::move(event)});
}

// The occurrence that the series has at that original start, changed or not; also a cancelled one.
absl::StatusOr<EventPtr> FindOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at) {
  ASSIGN_OR_RETURN(const EventPtr series, run.FindEvent(calendar, word));
  const Reply reply = run.world().Act(run.PersonOf(calendar), ListInstances{.calendar = run.world().google_id(calendar),
                                                                            .event = series->id,
                                                                            .show_deleted = true,
                                                                            .original_start = WrittenStart(at)});
  const auto* page = std::get_if<EventsPage>(&reply);
  if (page == nullptr || page->items.empty()) return absl::NotFoundError("the series has no occurrence at that time");
  return page->items.front();
}

absl::Status PatchOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, EventPatch patch) {
  ASSIGN_OR_RETURN(const EventPtr occurrence, FindOccurrence(run, calendar, word, at));
  return run.Act(run.PersonOf(calendar),
                 PatchEvent{.calendar = run.world().google_id(calendar), .event = occurrence->id, .patch = std::move(patch)});
}

absl::Status DragOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, const TimeWord& to) {
  ASSIGN_OR_RETURN(const EventPtr occurrence, FindOccurrence(run, calendar, word, at));
  const TimeSpan span = occurrence->span();
  EventPatch patch;
  patch.start = WrittenStart(to);
  patch.end = WrittenEnd(to, span.all_day ? absl::Hours(24 * (span.end - span.start)) : absl::Seconds(span.end - span.start));
  return PatchOccurrence(run, calendar, word, at, std::move(patch));
}

absl::Status DeleteOccurrence(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at) {
  ASSIGN_OR_RETURN(const EventPtr occurrence, FindOccurrence(run, calendar, word, at));
  return run.Act(run.PersonOf(calendar), DeleteEvent{.calendar = run.world().google_id(calendar), .event = occurrence->id});
}

absl::Status ChangeRule(ScriptRun& run, int calendar, const EventWord& word, std::vector<std::string> lines) {
  ASSIGN_OR_RETURN(const EventPtr series, run.FindEvent(calendar, word));
  EventPatch patch;
  patch.start = series->start;
  patch.end = series->end;
  patch.recurrence = std::move(lines);
  return run.Act(run.PersonOf(calendar),
                 PatchEvent{.calendar = run.world().google_id(calendar), .event = series->id, .patch = std::move(patch)});
}

// "This and following", as Google's user interface does it (contract 4.5).
absl::Status DragFromOn(ScriptRun& run, int calendar, const EventWord& word, const TimeWord& at, const TimeWord& to) {
  ASSIGN_OR_RETURN(const EventPtr series, run.FindEvent(calendar, word));
  const TimeSpan span = series->span();
  EventPatch patch;
  patch.start = WrittenStart(to);
  patch.end = WrittenEnd(to, span.all_day ? absl::Hours(24 * (span.end - span.start)) : absl::Seconds(span.end - span.start));
  if (!span.all_day) patch.start->time_zone = patch.end->time_zone = series->start.time_zone;
  const Reply reply = run.world().server().SplitSeries(run.world().google_id(calendar), series->id, WrittenStart(at), patch,
                                                       run.PersonOf(calendar), run.world().now());
  run.world().Pump();
  if (std::holds_alternative<ApiError>(reply)) return absl::FailedPreconditionError("Google refuses to split it there");
  return absl::OkStatus();
}

absl::Status Delete(ScriptRun& run, int calendar, const EventWord& word) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  return run.Act(run.PersonOf(calendar), DeleteEvent{.calendar = run.world().google_id(calendar), .event = event->id});
}

absl::Status DeleteAll(ScriptRun& run, int calendar) {
  std::vector<EventId> ids;
  run.world().server().ForEachLive(run.world().google_id(calendar), [&](const EventPtr& event) { ids.push_back(event->id); });
  for (const EventId& id : ids) {
    RETURN_IF_ERROR(run.Act(run.PersonOf(calendar), DeleteEvent{.calendar = run.world().google_id(calendar), .event = id}));
  }
  return absl::OkStatus();
}

absl::Status Undelete(ScriptRun& run, int calendar, const EventWord& word) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  EventPatch patch;
  patch.status = EventStatus::kConfirmed;
  return run.Act(run.PersonOf(calendar),
                 PatchEvent{.calendar = run.world().google_id(calendar), .event = event->id, .patch = std::move(patch)});
}

absl::Status Move(ScriptRun& run, int calendar, const EventWord& word, int to) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  return run.Act(
      run.PersonOf(calendar),
      MoveEvent{.calendar = run.world().google_id(calendar), .event = event->id, .destination = run.world().google_id(to)});
}

absl::Status Copy(ScriptRun& run, fake::ActorId who, int calendar, const EventWord& word, int to, World::CopyTags tags) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  if (run.world().Duplicate(who, calendar, event->id, to, tags).empty()) {
    return absl::FailedPreconditionError("Google refuses the copy");
  }
  return absl::OkStatus();
}

// A program that writes whole events from its own model, which has no extended properties (S-2).
absl::Status Strip(ScriptRun& run, int calendar, const Event& event) {
  Event body = event;
  body.private_properties.clear();
  return run.Act(run.world().program(),
                 UpdateEvent{.calendar = run.world().google_id(calendar), .event = event.id, .body = std::move(body)});
}

absl::Status StripAll(ScriptRun& run, int calendar) {
  std::vector<EventPtr> tagged;
  run.world().server().ForEachLive(run.world().google_id(calendar), [&](const EventPtr& event) {
    if (!event->private_properties.empty()) tagged.push_back(event);
  });
  for (const EventPtr& event : tagged) RETURN_IF_ERROR(Strip(run, calendar, *event));
  return absl::OkStatus();
}

// --- Mishaps.

absl::Status Order(ScriptRun& run, const Arguments& a, Outcome outcome, ApiError error = {},
                   absl::Duration delay = absl::ZeroDuration(), int skip = 0) {
  OrderedFault fault;
  fault.call = CallAt(a, 0);
  fault.calendar = CalendarAt(a, 1);
  fault.outcome = outcome;
  fault.error = std::move(error);
  fault.delay = delay;
  fault.skip = skip;
  run.world().Order(std::move(fault));
  return absl::OkStatus();
}

ApiError ErrorAt(const Arguments& a) {
  ApiError error;
  error.code = NumberAt(a, 2);
  error.reason = TextAt(a, 3);
  error.domain = "global";
  return error;
}

absl::Status Refuse(ScriptRun& run, int calendar, const EventWord& word, bool refused) {
  ASSIGN_OR_RETURN(const EventPtr event, run.FindEvent(calendar, word));
  GhostEvent* ghost = run.world().ghost().FindForChange({calendar, event->id});
  CALSYNC_CHECK(ghost != nullptr);
  ghost->rejected = refused;
  return absl::OkStatus();
}

absl::Status SetRole(ScriptRun& run, int calendar, const std::string& name) {
  const std::pair<const char*, AccessRole> kRoles[] = {
      {"none", AccessRole::kNone},     {"freeBusyReader", AccessRole::kFreeBusyReader},
      {"reader", AccessRole::kReader}, {"writerWithoutPrivateAccess", AccessRole::kWriterWithoutPrivateAccess},
      {"writer", AccessRole::kWriter}, {"owner", AccessRole::kOwner}};
  for (const auto& [word, role] : kRoles) {
    if (name != word) continue;
    if (run.started()) {
      run.world().SetRole(calendar, role);
    } else {
      run.plan().calendars[static_cast<size_t>(calendar)].role = role;
    }
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("roles are none, freeBusyReader, reader, writerWithoutPrivateAccess, writer, owner");
}

absl::Status OrderCrash(ScriptRun& run, CrashPoint point, absl::Duration down) {
  run.world().OrderCrash(0, point, down);
  return absl::OkStatus();
}

absl::Status Forge(ScriptRun& run, int calendar, bool right_channel) {
  Notification forged;
  forged.channel = ChannelId("forged-channel");
  forged.token = "guessed";
  if (right_channel) {
    const Host& host = run.world().host(0);
    const CalendarRow* row = host.running() ? host.engine().calendar(World::KeyOf(calendar)) : nullptr;
    if (row == nullptr || row->channels.empty()) return absl::FailedPreconditionError("the calendar has no channel");
    forged.channel = row->channels.back().id;
  }
  run.world().ForgeMessage(0, std::move(forged));
  return absl::OkStatus();
}

// --- What is expected.

std::string ShownText(const std::string& title, const TimeSpan& span) {
  return absl::StrCat("\"", title, "\" ", FormatSpan(span));
}

absl::Status Expect(ScriptRun& run, int calendar, const std::vector<ShownWord>& shown) {
  std::vector<std::string> want, got;
  for (const ShownWord& word : shown) {
    want.push_back(ShownText(word.title, SpanOf(WrittenStart(word.start), WrittenEnd(word.start, word.length))));
  }
  run.world().server().ForEachLive(run.world().google_id(calendar),
                                   [&](const EventPtr& event) { got.push_back(ShownText(event->summary, event->span())); });
  std::sort(want.begin(), want.end());
  std::sort(got.begin(), got.end());
  if (want == got) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(run.calendar_name(calendar), " shows ", got.empty() ? "nothing" : absl::StrJoin(got, ", ")));
}

absl::Status ExpectCount(ScriptRun& run, int calendar, size_t count) {
  const size_t live = run.world().server().CountLive(run.world().google_id(calendar));
  if (live == count) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(run.calendar_name(calendar), " shows ", live));
}

absl::Status Settle(ScriptRun& run) {
  if (!run.world().Settle()) {
    if (run.world().violation().has_value()) return absl::OkStatus();  // Told by the caller.
    return absl::DeadlineExceededError(absl::StrCat("does not settle: ", run.world().Unsettled()));
  }
  run.world().CheckAtRest();
  run.TellRest("settled");
  // Whoever acts next does so a little later: what happens at the very instant of a rest could belong to either side of it.
  run.world().RunFor(absl::Seconds(1));
  return absl::OkStatus();
}

absl::Status Policies(ScriptRun& run, absl::FunctionRef<void(Policy&)> change) {
  run.ChangePolicy(change);
  return absl::OkStatus();
}

// "22:00-06:00", "09:00-17:00/mon-fri".
absl::StatusOr<Hours> ReadHours(absl::string_view text) {
  static constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const absl::Status wrong = absl::InvalidArgumentError("hours are like 09:00-17:00 or 09:00-17:00/mon-fri");
  Hours hours;
  const std::vector<absl::string_view> halves = absl::StrSplit(text, '/');
  const std::vector<absl::string_view> ends = absl::StrSplit(halves[0], '-');
  if (halves.size() > 2 || ends.size() != 2) return wrong;
  int* const minutes[] = {&hours.from, &hours.to};
  for (size_t i = 0; i < 2; ++i) {
    const std::vector<absl::string_view> parts = absl::StrSplit(ends[i], ':');
    int hour = 0, minute = 0;
    if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &hour) || !absl::SimpleAtoi(parts[1], &minute)) return wrong;
    *minutes[i] = hour * 60 + minute;
  }
  if (halves.size() == 1) return hours;
  const std::vector<absl::string_view> days = absl::StrSplit(halves[1], '-');
  const auto first = std::find(std::begin(kDays), std::end(kDays), days.front()) - std::begin(kDays);
  const auto last = std::find(std::begin(kDays), std::end(kDays), days.back()) - std::begin(kDays);
  if (last >= 7 || first > last) return wrong;
  hours.days = 0;
  for (auto day = first; day <= last; ++day) hours.days = static_cast<uint8_t>(hours.days | (1 << day));
  return hours;
}

absl::Status ApplyRule(const RuleWord& rule, DirectionPolicy& policy) {
  const std::string& what = rule.what;
  if (what == "nothing") policy.mirrors = false;
  if (what == "everything") policy = DirectionPolicy();
  if (what == "title") policy.title_template = rule.text;
  if (what == "description") policy.description_template = rule.text;
  if (what == "without keyword") policy.keywords.push_back(rule.text);
  if (what == "without colour") policy.colours.push_back(static_cast<uint8_t>(rule.number));
  if (what == "without tentative") policy.tentative = false;
  if (what == "without unanswered") policy.needs_action = false;
  if (what == "without all-day") policy.all_day = false;
  if (what == "all hours") policy.hours.reset();
  if (what == "horizon") policy.horizon_ahead = rule.duration;
  if (what == "back") policy.horizon_back = rule.duration;
  if (what == "keep edited") policy.on_block_edited = OnBlockEdited::kKeep;
  if (what == "restore edited") policy.on_block_edited = OnBlockEdited::kRestore;
  if (what == "recreate deleted") policy.on_block_deleted = OnBlockDeleted::kRecreate;
  if (what == "respect deleted") policy.on_block_deleted = OnBlockDeleted::kRespect;
  if (what == "unless busy") policy.already_busy = AlreadyBusy::kExact;
  if (what == "hours") {
    ASSIGN_OR_RETURN(policy.hours, ReadHours(rule.text));
  }
  if (what == "visibility") {
    if (rule.text != "default" && rule.text != "public" && rule.text != "private") {
      return absl::InvalidArgumentError("visibilities are default, public, private");
    }
    policy.visibility = rule.text == "default"  ? Visibility::kDefault
                        : rule.text == "public" ? Visibility::kPublic
                                                : Visibility::kPrivate;
  }
  return absl::OkStatus();
}

// In all directions, also in those that have a policy of their own by now.
absl::Status RuleEverywhere(ScriptRun& run, const std::vector<RuleWord>& rules) {
  absl::Status status;
  const auto apply = [&](DirectionPolicy& policy) {
    for (const RuleWord& rule : rules) status.Update(ApplyRule(rule, policy));
  };
  run.ChangeConfig([&](Policy& policy, std::vector<Direction>& directions) {
    apply(policy);
    for (Direction& direction : directions) apply(direction.policy);
  });
  return status;
}

absl::Status RuleDirections(ScriptRun& run, absl::FunctionRef<bool(int from, int to)> concerned,
                            const std::vector<RuleWord>& rules) {
  absl::Status status;
  run.ChangeConfig([&](Policy& policy, std::vector<Direction>& directions) {
    GroupConfig config{.policy = policy, .directions = std::move(directions)};
    const int calendars = static_cast<int>(run.plan().calendars.size());
    for (int from = 0; from < calendars; ++from) {
      for (int to = 0; to < calendars; ++to) {
        if (from == to || !concerned(from, to)) continue;
        DirectionPolicy& direction = config.EditPolicyFor(World::KeyOf(from), World::KeyOf(to));
        for (const RuleWord& rule : rules) status.Update(ApplyRule(rule, direction));
      }
    }
    directions = std::move(config.directions);
  });
  return status;
}

const std::vector<RuleWord>& RulesAt(const Arguments& a, size_t i) { return std::get<std::vector<RuleWord>>(a[i]); }
const std::vector<RuleWord> kNothing = {{.what = "nothing"}};

absl::Status SetZone(ScriptRun& run, int calendar, const std::string& name) {
  absl::TimeZone zone;
  if (!FindZone(name, zone)) return absl::InvalidArgumentError(absl::StrCat("zones are ", absl::StrJoin(ZoneNames(), ", ")));
  if (run.started()) {
    run.world().SetZone(calendar, name);
  } else {
    run.plan().calendars[static_cast<size_t>(calendar)].time_zone = name;
    run.plan().calendars[static_cast<size_t>(calendar)].zone = zone;
  }
  return absl::OkStatus();
}

absl::Status Google(ScriptRun& run, absl::FunctionRef<void(fake::Knobs&)> change) {
  run.ChangeGoogle(change);
  return absl::OkStatus();
}

absl::Status Operate(ScriptRun& run, OperatorCommand command) {
  run.world().Command(0, std::move(command));
  return absl::OkStatus();
}

std::vector<CommandRow> MakeTable() {
  using R = ScriptRun;
  using A = Arguments;
  return {
      // The scene.
      {"calendars <new-calendars>", "the calendars of one person, all linked; the first command", When::kScene,
       +[](R&, const A&) { return absl::OkStatus(); }},
      {"start <time>", "when it begins; else Monday 2026-05-04T08:00Z", When::kScene,
       +[](R& run, const A& a) {
         run.plan().start = TimeAt(a, 0).time;
         return absl::OkStatus();
       }},
      {"unlinked <calendars>", "calendars that are not linked at first", When::kScene,
       +[](R& run, const A& a) {
         for (int calendar : CalendarsAt(a, 0)) {
           std::vector<int>& linked = run.plan().instances[0].calendars;
           linked.erase(std::remove(linked.begin(), linked.end(), calendar), linked.end());
         }
         return absl::OkStatus();
       }},
      {"second instance on <calendars>", "another installation of CalSync, on these calendars too", When::kScene,
       +[](R& run, const A& a) {
         InstancePlan other = run.plan().instances[0];
         other.calendars = CalendarsAt(a, 0);
         other.installation = 1;
         run.plan().instances.push_back(std::move(other));
         return absl::OkStatus();
       }},
      {"second group on <calendars>", "another person's group in the same installation, on these calendars too", When::kScene,
       +[](R& run, const A& a) {
         InstancePlan other = run.plan().instances[0];
         other.calendars = CalendarsAt(a, 0);
         other.group = "g1";
         run.plan().instances.push_back(std::move(other));
         return absl::OkStatus();
       }},
      {"role <calendar> <word>", "what CalSync may do on the calendar: owner, writer, reader, freeBusyReader, none …",
       When::kEither, +[](R& run, const A& a) { return SetRole(run, CalendarAt(a, 0), TextAt(a, 1)); }},

      // Policy and Google's habits.
      {"policy title <text>", "the title of blocks; {summary} is the source's title, {calendar} its calendar", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.title_template = TextAt(a, 0); }); }},
      {"policy description <text>", "the description of blocks", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.description_template = TextAt(a, 0); }); }},
      {"policy : <rules>", "rules for all directions, separated by commas", When::kEither,
       +[](R& run, const A& a) { return RuleEverywhere(run, RulesAt(a, 0)); }},
      {"policy from <calendar> to <calendar> : <rules>", "rules for one direction; `nothing`: no blocks there", When::kEither,
       +[](R& run, const A& a) {
         return RuleDirections(
             run, [&](int from, int to) { return from == CalendarAt(a, 0) && to == CalendarAt(a, 1); }, RulesAt(a, 2));
       }},
      {"policy one way from <calendar>", "blocks are made for events of this calendar alone", When::kEither,
       +[](R& run, const A& a) {
         return RuleDirections(
             run, [&](int from, int) { return from != CalendarAt(a, 0); }, kNothing);
       }},
      {"policy hub <calendar>", "between the hub and each other calendar, both ways; not among the others", When::kEither,
       +[](R& run, const A& a) {
         const int hub = CalendarAt(a, 0);
         return RuleDirections(
             run, [&](int from, int to) { return from != hub && to != hub; }, kNothing);
       }},
      {"zone <calendar> <word>", "the calendar's time zone, like Europe/Berlin; else UTC", When::kEither,
       +[](R& run, const A& a) { return SetZone(run, CalendarAt(a, 0), TextAt(a, 1)); }},
      {"policy keep edited blocks", "a block that a person edited stays so; else it is restored", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.on_block_edited = OnBlockEdited::kKeep; }); }},
      {"policy recreate deleted blocks", "a block that a person deleted comes back; else the deletion is respected",
       When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.on_block_deleted = OnBlockDeleted::kRecreate; }); }},
      {"policy no tags on events", "events of people are not tagged; else they are, lazily", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.tag_user_events = TagUserEvents::kOff; }); }},
      {"policy horizon <duration>", "how far ahead blocks are made", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.horizon_ahead = DurationAt(a, 0); }); }},
      {"policy poll every <duration>", "how often calendars are listed without being told", When::kEither,
       +[](R& run, const A& a) {
         return Policies(run, [&](Policy& p) { p.poll_interval = p.poll_interval_with_push = DurationAt(a, 0); });
       }},
      {"policy full walk every <duration>", "how often calendars are listed whole", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.full_walk_interval = DurationAt(a, 0); }); }},
      {"policy pages of <number>", "how many events a page of a listing has", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.page_size = NumberAt(a, 0); }); }},
      {"policy no push", "no notifications, polling alone", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.push_address.clear(); }); }},
      {"policy push", "notifications by watch channels", When::kEither,
       +[](R& run, const A&) { return Policies(run, [](Policy& p) { p.push_address = "https://calsync.example.org/push"; }); }},
      {"policy channels live <duration>", "how long a channel is asked for", When::kEither,
       +[](R& run, const A& a) { return Policies(run, [&](Policy& p) { p.channel_ttl = DurationAt(a, 0); }); }},
      {"google refuses blocks of <event> on <calendar>", "whatever it is asked to store of that event's block elsewhere is a 400",
       When::kActing, +[](R& run, const A& a) { return Refuse(run, CalendarAt(a, 1), EventAt(a, 0), true); }},
      {"google accepts blocks of <event> on <calendar>", "and not any more", When::kActing,
       +[](R& run, const A& a) { return Refuse(run, CalendarAt(a, 1), EventAt(a, 0), false); }},
      {"google gives sync tokens <duration> to live", "then they answer 410", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.sync_token_lifetime = DurationAt(a, 0); }); }},
      {"google forgets deleted events after <duration>", "then nothing shows that they were", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.tombstone_lifetime = DurationAt(a, 0); }); }},
      {"google drops tags of moved events", "events.move loses private properties", When::kEither,
       +[](R& run, const A&) { return Google(run, [](fake::Knobs& k) { k.move_keeps_private = false; }); }},
      {"google never shows more than <number> events a page", "", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.page_size = NumberAt(a, 0); }); }},
      {"google ends channels after <duration>", "whatever was asked for", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.channel_lifetime_max = DurationAt(a, 0); }); }},

      {"google lets stopped channels send for <duration>", "K-13: stopping does not silence them at once", When::kEither,
       +[](R& run, const A& a) { return Google(run, [&](fake::Knobs& k) { k.sends_after_stop = DurationAt(a, 0); }); }},

      // People.
      {"user <calendar> add <text> <time> <duration> <changes>", "somebody adds an event", When::kActing,
       +[](R& run, const A& a) {
         return Add(run, CalendarAt(a, 0), TextAt(a, 1), TimeAt(a, 2), DurationAt(a, 3), ChangesAt(a, 4));
       }},
      {"user <calendar> add <number> events <text> from <time> every <duration> lasting <duration>",
       "somebody imports many events, titled \"text 1\" and so on", When::kActing,
       +[](R& run, const A& a) {
         for (int i = 0; i < NumberAt(a, 1); ++i) {
           TimeWord start = TimeAt(a, 3);
           start.time += i * DurationAt(a, 4);
           RETURN_IF_ERROR(Add(run, CalendarAt(a, 0), absl::StrCat(TextAt(a, 2), " ", i + 1), start, DurationAt(a, 5), {}));
         }
         return absl::OkStatus();
       }},
      {"user <calendar> change <event> <changes>", "somebody changes the event", When::kActing,
       +[](R& run, const A& a) { return Change(run, CalendarAt(a, 0), EventAt(a, 1), ChangesAt(a, 2)); }},
      {"user <calendar> drag <event> to <time>", "somebody moves the event to another time", When::kActing,
       +[](R& run, const A& a) { return Drag(run, CalendarAt(a, 0), EventAt(a, 1), TimeAt(a, 2), nullptr); }},
      {"user <calendar> drag <event> to <time> lasting <duration>", "the same, with another length", When::kActing,
       +[](R& run, const A& a) {
         const absl::Duration length = DurationAt(a, 3);
         return Drag(run, CalendarAt(a, 0), EventAt(a, 1), TimeAt(a, 2), &length);
       }},
      {"user <calendar> delete <event>", "somebody deletes the event", When::kActing,
       +[](R& run, const A& a) { return Delete(run, CalendarAt(a, 0), EventAt(a, 1)); }},
      {"user <calendar> add <text> <time> <duration> repeating <text> in <word>",
       "somebody adds a series: its rule, and the zone by whose clock it recurs", When::kActing,
       +[](R& run, const A& a) {
         return AddSeries(run, CalendarAt(a, 0), TextAt(a, 1), TimeAt(a, 2), DurationAt(a, 3), TextAt(a, 4), TextAt(a, 5));
       }},
      {"user <calendar> delete occurrence <time> of <event>", "somebody cancels one occurrence of a series", When::kActing,
       +[](R& run, const A& a) { return DeleteOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1)); }},
      {"user <calendar> restore occurrence <time> of <event>", "somebody brings back a cancelled occurrence", When::kActing,
       +[](R& run, const A& a) {
         return PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), {.status = EventStatus::kConfirmed});
       }},
      {"user <calendar> drag occurrence <time> of <event> to <time>", "somebody moves one occurrence", When::kActing,
       +[](R& run, const A& a) { return DragOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), TimeAt(a, 3)); }},
      {"user <calendar> retitle occurrence <time> of <event> to <text>", "somebody gives one occurrence another title",
       When::kActing,
       +[](R& run, const A& a) {
         return PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), {.summary = TextAt(a, 3)});
       }},
      {"user <calendar> free occurrence <time> of <event>", "one occurrence does not make busy any more", When::kActing,
       +[](R& run, const A& a) {
         return PatchOccurrence(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), {.transparency = Transparency::kTransparent});
       }},
      {"user <calendar> drag occurrence <time> of <event> and all after it to <time>", "somebody moves this and all following",
       When::kActing,
       +[](R& run, const A& a) { return DragFromOn(run, CalendarAt(a, 0), EventAt(a, 2), TimeAt(a, 1), TimeAt(a, 3)); }},
      {"user <calendar> let <event> repeat <text>", "somebody changes the rule of a series, or makes an event one", When::kActing,
       +[](R& run, const A& a) { return ChangeRule(run, CalendarAt(a, 0), EventAt(a, 1), {TextAt(a, 2)}); }},
      {"user <calendar> let <event> repeat no more", "the series becomes a single event", When::kActing,
       +[](R& run, const A& a) { return ChangeRule(run, CalendarAt(a, 0), EventAt(a, 1), {}); }},
      {"user <calendar> delete everything", "somebody deletes all events of the calendar", When::kActing,
       +[](R& run, const A& a) { return DeleteAll(run, CalendarAt(a, 0)); }},
      {"user <calendar> undelete <event>", "somebody takes the event out of the bin", When::kActing,
       +[](R& run, const A& a) { return Undelete(run, CalendarAt(a, 0), EventAt(a, 1)); }},
      {"user <calendar> move <event> to <calendar>", "somebody moves the event to another calendar", When::kActing,
       +[](R& run, const A& a) { return Move(run, CalendarAt(a, 0), EventAt(a, 1), CalendarAt(a, 2)); }},
      {"user <calendar> copy <event> to <calendar>", "somebody duplicates the event, its tags with it", When::kActing,
       +[](R& run, const A& a) {
         return Copy(run, run.PersonOf(CalendarAt(a, 0)), CalendarAt(a, 0), EventAt(a, 1), CalendarAt(a, 2),
                     World::CopyTags::kKept);
       }},
      {"program copies <event> on <calendar> to <calendar> without tags", "another program copies the event", When::kActing,
       +[](R& run, const A& a) {
         return Copy(run, run.world().program(), CalendarAt(a, 1), EventAt(a, 0), CalendarAt(a, 2), World::CopyTags::kLost);
       }},
      {"program strips tags on <calendar>", "another program writes every event back without private properties", When::kActing,
       +[](R& run, const A& a) { return StripAll(run, CalendarAt(a, 0)); }},

      // Calls that fail. Each befalls the next call of the kind, once.
      {"lose request of next <call> on <calendar>", "it never reaches Google; a timeout", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kRequestLost); }},
      {"lose reply of next <call> on <calendar>", "Google carries it out; a timeout", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyLost); }},
      {"answer next <call> on <calendar> <number> <word>", "refused with this status and reason", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAnsweredWith, ErrorAt(a)); }},
      {"answer next <call> but one on <calendar> <number> <word>", "the next goes through, the one after it is refused",
       When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAnsweredWith, ErrorAt(a), absl::ZeroDuration(), 1); }},
      {"answer next <call> on <calendar> <number> <word> after storing", "Google carries it out, and yet answers so",
       When::kActing, +[](R& run, const A& a) { return Order(run, a, Outcome::kAppliedAnsweredWith, ErrorAt(a)); }},
      {"delay next <call> on <calendar> <duration>", "it reaches Google so much later", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kDelayed, {}, DurationAt(a, 2)); }},
      {"delay reply of next <call> on <calendar> <duration>", "its answer comes so much later", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyDelayed, {}, DurationAt(a, 2)); }},
      {"double reply of next <call> on <calendar>", "the answer comes twice", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kReplyDoubled); }},
      {"apply next <call> on <calendar> twice", "something in between sends it again", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kAppliedTwice); }},
      {"skip the last change in next <call> on <calendar>", "a delta leaves out a change, and its token moves past it",
       When::kActing, +[](R& run, const A& a) { return Order(run, a, Outcome::kHostileSkip); }},
      {"answer next <call> on <calendar> as of <duration> ago", "a stale copy answers", When::kActing,
       +[](R& run, const A& a) { return Order(run, a, Outcome::kStale, {}, DurationAt(a, 2)); }},

      // Notifications.
      {"delay notifications <calendar> <duration>", "from now on they come so much later", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), DurationAt(a, 1));
         return absl::OkStatus();
       }},
      {"drop notifications <calendar>", "from now on none comes", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), absl::InfiniteDuration());
         return absl::OkStatus();
       }},
      {"deliver notifications <calendar>", "from now on they come at once", When::kActing,
       +[](R& run, const A& a) {
         run.world().DelayMessages(CalendarAt(a, 0), absl::ZeroDuration());
         return absl::OkStatus();
       }},
      {"forge notification on <calendar>", "somebody posts one for a channel that does not exist", When::kActing,
       +[](R& run, const A& a) { return Forge(run, CalendarAt(a, 0), false); }},
      {"forge notification on <calendar> with its channel", "somebody knows the channel, but not its token", When::kActing,
       +[](R& run, const A& a) { return Forge(run, CalendarAt(a, 0), true); }},

      // The process and its database.
      {"crash", "the process ends, and is up again after 5 s", When::kActing,
       +[](R& run, const A&) {
         run.world().Crash(0);
         return absl::OkStatus();
       }},
      {"crash before next commit", "before what it decided is durable", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kBeforeCommit, absl::Seconds(5)); }},
      {"crash after next commit", "after what it decided is durable, before it acts on it", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kAfterCommit, absl::Seconds(5)); }},
      {"crash between next calls", "when the first call of a step is sent, and the others are not", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kBetweenCalls, absl::Seconds(5)); }},
      {"crash at next answer", "when an answer comes, before what it says is durable", When::kActing,
       +[](R& run, const A&) { return OrderCrash(run, CrashPoint::kAfterReply, absl::Seconds(5)); }},
      {"stop", "the process ends until `go on`", When::kActing,
       +[](R& run, const A&) {
         run.world().Stop(0);
         return absl::OkStatus();
       }},
      {"go on", "the process starts again", When::kActing,
       +[](R& run, const A&) {
         run.world().Start(0);
         return absl::OkStatus();
       }},
      {"lose database", "the process ends, and finds an empty database when it is up again", When::kActing,
       +[](R& run, const A&) {
         run.world().LoseDatabase(0);
         return absl::OkStatus();
       }},
      {"back up", "what the database holds now is kept", When::kActing,
       +[](R& run, const A&) {
         run.world().BackUp(0);
         return absl::OkStatus();
       }},
      {"restore backup", "the process ends, and finds the backup when it is up again", When::kActing,
       +[](R& run, const A&) {
         run.world().RestoreBackup(0);
         return absl::OkStatus();
       }},
      {"clone instance", "a second process with the same configuration and a copy of the database", When::kActing,
       +[](R& run, const A&) {
         run.world().CloneInstance(0);
         return absl::OkStatus();
       }},
      {"step clock <duration>", "the process's clock jumps; a minus goes back", When::kActing,
       +[](R& run, const A& a) {
         run.world().StepClock(0, DurationAt(a, 0));
         return absl::OkStatus();
       }},

      // Administrators and the operator.
      {"expire sync tokens <calendar>", "those that were handed out answer 410", When::kActing,
       +[](R& run, const A& a) {
         run.world().server().ExpireSyncTokens(run.world().google_id(CalendarAt(a, 0)));
         return absl::OkStatus();
       }},
      {"revoke grant <calendar>", "CalSync may do nothing any more", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetGrant(CalendarAt(a, 0), fake::Grant::kRevoked);
         return absl::OkStatus();
       }},
      {"grant again <calendar>", "and may again", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetGrant(CalendarAt(a, 0), fake::Grant::kFull);
         return absl::OkStatus();
       }},
      {"link <calendar>", "the operator links one more calendar", When::kActing,
       +[](R& run, const A& a) {
         run.world().LinkCalendar(0, CalendarAt(a, 0));
         return absl::OkStatus();
       }},
      {"disable <calendar>", "the operator switches it off: its blocks go, and those made from it", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kDisabled);
         return absl::OkStatus();
       }},
      {"enable <calendar>", "and on again", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kEnabled);
         return absl::OkStatus();
       }},
      {"remove <calendar>", "the operator unlinks it for good", When::kActing,
       +[](R& run, const A& a) {
         run.world().SetLinkState(0, CalendarAt(a, 0), LinkState::kRemoved);
         return absl::OkStatus();
       }},
      {"walk again", "the operator wants every calendar listed whole", When::kActing,
       +[](R& run, const A&) { return Operate(run, WalkAgain{}); }},
      {"confirm sweep <calendar>", "the operator says: what is missing there is truly gone", When::kActing,
       +[](R& run, const A& a) { return Operate(run, ConfirmSweep{World::KeyOf(CalendarAt(a, 0))}); }},
      {"resume writes", "the operator closes the circuit breaker", When::kActing,
       +[](R& run, const A&) { return Operate(run, ResumeWrites{}); }},

      // Time, and what is to be seen.
      {"wait <duration>", "time goes by", When::kActing,
       +[](R& run, const A& a) {
         run.world().RunFor(DurationAt(a, 0));
         return absl::OkStatus();
       }},
      {"wait until <time>", "time goes by", When::kActing,
       +[](R& run, const A& a) {
         run.world().RunUntil(TimeAt(a, 0).time);
         return absl::OkStatus();
       }},
      {"settle", "time goes by until nothing is left to do; then all laws are checked", When::kActing,
       +[](R& run, const A&) { return Settle(run); }},
      {"count", "what there is, and what it took since the last time", When::kActing,
       +[](R& run, const A&) {
         run.world();
         run.TellRest("counted");
         return absl::OkStatus();
       }},
      {"quiet day", "a day in which nobody does anything, and no event may be written", When::kActing,
       +[](R& run, const A&) {
         run.world().QuietDay();
         run.TellRest("a day later");
         return absl::OkStatus();
       }},
      {"expect <calendar> : nothing", "the calendar is empty", When::kActing,
       +[](R& run, const A& a) { return ExpectCount(run, CalendarAt(a, 0), 0); }},
      {"expect <calendar> : <number> events", "so many are on the calendar", When::kActing,
       +[](R& run, const A& a) { return ExpectCount(run, CalendarAt(a, 0), static_cast<size_t>(NumberAt(a, 1))); }},
      {"expect <calendar> : <shown>", "just these are on the calendar: title, start, length, with commas between", When::kActing,
       +[](R& run, const A& a) { return Expect(run, CalendarAt(a, 0), std::get<std::vector<ShownWord>>(a[1])); }},
      {"expect <number> writes", "so many since the last `settle`, `count` or `quiet day`", When::kActing,
       +[](R& run, const A& a) {
         run.world();
         if (run.WritesSince() == NumberAt(a, 0)) return absl::OkStatus();
         return absl::FailedPreconditionError(absl::StrCat("there were ", run.WritesSince()));
       }},
      {"trace off", "what follows is not told", When::kActing,
       +[](R& run, const A&) {
         run.SetTracing(false);
         return absl::OkStatus();
       }},
      {"trace on", "and told again", When::kActing,
       +[](R& run, const A&) {
         run.SetTracing(true);
         return absl::OkStatus();
       }},
  };
}

}  // namespace

const std::vector<CommandRow>& CommandTable() {
  static const std::vector<CommandRow>& table = *new std::vector<CommandRow>(MakeTable());
  return table;
}

}  // namespace calsync::sim
