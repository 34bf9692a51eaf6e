#include "fakegoogle/ical/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/api/recurrence.h"

namespace calsync::ical {
namespace {

// --- A second implementation, slow and obvious: every day of a period is looked at, and every part of a rule is a filter. It
// knows what the generator below makes, and nothing of libical.

struct Rule {
  enum class Frequency { kYearly, kMonthly, kWeekly, kDaily };
  Frequency frequency = Frequency::kDaily;
  int interval = 1;
  std::optional<int> count;
  std::optional<absl::Time> until;          // In UTC, or midnight UTC of a date.
  std::vector<int> by_month;                // 1…12.
  std::vector<int> by_month_day;            // ±1…31.
  std::vector<int> by_year_day;             // ±1…366.
  std::vector<std::pair<int, int>> by_day;  // Ordinal (0: each) and weekday (0: Monday).
  std::vector<int> by_set_pos;
  int week_start = 0;
};

int WeekdayOf(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)); }  // 0: Monday.

template <class T>
bool Has(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether the day is one of [first, last], counted among the equal weekdays from the front or, if negative, from the back.
bool IsNth(absl::CivilDay day, absl::CivilDay first, absl::CivilDay last, int ordinal) {
  if (ordinal > 0) return (day - first) / 7 + 1 == ordinal;
  return (last - day) / 7 + 1 == -ordinal;
}

class SlowExpander {
 public:
  SlowExpander(const Rule& rule, absl::CivilSecond start) : rule_(rule), start_(start), first_day_(start) {}

  // The days on which the rule has an occurrence, from the start on and up to about `last`, COUNT counted.
  std::vector<absl::CivilDay> Days(absl::CivilDay last) const {
    std::vector<absl::CivilDay> days;
    for (int period = 0;; period += rule_.interval) {
      std::vector<absl::CivilDay> matching;
      const auto [from, to] = Period(period);
      if (from > last) return days;
      for (absl::CivilDay day = from; day < to; ++day) {
        if (Matches(day)) matching.push_back(day);
      }
      for (const absl::CivilDay day : Positions(matching)) {
        if (day < first_day_) continue;
        if (rule_.count && static_cast<int>(days.size()) == *rule_.count) return days;
        days.push_back(day);
      }
    }
  }

 private:
  std::pair<absl::CivilDay, absl::CivilDay> Period(int n) const {
    switch (rule_.frequency) {
      case Rule::Frequency::kYearly:
        return {absl::CivilDay(absl::CivilYear(first_day_) + n), absl::CivilDay(absl::CivilYear(first_day_) + n + 1)};
      case Rule::Frequency::kMonthly:
        return {absl::CivilDay(absl::CivilMonth(first_day_) + n), absl::CivilDay(absl::CivilMonth(first_day_) + n + 1)};
      case Rule::Frequency::kWeekly: {
        const int back = (WeekdayOf(first_day_) - rule_.week_start + 7) % 7;
        const absl::CivilDay week = first_day_ - back + 7 * n;
        return {week, week + 7};
      }
      case Rule::Frequency::kDaily:
        return {first_day_ + n, first_day_ + n + 1};
    }
    return {first_day_, first_day_};
  }

  bool Matches(absl::CivilDay day) const {
    const absl::CivilDay month_start(day.year(), day.month(), 1);
    const absl::CivilDay month_end = absl::CivilDay(absl::CivilMonth(day) + 1) - 1;
    const absl::CivilDay year_start(day.year(), 1, 1);
    const absl::CivilDay year_end(day.year(), 12, 31);
    if (!rule_.by_month.empty() && !Has(rule_.by_month, day.month())) return false;
    if (!rule_.by_month_day.empty() && !Has(rule_.by_month_day, day.day()) &&
        !Has(rule_.by_month_day, static_cast<int>(day - month_end) - 1)) {
      return false;
    }
    if (!rule_.by_year_day.empty() && !Has(rule_.by_year_day, static_cast<int>(day - year_start) + 1) &&
        !Has(rule_.by_year_day, static_cast<int>(day - year_end) - 1)) {
      return false;
    }
    if (!rule_.by_day.empty()) {
      const bool in_month = rule_.frequency == Rule::Frequency::kMonthly ||
                            (rule_.frequency == Rule::Frequency::kYearly && !rule_.by_month.empty());
      const bool any = std::any_of(rule_.by_day.begin(), rule_.by_day.end(), [&](const std::pair<int, int>& one) {
        if (one.second != WeekdayOf(day)) return false;
        if (one.first == 0) return true;
        return in_month ? IsNth(day, month_start, month_end, one.first) : IsNth(day, year_start, year_end, one.first);
      });
      if (!any) return false;
    }
    return MatchesStart(day);
  }

  // What the rule leaves open follows from the start.
  bool MatchesStart(absl::CivilDay day) const {
    const bool no_days = rule_.by_day.empty() && rule_.by_month_day.empty() && rule_.by_year_day.empty();
    switch (rule_.frequency) {
      case Rule::Frequency::kYearly:
        if (no_days) return day.day() == first_day_.day() && (!rule_.by_month.empty() || day.month() == first_day_.month());
        // Google keeps such a rule to the month of its start (contract 4.1).
        if (!rule_.by_month_day.empty() && rule_.by_month.empty() && rule_.by_day.empty() && rule_.by_year_day.empty()) {
          return day.month() == first_day_.month();
        }
        return true;
      case Rule::Frequency::kMonthly:
        return !no_days || day.day() == first_day_.day();
      case Rule::Frequency::kWeekly:
        return !no_days || WeekdayOf(day) == WeekdayOf(first_day_);
      case Rule::Frequency::kDaily:
        return true;
    }
    return false;
  }

  std::vector<absl::CivilDay> Positions(const std::vector<absl::CivilDay>& days) const {
    if (rule_.by_set_pos.empty()) return days;
    std::set<absl::CivilDay> chosen;
    for (const int position : rule_.by_set_pos) {
      const int at = position > 0 ? position - 1 : static_cast<int>(days.size()) + position;
      if (at >= 0 && at < static_cast<int>(days.size())) chosen.insert(days[static_cast<size_t>(at)]);
    }
    return {chosen.begin(), chosen.end()};
  }

  const Rule& rule_;
  const absl::CivilSecond start_;
  const absl::CivilDay first_day_;
};

// --- What is generated.

class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  int Below(int bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<int>(state_ % static_cast<uint64_t>(bound));
  }
  bool OneIn(int n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

constexpr const char* kZones[] = {"Europe/Zurich",       "Europe/London",    "America/New_York", "America/Los_Angeles",
                                  "America/Sao_Paulo",   "America/St_Johns", "Asia/Jerusalem",   "Africa/Casablanca",
                                  "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "America/Santiago",
                                  "Europe/Dublin",       "Africa/Cairo",     "Atlantic/Azores",  "Pacific/Chatham"};
constexpr const char* kDays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

struct Case {
  Rule rule;
  absl::CivilSecond start;
  std::string zone;  // Empty: all-day.
  std::vector<absl::CivilDay> excluded;
  std::vector<absl::CivilDay> added;
};

std::vector<int> Some(Draws& draws, int most, int bound, bool negative) {
  std::set<int> values;
  const int n = 1 + draws.Below(most);
  while (static_cast<int>(values.size()) < n) {
    const int value = 1 + draws.Below(bound);
    values.insert(negative && draws.OneIn(3) ? -value : value);
  }
  return {values.begin(), values.end()};
}

Case Draw(uint64_t seed) {
  Draws draws(seed);
  for (int i = 0; i < 8; ++i) draws.Below(2);
  Case one;
  Rule& rule = one.rule;
  rule.frequency = static_cast<Rule::Frequency>(draws.Below(4));
  rule.interval = draws.OneIn(2) ? 1 : 1 + draws.Below(4);
  const absl::CivilDay day = absl::CivilDay(2024, 1, 1) + draws.Below(1100);
  // Hours of the night too, at which clocks change.
  const int hour = draws.OneIn(2) ? draws.Below(4) : draws.Below(24);
  one.start = absl::CivilSecond(day.year(), day.month(), day.day(), hour, draws.OneIn(2) ? 30 : 0, 0);
  if (!draws.OneIn(4)) one.zone = kZones[static_cast<size_t>(draws.Below(static_cast<int>(std::size(kZones))))];
  if (one.zone.empty()) one.start = absl::CivilSecond(day);

  const bool yearly = rule.frequency == Rule::Frequency::kYearly;
  const bool monthly = rule.frequency == Rule::Frequency::kMonthly;
  if (draws.OneIn(yearly ? 2 : 5)) rule.by_month = Some(draws, 4, 12, false);
  if (yearly && rule.by_month.empty() && draws.OneIn(5)) {
    rule.by_year_day = Some(draws, 4, 365, true);
  } else if ((yearly || monthly || rule.frequency == Rule::Frequency::kDaily) && draws.OneIn(3)) {
    rule.by_month_day = Some(draws, 4, 31, true);
  } else if (draws.OneIn(2)) {
    for (const int weekday : Some(draws, 4, 7, false)) {
      const bool ordinal = (monthly || yearly) && draws.OneIn(2);
      rule.by_day.emplace_back(ordinal ? (draws.OneIn(2) ? 1 + draws.Below(4) : -1 - draws.Below(4)) : 0, weekday - 1);
    }
  }
  if (rule.frequency == Rule::Frequency::kWeekly && draws.OneIn(2)) rule.week_start = draws.Below(7);
  const bool several = !rule.by_day.empty() || !rule.by_month_day.empty() || !rule.by_year_day.empty();
  if (several && draws.OneIn(3)) {
    rule.by_set_pos = Some(draws, 2, 3, true);
  }
  const int end = draws.Below(3);
  if (end == 0) rule.count = 1 + draws.Below(30);
  if (end == 1)
    rule.until = absl::FromCivil(day + draws.Below(900), absl::UTCTimeZone()) + absl::Hours(one.zone.empty() ? 0 : 12);
  return one;
}

std::string Lines(const Case& one, std::vector<std::string>& lines) {
  const Rule& rule = one.rule;
  constexpr const char* kNames[] = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY"};
  std::string text = absl::StrCat("RRULE:FREQ=", kNames[static_cast<size_t>(rule.frequency)]);
  if (rule.interval != 1) absl::StrAppend(&text, ";INTERVAL=", rule.interval);
  if (rule.count) absl::StrAppend(&text, ";COUNT=", *rule.count);
  const bool days = one.zone.empty();
  if (rule.until) {
    absl::StrAppend(&text, ";UNTIL=", absl::FormatTime(days ? "%Y%m%d" : "%Y%m%dT%H%M%SZ", *rule.until, absl::UTCTimeZone()));
  }
  if (!rule.by_month.empty()) absl::StrAppend(&text, ";BYMONTH=", absl::StrJoin(rule.by_month, ","));
  if (!rule.by_month_day.empty()) absl::StrAppend(&text, ";BYMONTHDAY=", absl::StrJoin(rule.by_month_day, ","));
  if (!rule.by_year_day.empty()) absl::StrAppend(&text, ";BYYEARDAY=", absl::StrJoin(rule.by_year_day, ","));
  if (!rule.by_day.empty()) {
    absl::StrAppend(&text, ";BYDAY=", absl::StrJoin(rule.by_day, ",", [](std::string* out, const std::pair<int, int>& day) {
      if (day.first != 0) absl::StrAppend(out, day.first);
      absl::StrAppend(out, kDays[static_cast<size_t>(day.second)]);
    }));
  }
  if (!rule.by_set_pos.empty()) absl::StrAppend(&text, ";BYSETPOS=", absl::StrJoin(rule.by_set_pos, ","));
  if (rule.week_start != 0) absl::StrAppend(&text, ";WKST=", kDays[static_cast<size_t>(rule.week_start)]);
  lines.push_back(text);
  const auto list = [&](const char* name, const std::vector<absl::CivilDay>& dates) {
    if (dates.empty()) return;
    std::vector<std::string> words;
    for (const absl::CivilDay date : dates) {
      const absl::CivilSecond at(date.year(), date.month(), date.day(), one.start.hour(), one.start.minute(), 0);
      words.push_back(
          absl::FormatTime(days ? "%Y%m%d" : "%Y%m%dT%H%M%S", absl::FromCivil(at, absl::UTCTimeZone()), absl::UTCTimeZone()));
    }
    lines.push_back(absl::StrCat(name, days ? ";VALUE=DATE:" : absl::StrCat(";TZID=", one.zone, ":"), absl::StrJoin(words, ",")));
  };
  list("EXDATE", one.excluded);
  list("RDATE", one.added);
  return absl::StrCat(absl::StrJoin(lines, " "), " from ", absl::FormatCivilTime(one.start), " ", one.zone);
}

absl::Time InstantOf(const Case& one, absl::CivilDay day) {
  const absl::CivilSecond at(day.year(), day.month(), day.day(), one.start.hour(), one.start.minute(), one.start.second());
  absl::TimeZone zone = absl::UTCTimeZone();
  EXPECT_TRUE(one.zone.empty() || absl::LoadTimeZone(one.zone, &zone)) << one.zone;
  return zone.At(at).pre;
}

// What the slow implementation gives, until `last`, in seconds or days.
std::vector<int64_t> Slowly(const Case& one, absl::Time last) {
  std::set<absl::Time> instants = {InstantOf(one, absl::CivilDay(one.start))};
  for (const absl::CivilDay day : SlowExpander(one.rule, one.start).Days(absl::CivilDay(one.start) + 1201)) {
    const absl::Time at = InstantOf(one, day);
    if (one.rule.until && at > *one.rule.until) break;
    if (at > last) break;
    instants.insert(at);
  }
  for (const absl::CivilDay day : one.added) {
    if (InstantOf(one, day) <= last) instants.insert(InstantOf(one, day));
  }
  for (const absl::CivilDay day : one.excluded) instants.erase(InstantOf(one, day));
  std::vector<int64_t> starts;
  for (const absl::Time at : instants) {
    starts.push_back(one.zone.empty() ? absl::ToUnixSeconds(at) / 86400 : absl::ToUnixSeconds(at));
  }
  return starts;
}

// The first that the rule would give, were it not for COUNT.
std::optional<absl::CivilDay> FirstBeyondCount(const Case& one) {
  if (!one.rule.count) return std::nullopt;
  Rule endless = one.rule;
  endless.count = std::nullopt;
  const std::vector<absl::CivilDay> days = SlowExpander(endless, one.start).Days(absl::CivilDay(one.start) + 1201);
  const auto count = static_cast<size_t>(*one.rule.count);
  return days.size() > count ? std::optional<absl::CivilDay>(days[count]) : std::nullopt;
}

Event MasterOf(const Case& one, std::vector<std::string> lines) {
  Event event;
  event.recurrence = std::move(lines);
  if (one.zone.empty()) {
    event.start = EventTime::Date(absl::CivilDay(one.start));
    event.end = EventTime::Date(absl::CivilDay(one.start) + 1);
    return event;
  }
  event.start = EventTime::At(InstantOf(one, absl::CivilDay(one.start)), one.zone);
  event.end = EventTime::At(event.start.instant + absl::Minutes(45), one.zone);
  return event;
}

// Whether the text of a series denies a start that is in question.
bool TextDenies(const Event& master, int64_t start, const absl::TimeZone& zone) {
  const TimeSpan first = master.span();
  const auto offset = [&](int64_t at) -> int64_t { return first.all_day ? 0 : zone.At(absl::FromUnixSeconds(at)).offset; };
  const SeriesOffsets offsets{offset(first.start), offset(start), offset(start - 86400)};
  return NeverGives(UnpackSeries(PackSeries(master)), first, {start, first.all_day}, offsets);
}

TEST(Schedule, GivesWhatASlowAndObviousImplementationGivesAndTextDoesNotDeny) {  // C-60 K-11
  int compared = 0;
  int denied = 0;       // Of starts that no series of the tests gives.
  int denied_next = 0;  // … of them the first that COUNT leaves out.
  int occurrences = 0;
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    Case one = Draw(seed);
    // A start that the clocks skip shows another hour: no series begins so.
    absl::TimeZone zone = absl::UTCTimeZone();
    ASSERT_TRUE(one.zone.empty() || absl::LoadTimeZone(one.zone, &zone)) << one.zone;
    if (absl::ToCivilSecond(absl::FromCivil(one.start, zone), zone) != one.start) continue;
    const absl::Time last = absl::FromCivil(absl::CivilDay(one.start) + 1200, absl::UTCTimeZone());
    Draws draws(seed + 1'000'000);
    const std::vector<absl::CivilDay> days = SlowExpander(one.rule, one.start).Days(absl::CivilDay(one.start) + 300);
    for (const absl::CivilDay day : days) {
      if (draws.OneIn(8)) one.excluded.push_back(day);
    }
    if (draws.OneIn(3)) one.added.push_back(absl::CivilDay(one.start) + 1 + draws.Below(500));
    std::vector<std::string> lines;
    const std::string name = Lines(one, lines);
    const Schedule schedule(MasterOf(one, lines));
    std::vector<int64_t> starts;
    const int64_t end = one.zone.empty() ? absl::ToUnixSeconds(last) / 86400 + 1 : absl::ToUnixSeconds(last) + 1;
    for (const TimeSpan& span : schedule.Before(end)) starts.push_back(span.start);
    ASSERT_EQ(starts, Slowly(one, last)) << "seed " << seed << ": " << name;
    const Event master = MasterOf(one, lines);
    for (const int64_t start : starts)
      ASSERT_FALSE(TextDenies(master, start, zone)) << start << " of seed " << seed << ": " << name;
    const int64_t odd = starts.empty() || one.zone.empty() ? master.span().start - 1 : starts.back() + 600;
    if (one.added.empty() && TextDenies(master, odd, zone)) ++denied;
    const std::optional<absl::CivilDay> next = FirstBeyondCount(one);
    if (next.has_value() && one.added.empty()) {
      const absl::Time at = InstantOf(one, *next);
      if (TextDenies(master, absl::ToUnixSeconds(at) / (one.zone.empty() ? 86400 : 1), zone)) ++denied_next;
    }
    ++compared;
    occurrences += static_cast<int>(starts.size());
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(occurrences, 30000);
  EXPECT_GT(denied, 300);
  EXPECT_GT(denied_next, 100);
}

Event Daily(absl::CivilSecond local, const char* zone_name, std::vector<std::string> lines = {"RRULE:FREQ=DAILY"}) {
  return MasterOf({.rule = {}, .start = local, .zone = zone_name, .excluded = {}, .added = {}}, std::move(lines));
}

std::string LocalHours(const Event& master, int n) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(master.start.time_zone, &zone));
  std::vector<std::string> hours;
  const Schedule schedule(master);
  for (const TimeSpan& span : schedule.Before(absl::ToUnixSeconds(master.start.instant + absl::Hours(24 * 30)))) {
    if (static_cast<int>(hours.size()) == n) break;
    hours.push_back(absl::FormatTime("%d %H:%M%Ez", absl::FromUnixSeconds(span.start), zone));
  }
  return absl::StrJoin(hours, ", ");
}

