// When calendars are listed, and what a listing may and may not conclude: on the whole engine.

#include "engine/decide/listing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

GroupConfig WithPush() {
  GroupConfig config = AConfig();
  config.policy.push_address = "https://example.org/hook";
  return config;
}

ScriptedHost LongAtRest(GroupConfig config = AConfig()) {
  ScriptedHost host = AtRest(std::move(config));
  host.Advance(absl::Minutes(10));
  host.ClearLog();
  return host;
}

std::vector<ListEvents> Listings(const ScriptedHost& host, const char* calendar) {
  std::vector<ListEvents> listings;
  for (const ListEvents& call : RequestsOf<ListEvents>(host.calls())) {
    if (call.calendar == GoogleIdOf(calendar)) listings.push_back(call);
  }
  return listings;
}

// "full" or "token" for each listing of the calendar.
std::vector<std::string> Kinds(const ScriptedHost& host, const char* calendar) {
  std::vector<std::string> kinds;
  for (const ListEvents& call : Listings(host, calendar)) kinds.push_back(call.sync_token.has_value() ? "token" : "full");
  return kinds;
}

// Fires the timer until the calendar is being listed; nothing is answered on the way but what other calendars asked.
void UntilListed(ScriptedHost& host, const char* calendar) {
  for (int fired = 0; fired < 100 && Listings(host, calendar).empty(); ++fired) {
    host.AnswerAll();
    host.set_now(std::max(host.now(), host.timer()));
    host.Give(TimerFired{});
  }
}

Notification About(const ScriptedHost& host, const char* calendar) {
  for (const ChannelRow& channel : host.image().calendars[calendar == std::string("work") ? 0 : 1].channels) {
    if (channel.status == ChannelStatus::kLive) return {channel.id, channel.token.ToString(), ResourceState::kExists};
  }
  ADD_FAILURE() << "no live channel";
  return {};
}

// At rest, and no echo of our own writes is left to be listed.
ScriptedHost AtRestWithPush() {
  ScriptedHost host = LongAtRest(WithPush());
  for (const char* calendar : {"work", "home"}) host.Give(About(host, calendar));
  host.Advance(absl::Minutes(10));
  host.ClearLog();
  return host;
}

bool SawInsertsOrDeletes(const ScriptedHost& host) {
  return !RequestsOf<InsertEvent>(host.calls()).empty() || !RequestsOf<DeleteEvent>(host.calls()).empty();
}

// ---- Queries and tokens ----

TEST(Listing, AsksAlwaysTheSameQuestion) {  // S-21, S-24
  ScriptedHost host = LongAtRest();
  host.Advance(absl::Hours(24 * 8));
  const std::vector<ListEvents> calls = RequestsOf<ListEvents>(host.calls());
  ASSERT_THAT(calls, Not(IsEmpty()));
  for (const ListEvents& call : calls) {
    EXPECT_TRUE(call.show_deleted);
    EXPECT_FALSE(call.single_events);
    EXPECT_EQ(call.max_results, 250);
    EXPECT_FALSE(call.time_min.has_value() || call.time_max.has_value());
  }
}

TEST(Listing, WalksInFullOnceAndThenFromItsToken) {
  ScriptedHost host;
  host.Start();
  host.Advance(absl::Minutes(13));
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("full", "token", "token"));
}

TEST(Listing, WalksInFullNowAndThen) {  // K-23
  ScriptedHost host = LongAtRest();
  host.Advance(absl::Hours(24 * 7) + absl::Minutes(10));
  int full = 0;
  for (const std::string& kind : Kinds(host, "work")) full += kind == "full" ? 1 : 0;
  EXPECT_EQ(full, 1);
}

TEST(Listing, AnInvalidTokenMeansAFullWalkAtOnce) {  // C-26, S-8
  for (const ApiError& error :
       {ApiError{.code = 410, .reason = "fullSyncRequired"}, ApiError{.code = 400, .reason = "invalid"}}) {
    ScriptedHost host = LongAtRest(AConfig({"work"}));
    host.Script<ListEvents>(error);
    UntilListed(host, "work");
    host.AnswerAll();
    EXPECT_THAT(Kinds(host, "work"), ElementsAre("token", "full"));
    EXPECT_EQ(host.Audited(AuditKind::kSyncTokenDropped), 1u);
    EXPECT_FALSE(SawInsertsOrDeletes(host));
  }
}

