#include "fakegoogle/ical/rule.h"

#include <libical/ical.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
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

absl::CivilSecond CivilOf(const icaltimetype& time) {
  return absl::CivilSecond(time.year, time.month, time.day, time.hour, time.minute, time.second);
}

icaltimetype FloatingOf(absl::CivilSecond local, bool is_date) {
  icaltimetype result = icaltime_null_time();
  result.year = static_cast<int>(local.year());
  result.month = local.month();
  result.day = local.day();
  result.hour = local.hour();
  result.minute = local.minute();
  result.second = local.second();
  result.is_date = is_date ? 1 : 0;
  return result;
}

bool IsEmpty(const short* list) { return list[0] == ICAL_RECURRENCE_ARRAY_MAX; }

bool Contains(const short* list, int value) {
  for (; *list != ICAL_RECURRENCE_ARRAY_MAX; ++list) {
    if (*list == value) return true;
  }
  return false;
}

// Google keeps such a rule to the one month (contract 4.1); by the RFC it would be every month.
void Normalise(icalrecurrencetype& rule, absl::CivilSecond first) {
  if (rule.freq == ICAL_YEARLY_RECURRENCE && !IsEmpty(rule.by_month_day) && IsEmpty(rule.by_month) && IsEmpty(rule.by_week_no) &&
      IsEmpty(rule.by_year_day) && IsEmpty(rule.by_day)) {
    rule.by_month[0] = static_cast<short>(first.month());
    rule.by_month[1] = ICAL_RECURRENCE_ARRAY_MAX;
  }
}

// Days and weeks are simple enough to be followed here: libical 3.0.16 goes wrong over weeks where BYSETPOS is given or the
// first of several has days before the start, and over days that are counted from the end of the month; and it takes its time.
bool IsOfDays(const icalrecurrencetype& rule) {
  const bool weeks = rule.freq == ICAL_WEEKLY_RECURRENCE;
  return (weeks || rule.freq == ICAL_DAILY_RECURRENCE) && IsEmpty(rule.by_hour) && IsEmpty(rule.by_minute) &&
         IsEmpty(rule.by_second) && IsEmpty(rule.by_year_day) && IsEmpty(rule.by_week_no) &&
         IsEmpty(weeks ? rule.by_month_day : rule.by_set_pos);
}

// Whether libical read the number that is written: what does not fit it takes for another one, 65537 for 1.
bool ReadAsWritten(const std::string& text, const char* name, int64_t read) {
  for (absl::string_view part : absl::StrSplit(text, ';')) {
    const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (!absl::EqualsIgnoreCase(halves.first, name)) continue;
    if (std::strtoll(std::string(halves.second).c_str(), nullptr, 10) != read) return false;
  }
  return true;
}

bool IsOfHours(const icalrecurrencetype& rule) {
  return rule.freq == ICAL_HOURLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE || rule.freq == ICAL_SECONDLY_RECURRENCE;
}

// Of rules by the hour and less, libical looks at each hour or second up to the year 2582 for a day that fits: minutes, or days.
bool LooksForDays(const icalrecurrencetype& rule) {
  return IsOfHours(rule) && !(IsEmpty(rule.by_day) && IsEmpty(rule.by_month_day) && IsEmpty(rule.by_year_day) &&
                              IsEmpty(rule.by_week_no) && IsEmpty(rule.by_month));
}

bool NamesTimesOfDay(const icalrecurrencetype& rule) {
  return !IsOfHours(rule) && !(IsEmpty(rule.by_hour) && IsEmpty(rule.by_minute) && IsEmpty(rule.by_second));
}

// The numbers of a list, in order and each once; that of the first start where the rule names none.
std::vector<int64_t> NumbersOf(const short* list, int of_first) {
  if (IsEmpty(list)) return {of_first};
  std::set<int64_t> numbers;
  for (; *list != ICAL_RECURRENCE_ARRAY_MAX; ++list) numbers.insert(*list);
  return {numbers.begin(), numbers.end()};
}

