// The smallest scope, whole: whatever people do with one event or its block, with one thing going wrong anywhere, the laws hold.
// calsync explore --scope 1 searches the next one.

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "scenarios/explore.h"

namespace calsync::sim {
namespace {

TEST(Exhaustive, ScopeZeroHoldsAllLaws) {
  const Exploration found = Explore(ScopeOf(0), [](const Exploration&) { return true; });
  EXPECT_FALSE(found.violation.has_value()) << found.violation->message << "\n" << absl::StrJoin(found.story, "\n");
  EXPECT_TRUE(found.complete);
  std::printf("%llu states, %llu transitions, %llu ends\n", static_cast<unsigned long long>(found.states),
              static_cast<unsigned long long>(found.transitions), static_cast<unsigned long long>(found.ends));
  // A search that met little proves little.
  EXPECT_GT(found.states, 10000u);
  EXPECT_GT(found.ends, 1000u);
}

Exploration All(const Scope& scope) {
  return Explore(scope, [](const Exploration&) { return true; });
}

// A crash, a list that lags and what overtakes what: what a process had asked for before it died counted as seen by its
// successor.
TEST(Exhaustive, TwoThingsThatGoWrongWithOneEventBreakNoLaw) {
  const Exploration found = All({.actions = 1, .adversities = 2, .overtakings = 2});
  EXPECT_FALSE(found.violation.has_value()) << found.violation->message << "\n" << absl::StrJoin(found.story, "\n");
  EXPECT_TRUE(found.complete);
}

TEST(Exhaustive, TwoSearchesMeetTheSame) {  // L11
  const Scope scope{.actions = 2, .adversities = 1, .overtakings = 0, .all_kinds = false};
  const Exploration one = All(scope);
  const Exploration again = All(scope);
  EXPECT_TRUE(one.complete);
  EXPECT_EQ(one.states, again.states);
  EXPECT_EQ(one.transitions, again.transitions);
  EXPECT_EQ(one.ends, again.ends);
  EXPECT_EQ(one.deepest, again.deepest);
}

TEST(Exhaustive, InPartsTheSameIsMet) {
  const Scope scope{.actions = 2, .adversities = 1, .overtakings = 1, .all_kinds = false};
  Exploration all;
  const TakesFound takes = [&](const Exploration& since) {
    all.Add(since);
    return true;
  };
  MetStates met;
  std::vector<ExplorationPart> parts = SplitExploration(scope, met, takes);
  EXPECT_GT(parts.size(), 100u);
  std::reverse(parts.begin(), parts.end());
  for (ExplorationPart& part : parts) ExplorePart(scope, met, std::move(part), takes);
  const double whole = static_cast<double>(All(scope).states);
  EXPECT_NEAR(static_cast<double>(all.states), whole, 0.02 * whole);
  EXPECT_TRUE(all.complete);
}

TEST(Exhaustive, EachThingMoreThatMayHappenLeadsFurther) {
  const Scope least{.actions = 1, .adversities = 1, .overtakings = 0, .all_kinds = false};
  const uint64_t states = All(least).states;
  for (const auto more : {&Scope::actions, &Scope::adversities, &Scope::overtakings}) {
    Scope scope = least;
    ++(scope.*more);
    EXPECT_GT(All(scope).states, states);
  }
  Scope scope = least;
  scope.all_kinds = true;
  EXPECT_GT(All(scope).states, states);
  EXPECT_GT(KindsOf(scope), KindsOf(least));
  EXPECT_GE(KindsOf(ScopeOf(1)), 20);  // Bar 14.
}

TEST(Exhaustive, ASearchThatIsToldToEndSaysThatItIsNotComplete) {
  const Exploration found = Explore(ScopeOf(1), [](const Exploration& so_far) { return so_far.states < 500; });
  EXPECT_FALSE(found.complete);
  EXPECT_LT(found.states, 1000u);
}

TEST(Exhaustive, WithoutActionsOrAdversitiesThereIsOneWay) {
  const Exploration found = Explore({.actions = 0, .adversities = 0, .overtakings = 0}, [](const Exploration&) { return true; });
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.states, 1u);
  EXPECT_EQ(found.ends, 1u);
}

}  // namespace
}  // namespace calsync::sim
