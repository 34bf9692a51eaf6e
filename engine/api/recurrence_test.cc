#include "engine/api/recurrence.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(Recurrence, OccurrenceIdsAreGooglesOwn) {  // Contract 4.3, C-61.
  const int64_t start = absl::ToUnixSeconds(At("2026-10-12T07:00:00Z"));
  EXPECT_EQ(OccurrenceId("0f8e", {start, false}).text(), "0f8e_20261012T070000Z");
  EXPECT_EQ(OccurrenceId("0f8e", {absl::CivilDay(2026, 10, 12) - absl::CivilDay(1970, 1, 1), true}).text(), "0f8e_20261012");
}

TEST(Recurrence, OriginalStartsComeBackAsTheyWere) {
  Event event;
  event.recurring_event_id = EventId("m");
  event.original_start = EventTime::At(At("2026-10-12T09:00:00+02:00"), "Europe/Zurich");
  EXPECT_EQ(TimeOf(OriginalStartOf(event)).instant, At("2026-10-12T07:00:00Z"));
  event.original_start = EventTime::Date(absl::CivilDay(2026, 10, 12));
  EXPECT_EQ(TimeOf(OriginalStartOf(event)).date, absl::CivilDay(2026, 10, 12));
  EXPECT_TRUE(OriginalStartOf(event).all_day);
}

TEST(Recurrence, ASeriesIsItsZoneAndItsLines) {
  Event event;
  event.start = EventTime::At(At("2026-10-12T09:00:00+02:00"), "Europe/Zurich");
  EXPECT_EQ(PackSeries(event), "");
  EXPECT_THAT(UnpackSeries("").lines, IsEmpty());
  event.recurrence = {"RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Zurich:20261019T090000"};
  const SeriesText series = UnpackSeries(PackSeries(event));
  EXPECT_EQ(series.time_zone, "Europe/Zurich");
  EXPECT_THAT(series.lines, ElementsAre("RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Zurich:20261019T090000"));
  event.start = EventTime::Date(absl::CivilDay(2026, 10, 12));  // No clock.
  EXPECT_EQ(UnpackSeries(PackSeries(event)).time_zone, "");
}

TEST(Recurrence, TextTellsWhenASeriesEndsOrThatItDoesNot) {
  const TimeSpan first{absl::ToUnixSeconds(At("2026-05-04T08:00:00Z")), absl::ToUnixSeconds(At("2026-05-04T09:00:00Z")), false};
  const auto latest = [&](std::vector<std::string> lines) { return LatestStart({"UTC", std::move(lines)}, first); };
  EXPECT_EQ(latest({"RRULE:FREQ=DAILY"}), std::nullopt);
  EXPECT_EQ(latest({"RRULE:FREQ=DAILY;COUNT=3"}), std::nullopt);  // It says only how often.
  const auto until = latest({"RRULE:FREQ=DAILY;UNTIL=20260601T080000Z"});
  ASSERT_TRUE(until.has_value());
  EXPECT_GE(*until, At("2026-06-01T08:00:00Z"));
  EXPECT_LE(*until, At("2026-06-04T00:00:00Z"));
  EXPECT_GE(*latest({"rrule:freq=DAILY;until=20260601", "RDATE:20260801T080000Z,20260701T080000Z"}), At("2026-08-01T08:00:00Z"));
  EXPECT_LT(*latest({"RRULE:FREQ=DAILY;UNTIL=20260601", "EXDATE:20270101T080000Z"}), At("2026-07-01T00:00:00Z"));
  EXPECT_EQ(latest({"RRULE:FREQ=DAILY;UNTIL=soon"}), std::nullopt);  // What cannot be read may go on (S-20).
  EXPECT_EQ(latest({"RDATE;VALUE=PERIOD:?"}), std::nullopt);
}

// Whether the text denies a start, in UTC.
bool Denies(std::vector<std::string> lines, const char* first, const char* original, SeriesOffsets offsets = {}) {
  const int64_t start = absl::ToUnixSeconds(At(first));
  return NeverGives({"", std::move(lines)}, {start, start + 3600, false}, {absl::ToUnixSeconds(At(original)), false}, offsets);
}

TEST(Recurrence, TextDeniesWhatNoRuleEverFallsOn) {  // K-11
  constexpr const char* kMonday = "2026-05-04T08:00:00Z";
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY"}, kMonday, "2026-05-11T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY"}, kMonday, "2026-05-11T09:00:00Z"));                         // At another time of day,
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY"}, kMonday, "2026-05-12T08:00:00Z"));                         // … on another day,
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY"}, kMonday, "2026-04-27T08:00:00Z"));                         // … before it begins,
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY;UNTIL=20260601T000000Z"}, kMonday, "2026-06-08T08:00:00Z"));  // … after it ends,
  EXPECT_TRUE(
      Denies({"RRULE:FREQ=WEEKLY;UNTIL=20260518T075959Z"}, kMonday, "2026-05-18T08:00:00Z"));  // … by a second: seed 7147694.
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;UNTIL=20260518T080000Z"}, kMonday, "2026-05-18T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;UNTIL=20260517"}, kMonday, "2026-05-18T08:00:00Z"));  // A day somewhere, or so (S-20).
  EXPECT_TRUE(NeverGives({"", {"RRULE:FREQ=DAILY"}}, {20000, 20001, true}, {20000 * 86400, false}, {}));  // … of the other kind.
  EXPECT_FALSE(Denies({"rrule:freq=weekly;byday=mo,tu"}, kMonday, "2026-05-12T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;BYDAY=-1FR"}, kMonday, "2026-05-28T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;BYDAY=-1FR"}, kMonday, "2026-05-22T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;BYDAY=-1FR"}, kMonday, "2026-05-29T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;BYDAY=1MO,+3MO"}, kMonday, "2026-06-08T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;BYDAY=1MO,+3MO"}, kMonday, "2026-06-15T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;BYMONTHDAY=15,-1"}, kMonday, "2026-06-29T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;BYMONTHDAY=15,-1"}, kMonday, "2026-06-30T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY"}, kMonday, "2026-06-05T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=YEARLY"}, kMonday, "2027-06-04T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=YEARLY"}, kMonday, "2027-05-04T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=DAILY;INTERVAL=3"}, kMonday, "2026-05-11T08:00:00Z"));  // In between: seed 7099835.
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY;INTERVAL=3"}, kMonday, "2026-05-10T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY;INTERVAL=2"}, kMonday, "2026-05-11T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO"}, kMonday, "2026-05-11T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO"}, kMonday, "2026-05-10T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU"}, kMonday, "2026-05-10T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;INTERVAL=2"}, kMonday, "2026-05-18T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;INTERVAL=3"}, kMonday, "2027-01-04T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;INTERVAL=3"}, kMonday, "2027-02-04T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=YEARLY;INTERVAL=2"}, kMonday, "2027-05-04T08:00:00Z"));
}

