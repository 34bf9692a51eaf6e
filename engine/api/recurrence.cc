#include "engine/api/recurrence.h"

#include <algorithm>
#include <iterator>

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

// What the text of a rule tells of a day.
enum class Falls : uint8_t { kNever, kPerhaps, kSurely };

// The days on which a rule falls, as its text tells them. Where BYDAY or, by months, BYMONTHDAY alone say more than how often,
// and where nothing does, that is all of it.
class DaysOfRule {
 public:
  DaysOfRule(absl::string_view rule, absl::CivilDay first)
      : rule_(rule),
        frequency_(FrequencyOf(rule)),
        interval_(IntervalOf(rule)),
        first_(first),
        by_day_(PartOf(rule, "BYDAY")),
        by_month_day_(PartOf(rule, "BYMONTHDAY")),
        week_starts_(WeekdayNamed(PartOf(rule, "WKST").value_or("MO")).value_or(0)) {
    const bool of_months = frequency_ == Frequency::kMonthly;
    says_more_ = by_month_day_.has_value() && (!of_months || by_day_.has_value());
    for (const absl::string_view part : {"BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}) {
      says_more_ = says_more_ || HasPart(rule, part);
    }
  }

  Falls On(absl::CivilDay day) const {
    if (frequency_ == Frequency::kOther || !interval_.has_value()) return Falls::kPerhaps;
    if (says_more_) return by_day_.has_value() && ByWeekday(day) == Falls::kNever ? Falls::kNever : Falls::kPerhaps;
    if (!IsInItsPeriods(day)) return Falls::kNever;
    if (by_day_.has_value()) return ByWeekday(day);
    if (by_month_day_.has_value()) return ByMonthDay(day);
    return IsLikeTheFirst(day) ? Falls::kSurely : Falls::kNever;
  }

  // True if the rule has ended before that day: COUNT of its days lie before it.
  bool IsUsedUpBefore(absl::CivilDay day) const {
    constexpr int64_t kDaysMax = 10000;  // That are looked at.
    const std::optional<absl::string_view> written = PartOf(rule_, "COUNT");
    int64_t left = 0;
    if (!written.has_value() || !absl::SimpleAtoi(*written, &left) || left < 1 || HasTimes() || says_more_) return false;
    if (day - first_ < left) return false;  // Not even one each day.
    for (absl::CivilDay past = first_; past < std::min(day, first_ + kDaysMax); ++past) {
      if (On(past) == Falls::kSurely && --left == 0) return true;
    }
    return false;
  }

  bool KnowsTimes() const { return frequency_ != Frequency::kOther && !HasTimes(); }

 private:
  enum class Frequency : uint8_t { kDaily, kWeekly, kMonthly, kYearly, kOther };

  static Frequency FrequencyOf(absl::string_view rule) {
    static constexpr absl::string_view kNames[] = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};  // As Frequency counts.
    const absl::string_view written = PartOf(rule, "FREQ").value_or("");
    for (size_t i = 0; i < std::size(kNames); ++i) {
      if (absl::EqualsIgnoreCase(written, kNames[i])) return static_cast<Frequency>(i);
    }
    return Frequency::kOther;
  }

  // Nothing if text cannot tell.
  static std::optional<int64_t> IntervalOf(absl::string_view rule) {
    constexpr int64_t kMax = 10000;
    const std::optional<absl::string_view> written = PartOf(rule, "INTERVAL");
    int64_t interval = 1;
    if (written.has_value() && (!absl::SimpleAtoi(*written, &interval) || interval < 1 || interval > kMax)) return std::nullopt;
    return interval;
  }

  bool HasTimes() const { return HasPart(rule_, "BYHOUR") || HasPart(rule_, "BYMINUTE") || HasPart(rule_, "BYSECOND"); }

