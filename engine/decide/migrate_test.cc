#include "engine/decide/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/decide/legacy.h"
#include "engine/state/tag.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

GroupConfig With(Detection detection, const std::vector<std::string>& calendars = {"work", "home"}) {
  GroupConfig config = AConfig(calendars);
  config.policy.detection = detection;
  return config;
}

EventSpec OldBlock(const std::string& at = "home/old1") {
  return {.at = at, .title = "Busy - Dentist", .description = "Busy block for event from work"};
}

// Work has "Dentist", home has the block of the other system for it, and both were seen.
ScriptedHost SeenBoth() {
  ScriptedHost host(With(Detection::kHybrid));
  host.Put({.at = "work/e1"});
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  return host;
}

SettleLegacy Settled(SettleLegacy::As as, const std::string& event = "old1") {
  return {.calendar = KeyOf("home"), .event = EventId(event), .as = as};
}

TEST(Hybrid, AMarkedEventBlocksNothingAndNoSecondBlockIsPutBesideIt) {  // L1 L2
  ScriptedHost host = SeenBoth();
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_EQ(host.Audited(AuditKind::kTextMarkSeen), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Hybrid, WhatNoMarkHoldsIsMade) {
  ScriptedHost host(With(Detection::kHybrid));
  host.Put({.at = "work/e1", .title = "Choir"});
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  EXPECT_THAT(host.Live("home"), SizeIs(2));
}

TEST(Hybrid, ASlotIsHeldOnlyAsLongAsTheMarkIsThere) {  // L3
  ScriptedHost host = SeenBoth();
  host.Cancel("home", "old1");
  host.Advance(absl::Minutes(6));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_TRUE(host.Has("home", host.IdOfBlock("work/e1", "home")));
}

TEST(Hybrid, AMarkThatAFullWalkMissesIsOneUntilAReadSaysThatItIsGone) {  // S-8
  ScriptedHost host = SeenBoth();
  host.ClearLog();
  host.Give(OperatorCommand(WalkAgain{}));
  while (std::get<ListEvents>(*host.waiting().front().request).calendar != GoogleIdOf("home")) host.AnswerNext();
  EventsPage missing;
  missing.next_sync_token = host.engine().calendar(KeyOf("home"))->sync_token;
  host.Script<ListEvents>(std::move(missing));
  host.AnswerAll();
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(1));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  EXPECT_EQ(host.engine().migration().unsettled.at(0).finding, MarkFinding::kPaired);
  host.Advance(absl::Minutes(30));
  host.Purge("home", "old1");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(host.engine().migration().unsettled, IsEmpty());
  EXPECT_TRUE(host.Has("home", host.IdOfBlock("work/e1", "home")));
}

TEST(Hybrid, AnOccurrenceWaitsWithAMarkedSeriesOnlyAsLongAsThatIsThere) {  // L3
  ScriptedHost host(With(Detection::kHybrid));
  host.Put(OldBlock());
  host.Put({.at = "home/old1_20260504T100000Z", .title = "Lunch", .master = "old1"});
  host.Start();
  host.Settle();
  ASSERT_THAT(host.Live("work"), IsEmpty());
  host.Cancel("home", "old1");
  host.Advance(absl::Minutes(12));
  EXPECT_THAT(host.Live("work"), SizeIs(1));
}

TEST(Uuid, TextsAreNotLookedAt) {
  ScriptedHost host(With(Detection::kUuid));
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(1));  // As an event of a person: hybrid is there for this.
}

TEST(Migration, AdoptsAPairByOnePatch) {
  ScriptedHost host = SeenBoth();
  host.ClearLog();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(1));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  const Event& block = host.Get("home", "old1");
  EXPECT_EQ(block.summary, "Busy");  // As the policy says from now on.
  EXPECT_EQ(block.private_properties.count(Tags::kAdoptionKey), 1u);
  EXPECT_EQ(host.BlockOf("work/e1", "home").event.view(), "old1");
  EXPECT_EQ(host.engine().Unsettled(), "");
  host.ClearLog();
  host.Give(OperatorCommand(AdoptLegacy{}));  // Again: nothing.
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), IsEmpty());
}

TEST(Migration, IsOnRecordBeforeAnythingIsSent) {  // L7
  ScriptedHost host = SeenBoth();
  const Effects effects = host.Give(OperatorCommand(AdoptLegacy{}));
  ASSERT_GE(effects.size(), 2u);
  const auto* commit = std::get_if<Commit>(&effects[0]);
  ASSERT_NE(commit, nullptr);
  bool recorded = false;
  for (const Record& record : commit->records) recorded = recorded || record.IsAdopted();
  EXPECT_TRUE(recorded);
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {  // The process ends before, or after, the patch arrives.
    ScriptedHost again = SeenBoth();
    again.Give(OperatorCommand(AdoptLegacy{}));
    again.Crash(carried);
    again.Start();
    again.Settle();
    EXPECT_EQ(again.BlockOf("work/e1", "home").event.view(), "old1");
    EXPECT_EQ(again.Get("home", "old1").private_properties.count(Tags::kAdoptionKey), 1u);
    EXPECT_THAT(again.Live("home"), SizeIs(1));
  }
}

