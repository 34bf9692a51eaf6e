#include "fakegoogle/ical/expand.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"

namespace calsync::ical {
namespace {

// New York's clocks of 2026 and nothing else: tests do not depend on the machine's zone files.
std::optional<absl::Time> SomeZones(absl::CivilSecond local, absl::string_view zone) {
  if (zone != "New York") return std::nullopt;
  const bool summer = local >= absl::CivilSecond(2026, 3, 8, 2) && local < absl::CivilSecond(2026, 11, 1, 2);
  return absl::FromCivil(local, absl::FixedTimeZone((summer ? -4 : -5) * 3600));
}

Series SeriesAt(const char* start, std::vector<std::string> lines, absl::Duration length = absl::Hours(1)) {
  return {.start = *ParseWrittenTime(start, "New York"), .length = length, .lines = std::move(lines)};
}

// The starts of the occurrences, in UTC, joined by blanks.
std::string StartsOf(const Series& series, int max = 10) {
  const absl::StatusOr<Expansion> expansion = Expand(series, max, SomeZones);
  if (!expansion.ok()) return std::string(expansion.status().message());
  std::vector<std::string> starts;
  for (const Occurrence& occurrence : expansion->occurrences) {
    starts.push_back(absl::FormatTime(series.start.is_date ? "%m%d" : "%m%dT%H%M", occurrence.original, absl::UTCTimeZone()));
  }
  if (expansion->more) starts.push_back("more");
  return absl::StrJoin(starts, " ");
}

TEST(Expand, KeepsTheLocalTimeWhenTheClocksChange) {
  EXPECT_EQ(StartsOf(SeriesAt("20260306T090000", {"RRULE:FREQ=DAILY;COUNT=4"})), "0306T1400 0307T1400 0308T1300 0309T1300");
}

TEST(Expand, FollowsTheRules) {
  const struct {
    const char* name;
    const char* start;
    std::vector<std::string> lines;
    const char* want;
  } kRows[] = {
      {"weekly by day", "20260504T100000", {"RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3"}, "0504T1400 0506T1400 0511T1400"},
      {"last Friday", "20260529T100000", {"RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"}, "0529T1400 0626T1400 0731T1400"},
      {"UNTIL in UTC is inclusive",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;UNTIL=20260506T140000Z"},
       "0504T1400 0505T1400 0506T1400"},
      {"UNTIL a second before", "20260504T100000", {"RRULE:FREQ=DAILY;UNTIL=20260506T135959Z"}, "0504T1400 0505T1400"},
      {"UNTIL as a date counts the whole day", "20260504T100000", {"RRULE:FREQ=DAILY;UNTIL=20260505"}, "0504T1400 0505T1400"},
      {"the start is an occurrence though the rule skips it",
       "20260505T100000",
       {"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1"},
       "0505T1400 0511T1400"},
      {"EXDATE by the clock of a zone",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=New York:20260505T100000"},
       "0504T1400 0506T1400"},
      {"EXDATE in UTC", "20260504T100000", {"RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260504T140000Z"}, "0505T1400 0506T1400"},
      {"EXDATE as a date", "20260504T100000", {"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260506"}, "0504T1400 0505T1400"},
      {"RDATE adds, and once only",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;COUNT=2", "RDATE:20260505T140000Z,20260510T150000Z"},
       "0504T1400 0505T1400 0510T1500"},
      {"EXRULE takes away",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"},
       "0505T1400 0507T1400"},
      {"all-day", "20260306", {"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260307"}, "0306 0308"},
      {"all-day with a time for UNTIL", "20260306", {"RRULE:FREQ=DAILY;UNTIL=20260307T090000Z"}, "0306 0307"},
      {"everything excluded", "20260504T100000", {"RRULE:FREQ=DAILY;COUNT=1", "EXDATE:20260504T140000Z"}, ""},
      {"by the hour", "20260504T100000", {"RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=2"}, "0504T1400 0504T2000"},
      {"by the hour, for days that never come",
       "20260504T100000",
       {"RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"},
       "the recurrence rule FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30 cannot be followed"},
      {"by the second, for a weekday that no month has",
       "20260504T100000",
       {"RRULE:FREQ=SECONDLY;BYDAY=6MO"},
       "the recurrence rule FREQ=SECONDLY;BYDAY=6MO cannot be followed"},
      {"several times of a day, those before the start left out",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;BYHOUR=16,8;BYMINUTE=30,0;COUNT=5"},
       "0504T1400 0504T2000 0504T2030 0505T1200 0505T1230 0505T2000"},
      {"times of named days of a month",
       "20260504T100000",
       {"RRULE:FREQ=MONTHLY;BYDAY=-1MO,1TU;BYHOUR=10,11;COUNT=5"},
       "0504T1400 0505T1400 0505T1500 0525T1400 0525T1500 0602T1400"},
      {"times of a week", "20260504T100000", {"RRULE:FREQ=WEEKLY;BYHOUR=9,10;COUNT=3"}, "0504T1400 0511T1300 0511T1400"},
      {"all-day series heed no times", "20260306", {"RRULE:FREQ=DAILY;BYHOUR=9,12;COUNT=3"}, "0306 0307 0308"},
      {"times of a day that never comes",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMONTH=2;BYMONTHDAY=30"},
       "0504T1400"},
      {"more times of a day than a quarter of an hour has",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;BYHOUR=9,10;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4"},
       "the recurrence rule FREQ=DAILY;BYHOUR=9,10;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4 cannot be followed"},
      {"the longest interval", "20260504T100000", {"RRULE:FREQ=DAILY;INTERVAL=32767;COUNT=2"}, "0504T1400 0120T1500"},
      {"an interval that is written longer than it is",
       "20260504T100000",
       {"rrule:interval=+02;count=2;freq=daily"},
       "0504T1400 0506T1400"},
      {"an interval that is too long",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;INTERVAL=65537"},
       "the recurrence rule FREQ=DAILY;INTERVAL=65537 has a number that cannot be"},
      {"a count that is too large",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;COUNT=4294967298"},
       "the recurrence rule FREQ=DAILY;COUNT=4294967298 has a number that cannot be"},
      {"an ordinal that is too large",
       "20260504T100000",
       {"RRULE:FREQ=MONTHLY;BYDAY=TU,99999999999MO"},
       "the recurrence rule FREQ=MONTHLY;BYDAY=TU,99999999999MO has a number that cannot be"},
      {"a day of the month that is too large",
       "20260504T100000",
       {"RRULE:FREQ=MONTHLY;BYMONTHDAY=4294967297"},
       "the recurrence rule FREQ=MONTHLY;BYMONTHDAY=4294967297 has a number that cannot be"},
      {"a month of another calendar",
       "20260504T100000",
       {"RRULE:FREQ=MONTHLY;BYMONTH=5L"},
       "the recurrence rule FREQ=MONTHLY;BYMONTH=5L has a number that cannot be"},
      {"another calendar",
       "20260504T100000",
       {"RRULE:RSCALE=CHINESE;FREQ=MONTHLY"},
       "the recurrence rule RSCALE=CHINESE;FREQ=MONTHLY cannot be followed"},
      {"a day of the week that its month never has", "20260504T100000", {"RRULE:FREQ=MONTHLY;BYDAY=6MO"}, "0504T1400"},
      {"a position that no month has", "20260504T100000", {"RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=30"}, "0504T1400"},
      {"a day that its month never has", "20260504T100000", {"RRULE:FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4"}, "0504T1400"},
      {"an hour that is always passed over", "20260504T100000", {"RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=1"}, "0504T1400"},
      {"a second that is always passed over", "20260504T100000", {"RRULE:FREQ=SECONDLY;INTERVAL=2;BYSECOND=1"}, "0504T1400"},
      {"the last of the minutes of an hour",
       "20260504T103000",
       {"RRULE:FREQ=HOURLY;BYMINUTE=0,15,45;BYSETPOS=-1;COUNT=2"},
       "0504T1430 0504T1445 0504T1545"},
      {"the first time of a day",
       "20260504T090000",
       {"RRULE:FREQ=DAILY;BYHOUR=9,10;BYSETPOS=1;COUNT=3"},
       "0504T1300 0505T1300 0506T1300"},
      {"a week of the year, on the weekday of the start",
       "20270101T100000",
       {"RRULE:FREQ=YEARLY;BYWEEKNO=53,1;COUNT=3"},
       "0101T1500 0108T1500 0107T1500"},
      {"days of the year and months limit each other",
       "20260504T100000",
       {"RRULE:FREQ=YEARLY;BYYEARDAY=100,200;BYMONTH=4;COUNT=2"},
       "0504T1400 0410T1500 0409T1500"},
      {"the first Monday of a week",
       "20260504T100000",
       {"RRULE:FREQ=WEEKLY;BYDAY=WE,1MO"},
       "the recurrence rule FREQ=WEEKLY;BYDAY=WE,1MO cannot be followed"},
      {"the last Monday of a day",
       "20260504T100000",
       {"RRULE:FREQ=DAILY;BYDAY=-1MO"},
       "the recurrence rule FREQ=DAILY;BYDAY=-1MO cannot be followed"},
      {"the third Friday of a year", "20260504T100000", {"RRULE:FREQ=YEARLY;BYDAY=3FR;COUNT=1"}, "0504T1400 0115T1500"},
      {"no such rule", "20260504T100000", {"RRULE:FREQ=SOMETIMES"}, "the recurrence rule FREQ=SOMETIMES cannot be read"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(StartsOf(SeriesAt(row.start, row.lines, absl::Hours(std::string(row.start).size() == 8 ? 24 : 1))), row.want)
        << row.name;
  }
}

TEST(Expand, SaysWhenThereIsMore) {
  EXPECT_EQ(StartsOf(SeriesAt("20260504T100000", {"RRULE:FREQ=DAILY"}), 2), "0504T1400 0505T1400 more");
  EXPECT_EQ(StartsOf(SeriesAt("20260504T100000", {"RRULE:FREQ=DAILY;COUNT=2"}), 2), "0504T1400 0505T1400");
  EXPECT_EQ(StartsOf(SeriesAt("20260504T100000", {"RRULE:FREQ=DAILY", "EXDATE:20260504T140000Z,20260505T140000Z"}), 2),
            "0506T1400 0507T1400 more");
}

TEST(Expand, RefusesAZoneThatNobodyKnows) {
  Series series = SeriesAt("20260504T100000", {"RRULE:FREQ=DAILY"});
  series.start.zone = "Atlantis";
  EXPECT_EQ(StartsOf(series), "the time zone Atlantis is not known");
}

TEST(MachineZone, IsNamedByIanaAlone) {  // C-64: what Google does not know is refused.
  for (const char* name : {"UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Etc/GMT+1", "America/Port-au-Prince"}) {
    EXPECT_TRUE(MachineZone(name).has_value()) << name;
  }
  for (const char* name : {"", "Europe", "Atlantis", "localtime", "posixrules", "posix/Europe/Zurich", "file:Europe/Zurich",
                           "libc:localtime", "Fixed/UTC+01:00:00", "/usr/share/zoneinfo/Europe/Zurich",
                           "../zoneinfo/Europe/Zurich", "Europe//Zurich", "Europe/Zurich/"}) {
    EXPECT_FALSE(MachineZone(name).has_value()) << name;
  }
  EXPECT_FALSE(MachineZone(absl::string_view("Europe/Zurich\0x", 15)).has_value());
}

TEST(MachineZone, RemembersNoNameThatIsNone) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "calsync_expand_test_zones";
  std::filesystem::create_directories(folder);
  const char* const set = std::getenv("TZDIR");
  const std::optional<std::string> before = set == nullptr ? std::nullopt : std::optional<std::string>(set);
  ASSERT_EQ(setenv("TZDIR", folder.c_str(), 1), 0);
  EXPECT_FALSE(MachineZone("Atlantis/New").has_value());
  // Whoever remembered the name, we or Abseil, would not look at the file.
  std::filesystem::create_directories(folder / "Atlantis");
  std::filesystem::copy_file("/usr/share/zoneinfo/Europe/Zurich", folder / "Atlantis/New",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(MachineZone("Atlantis/New").has_value());
  before.has_value() ? setenv("TZDIR", before->c_str(), 1) : unsetenv("TZDIR");
  std::filesystem::remove_all(folder);
}

TEST(ParseWrittenTime, ReadsDatesAndTimesAndNothingElse) {
  EXPECT_EQ(ParseWrittenTime("20260504T080000Z", "New York")->zone, "UTC");
  EXPECT_EQ(ParseWrittenTime("20260504T080000", "New York")->zone, "New York");
  EXPECT_TRUE(ParseWrittenTime("20260504", "New York")->is_date);
  for (const char* text : {"", "2026", "20260230", "20260504Z", "20260504T2500000", "20260504T80000", "2026-05-04", "20261304"}) {
    EXPECT_FALSE(ParseWrittenTime(text, "UTC").has_value()) << text;
  }
}

}  // namespace
}  // namespace calsync::ical
