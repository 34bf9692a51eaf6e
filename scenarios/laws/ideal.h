// What each calendar should show: a slow and obvious computation from ground truth alone. It reads no tags, no records and no
// code that decides for the engine.

#ifndef CALSYNC_SCENARIOS_LAWS_IDEAL_H_
#define CALSYNC_SCENARIOS_LAWS_IDEAL_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"
#include "engine/api/recurrence.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/policy.h"
#include "fakegoogle/model/server.h"
#include "scenarios/ghost.h"

namespace calsync::sim {

// One calendar as one group should see it, by ground truth.
struct CalendarFacts {
  int calendar = -1;  // Its number in the world.
  CalendarId google_id;
  CalendarKey key;
  std::string name;
  LinkState link = LinkState::kEnabled;
  absl::TimeZone zone = absl::UTCTimeZone();
  bool answers = true;   // It can be listed at all, or could so lately that nobody need have noticed.
  bool readable = true;  // With all details.
  bool writable = true;
  bool sees_private = true;  // Of private events not only the times.
  // When the first full listing since the database was lost or restored had come to its end, and all that it met was read. What
  // is found gone until then may have gone in the time that was forgotten: no person did it.
  absl::Time reviewed = absl::InfinitePast();
};

struct GroupFacts {
  FamilyNumber family = -1;
  std::vector<CalendarFacts> calendars;  // Those that the group links, in the order of their keys.
  Policy policy;
  std::vector<Direction> directions;
  absl::Time now;  // The latest that any clock of the group's hosts shows.
  // Events of people that bear, or bore, a mark of the system before CalSync, and of which the engine says that it waits for the
  // operator's word: they block nothing yet.
  std::set<Spot> parked;

  const CalendarFacts* Find(int calendar) const;
  // What the person chose for events of `source` on `target`. REQUIRES: both are linked.
  const DirectionPolicy& PolicyOf(int source, int target) const;
};

// The last policy that is named for the direction, else the group's.
const DirectionPolicy& PolicyOfDirection(const Policy& policy, const std::vector<Direction>& directions, CalendarKey source,
                                         CalendarKey target);

// Whether there is a block in a slot.
enum class Duty : uint8_t {
  kRequired,
  kAllowed,  // It may be missing, or as it was: it ended, or lies beyond the horizon, or Google refuses it for good, or its
             // source hides its details (seed 900705).
  kFrozen,   // Whatever is there stays: one of its calendars cannot be read, or the target not be written.
};

// A time in which a calendar is to show its owner busy, or does.
struct BusyTime {
  OriginalStart original;  // Of the occurrence.
  TimeSpan span;
  const Event* shown;  // See TrueOccurrence.
};

struct IdealSlot {
  Spot source;
  int target = -1;
  EventPtr event;  // The source.
  Duty duty = Duty::kRequired;
  bool refused = false;                          // Google refuses its blocks, for good.
  absl::Time changed_at = absl::InfinitePast();  // When what blocks show of the source, or whether it blocks, last changed.
  std::string summary;                           // What the block shows.
  std::string description;
  Visibility visibility = Visibility::kPrivate;
  std::vector<BusyTime> times;              // Of a series, as far as the horizon requires: what is neither over nor beyond it.
  absl::Time comes = absl::InfinitePast();  // When the horizon reaches it, if that is no more than a day ago or to come.
};

// From when to when the occurrences of a series must be shown.
struct Ahead {
  absl::Time from;
  absl::Time until;
  bool Has(const TimeSpan& span) const { return LatestEnd(span) > from && EarliestStart(span) <= until; }
};
Ahead AheadOf(const GroupFacts& group, const DirectionPolicy& policy);

// The slots of a group, in the order of (source calendar, source event, target). A slot that is not among them has no block.
std::vector<IdealSlot> Ideal(const fake::Server& server, const Ghost& ghost, const GroupFacts& group);

// Whether an event of a person makes its calendar's owner busy.
bool Blocks(const Event& event);

// True if somebody is shown busy on the calendar at exactly these times, apart from the group's block for `source`. What it is
// may have been so for as long as `since` says.
bool IsShownBusy(const fake::Server& server, const Ghost& ghost, FamilyNumber family, const CalendarFacts& target,
                 const TimeSpan& span, const Spot& source, absl::Time since = absl::InfiniteFuture());

// Why the policy does not let an event block that makes its calendar's owner busy; empty if it does. `zone`: of the event's
// calendar.
std::string SkippedBy(const DirectionPolicy& policy, const Event& event, const absl::TimeZone& zone);

// The template with the source's title (unless that is private) and calendar in their places.
std::string Expanded(const std::string& text_template, const Event& source, const std::string& calendar_name);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_IDEAL_H_
