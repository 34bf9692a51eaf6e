#include "engine/decide/breaker.h"

#include "engine/testing/builders.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

constexpr int64_t kSlack = 100;  // Writes of a window that nothing needs to explain.

// Writes until one is refused, at most `most`.
int64_t Write(LiveGroup& group, int64_t most = 100000) {
  for (int64_t written = 0; written < most; ++written) {
    if (!AdmitWrite(group)) return written;
  }
  return most;
}

TEST(Breaker, OpensWhenWritesExceedWhatExplainsThem) {  // L8
  LiveGroup group = ALiveGroup(AConfig(), {});
  Explain(group, 50);
  EXPECT_EQ(Write(group), 50 + kSlack);
  EXPECT_TRUE(group.row.breaker_open);
  EXPECT_FALSE(AdmitWrite(group));
  ASSERT_EQ(group.audit.size(), 1u);  // Reported once (L12).
  EXPECT_EQ(group.audit[0].kind, AuditKind::kBreakerOpened);
  EXPECT_TRUE(group.row_changed);  // It stays open over a restart.
}

TEST(Breaker, StaysOpenUntilTheOperatorHasLooked) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  Write(group);
  group.now += absl::Hours(1000);
  EXPECT_FALSE(AdmitWrite(group));
  ResetBreaker(group);
  EXPECT_FALSE(group.row.breaker_open);
  EXPECT_EQ(group.audit.back().kind, AuditKind::kBreakerReset);
  EXPECT_EQ(Write(group), kSlack);
}

TEST(Breaker, ANewWindowForgetsWritesAndKeepsWhatIsExplainedAndOwed) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  Explain(group, 300);
  EXPECT_EQ(Write(group, 120), 120);
  group.now += absl::Hours(25);
  EXPECT_EQ(Write(group), 180 + kSlack);  // An outage lay between the change and its writes.
}

TEST(Breaker, AWindowThatBeganInTheFutureIsANewOne) {  // The wall clock was set back.
  LiveGroup group = ALiveGroup(AConfig(), {});
  EXPECT_EQ(Write(group, 90), 90);
  group.now -= absl::Hours(1);
  EXPECT_EQ(Write(group, 90), 90);
  EXPECT_FALSE(group.row.breaker_open);
}

TEST(Breaker, OneChangeExplainsABlockOnEachCalendarWithARepetitionAndItsTag) {
  EXPECT_GE(WritesOfOneChange(ALiveGroup(AConfig({"work", "home"}), {})), 1 + 1);
  EXPECT_GE(WritesOfOneChange(ALiveGroup(AConfig({"work", "home", "team", "club"}), {})), 2 * 3 + 1);
}

TEST(Breaker, CanBeTakenOutToProveThatTheLawsHoldWithoutIt) {
  GroupConfig config = AConfig();
  config.policy.breaker = false;
  LiveGroup group = ALiveGroup(config, {});
  EXPECT_EQ(Write(group, 10000), 10000);
  EXPECT_FALSE(group.row.breaker_open);
}

}  // namespace
}  // namespace calsync
