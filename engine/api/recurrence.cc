#include "engine/api/recurrence.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace calsync {
namespace {

constexpr absl::Duration kAnyZone = absl::Hours(26);  // A written day or local time is at most so much off its UTC reading.

// "20260504", "20260504T100000" or "20260504T100000Z": the day that is written; nothing if it is no such text.
std::optional<absl::CivilDay> WrittenDay(absl::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() < 8 || !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(4, 2), &month) ||
      !absl::SimpleAtoi(text.substr(6, 2), &day)) {
    return std::nullopt;
  }
  return absl::CivilDay(year, month, day);
}

// "20260504T100000Z" says exactly when; nothing if it is no such text.
std::optional<absl::Time> WrittenInstant(absl::string_view text) {
  const std::optional<absl::CivilDay> day = WrittenDay(text);
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !day.has_value()) return std::nullopt;
  if (!absl::SimpleAtoi(text.substr(9, 2), &hour) || !absl::SimpleAtoi(text.substr(11, 2), &minute) ||
      !absl::SimpleAtoi(text.substr(13, 2), &second)) {
    return std::nullopt;
  }
  return absl::FromCivil(absl::CivilSecond(day->year(), day->month(), day->day(), hour, minute, second), absl::UTCTimeZone());
}

// The latest instant that such a text can mean.
std::optional<absl::Time> LatestReading(absl::string_view text) {
  if (const std::optional<absl::Time> instant = WrittenInstant(text)) return instant;
  const std::optional<absl::CivilDay> day = WrittenDay(text);
  if (!day.has_value()) return std::nullopt;
  return absl::FromCivil(*day + 1, absl::UTCTimeZone()) + kAnyZone;
}

