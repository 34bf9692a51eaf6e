// The oracle of what is told while things go wrong, told wrong things.

#include "scenarios/laws/told_now.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPoll = absl::Minutes(10);

// One calendar that was listed a minute ago; all is well.
class ToldMeanwhile : public ::testing::Test {
 protected:
  ToldMeanwhile() {
    row_.role = AccessRole::kWriter;
    truth_.now = truth_.clock = absl::FromUnixSeconds(1'000'000);
    truth_.started = truth_.now - absl::Hours(48);
    truth_.shortest_poll = truth_.longest_poll = kPoll;
    truth_.calendars.push_back({.calendar = 0, .name = "work", .row = &row_, .answered = {.listed = Ago(absl::Minutes(1))}});
  }
  absl::Time Ago(absl::Duration ago) const { return truth_.now - ago; }
  AnsweredLast& answered() { return truth_.calendars[0].answered; }
  std::string Flaw(ToldAlerts alerts = {}) { return CheckAlertsNow(truth_, {.alerts = std::move(alerts)}); }

  CalendarRow row_;
  GroupNow truth_;
};

TEST_F(ToldMeanwhile, WhatIsWellRaisesNothing) {  // L12
  EXPECT_EQ(Flaw(), "");
  EXPECT_THAT(Flaw({.breaker_open = true}), HasSubstr("the breaker"));
  EXPECT_THAT(Flaw({.stuck_creating = true}), HasSubstr("0 blocks wait"));
  EXPECT_THAT(Flaw({.failed_passes = true}), HasSubstr("listings that failed"));
  EXPECT_THAT(Flaw({.detections_differ = true}), HasSubstr("nobody compares"));
  EXPECT_THAT(Flaw({.unreachable = {0}}), HasSubstr("cannot be read is raised"));
  EXPECT_THAT(Flaw({.grant_lost = {0}}), HasSubstr("lost its grant is raised"));
  EXPECT_THAT(Flaw({.sweep_held = {0}}), HasSubstr("misses much"));
  EXPECT_THAT(Flaw({.silent = {0}}), HasSubstr("and was heard"));
  EXPECT_THAT(Flaw({.writes_rest = {0}}), HasSubstr("may not be written"));
  EXPECT_THAT(Flaw({.slow = {0}}), HasSubstr("and none came"));
}

TEST_F(ToldMeanwhile, ACalendarThatIsRefused) {  // L12
  row_.unreachable = true;
  answered().refused = Ago(absl::Seconds(30));
  EXPECT_THAT(Flaw(), HasSubstr("cannot be read is not raised"));
  EXPECT_EQ(Flaw({.unreachable = {0}}), "");
  answered().listed = Ago(absl::Seconds(10));
  EXPECT_THAT(Flaw({.unreachable = {0}}), HasSubstr("was read since"));
  truth_.calendars[0].grant_lost = true;
  EXPECT_THAT(Flaw(), HasSubstr("lost its grant is not raised"));
  EXPECT_EQ(Flaw({.grant_lost = {0}}), "");
}

TEST_F(ToldMeanwhile, WritesThatRestAndForHowLong) {  // L12
  row_.writes_rest_until = truth_.clock + absl::Minutes(30);
  answered().write_refused = Ago(absl::Minutes(30));
  EXPECT_EQ(Flaw({.writes_rest = {0}}), "");
  EXPECT_THAT(Flaw(), HasSubstr("is not raised"));
  answered().write_refused = Ago(absl::Hours(2));
  EXPECT_THAT(Flaw({.writes_rest = {0}}), HasSubstr("none was refused"));
  row_.writes_rest_until = truth_.clock + absl::Hours(90);  // The clock was set back.
  EXPECT_EQ(Flaw(), "");
}

TEST_F(ToldMeanwhile, SilenceAndSlowness) {  // L12
  answered().listed = Ago(absl::Hours(2));
  EXPECT_THAT(Flaw(), HasSubstr("was not heard for 2h"));
  EXPECT_EQ(Flaw({.silent = {0}}), "");
  truth_.started = Ago(absl::Minutes(5));  // An engine that has just begun could not hear it.
  EXPECT_EQ(Flaw(), "");
  answered().told = Ago(absl::Minutes(2));
  EXPECT_THAT(Flaw(), HasSubstr("followed by nothing"));
  answered().heard = answered().told;
  EXPECT_EQ(Flaw({.slow = {0}}), "");
  answered().told = absl::InfinitePast();  // It could not be read when the message came.
  EXPECT_EQ(Flaw({.slow = {0}}), "");
  truth_.times_are_true = false;
  EXPECT_EQ(Flaw(), "");
}

TEST_F(ToldMeanwhile, ListingsAreCounted) {  // L12
  for (int minutes = 1; minutes <= 20; ++minutes) truth_.listings.push_back({Ago(absl::Minutes(minutes)), minutes % 7 == 0});
  EXPECT_EQ(CheckAlertsNow(truth_, {.alerts = {.failed_passes = true}, .listings = 14, .listings_failed = 2}), "");
  EXPECT_THAT(CheckAlertsNow(truth_, {.listings = 14, .listings_failed = 2}), HasSubstr("what they came to"));
  EXPECT_THAT(CheckAlertsNow(truth_, {.listings = 14, .listings_failed = 1}), HasSubstr("in truth 2 of 14"));
}

TEST_F(ToldMeanwhile, SlotsAreWhatTheyAreSaidToBe) {  // L12
  const auto flaw = [&](SlotNow slot) { return CheckSlotNow(truth_, slot); };
  EXPECT_EQ(flaw({.told = {.shown = true}, .created = true}), "");
  EXPECT_THAT(flaw({.told = {.shown = true}}), HasSubstr("by the database it is not"));
  EXPECT_THAT(flaw({.told = {.unexplained = true}}), HasSubstr("nobody can say"));
  EXPECT_THAT(flaw({.told = {.not_due = true}, .enabled = false}), HasSubstr("is disabled"));
  EXPECT_THAT(flaw({.told = {.not_due = true}, .mirrors = false}), HasSubstr("mirrors nothing"));
  EXPECT_THAT(flaw({.told = {.frozen = true}}), HasSubstr("nothing is out of reach"));
  EXPECT_EQ(flaw({.told = {.frozen = true}, .in_doubt = true}), "");
  EXPECT_THAT(flaw({.told = {.fight = true}, .until = truth_.clock + absl::Hours(30)}), HasSubstr("longer than its day"));
  EXPECT_THAT(flaw({.told = {.waiting = true}}), HasSubstr("has no row"));
  EXPECT_THAT(flaw({.told = {.waiting = true}, .until = truth_.clock + absl::Hours(2), .planned = true}),
              HasSubstr("longer than anything"));
  EXPECT_THAT(flaw({.told = {.waiting = true, .reason = "a call about it is under way"}, .planned = true}),
              HasSubstr("and none is"));
  EXPECT_THAT(flaw({.told = {.waiting = true, .reason = "to be made: the circuit breaker is open"}, .planned = true}),
              HasSubstr("that is closed"));
  EXPECT_THAT(flaw({.told = {.waiting = true, .reason = "to be made: its calendar is read-only"}, .planned = true}),
              HasSubstr("and is not"));
}

}  // namespace
}  // namespace calsync::sim
