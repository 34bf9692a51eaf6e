#include "fakegoogle/ical/rule.h"

#include <libical/ical.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "engine/base/status_macros.h"

namespace calsync::ical {

// From one start to the next.
class RuleSteps {
 public:
  virtual ~RuleSteps() = default;
  virtual std::optional<absl::CivilSecond> Next() = 0;
};

namespace {

constexpr size_t kKnownMost = 200;  // Rules that are kept.
// More than each quarter of an hour is a rule by the minute in the clothes of one by the day, and fills the memory like one.
constexpr size_t kTimesOfDayMost = 24 * 4;

// The last periods of a rule begin this many days after its first: after 400 years the calendar repeats itself, and a rule that
// never fits must end somewhere.
constexpr int kDaysMax = 366 * 400;
constexpr int64_t kSecondsOfDay = 86400;

absl::CivilSecond CivilOf(const icaltimetype& time) {
  return absl::CivilSecond(time.year, time.month, time.day, time.hour, time.minute, time.second);
}

bool IsEmpty(const short* list) { return list[0] == ICAL_RECURRENCE_ARRAY_MAX; }

void Set(short* list, int only) {
  list[0] = static_cast<short>(only);
  list[1] = ICAL_RECURRENCE_ARRAY_MAX;
}

// Sunday: 1, as libical counts.
int WeekdayOf(absl::CivilDay day) { return (static_cast<int>(absl::GetWeekday(day)) + 1) % 7 + 1; }

// What the numbers of a part may be (RFC 5545, 3.3.10).
struct Range {
  absl::string_view part;
  int64_t least;
  int64_t most;
  bool from_the_end = false;  // The same below zero, too.
};
constexpr Range kRanges[] = {{"INTERVAL", 1, 32767},    {"COUNT", 1, 2147483647},    {"BYSECOND", 0, 60},
                             {"BYMINUTE", 0, 59},       {"BYHOUR", 0, 23},           {"BYMONTH", 1, 12},
                             {"BYDAY", 1, 53, true},    {"BYMONTHDAY", 1, 31, true}, {"BYYEARDAY", 1, 366, true},
                             {"BYWEEKNO", 1, 53, true}, {"BYSETPOS", 1, 366, true}};

// A number that has a name is the ordinal before a weekday; a weekday may have none.
bool IsWithin(const Range& range, absl::string_view word) {
  const bool is_day = range.part == "BYDAY";
  if (is_day) word.remove_suffix(std::min<size_t>(word.size(), 2));
  if (is_day && word.empty()) return true;
  int64_t number = 0;
  if (!absl::SimpleAtoi(word, &number)) return false;
  if (number < 0 && range.from_the_end) number = -number;
  return number >= range.least && number <= range.most;
}

// Whether libical read the numbers that are written: those that do not fit it takes for others, 65537 for 1.
bool HasNumbersThatFit(const std::string& text) {
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(part, absl::MaxSplits('=', 1));
    const auto* const range = std::find_if(std::begin(kRanges), std::end(kRanges), [&](const Range& one) {
      return absl::EqualsIgnoreCase(one.part, absl::StripAsciiWhitespace(halves.first));
    });
    if (range == std::end(kRanges)) continue;
    for (const absl::string_view word : absl::StrSplit(absl::StripAsciiWhitespace(halves.second), ',')) {
      if (!IsWithin(*range, word)) return false;
    }
  }
  return true;
}

bool IsOfHours(const icalrecurrencetype& rule) {
  return rule.freq == ICAL_HOURLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE || rule.freq == ICAL_SECONDLY_RECURRENCE;
}

// The second Monday is one of a month or year; days and weeks have none (RFC 5545, 3.3.10).
bool HasStrayOrdinal(const icalrecurrencetype& rule) {
  if (rule.freq == ICAL_MONTHLY_RECURRENCE) return false;
  if (rule.freq == ICAL_YEARLY_RECURRENCE && IsEmpty(rule.by_week_no)) return false;
  for (const short* day = rule.by_day; *day != ICAL_RECURRENCE_ARRAY_MAX; ++day) {
    if (icalrecurrencetype_day_position(*day) != 0) return true;
  }
  return false;
}

// Parts that a rule of its frequency cannot have (the table of RFC 5545, 3.3.10), another calendar than ours, and days of rules
// by the hour and less, which are centuries of hours apart.
bool CanBeFollowed(const icalrecurrencetype& rule, bool is_date) {
  if (HasStrayOrdinal(rule)) return false;
  if (rule.rscale != nullptr && !absl::EqualsIgnoreCase(rule.rscale, "GREGORIAN")) return false;
  if (rule.skip != ICAL_SKIP_OMIT) return false;
  const bool yearly = rule.freq == ICAL_YEARLY_RECURRENCE;
  if (!yearly && !(IsEmpty(rule.by_year_day) && IsEmpty(rule.by_week_no))) return false;
  if (rule.freq == ICAL_WEEKLY_RECURRENCE && !IsEmpty(rule.by_month_day)) return false;
  const bool names_days = !(IsEmpty(rule.by_day) && IsEmpty(rule.by_month_day) && IsEmpty(rule.by_month));
  return !IsOfHours(rule) || !(names_days || is_date);
}

// What the rule leaves open follows from the first start.
void Complete(icalrecurrencetype& rule, absl::CivilSecond first) {
  const bool of_date = !(IsEmpty(rule.by_month_day) && IsEmpty(rule.by_year_day));
  const bool of_week = !(IsEmpty(rule.by_week_no) && IsEmpty(rule.by_day));
  const bool yearly = rule.freq == ICAL_YEARLY_RECURRENCE;
  // Google keeps days of the month alone to the one month (contract 4.1); by the RFC it would be every month.
  if (yearly && IsEmpty(rule.by_month) && !of_week && IsEmpty(rule.by_year_day)) Set(rule.by_month, first.month());
  if ((yearly || rule.freq == ICAL_MONTHLY_RECURRENCE) && !of_week && !of_date) Set(rule.by_month_day, first.day());
  const bool by_weeks = rule.freq == ICAL_WEEKLY_RECURRENCE || !IsEmpty(rule.by_week_no);
  if (by_weeks && IsEmpty(rule.by_day) && !of_date) Set(rule.by_day, WeekdayOf(absl::CivilDay(first)));
}

// The numbers of a list, in order and each once; that of the first start where the rule names none.
std::vector<int64_t> NumbersOf(const short* list, int of_first) {
  if (IsEmpty(list)) return {of_first};
  std::set<int64_t> numbers;
  for (; *list != ICAL_RECURRENCE_ARRAY_MAX; ++list) numbers.insert(*list);
  return {numbers.begin(), numbers.end()};
}

// The times of the day of a rule by the day or more, in order, in seconds since midnight; nothing if there are too many. All-day
// series heed none (RFC 5545, 3.3.10).
std::optional<std::vector<int64_t>> TimesOfDay(const icalrecurrencetype& rule, absl::CivilSecond first, bool is_date) {
  if (is_date) return std::vector<int64_t>{0};
  const std::vector<int64_t> hours = NumbersOf(rule.by_hour, first.hour());
  const std::vector<int64_t> minutes = NumbersOf(rule.by_minute, first.minute());
  const std::vector<int64_t> seconds = NumbersOf(rule.by_second, first.second());
  if (hours.size() * minutes.size() * seconds.size() > kTimesOfDayMost) return std::nullopt;
  std::set<int64_t> times;  // A leap second is the next minute.
  for (const int64_t hour : hours) {
    for (const int64_t minute : minutes) {
      for (const int64_t second : seconds) times.insert((hour * 60 + minute) * 60 + second);
    }
  }
  return std::vector<int64_t>(times.begin(), times.end());
}

// Which of `size` candidates of a period BYSETPOS chooses, in order; all of them where there is none.
void Choose(const short* positions, size_t size, std::vector<size_t>& chosen) {
  chosen.clear();
  if (IsEmpty(positions)) {
    for (size_t i = 0; i < size; ++i) chosen.push_back(i);
    return;
  }
  for (; *positions != ICAL_RECURRENCE_ARRAY_MAX; ++positions) {
    const int64_t at = *positions > 0 ? *positions - 1 : static_cast<int64_t>(size) + *positions;
    if (at >= 0 && at < static_cast<int64_t>(size)) chosen.push_back(static_cast<size_t>(at));
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
}

// Numbers of a list, counted from the front or from the back.
template <size_t most>
struct Numbers {
  Numbers() = default;
  explicit Numbers(const short* list) : any(IsEmpty(list)) {
    for (; *list != ICAL_RECURRENCE_ARRAY_MAX; ++list) Add(*list);
  }
  void Add(int number) { (number < 0 ? back : front).set(static_cast<size_t>(number < 0 ? -number : number)); }
  // `at` of `size`, both from 1.
  bool Has(int at, int size) const {
    return any || front.test(static_cast<size_t>(at)) || back.test(static_cast<size_t>(size + 1 - at));
  }

  bool any = true;  // None is named.
  std::bitset<most + 1> front;
  std::bitset<most + 1> back;
};

// The days that a rule names. Every part is a filter on the days of its periods.
class DayFilter {
 public:
  explicit DayFilter(const icalrecurrencetype& rule)
      : months_(rule.by_month),
        month_days_(rule.by_month_day),
        year_days_(rule.by_year_day),
        weeks_(rule.by_week_no),
        every_weekday_(IsEmpty(rule.by_day)),
        ordinals_of_month_(rule.freq == ICAL_MONTHLY_RECURRENCE || !IsEmpty(rule.by_month)) {
    for (const short* day = rule.by_day; *day != ICAL_RECURRENCE_ARRAY_MAX; ++day) {
      const auto weekday = static_cast<size_t>(icalrecurrencetype_day_day_of_week(*day));
      const int ordinal = icalrecurrencetype_day_position(*day);
      if (ordinal == 0) {
        weekdays_.set(weekday);
      } else {
        ordinals_[weekday].Add(ordinal);
        has_ordinals_ = true;
      }
    }
    needs_date_ = has_ordinals_ || !months_.any || !month_days_.any || !year_days_.any;
  }

  bool NeedsDate() const { return needs_date_; }
  // `date` is heeded only then; `week` of `weeks` of the year, from 1, if the rule names weeks.
  bool Fits(absl::CivilDay date, int weekday, int week, int weeks) const {
    if (!every_weekday_ && !has_ordinals_ && !weekdays_.test(static_cast<size_t>(weekday))) return false;
    if (!weeks_.any && !weeks_.Has(week, weeks)) return false;
    return !needs_date_ || FitsDate(date, weekday);
  }

 private:
  bool FitsDate(absl::CivilDay date, int weekday) const {
    if (!months_.Has(date.month(), 12)) return false;
    const int month_size = static_cast<int>(absl::CivilDay(absl::CivilMonth(date) + 1) - absl::CivilDay(absl::CivilMonth(date)));
    if (!month_days_.Has(date.day(), month_size)) return false;
    if (year_days_.any && !has_ordinals_) return true;
    const int year_day = absl::GetYearDay(date);
    const int year_size = absl::GetYearDay(absl::CivilDay(date.year(), 12, 31));
    if (!year_days_.Has(year_day, year_size)) return false;
    if (every_weekday_ || weekdays_.test(static_cast<size_t>(weekday))) return true;
    const int at = ordinals_of_month_ ? date.day() : year_day;
    const int size = ordinals_of_month_ ? month_size : year_size;
    const Numbers<53>& ordinals = ordinals_[static_cast<size_t>(weekday)];
    return ordinals.front.test(static_cast<size_t>((at - 1) / 7 + 1)) ||
           ordinals.back.test(static_cast<size_t>((size - at) / 7 + 1));
  }

  const Numbers<12> months_;
  const Numbers<31> month_days_;
  const Numbers<366> year_days_;
  const Numbers<53> weeks_;
  const bool every_weekday_;
  const bool ordinals_of_month_;
  std::bitset<8> weekdays_;
  std::array<Numbers<53>, 8> ordinals_;
  bool has_ordinals_ = false;
  bool needs_date_ = false;
};

// A rule by the day or more: one period after the other, each with the days of it that fit. libical 3.0.16 goes wrong over weeks,
// numbered weeks and days that are counted from the end of the month, and looks for what never comes for seconds.
class PeriodSteps final : public RuleSteps {
 public:
  // `times`: of each day, in seconds since midnight, in order.
  PeriodSteps(const icalrecurrencetype& rule, absl::CivilSecond first, std::vector<int64_t> times)
      : rule_(rule),
        filter_(rule),
        first_(first),
        first_weekday_(WeekdayOf(first_)),
        first_time_(first - absl::CivilSecond(first_)),
        times_(std::move(times)) {
    if (NamesWeeks() && first_ < FirstWeekOf(first_.year())) --year_;
    if (NamesWeeks() && first_ >= FirstWeekOf(first_.year() + 1)) ++year_;
    FillPeriod();
    begin_ = from_;
  }

  std::optional<absl::CivilSecond> Next() override {
    while (true) {
      for (; at_ < chosen_.size(); ++at_) {
        const int day = days_[chosen_[at_] / times_.size()];
        const int64_t time = times_[chosen_[at_] % times_.size()];
        if (day < 0 || (day == 0 && time < first_time_)) continue;
        if (rule_.count > 0 && given_ == rule_.count) return std::nullopt;
        ++given_;
        ++at_;
        return absl::CivilSecond(first_ + day) + time;
      }
      period_ += std::max<int>(1, rule_.interval);
      FillPeriod();
      if (from_ - begin_ >= kDaysMax) return std::nullopt;
    }
  }

 private:
  bool NamesWeeks() const { return !IsEmpty(rule_.by_week_no); }
  int WeekStart() const { return rule_.week_start == ICAL_NO_WEEKDAY ? ICAL_MONDAY_WEEKDAY : rule_.week_start; }

  // The first week of a year is the first that has four days of it (RFC 5545, 3.3.10).
  absl::CivilDay FirstWeekOf(absl::civil_year_t year) const {
    const absl::CivilDay fourth(year, 1, 4);
    return fourth - (WeekdayOf(fourth) - WeekStart() + 7) % 7;
  }

  // The days of the period, counted from the first start: civil days are slow to reckon with.
  void FindPeriod() {
    switch (rule_.freq) {
      case ICAL_YEARLY_RECURRENCE: {
        const absl::civil_year_t year = year_ + period_;
        from_ = static_cast<int>((NamesWeeks() ? FirstWeekOf(year) : absl::CivilDay(year, 1, 1)) - first_);
        to_ = static_cast<int>((NamesWeeks() ? FirstWeekOf(year + 1) : absl::CivilDay(year + 1, 1, 1)) - first_);
        return;
      }
      case ICAL_MONTHLY_RECURRENCE: {
        const absl::CivilMonth month = absl::CivilMonth(first_) + period_;
        from_ = static_cast<int>(absl::CivilDay(month) - first_);
        to_ = static_cast<int>(absl::CivilDay(month + 1) - first_);
        return;
      }
      case ICAL_WEEKLY_RECURRENCE:
        from_ = 7 * period_ - (first_weekday_ - WeekStart() + 7) % 7;
        to_ = from_ + 7;
        return;
      case ICAL_DAILY_RECURRENCE:
      case ICAL_HOURLY_RECURRENCE:  // Those by the clock are followed by ClockSteps.
      case ICAL_MINUTELY_RECURRENCE:
      case ICAL_SECONDLY_RECURRENCE:
      case ICAL_NO_RECURRENCE:
        from_ = period_;
        to_ = from_ + 1;
        return;
    }
  }

  void FillPeriod() {
    FindPeriod();
    at_ = 0;
    days_.clear();
    if (filter_.NeedsDate()) date_ += from_ - std::exchange(date_at_, to_);
    for (int day = from_; day < to_; ++day) {
      const int weekday = (first_weekday_ - 1 + day % 7 + 7) % 7 + 1;  // Sunday: 1.
      if (filter_.Fits(date_, weekday, (day - from_) / 7 + 1, (to_ - from_) / 7)) days_.push_back(day);
      if (filter_.NeedsDate()) ++date_;
    }
    Choose(rule_.by_set_pos, days_.size() * times_.size(), chosen_);
  }

  const icalrecurrencetype rule_;
  const DayFilter filter_;
  const absl::CivilDay first_;
  const int first_weekday_;
  const int64_t first_time_;
  const std::vector<int64_t> times_;
  absl::civil_year_t year_ = first_.year();  // To which the week of the first start belongs, of a rule that names weeks.
  int period_ = 0;                           // Its number, from that of the first start on.
  int from_ = 0;                             // Its first day.
  int to_ = 0;                               // The one after its last.
  int begin_ = 0;                            // The first day of the first one.
  absl::CivilDay date_ = first_;             // From day to day, if it is needed: to begin anew each time is slow.
  int date_at_ = 0;                          // Which day that is.
  int given_ = 0;
  std::vector<int> days_;       // Of the period, that fit.
  std::vector<size_t> chosen_;  // Of these days and times, the times of each day together.
  size_t at_ = 0;               // The next of them.
};

// A rule by the hour, minute or second. Which of its periods fit repeats itself after some days, so they are looked for once.
class ClockSteps final : public RuleSteps {
 public:
  ClockSteps(const icalrecurrencetype& rule, absl::CivilSecond first)
      : rule_(rule), first_(first), length_(LengthOf(rule)), step_(length_ * std::max<int>(1, rule.interval)) {
    const int64_t midnight = first - absl::CivilSecond(absl::CivilDay(first));
    begin_ = -(midnight % length_);
    cycle_ = kSecondsOfDay / std::gcd(step_, kSecondsOfDay);
    for (int64_t period = 0; period < cycle_; ++period) {
      const int64_t time = (midnight + begin_ + period * step_) % kSecondsOfDay;
      if (Fits(time)) periods_.push_back(period);
    }
    offsets_ = OffsetsOf();
  }

  std::optional<absl::CivilSecond> Next() override {
    if (periods_.empty() || offsets_.empty()) return std::nullopt;
    while (true) {
      const auto number = static_cast<int64_t>(at_ / offsets_.size());
      const auto size = static_cast<int64_t>(periods_.size());
      const int64_t period = number / size * cycle_ + periods_[static_cast<size_t>(number % size)];
      const int64_t after = begin_ + period * step_ + offsets_[at_ % offsets_.size()];
      if (after >= kDaysMax * kSecondsOfDay || (rule_.count > 0 && given_ == rule_.count)) return std::nullopt;
      ++at_;
      if (after < 0) continue;
      ++given_;
      return first_ + after;
    }
  }

 private:
  static int64_t LengthOf(const icalrecurrencetype& rule) {
    return rule.freq == ICAL_HOURLY_RECURRENCE ? 3600 : rule.freq == ICAL_MINUTELY_RECURRENCE ? 60 : 1;
  }

  static bool Has(const short* list, int64_t value) {
    for (const short* one = list; *one != ICAL_RECURRENCE_ARRAY_MAX; ++one) {
      if (*one == value) return true;
    }
    return IsEmpty(list);
  }

  // Whether the period that begins at that time of the day does: larger parts than it limit it.
  bool Fits(int64_t time) const {
    return Has(rule_.by_hour, time / 3600) && (length_ > 60 || Has(rule_.by_minute, time / 60 % 60)) &&
           (length_ > 1 || Has(rule_.by_second, time % 60));
  }

  // The starts within a period, in seconds from its beginning: smaller parts are those that it has.
  std::vector<int64_t> OffsetsOf() const {
    std::set<int64_t> offsets;
    const std::vector<int64_t> minutes = length_ > 60 ? NumbersOf(rule_.by_minute, first_.minute()) : std::vector<int64_t>{0};
    const std::vector<int64_t> seconds = length_ > 1 ? NumbersOf(rule_.by_second, first_.second()) : std::vector<int64_t>{0};
    for (const int64_t minute : minutes) {
      for (const int64_t second : seconds) offsets.insert(minute * 60 + second);
    }
    const std::vector<int64_t> all(offsets.begin(), offsets.end());
    std::vector<size_t> chosen;
    Choose(rule_.by_set_pos, all.size(), chosen);
    std::vector<int64_t> result;
    for (const size_t at : chosen) result.push_back(all[at]);
    return result;
  }

  const icalrecurrencetype rule_;
  const absl::CivilSecond first_;
  const int64_t length_;          // Of a period. All in seconds.
  const int64_t step_;            // From one to the next.
  int64_t begin_ = 0;             // Of the first one, from the first start on.
  int64_t cycle_ = 1;             // So many periods, and the same hours come again.
  std::vector<int64_t> periods_;  // Of the first cycle, that fit.
  std::vector<int64_t> offsets_;
  size_t at_ = 0;  // The next start, each period's together.
  int given_ = 0;
};

// Null for a rule that cannot be followed.
std::unique_ptr<RuleSteps> StepsOf(icalrecurrencetype rule, absl::CivilSecond first, bool is_date) {
  if (!CanBeFollowed(rule, is_date)) return nullptr;
  if (IsOfHours(rule)) return std::make_unique<ClockSteps>(rule, first);
  std::optional<std::vector<int64_t>> times = TimesOfDay(rule, first, is_date);
  if (!times.has_value()) return nullptr;
  Complete(rule, first);
  return std::make_unique<PeriodSteps>(rule, first, *std::move(times));
}

}  // namespace

Rule::Rule() = default;
Rule::Rule(Rule&&) noexcept = default;
Rule& Rule::operator=(Rule&&) noexcept = default;
Rule::~Rule() = default;

absl::StatusOr<Rule> Rule::Read(const std::string& text, absl::CivilSecond first, bool is_date) {
  icalrecurrencetype read = icalrecurrencetype_from_string(text.c_str());
  if (read.freq == ICAL_NO_RECURRENCE) {
    return absl::InvalidArgumentError(absl::StrCat("the recurrence rule ", text, " cannot be read"));
  }
  if (!HasNumbersThatFit(text)) {
    return absl::InvalidArgumentError(absl::StrCat("the recurrence rule ", text, " has a number that cannot be"));
  }
  Rule rule;
  rule.count_ = read.count;
  // UNTIL is compared by who knows the zone: libical would compare it on a clock that it does not know.
  if (!icaltime_is_null_time(read.until)) {
    const absl::CivilSecond until = CivilOf(read.until);  // libical reads a 99th month, too.
    if (until.month() != read.until.month || until.day() != read.until.day) {
      return absl::InvalidArgumentError(absl::StrCat("the recurrence rule ", text, " ends at a time that cannot be"));
    }
    rule.until_ = {.is_date = read.until.is_date != 0, .is_utc = icaltime_is_utc(read.until) != 0, .local = CivilOf(read.until)};
  }
  rule.steps_ = StepsOf(read, first, is_date);
  if (rule.steps_ == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the recurrence rule ", text, " cannot be followed"));
  }
  return rule;
}

absl::StatusOr<Rule*> Rule::Known(const std::string& text, absl::CivilSecond first, bool is_date) {
  thread_local absl::flat_hash_map<std::tuple<std::string, absl::CivilSecond, bool>, std::unique_ptr<Rule>> known;
  const std::tuple<std::string, absl::CivilSecond, bool> key(text, first, is_date);
  if (const auto found = known.find(key); found != known.end()) return found->second.get();
  ASSIGN_OR_RETURN(Rule rule, Read(text, first, is_date));
  if (known.size() >= kKnownMost) known.clear();
  return known.emplace(key, std::make_unique<Rule>(std::move(rule))).first->second.get();
}

std::optional<absl::CivilSecond> Rule::Start(size_t number) {
  while (number >= starts_.size()) {
    if (steps_ == nullptr) return std::nullopt;
    if (const std::optional<absl::CivilSecond> next = steps_->Next(); next.has_value()) {
      starts_.push_back(*next);
    } else {
      steps_.reset();
    }
  }
  return starts_[number];
}

}  // namespace calsync::ical