// The times of the day of a rule that names them, in order, in seconds since midnight; nothing if there are too many. All-day
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

// The second Monday is one of a month or year; days and weeks have none (RFC 5545, 3.3.10).
bool HasStrayOrdinal(const icalrecurrencetype& rule) {
  if (rule.freq == ICAL_MONTHLY_RECURRENCE || rule.freq == ICAL_YEARLY_RECURRENCE) return false;
  for (const short* day = rule.by_day; *day != ICAL_RECURRENCE_ARRAY_MAX; ++day) {
    if (icalrecurrencetype_day_position(*day) != 0) return true;
  }
  return false;
}

class DaySteps final : public RuleSteps {
 public:
  DaySteps(const icalrecurrencetype& rule, absl::CivilSecond first)
      : rule_(rule),
        weeks_(rule.freq == ICAL_WEEKLY_RECURRENCE),
        length_(weeks_ ? 7 : 1),
        step_(length_ * std::max<int>(1, rule.interval)),
        first_(first),
        first_weekday_((static_cast<int>(absl::GetWeekday(first_)) + 1) % 7 + 1),
        time_of_day_(first - absl::CivilSecond(first_)) {
    const int start = rule.week_start == ICAL_NO_WEEKDAY ? ICAL_MONDAY_WEEKDAY : rule.week_start;
    if (weeks_) period_ -= (first_weekday_ - start + 7) % 7;
    FillPeriod();
  }

  std::optional<absl::CivilSecond> Next() override {
    while (true) {
      for (; at_ < days_.size(); ++at_) {
        const int position = static_cast<int>(at_) + 1, size = static_cast<int>(days_.size());
        const bool chosen =
            IsEmpty(rule_.by_set_pos) || Contains(rule_.by_set_pos, position) || Contains(rule_.by_set_pos, position - 1 - size);
        if (!chosen || days_[at_] < 0) continue;
        if (rule_.count > 0 && given_ == rule_.count) return std::nullopt;
        ++given_;
        return absl::CivilSecond(first_ + days_[at_++]) + time_of_day_;
      }
      if ((passed_ += step_) >= kDaysMax) return std::nullopt;
      period_ += step_;
      FillPeriod();
    }
  }

 private:
  static constexpr int kDaysMax = 366 * 400;  // A rule that never fits ends somewhere.

  int WeekdayOf(int day) const { return (first_weekday_ - 1 + day % 7 + 7) % 7 + 1; }  // Sunday: 1.

  bool Fits(int day) const {
    if (!IsEmpty(rule_.by_month) && !Contains(rule_.by_month, (first_ + day).month())) return false;
    if (!IsEmpty(rule_.by_day)) return Contains(rule_.by_day, WeekdayOf(day));
    return !weeks_ || WeekdayOf(day) == first_weekday_;
  }

  bool FitsMonthDay(int day) const {
    if (IsEmpty(rule_.by_month_day)) return true;
    const absl::CivilDay date = first_ + day;
    return Contains(rule_.by_month_day, date.day()) ||
           Contains(rule_.by_month_day, static_cast<int>(date - absl::CivilDay(absl::CivilMonth(date) + 1)));
  }

  void FillPeriod() {
    at_ = 0;
    days_.clear();
    for (int day = period_; day < period_ + length_; ++day) {
      if (Fits(day) && FitsMonthDay(day)) days_.push_back(day);
    }
  }

  const icalrecurrencetype rule_;
  const bool weeks_;
  const int length_;
  const int step_;
  const absl::CivilDay first_;
  const int first_weekday_;
  const int64_t time_of_day_;
  // Days are counted from the first start: civil days are slow to reckon with.
  int period_ = 0;  // Its first day.
  int passed_ = 0;  // Days before it, from the first period on.
  int given_ = 0;
  std::vector<int> days_;  // Of the period, that fit.
  size_t at_ = 0;          // The next of them.
};

