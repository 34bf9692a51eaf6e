#include "engine/decide/classify.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using Id = IdWitness;
using Rec = RecordWitness;
using Tag = TagWitness;
using Master = MasterWitness;

constexpr Id kAllIds[] = {Id::kNothing, Id::kHere, Id::kPartHere, Id::kElsewhere, Id::kShape};
constexpr Rec kAllRecords[] = {Rec::kNone,  Rec::kSlotSame, Rec::kSlotOlder,    Rec::kSlotNewer,     Rec::kUserEvent,
                               Rec::kBlock, Rec::kSeenCopy, Rec::kSeenExternal, Rec::kSeenUndecided, Rec::kSeenText};
constexpr Tag kAllTags[] = {Tag::kNone,        Tag::kOurBlock,       Tag::kForeignBlock, Tag::kKnownUser,
                            Tag::kUnknownUser, Tag::kUnreadableUser, Tag::kForeignUser};

constexpr Master kAllMasters[] = {Master::kWhole,    Master::kOwnBlock, Master::kUserEvent, Master::kCopy,
                                  Master::kExternal, Master::kNobody,   Master::kUnknown};

// Calls `see` with every combination of witnesses.
template <class F>
void ForTheFullProduct(F&& see) {
  for (const Id id : kAllIds) {
    for (const Rec record : kAllRecords) {
      for (const Tag tag : kAllTags) {
        for (const bool cancelled : {false, true}) {
          for (const Master master : kAllMasters) {
            for (const TextWitness text : {TextWitness::kNone, TextWitness::kMarked}) {
              see(Witnesses{id, record, tag, cancelled, master, text});
            }
          }
        }
      }
    }
  }
}

std::string Spell(const Witnesses& w) {
  return absl::StrCat("id ", static_cast<int>(w.id), ", record ", static_cast<int>(w.record), ", tag ", static_cast<int>(w.tag),
                      w.cancelled ? ", cancelled" : "", ", master ", static_cast<int>(w.master), ", text ",
                      static_cast<int>(w.text));
}

bool IsSource(Verdict verdict) {
  return verdict == Verdict::kNewUserEvent || verdict == Verdict::kCopiedUserEvent || verdict == Verdict::kReturningUserEvent ||
         verdict == Verdict::kTrackedUserEvent || verdict == Verdict::kOccurrence;
}
bool IsCertified(Id id) { return id == Id::kHere || id == Id::kPartHere || id == Id::kElsewhere; }

// ---- The table alone ----

TEST(ClassificationTable, GivesEveryCombinationAVerdict) {
  size_t combinations = 0;
  ForTheFullProduct([&](const Witnesses& w) {
    EXPECT_LT(static_cast<int>(VerdictOf(w)), kVerdicts) << Spell(w);
    ++combinations;
  });
  EXPECT_EQ(combinations, 5u * 10u * 7u * 2u * 7u * 2u);
}

TEST(ClassificationTable, NeverTakesWhatBearsOurIdForASource) {  // L1
  ForTheFullProduct([](const Witnesses& w) {
    if (IsCertified(w.id)) {
      EXPECT_FALSE(IsSource(VerdictOf(w))) << Spell(w);
    }
  });
}

TEST(ClassificationTable, TextsOnlyEverAddEventsThatAreSkipped) {
  ForTheFullProduct([](Witnesses w) {
    if (w.text == TextWitness::kNone) return;
    const Verdict marked = VerdictOf(w);
    w.text = TextWitness::kNone;
    const Verdict otherwise = VerdictOf(w);
    if (marked == otherwise) return;
    EXPECT_EQ(marked, Verdict::kTextMarked) << Spell(w);
    EXPECT_EQ(otherwise, Verdict::kNewUserEvent) << Spell(w);  // Nothing else knew it.
    EXPECT_TRUE(w.tag == Tag::kNone || w.tag == Tag::kForeignUser) << Spell(w);
    EXPECT_TRUE(w.record == Rec::kNone || w.record == Rec::kSeenUndecided) << Spell(w);
  });
}