// The value of `name=` in an RRULE line; nothing if it is not there.
std::optional<absl::string_view> PartOf(absl::string_view rule, absl::string_view name) {
  size_t before = rule.find(':');
  while (before != absl::string_view::npos) {
    rule.remove_prefix(before + 1);
    before = rule.find(';');
    const absl::string_view part = rule.substr(0, before);
    if (part.size() > name.size() && part[name.size()] == '=' && absl::StartsWithIgnoreCase(part, name)) {
      return part.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

// True if one of the dates of an RDATE line may be on that day: whichever clock they are written by, they are a day off at most.
bool MayAdd(absl::string_view rdate, absl::CivilDay day) {
  for (const absl::string_view date : absl::StrSplit(rdate.substr(std::min(rdate.find(':'), rdate.size() - 1) + 1), ',')) {
    const std::optional<absl::CivilDay> written = WrittenDay(date);
    if (!written.has_value() || (*written - day <= 1 && day - *written <= 1)) return true;
  }
  return false;
}

// A start by the clock of its series.
struct LocalStart {
  int64_t day = 0;          // Since the Unix epoch.
  int64_t time_of_day = 0;  // Seconds.
};

LocalStart LocalStartOf(int64_t start, bool all_day, int64_t offset) {
  if (all_day) return {start, 0};
  const int64_t local = start + offset;
  const int64_t day = (local >= 0 ? local : local - (kSecondsPerDay - 1)) / kSecondsPerDay;
  return {day, local - day * kSecondsPerDay};
}

bool HasPart(absl::string_view rule, absl::string_view name) { return PartOf(rule, name).has_value(); }

// "MO,-1FR" names the day, whichever of its month or year it is.
bool NamesWeekday(absl::string_view by_day, absl::CivilDay day) {
  static constexpr absl::string_view kNames[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};  // As absl::Weekday counts.
  const absl::string_view name = kNames[static_cast<size_t>(absl::GetWeekday(day))];
  for (const absl::string_view word : absl::StrSplit(by_day, ',')) {
    if (absl::EndsWithIgnoreCase(word, name)) return true;
  }
  return false;
}

// Nothing if text cannot tell.
std::optional<int64_t> IntervalOf(absl::string_view rule) {
  constexpr int64_t kMax = 10000;
  const std::optional<absl::string_view> written = PartOf(rule, "INTERVAL");
  int64_t interval = 1;
  if (written.has_value() && (!absl::SimpleAtoi(*written, &interval) || interval < 1 || interval > kMax)) return std::nullopt;
  return interval;
}

// True if an occurrence of the rule may fall on that day.
bool MayFallOn(absl::string_view rule, absl::string_view frequency, absl::CivilDay first, absl::CivilDay day) {
  if (const std::optional<absl::string_view> by_day = PartOf(rule, "BYDAY")) return NamesWeekday(*by_day, day);
  for (const absl::string_view part : {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}) {
    if (HasPart(rule, part)) return true;
  }
  const std::optional<int64_t> interval = IntervalOf(rule);
  if (!interval.has_value()) return true;
  const int64_t years = day.year() - first.year();
  const int64_t months = 12 * years + day.month() - first.month();
  if (absl::EqualsIgnoreCase(frequency, "DAILY")) return (day - first) % *interval == 0;
  if (absl::EqualsIgnoreCase(frequency, "WEEKLY")) return (day - first) % (7 * *interval) == 0;
  if (absl::EqualsIgnoreCase(frequency, "MONTHLY")) return first.day() == day.day() && months % *interval == 0;
  if (absl::EqualsIgnoreCase(frequency, "YEARLY")) return first.day() == day.day() && months % (12 * *interval) == 0;
  return true;
}

// How many days after the first occurrence the last one can be, by COUNT: of days and weeks each has one that counts. Nothing if
// text cannot tell.
std::optional<int64_t> DaysByCount(absl::string_view rule, absl::string_view frequency) {
  constexpr int64_t kMax = 100000;
  const std::optional<absl::string_view> written = PartOf(rule, "COUNT");
  int64_t count = 0;
  if (!written.has_value() || !absl::SimpleAtoi(*written, &count) || count < 1 || count > kMax) return std::nullopt;
  for (const absl::string_view part : {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}) {
    if (HasPart(rule, part)) return std::nullopt;
  }
  const std::optional<int64_t> interval = IntervalOf(rule);
  if (!interval.has_value()) return std::nullopt;
  const bool by_day = HasPart(rule, "BYDAY");
  if (absl::EqualsIgnoreCase(frequency, "WEEKLY")) {  // The first may be on none of the days that the rule names.
    return 7 * (by_day ? count * *interval + 1 : (count - 1) * *interval);
  }
  if (absl::EqualsIgnoreCase(frequency, "DAILY") && !by_day) return (count - 1) * *interval;
  return std::nullopt;
}

// True if the rule may give an occurrence on that day, at its own time of day.
bool MayGive(absl::string_view rule, absl::CivilDay first, absl::CivilDay day, bool at_that_time) {
  const std::optional<absl::string_view> frequency = PartOf(rule, "FREQ");
  if (!frequency.has_value()) return true;
  const std::optional<int64_t> days = DaysByCount(rule, *frequency);
  if (days.has_value() && day - first > *days) return false;
  for (const absl::string_view known : {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}) {
    if (!absl::EqualsIgnoreCase(*frequency, known)) continue;
    const bool own_times = HasPart(rule, "BYHOUR") || HasPart(rule, "BYMINUTE") || HasPart(rule, "BYSECOND");
    return (at_that_time || own_times) && MayFallOn(rule, *frequency, first, day);
  }
  return true;
}

}  // namespace

OriginalStart OriginalStartOf(const Event& occurrence) {
  const EventTime& original = occurrence.original_start;
  if (original.kind == EventTime::Kind::kAbsent) return {};
  if (original.kind == EventTime::Kind::kDate) return {original.date - kEpochDay, true};
  return {absl::ToUnixSeconds(original.instant), false};
}

EventTime TimeOf(const OriginalStart& original) { return StartOf(TimeSpan{original.start, original.start, original.all_day}); }

EventId OccurrenceId(absl::string_view master, const OriginalStart& original) {
  if (original.all_day) {
    const absl::CivilDay day = kEpochDay + original.start;
    return EventId(
        absl::StrCat(master, "_", absl::FormatTime("%Y%m%d", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone())));
  }
  return EventId(
      absl::StrCat(master, "_", absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixSeconds(original.start), absl::UTCTimeZone())));
}

std::string PackSeries(const Event& event) {
  if (!event.IsSeriesMaster()) return "";
  std::string packed = event.start.kind == EventTime::Kind::kDateTime ? event.start.time_zone : std::string();
  for (const std::string& line : event.recurrence) absl::StrAppend(&packed, "\n", line);
  return packed;
}

std::string PackSeries(const SeriesText& series) {
  if (series.lines.empty()) return "";
  return absl::StrCat(series.time_zone, "\n", absl::StrJoin(series.lines, "\n"));
}

SeriesText UnpackSeries(absl::string_view packed) {
  SeriesText series;
  if (packed.empty()) return series;
  const size_t zone_ends = std::min(packed.find('\n'), packed.size());
  series.time_zone = std::string(packed.substr(0, zone_ends));
  if (zone_ends < packed.size()) series.lines = absl::StrSplit(packed.substr(zone_ends + 1), '\n');
  return series;
}

std::optional<absl::Time> LatestStart(const SeriesText& series, const TimeSpan& first) {
  absl::Time latest = LatestEnd({first.start, first.start, first.all_day});
  for (const absl::string_view line : series.lines) {
    if (absl::StartsWithIgnoreCase(line, "EXDATE") || absl::StartsWithIgnoreCase(line, "EXRULE")) continue;
    std::optional<absl::Time> reading;
    if (absl::StartsWithIgnoreCase(line, "RRULE")) {
      const std::optional<absl::string_view> until = PartOf(line, "UNTIL");
      if (until.has_value()) reading = LatestReading(*until);
    } else if (absl::StartsWithIgnoreCase(line, "RDATE")) {
      const size_t colon = line.find(':');
      if (colon == absl::string_view::npos) return std::nullopt;
      for (const absl::string_view date : absl::StrSplit(line.substr(colon + 1), ',')) {
        const std::optional<absl::Time> read = LatestReading(date);
        if (!read.has_value()) return std::nullopt;
        reading = std::max(reading.value_or(absl::InfinitePast()), *read);
      }
    }
    if (!reading.has_value()) return std::nullopt;
    latest = std::max(latest, *reading);
  }
  return latest;
}

bool NeverGives(const SeriesText& series, const TimeSpan& first, const OriginalStart& original, const SeriesOffsets& offsets) {
  if (original.all_day != first.all_day) return true;
  if (original.start == first.start) return false;
  const std::optional<absl::Time> latest = LatestStart(series, first);
  if (latest.has_value() && EarliestStart({original.start, original.start, original.all_day}) > *latest) return true;
  const LocalStart begins = LocalStartOf(first.start, first.all_day, offsets.at_first);
  const LocalStart shown = LocalStartOf(original.start, first.all_day, offsets.at_original);
  const LocalStart skipped = LocalStartOf(original.start, first.all_day, offsets.a_day_before);
  const bool late = original.start > first.start;
  for (const absl::string_view line : series.lines) {
    if (absl::StartsWithIgnoreCase(line, "RDATE") && MayAdd(line, kEpochDay + shown.day)) return false;
    if (!absl::StartsWithIgnoreCase(line, "RRULE")) continue;
    for (const LocalStart& local : {shown, skipped}) {
      const bool at_that_time = local.time_of_day == begins.time_of_day;
      if (late && MayGive(line, kEpochDay + begins.day, kEpochDay + local.day, at_that_time)) return false;
    }
  }
  return true;
}

}  // namespace calsync