TEST(Listing, AsksForAllPagesOfADeltaWithOneToken) {  // Contract 2.2.
  ScriptedHost host = LongAtRest(AConfig({"work"}));
  host.Script<ListEvents>(EventsPage{.next_page_token = PageToken("second"), .time_zone = "Europe/Berlin"});
  UntilListed(host, "work");
  host.AnswerNext();
  EXPECT_TRUE(host.engine().calendar(KeyOf("work"))->sync_token.empty());  // Another zone: a full walk comes next.
  const std::vector<ListEvents> pages = Listings(host, "work");
  ASSERT_THAT(pages, SizeIs(2));
  EXPECT_EQ(pages[1].page_token, PageToken("second"));
  ASSERT_TRUE(pages[0].sync_token.has_value());
  EXPECT_EQ(pages[1].sync_token, pages[0].sync_token);
  host.AnswerAll();
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("token", "token", "full"));
  EXPECT_EQ(host.Audited(AuditKind::kSyncTokenDropped), 0u);
}

TEST(Listing, OneThatDiesBetweenPagesAgainAndAgainBeginsAnewMoreAndMoreSlowly) {  // L4: seed 18049.
  ScriptedHost host(AConfig({"work"}));
  for (int walks = 0; walks < 100; ++walks) {
    host.Script<ListEvents>(EventsPage{.next_page_token = PageToken("second")});
    host.Script<ListEvents>(ApiError{.code = 400, .reason = "invalid"});
  }
  host.Start();
  host.Advance(absl::Hours(1));
  EXPECT_LE(Listings(host, "work").size(), 2u * 20u);  // Doubling to ten minutes, and the poll's own.
  host.Advance(absl::Hours(24));
  EXPECT_FALSE(host.engine().calendar(KeyOf("work"))->sync_token.empty());  // It got through in the end, …
  host.ClearLog();
  host.Script<ListEvents>(ApiError{.code = 410, .reason = "fullSyncRequired"});
  UntilListed(host, "work");
  host.AnswerAll();
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("token", "full"));  // … and is as quick as ever.
}

TEST(Listing, AWalkThatACrashEndsAgainAndAgainBeginsAnewMoreAndMoreSlowly) {  // L4: seeds 6450 and 33647.
  ScriptedHost host(AConfig({"work"}));
  for (int crashes = 0; crashes < 30; ++crashes) {
    host.Script<ListEvents>(EventsPage{.next_page_token = PageToken("second")});
    host.Start();
    for (int fired = 0; fired < 10 && host.waiting().empty(); ++fired) {
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
    }
    host.AnswerNext();
    host.Crash(Carried::kNot);
  }
  EXPECT_GT(host.now() - TestNow(), absl::Hours(3));
  host.Start();
  host.Advance(absl::Minutes(15));
  EXPECT_FALSE(host.engine().calendar(KeyOf("work"))->sync_token.empty());
}

TEST(Listing, AnotherPageSizeDropsTheToken) {  // S-24
  ScriptedHost host = LongAtRest();
  GroupConfig config = AConfig();
  config.policy.page_size = 100;
  host.Give(OperatorCommand(Reconfigure{config}));
  host.AnswerAll();
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("full"));
  EXPECT_EQ(Listings(host, "work")[0].max_results, 100);
}

TEST(Listing, PagesAreWalkedWithTheSameTokenToTheEnd) {  // C-21
  ScriptedHost host = LongAtRest(AConfig({"work"}));
  const SyncToken token = host.engine().calendar(KeyOf("work"))->sync_token;
  EventsPage first;
  first.items = {
      std::make_shared<const Event>(EventOf({.at = "work/e8", .start = At("2026-05-08T10:00:00Z"), .updated = host.now()}))};
  first.next_page_token = PageToken("p2");
  EventsPage last;
  last.items = {
      std::make_shared<const Event>(EventOf({.at = "work/e9", .start = At("2026-05-09T10:00:00Z"), .updated = host.now()}))};
  last.next_sync_token = SyncToken("9999");
  UntilListed(host, "work");
  host.Script<ListEvents>(first);
  host.AnswerNext();
  EXPECT_EQ(host.engine().calendar(KeyOf("work"))->sync_token, token) << "a half walk is none";
  const auto asked = Listings(host, "work");
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked[1].sync_token, token);
  EXPECT_EQ(asked[1].page_token, PageToken("p2"));
  host.Script<ListEvents>(last);
  while (host.engine().calendar(KeyOf("work"))->sync_token == token) host.AnswerNext();
  EXPECT_EQ(host.engine().calendar(KeyOf("work"))->sync_token, SyncToken("9999"));
  host.AnswerAll();
  EXPECT_TRUE(host.records().FindAt(KeyOf("work"), "e8").has_value());
  EXPECT_TRUE(host.records().FindAt(KeyOf("work"), "e9").has_value());
}

