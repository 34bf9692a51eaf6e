#include "scenarios/laws/told_now.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kWritesRest = absl::Hours(1);  // After a refusal.
constexpr absl::Duration kMoment = absl::Minutes(1);    // What answers and steps take.
constexpr absl::Duration kSlow = absl::Seconds(5);      // From a message until all is done that it called for.
constexpr absl::Duration kSilentFor = absl::Minutes(10);
constexpr int64_t kStuck = 5;

bool IsAmong(const std::vector<int>& calendars, int calendar) {
  return std::find(calendars.begin(), calendars.end(), calendar) != calendars.end();
}

std::string Differ(const CalendarNow& calendar, absl::string_view alert, bool told, bool is_so) {
  if (told == is_so) return "";
  return absl::StrCat("the alert that ", calendar.name, " ", alert,
                      told ? " is raised, and that is not so" : " is not raised, and it is so");
}

std::string FlawOfAccess(const GroupNow& truth, const ToldAlerts& told, const CalendarNow& calendar) {
  const CalendarRow& row = *calendar.row;
  const bool unreachable = calendar.enabled && row.unreachable && !calendar.grant_lost;
  const bool told_unreachable = IsAmong(told.unreachable, calendar.calendar);
  if (std::string flaw = Differ(calendar, "cannot be read", told_unreachable, unreachable); !flaw.empty()) return flaw;
  if (truth.times_are_true && told_unreachable && calendar.answered.refused <= calendar.answered.listed)
    return absl::StrCat(calendar.name, " is said not to be readable, and was read since it was refused last");
  return Differ(calendar, "lost its grant", IsAmong(told.grant_lost, calendar.calendar), calendar.enabled && calendar.grant_lost);
}

std::string FlawOfStops(const GroupNow& truth, const ToldAlerts& told, const CalendarNow& calendar) {
  const CalendarRow& row = *calendar.row;
  // Longer than an hour none rests: the clock was set back.
  const absl::Duration left = row.writes_rest_until - truth.clock;
  const bool rests = left > absl::ZeroDuration() && left <= kWritesRest && !row.unreachable && CanWrite(row.role);
  const bool told_rests = IsAmong(told.writes_rest, calendar.calendar);
  if (std::string flaw = Differ(calendar, "may not be written for a while", told_rests, rests); !flaw.empty()) return flaw;
  if (truth.times_are_true && told_rests && truth.now - calendar.answered.write_refused > kWritesRest + kMoment)
    return absl::StrCat("writes to ", calendar.name, " are said to rest, and none was refused within the hour");
  return Differ(calendar, "misses much at once", IsAmong(told.sweep_held, calendar.calendar), row.sweep_held);
}

// Within three intervals of polls, each by up to a quarter longer, somebody must have listened.
std::string FlawOfSilence(const GroupNow& truth, const ToldAlerts& told, const CalendarNow& calendar) {
  const bool told_so = IsAmong(told.silent, calendar.calendar);
  if (told_so && (!calendar.enabled || calendar.row->unreachable))
    return absl::StrCat(calendar.name, " is said to be silent, and nobody listens");
  if (!truth.times_are_true || !calendar.enabled || calendar.row->unreachable) return "";
  const absl::Duration unheard = truth.now - std::max(calendar.answered.listed, truth.started);
  if (told_so && unheard <= 3 * truth.shortest_poll * 1.25 + kSilentFor)
    return absl::StrCat(calendar.name, " is said to be silent, and was heard");
  if (!told_so && unheard > 3 * truth.longest_poll * 1.25 + kSilentFor)
    return absl::StrCat(calendar.name, " was not heard for ", absl::FormatDuration(unheard), ", and no alert says so");
  return "";
}

std::string FlawOfSlowness(const GroupNow& truth, const ToldAlerts& told) {
  if (!truth.times_are_true) return "";
  for (const int slow : told.slow) {
    const auto calendar = std::find_if(truth.calendars.begin(), truth.calendars.end(),
                                       [&](const CalendarNow& other) { return other.calendar == slow; });
    // It waits for the whole group, also if its own calendar cannot be read (seed 49423).
    if (calendar == truth.calendars.end() || calendar->answered.heard < truth.started)
      return "what a message brought is said to be slow, and none came";
  }
  if (!told.slow.empty()) return "";
  for (const CalendarNow& calendar : truth.calendars) {
    if (!calendar.enabled || calendar.row->unreachable || calendar.answered.told < truth.started) continue;
    if (calendar.answered.refused > calendar.answered.told) continue;  // Then nobody waits for it any more (seed 17099).
    const bool waits = calendar.answered.listed < calendar.answered.told && truth.now - calendar.answered.told > kSlow + kMoment;
    if (waits) return absl::StrCat("a message about ", calendar.name, " was followed by nothing for long, and no alert says so");
  }
  return "";
}

