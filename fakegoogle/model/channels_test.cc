#include "fakegoogle/model/channels.h"

#include <gtest/gtest.h>

#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

WatchEvents AWatch(const std::string& id, const CalendarId& calendar = kAda) {
  return {.calendar = calendar, .channel = ChannelId(id), .address = "https://example.com/hook", .token = "secret"};
}

Channel Watch(Desk& desk, const std::string& id, const Caller& caller = kEngine) {
  const Reply reply = desk.Call(AWatch(id), caller);
  EXPECT_EQ(Outcome(reply), "ok");
  return std::get<Channel>(reply);
}

TEST(Watch, IsValidated) {  // C-80 C-86
  Desk desk;
  desk.server.AddCalendar(
      {.id = CalendarId("en.ch#holiday@group.v.calendar.google.com"), .owner = kAdaAccount, .push_supported = false});
  Watch(desk, "taken");
  WatchEvents plain_http = AWatch("a1");
  plain_http.address = "http://example.com/hook";
  WatchEvents long_token = AWatch("a2");
  long_token.token = std::string(257, 't');
  WatchEvents no_time = AWatch("a3");
  no_time.ttl = absl::ZeroDuration();
  const struct {
    const char* name;
    WatchEvents request;
    const char* want;
  } kRows[] = {
      {"all signs", AWatch("AZaz09-_+/="), "ok"},
      {"64 characters", AWatch(std::string(64, 'c')), "ok"},
      {"65 characters", AWatch(std::string(65, 'c')), "400 invalid"},
      {"empty id", AWatch(""), "400 invalid"},
      {"odd sign", AWatch("a b"), "400 invalid"},
      {"used id", AWatch("taken"), "400 channelIdNotUnique"},
      {"not HTTPS", plain_http, "400 push.webhookUrlNotHttps"},
      {"long token", long_token, "400 invalid"},
      {"no time", no_time, "400 invalid"},
      {"holidays", AWatch("a4", CalendarId("en.ch#holiday@group.v.calendar.google.com")),
       "400 pushNotSupportedForRequestedResource"},
      {"unreadable", AWatch("a5", kBob), "404 notFound"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Outcome(desk.Call(row.request, kEngine)), row.want) << row.name;
}

TEST(Watch, SendsSyncFirst) {  // C-81 C-80 C-83
  Desk desk;
  WatchEvents request = AWatch("c1");
  request.ttl = absl::Hours(24 * 365);
  const auto channel = std::get<Channel>(desk.Call(request, kEngine));
  EXPECT_EQ(channel.expiration, kStart + absl::Hours(24 * 7));
  desk.Insert(AnEvent());
  const std::vector<PushMessage> messages = desk.server.TakeMessages();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].state, ResourceState::kSync);
  EXPECT_EQ(messages[0].number, 1u);
  EXPECT_EQ(messages[0].token, "secret");
  EXPECT_EQ(messages[0].resource, channel.resource);
  EXPECT_EQ(messages[1].state, ResourceState::kExists);
  EXPECT_GT(messages[1].number, 1u);
  EXPECT_TRUE(desk.server.TakeMessages().empty());
}

TEST(Announcement, GoesToEveryLiveChannelForEveryWrite) {  // C-82 C-83 C-87
  Desk desk;
  desk.server.SetRole(kAda, kBobAccount, AccessRole::kReader);
  const Channel one = Watch(desk, "one");
  const Channel two = Watch(desk, "two");
  const Channel bobs = Watch(desk, "bobs", {kBobAccount, kEngine.actor});
  EXPECT_EQ(one.resource, two.resource);
  EXPECT_NE(one.resource, bobs.resource);
  (void)desk.server.TakeMessages();
  const EventPtr event = desk.Insert(AnEvent(), kAda, kEngine);
  desk.Must(PatchEvent{kAda, event->id, SummaryPatch("x")}, kEngine);
  desk.Delete(event->id);
  desk.Insert(AnEvent(), kTeam);
  const std::vector<PushMessage> messages = desk.server.TakeMessages();
  EXPECT_EQ(messages.size(), 9u);
  std::map<ChannelId, uint64_t> last;
  for (const PushMessage& message : messages) {
    EXPECT_EQ(message.calendar, kAda);
    EXPECT_GT(message.number, last[message.channel]);
    last[message.channel] = message.number;
  }
}

