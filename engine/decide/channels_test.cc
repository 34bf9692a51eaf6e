// Watch channels over their life: on the whole engine.

#include "engine/decide/channels.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/siphash.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

GroupConfig OneCalendarWithPush() {
  GroupConfig config = AConfig({"work"});
  config.policy.push_address = "https://example.org/hook";
  return config;
}

ScriptedHost EmptyAtRest(GroupConfig config = OneCalendarWithPush()) {
  ScriptedHost host(std::move(config));
  host.Start();
  host.Settle();
  host.ClearLog();
  return host;
}

const std::vector<ChannelRow>& Stored(const ScriptedHost& host) { return host.image().calendars[0].channels; }

TEST(Channels, AreDurableBeforeTheirWatchCallLeaves) {  // W6 of the contract: the first message may come before the answer.
  ScriptedHost host(OneCalendarWithPush());
  host.Start();
  while (RequestsOf<WatchEvents>(host.calls()).empty()) host.AnswerNext();
  ASSERT_THAT(Stored(host), SizeIs(1));
  const WatchEvents watch = RequestsOf<WatchEvents>(host.calls())[0];
  EXPECT_EQ(Stored(host)[0].id, watch.channel);
  EXPECT_EQ(Stored(host)[0].token.view(), watch.token);
  EXPECT_EQ(Stored(host)[0].status, ChannelStatus::kPlanned);
  EXPECT_LE(watch.channel.text().size(), 64u);
  EXPECT_LE(watch.token.size(), 256u);
  EXPECT_EQ(watch.address, "https://example.org/hook");
  host.Give(Notification{watch.channel, watch.token});
  EXPECT_EQ(host.engine().forged_notifications(), 0);
}

TEST(Channels, MakeThePollRare) {
  ScriptedHost host = EmptyAtRest();
  EXPECT_TRUE(HasLiveChannel(host.image().calendars[0], host.now()));
  host.Advance(absl::Hours(5));
  EXPECT_THAT(host.calls(), IsEmpty());
  host.Advance(absl::Hours(3));
  EXPECT_THAT(RequestsOf<ListEvents>(host.calls()), SizeIs(1));
}

TEST(Channels, AreRenewedWithOverlapUnderFreshNames) {  // S-32
  ScriptedHost host = EmptyAtRest();
  std::set<std::string> ids = {Stored(host)[0].id.str()};
  std::set<std::string> tokens = {Stored(host)[0].token.ToString()};
  absl::Time covered = Stored(host)[0].expiration;
  for (int week = 0; week < 4; ++week) {
    host.ClearLog();
    host.Advance(absl::Hours(24 * 7));
    for (const WatchEvents& watch : RequestsOf<WatchEvents>(host.calls())) {
      EXPECT_TRUE(ids.insert(watch.channel.str()).second);
      EXPECT_TRUE(tokens.insert(watch.token).second);
    }
    ASSERT_THAT(Stored(host), Not(IsEmpty()));
    EXPECT_GT(Stored(host).back().expiration, covered);
    covered = Stored(host).back().expiration;
    EXPECT_TRUE(HasLiveChannel(host.image().calendars[0], host.now()));
  }
  EXPECT_THAT(ids, SizeIs(5));
  EXPECT_THAT(Stored(host), SizeIs(1));  // The ones before were stopped and forgotten.
}

TEST(Channels, ThatLiveShorterThanAskedAreNotRenewedWithoutEnd) {  // L8, C-84
  ScriptedHost host(OneCalendarWithPush());
  host.Start();
  // An hour's channels for a day: each is worth one watch call, and at most one stop.
  const absl::Time end = host.now() + absl::Hours(24);
  for (int steps = 0; steps < 5000; ++steps) {
    if (host.waiting().empty()) {
      if (host.timer() > end) break;
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
      continue;
    }
    if (const WatchEvents* watch = std::get_if<WatchEvents>(host.waiting().front().request.get())) {
      host.Script<WatchEvents>(Channel{watch->channel, ResourceId("r"), host.now() + absl::Hours(1)});
    }
    host.AnswerNext();
    EXPECT_LE(Stored(host).size(), 2u);  // The one before ends soon after the next one lives.
  }
  const size_t watches = RequestsOf<WatchEvents>(host.calls()).size();
  EXPECT_GE(watches, 24u);
  EXPECT_LE(watches, 27u);  // Each lives for nine tenths of its hour alone.
  EXPECT_LE(RequestsOf<StopChannel>(host.calls()).size(), watches);
  EXPECT_LE(RequestsOf<ListEvents>(host.calls()).size(), watches + 5);  // The calendar is polled as rarely as with longer ones.
}

