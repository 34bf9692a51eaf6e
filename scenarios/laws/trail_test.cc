#include "scenarios/laws/trail.h"

#include <utility>

#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

constexpr CalendarKey kHome{1};

Place Dinner() { return {kHome, EventId("dinner")}; }

Record Row(Blocking blocking, uint32_t skips_told = 0) {
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = RecordStatus::kSynced;
  record.calendar = kHome;
  record.event = Dinner().event.shared();
  record.blocking = blocking;
  record.skips_told = skips_told;
  return record;
}

Commit Of(Record record, AuditKind kind, std::string detail = "") {
  Commit commit;
  commit.records.push_back(std::move(record));
  commit.audit.push_back({.kind = kind, .calendar = kHome, .event = Dinner().event, .detail = std::move(detail)});
  return commit;
}

Commit Of(Record record) {
  Commit commit;
  commit.records.push_back(std::move(record));
  return commit;
}

TEST(Trail, AnEntryAnswersUntilTheEventBlocksAgain) {
  Trail trail;
  trail.Append(Of(Row(Blocking::kFree), AuditKind::kNotBlocking));
  EXPECT_TRUE(trail.SaysSkipped(Dinner()));
  trail.Append(Of(Row(Blocking::kFree)));
  EXPECT_TRUE(trail.SaysSkipped(Dinner()));
  trail.Append(Of(Row(Blocking::kBlocks)));
  EXPECT_FALSE(trail.SaysSkipped(Dinner())) << "free again, it is to be told again";
}

TEST(Trail, WhatAPolicyLeavesOutAnswersUntilItIsLeftOutNoMore) {
  Trail trail;
  trail.Append(Of(Row(Blocking::kBlocks, 7), AuditKind::kSkippedByPolicy, "tentative: work"));
  EXPECT_EQ(trail.LeftOut(Dinner()), "tentative: work");
  trail.Append(Of(Row(Blocking::kBlocks, 7)));
  EXPECT_EQ(trail.LeftOut(Dinner()), "tentative: work");
  trail.Append(Of(Row(Blocking::kBlocks)));
  EXPECT_EQ(trail.LeftOut(Dinner()), "");
}

TEST(Trail, OtherEntriesAnswerForNothing) {
  Trail trail;
  trail.Append(Of(Row(Blocking::kBlocks), AuditKind::kUserEventFound));
  EXPECT_FALSE(trail.SaysSkipped(Dinner()));
}

}  // namespace
}  // namespace calsync::sim