TEST(Schedule, MovesWhatTheClocksSkipAndTakesTheFirstOfTwo) {  // C-60
  EXPECT_EQ(LocalHours(Daily(absl::CivilSecond(2026, 3, 28, 2, 30), "Europe/Zurich"), 3),
            "28 02:30+01:00, 29 03:30+02:00, 30 02:30+02:00");
  EXPECT_EQ(LocalHours(Daily(absl::CivilSecond(2026, 10, 24, 2, 30), "Europe/Zurich"), 3),
            "24 02:30+02:00, 25 02:30+02:00, 26 02:30+01:00");
}

TEST(Schedule, KeepsItsLengthExactly) {  // C-60
  Event night = Daily(absl::CivilSecond(2026, 3, 27, 22, 0), "Europe/Zurich");
  night.end.instant = night.start.instant + absl::Hours(8);
  const Schedule schedule(night);
  for (const TimeSpan& span : schedule.Before(absl::ToUnixSeconds(night.start.instant + absl::Hours(24 * 5)))) {
    EXPECT_EQ(span.end - span.start, 8 * 3600);
  }
}

TEST(Schedule, AnswersInAnyOrder) {
  const Event master = Daily(absl::CivilSecond(2026, 6, 1, 9), "Europe/Zurich");
  const Schedule schedule(master);
  for (const int day : {1000, 3, 400, 0, 4000}) {
    const absl::CivilSecond local = absl::CivilSecond(absl::CivilDay(2026, 6, 1) + day) + 9 * 3600;
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone("Europe/Zurich", &zone));
    EXPECT_TRUE(schedule.Find(EventTime::At(absl::FromCivil(local, zone))).has_value()) << day;
    EXPECT_FALSE(schedule.Find(EventTime::At(absl::FromCivil(local, zone) + absl::Seconds(1))).has_value()) << day;
    EXPECT_FALSE(schedule.Find(EventTime::Date(absl::CivilDay(local))).has_value()) << day;
  }
  EXPECT_TRUE(schedule.IsFor(master));
  Event other = master;
  other.recurrence = {"RRULE:FREQ=WEEKLY"};
  EXPECT_FALSE(schedule.IsFor(other));
}

