#include "scenarios/webhook_run.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using What = Rhythm::Beat::What;

adapter::LoggedNotification Message(int64_t second, uint64_t number, std::string resource = "r1", std::string channel = "c1") {
  return {.at = absl::FromUnixSeconds(1'795'939'200 + second),
          .channel = std::move(channel),
          .resource = std::move(resource),
          .state = "exists",
          .number = number};
}

Rhythm Of(std::vector<adapter::LoggedNotification> messages) {
  const absl::StatusOr<Rhythm> rhythm = RhythmOf(messages);
  EXPECT_TRUE(rhythm.ok()) << rhythm.status();
  return *rhythm;
}

TEST(WebhookRun, EachMessageStandsForOneChangeJustBeforeIt) {
  adapter::LoggedNotification hello = Message(0, 1);
  hello.state = "sync";
  const Rhythm rhythm = Of({hello, Message(60, 2), Message(120, 3, "r2", "c2"), Message(121, 3, "r2", "c2")});
  EXPECT_THAT(rhythm.resources, ElementsAre("r1", "r2"));
  EXPECT_EQ(rhythm.first, 1u);
  EXPECT_EQ(rhythm.changes, 2u);
  EXPECT_EQ(rhythm.arrived, 3u);
  EXPECT_EQ(rhythm.again, 1u);
  ASSERT_EQ(rhythm.beats.size(), 5u);
  EXPECT_EQ(rhythm.beats[0].what, What::kChange);
  EXPECT_EQ(rhythm.beats[0].at, absl::Seconds(59));
  EXPECT_EQ(rhythm.beats[1].what, What::kMessage);
  EXPECT_EQ(rhythm.beats[1].at, absl::Seconds(60));
}

TEST(WebhookRun, WhatALaterMessageOvertookHadHappenedBefore) {
  const Rhythm rhythm = Of({Message(10, 9), Message(300, 4)});
  EXPECT_EQ(rhythm.overtaken, 1u);
  ASSERT_EQ(rhythm.beats.size(), 4u);
  EXPECT_EQ(rhythm.beats[0].at, absl::Seconds(-1) - absl::Milliseconds(1));  // Of message 4, which came five minutes later.
  EXPECT_EQ(rhythm.beats[1].at, absl::Seconds(-1));
}

TEST(WebhookRun, WhatTheReceiverDidNotTakeIsAChangeWithoutAMessage) {
  adapter::LoggedNotification refused = Message(10, 2);
  refused.taken = false;
  const Rhythm lost = Of({refused, Message(20, 3)});
  EXPECT_EQ(lost.changes, 2u);
  EXPECT_EQ(lost.lost, 1u);
  EXPECT_EQ(lost.arrived, 1u);
  const Rhythm sent_again = Of({refused, Message(15, 2)});  // C-85
  EXPECT_EQ(sent_again.lost, 0u);
  EXPECT_EQ(sent_again.changes, 1u);
}

std::vector<adapter::LoggedNotification> ABusyDay(bool backwards) {
  std::vector<adapter::LoggedNotification> messages;
  for (uint64_t i = 0; i < 40; ++i) {
    const auto second = static_cast<int64_t>(i * i * 50);
    const uint64_t number = 2 + 3 * (backwards && i % 4 == 1 ? i + 4 : i);
    messages.push_back(Message(second, number, absl::StrCat("r", i % 3), absl::StrCat("c", i % 3)));
    if (i % 5 == 0) messages.push_back(messages.back());
    if (i % 7 == 0) messages.back().taken = false;
  }
  return messages;
}

TEST(WebhookRun, TheLawsHoldInAnyRhythmAndTheSameLogIsTheSameRun) {
  const Rhythm rhythm = Of(ABusyDay(false));
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult result = RunRhythm(rhythm, {.seed = seed});
    EXPECT_FALSE(result.violation.has_value()) << "seed " << seed << ": " << result.violation->message;
    EXPECT_GT(result.counts.blocks_created, 0u);
    EXPECT_EQ(result.hash, RunRhythm(rhythm, {.seed = seed}).hash);
  }
  EXPECT_NE(RunRhythm(rhythm, {}).hash, RunRhythm(Of(ABusyDay(true)), {}).hash);
}

TEST(WebhookRun, TheEngineHearsByTheMessagesOfTheLog) {
  adapter::LoggedNotification refused = Message(10, 2);
  refused.taken = false;
  const RunResult told = RunRhythm(Of({Message(10, 2), Message(40'000, 3)}), {});
  const RunResult not_told = RunRhythm(Of({refused, Message(40'000, 3)}), {});
  EXPECT_NE(told.hash, not_told.hash);  // The changes are the same.
}

TEST(WebhookRun, RefusesWhatIsNoOnePersonsLog) {
  std::vector<adapter::LoggedNotification> many;
  for (int i = 0; i <= kCalendarsMax; ++i) many.push_back(Message(i, 1, absl::StrCat("r", i), absl::StrCat("c", i)));
  EXPECT_THAT(std::string(RhythmOf(many).status().message()), HasSubstr("21 calendars"));
  adapter::LoggedNotification hello = Message(0, 1);
  hello.state = "sync";
  const std::vector<adapter::LoggedNotification> nothing{hello};
  EXPECT_THAT(std::string(RhythmOf(nothing).status().message()), HasSubstr("none of its messages"));
}

}  // namespace
}  // namespace calsync::sim
