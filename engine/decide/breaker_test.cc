#include "engine/decide/breaker.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/decide/block_occurrences.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

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
  ExplainWrites(group, 50);
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

TEST(Breaker, ANewWindowForgetsWhatWasExplainedAndIsNotOwed) {  // Changes explain twice what they mostly need.
  LiveGroup group = ALiveGroup(AConfig(), {});
  ExplainWrites(group, 300);
  EXPECT_EQ(Write(group, 120), 120);
  group.now += absl::Hours(25);
  EXPECT_EQ(Write(group), kSlack);
}

TEST(Breaker, ANewWindowKeepsWhatIsExplainedAndOwed) {  // An outage lay between the changes and their writes.
  std::vector<Record> records;
  for (int i = 0; i < kMany; ++i) {
    records.push_back(
        UserEvent({.id = absl::StrCat("k", i), .at = absl::StrCat("work/e", i), .start = TestNow() + absl::Hours(96)}));
  }
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  ExplainWrites(group, 10 * kMany);
  for (int windows = 0; windows < 3; ++windows) {
    EXPECT_EQ(Write(group, kSlack), kSlack);  // What nothing needs to explain takes none of it.
    group.now += absl::Hours(25);
  }
  const int64_t written = Write(group);
  EXPECT_GE(written, 2 * kMany + kSlack);  // A block and a tag each.
  EXPECT_LE(written, 4 * kMany + kSlack);  // … and both once more.
}

TEST(Breaker, ANewWindowKeepsNothingThatWasNotExplained) {
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent({.start = TestNow() + absl::Hours(96)})});
  EXPECT_EQ(Write(group, kSlack), kSlack);
  group.now += absl::Hours(25);
  EXPECT_EQ(Write(group), kSlack);
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

// Two calendars that are seldom asked by themselves.
GroupConfig Quiet() {
  GroupConfig config = AConfig();
  config.policy.poll_interval = absl::Hours(12);
  return config;
}

// All calendars are listed, and what follows is done.
void ListAll(ScriptedHost& host) {
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
}

// At rest with many blocks, a day later: nothing is owed, and nothing is explained.
ScriptedHost ADayAfterMany() {
  ScriptedHost host(Quiet());
  PutMany(host, "e", TestNow() + absl::Hours(96));
  host.Start();
  host.Settle();
  host.Advance(absl::Hours(25));
  return host;
}

TEST(Breaker, OpensForAProductThatMirrorsBlocksThoughManyEventsWereFoundTheDayBefore) {  // L8
  ScriptedHost host = ADayAfterMany();
  host.ClearLog();
  for (const Event& block : host.Live("home")) {
    host.Put({.at = absl::StrCat("home/m", absl::ToUnixSeconds(block.start.instant)), .start = block.start.instant});
  }
  ListAll(host);
  EXPECT_TRUE(host.engine().group_row().breaker_open);
  EXPECT_EQ(RequestsOf<InsertEvent>(host.calls()).size(), size_t{kSlack});
}

TEST(Breaker, WhatIsOwedWhenTheOperatorResumesDoesNotOpenItAgain) {  // They are asked once.
  ScriptedHost host = ADayAfterMany();
  // Twice as many as need no explanation, and a tag for each.
  for (const absl::string_view name : {"m", "n"}) {
    for (int i = 0; i < kMany; ++i) {
      host.Put({.at = absl::StrCat("home/", name, i), .start = TestNow() + absl::Hours(96) + i * absl::Minutes(30)});
    }
  }
  ListAll(host);
  ASSERT_TRUE(host.engine().group_row().breaker_open);
  host.Give(OperatorCommand(ResumeWrites{}));
  host.Settle();
  EXPECT_FALSE(host.engine().group_row().breaker_open);
  EXPECT_EQ(host.Live("work").size(), size_t{3 * kMany});
  EXPECT_EQ(host.engine().Unsettled(), "");
}

// Something is found, so that a window begins.
void FindOneMore(ScriptedHost& host) {
  host.Put({.at = absl::StrCat("work/", absl::ToUnixSeconds(host.now())), .start = host.now() + absl::Hours(24 * 60)});
  ListAll(host);
}

void ExpectBlocks(const ScriptedHost& host, size_t blocks) {
  EXPECT_EQ(host.Live("home").size(), blocks);
  EXPECT_FALSE(host.image().group.breaker_open);
}

