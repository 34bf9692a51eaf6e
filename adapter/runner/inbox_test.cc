#include "adapter/runner/inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "adapter/config/tight_file.h"
#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Look(const Inbox& inbox) {
  std::vector<std::string> texts;
  const absl::StatusOr<std::vector<FiledOrder>> orders = inbox.Look();
  for (const FiledOrder& filed : *orders) texts.push_back(filed.order.ok() ? FormatOrder(*filed.order) : "unread");
  return texts;
}

TEST(Inbox, OrdersLieThereInTheirOrderUntilTheyAreDone) {
  const ScratchDirectory scratch;
  const Inbox inbox(scratch.File("inbox"));
  EXPECT_THAT(Look(inbox), IsEmpty()) << "no folder yet";
  ASSERT_TRUE(inbox.Put({GroupId("ann"), WalkAgain{}}).ok());
  ASSERT_TRUE(inbox.Put({GroupId("bob"), ResumeWrites{}}).ok());
  ASSERT_TRUE(inbox.Put({GroupId("ann"), ConfirmSweep{CalendarKey(0xa1)}}).ok());
  EXPECT_THAT(Look(inbox), ElementsAre("resync ann", "resume-writes bob", "confirm-sweep ann 00000000000000a1"));
  inbox.Remove((*inbox.Look())[1]);
  EXPECT_THAT(Look(inbox), ElementsAre("resync ann", "confirm-sweep ann 00000000000000a1"));
}

TEST(Inbox, AnOrderIsOfWhoTookItUntilItIsLetGo) {
  const ScratchDirectory scratch;
  const Inbox inbox(scratch.File("inbox"));
  const Inbox of_another_worker(scratch.File("inbox"));
  ASSERT_TRUE(inbox.Put({GroupId("ann"), WalkAgain{}}).ok());
  absl::StatusOr<std::vector<FiledOrder>> taken = inbox.Look();
  ASSERT_EQ(taken->size(), 1u);
  EXPECT_THAT(Look(of_another_worker), IsEmpty());
  EXPECT_THAT(Look(inbox), IsEmpty()) << "nor does who has it find it again";
  ASSERT_TRUE(inbox.Put({GroupId("bob"), ResumeWrites{}}).ok());
  EXPECT_THAT(Look(of_another_worker), ElementsAre("resume-writes bob"));
  taken->clear();
  EXPECT_THAT(Look(of_another_worker), ElementsAre("resync ann", "resume-writes bob"));
}

TEST(Inbox, OrdersOfAMoveAreReadAsTheyWereWritten) {
  const char* const kTexts[] = {"adopt-legacy ann", "adopt-legacy ann 00000000000000a1",
                                "settle-legacy ann 00000000000000a1 e1 mine", "settle-legacy ann 00000000000000a1 e1 block",
                                "settle-legacy ann 00000000000000a1 e1 block 00000000000000b2 e2"};
  for (const char* text : kTexts) {
    const absl::StatusOr<Order> order = ParseOrder(text);
    ASSERT_TRUE(order.ok()) << text;
    EXPECT_EQ(FormatOrder(*order), text);
  }
  for (const char* text : {"settle-legacy ann", "settle-legacy ann 00000000000000a1 e1 perhaps", "adopt-legacy ann x"}) {
    EXPECT_FALSE(ParseOrder(text).ok()) << text;
  }
}

TEST(Inbox, AnOrderThatCannotBeReadStaysUntilItCan) {
  const ScratchDirectory scratch;
  const Inbox inbox(scratch.File("inbox"));
  ASSERT_TRUE(inbox.Put({GroupId("ann"), WalkAgain{}}).ok());
  ASSERT_TRUE(inbox.Put({GroupId("bob"), ResumeWrites{}}).ok());
  const std::string file = (*inbox.Look())[0].file;
  ASSERT_EQ(chmod(file.c_str(), 0644), 0);  // Not how one is written.
  EXPECT_THAT(Look(inbox), ElementsAre("unread", "resume-writes bob"));
  EXPECT_THAT(std::string((*inbox.Look())[0].order.status().message()), HasSubstr(file));
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  EXPECT_THAT(Look(inbox), ElementsAre("resync ann", "resume-writes bob"));
}

TEST(Inbox, WhatIsNoOrderIsDropped) {
  const ScratchDirectory scratch;
  const Inbox inbox(scratch.File("inbox"));
  ASSERT_TRUE(WriteTightFile(scratch.File("inbox/1.order"), "explode ann", Existing::kReplace).ok());
  EXPECT_THAT(Look(inbox), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(ReadFile(scratch.File("inbox/1.order"), Privacy::kOwnerOnly).status()));
  EXPECT_FALSE(ParseOrder("").ok());
  EXPECT_FALSE(ParseOrder("resync").ok());
  EXPECT_FALSE(ParseOrder("explode ann").ok());
}

}  // namespace
}  // namespace calsync::adapter
