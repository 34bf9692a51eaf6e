#include "scenarios/laws/ideal.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace calsync::sim {
namespace {

struct Copy {
  int calendar;
  EventPtr event;
};

// Every event of a person on an enabled calendar that makes them busy.
std::vector<Copy> BlockingEvents(const fake::Server& server, const Ghost& ghost, const GroupFacts& group) {
  std::vector<Copy> busy;
  for (const CalendarFacts& home : group.calendars) {
    if (home.link != LinkState::kEnabled) continue;
    server.ForEachLive(home.google_id, [&](const EventPtr& event) {
      const GhostEvent* truth = ghost.Find(home.calendar, event->id);
      if (truth == nullptr || truth->nature != Nature::kUserEvent || !Blocks(*event)) return;
      busy.push_back({home.calendar, event});
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

bool Blocks(const Event& event) {
  if (event.IsCancelled() || event.transparency == Transparency::kTransparent) return false;
  if (event.type == EventType::kWorkingLocation || event.type == EventType::kBirthday) return false;
  for (const Attendee& attendee : event.attendees) {
    if (attendee.self && attendee.response == ResponseStatus::kDeclined) return false;
  }
  if (event.IsSeriesMaster() || event.IsOccurrence()) return false;  // Series are parked for now.
  return event.span().IsValid();
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
      bool covered = false;  // The same meeting lies on the target, or on a lower calendar (S-15).
      bool doubtful = !home.readable || !target.readable || !target.writable;
      for (const Copy& other : busy) {
        if (other.calendar == copy.calendar || other.event->ical_uid != copy.event->ical_uid || !(other.event->span() == span))
          continue;
        if (!group.Find(other.calendar)->readable) doubtful = true;
        if (other.calendar == target.calendar || group.Find(other.calendar)->key < home.key) covered = true;
      }
      if (covered && !doubtful) continue;
      IdealSlot slot{.source = {copy.calendar, copy.event->id}, .target = target.calendar, .event = copy.event};
      const GhostEvent* truth = ghost.Find(slot.source);
      if (doubtful) {
        slot.duty = Duty::kFrozen;
      } else if (LatestEnd(span) <= group.now ||
                 EarliestStart(span) > group.now + group.policy.horizon_ahead - absl::Hours(24 * 9) || truth->rejected) {
        slot.duty = Duty::kAllowed;
      }
      slot.changed_at = truth->mirrored_at;
      slot.summary = Expanded(group.policy.title_template, *copy.event, home.name);
      slot.description = Expanded(group.policy.description_template, *copy.event, home.name);
      slots.push_back(std::move(slot));
    }
  }
  return slots;
}

}  // namespace calsync::sim
