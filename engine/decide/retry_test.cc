#include "engine/decide/retry.h"

#include <algorithm>
#include <optional>

#include "engine/testing/builders.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

LiveGroup AGroup() { return ALiveGroup(AConfig(), {UserEvent("k1", "work/e1"), Block({})}); }

TEST(Backoff, DoublesUpToItsCapWithAtMostAQuarterOfJitter) {
  Bits bits({1, 2});
  absl::Duration want = kBackoffBase;
  for (int attempts = 1; attempts < 50; ++attempts) {
    for (int draw = 0; draw < 20; ++draw) {
      const absl::Duration delay = Backoff(attempts, bits);
      EXPECT_GE(delay, want) << attempts;
      EXPECT_LT(delay, want + want / 4) << attempts;
      EXPECT_EQ(delay, absl::Trunc(delay, absl::Nanoseconds(1))) << attempts;  // As it is stored: seed 14140162.
    }
    want = std::min(2 * want, kBackoffMax);
  }
}

TEST(Backoff, HasSaneBoundsForOddCounts) {
  Bits bits({1, 2});
  for (const int attempts : {-1, 0, 255, 1000000}) {
    const absl::Duration delay = Backoff(attempts, bits);
    EXPECT_GE(delay, kBackoffBase);
    EXPECT_LE(delay, kBackoffMax + kBackoffMax / 4);
  }
}

TEST(Backoff, JitterSpreadsThoseWhoFailedTogether) {
  Bits bits({1, 2});
  const absl::Duration first = Backoff(5, bits);
  int others = 0;
  for (int draw = 0; draw < 20; ++draw) others += Backoff(5, bits) != first ? 1 : 0;
  EXPECT_GT(others, 10);
}

TEST(IsDue, ADueTimeFurtherOffThanItsDelayIsDueNow) {  // The wall clock was set back.
  const absl::Time now = TestNow();
  EXPECT_TRUE(IsDue(now, now, absl::Minutes(1)));
  EXPECT_TRUE(IsDue(now - absl::Hours(1), now, absl::Minutes(1)));
  EXPECT_FALSE(IsDue(now + absl::Seconds(1), now, absl::Minutes(1)));
  EXPECT_FALSE(IsDue(now + absl::Minutes(1), now, absl::Minutes(1)));
  EXPECT_TRUE(IsDue(now + absl::Minutes(1) + absl::Seconds(1), now, absl::Minutes(1)));
  EXPECT_TRUE(IsDue(absl::InfinitePast(), now, absl::Minutes(1)));
}

TEST(RestCalls, FailuresInARowRestLongerAndOneSuccessEndsIt) {
  LiveGroup group = AGroup();
  LiveCalendar& calendar = group.calendars[0];
  EXPECT_TRUE(CallsMayLeave(group, calendar));
  absl::Duration before = absl::ZeroDuration();
  for (int failures = 0; failures < 5; ++failures) {
    RestCalls(group, calendar, std::nullopt);
    EXPECT_FALSE(CallsMayLeave(group, calendar));
    EXPECT_GT(calendar.row.calls_rest_until - group.now, before);
    before = calendar.row.calls_rest_until - group.now;
  }
  EXPECT_TRUE(calendar.changed);  // Back-off survives a restart.
  CallsWork(group, calendar);
  EXPECT_TRUE(CallsMayLeave(group, calendar));
  EXPECT_EQ(calendar.row.failures, 0);
}

TEST(RestCalls, GoogleMayAskForLongerButNotForEver) {
  LiveGroup group = AGroup();
  RestCalls(group, group.calendars[0], absl::Minutes(20));
  EXPECT_GE(group.calendars[0].row.calls_rest_until, group.now + absl::Minutes(20));
  RestCalls(group, group.calendars[1], absl::Hours(1000));
  EXPECT_LE(group.calendars[1].row.calls_rest_until, group.now + kRetryAfterMax);
}

TEST(RestCalls, OneCalendarDelaysNoOther) {  // L10
  LiveGroup group = AGroup();
  RestCalls(group, group.calendars[0], std::nullopt);
  EXPECT_FALSE(CallsMayLeave(group, group.calendars[0]));
  EXPECT_TRUE(CallsMayLeave(group, group.calendars[1]));
}

TEST(WritesMayLeave, OnlyToAReachableWritableCalendarOfAGroupThatIsNotStopped) {
  const LiveGroup group = AGroup();
  EXPECT_TRUE(WritesMayLeave(group, group.calendars[0]));
  const auto may_leave = [&](void (*change)(LiveGroup&)) {
    LiveGroup changed = group;
    change(changed);
    return WritesMayLeave(changed, changed.calendars[0]);
  };
  EXPECT_FALSE(may_leave([](LiveGroup& g) { g.calendars[0].row.unreachable = true; }));
  EXPECT_FALSE(may_leave([](LiveGroup& g) { g.row.breaker_open = true; }));
  EXPECT_FALSE(may_leave([](LiveGroup& g) { g.calendars[0].row.writes_rest_until = g.now + absl::Minutes(1); }));  // S-27
  for (const AccessRole role : {AccessRole::kNone, AccessRole::kFreeBusyReader, AccessRole::kReader,
                                AccessRole::kWriterWithoutPrivateAccess, AccessRole::kUnknown}) {  // S-22
    LiveGroup changed = group;
    changed.calendars[0].row.role = role;
    EXPECT_FALSE(WritesMayLeave(changed, changed.calendars[0])) << static_cast<int>(role);
  }
}

TEST(RetryLater, ARowWaitsLongerEachTimeAndNeverForEver) {
  LiveGroup group = AGroup();
  EXPECT_TRUE(RowIsDue(group, group.records[0]));
  int64_t before = 0;
  for (int attempts = 0; attempts < 300; ++attempts) {
    RetryLater(group, 0);
    const int64_t delay = group.records[0].retry_s - absl::ToUnixSeconds(group.now);
    EXPECT_GT(delay, attempts < 9 ? before : 0);
    EXPECT_LE(absl::Seconds(delay), kBackoffMax + kBackoffMax / 4 + absl::Seconds(2));
    EXPECT_FALSE(RowIsDue(group, group.records[0])) << "the longest delay must not look like a clock that was set back";
    before = delay;
  }
  group.now -= absl::Hours(1);  // The wall clock is set back.
  EXPECT_TRUE(RowIsDue(group, group.records[0]));
}

TEST(CountFight, ASlotIsRestoredAtMostSoOftenADay) {
  LiveGroup group = AGroup();
  for (int fights = 0; fights < kFightsPerDay; ++fights) {
    EXPECT_FALSE(FightIsOn(group, group.records[1]));
    EXPECT_TRUE(CountFight(group, 1));
  }
  EXPECT_TRUE(FightIsOn(group, group.records[1]));
  EXPECT_FALSE(CountFight(group, 1));
  group.now += absl::Hours(24);
  EXPECT_FALSE(FightIsOn(group, group.records[1]));
  EXPECT_TRUE(CountFight(group, 1));
  EXPECT_EQ(group.records[1].fights, 1);
  TakeBackFight(group, 1);
  EXPECT_EQ(group.records[1].fights, 0);
  TakeBackFight(group, 1);
  EXPECT_EQ(group.records[1].fights, 0);
}

}  // namespace
}  // namespace calsync
