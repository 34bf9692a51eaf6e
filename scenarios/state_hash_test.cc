// What counts as one state for exhaustive search, and what does not.

#include "scenarios/state_hash.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "scenarios/choices.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr int kWork = 0;
constexpr int kHome = 1;

World Settled() {
  World world(QuietPlan({"work", "home"}, UsualStart()), Choices::FromRecording({}));
  EXPECT_TRUE(world.Settle());
  return world;
}

// Until nothing is left to do, and what was notified is listed once more for good measure (S-7).
void Rest(World& world) {
  EXPECT_TRUE(world.Settle());
  world.RunFor(absl::Hours(1));
  EXPECT_TRUE(world.Settle());
}

EventId Add(World& world, const std::string& title, int hours) {
  Event event;
  event.summary = title;
  event.start = EventTime::At(UsualStart() + absl::Hours(hours), "UTC");
  event.end = EventTime::At(UsualStart() + absl::Hours(hours + 1), "UTC");
  return world.Insert(world.person(), kWork, std::move(event));
}

void Edit(World& world, int calendar, const EventId& event, const EventPatch& patch) {
  world.Act(world.person(), PatchEvent{.calendar = world.google_id(calendar), .event = event, .patch = patch});
}
EventPatch Titled(const std::string& title) {
  EventPatch patch;
  patch.summary = title;
  return patch;
}

absl::uint128 HashOf(const World& world) { return StateHasher().HashOf(world); }

// Of each state on the way to rest.
std::vector<absl::uint128> HashesOf(World world) {
  std::vector<absl::uint128> hashes;
  StateHasher hasher;
  do {
    hashes.push_back(hasher.HashOf(world));
  } while (!world.Unsettled().empty() && world.Step());
  return hashes;
}

TEST(StateHash, IsOfTheStateAndNotOfWhoAsks) {
  World world = Settled();
  StateHasher hasher;
  const absl::uint128 empty = hasher.HashOf(world);
  Add(world, "Dentist", 30);
  EXPECT_NE(hasher.HashOf(world), empty);
  EXPECT_EQ(hasher.HashOf(world), HashOf(world));
  const World copy = world;
  EXPECT_EQ(hasher.HashOf(copy), HashOf(world));
}

TEST(StateHash, TheSameSituationAnHourLaterIsTheSame) {
  World world = Settled();
  Add(world, "Dentist", 30);
  Rest(world);
  const absl::uint128 before = HashOf(world);
  world.RunFor(absl::Hours(1));
  EXPECT_EQ(HashOf(world), before);
}

TEST(StateHash, NamesAndTimesOfEventsAreExchangeable) {
  World one = Settled();
  World other = one;
  Add(one, "Dentist", 30);
  Add(other, "Choir", 40);
  EXPECT_GT(HashesOf(one).size(), 10u);
  EXPECT_EQ(HashesOf(one), HashesOf(other));
}

TEST(StateHash, HowMuchHappenedBeforeIsNothing) {
  World one = Settled();
  const EventId event = Add(one, "Dentist", 30);
  Rest(one);
  World other = one;
  for (const char* title : {"Doctor", "Physician", "Quack"}) {
    Edit(other, kWork, event, Titled(title));
    Rest(other);
  }
  EXPECT_EQ(HashOf(one), HashOf(other));
  // What was not seen yet is something.
  Edit(other, kWork, event, Titled("Healer"));
  EXPECT_NE(HashOf(one), HashOf(other));
}

TEST(StateHash, WhatABlockShowsIsComparedWithItsSource) {
  World one = Settled();
  const EventId event = Add(one, "Dentist", 30);
  ASSERT_TRUE(one.Settle());
  World other = one;
  const EventId block = one.BlockOf(kWork, event, kHome);
  ASSERT_FALSE(block.empty());
  // One title is as good as another, but not that of the source.
  World third = one;
  Edit(one, kHome, block, Titled("Holiday"));
  Edit(other, kHome, block, Titled("Journey"));
  Edit(third, kHome, block, Titled("Dentist"));
  EXPECT_EQ(HashOf(one), HashOf(other));
  EXPECT_NE(HashOf(one), HashOf(third));
  EXPECT_EQ(HashesOf(one), HashesOf(other));
}

TEST(StateHash, WhatAnEngineHasInMindCounts) {
  World one = Settled();
  Add(one, "Dentist", 30);
  World other = one;
  one.Crash(0);
  EXPECT_NE(HashOf(one), HashOf(other));
  World third = one;
  ASSERT_TRUE(one.Settle());
  ASSERT_TRUE(other.Settle());
  EXPECT_EQ(HashOf(one), HashOf(other)) << "at rest nothing is left of the crash";
  // The engine that heard the message knows that there is something to list; one that began anew lists all.
  EXPECT_NE(HashOf(third), HashOf(one));
}

// One event, and its blocks on two calendars: one insert is refused, the other gets no answer.
World AfterTwoInserts(int refused, int unanswered) {
  World world(QuietPlan({"work", "home", "club"}, UsualStart()), Choices::FromRecording({}));
  EXPECT_TRUE(world.Settle());
  using Call = OrderedFault::Call;
  using Outcome = OrderedFault::Outcome;
  world.Order({.call = Call::kInsert, .calendar = unanswered, .outcome = Outcome::kRequestLost, .id = 1});
  world.Order({.call = Call::kInsert,
               .calendar = refused,
               .outcome = Outcome::kAnsweredWith,
               .error = {.transport = Transport::kAnswered, .code = 503, .reason = "backendError"},
               .id = 2});
  Add(world, "Dentist", 30);
  while (world.IsPending(1) || world.IsPending(2)) {
    if (!world.Step()) {
      ADD_FAILURE() << "the inserts do not leave";
      break;
    }
  }
  return world;
}

TEST(StateHash, WhichOfTwoCallsGetsWhichAnswerCounts) {
  const World one = AfterTwoInserts(kHome, 2);
  const World other = AfterTwoInserts(2, kHome);
  ASSERT_EQ(one.host(0).calls_in_flight(), 2u);
  ASSERT_EQ(one.agenda().under_way(), 2u);
  EXPECT_NE(HashOf(one), HashOf(other));
  EXPECT_EQ(HashOf(one), HashOf(AfterTwoInserts(kHome, 2)));
}

TEST(StateHash, AForgedMessageIsNoGenuineOne) {
  World one = Settled();
  World other = one;
  const CalendarRow& row = *one.host(0).engine().calendar(World::KeyOf(kWork));
  ASSERT_FALSE(row.channels.empty());
  one.ForgeMessage(0, {row.channels.back().id, "guessed", ResourceState::kExists});  // It comes half a second later.
  one.Linger(absl::Milliseconds(500));
  other.Linger(absl::Milliseconds(500));
  other.BringMessage(0, kWork);
  ASSERT_EQ(one.agenda().under_way(), other.agenda().under_way());
  EXPECT_NE(HashOf(one), HashOf(other));
}

TEST(StateHash, WhatGoesWrongOnTheWayCounts) {
  World one = Settled();
  Add(one, "Dentist", 30);
  World other = one;
  other.Order({.call = OrderedFault::Call::kList, .outcome = OrderedFault::Outcome::kReplyLost});
  while (one.agenda().under_way() == 0 || HashOf(one) == HashOf(other)) {
    ASSERT_TRUE(one.Step());
    ASSERT_TRUE(other.Step());
    ASSERT_FALSE(one.Unsettled().empty());
  }
  EXPECT_TRUE(other.Settle());
}

}  // namespace
}  // namespace calsync::sim
