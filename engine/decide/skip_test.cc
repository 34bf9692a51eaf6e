#include "engine/decide/skip.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "engine/testing/builders.h"

namespace calsync {
namespace {

constexpr uint8_t kWeekdays = 0x1f;

// Two hours ahead of UTC, and one until and after a summer of three days.
ZoneRules ShortSummer() {
  return {.first_offset_s = 3600,
          .changes = {{absl::ToUnixSeconds(At("2026-05-04T01:00:00Z")), 7200},
                      {absl::ToUnixSeconds(At("2026-05-07T01:00:00Z")), 3600}}};
}

TimeSpan Span(absl::string_view start, absl::string_view end) {
  return {absl::ToUnixSeconds(At(start)), absl::ToUnixSeconds(At(end)), false};
}

// Each row: one rule, and one fact of the event that it speaks against.
TEST(Skip, EachRuleSpeaksForItself) {
  const struct {
    Skip want;
    void (*choose)(DirectionPolicy&);
    void (*change)(Record&);
  } kRows[] = {
      {Skip::kTentative, [](DirectionPolicy& p) { p.tentative = false; }, [](Record& r) { r.tentative = true; }},
      {Skip::kTentative, [](DirectionPolicy& p) { p.tentative = false; }, [](Record& r) { r.answer = Answer::kTentative; }},
      {Skip::kNeedsAction, [](DirectionPolicy& p) { p.needs_action = false; },
       [](Record& r) { r.answer = Answer::kNeedsAction; }},
      {Skip::kAllDay, [](DirectionPolicy& p) { p.all_day = false; },
       [](Record& r) {
         r.span = {20577, 20578, true};
       }},
      {Skip::kKeyword, [](DirectionPolicy& p) { p.keywords = {"LUNCH"}; }, [](Record& r) { r.keywords = 2; }},
      {Skip::kColour,
       [](DirectionPolicy& p) {
         p.colours = {3, 5};
       },
       [](Record& r) { r.colour = 5; }},
      {Skip::kOutsideHours, [](DirectionPolicy& p) { p.hours = Hours{.from = 9 * 60, .to = 17 * 60}; },
       [](Record& r) { r.span = Span("2026-05-04T17:00:00Z", "2026-05-04T18:00:00Z"); }},
  };
  LiveGroup group = ALiveGroup(AConfig(), {});
  group.keywords = {"hold", "lunch"};
  group.zones = std::make_shared<const ZoneTable>(ZoneTable{{"UTC", ZoneRules()}});
  group.calendars[0].row.time_zone = "UTC";
  for (const auto& row : kRows) {
    DirectionPolicy policy;
    Record record = UserEvent("k1", "work/e1");
    row.change(record);
    EXPECT_EQ(SkipOf(group, record, policy), Skip::kNone) << Name(row.want);
    row.choose(policy);
    EXPECT_EQ(SkipOf(group, record, policy), row.want);
    EXPECT_EQ(SkipOf(group, UserEvent("k2", "work/e2"), policy), Skip::kNone) << Name(row.want);
  }
}

TEST(Skip, TheColourNoneIsAColour) {
  const LiveGroup group = ALiveGroup(AConfig(), {});
  DirectionPolicy policy;
  policy.colours = {0};
  EXPECT_EQ(SkipOf(group, UserEvent("k1", "work/e1"), policy), Skip::kColour);
}

TEST(SkipDeathTest, AKeywordThatTheGroupDoesNotKnowIsOurMistakeAndStops) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  group.keywords = {"hold", "lunch"};
  Record record = UserEvent("k1", "work/e1");
  record.keywords = 2;
  for (const char* keyword : {"dentist", "yoga"}) {  // Before the last that is known, and behind it.
    DirectionPolicy policy;
    policy.keywords = {keyword};
    EXPECT_DEATH(SkipOf(group, record, policy), "check failed") << keyword;
  }
}

TEST(Hours, AreThoseOfTheCalendarsClocks) {  // K4
  const ZoneRules zone = ShortSummer();
  const Hours day{.from = 9 * 60, .to = 17 * 60};
  const struct {
    const char* name;
    TimeSpan span;
    bool within;
  } kRows[] = {
      {"nine in summer is seven in UTC", Span("2026-05-05T06:59:00Z", "2026-05-05T07:00:01Z"), true},
      {"ends as they begin", Span("2026-05-05T06:00:00Z", "2026-05-05T07:00:00Z"), false},
      {"begins as they end", Span("2026-05-05T15:00:00Z", "2026-05-05T16:00:00Z"), false},
      {"the same, after the summer", Span("2026-05-08T15:00:00Z", "2026-05-08T16:00:00Z"), true},
      {"a night and both mornings", Span("2026-05-04T16:00:00Z", "2026-05-05T08:00:00Z"), true},
      {"over the change, at night", Span("2026-05-03T22:00:00Z", "2026-05-04T03:00:00Z"), false},
      {"a month", Span("2026-05-01T20:00:00Z", "2026-06-01T20:00:00Z"), true},
      {"all day", {20577, 20578, true}, true},
  };
  for (const auto& row : kRows) EXPECT_EQ(IsWithin(day, row.span, &zone), row.within) << row.name;
  EXPECT_TRUE(IsWithin(day, Span("2026-05-05T22:00:00Z", "2026-05-05T23:00:00Z"), nullptr));  // Of a zone that nobody knows.
}

TEST(Hours, MayGoOverMidnightAndBeForSomeDays) {
  const ZoneRules utc;
  const Hours night{.from = 22 * 60, .to = 6 * 60};
  EXPECT_TRUE(IsWithin(night, Span("2026-05-05T23:00:00Z", "2026-05-05T23:30:00Z"), &utc));
  EXPECT_TRUE(IsWithin(night, Span("2026-05-05T05:00:00Z", "2026-05-05T07:00:00Z"), &utc));
  EXPECT_FALSE(IsWithin(night, Span("2026-05-05T06:00:00Z", "2026-05-05T22:00:00Z"), &utc));
  const Hours office{.from = 0, .to = 24 * 60, .days = kWeekdays};
  EXPECT_TRUE(IsWithin(office, Span("2026-05-08T23:00:00Z", "2026-05-09T10:00:00Z"), &utc));   // From Friday into Saturday.
  EXPECT_FALSE(IsWithin(office, Span("2026-05-09T00:00:00Z", "2026-05-11T00:00:00Z"), &utc));  // A weekend.
  EXPECT_FALSE(IsWithin(office, {20582, 20584, true}, &utc));                                  // The same, all day.
  EXPECT_TRUE(IsWithin(office, {20582, 20585, true}, &utc));
}

// Against looking at the clock each minute.
RC_GTEST_PROP(Hours, AreFoundAsAClockOnTheWallShowsThem, ()) {
  const ZoneRules zone = ShortSummer();
  const Hours hours{
      .from = *rc::gen::inRange(0, 1440), .to = *rc::gen::inRange(1, 1441), .days = *rc::gen::inRange<uint8_t>(1, 128)};
  RC_PRE(hours.from != hours.to);
  const int64_t start = absl::ToUnixSeconds(At("2026-05-02T00:00:00Z")) + 60 * *rc::gen::inRange(0, 9 * 1440);
  const int64_t minutes = *rc::gen::inRange(1, 2 * 1440);
  bool within = false;
  for (int64_t at = start; at < start + 60 * minutes; at += 60) {
    int64_t local = at + zone.first_offset_s;
    for (const ZoneRules::Change& change : zone.changes) {
      if (change.at_s <= at) local = at + change.offset_s;
    }
    const auto minute = static_cast<int>(local % 86400 / 60);
    const bool day = (hours.days >> ((local / 86400 + 3) % 7) & 1) != 0;
    const bool open =
        hours.from < hours.to ? hours.from <= minute && minute < hours.to : minute < hours.to || hours.from <= minute;
    within = within || (day && open);
  }
  RC_ASSERT(IsWithin(hours, {start, start + 60 * minutes, false}, &zone) == within);
}

}  // namespace
}  // namespace calsync
