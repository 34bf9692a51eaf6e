#include "engine/decide/legacy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/testing/builders.h"

namespace calsync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextMark, IsFoundInTitleAndDescriptionByTheirPatterns) {
  const LegacyMarks marks;
  const struct {
    const char* title;
    const char* description;
    uint32_t bits;
    const char* calendar;
  } kRows[] = {
      {"Busy - Dentist", "Busy block for event from work", kTitleMark | kDescriptionMark, "work"},
      {"Busy - Dentist", "", kTitleMark, ""},
      {"Dentist", "Busy block for event from work", kDescriptionMark, "work"},
      {" Busy -  Dentist ", " Busy block for event from  work ", kTitleMark | kDescriptionMark, "work"},  // S-13
      {"Busy -", "", kTitleMark, ""},  // Of an event without a title.
      {"Busy", "", 0, ""},
      {"busy - dentist", "", 0, ""},
      {"Very Busy - Dentist", "a Busy block for event from work", 0, ""},
      {"", "", 0, ""},
  };
  for (const auto& row : kRows) {
    const TextMark mark = TextMarkOf(marks, row.title, row.description);
    EXPECT_EQ(mark.bits, row.bits) << row.title;
    EXPECT_EQ(mark.calendar, HashOf(row.calendar)) << row.title;
  }
}

TEST(TextMark, PatternsAreChosen) {
  const LegacyMarks marks{{"[sync] {summary} (busy)", "Blocked"}, {}};
  EXPECT_EQ(TextMarkOf(marks, "[sync] Dentist (busy)", "Busy block for event from work").bits, kTitleMark);
  EXPECT_EQ(TextMarkOf(marks, "Blocked", "").bits, kTitleMark);
  EXPECT_EQ(TextMarkOf(marks, "Blocked by rain", "").bits, 0u);
  EXPECT_EQ(TextMarkOf(marks, "[sync] Dentist", "").bits, 0u);
}

// An event of a person, with the fields that a block of the other system shows.
Record Source(absl::string_view id, absl::string_view at, absl::string_view title) {
  Record record = UserEvent(id, at);
  record.summary = SharedText(title);
  return record;
}

Record Mark(absl::string_view at, absl::string_view title, absl::string_view from = "work",
            uint32_t bits = kTitleMark | kDescriptionMark) {
  Record record = Seen({.at = std::string(at), .as = SeenAs::kTextMarked});
  record.span = UserEvent("any", "work/any").span;
  record.summary = SharedText(title);
  record.etag = SharedText("\"1\"");
  record.keywords = bits;
  record.held_for = HashOf(from);
  return record;
}

GroupConfig Hybrid() {
  GroupConfig config = AConfig({"work", "home", "team"});
  config.policy.detection = Detection::kHybrid;
  return config;
}

std::vector<MarkFinding> FindingsOf(std::vector<Record> records) {
  const LiveGroup group = ALiveGroup(Hybrid(), std::move(records));
  std::vector<MarkFinding> findings;
  for (const MarkPlan& plan : PlanMigration(group)) findings.push_back(plan.finding);
  return findings;
}

TEST(PlanMigration, PairsByTimesTitleAndCalendar) {
  EXPECT_THAT(
      FindingsOf({Source("k1", "work/e1", "Dentist"), Mark("home/b1", "Busy - Dentist"), Mark("team/b2", "Busy - Dentist")}),
      ElementsAre(MarkFinding::kPaired, MarkFinding::kPaired));
}

TEST(PlanMigration, SaysWhyItPairsNot) {
  const Record source = Source("k1", "work/e1", "Dentist");
  Record later = source;
  later.span.start += 3600;
  later.span.end += 3600;
  Record series = source;
  series.series = SharedText("RRULE:FREQ=DAILY");
  Record gone = source;
  gone.status = RecordStatus::kGone;
  Record free = source;
  free.blocking = Blocking::kFree;
  Record doubtful = source;
  doubtful.must_read = true;
  const Record mark = Mark("home/b1", "Busy - Dentist");
  Record recurring = mark;
  recurring.series = SharedText("RRULE:FREQ=DAILY");
  EXPECT_THAT(FindingsOf({mark}), ElementsAre(MarkFinding::kNoEvent));
  EXPECT_THAT(FindingsOf({later, mark}), ElementsAre(MarkFinding::kNoEvent));
  EXPECT_THAT(FindingsOf({series, mark}), ElementsAre(MarkFinding::kNoEvent));
  EXPECT_THAT(FindingsOf({gone, mark}), ElementsAre(MarkFinding::kNoEvent));
  EXPECT_THAT(FindingsOf({free, mark}), ElementsAre(MarkFinding::kNoEvent));
  EXPECT_THAT(FindingsOf({doubtful, mark}), ElementsAre(MarkFinding::kInDoubt));
  EXPECT_THAT(FindingsOf({source, recurring}), ElementsAre(MarkFinding::kRecurs));
  EXPECT_THAT(FindingsOf({source, Mark("work/b1", "Busy - Dentist")}), ElementsAre(MarkFinding::kNoEvent))
      << "on its own calendar";
  EXPECT_THAT(FindingsOf({source, Mark("home/b1", "Busy - Choir")}), ElementsAre(MarkFinding::kOtherTitle));
  EXPECT_THAT(FindingsOf({source, Mark("home/b1", "Busy - Dentist", "team")}), ElementsAre(MarkFinding::kOtherTitle))
      << "of another calendar";
  EXPECT_THAT(FindingsOf({source, Mark("home/b1", "Busy - Dentist", "a name of old")}), ElementsAre(MarkFinding::kPaired));
  EXPECT_THAT(FindingsOf({source, Mark("home/b1", "Busy - Dentist", "", kTitleMark)}), ElementsAre(MarkFinding::kOnlyTitle));
  EXPECT_THAT(FindingsOf({source, Mark("home/b1", "Mine", "work", kDescriptionMark)}),
              ElementsAre(MarkFinding::kOnlyDescription));
}