TEST(ClassificationTable, NeverTakesWhatBearsOurBlockTagForANewSource) {  // L1
  ForTheFullProduct([](const Witnesses& w) {
    if (w.tag == Tag::kOurBlock && w.record != Rec::kUserEvent && w.master != Master::kUserEvent) {
      EXPECT_FALSE(IsSource(VerdictOf(w))) << Spell(w);
    }
  });
}

TEST(ClassificationTable, TheIdAndTheRecordSpeakBeforeTheTag) {
  ForTheFullProduct([](const Witnesses& w) {
    const bool of_a_series = w.master != Master::kWhole && w.master != Master::kNobody;
    const bool decided_before = IsCertified(w.id) || w.id == Id::kShape || w.cancelled || of_a_series ||
                                w.record == Rec::kUserEvent || w.record == Rec::kBlock || w.record == Rec::kSeenCopy ||
                                w.record == Rec::kSeenExternal;
    if (!decided_before) return;
    Witnesses untagged = w;
    untagged.tag = Tag::kNone;
    EXPECT_EQ(VerdictOf(w), VerdictOf(untagged)) << Spell(w);
  });
}

TEST(ClassificationTable, LeavesOtherInstancesAlone) {  // L10
  ForTheFullProduct([](const Witnesses& w) {
    if (w.cancelled || IsCertified(w.id)) return;
    if (w.id == Id::kShape && w.record != Rec::kBlock) {  // At a block's place lies what we planned, whatever its key.
      EXPECT_EQ(VerdictOf(w), Verdict::kExternalBlock) << Spell(w);
    }
  });
}

TEST(ClassificationTable, ACancelledEventIsNeverASource) {
  ForTheFullProduct([](const Witnesses& w) {
    if (w.cancelled && VerdictOf(w) != Verdict::kOccurrence) {  // Recorded as one that is not there.
      EXPECT_FALSE(IsSource(VerdictOf(w))) << Spell(w);
    }
  });
}

TEST(ClassificationTable, OnlyOurOwnIdOnItsOwnCalendarMakesAnOwnBlock) {  // L6: nothing else is ever ours to change.
  ForTheFullProduct([](const Witnesses& w) {
    if (VerdictOf(w) == Verdict::kOwnBlock) {
      EXPECT_TRUE(w.id == Id::kHere || w.record == Rec::kBlock) << Spell(w);
    }
  });
}

