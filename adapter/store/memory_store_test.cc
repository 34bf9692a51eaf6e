#include "adapter/store/memory_store.h"

#include <string>

#include "absl/time/time.h"
#include "adapter/store/testing/rows.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

TEST(MemoryStore, ACopyGoesItsOwnWay) {
  MemoryStore store;
  const int64_t epoch = store.Load(kAnn)->epoch;
  ASSERT_TRUE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g1", 1, 71)}, .audit = {{.at = absl::UnixEpoch()}}}).ok());
  const std::string before = Print(*store.Peek(kAnn));

  MemoryStore copy = store;
  ASSERT_TRUE(copy.Apply(kAnn, epoch, {.erased = {{kWork, EventId("g1")}}, .records = {BlockAt(kWork, "g2", 1, 71)}}).ok());
  EXPECT_EQ(copy.Load(kAnn)->epoch, epoch + 1);

  EXPECT_EQ(Print(*store.Peek(kAnn)), before);
  EXPECT_EQ(*store.Epoch(kAnn), epoch);
  EXPECT_FALSE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g2", 2, 71)}}).ok());  // L2: the slot is still claimed here.
  store = copy;
  EXPECT_EQ(Print(*store.Peek(kAnn)), Print(*copy.Peek(kAnn)));
}

TEST(MemoryStore, ARefusedCommitGivesNothingUp) {
  MemoryStore store;
  const int64_t epoch = store.Load(kAnn)->epoch;
  ASSERT_TRUE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g1", 1, 71), BlockAt(kWork, "g2", 2, 72)}}).ok());
  // The first row takes over what it may, the second one what it must not.
  ASSERT_FALSE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g1", 3, 73), BlockAt(kWork, "g4", 1, 72)}}).ok());
  EXPECT_FALSE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g5", 5, 71)}}).ok());
  EXPECT_FALSE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g5", 1, 75)}}).ok());
  EXPECT_TRUE(store.Apply(kAnn, epoch, {.records = {BlockAt(kWork, "g5", 3, 73)}}).ok());
}

}  // namespace
}  // namespace calsync::adapter