TEST(Listing, AFullWalkThatIsAskedForMeanwhileStillComes) {
  ScriptedHost host = LongAtRest(AConfig({"work"}));
  UntilListed(host, "work");  // A listing from the token is under way …
  ASSERT_THAT(Kinds(host, "work"), ElementsAre("token"));
  host.Give(OperatorCommand(WalkAgain{}));  // … when the operator asks for all.
  host.Settle();
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("token", "full"));
}

TEST(Listing, ANewRoleMeansAFullWalk) {  // S-22
  ScriptedHost host = LongAtRest(AConfig({"work"}));
  host.SetRole("work", AccessRole::kReader);
  UntilListed(host, "work");
  host.Settle();
  EXPECT_EQ(host.Audited(AuditKind::kCalendarReadOnly), 1u);
  EXPECT_THAT(Kinds(host, "work"), ElementsAre("token", "full"));
}

// ---- What listings may conclude ----

TEST(Listing, ThatFailsIsNotAnEmptyCalendar) {  // L6
  const ApiError kErrors[] = {{.code = 500},
                              {.code = 503},
                              {.transport = Transport::kTimeout},
                              {.transport = Transport::kUnreadable, .code = 200},
                              {.code = 404, .reason = "notFound"},
                              {.code = 403, .reason = "forbidden"},
                              {.code = 403, .reason = "rateLimitExceeded"},
                              {.code = 401, .reason = "authError"}};
  for (const char* calendar : {"work", "home"}) {
    for (const ApiError& error : kErrors) {
      ScriptedHost host = LongAtRest();
      host.FailListings(calendar, error);
      host.Advance(absl::Hours(3));
      EXPECT_FALSE(SawInsertsOrDeletes(host)) << calendar << " " << error.code;
      host.FailListings(calendar, std::nullopt);
      host.Advance(absl::Hours(1));
      EXPECT_FALSE(SawInsertsOrDeletes(host)) << calendar << " " << error.code;
      EXPECT_EQ(host.engine().Unsettled(), "") << calendar << " " << error.code;
    }
  }
}

TEST(Listing, OfAnUnreachableCalendarFreezesItsSlotsBothWays) {
  ScriptedHost host = LongAtRest();
  host.FailListings("work", ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(7));
  EXPECT_TRUE(host.engine().calendar(KeyOf("work"))->unreachable);
  host.ClearLog();
  host.Put({.at = "home/e2", .start = At("2026-05-06T10:00:00Z")});
  host.Advance(absl::Minutes(30));
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  host.FailListings("work", std::nullopt);
  host.Advance(absl::Minutes(30));
  EXPECT_EQ(host.Audited(AuditKind::kCalendarReachable), 1u);
  EXPECT_THAT(host.Live("work"), SizeIs(2));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
}

