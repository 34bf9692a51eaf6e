#include "scenarios/laws/ideal.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "scenarios/laws/occurrences.h"

namespace calsync::sim {
namespace {

// Nobody looks farther ahead.
absl::Time Farthest(const GroupFacts& group) {
  // Also what lies beyond the horizon makes two meetings of one if it differs (seed 7197104).
  absl::Duration ahead = std::max(DirectionPolicy().horizon_ahead, group.policy.horizon_ahead);
  for (const Direction& direction : group.directions) ahead = std::max(ahead, direction.policy.horizon_ahead);
  return group.now + ahead + absl::Hours(48);
}

struct Copy {
  int calendar;
  EventPtr event;
  bool blocks;
  bool veiled;        // The group sees its times alone, and cannot know whether it blocks, what policies say of its title (seed
                      // 8088936), or whether it is a copy of a block.
  bool part = false;  // An occurrence that its series shows, where that may block.
  std::vector<TrueOccurrence> busy{};   // Of a series: those that make busy.
  std::vector<TrueException> unseen{};  // Of a series.
};

// An occurrence that its series shows.
bool IsPartOfSeries(const fake::Server& server, const CalendarId& calendar, const Event& event,
                    const std::vector<EventPtr>& strays) {
  if (!event.IsOccurrence()) return false;
  for (const EventPtr& stray : strays) {
    if (stray->id == event.id) return false;
  }
  const EventPtr* series = server.Find(calendar, event.recurring_event_id);
  return series != nullptr && Blocks(**series);
}

// The same meeting (S-15): of a series every occurrence, else they are separate sources.
bool IsSameMeeting(const Copy& a, const Copy& b) {
  if (a.event->ical_uid != b.event->ical_uid || !(a.event->span() == b.event->span())) return false;
  if (a.event->IsOccurrence() != b.event->IsOccurrence() || a.event->recurrence != b.event->recurrence) return false;
  if (!(OriginalStartOf(*a.event) == OriginalStartOf(*b.event))) return false;
  if (a.event->IsSeriesMaster() && a.event->start.time_zone != b.event->start.time_zone) return false;
  return std::equal(
      a.busy.begin(), a.busy.end(), b.busy.begin(), b.busy.end(),
      [](const TrueOccurrence& x, const TrueOccurrence& y) { return x.original == y.original && x.span == y.span; });
}

// A series is judged by itself, as its first occurrence; each occurrence that was changed by what it shows.
bool MayBlock(const DirectionPolicy& policy, const Event& event, const absl::TimeZone& zone) {
  return policy.mirrors && Blocks(event) && SkippedBy(policy, event, zone).empty();
}

// A clock on the wall.
class Clock {
 public:
  explicit Clock(const absl::CivilMinute& local)
      : weekday_(static_cast<int>(absl::GetWeekday(absl::CivilDay(local)))),  // Monday is 0.
        minute_(static_cast<int>(local.hour()) * 60 + local.minute()) {}

  void Tick() {
    if (++minute_ < 24 * 60) return;
    minute_ = 0;
    weekday_ = (weekday_ + 1) % 7;
  }
  // Whether it shows a time within the hours.
  bool Shows(const Hours& hours) const {
    if ((hours.days & (1 << weekday_)) == 0) return false;
    if (hours.from < hours.to) return hours.from <= minute_ && minute_ < hours.to;
    return minute_ < hours.to || hours.from <= minute_;
  }