  // In one of each INTERVAL days, weeks, months or years.
  bool IsInItsPeriods(absl::CivilDay day) const {
    const int64_t years = day.year() - first_.year();
    switch (frequency_) {
      case Frequency::kDaily:
        return (day - first_) % *interval_ == 0;
      case Frequency::kWeekly:
        return (WeekOf(day) - WeekOf(first_)) % (7 * *interval_) == 0;
      case Frequency::kMonthly:
        return (12 * years + day.month() - first_.month()) % *interval_ == 0;
      case Frequency::kYearly:
        return years % *interval_ == 0;
      case Frequency::kOther:
        break;
    }
    return true;
  }

  // The first day of its week.
  absl::CivilDay WeekOf(absl::CivilDay day) const {
    return day - (static_cast<int64_t>(absl::GetWeekday(day)) - week_starts_ + 7) % 7;
  }

  bool IsLikeTheFirst(absl::CivilDay day) const {
    switch (frequency_) {
      case Frequency::kWeekly:
        return absl::GetWeekday(day) == absl::GetWeekday(first_);
      case Frequency::kMonthly:
        return day.day() == first_.day();
      case Frequency::kYearly:
        return day.day() == first_.day() && day.month() == first_.month();
      case Frequency::kDaily:
      case Frequency::kOther:
        break;
    }
    return true;
  }

  // As absl::Weekday counts.
  static std::optional<int64_t> WeekdayNamed(absl::string_view name) {
    static constexpr absl::string_view kNames[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    for (size_t i = 0; i < std::size(kNames); ++i) {
      if (absl::EqualsIgnoreCase(name, kNames[i])) return static_cast<int64_t>(i);
    }
    return std::nullopt;
  }

  static int64_t LengthOfMonth(absl::CivilDay day) {
    const absl::CivilMonth month(day);
    return absl::CivilDay(month + 1) - absl::CivilDay(month);
  }

  // "MO,-1FR": of months the number says which of them.
  Falls ByWeekday(absl::CivilDay day) const {
    Falls falls = Falls::kNever;
    for (const absl::string_view word : absl::StrSplit(*by_day_, ',')) {
      const size_t name = word.size() - std::min<size_t>(2, word.size());
      if (WeekdayNamed(word.substr(name)) != static_cast<int64_t>(absl::GetWeekday(day))) continue;
      if (name == 0) return Falls::kSurely;
      int64_t number = 0;
      const bool is_read = absl::SimpleAtoi(word.substr(0, name), &number) && number != 0;
      if (frequency_ != Frequency::kMonthly || !is_read) {
        falls = Falls::kPerhaps;
      } else if (number > 0 ? (day.day() - 1) / 7 + 1 == number : (LengthOfMonth(day) - day.day()) / 7 + 1 == -number) {
        return Falls::kSurely;
      }
    }
    return falls;
  }

  // "15,-1".
  Falls ByMonthDay(absl::CivilDay day) const {
    Falls falls = Falls::kNever;
    for (const absl::string_view word : absl::StrSplit(*by_month_day_, ',')) {
      int64_t number = 0;
      if (!absl::SimpleAtoi(word, &number)) {
        falls = Falls::kPerhaps;
      } else if (day.day() == (number > 0 ? number : LengthOfMonth(day) + 1 + number)) {
        return Falls::kSurely;
      }
    }
    return falls;
  }

  absl::string_view rule_;
  Frequency frequency_;
  std::optional<int64_t> interval_;
  absl::CivilDay first_;
  std::optional<absl::string_view> by_day_;
  std::optional<absl::string_view> by_month_day_;
  int64_t week_starts_;     // As absl::Weekday counts.
  bool says_more_ = false;  // Than is looked at.
};

// True if the rule may give an occurrence on that day, at its own time of day.
bool MayGive(absl::string_view rule, absl::CivilDay first, absl::CivilDay day, bool at_that_time) {
  const DaysOfRule days(rule, first);
  if (days.KnowsTimes() && !at_that_time) return false;
  return days.On(day) != Falls::kNever && !days.IsUsedUpBefore(day);
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