TEST(Listing, ProvesNothingOfWhatWasSeenAMomentAgoByAClockThatIsAhead) {  // V6, seed 4317881 with three workers
  ScriptedHost host = AtRest();
  host.set_now(host.now() - absl::Minutes(5));  // Another worker owns the group by now.
  host.Crash(Carried::kNot);
  host.Start();
  host.Settle();
  EventsPage empty;
  empty.next_sync_token = SyncToken("0");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Script<ListEvents>(empty);
  host.Script<GetEvent>(ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(30));
  EXPECT_EQ(host.Audited(AuditKind::kUserEventGone), 0u);
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Listing, AnEmptyFullWalkIsNotBelievedWithoutReads) {  // S-7, S-8
  ScriptedHost host = LongAtRest();
  EventsPage empty;
  empty.next_sync_token = SyncToken("0");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Script<ListEvents>(empty);
  host.Script<ListEvents>(empty);
  host.AnswerAll();
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(2));
  host.Advance(absl::Hours(1));
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Listing, WhatAFullWalkMissesAndAReadConfirmsIsGone) {  // S-8: no tombstone is left.
  ScriptedHost host = LongAtRest();
  host.Advance(absl::Minutes(30));
  host.Purge("work", "e1");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Listing, WhatAFullWalkMissesIsReadAlsoIfAnAnswerFromBeforeShowsIt) {  // L7: seed 5413154
  ScriptedHost host = LongAtRest();
  const Event tagged = host.Get("work", "e1");
  host.Edit("work", "e1", [](Event& event) { event.private_properties.clear(); });
  UntilListed(host, "work");
  while (RequestsOf<PatchEvent>(host.calls()).empty()) host.AnswerNext();
  host.Script<PatchEvent>(std::make_shared<const Event>(tagged));
  host.set_now(host.now() + absl::Seconds(10));
  host.Give(OperatorCommand(WalkAgain{}));
  host.Purge("work", "e1");
  EventsPage walk;
  walk.time_zone = "UTC";
  walk.next_sync_token = SyncToken("1000");
  for (const ApiCall& call : std::vector<ApiCall>(host.waiting().begin(), host.waiting().end())) {
    const auto* list = std::get_if<ListEvents>(call.request.get());
    if (list != nullptr && list->calendar == GoogleIdOf("work")) host.Give(ApiReply{call.id, walk});
  }
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(Listing, WhatWasSeenByAClockThatWasSetBackIsSweptAsEver) {  // Seed 12345 of --legacy.
  ScriptedHost host = LongAtRest();
  const absl::Time right = host.now();
  host.set_now(right + absl::Hours(24 * 30));
  host.Give(OperatorCommand(WalkAgain{}));
  host.AnswerAll();
  host.set_now(right + absl::Minutes(30));
  host.Purge("work", "e1");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(Listing, WhenTooMuchIsAbsentTheOperatorIsAsked) {
  ScriptedHost host;
  for (int i = 0; i < 30; ++i) {
    host.Put({.at = "work/e" + std::to_string(i), .start = TestNow() + absl::Hours(i + 1)});
  }
  host.Start();
  host.Settle();
  host.Advance(absl::Hours(1));
  for (int i = 0; i < 30; ++i) host.Purge("work", "e" + std::to_string(i));
  host.ClearLog();
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Hours(1));
  EXPECT_EQ(host.Audited(AuditKind::kSweepHeld), 1u);
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  EXPECT_THAT(host.Live("home"), SizeIs(30));
  host.Give(OperatorCommand(ConfirmSweep{KeyOf("work")}));
  host.Advance(absl::Hours(1));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(Listing, AGhostOfADeletedEventRevivesNothing) {  // S-7
  ScriptedHost host = LongAtRest();
  const Event ghost = host.Get("work", "e1");
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(12));
  host.ClearLog();
  EventsPage stale;
  stale.items = {std::make_shared<const Event>(ghost)};
  stale.next_sync_token = host.engine().calendar(KeyOf("work"))->sync_token;
  UntilListed(host, "work");
  while (std::get<ListEvents>(*host.waiting().front().request).calendar != GoogleIdOf("work")) host.AnswerNext();
  host.Script<ListEvents>(stale);
  host.Advance(absl::Minutes(14));
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(Listing, AFreeBusyFeedConcludesNothing) {
  ScriptedHost host = LongAtRest();
  host.SetRole("work", AccessRole::kFreeBusyReader);
  host.Cancel("work", "e1");
  host.Advance(absl::Hours(1));
  EXPECT_FALSE(SawInsertsOrDeletes(host));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

// A delta a poll tells of a new role as well as the whole feed, which is expanded, and nothing of it is looked at.
TEST(Listing, AFreeBusyFeedIsAskedForInFullOnce) {  // L8
  ScriptedHost host(AConfig());
  host.Put({.at = "work/e1", .start = At("2026-05-20T10:00:00Z")});
  host.SetRole("work", AccessRole::kFreeBusyReader);
  host.Start();
  host.Settle();
  host.Advance(absl::Hours(48));
  const std::vector<ListEvents> listings = Listings(host, "work");
  EXPECT_GT(listings.size(), 100u);
  EXPECT_EQ(std::count_if(listings.begin(), listings.end(), [](const ListEvents& list) { return !list.sync_token; }), 1);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  host.SetRole("work", AccessRole::kReader);
  host.Advance(absl::Hours(1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

// ---- Notifications ----

TEST(Notification, MarksItsCalendarDirtyAndListsItOnce) {  // C-82, S-5
  ScriptedHost host = AtRestWithPush();
  host.Put({.at = "work/e2", .start = At("2026-05-06T10:00:00Z")});
  for (int doubled = 0; doubled < 5; ++doubled) host.Give(About(host, "work"));
  EXPECT_THAT(host.calls(), IsEmpty());  // Bursts collapse.
  host.Advance(absl::Seconds(2));
  EXPECT_THAT(Listings(host, "work"), SizeIs(1));
  EXPECT_THAT(Listings(host, "home"), IsEmpty());
  EXPECT_THAT(host.Live("home"), SizeIs(2));
}

TEST(Notification, ThatIsForgedIsInert) {  // S-6
  ScriptedHost host = AtRestWithPush();
  const Notification real = About(host, "work");
  const Notification kForged[] = {
      {ChannelId("unknown"), real.token}, {real.channel, "guess"}, {real.channel, ""}, {ChannelId(), ""}};
  for (const Notification& forged : kForged) EXPECT_THAT(host.Give(forged), IsEmpty());
  EXPECT_EQ(host.engine().forged_notifications(), 4);
  host.Advance(absl::Minutes(4));
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST(Notification, ThatOnlySaysHelloListsNothing) {
  ScriptedHost host = AtRestWithPush();
  Notification hello = About(host, "work");
  hello.state = ResourceState::kSync;
  EXPECT_THAT(host.Give(hello), IsEmpty());
}

TEST(Notification, AnEmptyDeltaAfterItIsAskedForAgainAFewTimes) {  // S-7: after about 2, 30 and 120 s.
  ScriptedHost host = AtRestWithPush();
  host.Give(About(host, "work"));
  host.Advance(absl::Seconds(1));
  EXPECT_THAT(Listings(host, "work"), SizeIs(1));
  host.Advance(absl::Seconds(3));
  EXPECT_THAT(Listings(host, "work"), SizeIs(2));
  host.Advance(absl::Seconds(32));
  EXPECT_THAT(Listings(host, "work"), SizeIs(3));
  host.Advance(absl::Seconds(122));
  EXPECT_THAT(Listings(host, "work"), SizeIs(4));
  host.Advance(absl::Hours(1));
  EXPECT_THAT(Listings(host, "work"), SizeIs(4));  // Then it is left to the poll.
}

TEST(Notification, ASecondOneIsAskedForAgainAsOftenAsTheFirst) {  // S-7
  ScriptedHost host = AtRestWithPush();
  host.Give(About(host, "work"));
  host.Advance(absl::Seconds(60));
  ASSERT_THAT(Listings(host, "work"), SizeIs(3));  // Only the last step of the ladder is left.
  host.Give(About(host, "work"));
  host.Advance(absl::Seconds(1));
  ASSERT_THAT(Listings(host, "work"), SizeIs(4));
  host.Put({.at = "work/e2", .start = At("2026-05-06T10:00:00Z")});  // Visible only now.
  host.Advance(absl::Seconds(10));
  EXPECT_THAT(Listings(host, "work"), SizeIs(5));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
}

TEST(Notification, WhileAListingIsUnderWayIsNotForgotten) {
  ScriptedHost host = AtRestWithPush();
  host.Give(About(host, "work"));
  host.set_now(host.now() + absl::Seconds(1));
  host.Give(TimerFired{});  // The listing is under way.
  host.Give(About(host, "work"));
  host.Put({.at = "work/e2", .start = At("2026-05-06T10:00:00Z")});
  EventsPage before;
  before.next_sync_token = host.engine().calendar(KeyOf("work"))->sync_token;
  host.Script<ListEvents>(before);  // It does not show the event yet.
  host.Advance(absl::Seconds(1));
  EXPECT_THAT(Listings(host, "work"), SizeIs(2));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
}

// ---- After a restore ----

TEST(Restored, AnEventThatGoogleRefusesToShowIsNoReasonToListForEver) {  // L4
  ScriptedHost host = AtRest(WithPush());
  host.Put({.at = "work/e1", .start = At("2026-06-01T10:00:00Z")});
  host.Advance(absl::Hours(7));
  host.Cancel("home", host.IdOfBlock("work/e1", "home"));
  host.Crash(Carried::kNot);
  for (int refusals = 0; refusals < 120; ++refusals) host.Script<GetEvent>(ApiError{.code = 400, .reason = "invalid"});
  host.Start(/*restored=*/true);
  host.Advance(absl::Hours(1));
  host.ClearLog();
  host.Advance(absl::Hours(12));
  EXPECT_LE(Listings(host, "home").size(), 4u);  // Polls alone.
  EXPECT_TRUE(host.engine().calendar(KeyOf("home"))->restored);
  host.Advance(absl::Hours(24));  // It is shown again.
  EXPECT_FALSE(host.engine().calendar(KeyOf("home"))->restored);
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 0u);
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 2));
}

}  // namespace
}  // namespace calsync
