#include "adapter/runner/epochs.h"

#include <gtest/gtest.h>

#include <string>

#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

const GroupId kAnn("ann");

TEST(Epochs, AreKnownAfterARestart) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  {
    Epochs epochs = Epochs::Open(file).value();
    for (int64_t epoch = 1; epoch <= 600; ++epoch) ASSERT_FALSE(epochs.IsOlder(kAnn, epoch).value());
    ASSERT_FALSE(epochs.IsOlder(GroupId("bob"), 3).value());
  }
  Epochs epochs = Epochs::Open(file).value();
  EXPECT_LT(ReadWholeFile(file).size(), 8'000u) << "outdated lines go";
  EXPECT_FALSE(epochs.IsOlder(kAnn, 601).value());
  EXPECT_TRUE(epochs.IsOlder(GroupId("bob"), 3).value());
}

TEST(Epochs, DoubtOutlivesACrashUntilAnEngineWasHeard) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  ASSERT_FALSE(Epochs::Open(file).value().IsOlder(kAnn, 7).value());
  ASSERT_TRUE(Epochs::Open(file).value().IsOlder(kAnn, 5).value()) << "a backup was put back";
  // A crash before the first commit; each start raises the store's epoch.
  ASSERT_TRUE(Epochs::Open(file).value().IsOlder(kAnn, 6).value());
  Epochs epochs = Epochs::Open(file).value();
  ASSERT_TRUE(epochs.IsOlder(kAnn, 7).value());
  ASSERT_TRUE(epochs.Trust(kAnn).ok());
  EXPECT_FALSE(Epochs::Open(file).value().IsOlder(kAnn, 8).value());
}

TEST(Epochs, ALineThatWasCutShortIsPassedOver) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  WriteWholeFile(file, "7 ann\n8");
  EXPECT_TRUE(Epochs::Open(file).value().IsOlder(kAnn, 7).value());
}

}  // namespace
}  // namespace calsync::adapter