TEST(Channels, ThatAreRefusedAreAskedForAgainAfterHours) {  // S-22
  ScriptedHost host(OneCalendarWithPush());
  host.Script<WatchEvents>(ApiError{.code = 400, .reason = "pushNotSupportedForRequestedResource"});
  host.Start();
  host.Advance(absl::Hours(5));
  EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), SizeIs(1));
  EXPECT_EQ(host.Audited(AuditKind::kChannelRefused), 1u);
  EXPECT_GT(RequestsOf<ListEvents>(host.calls()).size(), 40u);  // Polling goes on.
  host.Advance(absl::Hours(2));
  EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), SizeIs(2));
}

TEST(Channels, ThatCouldNotBeAskedForAreAskedForAgainSoon) {  // C-42: nothing came to be, so nothing has to be outlived.
  for (const ApiError& error :
       {ApiError{.transport = Transport::kNotSent}, ApiError{.code = 429, .reason = "rateLimitExceeded"}}) {
    ScriptedHost host(OneCalendarWithPush());
    host.Script<WatchEvents>(error);
    host.Start();
    host.Advance(absl::Seconds(10));
    EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), SizeIs(2));
    ASSERT_THAT(Stored(host), SizeIs(1));
    EXPECT_EQ(Stored(host).front().status, ChannelStatus::kLive);
  }
}

TEST(Channels, ThatGoogleHasTooManyOfAreNotAskedForInARow) {
  ScriptedHost host(OneCalendarWithPush());
  host.Script<WatchEvents>(ApiError{.code = 403, .domain = "usageLimits", .reason = "quotaExceeded"});
  host.Start();
  host.Advance(absl::Minutes(25));
  EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), SizeIs(1));
  host.Advance(absl::Minutes(10));
  EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), SizeIs(2));
}

TEST(Channels, WhoseAnswerWasLostAreOutlived) {  // S-32
  ScriptedHost host(OneCalendarWithPush());
  host.Script<WatchEvents>(ApiError{.transport = Transport::kTimeout}, Carried::kOut);
  host.Start();
  host.Advance(absl::Hours(1));
  const auto watches = RequestsOf<WatchEvents>(host.calls());
  ASSERT_THAT(watches, SizeIs(2));
  EXPECT_NE(watches[0].channel, watches[1].channel);
  EXPECT_THAT(Stored(host), SizeIs(2));  // Its messages still count.
  host.Give(Notification{watches[0].channel, watches[0].token});
  EXPECT_EQ(host.engine().forged_notifications(), 0);
  host.Advance(absl::Hours(24 * 8));
  for (const ChannelRow& channel : Stored(host)) EXPECT_NE(channel.id, watches[0].channel);
}

TEST(Channels, WhoseWatchCallWaitsWhileTheClockLeapsKeepTheirRow) {  // L7: it may leave yet (seed 8240718 of --workers 2).
  ScriptedHost host(OneCalendarWithPush());
  host.Start();
  while (RequestsOf<WatchEvents>(host.calls()).empty()) host.AnswerNext();
  const ChannelId channel = RequestsOf<WatchEvents>(host.calls())[0].channel;
  host.set_now(host.now() + absl::Hours(24 * 30));
  host.Give(TimerFired{});
  EXPECT_EQ(std::ranges::count(Stored(host), channel, &ChannelRow::id), 1);
}

TEST(Channels, AreStoppedWhenPushIsTurnedOff) {
  ScriptedHost host = EmptyAtRest();
  const ChannelRow channel = Stored(host)[0];
  host.Give(OperatorCommand(Reconfigure{AConfig({"work"})}));
  host.Settle();
  const auto stops = RequestsOf<StopChannel>(host.calls());
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(stops[0].channel, channel.id);
  EXPECT_EQ(stops[0].resource, channel.resource);
  EXPECT_THAT(Stored(host), IsEmpty());
}

GroupConfig RePointedToClub() {
  GroupConfig config = OneCalendarWithPush();
  config.calendars[0].google_id = GoogleIdOf("club");
  return config;
}

TEST(Channels, AreStoppedAndOpenedAnewWhenTheirCalendarIsRePointed) {
  ScriptedHost host = EmptyAtRest();
  const ChannelRow before = Stored(host)[0];
  host.Give(OperatorCommand(Reconfigure{RePointedToClub()}));
  host.Settle();
  const auto stops = RequestsOf<StopChannel>(host.calls());
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(stops[0].channel, before.id);
  EXPECT_EQ(stops[0].resource, before.resource);
  const auto watches = RequestsOf<WatchEvents>(host.calls());
  ASSERT_THAT(watches, SizeIs(1));
  EXPECT_EQ(watches[0].calendar, GoogleIdOf("club"));
  ASSERT_THAT(Stored(host), SizeIs(1));
  EXPECT_EQ(Stored(host)[0].id, watches[0].channel);
  EXPECT_EQ(Stored(host)[0].status, ChannelStatus::kLive);
}