TEST(PlanMigration, GuessesNotBetweenEquals) {
  const Record one = Source("k1", "work/e1", "Dentist"), other = Source("k2", "work/e2", "Dentist");
  EXPECT_THAT(FindingsOf({one, other, Mark("home/b1", "Busy - Dentist")}), ElementsAre(MarkFinding::kSeveralEvents));
  EXPECT_THAT(FindingsOf({one, Mark("home/b1", "Busy - Dentist"), Mark("home/b2", "Busy - Dentist")}),
              ElementsAre(MarkFinding::kSeveralMarks, MarkFinding::kSeveralMarks));
  // One that is marked in full comes before one that is not.
  EXPECT_THAT(FindingsOf({one, Mark("home/b1", "Busy - Dentist"), Mark("home/b2", "Busy - Dentist", "", kTitleMark)}),
              ElementsAre(MarkFinding::kPaired, MarkFinding::kSeveralMarks));
}

TEST(PlanMigration, LeavesASlotThatIsFilled) {
  const Record source = Source("k1", "work/e1", "Dentist");
  const Record mark = Mark("home/b1", "Busy - Dentist");
  for (const RecordStatus status : {RecordStatus::kCreated, RecordStatus::kDeleting, RecordStatus::kFailed}) {
    EXPECT_THAT(FindingsOf({source, Block({.status = status}), mark}), ElementsAre(MarkFinding::kBlockThere)) << Name(status);
  }
  EXPECT_THAT(FindingsOf({source, Block({.status = RecordStatus::kDeleted}), mark}), ElementsAre(MarkFinding::kPaired));
  Record respected = Block({.status = RecordStatus::kDeleted});
  respected.hold = Hold::kRespectedDeletion;
  EXPECT_THAT(FindingsOf({source, respected, mark}), ElementsAre(MarkFinding::kBlockThere));
  Record planned = Block({.status = RecordStatus::kCreating});
  EXPECT_THAT(FindingsOf({source, planned, mark}), ElementsAre(MarkFinding::kPaired));
  planned.sent = true;
  EXPECT_THAT(FindingsOf({source, planned, mark}), ElementsAre(MarkFinding::kBlockThere));
}

TEST(PlanMigration, KeepsToThePolicy) {
  GroupConfig config = Hybrid();
  config.EditPolicyFor(KeyOf("work"), KeyOf("home")).mirrors = false;
  const LiveGroup group = ALiveGroup(std::move(config), {Source("k1", "work/e1", "Dentist"), Mark("home/b1", "Busy - Dentist")});
  const std::vector<MarkPlan> plans = PlanMigration(group);
  ASSERT_EQ(plans.size(), 1u);
  EXPECT_EQ(plans[0].finding, MarkFinding::kNotDue);
  EXPECT_EQ(plans[0].reason, DueReason::kNotMirrored);
  EXPECT_THAT(PlanMigration(group, KeyOf("team")), IsEmpty());
}

TEST(Compare, TellsWhatOneOfTheTwoAloneTakesForABlock) {
  const TextMark marked{.bits = kTitleMark}, plain;
  EXPECT_EQ(Compare(Verdict::kOwnBlock, marked), Disagreement::kNone);
  EXPECT_EQ(Compare(Verdict::kOwnBlock, plain), Disagreement::kIdsAlone);
  EXPECT_EQ(Compare(Verdict::kTrackedUserEvent, marked), Disagreement::kTextAlone);
  EXPECT_EQ(Compare(Verdict::kNewUserEvent, marked), Disagreement::kTextAlone);
  EXPECT_EQ(Compare(Verdict::kTextMarked, marked), Disagreement::kTextAlone);
  EXPECT_EQ(Compare(Verdict::kNewUserEvent, plain), Disagreement::kNone);
}

}  // namespace
}  // namespace calsync