TEST(Recurrence, TextDeniesWhatComesAfterTheLastThatCounts) {  // K-11
  const struct {
    const char* rule;
    const char* last;
    const char* next;
  } kRows[] = {
      {"FREQ=WEEKLY;COUNT=1", "2026-05-04", "2026-05-11"},
      {"FREQ=WEEKLY;COUNT=2", "2026-05-11", "2026-05-18"},
      {"FREQ=DAILY;INTERVAL=2;COUNT=3", "2026-05-08", "2026-05-10"},
      {"FREQ=WEEKLY;COUNT=3;BYDAY=MO,WE", "2026-05-11", "2026-05-13"},
      {"FREQ=WEEKLY;COUNT=2;BYDAY=TU", "2026-05-12", "2026-05-19"},  // Whether the first counts, text leaves open.
      {"FREQ=MONTHLY;COUNT=1", "2026-05-04", "2026-06-04"},          // Seed 13708915.
      {"FREQ=MONTHLY;INTERVAL=2;COUNT=3", "2026-09-04", "2026-11-04"},
      {"FREQ=MONTHLY;COUNT=3;BYDAY=1MO", "2026-07-06", "2026-08-03"},
      {"FREQ=MONTHLY;COUNT=2;BYMONTHDAY=4", "2026-06-04", "2026-07-04"},
      {"FREQ=YEARLY;COUNT=2", "2027-05-04", "2028-05-04"},
  };
  for (const auto& row : kRows) {
    const auto denies = [&](absl::string_view day) {
      return Denies({absl::StrCat("RRULE:", row.rule)}, "2026-05-04T08:00:00Z", absl::StrCat(day, "T08:00:00Z").c_str());
    };
    EXPECT_FALSE(denies(row.last)) << row.rule;
    EXPECT_TRUE(denies(row.next)) << row.rule;
  }
  // Months without such a day do not count.
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;COUNT=3"}, "2026-01-31T08:00:00Z", "2026-05-31T08:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=MONTHLY;COUNT=3"}, "2026-01-31T08:00:00Z", "2026-07-31T08:00:00Z"));
}

TEST(Recurrence, TextDeniesNothingThatItLeavesOpen) {
  constexpr const char* kMonday = "2026-05-04T08:00:00Z";
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY"}, "2026-05-04T08:00:00Z", kMonday));  // The first is given by any rule (S-20).
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY", "RDATE:20260512T090000Z"}, kMonday, "2026-05-12T09:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY", "RDATE;TZID=Pacific/Auckland:20260513T010000"}, kMonday, "2026-05-12T13:00:00Z"));
  EXPECT_TRUE(Denies({"RRULE:FREQ=WEEKLY", "RDATE:20260601T090000Z"}, kMonday, "2026-05-12T09:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY", "RDATE:?"}, kMonday, "2026-05-12T09:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=HOURLY"}, kMonday, "2026-05-12T09:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY;BYHOUR=9"}, kMonday, "2026-05-12T09:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY"}, kMonday, "2026-05-12T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY;INTERVAL=?"}, kMonday, "2026-05-12T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=YEARLY;BYDAY=20MO"}, kMonday, "2027-05-03T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=MONTHLY;BYMONTHDAY=?"}, kMonday, "2026-06-05T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;COUNT=1;BYMONTH=5"}, kMonday, "2026-05-11T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY;COUNT=2;BYHOUR=8,9"}, kMonday, "2026-05-05T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:FREQ=WEEKLY;COUNT=?"}, kMonday, "2026-05-11T08:00:00Z"));
  EXPECT_FALSE(Denies({"RRULE:?"}, kMonday, "2026-05-12T08:00:00Z"));
}

TEST(Recurrence, TimesOfDayAreThoseOfTheSeriesOwnClock) {
  // 10:00 in Zurich, in summer and in winter.
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY"}, "2026-05-04T08:00:00Z", "2026-11-04T09:00:00Z", {7200, 3600, 3600}));
  EXPECT_TRUE(Denies({"RRULE:FREQ=DAILY"}, "2026-05-04T08:00:00Z", "2026-11-04T08:00:00Z", {7200, 3600, 3600}));
  // 02:30, which the clocks skip on 29 March: it shows at 03:30.
  EXPECT_FALSE(Denies({"RRULE:FREQ=DAILY"}, "2026-03-20T01:30:00Z", "2026-03-29T01:30:00Z", {3600, 7200, 3600}));
}

}  // namespace
}  // namespace calsync