// The design's table, row by row and in its order: each row is met by what all rows before it let through.
TEST(ClassificationTable, HasTheDesignsRowsInItsOrder) {
  const struct {
    const char* situation;
    Witnesses witnesses;
    Verdict want;
  } kRows[] = {
      {"certified, record known", {Id::kHere, Rec::kSlotSame}, Verdict::kOwnBlock},
      {"… its tag says otherwise", {Id::kHere, Rec::kSlotSame, Tag::kKnownUser}, Verdict::kOwnBlock},
      {"… cancelled", {Id::kHere, Rec::kSlotSame, Tag::kNone, true}, Verdict::kDeletion},
      {"… a later generation is recorded", {Id::kHere, Rec::kSlotNewer}, Verdict::kSupersededBlock},
      {"… cancelled: never a person's deletion", {Id::kHere, Rec::kSlotNewer, Tag::kNone, true}, Verdict::kIgnored},
      {"… an earlier generation is recorded", {Id::kHere, Rec::kSlotOlder}, Verdict::kNewerGeneration},
      {"… cancelled: lifts the generation", {Id::kHere, Rec::kSlotOlder, Tag::kNone, true}, Verdict::kOwnTombstone},
      {"certified, no record", {Id::kHere, Rec::kNone}, Verdict::kForgottenBlock},
      {"… seen before", {Id::kHere, Rec::kSeenCopy}, Verdict::kForgottenBlock},
      {"… cancelled", {Id::kHere, Rec::kNone, Tag::kNone, true}, Verdict::kOwnTombstone},
      {"an occurrence of our block",
       {Id::kPartHere, Rec::kNone, Tag::kNone, false, Master::kOwnBlock},
       Verdict::kOccurrenceOfBlock},
      {"… cancelled", {Id::kPartHere, Rec::kNone, Tag::kNone, true, Master::kOwnBlock}, Verdict::kOccurrenceOfBlock},
      {"a fragment of our own series", {Id::kPartHere, Rec::kNone}, Verdict::kFragment},
      {"… an occurrence of it", {Id::kPartHere, Rec::kNone, Tag::kNone, false, Master::kCopy}, Verdict::kCopyOfBlock},
      {"certified for another calendar", {Id::kElsewhere, Rec::kNone}, Verdict::kCopyOfBlock},
      {"… although recorded as a user event", {Id::kElsewhere, Rec::kUserEvent}, Verdict::kCopyOfBlock},
      {"… an occurrence of it", {Id::kElsewhere, Rec::kNone, Tag::kNone, false, Master::kUnknown}, Verdict::kCopyOfBlock},
      {"cancelled, known", {Id::kNothing, Rec::kUserEvent, Tag::kNone, true}, Verdict::kDeletion},
      {"cancelled, unknown", {Id::kNothing, Rec::kNone, Tag::kNone, true}, Verdict::kIgnored},
      {"cancelled, of another instance", {Id::kShape, Rec::kNone, Tag::kNone, true}, Verdict::kIgnored},
      {"the shape of our ids, no MAC of ours", {Id::kShape, Rec::kNone}, Verdict::kExternalBlock},
      {"… with our block tag", {Id::kShape, Rec::kNone, Tag::kOurBlock}, Verdict::kExternalBlock},
      {"… and we hold it as a block: of a dropped key", {Id::kShape, Rec::kBlock}, Verdict::kOwnBlock},
      {"an occurrence, its inherited tag is ignored",
       {Id::kNothing, Rec::kNone, Tag::kKnownUser, false, Master::kUnknown},
       Verdict::kHeld},
      {"… cancelled", {Id::kNothing, Rec::kNone, Tag::kNone, true, Master::kUnknown}, Verdict::kHeld},
      {"… of a user event", {Id::kNothing, Rec::kNone, Tag::kKnownUser, false, Master::kUserEvent}, Verdict::kOccurrence},
      {"… cancelled, of a user event", {Id::kNothing, Rec::kNone, Tag::kNone, true, Master::kUserEvent}, Verdict::kOccurrence},
      {"… of another instance's block",
       {Id::kNothing, Rec::kNone, Tag::kNone, false, Master::kExternal},
       Verdict::kExternalBlock},
      {"… of a copy of a block", {Id::kNothing, Rec::kNone, Tag::kKnownUser, false, Master::kCopy}, Verdict::kCopyOfBlock},
      {"… of nobody", {Id::kNothing, Rec::kNone, Tag::kKnownUser, false, Master::kNobody}, Verdict::kNewUserEvent},
      {"… of nobody, cancelled", {Id::kNothing, Rec::kNone, Tag::kNone, true, Master::kNobody}, Verdict::kHeld},
      {"… of nobody, known", {Id::kNothing, Rec::kUserEvent, Tag::kNone, false, Master::kNobody}, Verdict::kTrackedUserEvent},
      {"record: user event", {Id::kNothing, Rec::kUserEvent}, Verdict::kTrackedUserEvent},
      {"… with the tag of a block", {Id::kNothing, Rec::kUserEvent, Tag::kOurBlock}, Verdict::kTrackedUserEvent},
      {"record: block of the old system", {Id::kNothing, Rec::kBlock}, Verdict::kOwnBlock},
      {"a known copy, its tag stripped", {Id::kNothing, Rec::kSeenCopy}, Verdict::kCopyOfBlock},
      {"known as external, its tag stripped", {Id::kNothing, Rec::kSeenExternal}, Verdict::kExternalBlock},
      {"our block tag alone", {Id::kNothing, Rec::kNone, Tag::kOurBlock}, Verdict::kCopyOfBlock},
      {"another instance's block tag", {Id::kNothing, Rec::kNone, Tag::kForeignBlock}, Verdict::kExternalBlock},
      {"our user tag, known at another event", {Id::kNothing, Rec::kNone, Tag::kKnownUser}, Verdict::kCopiedUserEvent},
      {"our user tag, unknown", {Id::kNothing, Rec::kNone, Tag::kUnknownUser}, Verdict::kReturningUserEvent},
      {"an unreadable user key", {Id::kNothing, Rec::kNone, Tag::kUnreadableUser}, Verdict::kNewUserEvent},
      {"only other instances' user tags", {Id::kNothing, Rec::kNone, Tag::kForeignUser}, Verdict::kNewUserEvent},
      {"an occurrence that is one no more", {Id::kNothing, Rec::kSeenUndecided}, Verdict::kNewUserEvent},
      {"nothing of ours", {Id::kNothing, Rec::kNone}, Verdict::kNewUserEvent},
  };
  for (const auto& row : kRows) EXPECT_EQ(VerdictOf(row.witnesses), row.want) << row.situation;
}

