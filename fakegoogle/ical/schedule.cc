#include "fakegoogle/ical/schedule.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace calsync::ical {
namespace {

// Nobody looks further ahead than this many occurrences; a rule by the second would fill the memory.
constexpr int kMost = 20000;
// Each rule of a series may take some milliseconds; nobody needs more of them.
constexpr int kRulesMost = 16;
// How far an expansion reaches at least; further ones double it.
constexpr absl::Duration kFirstReach = absl::Hours(24 * 45);
// No date that can be written is further away.
constexpr absl::Duration kReachMost = absl::Hours(int64_t{24} * 366 * 10000);

Series SeriesOf(const Event& master) {
  Series series;
  if (master.start.kind == EventTime::Kind::kDate) {
    series.start = {.is_date = true, .local = absl::CivilSecond(master.start.date), .zone = ""};
    series.length = absl::Hours(24) * (master.end.date - master.start.date);
  } else {
    const std::optional<absl::TimeZone> rules = MachineZone(master.start.time_zone);
    series.start.zone = rules.has_value() ? master.start.time_zone : "UTC";
    series.start.local = absl::ToCivilSecond(master.start.instant, rules.value_or(absl::UTCTimeZone()));
    series.length = master.end.instant - master.start.instant;
  }
  series.lines = master.recurrence;
  return series;
}

TimeSpan SpanOfOccurrence(const Occurrence& occurrence) { return SpanOf(occurrence.start, occurrence.end); }

bool SamePoint(const EventTime& a, const EventTime& b) {
  return a.kind == b.kind && a.date == b.date && a.instant == b.instant && a.time_zone == b.time_zone;
}

}  // namespace

absl::Status CheckLines(const Event& master) {
  if (master.start.kind == EventTime::Kind::kDateTime && !MachineZone(master.start.time_zone).has_value()) {
    return absl::NotFoundError(absl::StrCat("the time zone ", master.start.time_zone, " is not known"));
  }
  int rules = 0;
  for (const std::string& line : master.recurrence) {
    const absl::string_view name = absl::string_view(line).substr(0, line.find_first_of(":;"));
    const bool is_rule = absl::EqualsIgnoreCase(name, "RRULE") || absl::EqualsIgnoreCase(name, "EXRULE");
    const bool is_date = absl::EqualsIgnoreCase(name, "RDATE") || absl::EqualsIgnoreCase(name, "EXDATE");
    if ((!is_rule && !is_date) || !absl::StrContains(line, ':') || absl::EndsWith(line, ":")) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is no recurrence line"));
    }
    if (is_rule && ++rules > kRulesMost) return absl::InvalidArgumentError("too many rules");
    const std::string upper = absl::AsciiStrToUpper(line);
    if (is_rule && absl::StrContains(upper, "COUNT=") && absl::StrContains(upper, "UNTIL=")) {
      return absl::InvalidArgumentError("COUNT and UNTIL exclude each other");
    }
    for (const char* const hours : {"FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY"}) {
      if (is_rule && absl::StrContains(upper, hours)) {  // Google repeats by the day at least (google-api-ruby-client#572).
        return absl::InvalidArgumentError("nothing repeats more often than once a day");
      }
    }
  }
  return Expand(SeriesOf(master), 1, MachineZones).status();
}

absl::StatusOr<Halves> CutLines(const Event& master, const TimeSpan& at) {
  WrittenTime cut;
  cut.is_date = at.all_day;
  cut.local = at.all_day ? absl::CivilSecond(kEpochDay + at.start)
                         : absl::ToCivilSecond(absl::FromUnixSeconds(at.start), absl::UTCTimeZone());
  if (!at.all_day) cut.zone = "UTC";
  return Cut(SeriesOf(master), cut, MachineZones);
}

Schedule::Schedule(const Event& master)
    : start_(master.start), end_(master.end), lines_(master.recurrence), series_(SeriesOf(master)) {
  if (Expand(series_, 1, MachineZones).ok()) return;
  std::vector<std::string> readable;
  for (std::string& line : series_.lines) {
    Series alone = series_;
    alone.lines = {line};
    if (Expand(alone, 1, MachineZones).ok()) readable.push_back(std::move(line));
  }
  series_.lines = std::move(readable);
}

bool Schedule::IsFor(const Event& master) const {
  return SamePoint(start_, master.start) && SamePoint(end_, master.end) && lines_ == master.recurrence;
}

std::optional<TimeSpan> Schedule::Find(const EventTime& original) const {
  if ((original.kind == EventTime::Kind::kDate) != all_day() || original.kind == EventTime::Kind::kAbsent) return std::nullopt;
  const int64_t start = all_day() ? original.date - kEpochDay : absl::ToUnixSeconds(original.instant);
  Reach(all_day() ? absl::FromUnixSeconds(start * 86400) : original.instant);
  const auto found = std::lower_bound(spans_.begin(), spans_.end(), start,
                                      [](const TimeSpan& span, int64_t bound) { return span.start < bound; });
  if (found == spans_.end() || found->start != start) return std::nullopt;
  return *found;
}

absl::Span<const TimeSpan> Schedule::Before(int64_t end) const {
  Reach(absl::FromUnixSeconds(all_day() ? end * 86400 : end));
  const auto last =
      std::lower_bound(spans_.begin(), spans_.end(), end, [](const TimeSpan& span, int64_t bound) { return span.start < bound; });
  return absl::MakeConstSpan(spans_.data(), static_cast<size_t>(last - spans_.begin()));
}

std::optional<TimeSpan> Schedule::First() const {
  const absl::Time from = all_day() ? absl::FromCivil(start_.date, absl::UTCTimeZone()) : start_.instant;
  // A series whose first kMost are all excluded has more, which no reach shows.
  for (absl::Duration reach = kFirstReach; spans_.empty() && !complete_ && reach < 4 * kReachMost; reach *= 4)
    Reach(from + reach);
  if (spans_.empty()) return std::nullopt;
  return spans_.front();
}

void Schedule::Reach(absl::Time last) const {
  if (complete_ || last <= reached_) return;
  const absl::Time from = all_day() ? absl::FromCivil(start_.date, absl::UTCTimeZone()) : start_.instant;
  absl::Time until = std::max(last, from + kFirstReach);
  if (reached_ > from) until = std::max(until, from + 2 * (reached_ - from));
  const absl::StatusOr<Expansion> expansion = ExpandUntil(series_, until, kMost, MachineZones);
  reached_ = until;
  if (!expansion.ok()) {  // Never after the constructor; but a series that cannot be followed has no occurrences.
    complete_ = true;
    return;
  }
  complete_ = !expansion->more || static_cast<int>(expansion->occurrences.size()) >= kMost;
  spans_.clear();
  spans_.reserve(expansion->occurrences.size());
  for (const Occurrence& occurrence : expansion->occurrences) spans_.push_back(SpanOfOccurrence(occurrence));
}

}  // namespace calsync::ical
