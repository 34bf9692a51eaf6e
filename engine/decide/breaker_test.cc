#include "engine/decide/breaker.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/decide/block_occurrences.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::SizeIs;

constexpr int64_t kSlack = 100;  // Writes of a window that nothing needs to explain.
constexpr int kMany = 120;       // So many writes trip it if nothing explains them.

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

TEST(Breaker, OneChangeOfASeriesExplainsItsExceptionsAsWell) {  // They follow it: alone, or with what it hands down.
  std::vector<Record> records = {UserEvent("k1", "work/e1")};
  for (int i = 0; i < kMany; ++i) {
    Record exception = UserEvent(absl::StrCat("x", i), absl::StrCat("work/e1_", i));
    exception.master = SharedText("e1");
    records.push_back(std::move(exception));
  }
  const LiveGroup group = ALiveGroup(AConfig({"work", "home", "team"}), std::move(records));
  const Record& series = group.records[*group.records.FindAt(KeyOf("work"), "e1")];
  EXPECT_GE(WritesOfOneChange(group, series), WritesOfOneChange(group) + 2 * kMany);
}

TEST(Breaker, ABlockThatEndsExplainsItsOccurrences) {  // Made anew, it is made what it was.
  std::vector<Record> records = {UserEvent("k1", "work/e1"), Block({})};
  const std::string block = records[1].event.ToString();
  for (int i = 0; i < kMany; ++i) {
    const std::string n = std::to_string(i);
    Record occurrence = Block({.id = "o" + n, .source = "x" + n, .source_at = "work/e1_" + n});
    occurrence.event = SharedText(block + "_" + n);
    occurrence.master = SharedText(block);
    records.push_back(std::move(occurrence));
  }
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  EndOccurrencesOf(group, *group.records.FindAt(KeyOf("home"), block));
  EXPECT_GE(group.row.window_explained, kMany);
}

void PutMany(ScriptedHost& host, absl::string_view name, absl::Time from) {  // Of half an hour, one after the other.
  for (int i = 0; i < kMany; ++i) host.Put({.at = absl::StrCat("work/", name, i), .start = from + i * absl::Minutes(30)});
}

TEST(Breaker, StaysClosedWhenAProgramStripsTags) {  // S-2
  ScriptedHost host;
  PutMany(host, "e", TestNow() + absl::Hours(48));
  host.Start();
  host.Settle();
  host.Give(OperatorCommand(ResumeWrites{}));  // Nothing is explained any more.
  host.ClearLog();
  for (const Event& event : host.Live("work")) {
    host.Edit("work", event.id.text(), [](Event& stripped) { stripped.private_properties.clear(); });
  }
  host.Advance(absl::Minutes(12));
  EXPECT_EQ(host.Audited(AuditKind::kTagWritten), size_t{kMany});
  EXPECT_FALSE(host.engine().group_row().breaker_open);
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
