// Workers that share a database: whole seeds, and the check that at most one owner writes.

#include "scenarios/workers.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "scenarios/actors/mishaps.h"
#include "scenarios/campaign.h"
#include "scenarios/laws/one_owner.h"
#include "scenarios/recorded_run.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

SimulateOptions With(int workers) { return {.shape = {.workers = workers}}; }

// How a seed broke a law; empty if it did not.
std::string BreachOf(int workers, uint64_t seed, Coverage& coverage, Counts& counts) {
  World world = WorldOf(With(workers), Choices::FromSeed(seed));
  Watcher watcher(coverage);
  world.SetWatcher(&watcher);
  const RunResult result = world.Run();
  counts += result.counts;
  if (!result.violation.has_value()) return "";
  return absl::StrCat("seed ", seed, " with ", workers, " workers: ", VerdictOf(result));
}

TEST(Workers, NoLawIsBrokenAndEveryMarkOfThemIsReached) {  // P7, K7, I4, P8
  Coverage coverage;
  Counts counts;
  for (int workers = 2; workers <= 3; ++workers) {
    for (uint64_t seed = 1; seed <= 150; ++seed) EXPECT_EQ(BreachOf(workers, seed, coverage, counts), "");
  }
  for (size_t i = 0; i < AllMarks().size(); ++i) {
    if (!absl::StartsWith(AllMarks()[i].sentence, "workers: ")) continue;
    EXPECT_GT(coverage.marks()[i], 0u) << AllMarks()[i].sentence;
  }
  for (const Mishap mishap : {Mishap::kStoodStill, Mishap::kWorkerKilled, Mishap::kWorkerStopped, Mishap::kWorkerDrained,
                              Mishap::kDatabaseAway, Mishap::kBeatLost, Mishap::kWorkerClocks}) {
    EXPECT_GT(counts.mishaps[static_cast<size_t>(mishap)], 0u) << Words(mishap);
  }
}

TEST(Workers, WhatBefallsNobodyIsNotCounted) {  // P7, K6
  Plan plan = QuietPlan({"work", "home"}, UsualStart());
  plan.workers = 2;
  World world(std::move(plan), Choices());
  ASSERT_TRUE(world.Settle());
  const auto count = [&](Mishap mishap) { return world.counts().mishaps[static_cast<size_t>(mishap)]; };
  WorkersSuffer(world);  // The owner stands still …
  WorkersSuffer(world);  // … and stands still already.
  EXPECT_EQ(count(Mishap::kStoodStill), 1u);
  const int owner = world.host(0).floor();
  EXPECT_TRUE(world.KillWorker(owner, absl::Minutes(1)));
  EXPECT_FALSE(world.KillWorker(owner, absl::Minutes(1)));
  EXPECT_FALSE(world.StopWorker(owner, absl::Minutes(1)));
  EXPECT_FALSE(world.PauseWorker(owner, absl::Minutes(1)));
  EXPECT_FALSE(world.DrainWorker(owner, true));
  world.Suspend(0, absl::Minutes(1));
  EXPECT_EQ(count(Mishap::kSuspended), 0u);
}

// Each broke a law once.
TEST(Workers, SeedsThatOnceBrokeALaw) {
  constexpr struct {
    int workers;
    uint64_t seed;
  } kSeeds[] = {{3, 34169},
                {4, 73804},   // What a call says that waits for its turn was judged when it left.
                {2, 10420}};  // An occurrence stood alone for ever, though another series gave it.
  Coverage coverage;
  Counts counts;
  for (const auto& [workers, seed] : kSeeds) EXPECT_EQ(BreachOf(workers, seed, coverage, counts), "");
}

TEST(Workers, NoLawIsBrokenWhileASystemBeforeCalSyncIsMoved) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const RunResult result = RunSeed({.shape = {.legacy = true, .workers = 2}}, seed);
    EXPECT_FALSE(result.violation.has_value()) << "seed " << seed << ": " << VerdictOf(result);
  }
}

TEST(Workers, TheSameSeedGivesTheSameRun) {  // L11
  SimulateOptions options = With(3);
  options.twice = true;
  for (uint64_t seed = 1; seed <= 10; ++seed) EXPECT_FALSE(RunSeed(options, seed).violation.has_value()) << seed;
}

TEST(Workers, ARunIsRecordedWithThemAndRepeated) {
  SimulateOptions options = With(2);
  options.trace = true;
  const RecordedRun run = Record(options, Choices::FromSeed(7));
  const adapter::Trace trace = TraceOf(run, "seed 7", TraceSize::kWhole);
  absl::StatusOr<SimulateOptions> read = OptionsOf(trace.header);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->shape.workers, 2);
  const absl::StatusOr<std::vector<Choice>> choices = ChoicesOf(trace);
  ASSERT_TRUE(choices.ok()) << choices.status();
  read->trace = true;
  const RecordedRun again = Record(*read, Choices::FromRecording(*choices));
  const std::optional<Difference> difference = FirstDifference(trace, TraceOf(again, "seed 7", TraceSize::kWhole));
  EXPECT_FALSE(difference.has_value()) << difference->recorded << "\n" << difference->repeated;
}

TEST(OneOwner, NoCallLeavesWhileOneOfAnotherMayBeUnderWay) {
  const absl::Time now = UsualStart();
  OneOwner calls;
  EXPECT_EQ(calls.CheckLeaving(CallId(1), 7, now, now + absl::Seconds(30)), "");
  EXPECT_EQ(calls.CheckLeaving(CallId(2), 7, now + absl::Seconds(1), now + absl::Seconds(31)), "");
  OneOwner taken_over = calls;
  EXPECT_NE(taken_over.CheckLeaving(CallId(3), 8, now + absl::Seconds(30), now + absl::Seconds(60)), "");
  EXPECT_EQ(calls.CheckLeaving(CallId(3), 8, now + absl::Seconds(31), now + absl::Seconds(61)), "") << "both are over";
  calls.Answered(CallId(3));
  EXPECT_EQ(calls.CheckLeaving(CallId(4), 7, now + absl::Seconds(32), now + absl::Seconds(62)), "") << "it was answered";
}

TEST(OneOwner, OnlyTheOwnerCommits) {
  EXPECT_EQ(CheckCommitOfOwner(7, 7), "");
  EXPECT_NE(CheckCommitOfOwner(7, 8), "");
  EXPECT_NE(CheckCommitOfOwner(7, 0), "");
  EXPECT_NE(CheckCommitOfOwner(0, 0), "");
}

}  // namespace
}  // namespace calsync::sim
