// L11: a seed and its repetition give the same hash.

#include "gtest/gtest.h"
#include "scenarios/campaign.h"
#include "scenarios/laws/l11_determinism.h"

namespace calsync::sim {
namespace {

TEST(Determinism, SameSeedSameHash) {
  const SimulateOptions options;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const RunResult first = RunSeed(options, seed);
    const RunResult second = RunSeed(options, seed);
    ASSERT_EQ(CheckSameRun(first, second), "") << "seed " << seed;
  }
}

TEST(Determinism, StoresDoNotDiffer) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult memory = RunSeed({.store = StoreKind::kMemory}, seed);
    const RunResult sqlite = RunSeed({.store = StoreKind::kSqlite}, seed);
    ASSERT_EQ(CheckSameRun(memory, sqlite), "") << "seed " << seed;
  }
}

TEST(Determinism, ARecordingRepeatsItsRun) {
  const SimulateOptions options;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Choices choices = Choices::FromSeed(seed);
    choices.StartRecording();
    World world = WorldOf(options, std::move(choices));
    const RunResult first = world.Run();
    const RunResult second = WorldOf(options, Choices::FromRecording(world.choices().recording())).Run();
    ASSERT_EQ(CheckSameRun(first, second), "") << "seed " << seed;
  }
}

TEST(Determinism, DifferentSeedsDiffer) { EXPECT_NE(RunSeed({}, 1).hash, RunSeed({}, 2).hash); }

}  // namespace
}  // namespace calsync::sim
