#include "scenarios/disturb.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;

Script ReadScript(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  absl::StatusOr<Script> script = ParseScript(std::string(std::istreambuf_iterator<char>(file), {}), path);
  EXPECT_TRUE(script.ok()) << script.status();
  return *std::move(script);
}

// Some of all, so that it takes seconds; calsync disturb does the rest.
TEST(Disturb, TheLawsHoldWhereverOneThingGoesWrong) {
  uint64_t places = 0;
  for (const char* name : {"first-block", "block-deleted", "block-dragged", "insert-lost", "moved-to-another-calendar",
                           "series-is-one-write", "occurrence-moved", "database-lost", "twin-meeting", "one-way"}) {
    const Script script = ReadScript(std::string("scenarios/golden/") + name + ".scenario");
    const Disturbed disturbed = DisturbEverywhere(script, [] { return true; });
    EXPECT_TRUE(disturbed.judged()) << name << " " << disturbed.unjudged;
    EXPECT_EQ(disturbed.reach, Reach::kWhole) << name;
    places += disturbed.places;
    for (const DisturbedPlace& place : disturbed.broken) {
      ADD_FAILURE() << name << ", " << Name(place.disturbance) << " at " << place.nth << ": " << place.run.broken << "\n"
                    << absl::StrJoin(place.run.story, "\n");
    }
  }
  EXPECT_GT(places, 500u);
}

TEST(Disturb, EndsBetweenPlacesWhenItIsToldTo) {
  const Script script = ReadScript("scenarios/golden/first-block.scenario");
  int left = 6;
  const Disturbed part = DisturbEverywhere(script, [&] { return left-- > 0; });
  EXPECT_EQ(part.reach, Reach::kInPart);
  EXPECT_TRUE(part.judged());
  EXPECT_EQ(part.places, 5u);  // And the undisturbed one.
  const Disturbed nothing = DisturbEverywhere(script, [] { return false; });
  EXPECT_EQ(nothing.reach, Reach::kNowhere);
  EXPECT_FALSE(nothing.judged());
  EXPECT_EQ(nothing.unjudged, "");
}

TEST(Disturb, WhatIsNotJudgedHasItsReason) {
  const Disturbed cloned = DisturbEverywhere(ReadScript("scenarios/golden/cloned-instance.scenario"), [] { return true; });
  EXPECT_FALSE(cloned.judged());
  EXPECT_EQ(cloned.reach, Reach::kWhole);
  EXPECT_THAT(cloned.unjudged, HasSubstr("share an identity"));
}

TEST(Disturb, WhatTheOperatorSaidDoesNotStayLost) {
  const Script script = ReadScript("scenarios/golden/legacy-and-a-lost-database.scenario");
  for (int nth = 0; nth < 20; ++nth) {  // With one of these goes the word to adopt.
    EXPECT_EQ(RunDisturbed(script, Disturbance::kCrashBeforeCommit, 0, nth).broken, "") << nth;
  }
}

TEST(Disturb, APlaceThatIsNotThereDoesNotStrike) {
  const Script script = ReadScript("scenarios/golden/first-block.scenario");
  EXPECT_TRUE(RunDisturbed(script, Disturbance::kReplyLost, 0, 0).struck);
  EXPECT_FALSE(RunDisturbed(script, Disturbance::kReplyLost, 0, 100000).struck);
  EXPECT_FALSE(RunDisturbed(script, Disturbance::kReplyLost, 1, 0).struck);
  EXPECT_FALSE(RunDisturbed(script, Disturbance::kReplyLost, 0, -1).struck);
}

}  // namespace
}  // namespace calsync::sim