TEST(Channels, AreStoppedAndOpenedAnewWhenNotificationsArePostedElsewhere) {
  ScriptedHost host = EmptyAtRest();
  const ChannelId old = Stored(host)[0].id;
  GroupConfig config = OneCalendarWithPush();
  config.policy.push_address = "https://example.org/another";
  host.Give(OperatorCommand(Reconfigure{config}));
  EXPECT_FALSE(HasLiveChannel(host.image().calendars[0], host.now()));  // It is polled as often as without one.
  host.AnswerAll();
  const auto watches = RequestsOf<WatchEvents>(host.calls());
  ASSERT_THAT(watches, SizeIs(1));
  EXPECT_EQ(watches[0].address, "https://example.org/another");
  const auto stops = RequestsOf<StopChannel>(host.calls());
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(stops[0].channel, old);
  ASSERT_THAT(Stored(host), SizeIs(1));
  EXPECT_TRUE(HasLiveChannel(host.image().calendars[0], host.now()));
}

TEST(Channels, AreStoppedAndOpenedAnewWhereSettingsChangedWhileNoEngineRan) {
  GroupConfig elsewhere = OneCalendarWithPush();
  elsewhere.policy.push_address = "https://example.org/another";
  for (const GroupConfig& changed : {RePointedToClub(), elsewhere}) {
    ScriptedHost host = EmptyAtRest();
    const ChannelId old = Stored(host)[0].id;
    host.Crash(Carried::kOut);
    host.set_config(changed);
    host.Start();
    EXPECT_FALSE(HasLiveChannel(host.image().calendars[0], host.now()));  // It is polled as often as without one.
    host.Settle();
    const auto watches = RequestsOf<WatchEvents>(host.calls());
    ASSERT_THAT(watches, SizeIs(1));
    EXPECT_EQ(watches[0].calendar, changed.calendars[0].google_id);
    EXPECT_EQ(watches[0].address, changed.policy.push_address);
    const auto stops = RequestsOf<StopChannel>(host.calls());
    ASSERT_THAT(stops, SizeIs(1));
    EXPECT_EQ(stops[0].channel, old);
    ASSERT_THAT(Stored(host), SizeIs(1));
    EXPECT_EQ(Stored(host)[0].id, watches[0].channel);
  }
}

TEST(Channels, StayOverAStartWithTheSameSettings) {
  GroupConfig rotated = OneCalendarWithPush();
  rotated.keys.insert(rotated.keys.begin(), SipKey{1, 2});  // What another key planned, it verifies still.
  for (const GroupConfig& config : {OneCalendarWithPush(), rotated}) {
    ScriptedHost host = EmptyAtRest();
    const std::vector<ChannelRow> before = Stored(host);
    host.Crash(Carried::kOut);
    host.set_config(config);
    host.Start();
    host.Settle();
    EXPECT_EQ(Stored(host), before);
    EXPECT_THAT(RequestsOf<WatchEvents>(host.calls()), IsEmpty());
  }
}

TEST(Channels, ThatAreBeingOpenedWhenTheirCalendarIsRePointedNeverLive) {
  for (const bool refused : {false, true}) {
    ScriptedHost host(OneCalendarWithPush());
    host.Start();
    while (RequestsOf<WatchEvents>(host.calls()).empty()) host.AnswerNext();
    if (refused) host.Script<WatchEvents>(ApiError{.code = 400, .reason = "pushNotSupportedForRequestedResource"});
    host.Give(OperatorCommand(Reconfigure{RePointedToClub()}));
    host.Settle();
    const auto watches = RequestsOf<WatchEvents>(host.calls());
    ASSERT_THAT(watches, SizeIs(2)) << refused;
    EXPECT_EQ(watches[1].calendar, GoogleIdOf("club"));
    const auto stops = RequestsOf<StopChannel>(host.calls());
    ASSERT_THAT(stops, SizeIs(refused ? 0 : 1));
    for (const StopChannel& stop : stops) EXPECT_EQ(stop.channel, watches[0].channel);
    ASSERT_THAT(Stored(host), SizeIs(1));
    EXPECT_EQ(Stored(host)[0].id, watches[1].channel);
  }
}

TEST(Channels, NeverWakeTheEngineForWhatCannotBeDoneNow) {  // L4: a timer in the past is a loop without end.
  const struct {
    const char* name;
    void (*trouble)(ScriptedHost&);
  } kRows[] = {
      {"the calendar is unreachable",
       [](ScriptedHost& h) { h.FailListings("work", ApiError{.code = 404, .reason = "notFound"}); }},
      {"push is refused",
       [](ScriptedHost& h) { h.Script<WatchEvents>(ApiError{.code = 400, .reason = "push.webhookUrlUnauthorized"}); }},
  };
  for (const auto& row : kRows) {
    ScriptedHost host = EmptyAtRest();
    row.trouble(host);
    int woken = 0;
    const absl::Time until = host.now() + absl::Hours(24 * 7);  // The channel comes to its end meanwhile.
    while (host.timer() < until && woken < 5000) {
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
      host.AnswerAll();
      ++woken;
    }
    EXPECT_LT(woken, 5000) << row.name;
  }
}

}  // namespace
}  // namespace calsync
