#include "adapter/runner/epochs.h"

#include <gtest/gtest.h>

#include <string>

#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

const GroupId kGroup("ann");

// Asks a process that just started, and has it on record.
bool IsOlder(const std::string& file, const GroupId& group, int64_t epoch) {
  Epochs epochs = Epochs::Open(file).value();
  const bool older = epochs.IsOlder(group, epoch);
  EXPECT_TRUE(epochs.Flush().ok());
  return older;
}

TEST(Epochs, AreKnownAfterARestart) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  {
    Epochs epochs = Epochs::Open(file).value();
    for (int64_t epoch = 1; epoch <= 600; ++epoch) {
      ASSERT_FALSE(epochs.IsOlder(kGroup, epoch));
      ASSERT_TRUE(epochs.Flush().ok());
    }
    ASSERT_FALSE(epochs.IsOlder(GroupId("bob"), 3));
    ASSERT_TRUE(epochs.Flush().ok());
  }
  EXPECT_LT(ReadWholeFile(file).size(), 8'000u) << "outdated lines go";
  EXPECT_FALSE(IsOlder(file, kGroup, 601));
  EXPECT_TRUE(IsOlder(file, GroupId("bob"), 3));
}

TEST(Epochs, DoubtOutlivesACrashUntilAnEngineWasHeard) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  ASSERT_FALSE(IsOlder(file, kGroup, 7));
  ASSERT_TRUE(IsOlder(file, kGroup, 5)) << "a backup was put back";
  // A crash before the first commit; each start raises the store's epoch.
  ASSERT_TRUE(IsOlder(file, kGroup, 6));
  Epochs epochs = Epochs::Open(file).value();
  ASSERT_TRUE(epochs.IsOlder(kGroup, 7));
  epochs.Trust(kGroup);
  ASSERT_TRUE(epochs.Flush().ok());
  EXPECT_FALSE(IsOlder(file, kGroup, 8));
}

TEST(Epochs, ManyGroupsAreWrittenAtOnceAndWhatIsDiscardedDoesNotCount) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  Epochs epochs = Epochs::Open(file).value();
  for (int n = 0; n < 500; ++n) epochs.IsOlder(GroupId(std::to_string(n)), 4);
  EXPECT_TRUE(epochs.IsOlder(GroupId("7"), 4)) << "what was said counts at once";
  ASSERT_TRUE(epochs.Flush().ok());
  EXPECT_TRUE(epochs.IsOlder(GroupId("8"), 2));
  epochs.Discard();
  ASSERT_TRUE(epochs.Flush().ok());
  EXPECT_FALSE(epochs.IsOlder(GroupId("8"), 5));
  EXPECT_FALSE(IsOlder(file, GroupId("499"), 5));
  EXPECT_TRUE(IsOlder(file, GroupId("498"), 4));
}

TEST(Epochs, ALineThatWasCutShortIsPassedOver) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  WriteWholeFile(file, "7 ann\n8");
  EXPECT_TRUE(IsOlder(file, kGroup, 7));
}

}  // namespace
}  // namespace calsync::adapter
