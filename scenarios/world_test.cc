#include "scenarios/world.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "scenarios/actors/people.h"
#include "scenarios/actors/programs.h"
#include "scenarios/knobs.h"

namespace calsync::sim {
namespace {

Event Dentist(absl::Time start) {
  Event event;
  event.summary = "Dentist";
  event.start = EventTime::At(start, "UTC");
  event.end = EventTime::At(start + absl::Hours(1), "UTC");
  return event;
}

class QuietWorld : public ::testing::Test {
 protected:
  QuietWorld() : world_(QuietPlan({"work", "home"}, UsualStart()), Choices()) {}

  void Rest() {
    ASSERT_TRUE(world_.Settle()) << world_.Unsettled();
    world_.CheckAtRest();
    ASSERT_FALSE(world_.violation().has_value()) << world_.violation()->message;
  }
  EventId Add(int calendar, int day = 2) {
    return world_.Insert(world_.person(), calendar, Dentist(UsualStart() + absl::Hours(24) * day));
  }
  size_t Live(int calendar) const { return world_.server().CountLive(world_.google_id(calendar)); }

  World world_;
};

TEST_F(QuietWorld, EngineComesToRestOnEmptyCalendars) {
  Rest();
  EXPECT_EQ(world_.counts().event_writes, 0u);
}

TEST_F(QuietWorld, BlockAppearsFollowsAndGoes) {
  Rest();
  const EventId event = Add(0);
  Rest();
  const EventId block = world_.BlockOf(0, event, 1);
  ASSERT_FALSE(block.empty());
  const EventPtr* shown = world_.server().Find(world_.google_id(1), block);
  EXPECT_EQ((*shown)->summary, "Busy");

  EventPatch later;
  later.start = EventTime::At(UsualStart() + absl::Hours(60));
  later.end = EventTime::At(UsualStart() + absl::Hours(61));
  world_.Act(world_.person(), PatchEvent{.calendar = world_.google_id(0), .event = event, .patch = later});
  Rest();
  EXPECT_EQ((*world_.server().Find(world_.google_id(1), block))->start.instant, UsualStart() + absl::Hours(60));

  world_.Act(world_.person(), DeleteEvent{.calendar = world_.google_id(0), .event = event});
  Rest();
  EXPECT_EQ(Live(0) + Live(1), 0u);
}

TEST_F(QuietWorld, QuietDayCostsListingsOnly) {
  Add(0);
  Rest();
  world_.QuietDay();
  EXPECT_FALSE(world_.violation().has_value());
}

TEST_F(QuietWorld, AGrantForReadingAloneIsTriedOnceAnHour) {
  Rest();
  world_.SetGrant(1, fake::Grant::kReadOnly);
  Add(0);
  Rest();
  const uint64_t before = world_.counts().event_writes;
  world_.QuietDay();
  EXPECT_FALSE(world_.violation().has_value());
  EXPECT_GE(world_.counts().event_writes, before + 23);
}

TEST_F(QuietWorld, AGuestsCopyOfABlockGoesByGooglesHand) {  // L6
  const EventId event = Add(0);
  Rest();
  const EventId block = world_.BlockOf(0, event, 1);
  world_.DelayMessages(1, absl::Seconds(30));  // The invitation arrives before the engine hears of it.
  EventPatch invites;
  invites.attendees = std::vector<Attendee>{{.email = world_.google_id(0).str()}};
  world_.Act(world_.person(), PatchEvent{.calendar = world_.google_id(1), .event = block, .patch = invites});
  world_.RunFor(absl::Seconds(10));
  EXPECT_EQ(Live(0), 2u);
  Rest();
  EXPECT_EQ(Live(0), 1u);
}

TEST_F(QuietWorld, ReplyThatIsLostMakesNoSecondBlock) {
  Rest();
  world_.Order({.call = OrderedFault::Call::kInsert, .outcome = OrderedFault::Outcome::kReplyLost});
  Add(0);
  Rest();
  EXPECT_EQ(Live(1), 1u);
}

TEST_F(QuietWorld, AnAnswerThatComesTwiceIsOfOneExecution) {  // S17
  Rest();
  World once = world_;
  world_.Order({.call = OrderedFault::Call::kInsert, .outcome = OrderedFault::Outcome::kReplyDoubled, .error = {}, .id = 1});
  Add(0);
  Rest();
  EXPECT_FALSE(world_.IsPending(1));
  once.Insert(once.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
  ASSERT_TRUE(once.Settle());
  EXPECT_EQ(world_.server().calls(), once.server().calls());
  EXPECT_EQ(world_.counts().engine_steps, once.counts().engine_steps + 1);
}

TEST_F(QuietWorld, WhatTheOperatorSaidIsSaidAgainIfItWentWithTheEngine) {  // P1
  Rest();
  const auto full_walks = [&] { return world_.host(0).listings().at(0).shown_in_full; };
  const uint64_t before = full_walks();
  world_.OrderCrash(0, CrashPoint::kBeforeCommit);
  world_.Command(0, WalkAgain{});
  EXPECT_FALSE(world_.host(0).running());
  Rest();
  EXPECT_EQ(full_walks(), before + 1);
  world_.OrderCrash(0, CrashPoint::kAfterCommit);  // It is durable: the next engine knows.
  world_.Command(0, WalkAgain{});
  Rest();
  EXPECT_EQ(full_walks(), before + 2);
  world_.Stop(0);
  world_.Command(0, WalkAgain{});  // Nobody hears it.
  world_.Start(0);
  Rest();
  EXPECT_EQ(full_walks(), before + 3);
}

TEST(World, CrashAtEveryBoundaryIsSurvived) {
  for (const CrashPoint point :
       {CrashPoint::kBeforeCommit, CrashPoint::kAfterCommit, CrashPoint::kBetweenCalls, CrashPoint::kAfterReply}) {
    World world(QuietPlan({"work", "home", "club"}, UsualStart()), Choices());  // Two blocks: two calls in one step.
    ASSERT_TRUE(world.Settle());
    world.OrderCrash(0, point);
    world.Insert(world.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
    ASSERT_TRUE(world.Settle()) << world.Unsettled();
    EXPECT_EQ(world.counts().crashes, 1u) << "it did not strike: " << static_cast<int>(point);
    world.CheckAtRest();
    ASSERT_FALSE(world.violation().has_value()) << world.violation()->message;
    for (const int calendar : {1, 2}) EXPECT_EQ(world.server().CountLive(world.google_id(calendar)), 1u);
  }
}

TEST_F(QuietWorld, AFullWalkIsWaitedForOnlyWhereSomethingWasHidden) {  // K-23
  Rest();
  const auto full_walks = [&] { return world_.host(0).listings().at(0).shown_in_full; };
  const uint64_t before = full_walks();
  const OrderedFault skip{
      .call = OrderedFault::Call::kList, .calendar = 0, .outcome = OrderedFault::Outcome::kHostileSkip, .error = {}, .id = 1};
  world_.Order(skip);
  world_.BringMessage(0, 0);  // There is nothing to skip.
  Rest();
  ASSERT_FALSE(world_.IsPending(1));
  EXPECT_EQ(full_walks(), before);
  world_.Order(skip);
  Add(0, 30);
  EXPECT_FALSE(world_.Settle());
  EXPECT_NE(world_.Unsettled().find("perhaps in full"), std::string::npos) << world_.Unsettled();
  ASSERT_TRUE(world_.Settle(absl::Hours(24 * 30))) << world_.Unsettled();
  EXPECT_GT(full_walks(), before);
  EXPECT_EQ(Live(1), 1u);
}

TEST_F(QuietWorld, LostDatabaseDoublesNothing) {
  Add(0);
  Rest();
  world_.LoseDatabase(0);
  Rest();
  EXPECT_EQ(Live(1), 1u);
}

TEST_F(QuietWorld, CopyGoesOnIndependently) {
  Add(0);
  Rest();
  World copy = world_;
  copy.Insert(copy.person(), 0, Dentist(UsualStart() + absl::Hours(90)));
  ASSERT_TRUE(copy.Settle());
  EXPECT_EQ(copy.server().CountLive(copy.google_id(1)), 2u);
  EXPECT_EQ(Live(1), 1u);
  Rest();
}

TEST_F(QuietWorld, AStepBackDoesNotHideWork) {
  Rest();
  world_.StepClock(0, -absl::Hours(24));
  Add(0);
  Rest();
  EXPECT_EQ(Live(1), 1u);
}

TEST(World, RoundsOfPingPongAreCounted) {  // A5
  for (const AlreadyBusy busy : {AlreadyBusy::kNone, AlreadyBusy::kExact}) {
    Plan plan = QuietPlan({"work", "home"}, UsualStart());
    plan.instances[0].policy.already_busy = busy;
    World world(std::move(plan), Choices());
    ASSERT_TRUE(world.Settle()) << world.Unsettled();
    world.Insert(world.person(), 1, Dentist(UsualStart() + absl::Hours(48)));
    for (int turn = 0; turn < 4; ++turn) {
      ASSERT_TRUE(world.Settle()) << world.Unsettled();
      MirrorProductActs(world);
    }
    EXPECT_EQ(world.mirror_product().rounds_most, busy == AlreadyBusy::kNone ? 3u : 0u);
  }
}

TEST(World, WhatChangesAboutACalendarExcusesThoseAloneThatLinkIt) {
  Plan plan = QuietPlan({"work", "home", "club"}, UsualStart());
  plan.instances.push_back(plan.instances[0]);
  plan.instances[1].installation = 1;
  plan.instances[1].calendars = {0, 1};
  World world(std::move(plan), Choices());
  ASSERT_TRUE(world.Settle()) << world.Unsettled();
  world.SetRole(2, AccessRole::kReader);
  world.SetGrant(2, fake::Grant::kReadOnly);
  world.SetZone(2, "Europe/Berlin");
  EXPECT_EQ(world.host(0).commands, 3u);
  EXPECT_EQ(world.host(1).commands, 0u);
  EXPECT_EQ(world.host(1).amnesty, absl::InfinitePast());
  world.SetRole(0, AccessRole::kReader);
  EXPECT_EQ(world.host(0).commands, 4u);
  EXPECT_EQ(world.host(1).commands, 1u);
}

TEST(World, WhatGoogleRefusesAPersonDoesNotCount) {  // U13 C-49
  const auto brought_back = [](fake::Knobs::CancelledWrite write_to_cancelled) {
    Plan plan = QuietPlan({"work", "home"}, UsualStart());
    plan.knobs.google.write_to_cancelled = write_to_cancelled;
    plan.knobs.undelete_weight = 100;
    World world(std::move(plan), Choices::FromRecording({{.stream = Stream::kPeople, .value = 150, .label = "kind of action"}}));
    const EventId event = world.Insert(world.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
    world.Act(world.person(), DeleteEvent{.calendar = world.google_id(0), .event = event});
    PersonActs(world);
    return world.counts().mishaps[static_cast<size_t>(Mishap::kEventUndeleted)];
  };
  EXPECT_EQ(brought_back(fake::Knobs::CancelledWrite::kRevives), 1u);
  EXPECT_EQ(brought_back(fake::Knobs::CancelledWrite::kForbidden403), 0u);
}

TEST(World, InAFewRunsGoogleHasHabitsThatOthersDoNotMeet) {  // K-8 K-16
  constexpr int kRuns = 400;
  const fake::Knobs usual;
  int met = 0;
  for (int seed = 1; seed <= kRuns; ++seed) {
    Choices choices = Choices::FromSeed(static_cast<uint64_t>(seed));
    const fake::Knobs google = DrawKnobs(choices, Shape()).google;
    const bool quota = google.quota_answer != usual.quota_answer || google.quota_retry_after != usual.quota_retry_after ||
                       google.units_per_minute_per_project != usual.units_per_minute_per_project;
    const bool bin = google.revive_within != usual.revive_within || google.purged_is_410 != usual.purged_is_410;
    if (quota || bin) ++met;
  }
  EXPECT_GT(met, kRuns / 40);
  EXPECT_LT(met, kRuns / 6);
}

TEST(World, TwoEventsLieAtJustTheSameTime) {  // U17
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.knobs.odd_event_weight = 100;
  World world(std::move(plan), Choices::FromRecording({{.stream = Stream::kPeople, .value = 150, .label = "kind of action"},
                                                       {.stream = Stream::kPeople, .value = 6, .label = "odd"}}));
  const Event dentist = Dentist(UsualStart() + absl::Hours(48));
  world.Insert(world.person(), 1, dentist);
  PersonActs(world);
  EXPECT_EQ(world.counts().mishaps[static_cast<size_t>(Mishap::kEqualSlot)], 1u);
  ASSERT_EQ(world.server().CountLive(world.google_id(0)), 1u);
  world.server().ForEachLive(world.google_id(0), [&](const EventPtr& event) { EXPECT_EQ(event->span(), dentist.span()); });
  world.SettleAndCheck();
  EXPECT_FALSE(world.violation().has_value()) << world.violation()->message;
  for (const int calendar : {0, 1}) EXPECT_EQ(world.server().CountLive(world.google_id(calendar)), 2u);
}

TEST(World, ACrashIsNotLostWhereTheDiskIsSlow) {  // P2 D9
  for (size_t nth = 0; nth < 10; ++nth) {         // One of them is the step that the crash falls into.
    std::vector<Choice> choices(nth, {.stream = Stream::kDisk, .bound = 1000, .value = 0, .label = "slow commit"});
    choices.push_back({.stream = Stream::kDisk, .bound = 1000, .value = 999, .label = "slow commit"});
    Plan plan = QuietPlan({"work", "home"}, UsualStart());
    plan.knobs.slow_commits = 1;
    World world(std::move(plan), Choices::FromRecording(choices));
    ASSERT_TRUE(world.Settle());
    world.SetChaos(true);
    world.OrderCrash(0, CrashPoint::kAfterCommit);
    world.Insert(world.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
    ASSERT_TRUE(world.Settle()) << world.Unsettled();
    EXPECT_EQ(world.counts().crashes, 1u) << "the slow commit is number " << nth;
  }
}

TEST(World, SqliteBehavesAsTheMemoryStore) {
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.store = StoreKind::kSqlite;
  World world(std::move(plan), Choices());
  world.Insert(world.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
  ASSERT_TRUE(world.Settle()) << world.Unsettled();
  world.Crash(0);
  ASSERT_TRUE(world.Settle()) << world.Unsettled();
  world.CheckAtRest();
  EXPECT_FALSE(world.violation().has_value());
  EXPECT_EQ(world.server().CountLive(world.google_id(1)), 1u);
}

TEST(World, TracesNameEventsShortly) {
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.tracing = true;
  World world(std::move(plan), Choices());
  world.Insert(world.person(), 0, Dentist(UsualStart() + absl::Hours(48)));
  ASSERT_TRUE(world.Settle()) << world.Unsettled();
  bool told = false;
  for (const TraceLine& line : world.trace()) told = told || (line.place == "work" && line.what.find("e1") != std::string::npos);
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace calsync::sim