// ---- Events as Google shows them ----

// A group with one user event, work/e1, whose block on home is there.
class ClassifyEvents : public ::testing::Test {
 protected:
  Verdict VerdictFor(const EventSpec& spec) const { return ClassifiedAs(spec).verdict; }
  Classified ClassifiedAs(const EventSpec& spec) const {
    const Shown shown = AnEvent(spec);
    return Classify(group_.With(records_), shown.calendar, shown.event);
  }
  std::string Id(const char* source, const char* target, uint32_t generation = 1) const {
    return group_.BlockId(source, target, generation).str();
  }

  const TestGroup group_;
  const std::string block_ = group_.BlockId("work/e1", "home").str();
  const Records records_ = RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1"})});
};

TEST_F(ClassifyEvents, FollowsTheTable) {
  const struct {
    const char* name;
    EventSpec event;
    Verdict want;
  } kRows[] = {
      // Nobody's.
      {"unknown, no tag", {.at = "work/e9"}, Verdict::kNewUserEvent},
      {"a title that looks like ours", {.at = "work/e9", .title = "Busy - Dentist"}, Verdict::kNewUserEvent},
      {"the same id on another calendar (S-15)", {.at = "team/e1"}, Verdict::kNewUserEvent},
      {"properties of other programs", {.at = "work/e9", .tag = {{"zoom", "1"}}}, Verdict::kNewUserEvent},
      {"only another instance's user tag", {.at = "work/e9", .tag = ForeignUserTag()}, Verdict::kNewUserEvent},
      {"an unreadable user key", {.at = "work/e9", .tag = {{group_.tags.user_key(), "1:user_ev"}}}, Verdict::kNewUserEvent},
      // Tracked.
      {"tracked", {.at = "work/e1", .tag = UserTag("k1")}, Verdict::kTrackedUserEvent},
      {"tracked, its tag stripped (S-2)", {.at = "work/e1"}, Verdict::kTrackedUserEvent},
      {"tracked, bears a block tag (S-1)", {.at = "work/e1", .tag = BlockTag("b1")}, Verdict::kTrackedUserEvent},
      {"tracked, bears another's tag", {.at = "work/e1", .tag = UserTag("k9")}, Verdict::kTrackedUserEvent},
      {"copied by a person, tag and all", {.at = "work/e9", .tag = UserTag("k1")}, Verdict::kCopiedUserEvent},
      {"moved to another calendar", {.at = "home/e1", .tag = UserTag("k1")}, Verdict::kCopiedUserEvent},
      {"tagged by a database that was lost", {.at = "work/e9", .tag = UserTag("k9")}, Verdict::kReturningUserEvent},
      // Ours.
      {"our block", {.at = "home/" + block_, .tag = BlockTag("b1")}, Verdict::kOwnBlock},
      {"our block, tag stripped", {.at = "home/" + block_}, Verdict::kOwnBlock},
      {"our block, tagged as a user event", {.at = "home/" + block_, .tag = UserTag("k9")}, Verdict::kOwnBlock},
      {"our block, made an occurrence", {.at = "home/" + block_, .master = "m"}, Verdict::kOwnBlock},
      {"our block, deleted", {.at = "home/" + block_, .cancelled = true}, Verdict::kDeletion},
      {"its next generation", {.at = "home/" + Id("work/e1", "home", 2)}, Verdict::kNewerGeneration},
      {"… deleted", {.at = "home/" + Id("work/e1", "home", 2), .cancelled = true}, Verdict::kOwnTombstone},
      {"a block that the database forgot", {.at = "home/" + Id("team/e7", "home")}, Verdict::kForgottenBlock},
      {"… deleted", {.at = "home/" + Id("team/e7", "home"), .cancelled = true}, Verdict::kOwnTombstone},
      // Copies of ours: never a source (L1), never ours to delete (L6).
      {"duplicated, tag and all", {.at = "home/e3", .tag = BlockTag("b1")}, Verdict::kCopyOfBlock},
      {"duplicated from a lost database", {.at = "home/e3", .tag = BlockTag("b9")}, Verdict::kCopyOfBlock},
      {"an unreadable block tag", {.at = "home/e3", .tag = {{"calsync_id", "?"}}}, Verdict::kCopyOfBlock},
      {"moved to another calendar (S-29)", {.at = "team/" + block_}, Verdict::kCopyOfBlock},
      {"moved onto its source's calendar", {.at = "work/" + block_, .tag = BlockTag("b1")}, Verdict::kCopyOfBlock},
      {"imported: only its iCalUID", {.at = "team/e5", .ical_uid = block_ + "@google.com"}, Verdict::kCopyOfBlock},
      {"imported onto its own calendar", {.at = "home/e5", .ical_uid = block_ + "@google.com"}, Verdict::kCopyOfBlock},
      {"an iCalUID without host", {.at = "team/e5", .ical_uid = block_}, Verdict::kCopyOfBlock},
      {"an occurrence of a repeated block",
       {.at = "home/" + block_ + "_20260511T100000Z", .master = block_},
       Verdict::kOccurrenceOfBlock},
      {"a fragment of a split block (S-19)", {.at = "home/" + block_ + "_R20260511T100000"}, Verdict::kFragment},
      {"… on another calendar", {.at = "team/" + block_ + "_R20260511T100000"}, Verdict::kCopyOfBlock},
      // Others'.
      {"another instance's block (L10)", {.at = "home/e4", .tag = ForeignBlockTag()}, Verdict::kExternalBlock},
      {"the shape of an id, no MAC of ours", {.at = "home/cs" + std::string(45, '0')}, Verdict::kExternalBlock},
      {"… with our tag", {.at = "home/cs" + std::string(45, '0'), .tag = BlockTag("b1")}, Verdict::kExternalBlock},
      {"… an invitation of it",
       {.at = "home/e4", .ical_uid = "cs" + std::string(45, '0') + "@google.com"},
       Verdict::kExternalBlock},
      // Cancelled, occurrences.
      {"the user event, deleted (S-3)", {.at = "work/e1", .cancelled = true}, Verdict::kDeletion},
      {"never known, deleted", {.at = "work/e9", .cancelled = true}, Verdict::kIgnored},
      {"an occurrence of a series (S-18)",
       {.at = "work/m_20260504T100000Z", .tag = UserTag("k1"), .master = "m"},
       Verdict::kHeld},
  };
  for (const auto& row : kRows) EXPECT_EQ(VerdictFor(row.event), row.want) << row.name;
}