TEST(Announcement, IsNotMadeForWhatChangesNothing) {  // C-91
  Desk desk({.identical_write_changes = false});
  const EventPtr event = desk.Insert(AnEvent());
  Watch(desk, "c");
  (void)desk.server.TakeMessages();
  desk.Must(PatchEvent{kAda, event->id, SummaryPatch("Dentist")});
  (void)desk.Call(PatchEvent{kAda, event->id, SummaryPatch("x"), Etag("old")});
  desk.Get(event->id);
  (void)desk.Walk({.calendar = kAda});
  EXPECT_FALSE(desk.server.HasMessages());
}

TEST(Stop, NeedsTheRightNamesAndOwner) {  // C-88
  Desk desk;
  const Channel channel = Watch(desk, "c");
  const Caller program{kAdaAccount, {ActorKind::kProgram, 3}};
  const Caller bob{kBobAccount, kEngine.actor};
  EXPECT_EQ(Outcome(desk.Call(StopChannel{ChannelId("d"), channel.resource}, kEngine)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(StopChannel{channel.id, ResourceId("r")}, kEngine)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(StopChannel{channel.id, channel.resource}, program)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(StopChannel{channel.id, channel.resource}, bob)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(StopChannel{channel.id, channel.resource}, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(StopChannel{channel.id, channel.resource}, kEngine)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(AWatch("c"), kEngine)), "400 channelIdNotUnique") << "ids are used up";
}

TEST(Stop, MaySilenceOnlyAfterAWhileAndExpiryAlwaysDoes) {  // C-84 K-13
  Desk desk({.sends_after_stop = absl::Minutes(1)});
  const Channel channel = Watch(desk, "c");
  desk.Call(StopChannel{channel.id, channel.resource}, kEngine);
  (void)desk.server.TakeMessages();
  desk.Insert(AnEvent());
  EXPECT_EQ(desk.server.TakeMessages().size(), 1u);
  desk.now += absl::Minutes(1);
  desk.Insert(AnEvent());
  EXPECT_EQ(desk.server.TakeMessages().size(), 0u);

  const Channel other = Watch(desk, "d");
  (void)desk.server.TakeMessages();
  desk.now = other.expiration;
  desk.Insert(AnEvent());
  EXPECT_FALSE(desk.server.HasMessages());
  EXPECT_EQ(Outcome(desk.Call(StopChannel{other.id, other.resource}, kEngine)), "404 notFound") << "expired";
}

TEST(Channels, DieSilentlyWithTheAccess) {  // C-90
  const struct {
    const char* name;
    void (*lose)(Desk&);
  } kRows[] = {
      {"role", [](Desk& desk) { desk.server.SetRole(kAda, kBobAccount, AccessRole::kNone); }},
      {"grant", [](Desk& desk) { desk.server.SetGrant(kBobAccount, Grant::kRevoked); }},
  };
  for (const auto& row : kRows) {
    Desk desk;
    desk.server.SetRole(kAda, kBobAccount, AccessRole::kReader);
    Watch(desk, "ada");
    Watch(desk, "bob", {kBobAccount, kEngine.actor});
    (void)desk.server.TakeMessages();
    row.lose(desk);
    EXPECT_FALSE(desk.server.HasMessages()) << row.name;
    EXPECT_EQ(desk.server.CountLiveChannels(kAda, desk.now), 1u) << row.name;
    desk.Insert(AnEvent());
    EXPECT_EQ(desk.server.TakeMessages().size(), 1u) << row.name;
  }
}

TEST(Channels, TypesLimitWhatIsAnnounced) {  // C-89, S-23.
  Desk desk;
  const WatchEvents request{.calendar = kAda, .channel = ChannelId("typed"), .address = "https://example.com/"};
  const Reply reply = desk.server.Watch(kEngine, request, {EventType::kFocusTime}, desk.now);
  ASSERT_TRUE(std::holds_alternative<Channel>(reply)) << Outcome(reply);
  desk.server.TakeMessages();
  desk.Insert(AnEvent());
  EXPECT_FALSE(desk.server.HasMessages());
  Event focus = AnEvent("Focus", 48);
  focus.type = EventType::kFocusTime;
  desk.Insert(focus);
  EXPECT_EQ(desk.server.TakeMessages().size(), 1U);
  desk.server.knobs().typed_channels_silent = true;
  focus.start = EventTime::At(kStart + absl::Hours(72));
  focus.end = EventTime::At(kStart + absl::Hours(73));
  desk.Insert(focus);
  EXPECT_FALSE(desk.server.HasMessages());
}

}  // namespace
}  // namespace calsync::fake
