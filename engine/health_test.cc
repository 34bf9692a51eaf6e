// Each alert is seen to fire, and to clear; figures are what the rows say.

#include "engine/decide/health.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/decide/legacy.h"
#include "engine/decide/retry.h"
#include "engine/testing/builders.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ApiError kServerError{.code = 503, .reason = "backendError"};

std::string AlertsOf(const ScriptedHost& host, const Engine& engine, absl::Span<const CalendarKey> grants_lost = {}) {
  std::string names;
  for (const Alert& alert : engine.Health(host.now(), grants_lost).alerts) {
    absl::StrAppend(&names, names.empty() ? "" : " ", Name(alert.kind));
    EXPECT_NE(alert.words, "");
  }
  return names;
}

class Health : public ::testing::Test {
 protected:
  explicit Health(GroupConfig config = AConfig()) : host_(std::move(config)) {}

  std::string Alerts(absl::Span<const CalendarKey> grants_lost = {}) { return AlertsOf(host_, host_.engine(), grants_lost); }
  GroupHealth Now() { return host_.engine().Health(host_.now()); }
  Figures Total() {
    Figures total;
    for (const CalendarHealth& calendar : Now().calendars) total += calendar.figures;
    return total;
  }
  void StartWith(int events) {
    for (int i = 0; i < events; ++i) {
      host_.Put({.at = absl::StrCat("work/e", i), .start = At("2026-05-04T10:00:00Z") + absl::Hours(i)});
    }
    host_.Start();
    host_.Settle();
  }
  // From now on, and after half an hour.
  void ExpectSilenceUntilWorkIsReadAgain() {
    host_.Advance(absl::Minutes(25));
    EXPECT_THAT(Alerts(), Not(HasSubstr("silence")));
    host_.Advance(absl::Minutes(10));
    EXPECT_THAT(Alerts(), HasSubstr("silence"));
    host_.FailListings("work", std::nullopt);
    host_.Advance(absl::Minutes(40));
    EXPECT_EQ(Alerts(), "");
  }
  // A message for the work calendar, whose channel the group holds.
  void TellOfWork() {
    const ChannelRow& channel = host_.engine().calendar(KeyOf("work"))->channels.front();
    host_.Give(Notification{channel.id, channel.token.ToString()});
  }

  ScriptedHost host_;
};

GroupConfig WithPush() {
  GroupConfig config = AConfig();
  config.policy.push_address = "https://example.org/hook";
  return config;
}
class ToldHealth : public Health {
 protected:
  ToldHealth() : Health(WithPush()) {}
};

// ---- Figures ----

TEST_F(Health, FiguresBearTheFirstDesignsNamesAndCountWhatLives) {
  StartWith(3);
  host_.Cancel("work", "e1");
  host_.Advance(absl::Minutes(10));
  const Figures total = Total();
  EXPECT_EQ(total.total_events_tracked, 4);
  EXPECT_EQ(total.user_events_tracked, 2);
  EXPECT_EQ(total.busy_blocks_tracked, 2);
  EXPECT_EQ(total.events_created_by_us, 2);
  EXPECT_EQ(total.events_created_by_users, 2);
  EXPECT_EQ(total.events_created_24h, 4);
  EXPECT_EQ(total.busy_blocks_created_24h, 2);
  EXPECT_EQ(total.events_stuck_creating, 0);
  EXPECT_EQ(total.events_not_seen_recently, 0);
  EXPECT_EQ(Now().calendars[0].figures.total_events_tracked, 2);
}

TEST_F(Health, WhatIsADayOldIsNotNewAndAfterARestartNeither) {
  StartWith(2);
  host_.Advance(absl::Hours(25));
  EXPECT_EQ(Total().events_created_24h, 0);
  host_.Crash(Carried::kNot);
  host_.Start();
  host_.Settle();
  EXPECT_EQ(Total().events_created_24h, 0);
  host_.Put({.at = "work/e9", .start = At("2026-06-04T10:00:00Z")});
  host_.Advance(absl::Minutes(10));
  EXPECT_EQ(Total().events_created_24h, 2);
  EXPECT_EQ(Total().busy_blocks_created_24h, 1);
}

TEST_F(Health, ABlockThatIsMadeAnewIsNew) {
  host_.Put({.at = "work/e0", .start = At("2026-05-10T10:00:00Z")});
  host_.Start();
  host_.Settle();
  host_.Advance(absl::Hours(25));
  host_.Cancel("home", host_.IdOfBlock("work/e0", "home"));  // Respected …
  host_.Advance(absl::Minutes(10));
  EXPECT_EQ(Total().busy_blocks_tracked, 0);
  host_.Edit("work", "e0", [](Event& event) { event.end = EventTime::At(At("2026-05-10T12:00:00Z")); });  // … until it changes.
  host_.Advance(absl::Minutes(10));
  EXPECT_EQ(Total().busy_blocks_created_24h, 1);
  EXPECT_EQ(Total().events_created_24h, 1);
}

