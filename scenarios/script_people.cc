#include "scenarios/script_people.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "engine/base/status_macros.h"

namespace calsync::sim::people {
namespace {

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

// A program that writes whole events from its own model, which has no extended properties (S-2).
absl::Status Strip(ScriptRun& run, int calendar, const Event& event) {
  Event body = event;
  body.private_properties.clear();
  return run.Act(run.world().program(),
                 UpdateEvent{.calendar = run.world().google_id(calendar), .event = event.id, .body = std::move(body)});
}

}  // namespace

std::vector<std::string> LinesOf(const std::string& rule) { return absl::StrSplit(rule, '|'); }

EventTime WrittenStart(const TimeWord& time) {
  return time.is_date ? EventTime::Date(absl::ToCivilDay(time.time, absl::UTCTimeZone())) : EventTime::At(time.time);
}

EventTime WrittenEnd(const TimeWord& start, absl::Duration length) { return WrittenStart({start.is_date, start.time + length}); }

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
  event.recurrence = LinesOf(rule);
  return run.Act(run.PersonOf(calendar), InsertEvent{.calendar = run.world().google_id(calendar), .event = std::move(event)});
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

absl::Status CopyAll(ScriptRun& run, fake::ActorId who, int calendar, int to, World::CopyTags tags) {
  std::vector<EventId> all;
  run.world().server().ForEachLive(run.world().google_id(calendar), [&](const EventPtr& event) { all.push_back(event->id); });
  for (const EventId& event : all) {
    if (run.world().Duplicate(who, calendar, event, to, tags).empty()) {
      return absl::FailedPreconditionError(absl::StrCat("Google refuses the copy of ", event.text()));
    }
  }
  return absl::OkStatus();
}

absl::Status StripAll(ScriptRun& run, int calendar) {
  std::vector<EventPtr> tagged;
  run.world().server().ForEachLive(run.world().google_id(calendar), [&](const EventPtr& event) {
    if (!event->private_properties.empty()) tagged.push_back(event);
  });
  for (const EventPtr& event : tagged) RETURN_IF_ERROR(Strip(run, calendar, *event));
  return absl::OkStatus();
}

}  // namespace calsync::sim::people