TEST(Migration, AnAdoptedBlockFollowsItsEventAndGoesWithIt) {  // L3 L5
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  host.Put({.at = "work/e1", .start = At("2026-05-04T15:00:00Z")});
  host.Advance(absl::Minutes(6));
  EXPECT_EQ(host.Get("home", "old1").start.instant, At("2026-05-04T15:00:00Z"));
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(6));
  EXPECT_THAT(host.Live("home"), IsEmpty());
  host.Put({.at = "work/e1", .start = At("2026-05-04T16:00:00Z")});  // Undeleted: a block of our own making.
  host.Advance(absl::Minutes(6));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_NE(host.IdOfBlock("work/e1", "home"), "old1");
}

TEST(Migration, WhatIsLeftOfAnAdoptedBlockIsNeverTakenForAnEvent) {  // L1: in every mode, tag or no tag.
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(6));
  host.Put({.at = "work/e1", .start = At("2026-05-04T16:00:00Z")});
  host.Advance(absl::Minutes(6));
  host.Put(OldBlock());  // A person brings it back, and its tag is lost.
  host.Give(OperatorCommand(Reconfigure{With(Detection::kUuid)}));
  host.Advance(absl::Minutes(6));
  EXPECT_THAT(host.Live("work"), SizeIs(1));
}

// Puts the adopted block of home where a person moved it, team, with its tag or without it.
void MoveOldBlockToTeam(ScriptedHost& host, bool with_tag) {
  const Event moved = host.Get("home", "old1");
  host.Cancel("home", "old1");
  host.Put({.at = "team/old1"});
  host.Edit("team", "old1", [&](Event& event) {
    event = moved;
    event.organizer = {"team@example.com", true};
    if (!with_tag) event.private_properties.clear();
  });
  host.Advance(absl::Minutes(6));
}

TEST(Migration, AnAdoptedBlockThatIsMovedGoesOnlyIfItsTagSaysThatItIsOurs) {  // L6 (legacy seed 4342)
  for (const bool with_tag : {true, false}) {
    ScriptedHost host(With(Detection::kHybrid, {"work", "home", "team"}));
    host.Put({.at = "work/e1"});
    host.Put(OldBlock());
    host.Start();
    host.Settle();
    host.Give(OperatorCommand(AdoptLegacy{}));
    host.Settle();
    MoveOldBlockToTeam(host, with_tag);
    EXPECT_EQ(host.Get("team", "old1").IsCancelled(), with_tag);
    EXPECT_EQ(host.Audited(AuditKind::kMovedBlockRemoved), with_tag ? 1u : 0u);
    EXPECT_THAT(host.Live("work"), SizeIs(1));  // Never a source.
  }
}

TEST(Migration, ALostDatabaseFindsAdoptedBlocksByTheirTags) {  // L1 L2 L5: also where only ids decide.
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  for (const Detection detection : {Detection::kUuid, Detection::kHybrid}) {
    ScriptedHost fresh(With(detection), {}, 99);
    fresh.Put({.at = "work/e1", .tag = host.Get("work", "e1").private_properties});
    EventSpec block = OldBlock();
    block.title = "Busy";
    block.description = "";
    block.tag = host.Get("home", "old1").private_properties;
    fresh.Put(block);
    fresh.Start();
    fresh.Settle();
    EXPECT_EQ(fresh.BlockOf("work/e1", "home").event.view(), "old1") << Name(detection);
    EXPECT_THAT(fresh.Live("home"), SizeIs(1)) << Name(detection);
    EXPECT_THAT(fresh.Live("work"), SizeIs(1)) << Name(detection);
    EXPECT_EQ(fresh.engine().Verify(), "");
  }
}

TEST(Migration, AMarkedOccurrenceIsListedByItselfOnceItsMarkedSeriesIsGone) {  // L12: seed 8167452 of --legacy
  ScriptedHost host(With(Detection::kHybrid));
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  host.Cancel("home", "old1");
  host.Put({.at = "home/old1_20260504T100000Z", .title = "Busy - Lunch", .master = "old1"});
  host.Advance(absl::Minutes(12));
  ASSERT_THAT(host.engine().migration().unsettled, SizeIs(1));
  EXPECT_EQ(host.engine().migration().unsettled[0].finding, MarkFinding::kRecurs);
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kPersons, "old1_20260504T100000Z")));
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.engine().migration().unsettled, IsEmpty());
}

