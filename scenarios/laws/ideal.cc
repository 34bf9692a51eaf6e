#include "scenarios/laws/ideal.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"

namespace calsync::sim {
namespace {

struct Copy {
  int calendar;
  EventPtr event;
  bool blocks;
  bool hidden;  // The group sees its times alone, and cannot know whether it blocks.
};

bool AreHours(const Hours& hours, const absl::CivilMinute& local) {
  const auto weekday = static_cast<int>(absl::GetWeekday(absl::CivilDay(local)));  // Monday is 0.
  if ((hours.days & (1 << weekday)) == 0) return false;
  const int minute = static_cast<int>(local.hour()) * 60 + local.minute();
  if (hours.from < hours.to) return hours.from <= minute && minute < hours.to;
  return minute < hours.to || hours.from <= minute;
}

// By looking at the clock on the wall at each minute of the event.
bool TouchesHours(const Hours& hours, const Event& event, const absl::TimeZone& zone) {
  if (event.start.kind == EventTime::Kind::kDate) {
    for (absl::CivilMinute minute(event.start.date); minute < absl::CivilMinute(event.end.date); ++minute) {
      if (AreHours(hours, minute)) return true;
    }
    return false;
  }
  absl::Time moment = event.start.instant;
  while (moment < event.end.instant) {
    if (AreHours(hours, absl::ToCivilMinute(moment, zone))) return true;
    const int64_t seconds = absl::ToUnixSeconds(moment);
    moment =
        absl::FromUnixSeconds(seconds - ((seconds % 60 + 60) % 60) + 60);  // Clocks of all zones show whole minutes with UTC's.
  }
  return false;
}

// Every event of a person on an enabled calendar that makes them busy, or may do so.
std::vector<Copy> BlockingEvents(const fake::Server& server, const Ghost& ghost, const GroupFacts& group) {
  std::vector<Copy> busy;
  for (const CalendarFacts& home : group.calendars) {
    if (home.link != LinkState::kEnabled) continue;
    server.ForEachLive(home.google_id, [&](const EventPtr& event) {
      const GhostEvent* truth = ghost.Find(home.calendar, event->id);
      if (truth == nullptr || truth->nature != Nature::kUserEvent) return;
      const bool is_private = event->visibility == Visibility::kPrivate || event->visibility == Visibility::kConfidential;
      const bool hidden = is_private && !home.sees_private && event->span().IsValid() && !event->IsSeriesMaster();
      if (Blocks(*event) || hidden) busy.push_back({home.calendar, event, Blocks(*event), hidden});
    });
  }
  return busy;
}

}  // namespace

const CalendarFacts* GroupFacts::Find(int calendar) const {
  for (const CalendarFacts& facts : calendars) {
    if (facts.calendar == calendar) return &facts;
  }
  return nullptr;
}

const DirectionPolicy& PolicyOfDirection(const Policy& policy, const std::vector<Direction>& directions, CalendarKey source,
                                         CalendarKey target) {
  const DirectionPolicy* found = &policy;
  for (const Direction& direction : directions) {
    if (direction.source == source && direction.target == target) found = &direction.policy;
  }
  return *found;
}

const DirectionPolicy& GroupFacts::PolicyOf(int source, int target) const {
  return PolicyOfDirection(policy, directions, Find(source)->key, Find(target)->key);
}

bool IsShownBusy(const fake::Server& server, const Ghost& ghost, FamilyNumber family, const CalendarFacts& target,
                 const TimeSpan& span, const Spot& source, absl::Time since) {
  bool busy = false;
  server.ForEachLive(target.google_id, [&](const EventPtr& event) {
    if (busy || !(event->span() == span)) return;
    const GhostEvent* truth = ghost.Find(target.calendar, event->id);
    if (truth != nullptr && truth->mirrored_at > since) return;
    const bool block = truth != nullptr && truth->nature == Nature::kBlock && truth->family == family;
    busy = block ? !(truth->source == source) : Blocks(*event);
  });
  return busy;
}

bool Blocks(const Event& event) {
  if (event.IsCancelled() || event.transparency == Transparency::kTransparent) return false;
  if (event.type == EventType::kWorkingLocation || event.type == EventType::kBirthday) return false;
  for (const Attendee& attendee : event.attendees) {
    if (attendee.self && attendee.response == ResponseStatus::kDeclined) return false;
  }
  if (event.IsSeriesMaster() || event.IsOccurrence()) return false;  // Series are parked for now.
  return event.span().IsValid();
}

std::string SkippedBy(const DirectionPolicy& policy, const Event& event, const absl::TimeZone& zone) {
  std::optional<ResponseStatus> answer;
  for (const Attendee& attendee : event.attendees) {
    if (attendee.self) answer = attendee.response;
  }
  const bool maybe = event.status == EventStatus::kTentative || answer == ResponseStatus::kTentative;
  if (maybe && !policy.tentative) return "tentative";
  if (answer == ResponseStatus::kNeedsAction && !policy.needs_action) return "not answered yet";
  if (event.start.kind == EventTime::Kind::kDate && !policy.all_day) return "all-day";
  for (const std::string& keyword : policy.keywords) {
    if (absl::StrContains(absl::AsciiStrToLower(event.summary), absl::AsciiStrToLower(keyword))) return "a keyword";
  }
  for (const uint8_t colour : policy.colours) {
    if (event.color_id == (colour == 0 ? std::string() : absl::StrCat(colour))) return "its colour";
  }
  if (policy.hours.has_value() && !TouchesHours(*policy.hours, event, zone)) return "outside the hours";
  return "";
}

std::string Expanded(const std::string& text_template, const Event& source, const std::string& calendar_name) {
  if (text_template.find('{') == std::string::npos) return std::string(absl::StripAsciiWhitespace(text_template));
  const bool hidden = source.visibility == Visibility::kPrivate || source.visibility == Visibility::kConfidential;
  const std::string text = absl::StrReplaceAll(
      text_template, {{"{summary}", hidden ? std::string("Busy") : source.summary}, {"{calendar}", calendar_name}});
  return std::string(absl::StripAsciiWhitespace(text));
}

std::vector<IdealSlot> Ideal(const fake::Server& server, const Ghost& ghost, const GroupFacts& group) {
  std::vector<IdealSlot> slots;
  const std::vector<Copy> busy = BlockingEvents(server, ghost, group);
  for (const Copy& copy : busy) {
    const CalendarFacts& home = *group.Find(copy.calendar);
    const TimeSpan span = copy.event->span();
    for (const CalendarFacts& target : group.calendars) {
      if (target.calendar == home.calendar || target.link != LinkState::kEnabled) continue;
      const DirectionPolicy& policy = group.PolicyOf(home.calendar, target.calendar);
      const bool skipped = !copy.blocks || !SkippedBy(policy, *copy.event, home.zone).empty();
      if (!policy.mirrors || (skipped && !copy.hidden)) continue;
      bool covered = false;  // The same meeting lies on the target, or on a lower calendar (S-15).
      bool doubtful = skipped || !home.readable || !target.readable || !target.writable;
      for (const Copy& other : busy) {
        if (other.calendar == copy.calendar || other.event->ical_uid != copy.event->ical_uid || !(other.event->span() == span))
          continue;
        if (!group.Find(other.calendar)->readable || other.hidden) doubtful = true;
        if (!other.blocks) continue;
        const CalendarFacts& there = *group.Find(other.calendar);
        if (other.calendar == target.calendar) {
          covered = true;
        } else if (there.key < home.key) {  // Unless it may not block there itself.
          const DirectionPolicy& others = group.PolicyOf(other.calendar, target.calendar);
          if (others.mirrors && SkippedBy(others, *other.event, there.zone).empty()) covered = true;
        }
      }
      if (covered && !doubtful) continue;
      IdealSlot slot{.source = {copy.calendar, copy.event->id}, .target = target.calendar, .event = copy.event};
      const GhostEvent* truth = ghost.Find(slot.source);
      if (doubtful) {
        slot.duty = Duty::kFrozen;
      } else {
        // Clocks differ; a day is more than they do at rest.
        const absl::Time comes = EarliestStart(span) - policy.horizon_ahead;
        if (comes > group.now - absl::Hours(24)) slot.comes = comes;
        const bool over = LatestEnd(span) <= group.now - policy.horizon_back;
        const bool exact = policy.already_busy == AlreadyBusy::kExact;
        if (slot.comes != absl::InfinitePast() || over || truth->rejected || copy.hidden ||
            (exact && IsShownBusy(server, ghost, group.family, target, span, slot.source))) {
          slot.duty = Duty::kAllowed;
        }
      }
      slot.changed_at = truth->mirrored_at;
      slot.summary = Expanded(policy.title_template, *copy.event, home.name);
      slot.description = Expanded(policy.description_template, *copy.event, home.name);
      slot.visibility = policy.visibility;
      slots.push_back(std::move(slot));
    }
  }
  return slots;
}

}  // namespace calsync::sim
