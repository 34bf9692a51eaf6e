#include "scenarios/shrink.h"

#include <string>

#include "gtest/gtest.h"
#include "scenarios/laws/l11_determinism.h"
#include "scenarios/signature.h"

namespace calsync::sim {
namespace {

// No seed breaks a law today; what is looked for here is a run in which these mishaps meet.
Judge Meets(std::vector<Mishap> mishaps) {
  return [mishaps](const RecordedRun& run) {
    for (const Mishap mishap : mishaps) {
      if (run.result.counts.mishaps[static_cast<size_t>(mishap)] == 0) return std::string();
    }
    return std::string("they meet");
  };
}

bool GoesOn(const ShrinkState& state) { return state.runs < 2000; }

// The first seed for which the judge says something.
RecordedRun FirstOf(const Judge& judge, uint64_t from = 1) {
  for (uint64_t seed = from;; ++seed) {
    RecordedRun run = Record({.shape = {.calendars = 3, .days = 7, .actions = 20}}, Choices::FromSeed(seed));
    if (!judge(run).empty()) return run;
  }
}

TEST(Shrink, LeavesHardlyMoreThanWhatIsLookedFor) {
  const Judge judge = Meets({Mishap::kBlockDragged, Mishap::kCrashAfterCommit});
  for (const uint64_t from : {1, 2001, 3001, 4001}) {
    const Shrunk shrunk = Shrink(FirstOf(judge, from), GoesOn, judge);
    EXPECT_TRUE(shrunk.finished);
    EXPECT_EQ(judge(shrunk.run), "they meet");
    const RunSize size = SizeOf(shrunk.run);
    // An event to have a block, the drag; the crash is no action. Bar 12 allows 8 actions and 25 choices.
    EXPECT_LE(size.actions, 3) << size.deviations;
    EXPECT_LE(size.calendars, 2);
    EXPECT_LE(size.deviations, 16u);
  }
}

TEST(Shrink, GivesTheSameEveryTime) {
  const Judge judge = Meets({Mishap::kBlockDeleted});
  const RecordedRun run = FirstOf(judge);
  const Shrunk once = Shrink(run, GoesOn, judge);
  const Shrunk twice = Shrink(run, GoesOn, judge);
  EXPECT_EQ(once.runs, twice.runs);
  EXPECT_EQ(once.run.choices, twice.run.choices);
  EXPECT_EQ(CheckSameRun(once.run.result, twice.run.result), "");
}

TEST(Shrink, EndsWhenItIsTold) {
  const Judge judge = Meets({Mishap::kBlockDeleted});
  const Shrunk shrunk = Shrink(
      FirstOf(judge), [](const ShrinkState& state) { return state.runs < 5; }, judge);
  EXPECT_EQ(shrunk.runs, 5u);
  EXPECT_FALSE(shrunk.finished);
  EXPECT_EQ(judge(shrunk.run), "they meet");
}

TEST(Signature, NamesNumbersAndTimesMakeNoDifference) {
  const std::vector<std::string> places = {"work", "home"};
  const auto of = [&](Law law, std::string message) { return SignatureOf({.law = law, .message = std::move(message)}, places); };
  EXPECT_EQ(of(Law::kL3, "the block on work for e20 of home at 13 Jun 01:00-02:00 is missing; it has no row"),
            of(Law::kL3,
               "the block on home for cs7fab of work at 2026-05-04T02:00:07Z/2026-05-04T03:00:07Z is missing; it has no row"));
  EXPECT_NE(of(Law::kL3, "the block on work for e20 is missing; it has no row"),
            of(Law::kL3, "the block on work for e20 is missing; its row is deleted"));
  EXPECT_NE(of(Law::kL3, "e1 is missing"), of(Law::kL5, "e1 is missing"));
  EXPECT_EQ(of(Law::kL9, "something private goes out in the title: 'room ~s1 of mine'"),
            of(Law::kL9, "something private goes out in the title: 'guest'"));
}

}  // namespace
}  // namespace calsync::sim