TEST(Migration, AnAdoptedBlockGivesWayWhenItsEventBecomesASeries) {
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  host.Advance(absl::Minutes(6));
  ASSERT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_NE(host.Live("home")[0].id.text(), "old1");
  EXPECT_THAT(host.Live("home")[0].recurrence, SizeIs(1));
}

TEST(Migration, AStrippedTagIsWrittenAnewButNotForEver) {  // S-2
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  host.ClearLog();
  for (int round = 0; round < 6; ++round) {
    host.Edit("home", "old1", [](Event& event) { event.private_properties.clear(); });
    host.Advance(absl::Minutes(6));
  }
  EXPECT_LE(RequestsOf<PatchEvent>(host.calls()).size(), 3u);
  EXPECT_GE(RequestsOf<PatchEvent>(host.calls()).size(), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Migration, AStrippedTagExplainsThatItIsWrittenAnew) {  // L8
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  host.Give(OperatorCommand(ResumeWrites{}));  // Nothing is explained any more.
  host.Edit("home", "old1", [](Event& event) { event.private_properties.clear(); });
  host.Advance(absl::Minutes(7));
  ASSERT_EQ(host.engine().group_row().window_writes, 1);
  EXPECT_GE(host.engine().group_row().window_explained, 1);
}

TEST(Settle, APersonsEventBlocksFromThenOn) {
  ScriptedHost host = SeenBoth();
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kPersons)));
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(2));  // Its block.
  EXPECT_THAT(host.Live("home"), SizeIs(2));  // The other event's.
  EXPECT_EQ(host.Get("home", "old1").summary, "Busy - Dentist");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(2));
  EXPECT_THAT(host.engine().migration().unsettled, IsEmpty());
}

TEST(Settle, OneWithoutATimeThatIsGoneIsNobodysAnyMore) {  // L12: seed 8062362 with --legacy; S-8: no tombstone is left.
  ScriptedHost host = SeenBoth();
  host.Put(OldBlock("home/old2"));
  host.Edit("home", "old2", [](Event& event) { event.end = event.start; });
  host.Advance(absl::Minutes(30));
  ASSERT_THAT(host.engine().migration().unsettled, SizeIs(2));
  host.Purge("home", "old2");
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(host.engine().migration().unsettled, SizeIs(1));
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kPersons, "old2")));
  EXPECT_EQ(host.records()[*host.records().FindAt(KeyOf("home"), "old2")].kind, RecordKind::kSeen);
}

TEST(Settle, WhatWasCancelledBeforeItsSeriesChangedIsRead) {  // L3: seed 8206177 with --legacy.
  ScriptedHost host(With(Detection::kHybrid));
  host.Put(OldBlock());
  host.Edit("home", "old1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  host.Start();
  host.Settle();
  const std::string second = "old1_20260511T100000Z";
  host.Put({.at = "home/" + second, .title = "Lunch", .start = At("2026-05-11T10:00:00Z"), .master = "old1"});
  host.Advance(absl::Minutes(12));
  host.Cancel("home", second);
  host.Advance(absl::Minutes(12));
  // One rule does not give it, and the next one does again.
  host.Purge("home", second);
  for (const char* rule : {"RRULE:FREQ=MONTHLY", "RRULE:FREQ=WEEKLY"}) {
    host.Edit("home", "old1", [&](Event& event) { event.recurrence = {rule}; });
    host.Advance(absl::Minutes(12));
  }
  host.ClearLog();
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kPersons)));
  host.Settle();
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(1));
  ASSERT_TRUE(host.records().FindAt(KeyOf("home"), second).has_value());
  EXPECT_TRUE(host.records()[*host.records().FindAt(KeyOf("home"), second)].plain);
}

