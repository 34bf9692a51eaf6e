#include "scenarios/choices.h"

#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::ElementsAre;

std::vector<uint64_t> Draw(Choices choices, Stream stream, uint64_t bound, int times) {
  std::vector<uint64_t> drawn;
  drawn.reserve(static_cast<size_t>(times));
  for (int i = 0; i < times; ++i) drawn.push_back(choices.Choose(stream, bound, "test"));
  return drawn;
}

TEST(Choices, WithoutASourceEverythingIsBenign) { EXPECT_THAT(Draw(Choices(), Stream::kPeople, 10, 3), ElementsAre(0, 0, 0)); }

TEST(Choices, TheSameSeedDrawsTheSame) {
  EXPECT_EQ(Draw(Choices::FromSeed(7), Stream::kPeople, 1000, 50), Draw(Choices::FromSeed(7), Stream::kPeople, 1000, 50));
  EXPECT_NE(Draw(Choices::FromSeed(7), Stream::kPeople, 1000, 50), Draw(Choices::FromSeed(8), Stream::kPeople, 1000, 50));
}

TEST(Choices, OneStreamDoesNotDisturbAnother) {
  Choices one = Choices::FromSeed(7);
  Choices other = Choices::FromSeed(7);
  for (int i = 0; i < 100; ++i) other.Choose(Stream::kCrash, 5, "more crashes");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.Choose(Stream::kClock, 1000, "step"), other.Choose(Stream::kClock, 1000, "step"));
}

TEST(Choices, EveryValueBelowTheBoundIsReached) {
  const std::vector<uint64_t> drawn = Draw(Choices::FromSeed(3), Stream::kServer, 5, 500);
  EXPECT_EQ(std::set<uint64_t>(drawn.begin(), drawn.end()), (std::set<uint64_t>{0, 1, 2, 3, 4}));
}

TEST(Choices, ABoundOfOneLeavesNoChoice) { EXPECT_THAT(Draw(Choices::FromSeed(3), Stream::kServer, 1, 3), ElementsAre(0, 0, 0)); }

TEST(Choices, ARecordingIsReplayedAcrossStreams) {
  Choices first = Choices::FromSeed(11);
  first.StartRecording();
  for (int i = 0; i < 20; ++i) first.Choose(i % 2 == 0 ? Stream::kPeople : Stream::kDisk, 100, "mixed");
  Choices second = Choices::FromRecording(first.recording());
  second.StartRecording();
  for (int i = 0; i < 20; ++i) second.Choose(i % 2 == 0 ? Stream::kPeople : Stream::kDisk, 100, "mixed");
  EXPECT_EQ(first.recording(), second.recording());
}

TEST(Choices, WhatARecordingLacksIsBenignAndWhatIsTooLargeIsTheLargest) {
  const std::vector<Choice> recording = {{Stream::kPeople, 100, 3, "test"}, {Stream::kPeople, 100, 99, "test"}};
  EXPECT_THAT(Draw(Choices::FromRecording(recording), Stream::kPeople, 10, 4), ElementsAre(3, 9, 0, 0));
}

// Old recordings live on when the world learns to ask something new.
TEST(Choices, ANewQuestionTakesNothingFromTheOthers) {
  const std::vector<Choice> recording = {{Stream::kPeople, 10, 3, "drawn"}, {Stream::kPeople, 10, 4, "drawn"}};
  Choices choices = Choices::FromRecording(recording);
  EXPECT_EQ(choices.Choose(Stream::kPeople, 10, "drawn"), 3u);
  EXPECT_EQ(choices.Choose(Stream::kPeople, 10, "new"), 0u);
  EXPECT_EQ(choices.Choose(Stream::kDisk, 10, "drawn"), 0u);
  EXPECT_EQ(choices.Choose(Stream::kPeople, 10, "drawn"), 4u);
}

TEST(Choices, ARecordingSaysWhatBelongsTogether) {
  Choices choices = Choices::FromSeed(5);
  choices.StartRecording();
  choices.Choose(Stream::kTopology, 10, "knob");
  choices.BeginSpan("people", 2);
  choices.Choose(Stream::kPeople, 10, "when");
  const auto span_of = [&](size_t i) { return choices.spans()[choices.recording()[i].span]; };
  EXPECT_EQ(span_of(0), (ChoiceSpan{"set up", 0}));
  EXPECT_EQ(span_of(1), (ChoiceSpan{"people", 2}));
}

TEST(Choices, BytesAreReadFromTheFrontTwoAtATime) {
  const std::vector<uint8_t> bytes = {7, 0, 0, 1, 5};
  EXPECT_THAT(Draw(Choices::FromBytes(bytes), Stream::kPeople, 1000, 4), ElementsAre(7, 256, 0, 0));
}

TEST(Choices, WhatNeverHappensDrawsNothing) {
  Choices choices = Choices::FromSeed(5);
  EXPECT_FALSE(choices.Happens(Stream::kCrash, 0, "never"));
  EXPECT_TRUE(choices.Happens(Stream::kCrash, 1000, "always"));
  EXPECT_EQ(choices.count(), 0u);
  EXPECT_FALSE(Choices().Happens(Stream::kCrash, 999, "benign is no"));
}

TEST(Choices, ACopyGoesOnIndependently) {
  Choices one = Choices::FromSeed(5);
  Choices copy = one;  // NOLINT(performance-unnecessary-copy-initialization): what is tested.
  EXPECT_EQ(Draw(one, Stream::kPeople, 100, 10), Draw(copy, Stream::kPeople, 100, 10));
}

}  // namespace
}  // namespace calsync::sim