 private:
  int weekday_;
  int minute_;
};

// By looking at the clock on the wall at each minute of the event.
bool TouchesHours(const Hours& hours, const Event& event, const absl::TimeZone& zone) {
  if (event.start.kind == EventTime::Kind::kDate) {
    Clock clock{absl::CivilMinute(event.start.date)};
    for (absl::civil_diff_t left = (event.end.date - event.start.date) * 24 * 60; left > 0; --left, clock.Tick()) {
      if (clock.Shows(hours)) return true;
    }
    return false;
  }
  int64_t moment = absl::ToUnixSeconds(event.start.instant);
  const int64_t end = absl::ToUnixSeconds(event.end.instant);
  while (moment < end) {
    // Until it is put forward or back it goes as time does. Clocks of all zones show whole minutes with UTC's.
    absl::TimeZone::CivilTransition change;
    const bool is_put = zone.NextTransition(absl::FromUnixSeconds(moment), &change);
    const int64_t until = is_put ? std::min(end, absl::ToUnixSeconds(zone.At(change.to).trans)) : end;
    for (Clock clock(absl::ToCivilMinute(absl::FromUnixSeconds(moment), zone)); moment < until; clock.Tick()) {
      if (clock.Shows(hours)) return true;
      moment += 60 - ((moment % 60 + 60) % 60);
    }
  }
  return false;
}

// Every event of a person on an enabled calendar that makes them busy, or may do so.
std::vector<Copy> BlockingEvents(const fake::Server& server, const Ghost& ghost, const GroupFacts& group) {
  std::vector<Copy> busy;
  for (const CalendarFacts& home : group.calendars) {
    if (home.link != LinkState::kEnabled) continue;
    const absl::Time until = Farthest(group);
    const std::vector<EventPtr> strays = Strays(server, home.google_id, until);
    server.ForEachLive(home.google_id, [&](const EventPtr& event) {
      const GhostEvent* truth = ghost.Find(home.calendar, event->id);
      if (truth == nullptr || truth->nature != Nature::kUserEvent || group.parked.contains({home.calendar, event->id})) return;
      const bool part = IsPartOfSeries(server, home.google_id, *event, strays);
      const bool is_private = event->visibility == Visibility::kPrivate || event->visibility == Visibility::kConfidential;
      const bool blocks = Blocks(*event);
      const bool veiled = is_private && !home.sees_private && event->span().IsValid();
      if (!blocks && !veiled) return;
      Copy copy{home.calendar, event, blocks, veiled};
      copy.part = part;
      if (event->IsSeriesMaster()) {
        copy.unseen = UnseenExceptions(server, home.google_id, *event, until);
        copy.busy = LiveOccurrences(server, home.google_id, *event, until);
        std::erase_if(copy.busy, [&](const TrueOccurrence& occurrence) {
          return occurrence.shown == event.get() ? !blocks : !Blocks(*occurrence.shown);
        });
      }
      busy.push_back(std::move(copy));
    });
  }
  return busy;
}

// Of all that ever lay on an enabled calendar that cannot be read: what became of these copies of meetings, nobody can know
// (seed 63675 of the small shape).
std::set<ICalUid> UidsOutOfReach(const fake::Server& server, const GroupFacts& group) {
  std::set<ICalUid> uids;
  for (const CalendarFacts& facts : group.calendars) {
    if (facts.link != LinkState::kEnabled || facts.readable) continue;
    for (const auto& change : server.FindCalendar(facts.google_id)->log()) {
      if (change.event != nullptr) uids.insert(change.event->ical_uid);
    }
  }
  return uids;
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
    // An occurrence covers from the moment on at which it was changed, whatever was changed of it (small seed 39600).
    if (event->IsOccurrence() && event->updated.has_value() && *event->updated > since) return;
    const bool block = truth != nullptr && truth->nature == Nature::kBlock && truth->family == family;
    if (block && event->IsOccurrence()) return;  // What a series shows covers nothing.
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

Ahead AheadOf(const GroupFacts& group, const DirectionPolicy& policy) {
  return {group.now - policy.horizon_back, group.now + policy.horizon_ahead - absl::Hours(24)};
}

std::vector<IdealSlot> Ideal(const fake::Server& server, const Ghost& ghost, const GroupFacts& group) {
  std::vector<IdealSlot> slots;
  const std::vector<Copy> busy = BlockingEvents(server, ghost, group);
  const std::set<ICalUid> out_of_reach = UidsOutOfReach(server, group);
  for (const Copy& copy : busy) {
    const CalendarFacts& home = *group.Find(copy.calendar);
    const TimeSpan span = copy.event->span();
    for (const CalendarFacts& target : group.calendars) {
      if (target.calendar == home.calendar || target.link != LinkState::kEnabled) continue;
      const DirectionPolicy& policy = group.PolicyOf(home.calendar, target.calendar);
      if (copy.part && MayBlock(policy, **server.Find(home.google_id, copy.event->recurring_event_id), home.zone)) continue;
      const bool skipped = !copy.blocks || !SkippedBy(policy, *copy.event, home.zone).empty();
      if (!policy.mirrors || (skipped && !copy.veiled)) continue;
      bool covered = false;  // The same meeting lies on the target, or on a lower calendar (S-15).
      bool unlike = false;   // … but to those who cannot expand rules it looks like another.
      bool doubtful =
          skipped || !home.readable || !target.readable || !target.writable || out_of_reach.contains(copy.event->ical_uid);
      for (const Copy& other : busy) {
        if (other.calendar == copy.calendar || !IsSameMeeting(copy, other)) continue;
        if (!group.Find(other.calendar)->readable || other.veiled) doubtful = true;
        if (!other.blocks) continue;
        const CalendarFacts& there = *group.Find(other.calendar);
        bool covers = other.calendar == target.calendar;
        if (!covers && there.key < home.key) {  // Unless it may not block there itself.
          const DirectionPolicy& others = group.PolicyOf(other.calendar, target.calendar);
          covers = others.mirrors && SkippedBy(others, *other.event, there.zone).empty();
        }
        if (!covers) continue;
        (other.unseen == copy.unseen ? covered : unlike) = true;
      }
      if (covered && !doubtful) continue;
      IdealSlot slot{.source = {copy.calendar, copy.event->id}, .target = target.calendar, .event = copy.event};
      const GhostEvent* truth = ghost.Find(slot.source);
      const absl::Time comes = EarliestStart(span) - policy.horizon_ahead;
      if (comes > group.now - absl::Hours(24)) slot.comes = comes;  // Also of what may be made, but need not (seed 13438298).
      if (doubtful) {
        slot.duty = Duty::kFrozen;
      } else {
        // Clocks differ; a day is more than they do at rest.
        const Ahead ahead = AheadOf(group, policy);
        const bool unchanged_block = copy.event->IsSeriesMaster() && MayBlock(policy, *copy.event, home.zone);
        for (const TrueOccurrence& occurrence : copy.busy) {
          if (!ahead.Has(occurrence.span)) continue;
          const bool unchanged = occurrence.shown == copy.event.get();
          if (unchanged ? !unchanged_block : !MayBlock(policy, *occurrence.shown, home.zone)) continue;
          slot.times.push_back({occurrence.original, occurrence.span, occurrence.shown});
        }
        const bool series = copy.event->IsSeriesMaster();
        const bool over = series ? slot.times.empty() : LatestEnd(span) <= ahead.from;
        const bool exact = policy.already_busy == AlreadyBusy::kExact && !series;
        if (unlike || slot.comes != absl::InfinitePast() || over || truth->rejected || copy.veiled ||
            (exact && IsShownBusy(server, ghost, group.family, target, span, slot.source))) {
          slot.duty = Duty::kAllowed;
        }
      }
      slot.refused = truth->rejected;
      slot.changed_at = truth->mirrored_at;
      // An occurrence's past is over when its series is anchored anew (no-breaker seed 100346).
      const GhostEvent* series_truth =
          copy.event->IsOccurrence() ? ghost.Find(copy.calendar, copy.event->recurring_event_id) : nullptr;
      if (series_truth != nullptr) slot.changed_at = std::max(slot.changed_at, series_truth->mirrored_at);
      slot.summary = Expanded(policy.title_template, *copy.event, home.name);
      slot.description = Expanded(policy.description_template, *copy.event, home.name);
      slot.visibility = policy.visibility;
      slots.push_back(std::move(slot));
    }
  }
  return slots;
}

}  // namespace calsync::sim
