#include "fakegoogle/ical/busy.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/status_macros.h"
#include "fakegoogle/ical/expand.h"

namespace calsync::ical {
namespace {

constexpr int64_t kDay = 86400;

// An original start, comparable: dates apart from times.
std::pair<bool, int64_t> KeyOf(const EventTime& original) {
  if (original.kind == EventTime::Kind::kDate) return {true, original.date - kEpochDay};
  return {false, absl::ToUnixSeconds(original.instant)};
}

absl::StatusOr<Expansion> ExpandMaster(const Event& master, absl::Time to) {
  Series series;
  series.lines = master.recurrence;
  if (master.start.kind == EventTime::Kind::kDate) {
    series.start = {.is_date = true, .local = absl::CivilSecond(master.start.date), .zone = ""};
    series.length = absl::Hours(24) * (master.end.date - master.start.date);
  } else {
    const std::optional<absl::TimeZone> zone = MachineZone(master.start.time_zone);
    if (!zone.has_value()) return absl::NotFoundError("the time zone of a series is not known");
    series.start = {.is_date = false, .local = absl::ToCivilSecond(master.start.instant, *zone), .zone = master.start.time_zone};
    series.length = master.end.instant - master.start.instant;
  }
  return ExpandUntil(series, to, std::numeric_limits<int>::max() / 2, MachineZones);
}

bool Overlaps(const TimeSpan& span, absl::Time from, absl::Time to) {
  const int64_t unit = span.all_day ? kDay : 1;
  return absl::FromUnixSeconds(span.start * unit) < to && absl::FromUnixSeconds(span.end * unit) > from;
}

}  // namespace

absl::StatusOr<std::vector<BusyInterval>> BusyIntervals(const Event* master, absl::Span<const EventPtr> exceptions,
                                                        absl::Time from, absl::Time to) {
  if (master != nullptr && master->IsCancelled()) return std::vector<BusyInterval>();
  std::map<std::pair<bool, int64_t>, const Event*> changed;
  for (const EventPtr& exception : exceptions) changed[KeyOf(exception->original_start)] = exception.get();
  std::vector<BusyInterval> busy;
  if (master != nullptr) {
    ASSIGN_OR_RETURN(Expansion expansion, ExpandMaster(*master, to));
    for (Occurrence& occurrence : expansion.occurrences) {
      if (!changed.empty() && changed.contains(KeyOf(occurrence.start))) continue;
      const TimeSpan span = SpanOf(occurrence.start, occurrence.end);
      if (Overlaps(span, from, to)) busy.push_back({std::move(occurrence.start), span, nullptr});
    }
  }
  for (const auto& [original, exception] : changed) {
    const TimeSpan span = exception->span();
    if (!exception->IsCancelled() && Overlaps(span, from, to)) busy.push_back({exception->original_start, span, exception});
  }
  const auto before = [](const BusyInterval& a, const BusyInterval& b) {
    return std::pair(EarliestStart(a.span), KeyOf(a.original)) < std::pair(EarliestStart(b.span), KeyOf(b.original));
  };
  if (!changed.empty()) std::sort(busy.begin(), busy.end(), before);  // Occurrences that nobody changed come in order.
  return busy;
}

}  // namespace calsync::ical
