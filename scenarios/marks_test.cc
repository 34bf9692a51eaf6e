#include "scenarios/marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "scenarios/campaign.h"
#include "scenarios/choices.h"
#include "scenarios/watcher.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

uint64_t CountOf(const Coverage& coverage, absl::string_view sentence) {
  for (size_t i = 0; i < AllMarks().size(); ++i) {
    if (AllMarks()[i].sentence == sentence) return coverage.marks()[i];
  }
  ADD_FAILURE() << "there is no mark: " << sentence;
  return 0;
}

RunResult Watched(uint64_t seed, Coverage& coverage) {
  World world = WorldOf({}, Choices::FromSeed(seed));
  Watcher watcher(coverage);
  world.SetWatcher(&watcher);
  return world.Run();
}

TEST(Marks, AreManyAndEachSaysSomethingElse) {
  std::set<absl::string_view> sentences;
  for (const MarkWords& mark : AllMarks()) EXPECT_TRUE(sentences.insert(mark.sentence).second) << mark.sentence;
  EXPECT_GE(sentences.size(), 150u);
}

TEST(Marks, AWatchedRunIsTheSame) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Coverage coverage;
    EXPECT_EQ(Watched(seed, coverage).hash, WorldOf({}, Choices::FromSeed(seed)).Run().hash) << seed;
  }
}

TEST(Marks, SomeSeedsReachMostOfThem) {
  Coverage coverage;
  for (uint64_t seed = 1; seed <= 40; ++seed) Watched(seed, coverage);
  EXPECT_GE(coverage.Marks().met * 2, coverage.Marks().all);
  EXPECT_GT(CountOf(coverage, "a block is planned"), 0u);
  EXPECT_GT(CountOf(coverage, "an engine dies with an insert in flight"), 0u);
  EXPECT_GT(coverage.Cells().met, 0u);
  EXPECT_GT(coverage.Pairs().met, 0u);
}

// Two calendars and one event, and one thing that goes wrong with its insert.
Coverage WithInsert(OrderedFault fault) {
  Coverage coverage;
  Watcher watcher(coverage);
  World world(QuietPlan({"work", "home"}, UsualStart()), Choices());
  world.SetWatcher(&watcher);
  world.Settle();
  fault.call = OrderedFault::Call::kInsert;
  world.Order(std::move(fault));
  Event event;
  event.summary = "Dentist";
  event.start = EventTime::At(UsualStart() + absl::Hours(30), "UTC");
  event.end = EventTime::At(UsualStart() + absl::Hours(31), "UTC");
  world.Insert(world.person(), 0, std::move(event));
  world.SettleAndCheck();
  EXPECT_FALSE(world.violation().has_value());
  return coverage;
}

TEST(Marks, AnInsertWhoseAnswerIsLostIsFoundByARead) {
  const Coverage lost = WithInsert({.outcome = OrderedFault::Outcome::kReplyLost});
  EXPECT_EQ(CountOf(lost, "nobody knows what became of an insert"), 1u);
  EXPECT_EQ(CountOf(lost, "after an insert of unknown outcome a read shows the block live"), 1u);
  EXPECT_EQ(CountOf(lost, "after an insert of unknown outcome a read says that there is no such event"), 0u);
}

TEST(Marks, AnInsertThatNeverArrivedLeavesAgain) {
  const Coverage lost = WithInsert({.outcome = OrderedFault::Outcome::kRequestLost});
  EXPECT_EQ(CountOf(lost, "after an insert of unknown outcome a read says that there is no such event"), 1u);
  EXPECT_EQ(CountOf(lost, "the same insert leaves again after a read said that the event is not there"), 1u);
  EXPECT_EQ(CountOf(lost, "after an insert of unknown outcome a read shows the block live"), 0u);
}

TEST(Marks, CellsThatCannotBeAreNoGoal) {
  EXPECT_FALSE(CanBefall(AdversityOf(fake::FaultKind::kTokenGone), Phase::kInsert));
  EXPECT_TRUE(CanBefall(AdversityOf(fake::FaultKind::kTokenGone), Phase::kDelta));
  EXPECT_FALSE(CanBefall(AdversityOf(Mishap::kCommitFailed), Phase::kDown));
  Coverage coverage;
  coverage.Strike(AdversityOf(fake::FaultKind::kTokenGone), Bit(Phase::kInsert) | Bit(Phase::kDelta));
  EXPECT_EQ(coverage.Cells().met, 1u);
}

TEST(Marks, ASlowCommitIsOfTheProcessThatSteps) {
  EXPECT_TRUE(BefallsOneProcess(Mishap::kSlowCommit));
  EXPECT_TRUE(BefallsOneProcess(Mishap::kCrashInRecovery));
  EXPECT_FALSE(BefallsOneProcess(Mishap::kDiskFull)) << "nobody steps then";
}

TEST(Marks, FamiliesComeTogetherInOneRun) {
  Coverage coverage;
  coverage.Strike(AdversityOf(fake::FaultKind::kRequestLost), Bit(Phase::kInsert));
  coverage.EndRun();
  coverage.Strike(AdversityOf(Mishap::kDiskFull), Bit(Phase::kAtRest));
  coverage.EndRun();
  EXPECT_EQ(coverage.Pairs().met, 0u);
  coverage.Strike(AdversityOf(fake::FaultKind::kRequestLost), Bit(Phase::kInsert));
  coverage.Strike(AdversityOf(Mishap::kDiskFull), Bit(Phase::kAtRest));
  coverage.EndRun();
  EXPECT_EQ(coverage.Pairs().met, 1u);
}

}  // namespace
}  // namespace calsync::sim