TEST(Schedule, EndsSomewhereEvenByTheSecond) {  // C-33
  const Schedule schedule(Daily(absl::CivilSecond(2026, 6, 1, 9), "Europe/Zurich", {"RRULE:FREQ=SECONDLY"}));
  EXPECT_EQ(schedule.Before(absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone()))).size(),
            20000u);
}

TEST(Schedule, HasAsManyRulesAsSomebodyNeeds) {  // Each may cost as much as one that never fits.
  Event master = Daily(absl::CivilSecond(2026, 6, 1, 9), "Europe/Zurich");
  master.recurrence.resize(16, "EXRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30");
  master.recurrence.resize(1000, "EXDATE:20260602T070000Z");
  EXPECT_TRUE(CheckLines(master).ok());
  master.recurrence.push_back("RRULE:FREQ=YEARLY");
  EXPECT_FALSE(CheckLines(master).ok());
}

TEST(Schedule, MayBeEmpty) {
  const Schedule schedule(
      Daily(absl::CivilSecond(2026, 6, 1, 9), "UTC", {"RRULE:FREQ=DAILY;COUNT=1", "EXDATE:20260601T090000Z"}));
  EXPECT_FALSE(schedule.First().has_value());
  EXPECT_TRUE(schedule.Before(absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2030, 1, 1), absl::UTCTimeZone()))).empty());
}

TEST(Schedule, EndsTheSearchForAFirstThatIsAlwaysExcluded) {
  const Schedule schedule(Daily(absl::CivilSecond(2026, 6, 1, 9), "Europe/Zurich", {"RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"}));
  EXPECT_FALSE(schedule.First().has_value());
  const Schedule last(Daily(absl::CivilSecond(2026, 6, 1, 9), "Europe/Zurich",
                            {"RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY", "RDATE:99991231T120000Z"}));
  EXPECT_EQ(last.First()->start, absl::ToUnixSeconds(absl::FromCivil(absl::CivilSecond(9999, 12, 31, 12), absl::UTCTimeZone())));
}

}  // namespace
}  // namespace calsync::ical
