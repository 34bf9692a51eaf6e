#include "engine/api/event_time.h"

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

absl::Time Utc(int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, 5, 4, hour, minute), absl::UTCTimeZone());
}

TEST(EventTime, SpansOfOneInstantAreEqualHoweverTheyAreSpelt) {  // S-13
  const TimeSpan zurich = SpanOf(EventTime::At(Utc(8), "Europe/Zurich"), EventTime::At(Utc(9), "Europe/Zurich"));
  const TimeSpan utc = SpanOf(EventTime::At(Utc(8), "UTC"), EventTime::At(Utc(9)));
  EXPECT_EQ(zurich, utc);
  EXPECT_EQ(zurich.end - zurich.start, 3600);
  EXPECT_FALSE(zurich.all_day);
}

TEST(EventTime, AnAllDaySpanCountsDaysAndIsNotTheTimedSpanOfItsMidnights) {
  const absl::CivilDay day(2026, 5, 4);
  const TimeSpan all_day = SpanOf(EventTime::Date(day), EventTime::Date(day + 1));
  EXPECT_TRUE(all_day.all_day);
  EXPECT_EQ(all_day.end - all_day.start, 1);
  EXPECT_FALSE(all_day == SpanOf(EventTime::At(Utc(0)), EventTime::At(Utc(0) + absl::Hours(24))));
  // Equal numbers are not enough.
  EXPECT_FALSE((TimeSpan{1, 2, true} == TimeSpan{1, 2, false}));
}

TEST(EventTime, MixedOrMissingTimesGiveAnEmptySpan) {
  const EventTime date = EventTime::Date(absl::CivilDay(2026, 5, 4));
  const EventTime instant = EventTime::At(Utc(8));
  for (const TimeSpan& span :
       {SpanOf(date, instant), SpanOf(instant, date), SpanOf({}, instant), SpanOf(instant, {}), SpanOf({}, {})}) {
    EXPECT_EQ(span, TimeSpan());
    EXPECT_FALSE(span.IsValid());
  }
}

TEST(EventTime, ZeroAndNegativeLengthsAreNotValid) {  // C-6, S-14
  EXPECT_FALSE(SpanOf(EventTime::At(Utc(8)), EventTime::At(Utc(8))).IsValid());
  EXPECT_FALSE(SpanOf(EventTime::At(Utc(9)), EventTime::At(Utc(8))).IsValid());
  EXPECT_TRUE(SpanOf(EventTime::At(Utc(8)), EventTime::At(Utc(8) + absl::Seconds(1))).IsValid());
}

TEST(EventTime, ASpanGivesBackItsStartAndEnd) {
  for (const TimeSpan& span : {TimeSpan{1777881600, 1777885200, false}, TimeSpan{20577, 20578, true}, TimeSpan{-86400, -1, false},
                               TimeSpan{-400, -399, true}}) {
    EXPECT_EQ(SpanOf(StartOf(span), EndOf(span)), span) << FormatSpan(span);
  }
}

TEST(EventTime, AnAllDaySpanMayGoOnWhereverOnEarthItIsStillThatDay) {
  const absl::CivilDay day(2026, 5, 4);
  const TimeSpan all_day = SpanOf(EventTime::Date(day), EventTime::Date(day + 1));
  EXPECT_EQ(EarliestStart(all_day), Utc(0) - absl::Hours(14));
  EXPECT_EQ(LatestEnd(all_day), Utc(0) + absl::Hours(24 + 12));
  const TimeSpan timed = SpanOf(EventTime::At(Utc(8)), EventTime::At(Utc(9)));
  EXPECT_EQ(EarliestStart(timed), Utc(8));
  EXPECT_EQ(LatestEnd(timed), Utc(9));
}

TEST(EventTime, IsWrittenForPeople) {
  EXPECT_EQ(FormatSpan(SpanOf(EventTime::At(Utc(8)), EventTime::At(Utc(8, 30)))), "2026-05-04T08:00:00Z/2026-05-04T08:30:00Z");
  const absl::CivilDay day(2026, 5, 4);
  EXPECT_EQ(FormatSpan(SpanOf(EventTime::Date(day), EventTime::Date(day + 1))), "2026-05-04/2026-05-05");
}

TEST(Event, TheOwnResponseIsThatOfTheCalendarsOwner) {  // C-15, S-17
  Event event;
  EXPECT_EQ(event.own_response(), std::nullopt);
  event.attendees = {{.email = "other@example.com", .response = ResponseStatus::kDeclined}};
  EXPECT_EQ(event.own_response(), std::nullopt);
  event.attendees.push_back({.email = "ann@example.com", .response = ResponseStatus::kTentative, .self = true});
  EXPECT_EQ(event.own_response(), ResponseStatus::kTentative);
}

}  // namespace
}  // namespace calsync