TEST_F(Health, AnOccurrenceThatWasHeldIsNewOnceItIsAPersons) {  // Seed 47 of imported calendars
  host_.Put({.at = "work/e1_20260511T100000Z", .start = At("2026-05-11T10:00:00Z"), .master = "e1"});  // Which is nowhere.
  host_.Start();
  const auto is_held = [&] { return host_.records().FindAt(KeyOf("work"), "e1_20260511T100000Z").has_value(); };
  while (!is_held()) host_.AnswerNext();
  EXPECT_EQ(Total().user_events_tracked, 0);
  host_.Crash(Carried::kNot);
  host_.set_now(host_.now() + absl::Hours(25));
  host_.Start();
  host_.Settle();
  EXPECT_EQ(Total().user_events_tracked, 1);
  EXPECT_EQ(Total().events_created_24h, 2);  // With its block.
}

TEST_F(Health, EventsOfACalendarThatIsNotReadAreNotSeen) {
  StartWith(2);
  host_.FailListings("work", kServerError);
  host_.Advance(absl::Hours(3));
  EXPECT_EQ(Total().events_not_seen_recently, 2);
  host_.FailListings("work", std::nullopt);
  host_.Advance(absl::Hours(1));
  EXPECT_EQ(Total().events_not_seen_recently, 0);
}

// ---- Alerts ----

TEST_F(Health, NothingIsWrongWithAGroupAtRest) {
  StartWith(3);
  host_.Advance(absl::Hours(12));
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, MoreThanFiveBlocksCreatingForMoreThanTenMinutes) {
  host_.Put({.at = "home/x1"});
  host_.Start();
  host_.Settle();
  for (int i = 0; i < 6; ++i) host_.Put({.at = absl::StrCat("work/e", i), .start = At("2026-05-04T12:00:00Z") + absl::Hours(i)});
  host_.Advance(absl::Minutes(6));  // Found by the poll …
  const auto block_writes = [&] {
    for (int i = 0; i < 200; ++i) host_.Script<InsertEvent>(kServerError);
  };
  EXPECT_EQ(Alerts(), "");
  // … and once more, with a Google that takes no insert.
  for (int i = 6; i < 12; ++i) host_.Put({.at = absl::StrCat("work/e", i), .start = At("2026-05-04T12:00:00Z") + absl::Hours(i)});
  block_writes();
  host_.Advance(absl::Minutes(9));
  EXPECT_THAT(Alerts(), Not(HasSubstr("stuck_creating")));  // Not for long yet.
  host_.Advance(absl::Minutes(12));
  EXPECT_EQ(Total().events_stuck_creating, 6);
  EXPECT_THAT(Alerts(), HasSubstr("stuck_creating"));
  host_.Advance(absl::Hours(200));  // What is scripted runs out.
  EXPECT_EQ(Total().events_stuck_creating, 0);
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, WhatWasPlannedBeforeItsCalendarTurnedOutReadOnlyIsNotBeingCreated) {
  host_.SetRole("home", AccessRole::kReader);
  StartWith(6);
  host_.Advance(absl::Minutes(30));
  EXPECT_EQ(Total().events_stuck_creating, 0);
  EXPECT_EQ(Alerts(), "");
  host_.SetRole("home", AccessRole::kWriter);
  host_.Advance(absl::Minutes(10));
  EXPECT_THAT(host_.Live("home"), SizeIs(6));
}

