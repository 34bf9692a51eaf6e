// Calendars that are left alone until their time comes.

#include "engine/decide/wake.h"

#include "engine/decide/channels.h"
#include "engine/decide/listing.h"
#include "engine/decide/retry.h"
#include "engine/testing/builders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// All calendars have just been listed, and nobody has looked at them since.
LiveGroup JustListed() { return ALiveGroup(AConfig({"work", "home"}), {}); }

TEST(Wake, ACalendarIsSteadyOnceItWasLookedAt) {
  LiveGroup group = JustListed();
  EXPECT_FALSE(group.calendars[0].IsSteady(group.now));
  const absl::Time due = NoteWakes(group);
  EXPECT_EQ(due, NextListing(group, group.calendars[0]));
  EXPECT_TRUE(group.calendars[0].IsSteady(group.now));
  EXPECT_TRUE(group.calendars[0].IsSteady(due - absl::Seconds(1)));
  EXPECT_FALSE(group.calendars[0].IsSteady(due));
  EXPECT_THAT(VerifyWakes(group), IsEmpty());
}

TEST(Wake, AMarkOrAChangeEndsIt) {
  LiveGroup group = JustListed();
  NoteWakes(group);
  group.MarkDirty(group.calendars[0], absl::ZeroDuration());
  EXPECT_FALSE(group.calendars[0].IsSteady(group.now));
  EXPECT_TRUE(group.calendars[1].IsSteady(group.now));
  group.Edit(group.calendars[1]).failures = 1;
  EXPECT_FALSE(group.calendars[1].IsSteady(group.now));
  NoteWakes(group);
  group.calendars[1].changed = false;  // Committed.
  EXPECT_FALSE(group.calendars[1].IsSteady(group.now)) << "what changed in a step is looked at once more in the next";
  NoteWakes(group);
  EXPECT_TRUE(group.calendars[1].IsSteady(group.now));
}

TEST(Wake, AChannelThatIsToBeRenewedEndsIt) {
  LiveGroup group = JustListed();
  group.config.policy.push_address = "https://example.org/hook";
  group.config.policy.channel_ttl = absl::Hours(2);
  ChannelRow channel;
  channel.status = ChannelStatus::kLive;
  channel.expiration = group.now + absl::Hours(2);
  group.calendars[0].row.channels.push_back(channel);
  NoteWakes(group);
  const absl::Time renewal = RenewalOf(group, channel);
  EXPECT_TRUE(group.calendars[0].IsSteady(renewal - absl::Seconds(1)));
  EXPECT_FALSE(group.calendars[0].IsSteady(renewal));
}

TEST(Wake, ARestThatAClockLeftFarAheadIsNeverSteady) {  // It counts as due until it comes near.
  const struct {
    const char* name;
    absl::Time& (*time_of)(LiveCalendar&);
    absl::Duration longest;  // … that it lies ahead as long as no clock is set back.
  } kRows[] = {
      {"calls rest", [](LiveCalendar& c) -> absl::Time& { return c.row.calls_rest_until; }, kRetryAfterMax},
      {"writes rest", [](LiveCalendar& c) -> absl::Time& { return c.row.writes_rest_until; }, kUsageLimitRest},
      {"listings rest", [](LiveCalendar& c) -> absl::Time& { return c.row.lists_rest_until; }, kRetryAfterMax},
      {"push is refused", [](LiveCalendar& c) -> absl::Time& { return c.row.watch_refused_until; }, kChannelRefusedAgainAfter},
      {"listed again soon", [](LiveCalendar& c) -> absl::Time& { return c.list_at; }, kRecheckDelayMax},
  };
  for (const auto& row : kRows) {
    LiveGroup group = JustListed();
    row.time_of(group.calendars[0]) = group.now + row.longest;
    NoteWakes(group);
    EXPECT_TRUE(group.calendars[0].IsSteady(group.now)) << row.name;
    EXPECT_FALSE(group.calendars[0].IsSteady(group.now + row.longest)) << row.name;
    row.time_of(group.calendars[1]) = group.now + row.longest + absl::Seconds(1);
    group.calendars[1].touched = true;
    NoteWakes(group);
    EXPECT_FALSE(group.calendars[1].IsSteady(group.now)) << row.name;
  }
}

TEST(Wake, WhatChangedUnnoticedIsFound) {
  LiveGroup group = JustListed();
  NoteWakes(group);
  group.calendars[0].listed_at -= absl::Minutes(1);
  EXPECT_THAT(VerifyWakes(group), HasSubstr("is due at"));
  TouchAll(group);
  NoteWakes(group);
  EXPECT_THAT(VerifyWakes(group), IsEmpty());
}

}  // namespace
}  // namespace calsync