std::string FlawOfPasses(const GroupNow& truth, const ToldNow& told) {
  constexpr int64_t kWindow = 15;
  const int64_t minute = absl::ToUnixSeconds(truth.clock) / 60;
  int64_t all = 0;
  int64_t failed = 0;
  for (const auto& [at, is_failed] : truth.listings) {
    if (absl::ToUnixSeconds(at) / 60 <= minute - kWindow) continue;
    ++all;
    failed += is_failed ? 1 : 0;
  }
  const bool counted = truth.times_are_true && !truth.has_slept;
  if (counted && (all != told.listings || failed != told.listings_failed)) {
    return absl::StrCat(told.listings_failed, " of ", told.listings, " listings are said to have failed, and in truth ", failed,
                        " of ", all);
  }
  const bool many = told.listings_failed >= 2 && told.listings_failed * 10 > told.listings;
  return told.alerts.failed_passes == many ? "" : "the alert about listings that failed is not what they came to";
}

}  // namespace

std::string CheckAlertsNow(const GroupNow& truth, const ToldNow& told) {
  const ToldAlerts& alerts = told.alerts;
  if (alerts.breaker_open != truth.breaker_open) return "the alert about the breaker is not what the breaker is";
  if (alerts.detections_differ && !truth.compares_marks) return "ids and texts are said to disagree, and nobody compares them";
  if (truth.times_are_true && alerts.stuck_creating != (truth.creating_long > kStuck))
    return absl::StrCat(truth.creating_long, " blocks wait to be made for long, and the alert says otherwise");
  for (const int calendar : alerts.no_user_events) {
    for (const CalendarNow& now : truth.calendars) {
      if (now.calendar == calendar && !now.enabled) return absl::StrCat(now.name, " is said to be empty, and is disabled");
    }
  }
  for (const CalendarNow& calendar : truth.calendars) {
    if (std::string flaw = FlawOfAccess(truth, alerts, calendar); !flaw.empty()) return flaw;
    if (std::string flaw = FlawOfStops(truth, alerts, calendar); !flaw.empty()) return flaw;
    if (std::string flaw = FlawOfSilence(truth, alerts, calendar); !flaw.empty()) return flaw;
  }
  if (std::string flaw = FlawOfSlowness(truth, alerts); !flaw.empty()) return flaw;
  return FlawOfPasses(truth, told);
}

int64_t CountCreatingLong(const Records& records, absl::Time clock, const std::function<absl::Time(const CorrelationId&)>& born) {
  int64_t count = 0;
  for (RowIndex row = 0; row < records.size(); ++row) {
    const Record& record = records[row];
    if (!record.IsBlock() || record.status != RecordStatus::kCreating || record.IsOccurrence()) continue;
    if (absl::FromUnixSeconds(absl::ToUnixSeconds(born(record.id))) < clock - absl::Minutes(10)) ++count;
  }
  return count;
}

std::string CheckSlotNow(const GroupNow& truth, const SlotNow& slot) {
  const ToldSlot& told = slot.told;
  if (told.unexplained) return "nobody can say why it is as it is";
  if ((told.shown || told.stays) && !slot.created) return "its block is said to be there, and by the database it is not";
  if ((told.why == WhyNot::kCalendarDisabled) == slot.enabled)
    return "a calendar of it is disabled and that is not said, or the opposite";
  if (slot.enabled && (told.why == WhyNot::kNotMirrored) == slot.mirrors)
    return "its direction mirrors nothing and that is not said, or the opposite";
  if (told.frozen && !slot.out_of_reach && !slot.in_doubt)
    return "it is said to be frozen, and nothing is out of reach or in doubt";
  if (told.fight && slot.until > truth.clock + absl::Hours(24)) return "a fight is said to last longer than its day";
  if (!told.waiting) return "";
  if (!slot.planned) return "it is said to wait, and has no row";
  if (slot.until > truth.clock + kWritesRest + kMoment) return "it is said to wait for longer than anything may last";
  if (absl::StrContains(told.reason, "under way") && !slot.under_way) return "a call is said to be under way, and none is";
  if (absl::StrContains(told.reason, "breaker") && !truth.breaker_open)
    return "it is said to wait for the breaker, and that is closed";
  const bool named = absl::StrContains(told.reason, "cannot be reached") || absl::StrContains(told.reason, "read-only");
  if (named && !slot.out_of_reach) return "it is said to be out of reach, and is not";
  return "";
}

}  // namespace calsync::sim
