#include "engine/decide/skip.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "engine/base/check.h"
#include "engine/decide/desired.h"

namespace calsync {
namespace {

int64_t FloorDiv(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

// 1970-01-01 was a Thursday; 0 is Monday.
int WeekdayOf(int64_t day) { return static_cast<int>(((day + 3) % 7 + 7) % 7); }

bool HasDay(const Hours& hours, int64_t day) { return (hours.days >> WeekdayOf(day) & 1) != 0; }

// Whether [start, end), in seconds of local clocks that are not set meanwhile, meets the hours of one of its days.
bool MeetsHours(const Hours& hours, int64_t start, int64_t end) {
  const int64_t from = hours.from * 60, to = hours.to * 60;
  const int64_t last =
      std::min(FloorDiv(end - 1, kSecondsPerDay), FloorDiv(start, kSecondsPerDay) + 8);  // A week and more meets all there is.
  for (int64_t day = FloorDiv(start, kSecondsPerDay); day <= last; ++day) {
    if (!HasDay(hours, day)) continue;
    const auto meets = [&](int64_t opens, int64_t closes) {
      return std::max(start, day * kSecondsPerDay + opens) < std::min(end, day * kSecondsPerDay + closes);
    };
    if (from < to ? meets(from, to) : meets(0, to) || meets(from, kSecondsPerDay)) return true;
  }
  return false;
}

bool HasKeyword(const LiveGroup& group, const Record& source, const DirectionPolicy& policy) {
  if (source.keywords == 0) return false;
  for (const std::string& keyword : policy.keywords) {
    const std::string lower = absl::AsciiStrToLower(keyword);
    const auto at = std::lower_bound(group.keywords.begin(), group.keywords.end(), lower);
    CALSYNC_CHECK(at != group.keywords.end());  // The list is the configuration's.
    CALSYNC_CHECK(*at == lower);
    if ((source.keywords >> (at - group.keywords.begin()) & 1) != 0) return true;
  }
  return false;
}

// An occurrence that is what its series makes it is judged as its series is: by the first.
const TimeSpan& JudgedSpan(const LiveGroup& group, const Record& source) {
  if (!source.IsOccurrence() || !source.plain || source.alone) return source.span;
  const std::optional<RowIndex> master = MasterOf(group, source);
  return master.has_value() && group.records[*master].IsMaster() ? group.records[*master].span : source.span;
}

}  // namespace

Skip SkipOf(const LiveGroup& group, const Record& source, const DirectionPolicy& policy) {
  CALSYNC_CHECK(policy.mirrors);
  if (!policy.tentative && (source.tentative || source.answer == Answer::kTentative)) return Skip::kTentative;
  if (!policy.needs_action && source.answer == Answer::kNeedsAction) return Skip::kNeedsAction;
  if (!policy.all_day && source.span.all_day) return Skip::kAllDay;
  if (HasKeyword(group, source, policy)) return Skip::kKeyword;
  if (std::find(policy.colours.begin(), policy.colours.end(), source.colour) != policy.colours.end()) return Skip::kColour;
  if (policy.hours.has_value() && !IsWithin(*policy.hours, JudgedSpan(group, source), ZoneOf(group, source.calendar))) {
    return Skip::kOutsideHours;
  }
  return Skip::kNone;
}

bool IsWithin(const Hours& hours, const TimeSpan& span, const ZoneRules* zone) {
  if (span.all_day) return MeetsHours(hours, span.start * kSecondsPerDay, span.end * kSecondsPerDay);
  if (zone == nullptr) return true;
  // Piece by piece between the moments at which clocks are set.
  auto next = std::upper_bound(zone->changes.begin(), zone->changes.end(), span.start,
                               [](int64_t at, const ZoneRules::Change& change) { return at < change.at_s; });
  int64_t offset = OffsetAt(*zone, span.start);
  int64_t start = span.start;
  while (start < span.end) {
    const int64_t end = next == zone->changes.end() ? span.end : std::min(span.end, next->at_s);
    if (start < end && MeetsHours(hours, start + offset, end + offset)) return true;
    if (next == zone->changes.end()) break;
    offset = next->offset_s;
    start = end;
    ++next;
  }
  return false;
}

bool IsOver(const DirectionPolicy& policy, const TimeSpan& span, absl::Time now) {
  return LatestEnd(span) <= now - policy.horizon_back;
}

bool IsBeyondHorizon(const DirectionPolicy& policy, const TimeSpan& span, absl::Time now) {
  return IsOver(policy, span, now) || EarliestStart(span) > now + policy.horizon_ahead;
}

const ZoneRules* ZoneOf(const LiveGroup& group, CalendarKey calendar) {
  const LiveCalendar* home = group.Find(calendar);
  if (home == nullptr || group.zones == nullptr) return nullptr;
  const auto found = group.zones->find(home->row.time_zone);
  return found == group.zones->end() ? nullptr : &found->second;
}

absl::string_view Name(Skip skip) {
  switch (skip) {
    case Skip::kNone:
      return "none";
    case Skip::kTentative:
      return "tentative";
    case Skip::kNeedsAction:
      return "not answered yet";
    case Skip::kAllDay:
      return "all-day";
    case Skip::kKeyword:
      return "a keyword in its title";
    case Skip::kColour:
      return "its colour";
    case Skip::kOutsideHours:
      return "outside the hours";
  }
  return "?";
}

}  // namespace calsync
