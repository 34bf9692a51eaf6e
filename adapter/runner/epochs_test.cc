#include "adapter/runner/epochs.h"

#include <gtest/gtest.h>

#include <string>

#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

TEST(Epochs, AreKnownAfterARestart) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  {
    Epochs epochs = Epochs::Open(file).value();
    EXPECT_EQ(epochs.Known(GroupId("ann")), 0);
    for (int64_t epoch = 1; epoch <= 600; ++epoch) ASSERT_TRUE(epochs.Note(GroupId("ann"), epoch).ok());
    ASSERT_TRUE(epochs.Note(GroupId("bob"), 3).ok());
  }
  Epochs epochs = Epochs::Open(file).value();
  EXPECT_EQ(epochs.Known(GroupId("ann")), 600);
  EXPECT_EQ(epochs.Known(GroupId("bob")), 3);
  EXPECT_LT(ReadWholeFile(file).size(), 8'000u) << "outdated lines go";
}

TEST(Epochs, ALineThatWasCutShortIsPassedOver) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  WriteWholeFile(file, "7 ann\n8");
  EXPECT_EQ(Epochs::Open(file).value().Known(GroupId("ann")), 7);
}

}  // namespace
}  // namespace calsync::adapter
