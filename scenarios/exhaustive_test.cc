// The smallest scope, whole: whatever people do with one event or its block, with one thing going wrong anywhere, the laws hold.
// calsync explore --scope 1 searches the next one.

#include <cstdio>

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
