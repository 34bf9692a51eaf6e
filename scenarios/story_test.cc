#include "scenarios/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace calsync::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

RunResult RunOf(const std::vector<std::pair<std::string, std::string>>& lines, const std::string& message) {
  RunResult result;
  for (const auto& [place, what] : lines) {
    result.trace.push_back({.at = absl::UnixEpoch() + absl::Seconds(result.trace.size()),
                            .place = place,
                            .what = what,
                            .step = result.trace.size()});
  }
  result.violation = Violation{.law = Law::kL1, .message = message, .step = lines.size()};
  return result;
}

TEST(Story, NamesAreWordsOfTheirOwn) {
  EXPECT_THAT(ShortNamesIn("block k9 on \"Home\" has k7, e12 and e12; k1x cs3 1e5 e"), ElementsAre("k9", "k7", "e12"));
}

TEST(Story, TellsOfTheEventsThatTheLawNamesOfTheirSourcesAndOfMishapsNearby) {
  std::vector<std::pair<std::string, std::string>> lines = {{"work", "e1 added"}, {"home", "e2 added, a block of e1"}};
  for (int i = 0; i < 40; ++i) lines.push_back({"work", absl::StrCat("e", 100 + i, " added")});
  lines.push_back({"engine", "crash"});
  lines.push_back({"home", "e2 changed"});
  lines.push_back({"engine", "nothing to do"});
  const std::string story = absl::StrJoin(StoryOf(RunOf(lines, "e2 is nobody's")), "\n");
  EXPECT_THAT(story, HasSubstr("e1 added"));
  EXPECT_THAT(story, HasSubstr("e2 added"));
  EXPECT_THAT(story, HasSubstr("crash"));
  EXPECT_THAT(story, HasSubstr("e2 changed"));
  EXPECT_THAT(story, Not(HasSubstr("e110")));
}

TEST(Story, IsShort) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (int i = 0; i < 200; ++i) lines.push_back({"home", absl::StrCat("e2 changed, time ", i)});
  const std::vector<std::string> story = StoryOf(RunOf(lines, "e2 never rests"));
  EXPECT_EQ(story.size(), kStoryLines);
  EXPECT_THAT(story.front(), HasSubstr("time 0"));
  EXPECT_THAT(story.back(), HasSubstr("time 199"));
}

TEST(Story, ALawThatNamesNoEventIsToldByHowItEnded) {
  const std::vector<std::string> story = StoryOf(RunOf({{"work", "e1 added"}, {"engine", "list"}}, "writes go on and on"));
  EXPECT_EQ(story.size(), 2u);
}

TEST(Story, ASmallRunIsToldWhole) {
  RunResult run = RunOf({{"engine", "started"}, {"work", "e1 added"}, {"engine", "list"}, {"engine", "list"}}, "e1 is nobody's");
  for (TraceLine& line : run.trace) line.kind = line.place == "engine" ? TraceLine::Kind::kStep : TraceLine::Kind::kPeople;
  const std::vector<std::string> story = WholeStoryOf(run, 10);
  ASSERT_EQ(story.size(), 2u);  // Nothing before somebody does something.
  EXPECT_THAT(story.front(), HasSubstr("e1 added"));
  EXPECT_THAT(story.back(), HasSubstr("list (2 times)"));
  EXPECT_EQ(WholeStoryOf(run, 1), StoryOf(run, 1));
}

TEST(Story, NoViolationNoStory) { EXPECT_TRUE(StoryOf(RunResult{}).empty()); }

}  // namespace
}  // namespace calsync::sim