TEST_F(ClassifyEvents, WhatWasSeenAsACopyStaysOneWithoutItsTag) {
  const Records records =
      RecordsOf({Seen({.at = "home/x1", .as = SeenAs::kCopyOfBlock}), Seen({.at = "home/x2", .as = SeenAs::kExternalBlock}),
                 Seen({.at = "home/x3", .as = SeenAs::kUndecided})});
  const auto verdict = [&](const char* at) {
    const Shown shown = AnEvent({.at = at});
    return Classify(group_.With(records), shown.calendar, shown.event).verdict;
  };
  EXPECT_EQ(verdict("home/x1"), Verdict::kCopyOfBlock);
  EXPECT_EQ(verdict("home/x2"), Verdict::kExternalBlock);
  EXPECT_EQ(verdict("home/x3"), Verdict::kNewUserEvent);
}

TEST_F(ClassifyEvents, AnEarlierGenerationOfABlockIsSuperseded) {
  const Records records = RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1", .generation = 3})});
  const auto verdict = [&](const EventSpec& spec) {
    const Shown shown = AnEvent(spec);
    return Classify(group_.With(records), shown.calendar, shown.event).verdict;
  };
  EXPECT_EQ(verdict({.at = "home/" + Id("work/e1", "home", 2)}), Verdict::kSupersededBlock);
  EXPECT_EQ(verdict({.at = "home/" + Id("work/e1", "home", 2), .cancelled = true}), Verdict::kIgnored);
  EXPECT_EQ(verdict({.at = "home/" + Id("work/e1", "home", 3)}), Verdict::kOwnBlock);
}