TEST_F(ToldHealth, AWebhookThatTakesMoreThanFiveSeconds) {
  StartWith(1);
  host_.Put({.at = "work/e5", .start = At("2026-05-07T10:00:00Z")});
  TellOfWork();
  host_.Advance(absl::Seconds(2));
  ASSERT_THAT(host_.engine().passes().tellings, SizeIs(1));
  const Telling quick = host_.engine().passes().tellings.back();
  EXPECT_FALSE(quick.IsUnderWay());
  EXPECT_EQ(quick.calendar, KeyOf("work"));
  EXPECT_EQ(quick.gained.user_events_found, 1);
  EXPECT_EQ(quick.gained.busy_blocks_created, 1);
  EXPECT_EQ(quick.error, "");
  EXPECT_LE(quick.settled - quick.arrived, absl::Seconds(1));
  EXPECT_EQ(Alerts(), "");

  host_.FailListings("work", kServerError);
  TellOfWork();
  TellOfWork();  // Both are one.
  host_.Advance(absl::Seconds(8));
  EXPECT_THAT(Alerts(), HasSubstr("webhook_slow"));
  host_.FailListings("work", std::nullopt);
  host_.Advance(absl::Minutes(2));
  ASSERT_THAT(host_.engine().passes().tellings, SizeIs(2));
  const Telling slow = host_.engine().passes().tellings.back();
  EXPECT_EQ(slow.messages, 2);
  EXPECT_THAT(slow.error, HasSubstr("503 backendError"));
  EXPECT_GT(slow.settled - slow.arrived, absl::Seconds(5));
  EXPECT_THAT(Alerts(), HasSubstr("webhook_slow"));  // It is told for a while.
  host_.Advance(absl::Minutes(30));
  EXPECT_EQ(Alerts(), "");
}

TEST_F(ToldHealth, AMessageForNoChannelOfOursIsKeptAsSuch) {
  StartWith(1);
  host_.Give(Notification{ChannelId("forged"), "guess"});
  ASSERT_THAT(host_.engine().passes().tellings, SizeIs(1));
  EXPECT_EQ(host_.engine().passes().tellings.back().calendar, CalendarKey());
  EXPECT_FALSE(host_.engine().passes().tellings.back().IsUnderWay());
}

TEST_F(Health, AFullWalkThatShowsNoEventOfAPersonOnACalendarThatHadSome) {
  StartWith(3);
  for (const char* event : {"e0", "e1", "e2"}) host_.Purge("work", event);
  host_.Give(OperatorCommand{WalkAgain{}});
  host_.AnswerAll();
  host_.Settle();
  EXPECT_EQ(Alerts(), "no_user_events");
  host_.Put({.at = "work/e7", .start = At("2026-05-07T10:00:00Z")});
  host_.Advance(absl::Minutes(10));
  EXPECT_EQ(Alerts(), "");
}

TEST(HybridHealth, WhatIsAPersonsByTheOperatorsWordWasThereForTheWalk) {  // L12: seed 17307198 with --legacy.
  GroupConfig config = AConfig();
  config.policy.detection = Detection::kHybrid;
  ScriptedHost host(std::move(config));
  host.Put({.at = "work/e1"});
  host.Put({.at = "work/old1", .title = "Busy - Choir", .start = At("2026-05-06T10:00:00Z")});
  host.Start();
  host.Settle();
  EventsPage first, last;  // Not all of a walk is shown at once.
  first.items = {std::make_shared<const Event>(host.Get("work", "old1"))};
  first.next_page_token = PageToken("2");
  last.next_sync_token = host.engine().calendar(KeyOf("work"))->sync_token;
  host.Purge("work", "e1");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Script<ListEvents>(std::move(first));
  host.AnswerNext();
  host.AnswerNext();  // Home.
  host.set_now(host.now() + absl::Seconds(5));
  host.Script<ListEvents>(std::move(last));
  host.Advance(absl::Minutes(2));
  EXPECT_EQ(AlertsOf(host, host.engine()), "no_user_events");
  host.Give(OperatorCommand(SettleLegacy{.calendar = KeyOf("work"), .event = EventId("old1"), .as = SettleLegacy::As::kPersons}));
  EXPECT_EQ(AlertsOf(host, host.engine()), "");
}

TEST_F(Health, AnEmptyWalkIsForgottenAfterAWeekAndNotByARestart) {
  StartWith(3);
  for (const char* event : {"e0", "e1", "e2"}) host_.Purge("work", event);
  host_.Give(OperatorCommand{WalkAgain{}});
  host_.AnswerAll();
  host_.Crash(Carried::kNot);
  host_.Start();
  host_.Settle();
  EXPECT_EQ(Alerts(), "no_user_events");
  host_.Advance(absl::Hours(24 * 8));
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, ACalendarThatNeverHadEventsMayBeEmpty) {
  host_.Start();
  host_.Settle();
  host_.Give(OperatorCommand{WalkAgain{}});
  host_.AnswerAll();
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, MoreThanATenthOfTheListingsFailed) {
  StartWith(1);
  host_.Advance(absl::Hours(1));
  host_.FailListings("work", kServerError);
  host_.Advance(absl::Minutes(9));
  EXPECT_EQ(Alerts(), "failed_passes");
  EXPECT_GE(Now().passes_failed, 2);
  host_.FailListings("work", std::nullopt);
  host_.Advance(absl::Minutes(40));
  EXPECT_EQ(Alerts(), "");
  EXPECT_EQ(Now().passes_failed, 0);
}

