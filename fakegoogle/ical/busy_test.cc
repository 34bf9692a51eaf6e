#include "fakegoogle/ical/busy.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace calsync::ical {
namespace {

absl::Time Utc(int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, month, day, hour), absl::UTCTimeZone());
}

// Mondays at nine in Zurich, for an hour.
Event Weekly(std::vector<std::string> lines = {"RRULE:FREQ=WEEKLY"}) {
  Event event;
  event.start = EventTime::At(Utc(10, 12, 7), "Europe/Zurich");
  event.end = EventTime::At(Utc(10, 12, 8), "Europe/Zurich");
  event.recurrence = std::move(lines);
  return event;
}

EventPtr Exception(absl::Time original, absl::Time start, EventStatus status = EventStatus::kConfirmed) {
  auto event = std::make_shared<Event>();
  event->original_start = EventTime::At(original);
  event->start = EventTime::At(start);
  event->end = EventTime::At(start + absl::Hours(1));
  event->status = status;
  return event;
}

// "1012T07", changed ones with "*".
std::string Shown(const Event* master, const std::vector<EventPtr>& exceptions, absl::Time from, absl::Time to) {
  const absl::StatusOr<std::vector<BusyInterval>> busy = BusyIntervals(master, exceptions, from, to);
  if (!busy.ok()) return std::string(busy.status().message());
  std::vector<std::string> words;
  for (const BusyInterval& one : *busy) {
    words.push_back(absl::StrCat(absl::FormatTime("%m%dT%H", StartOf(one.span).instant, absl::UTCTimeZone()),
                                 one.exception == nullptr ? "" : "*"));
  }
  return absl::StrJoin(words, " ");
}

TEST(BusyIntervals, AreTheOccurrencesInTheWindow) {  // C-60
  const Event weekly = Weekly();
  EXPECT_EQ(Shown(&weekly, {}, Utc(10, 1, 0), Utc(11, 3, 0)), "1012T07 1019T07 1026T08 1102T08");
  EXPECT_EQ(Shown(&weekly, {}, Utc(10, 12, 8), Utc(10, 26, 8)), "1019T07") << "ends are exclusive";
  EXPECT_EQ(Shown(&weekly, {}, Utc(10, 19, 7), Utc(10, 19, 8)), "1019T07");
}

TEST(BusyIntervals, KnowWhatWasChanged) {  // C-62 C-63 C-70
  const Event weekly = Weekly({"RRULE:FREQ=WEEKLY;COUNT=3"});
  const EventPtr moved = Exception(Utc(10, 19, 7), Utc(10, 14, 12));
  const EventPtr gone = Exception(Utc(10, 26, 8), Utc(10, 26, 8), EventStatus::kCancelled);
  const EventPtr stray = Exception(Utc(10, 20, 7), Utc(10, 21, 7));
  EXPECT_EQ(Shown(&weekly, {moved, gone, stray}, Utc(10, 1, 0), Utc(12, 1, 0)), "1012T07 1014T12* 1021T07*");
  EXPECT_EQ(Shown(&weekly, {moved}, Utc(10, 13, 0), Utc(10, 15, 0)), "1014T12*") << "from beyond the window";
  EXPECT_EQ(Shown(nullptr, {moved, gone}, Utc(10, 1, 0), Utc(12, 1, 0)), "1014T12*");
  Event cancelled = weekly;
  cancelled.status = EventStatus::kCancelled;
  EXPECT_EQ(Shown(&cancelled, {}, Utc(10, 1, 0), Utc(12, 1, 0)), "");
}

TEST(BusyIntervals, OfDaysAreDays) {  // C-60
  Event days;
  days.start = EventTime::Date(absl::CivilDay(2026, 10, 1));
  days.end = EventTime::Date(absl::CivilDay(2026, 10, 3));
  days.recurrence = {"RRULE:FREQ=MONTHLY;COUNT=2"};
  const absl::StatusOr<std::vector<BusyInterval>> busy = BusyIntervals(&days, {}, Utc(10, 2, 0), Utc(12, 1, 0));
  ASSERT_TRUE(busy.ok());
  ASSERT_EQ(busy->size(), 2u);
  EXPECT_EQ(FormatSpan((*busy)[0].span), "2026-10-01/2026-10-03");
  EXPECT_EQ((*busy)[1].original.date, absl::CivilDay(2026, 11, 1));
}

TEST(BusyIntervals, SayWhatTheyCannotRead) {
  Event odd = Weekly();
  odd.start.time_zone = "Mars/Olympus";
  EXPECT_EQ(Shown(&odd, {}, Utc(10, 1, 0), Utc(11, 1, 0)), "the time zone of a series is not known");
}

}  // namespace
}  // namespace calsync::ical