TEST_F(ClassifyEvents, SaysWhichRowItMeansAndWhatItRead) {
  const Classified block = ClassifiedAs({.at = "home/" + block_, .tag = BlockTag("b1")});
  EXPECT_EQ(block.row, 1u);
  ASSERT_TRUE(block.certified.has_value());
  EXPECT_EQ(block.certified->generation, 1u);
  EXPECT_EQ(block.correlation_id, IdNamed("b1"));
  // Of the slot, also when the event lies at another id.
  EXPECT_EQ(ClassifiedAs({.at = "home/" + Id("work/e1", "home", 2)}).row, 1u);
  EXPECT_EQ(ClassifiedAs({.at = "work/e1"}).row, 0u);
  EXPECT_EQ(ClassifiedAs({.at = "work/e9"}).row, std::nullopt);
}

TEST_F(ClassifyEvents, AMarkCountsOnlyWhereThePolicyHeedsItAndNothingElseSpeaks) {
  const EventSpec marked{.at = "home/e9", .title = "Busy - Dentist"};
  EXPECT_EQ(VerdictFor(marked), Verdict::kNewUserEvent);
  for (const Detection detection : {Detection::kHybrid, Detection::kText}) {
    GroupConfig config = group_.config;
    config.policy.detection = detection;
    const TestGroup group(std::move(config));
    const auto verdict = [&](const EventSpec& spec) {
      const Shown shown = AnEvent(spec);
      return Classify(group.With(records_), shown.calendar, shown.event).verdict;
    };
    EXPECT_EQ(verdict(marked), Verdict::kTextMarked);
    EXPECT_EQ(verdict({.at = "home/e9", .title = "Lunch", .description = "Busy block for event from work"}),
              Verdict::kTextMarked);
    EXPECT_EQ(verdict({.at = "home/e9", .title = "Busy"}), Verdict::kNewUserEvent);
    EXPECT_EQ(verdict({.at = "work/e1", .title = "Busy - Dentist"}), Verdict::kTrackedUserEvent);  // A record decides …
    EXPECT_EQ(verdict({.at = "home/e9", .title = "Busy - Dentist", .tag = UserTag("k9")}),
              Verdict::kReturningUserEvent);                                                      // … a tag …
    EXPECT_EQ(verdict({.at = "home/" + block_, .title = "Busy - Dentist"}), Verdict::kOwnBlock);  // … and an id.
  }
}

TEST_F(ClassifyEvents, WhatWasSeenAsMarkedStaysSoInEveryModeUntilItIsSettled) {
  const Records records = RecordsOf({Seen({.at = "home/x1", .as = SeenAs::kTextMarked})});
  const auto verdict = [&](const EventSpec& spec) {
    const Shown shown = AnEvent(spec);
    return Classify(group_.With(records), shown.calendar, shown.event).verdict;
  };
  EXPECT_EQ(verdict({.at = "home/x1", .title = "Retitled"}), Verdict::kTextMarked);
  EXPECT_EQ(verdict({.at = "home/x1", .cancelled = true}), Verdict::kDeletion);
  EXPECT_EQ(verdict({.at = "home/x1", .tag = ForeignBlockTag()}), Verdict::kExternalBlock);
  EXPECT_EQ(verdict({.at = "home/x1_20260504T100000Z", .master = "x1"}), Verdict::kHeld);
}

TEST_F(ClassifyEvents, AnOccurrenceOfAMarkedSeriesThatIsGoneIsAnEventByItself) {
  Record gone = Seen({.at = "home/x1", .as = SeenAs::kTextMarked});
  gone.cancelled = true;
  const Shown shown = AnEvent({.at = "home/x1_20260504T100000Z", .master = "x1"});
  EXPECT_EQ(Classify(group_.With(RecordsOf({gone})), shown.calendar, shown.event).verdict, Verdict::kNewUserEvent);
}