TEST_F(Health, ASyncTokenThatGoogleDropsIsNoFailedListing) {
  StartWith(1);
  host_.Advance(absl::Minutes(20));
  for (int i = 0; i < 3; ++i) {
    host_.Script<ListEvents>(ApiError{.code = 410, .reason = "fullSyncRequired"});
    host_.Advance(absl::Minutes(6));
  }
  EXPECT_EQ(Now().passes_failed, 0);
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, NoGoodListingForTooLong) {
  StartWith(1);
  host_.FailListings("work", kServerError);
  ExpectSilenceUntilWorkIsReadAgain();
}

// Its last pass lies ahead then, and says nothing of how long it was not read.
TEST_F(Health, NoGoodListingForTooLongAfterTheClockWasSetBack) {
  StartWith(1);
  host_.FailListings("work", kServerError);
  host_.set_now(host_.now() - absl::Hours(24));
  host_.Give(TimerFired{});  // Timers go by no wall clock.
  ExpectSilenceUntilWorkIsReadAgain();
}

TEST_F(Health, ACalendarThatCannotBeReadAndAGrantThatIsLost) {
  StartWith(1);
  host_.FailListings("work", ApiError{.code = 404, .reason = "notFound"});
  host_.Advance(absl::Minutes(10));
  EXPECT_THAT(Alerts(), HasSubstr("unreachable"));
  const CalendarKey lost[] = {KeyOf("work")};
  EXPECT_THAT(Alerts(lost), HasSubstr("grant_lost"));
  EXPECT_THAT(Alerts(lost), Not(HasSubstr("unreachable")));  // One thing, told once.
  host_.FailListings("work", std::nullopt);
  host_.Advance(absl::Minutes(40));
  EXPECT_EQ(Alerts(), "");
}

TEST_F(Health, WritesThatRestForAUsageLimit) {
  StartWith(1);
  host_.Script<InsertEvent>(ApiError{.code = 403, .reason = "quotaExceeded"});
  host_.Put({.at = "work/e5", .start = At("2026-05-07T10:00:00Z")});
  host_.Advance(absl::Minutes(8));
  EXPECT_EQ(Alerts(), "quota_frozen");
  EXPECT_THAT(host_.engine().Health(host_.now() - absl::Hours(90)).alerts, IsEmpty());  // The clock was set back: seed 1105.
  host_.Advance(absl::Hours(2));
  EXPECT_EQ(Alerts(), "");
}

TEST(HealthOfRows, TheBreakerAndAHeldSweep) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  EXPECT_THAT(HealthOf(group, group.now).alerts, IsEmpty());
  group.row.breaker_open = true;
  group.calendars[0].row.sweep_held = true;
  const GroupHealth health = HealthOf(group, group.now);
  ASSERT_THAT(health.alerts, SizeIs(2));
  EXPECT_EQ(health.alerts[0].kind, AlertKind::kBreakerOpen);
  EXPECT_EQ(health.alerts[1].kind, AlertKind::kSweepHeld);
  EXPECT_EQ(health.alerts[1].calendar, KeyOf("work"));
  group.row.breaker_open = group.calendars[0].row.sweep_held = false;
  EXPECT_THAT(HealthOf(group, group.now).alerts, IsEmpty());
}

TEST(HealthOfRows, DetectionsThatDifferAreShownForADay) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  group.config.policy.compare_detection = true;
  Event event;
  event.id = EventId("dentist");
  event.summary = "Busy - dentist";
  CompareDetections(group, KeyOf("work"), event, Verdict::kNewUserEvent);
  const auto differ = [&](absl::Duration later) {
    std::vector<Alert> found = HealthOf(group, group.now + later).alerts;
    found.erase(
        std::remove_if(found.begin(), found.end(), [](const Alert& alert) { return alert.kind != AlertKind::kDetectionsDiffer; }),
        found.end());
    return found;
  };
  ASSERT_THAT(differ(absl::Hours(23)), SizeIs(1));
  EXPECT_EQ(differ(absl::Hours(23)).front().since, group.now);
  EXPECT_THAT(differ(absl::Hours(25)), IsEmpty());
}

TEST(HealthOfRows, EveryAlertHasANameOfItsOwn) {
  std::vector<std::string> names;
  for (size_t kind = 0; kind < kAlertKinds; ++kind) names.emplace_back(Name(static_cast<AlertKind>(kind)));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace calsync