class LibicalSteps final : public RuleSteps {
 public:
  // Takes over `iterator`.
  explicit LibicalSteps(icalrecur_iterator* iterator) : iterator_(iterator) {}
  LibicalSteps(const LibicalSteps&) = delete;
  LibicalSteps& operator=(const LibicalSteps&) = delete;
  ~LibicalSteps() override { icalrecur_iterator_free(iterator_); }

  std::optional<absl::CivilSecond> Next() override {
    const icaltimetype next = icalrecur_iterator_next(iterator_);
    if (icaltime_is_null_time(next)) return std::nullopt;
    return CivilOf(next);
  }

 private:
  icalrecur_iterator* iterator_;
};

// The days of a rule, each at several times. Left to itself, libical looks at each of the times of each day up to the year 2582
// for a day that fits.
class TimesOfDaySteps final : public RuleSteps {
 public:
  // `days` gives midnights from the day of `first` on. `count`: 0 if none is said.
  TimesOfDaySteps(std::unique_ptr<RuleSteps> days, std::vector<int64_t> times, absl::CivilSecond first, int count)
      : days_(std::move(days)), times_(std::move(times)), first_(first), count_(count), at_(times_.size()) {}

  std::optional<absl::CivilSecond> Next() override {
    if (count_ > 0 && given_ == count_) return std::nullopt;
    while (true) {  // Until a day is not before the first start, or there is none.
      for (; at_ < times_.size(); ++at_) {
        if (midnight_ + times_[at_] < first_) continue;
        ++given_;
        return midnight_ + times_[at_++];
      }
      const std::optional<absl::CivilSecond> next = days_->Next();
      if (!next.has_value()) return std::nullopt;
      midnight_ = *next;
      at_ = 0;
    }
  }

 private:
  const std::unique_ptr<RuleSteps> days_;
  const std::vector<int64_t> times_;  // In seconds.
  const absl::CivilSecond first_;
  const int count_;
  absl::CivilSecond midnight_;
  size_t at_;  // The next of the times.
  int given_ = 0;
};

// Null for a rule that cannot be followed.
std::unique_ptr<RuleSteps> StepsOf(icalrecurrencetype rule, absl::CivilSecond first, bool is_date) {
  if (NamesTimesOfDay(rule)) {
    std::optional<std::vector<int64_t>> times = TimesOfDay(rule, first, is_date);
    if (!times.has_value()) return nullptr;
    const int count = std::exchange(rule.count, 0);
    // To the end: libical puts the number of the first start before whatever follows.
    std::fill(std::begin(rule.by_hour), std::end(rule.by_hour), ICAL_RECURRENCE_ARRAY_MAX);
    std::fill(std::begin(rule.by_minute), std::end(rule.by_minute), ICAL_RECURRENCE_ARRAY_MAX);
    std::fill(std::begin(rule.by_second), std::end(rule.by_second), ICAL_RECURRENCE_ARRAY_MAX);
    std::unique_ptr<RuleSteps> days = StepsOf(rule, absl::CivilSecond(absl::CivilDay(first)), is_date);
    if (days == nullptr) return nullptr;
    return std::make_unique<TimesOfDaySteps>(std::move(days), *std::move(times), first, count);
  }
  if (IsOfDays(rule)) return std::make_unique<DaySteps>(rule, first);
  icalrecur_iterator* iterator = LooksForDays(rule) ? nullptr : icalrecur_iterator_new(rule, FloatingOf(first, is_date));
  return iterator == nullptr ? nullptr : std::make_unique<LibicalSteps>(iterator);
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
  if (!ReadAsWritten(text, "INTERVAL", read.interval) || !ReadAsWritten(text, "COUNT", read.count)) {
    return absl::InvalidArgumentError(absl::StrCat("the recurrence rule ", text, " has a number that is too large"));
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
  read.until = icaltime_null_time();
  Normalise(read, first);
  if (!HasStrayOrdinal(read)) rule.steps_ = StepsOf(read, first, is_date);
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