TEST_F(ClassifyEvents, ATagCertifiesTheVeryEventThatWasAdopted) {  // Also with no record: design, "Ids that certify themselves".
  const SlotHash slot = group_.ids.SlotOf(KeyOf("work"), "e1", KeyOf("home"));
  PropertyMap tag = BlockTag("b7");
  tag[Tags::kAdoptionKey] = group_.ids.AdoptionOf(slot, KeyOf("home"), "old1");
  const auto verdict = [&](const Records& records, const EventSpec& spec) {
    const Shown shown = AnEvent(spec);
    return Classify(group_.With(records), shown.calendar, shown.event).verdict;
  };
  const Records none = RecordsOf({UserEvent("k1", "work/e1")});
  EXPECT_EQ(verdict(none, {.at = "home/old1", .tag = tag}), Verdict::kForgottenBlock);
  EXPECT_EQ(verdict(none, {.at = "home/old1", .tag = tag, .cancelled = true}), Verdict::kIgnored);  // A stub has no tag.
  EXPECT_EQ(verdict(none, {.at = "home/copy", .tag = tag}), Verdict::kCopyOfBlock);                 // A person duplicated it.
  EXPECT_EQ(verdict(none, {.at = "team/old1", .tag = tag}), Verdict::kCopyOfBlock);                 // A person moved it.
  Record adopted = Block({.id = "b7"});
  adopted.event = SharedText("old1");
  adopted.generation = 0;
  const Records known = RecordsOf({UserEvent("k1", "work/e1"), adopted});
  EXPECT_EQ(verdict(known, {.at = "home/old1", .tag = tag}), Verdict::kOwnBlock);
  EXPECT_EQ(verdict(known, {.at = "home/old1"}), Verdict::kOwnBlock);     // Its record alone.
  EXPECT_EQ(verdict(known, {.at = "team/old1"}), Verdict::kCopyOfBlock);  // Moved, and its tag was lost on the way.
  EXPECT_EQ(verdict(known, {.at = "home/" + Id("work/e1", "home", 1)}), Verdict::kSupersededBlock);  // Of a life before.
  EXPECT_EQ(verdict(known, {.at = "home/" + Id("work/e1", "home", 2)}), Verdict::kNewerGeneration);
  const Records ours = RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1"})});
  EXPECT_EQ(verdict(ours, {.at = "home/old1", .tag = tag}), Verdict::kSupersededBlock);  // It gives way to every other.
}

TEST_F(ClassifyEvents, AnotherGroupsBlocksAreExternal) {  // L10
  GroupConfig other = AConfig({"work", "home"});
  other.id = GroupId("bob");
  const TestGroup bob(other);
  EXPECT_EQ(VerdictFor({.at = "home/" + bob.BlockId("work/e1", "home").str(), .tag = BlockTag("b1")}), Verdict::kExternalBlock);
}

TEST_F(ClassifyEvents, ABlockPlannedBeforeAKeyRotationIsOurs) {
  GroupConfig rotated = group_.config;
  rotated.keys.insert(rotated.keys.begin(), SipKey{5, 6});
  const TestGroup after(rotated);
  const Shown shown = AnEvent({.at = "home/" + block_});
  EXPECT_EQ(Classify(after.With(records_), shown.calendar, shown.event).verdict, Verdict::kOwnBlock);
}

TEST_F(ClassifyEvents, OfTwoBlocksOfOneGenerationUnderTwoKeysTheRecordedOneIsTheSlots) {  // L2: the other is surplus.
  GroupConfig rotated = group_.config, later = group_.config;
  rotated.keys.insert(rotated.keys.begin(), SipKey{5, 6});
  later.keys = {SipKey{5, 6}};
  const SlotHash slot = group_.ids.SlotOf(KeyOf("work"), "e1", KeyOf("home"));
  const std::string second = TestGroup(later).ids.Plan(slot, 1, KeyOf("home")).str();
  const TestGroup after(rotated);
  for (const bool cancelled : {false, true}) {
    const Shown shown = AnEvent({.at = "home/" + second, .cancelled = cancelled});
    EXPECT_EQ(Classify(after.With(records_), shown.calendar, shown.event).verdict,
              cancelled ? Verdict::kIgnored : Verdict::kSupersededBlock);
  }
}

}  // namespace
}  // namespace calsync