TEST(Breaker, StaysClosedWhenTheHorizonReachesManyEventsLongAfterTheyWereFound) {
  ScriptedHost host(Quiet());
  PutMany(host, "e", TestNow() + Quiet().policy.horizon_ahead + absl::Hours(24 * 30));
  host.Start();
  for (int days = 0; days < 3; ++days) {
    FindOneMore(host);
    host.Advance(absl::Hours(25));
  }
  ExpectBlocks(host, 3);
  host.set_now(TestNow() + absl::Hours(24 * 40));
  host.Give(TimerFired{});
  host.Settle();
  ExpectBlocks(host, 3 + kMany);
}

TEST(Breaker, StaysClosedWhenACalendarIsBackThatMissedMuch) {
  const struct {
    const char* name;
    void (*lose)(ScriptedHost&);
    void (*find)(ScriptedHost&);
  } kRows[] = {
      {"unreachable", [](ScriptedHost& h) { h.FailListings("home", ApiError{.code = 404, .reason = "notFound"}); },
       [](ScriptedHost& h) { h.FailListings("home", std::nullopt); }},
      {"read-only", [](ScriptedHost& h) { h.SetRole("home", AccessRole::kReader); },
       [](ScriptedHost& h) { h.SetRole("home", AccessRole::kWriter); }},
  };
  for (const auto& row : kRows) {
    ScriptedHost host = AtRest(Quiet());
    row.lose(host);
    ListAll(host);
    PutMany(host, "f", TestNow() + absl::Hours(24 * 30));
    for (int days = 0; days < 3; ++days) {
      FindOneMore(host);
      host.Advance(absl::Hours(25));
    }
    ASSERT_EQ(host.Live("home").size(), 1u) << row.name;
    row.find(host);
    ListAll(host);
    SCOPED_TRACE(row.name);
    ExpectBlocks(host, 1 + 3 + kMany);
  }
}

TEST(Breaker, StaysClosedWhenAnEngineBeginsWithOtherSettings) {
  ScriptedHost host = ADayAfterMany();
  FindOneMore(host);
  host.Crash(Carried::kNot);
  GroupConfig config = Quiet();
  config.policy.title_template = "Away";
  host.set_config(config);
  host.Start();
  host.Settle();
  ExpectBlocks(host, 1 + kMany);
  for (const Event& block : host.Live("home")) EXPECT_EQ(block.summary, "Away");
}

TEST(Breaker, StaysClosedWhenTheClockIsSetBackAndManyEventsAreNotOverAfterAll) {
  ScriptedHost host(Quiet());
  host.set_now(TestNow() + absl::Hours(24 * 30));
  PutMany(host, "e", TestNow() + absl::Hours(48));
  host.Start();
  host.Settle();
  host.Advance(absl::Hours(25));
  FindOneMore(host);
  ExpectBlocks(host, 1);
  host.set_now(TestNow() + absl::Hours(1));
  host.Give(TimerFired{});
  host.Settle();
  ExpectBlocks(host, 1 + kMany);
}

TEST(Breaker, StaysClosedWhenAWriteIsRefusedAgainAndAgain) {  // Each that will be sent again explains the next.
  const struct {
    const char* name;
    bool deletes;
    ApiError error;
  } kRows[] = {
      {"a delete that is not allowed", true, {.code = 403, .reason = "forbidden"}},
      {"a delete that is refused for good", true, {.code = 400, .reason = "invalid"}},
      {"an insert where no calendar is found", false, {.code = 404, .reason = "notFound"}},
  };
  for (const auto& row : kRows) {
    ScriptedHost host = AtRest();
    if (row.deletes) {
      host.Cancel("work", "e1");
    } else {
      host.Put({.at = "work/e2", .start = TestNow() + absl::Hours(96)});
    }
    for (int refusals = 0; refusals < 2 * kMany; ++refusals) {
      row.deletes ? host.Script<DeleteEvent>(row.error) : host.Script<InsertEvent>(row.error);
    }
    host.Advance(absl::Hours(23));
    const GroupRow& group = host.engine().group_row();
    EXPECT_GT(group.window_writes, kSlack + 12) << row.name << ": more than the changes of two events and nothing explain";
    EXPECT_FALSE(group.breaker_open) << row.name;
  }
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
