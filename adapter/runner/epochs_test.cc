#include "adapter/runner/epochs.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
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
  for (const char* cut : {"8", "12 ", "12 an", "12 ann"}) {
    WriteWholeFile(file, absl::StrCat("7 ann\n", cut));
    EXPECT_TRUE(IsOlder(file, kGroup, 7)) << cut;
    WriteWholeFile(file, absl::StrCat("7 ann\n", cut));
    EXPECT_FALSE(IsOlder(file, kGroup, 8)) << cut;
  }
}

TEST(Epochs, WhatFollowsALineThatWasCutShortIsALineOfItsOwn) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  WriteWholeFile(file, "7 ann\n3 bob\n8? an");
  ASSERT_FALSE(IsOlder(file, kGroup, 9));
  EXPECT_TRUE(IsOlder(file, kGroup, 9)) << "a backup was put back";
  EXPECT_TRUE(IsOlder(file, GroupId("bob"), 3));
}

TEST(Epochs, WhatAFullDiskCutShortIsWrittenAnewWhenThereIsRoom) {
  const ScratchDirectory scratch;
  const std::string file = scratch.File("epochs");
  Epochs epochs = Epochs::Open(file).value();
  ASSERT_FALSE(epochs.IsOlder(kGroup, 7));
  ASSERT_FALSE(epochs.IsOlder(GroupId("bob"), 3));
  ASSERT_TRUE(epochs.Flush().ok());
  // A limit on the size of files fails a write as a full disk does: in the middle of it.
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit tight = {ReadWholeFile(file).size() + 4, before.rlim_max};
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  ASSERT_FALSE(epochs.IsOlder(kGroup, 8));
  const absl::Status full = epochs.Flush();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(full.ok());
  ASSERT_FALSE(epochs.IsOlder(kGroup, 9));
  ASSERT_TRUE(epochs.Flush().ok());
  EXPECT_EQ(ReadWholeFile(file), "9 ann\n3 bob\n");
}

}  // namespace
}  // namespace calsync::adapter
