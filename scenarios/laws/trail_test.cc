#include "scenarios/laws/trail.h"

#include <utility>

#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

constexpr CalendarKey kEvenings{1};

Place Supper() { return {kEvenings, EventId("dinner")}; }

Record RowOf(Blocking blocking, uint32_t skips_told = 0) {
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = RecordStatus::kSynced;
  record.calendar = kEvenings;
  record.event = Supper().event.shared();
  record.blocking = blocking;
  record.skips_told = skips_told;
  return record;
}

Commit CommitOf(Record record, AuditKind kind, std::string detail = "") {
  Commit commit;
  commit.records.push_back(std::move(record));
  commit.audit.push_back({.kind = kind, .calendar = kEvenings, .event = Supper().event, .detail = std::move(detail)});
  return commit;
}

Commit CommitOf(Record record) {
  Commit commit;
  commit.records.push_back(std::move(record));
  return commit;
}

TEST(Trail, AnEntryAnswersUntilTheEventBlocksAgain) {
  Trail trail;
  trail.Append(CommitOf(RowOf(Blocking::kFree), AuditKind::kNotBlocking));
  EXPECT_TRUE(trail.SaysSkipped(Supper()));
  trail.Append(CommitOf(RowOf(Blocking::kFree)));
  EXPECT_TRUE(trail.SaysSkipped(Supper()));
  trail.Append(CommitOf(RowOf(Blocking::kBlocks)));
  EXPECT_FALSE(trail.SaysSkipped(Supper())) << "free again, it is to be told again";
}

TEST(Trail, WhatAPolicyLeavesOutAnswersUntilItIsLeftOutNoMore) {
  Trail trail;
  trail.Append(CommitOf(RowOf(Blocking::kBlocks, 7), AuditKind::kSkippedByPolicy, "tentative: work"));
  EXPECT_EQ(trail.LeftOut(Supper()), "tentative: work");
  trail.Append(CommitOf(RowOf(Blocking::kBlocks, 7)));
  EXPECT_EQ(trail.LeftOut(Supper()), "tentative: work");
  trail.Append(CommitOf(RowOf(Blocking::kBlocks)));
  EXPECT_EQ(trail.LeftOut(Supper()), "");
}

TEST(Trail, WhatIsNotLeftOutByGroundTruthIsToBeToldAnew) {
  Trail trail;
  trail.Append(CommitOf(RowOf(Blocking::kBlocks, 7), AuditKind::kSkippedByPolicy, "tentative: work"));
  trail.ForgetLeftOut(Supper());
  trail.Append(CommitOf(RowOf(Blocking::kBlocks, 7)));
  EXPECT_EQ(trail.LeftOut(Supper()), "") << "the row says that it was told, and that was another time";
}

TEST(Trail, OtherEntriesAnswerForNothing) {
  Trail trail;
  trail.Append(CommitOf(RowOf(Blocking::kBlocks), AuditKind::kUserEventFound));
  EXPECT_FALSE(trail.SaysSkipped(Supper()));
}

}  // namespace
}  // namespace calsync::sim