TEST(Settle, ABlockWithoutAnEventGoes) {  // L5
  ScriptedHost host(With(Detection::kHybrid));
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  ASSERT_THAT(host.Live("home"), SizeIs(1));
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kBlock)));
  host.Settle();
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Settle, ABlockIsAdoptedForTheEventThatTheOperatorNames) {
  ScriptedHost host(With(Detection::kHybrid));
  host.Put({.at = "work/e1", .title = "Renamed since"});
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  ASSERT_EQ(host.engine().migration().unsettled.at(0).finding, MarkFinding::kOtherTitle);
  ASSERT_THAT(host.Live("home"), SizeIs(2)) << "with another title it holds nothing";
  // Its slot is filled by now: what the operator calls a block goes.
  SettleLegacy word = Settled(SettleLegacy::As::kBlock);
  word.source_calendar = KeyOf("work");
  word.source_event = EventId("e1");
  host.Give(OperatorCommand(word));
  host.Settle();
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Settle, OneOfSeveralEqualsIsAdoptedAsTheOperatorSays) {
  ScriptedHost host(With(Detection::kHybrid));
  host.Put({.at = "work/e1"});
  host.Put({.at = "work/e2"});
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  ASSERT_THAT(host.Live("home"), SizeIs(1));  // Both slots are held.
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  ASSERT_EQ(host.engine().migration().unsettled.at(0).finding, MarkFinding::kSeveralEvents);
  SettleLegacy word = Settled(SettleLegacy::As::kBlock);
  word.source_calendar = KeyOf("work");
  word.source_event = EventId("e2");
  host.Give(OperatorCommand(word));
  host.Settle();
  EXPECT_EQ(host.BlockOf("work/e2", "home").event.view(), "old1");
  EXPECT_THAT(host.Live("home"), SizeIs(2));  // And the other has its own.
}

TEST(Settle, ABlockStaysWhileTheEventThatTheOperatorNamesIsOutOfReach) {
  ScriptedHost host(With(Detection::kHybrid));
  host.Put({.at = "work/e1"});
  host.Put({.at = "work/e2"});
  host.Put(OldBlock());
  host.Start();
  host.Settle();
  SettleLegacy word = Settled(SettleLegacy::As::kBlock);
  word.source_calendar = KeyOf("work");
  word.source_event = EventId("e2");
  host.FailListings("work", ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(12));
  host.Give(OperatorCommand(word));
  host.Settle();
  EXPECT_FALSE(host.Get("home", "old1").IsCancelled());
  EXPECT_THAT(host.engine().migration().unsettled, SizeIs(1));
  host.FailListings("work", std::nullopt);
  host.Advance(absl::Minutes(12));
  host.Give(OperatorCommand(word));
  host.Settle();
  EXPECT_EQ(host.BlockOf("work/e2", "home").event.view(), "old1");
}

TEST(Settle, WhatIsNotMarkedIsLeftAlone) {  // L6
  ScriptedHost host = SeenBoth();
  host.ClearLog();
  host.Give(OperatorCommand(SettleLegacy{.calendar = KeyOf("work"), .event = EventId("e1"), .as = SettleLegacy::As::kBlock}));
  host.Give(OperatorCommand(Settled(SettleLegacy::As::kBlock, "nobody")));
  host.Settle();
  EXPECT_TRUE(host.Has("work", "e1"));
  EXPECT_THAT(RequestsOf<DeleteEvent>(host.calls()), IsEmpty());
}

TEST(SwitchingBack, LosesNothing) {
  ScriptedHost host = SeenBoth();
  host.Put(OldBlock("home/old2"));  // A second one, which cannot be paired.
  host.Edit("home", "old2", [](Event& event) { event.start = event.end = EventTime::Date(absl::CivilDay(2026, 5, 20)); });
  host.Edit("home", "old2", [](Event& event) { event.end = EventTime::Date(absl::CivilDay(2026, 5, 21)); });
  host.Advance(absl::Minutes(6));
  host.Give(OperatorCommand(AdoptLegacy{}));
  host.Settle();
  for (const Detection detection : {Detection::kUuid, Detection::kText, Detection::kHybrid, Detection::kUuid}) {
    host.Give(OperatorCommand(Reconfigure{With(detection)}));
    host.Settle();
    EXPECT_THAT(host.Live("work"), SizeIs(1)) << Name(detection);
    EXPECT_THAT(host.Live("home"), SizeIs(2)) << Name(detection);
    EXPECT_THAT(host.engine().migration().unsettled, SizeIs(1)) << Name(detection);
  }
}

TEST(Comparison, ReportsWhatOnlyOneOfTheTwoTakesForABlock) {
  GroupConfig config = With(Detection::kUuid);
  config.policy.compare_detection = true;
  ScriptedHost host(std::move(config));
  host.Put({.at = "work/e1"});
  host.Put({.at = "home/x1", .title = "Busy - choir", .start = At("2026-05-06T10:00:00Z")});
  host.Start();
  host.Settle();
  EXPECT_EQ(host.engine().blocks_by_text_alone(), 2);  // As it came, and with its tag.
  EXPECT_EQ(host.engine().blocks_by_ids_alone(), 2);   // Both blocks are called "Busy".
  EXPECT_EQ(host.Audited(AuditKind::kDetectionsDiffer), 4u);
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  EXPECT_EQ(host.Audited(AuditKind::kDetectionsDiffer), 4u);  // Each version once.
}

}  // namespace
}  // namespace calsync
