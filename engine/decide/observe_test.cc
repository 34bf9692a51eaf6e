// What people, other programs and other installations do to events, and what follows: on the whole engine.

#include "engine/decide/observe.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/decide/desired.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/retry.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kObserved[] = "work/e1";

ScriptedHost AtRestOnThree() { return AtRest(AConfig({"work", "home", "team"})); }

GroupConfig With(OnBlockEdited edited, OnBlockDeleted deleted) {
  GroupConfig config = AConfig();
  config.policy.on_block_edited = edited;
  config.policy.on_block_deleted = deleted;
  return config;
}

void Poll(ScriptedHost& host) { host.Advance(absl::Minutes(12)); }

size_t Writes(const ScriptedHost& host) {
  size_t writes = 0;
  for (const ApiCall& call : host.calls()) writes += IsEventWrite(*call.request) ? 1 : 0;
  return writes;
}

void MoveSource(ScriptedHost& host) {
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Minutes(15); });
}

// ---- People edit blocks ----

TEST(EditedBlock, IsRestored) {
  const struct {
    const char* name;
    void (*edit)(Event&);
  } kRows[] = {
      {"retitled", [](Event& e) { e.summary = "Holiday"; }},
      {"described", [](Event& e) { e.description = "x"; }},
      {"moved",
       [](Event& e) {
         e.start.instant += absl::Hours(1);
         e.end.instant += absl::Hours(1);
       }},
      {"made free", [](Event& e) { e.transparency = Transparency::kTransparent; }},
      {"made public", [](Event& e) { e.visibility = Visibility::kPublic; }},
      {"repeated", [](Event& e) { e.recurrence = {"RRULE:FREQ=DAILY"}; }},
  };
  for (const auto& row : kRows) {
    ScriptedHost host = AtRest();
    const std::string block = host.IdOfBlock(kObserved, "home");
    const uint64_t before = FingerprintOf(host.Get("home", block));
    host.Edit("home", block, row.edit);
    Poll(host);
    EXPECT_EQ(FingerprintOf(host.Get("home", block)), before) << row.name;
    EXPECT_EQ(Writes(host), 1u) << row.name;
    EXPECT_EQ(host.Audited(AuditKind::kBlockRestored), 1u) << row.name;
    EXPECT_EQ(host.engine().Unsettled(), "") << row.name;
  }
}

TEST(EditedBlock, IsKeptUnderKeepUntilItsSourceChanges) {
  ScriptedHost host = AtRest(With(OnBlockEdited::kKeep, OnBlockDeleted::kRespect));
  const std::string block = host.IdOfBlock(kObserved, "home");
  host.Edit("home", block, [](Event& event) { event.summary = "Holiday"; });
  Poll(host);
  EXPECT_EQ(host.Get("home", block).summary, "Holiday");
  EXPECT_EQ(Writes(host), 0u);
  EXPECT_EQ(host.Audited(AuditKind::kEditKept), 1u);
  MoveSource(host);
  Poll(host);
  EXPECT_EQ(host.Get("home", block).summary, "Busy");
  EXPECT_EQ(host.Get("home", block).span(), host.Get("work", "e1").span());
}

TEST(EditedBlock, IsNoneThatAReadShowsAsItWasBefore) {  // C3, seed 18997: what we wrote ourselves, long ago, is nobody's edit.
  ScriptedHost host = AtRest(With(OnBlockEdited::kKeep, OnBlockDeleted::kRespect));
  const std::string block = host.IdOfBlock(kObserved, "home");
  const auto as_it_was = std::make_shared<const Event>(host.Get("home", block));
  MoveSource(host);
  Poll(host);
  EventsPage lagging;  // Has it looked at; and the read lags as well.
  lagging.items = {as_it_was};
  lagging.next_sync_token = host.engine().calendar(KeyOf("home"))->sync_token;
  while (host.waiting().empty()) {
    host.set_now(std::max(host.now(), host.timer()));
    host.Give(TimerFired{});
  }
  while (std::get<ListEvents>(*host.waiting().front().request).calendar != GoogleIdOf("home")) host.AnswerNext();
  host.Script<ListEvents>(lagging);
  host.Script<GetEvent>(as_it_was);
  Poll(host);
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), Not(IsEmpty()));
  EXPECT_EQ(host.Audited(AuditKind::kEditKept), 0u);
  EXPECT_EQ(host.Get("home", block).span(), host.Get("work", "e1").span());
}

TEST(EditedBlock, IsNoneThatAReadShowsAsItsSeriesWasBefore) {  // C3, seed 3013858
  ScriptedHost host(With(OnBlockEdited::kKeep, OnBlockDeleted::kRespect));
  host.Put({.at = kObserved});
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  host.Start();
  host.Settle();
  const std::string block = host.IdOfBlock(kObserved, "home");
  const auto second_of_block = [&] {
    Event second = host.Get("home", block);
    second.id = EventId(block + "_20260511T100000Z");
    second.recurrence.clear();
    second.recurring_event_id = EventId(block);
    second.original_start = EventTime::At(At("2026-05-11T10:00:00Z"));
    second.start.instant += absl::Hours(24 * 7);
    second.end.instant += absl::Hours(24 * 7);
    return std::make_shared<const Event>(std::move(second));
  };
  host.Script<GetEvent>(second_of_block());
  MoveSource(host);
  Poll(host);
  host.Script<GetEvent>(second_of_block());
  host.Put({.at = "work/e1_20260511T100000Z", .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Edit("work", "e1_20260511T100000Z", [](Event& event) { event.start.instant -= absl::Hours(1); });
  host.ClearLog();
  Poll(host);
  EXPECT_EQ(host.Audited(AuditKind::kEditKept), 0u);
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), Not(IsEmpty()));
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), Not(IsEmpty()));
}

TEST(EditedBlock, IsNotFoughtOverWithoutEnd) {  // L8
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kObserved, "home");
  const int64_t counted = host.engine().group_row().window_writes;
  for (int edits = 0; edits < 30; ++edits) {
    host.Edit("home", block, [&](Event& event) { event.summary = "Holiday " + std::to_string(edits); });
    host.Advance(absl::Minutes(7));
  }
  EXPECT_EQ(Writes(host), size_t{kFightsPerDay});
  EXPECT_EQ(host.engine().group_row().window_writes - counted, kFightsPerDay) << "the breaker counts what leaves";
  EXPECT_GE(host.Audited(AuditKind::kFightReported), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(EditedBlock, WithoutItsTagIsStillOursAndTheTagComesWithTheNextWrite) {  // S-2
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kObserved, "home");
  host.Edit("home", block, [](Event& event) { event.private_properties.clear(); });
  Poll(host);
  EXPECT_EQ(Writes(host), 0u);
  MoveSource(host);
  Poll(host);
  EXPECT_EQ(host.Get("home", block).private_properties.size(), 5u);
}

// ---- People delete blocks ----

TEST(DeletedBlock, IsRespectedUntilAMirroredFieldOfItsSourceChanges) {
  ScriptedHost host = AtRest();
  host.Cancel("home", host.IdOfBlock(kObserved, "home"));
  Poll(host);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.BlockOf(kObserved, "home").hold, Hold::kRespectedDeletion);
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 1u);
  host.Edit("work", "e1", [](Event& event) { event.summary = "Doctor"; });  // Blocks do not show it.
  host.Give(OperatorCommand(WalkAgain{}));
  Poll(host);
  host.Crash(Carried::kNot);
  host.Start();  // Durably.
  Poll(host);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(Writes(host), 0u);
  EXPECT_EQ(host.engine().Unsettled(), "");
  MoveSource(host);
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(DeletedBlock, IsRespectedOnlyWhileItsSlotIsDue) {
  ScriptedHost host = AtRest();
  host.Cancel("home", host.IdOfBlock(kObserved, "home"));
  Poll(host);
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  Poll(host);
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kOpaque; });
  Poll(host);
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(DeletedBlock, IsMadeAnewUnderRecreateButNotWithoutEnd) {  // L8
  ScriptedHost host = AtRest(With(OnBlockEdited::kRestore, OnBlockDeleted::kRecreate));
  host.Cancel("home", host.IdOfBlock(kObserved, "home"));
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  for (int deletions = 0; deletions < 30 && !host.Live("home").empty(); ++deletions) {
    host.Cancel("home", host.IdOfBlock(kObserved, "home"));
    host.Advance(absl::Minutes(7));
  }
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(RequestsOf<InsertEvent>(host.calls()).size(), size_t{kFightsPerDay});
  EXPECT_EQ(host.Audited(AuditKind::kFightReported), 1u);
}

TEST(DeletedBlock, IsMadeAnewOnceThePolicyIsRecreateAlsoIfItsEditsWereFoughtOverBefore) {
  ScriptedHost host = AtRest(AConfig(), {.at = kObserved, .start = TestNow() + absl::Hours(24 * 10)});
  const std::string block = host.IdOfBlock(kObserved, "home");
  for (int edits = 0; edits < 12; ++edits) {
    host.Edit("home", block, [&](Event& event) { event.summary = "Holiday " + std::to_string(edits); });
    host.Advance(absl::Minutes(7));
  }
  host.Cancel("home", block);
  Poll(host);
  ASSERT_EQ(host.BlockOf(kObserved, "home").hold, Hold::kRespectedDeletion);
  ASSERT_EQ(host.BlockOf(kObserved, "home").fights, kFightsPerDay);
  host.Advance(absl::Hours(48));
  host.Give(OperatorCommand(Reconfigure{With(OnBlockEdited::kRestore, OnBlockDeleted::kRecreate)}));
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
}

TEST(DeletedBlock, IsAdoptedWhenAPersonUndeletesIt) {
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kObserved, "home");
  host.Cancel("home", block);
  Poll(host);
  host.Edit("home", block, [](Event& event) { event.status = EventStatus::kConfirmed; });
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_EQ(Writes(host), 0u);
}

TEST(DeletedBlock, UndeletedAfterOurOwnDeleteIsDeletedAgain) {  // L5
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kObserved, "home");
  host.Cancel("work", "e1");
  Poll(host);
  host.Edit("home", block, [](Event& event) { event.status = EventStatus::kConfirmed; });
  Poll(host);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.BlockOf(kObserved, "home").status, RecordStatus::kDeleted);
}

TEST(DeletedBlock, AfterARestoreOfTheDatabaseWasNotDeletedByAPerson) {
  ScriptedHost host = AtRest();
  // After the backup was taken, we deleted it ourselves. The stub says nothing but its id (S-3).
  host.Cancel("home", host.IdOfBlock(kObserved, "home"));
  host.Crash(Carried::kNot);
  host.Start(/*restored=*/true);
  Poll(host);
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 0u);
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
}

// ---- Copies and moves of blocks ----

TEST(CopiedBlock, IsNeverASourceAndIsLeftAlone) {  // L1, L6
  ScriptedHost host = AtRestOnThree();
  const Event block = host.Get("home", host.IdOfBlock(kObserved, "home"));
  const auto copy_to = [&](const char* place, const char* calendar, const char* id) {
    host.Put({.at = place});
    host.Edit(calendar, id, [&](Event& event) {
      event = block;
      event.id = EventId(id);
      event.ical_uid = ICalUid(std::string(id) + "@google.com");
    });
  };
  copy_to("home/copy1", "home", "copy1");
  copy_to("team/copy2", "team", "copy2");
  Poll(host);
  EXPECT_EQ(Writes(host), 0u);
  EXPECT_EQ(host.Audited(AuditKind::kCopyOfBlockSeen), 2u);
  // Also when its tag is stripped later.
  host.Edit("team", "copy2", [](Event& event) { event.private_properties.clear(); });
  Poll(host);
  EXPECT_EQ(Writes(host), 0u);
}

// Puts the block of home where a person moved it: team.
std::string MoveBlockToTeam(ScriptedHost& host) {
  std::string block = host.IdOfBlock(kObserved, "home");
  const Event moved = host.Get("home", block);
  host.Cancel("home", block);
  host.Put({.at = "team/" + block});
  host.Edit("team", block, [&](Event& event) {
    event = moved;
    event.organizer = {"team@example.com", true};
  });
  return block;
}

TEST(MovedBlock, IsRemovedWhereItLanded) {  // S-29
  ScriptedHost host = AtRestOnThree();
  const std::string block = MoveBlockToTeam(host);
  Poll(host);
  EXPECT_TRUE(host.Get("team", block).IsCancelled());
  EXPECT_EQ(host.Audited(AuditKind::kMovedBlockRemoved), 1u);
  EXPECT_THAT(host.Live("team"), SizeIs(1));  // Its own block.
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(MovedBlock, IsRemovedWhereItLandedAlsoWhenItIsMadeAnewAtHome) {  // L5
  GroupConfig config = AConfig({"work", "home", "team"});
  config.policy.on_block_deleted = OnBlockDeleted::kRecreate;
  ScriptedHost host = AtRest(config);
  const std::string block = MoveBlockToTeam(host);
  Poll(host);
  EXPECT_TRUE(host.Get("team", block).IsCancelled());
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(MovedBlock, IsRemovedWhereItLandedAlsoIfAClonesNextGenerationIsHeardOfFirst) {  // L4: seed 4800652
  ScriptedHost host = AtRestOnThree();
  const std::string block = MoveBlockToTeam(host);
  host.Put({.at = "home/" + TestGroup().BlockId(kObserved, "home", 2).str(), .title = "Busy", .tag = BlockTag("b1")});
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_TRUE(host.Get("team", block).IsCancelled());
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(MovedBlock, ThatLandedAfterOurOwnDeleteIsLeftAloneAlsoAfterFights) {  // L4, L6
  GroupConfig config = AConfig({"work", "home", "team"});
  config.policy.on_block_deleted = OnBlockDeleted::kRecreate;
  ScriptedHost host = AtRest(config);
  const std::string block = host.IdOfBlock(kObserved, "home");
  const Event original = host.Get("home", block);
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  Poll(host);
  host.Put({.at = "team/" + block});
  host.Edit("team", block, [&](Event& event) {
    event = original;
    event.organizer = {"team@example.com", true};
  });
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kOpaque; });
  Poll(host);
  host.Edit("home", host.IdOfBlock(kObserved, "home"), [](Event& event) { event.summary = "Edited"; });
  Poll(host);
  host.Give(OperatorCommand(WalkAgain{}));
  Poll(host);
  EXPECT_EQ(host.Get("home", host.IdOfBlock(kObserved, "home")).summary, "Busy");  // Restored: a fight.
  EXPECT_FALSE(host.Get("team", block).IsCancelled());
}

TEST(MovedBlock, ThatIsOnlyAnInvitationIsLeftAlone) {  // L6
  ScriptedHost host = AtRestOnThree();
  const std::string block = host.IdOfBlock(kObserved, "home");
  const Event original = host.Get("home", block);
  host.Put({.at = "team/" + block});
  host.Edit("team", block, [&](Event& event) {
    event = original;
    event.organizer = {"home@example.com", false};
  });
  host.Cancel("home", block);
  Poll(host);
  EXPECT_FALSE(host.Get("team", block).IsCancelled());
}

// ---- People touch their own events ----

TEST(UserEvents, ThatAreCopiedTagAndAllAreEventsOfTheirOwn) {  // S-1
  ScriptedHost host = AtRest();
  const Event original = host.Get("work", "e1");
  host.Put({.at = "work/e2"});
  host.Edit("work", "e2", [&](Event& event) {
    event = original;
    event.id = EventId("e2");
    event.ical_uid = ICalUid("e2@google.com");
    event.start.instant += absl::Hours(24);
    event.end.instant += absl::Hours(24);
  });
  Poll(host);
  EXPECT_THAT(host.Live("home"), SizeIs(2));
  const auto row = [&](const char* event) { return *host.records().FindAt(KeyOf("work"), event); };
  EXPECT_FALSE(host.records()[row("e1")].id == host.records()[row("e2")].id);
  EXPECT_NE(host.Get("work", "e1").private_properties, host.Get("work", "e2").private_properties);
}

TEST(UserEvents, ThatMoveToAnotherCalendarTakeTheirBlocksAlong) {  // S-29
  ScriptedHost host = AtRestOnThree();
  const Event original = host.Get("work", "e1");
  host.Cancel("work", "e1");
  host.Put({.at = "home/e1"});
  host.Edit("home", "e1", [&](Event& event) {
    event = original;
    event.organizer = {"home@example.com", true};
  });
  Poll(host);
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_THAT(host.Live("team"), SizeIs(1));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(UserEvents, ThatDoNotMakeBusyGetNoBlockAndTheAuditSaysWhy) {  // L12
  ScriptedHost host;
  host.Put({.at = "work/free"});
  host.Edit("work", "free", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Put({.at = "work/empty", .length = absl::ZeroDuration()});
  host.Start();
  host.Settle();
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.Audited(AuditKind::kNotBlocking), 1u);
  EXPECT_EQ(host.Audited(AuditKind::kParked), 1u);
}

TEST(UserEvents, ThatAreSeriesGetOneBlockThatRepeatsAsTheyDo) {  // L3
  ScriptedHost host;
  host.Put({.at = "work/series"});
  host.Edit("work", "series", [](Event& event) {
    event.start.time_zone = event.end.time_zone = "Europe/Zurich";
    event.recurrence = {"RRULE:FREQ=DAILY"};
  });
  host.Start();
  host.Settle();
  const std::vector<Event> blocks = host.Live("home");
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].recurrence, std::vector<std::string>{"RRULE:FREQ=DAILY"});
  EXPECT_EQ(blocks[0].start.time_zone, "Europe/Zurich");
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(UserEvents, ThatStopMakingBusyLoseTheirBlock) {
  ScriptedHost host = AtRest();
  host.Edit("work", "e1", [](Event& event) { event.attendees = {{"ann", ResponseStatus::kDeclined, true}}; });
  Poll(host);
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(UserEvents, ThatAreOverKeepTheirBlock) {
  ScriptedHost host = AtRest();
  host.Advance(absl::Hours(24));
  host.Give(OperatorCommand(WalkAgain{}));
  Poll(host);
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_EQ(Writes(host), 0u);
}

TEST(UserEvents, OfOneMeetingOnTwoCalendarsGiveOneBlockOnTheThird) {  // S-15
  ScriptedHost host(AConfig({"work", "home", "team"}));
  host.Put({.at = "work/m", .ical_uid = "m@x"});
  host.Put({.at = "home/m", .ical_uid = "m@x"});
  host.Start();
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_THAT(host.Live("team"), SizeIs(1));
  // The source among the twins goes: the other takes its place.
  host.Cancel("work", "m");
  Poll(host);
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.Live("team"), SizeIs(1));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

// ---- Other installations and other databases ----

TEST(OtherInstances, AndTheirBlocksAreLeftAlone) {  // L10
  ScriptedHost host = AtRestOnThree();
  host.Put({.at = "home/x1", .start = At("2026-05-07T10:00:00Z"), .tag = ForeignBlockTag()});
  host.Put({.at = "home/cs" + std::string(45, '0'), .start = At("2026-05-08T10:00:00Z")});
  Poll(host);
  EXPECT_EQ(Writes(host), 0u);
  EXPECT_EQ(host.Audited(AuditKind::kExternalBlockSeen), 2u);
}

TEST(LostDatabase, FindsItsBlocksAgainAndWritesNothing) {  // L2, L4
  const ScriptedHost first = AtRestOnThree();
  ScriptedHost empty(AConfig({"work", "home", "team"}), GroupImage(), /*seed=*/8);
  for (const char* calendar : {"work", "home", "team"}) {  // The same calendars and a new database.
    for (const Event& event : first.Live(calendar)) {
      empty.Put({.at = std::string(calendar) + "/" + event.id.str()});
      empty.Edit(calendar, event.id.text(), [&](Event& copy) { copy = event; });
    }
  }
  empty.Start();
  Poll(empty);
  EXPECT_EQ(Writes(empty), 0u);
  EXPECT_THAT(empty.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_THAT(empty.BlockOf(kObserved, "team"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_EQ(empty.BlockOf(kObserved, "home").id, first.BlockOf(kObserved, "home").id);  // The tag's id is kept.
  EXPECT_EQ(empty.engine().Unsettled(), "");
}

TEST(LostDatabase, RemovesBlocksWhoseSourceIsGoneOnceAllIsWalked) {  // L5
  ScriptedHost host;
  const std::string orphan = TestGroup().BlockId("work/e7", "home").str();
  host.Put({.at = "home/" + orphan, .tag = BlockTag("b7", "k7")});
  host.FailListings("work", ApiError{.code = 503});
  host.Start();
  host.Settle();
  EXPECT_FALSE(host.Get("home", orphan).IsCancelled());  // Its source may be on the calendar that was not walked yet.
  host.FailListings("work", std::nullopt);
  host.Advance(absl::Minutes(30));
  EXPECT_TRUE(host.Get("home", orphan).IsCancelled());
  EXPECT_EQ(host.Audited(AuditKind::kSurplusRemoved), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(LostDatabase, RemovesWhatAPersonSplitOffABlockThatIsMadeAnew) {  // L5: seed 910077286
  const auto with_series = [](ScriptedHost host) {
    host.Put({.at = kObserved});
    host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
    return host;
  };
  ScriptedHost before = with_series(ScriptedHost(With(OnBlockEdited::kKeep, OnBlockDeleted::kRespect)));
  before.Start();
  before.Settle();
  const std::string block = before.IdOfBlock(kObserved, "home");
  ScriptedHost host = with_series(ScriptedHost(With(OnBlockEdited::kKeep, OnBlockDeleted::kRespect), {}, 99));
  const PropertyMap tag = before.Get("home", block).private_properties;
  host.Put({.at = "home/" + block, .title = "Busy", .tag = tag});
  host.Cancel("home", block);
  host.Put({.at = "home/" + block + "_R20260511T100000", .title = "Busy", .start = At("2026-05-11T12:00:00Z"), .tag = tag});
  host.Start(/*restored=*/true);
  host.Advance(absl::Minutes(10));
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(LostDatabase, ADeletionIsRespectedAlsoIfThePersonWasFasterThanTheWalkThatMeetsItsSource) {
  const ScriptedHost before = AtRest();
  const std::string block = before.IdOfBlock(kObserved, "home");
  ScriptedHost host(AConfig(), {}, 99);
  host.Put({.at = kObserved});
  host.Put({.at = "home/" + block, .title = "Busy", .tag = before.Get("home", block).private_properties});
  host.FailListings("work", ApiError{.code = 503});
  host.Start(/*restored=*/true);
  Poll(host);
  ASSERT_FALSE(host.engine().calendar(KeyOf("home"))->restored);
  host.Cancel("home", block);
  Poll(host);
  host.FailListings("work", std::nullopt);
  Poll(host);
  Poll(host);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.BlockOf(kObserved, "home").hold, Hold::kRespectedDeletion);
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 1u);
  MoveSource(host);
  Poll(host);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
}

TEST(LostDatabase, OfTwoGenerationsTheHighestStays) {  // L2
  ScriptedHost host;
  host.Put({.at = kObserved});
  for (const uint32_t generation : {1u, 2u}) {
    host.Put({.at = "home/" + TestGroup().BlockId(kObserved, "home", generation).str(), .title = "Busy", .tag = BlockTag("b1")});
  }
  host.Start();
  Poll(host);
  ASSERT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_EQ(host.Live("home")[0].id, TestGroup().BlockId(kObserved, "home", 2));
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(ReturningTag, TakesBlocksAlongOnCalendarsThatAreNotLinkedAnyMore) {  // They may be linked again.
  LiveGroup group =
      ALiveGroup(AConfig({"work", "home"}), {UserEvent("k1", kObserved), Block({}), Block({.id = "b2", .on = "team"})});
  const Event event = EventOf({.at = kObserved, .tag = UserTag("k9"), .etag = "\"2\""});
  Observe(group, *group.Find(KeyOf("work")), event, Evidence::kRead);
  EXPECT_TRUE(group.records.FindBlock(IdNamed("k9"), KeyOf("home")).has_value());
  EXPECT_TRUE(group.records.FindBlock(IdNamed("k9"), KeyOf("team")).has_value());
  EXPECT_EQ(group.records.Verify(), "");
}

// A key was missing from the settings, and what it certifies was taken for another installation's.
TEST(ForgottenGeneration, IsTheBlockFromWhenItsKeyIsThereAgain) {  // L2
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kObserved, "home"), later = TestGroup().BlockId(kObserved, "home", 2).str();
  GroupConfig config = AConfig();
  const SipKey key = std::exchange(config.keys[0], {5, 6});
  host.Give(OperatorCommand(Reconfigure{config}));
  host.Put({.at = "home/" + later, .title = "Busy", .tag = BlockTag("b1")});  // Made after the backup that this database is.
  Poll(host);
  ASSERT_EQ(host.records()[*host.records().FindAt(KeyOf("home"), later)].seen_as, SeenAs::kExternalBlock);
  config.keys.push_back(key);
  host.Give(OperatorCommand(Reconfigure{config}));
  host.Give(OperatorCommand(WalkAgain{}));
  Poll(host);
  EXPECT_EQ(host.IdOfBlock(kObserved, "home"), later);
  EXPECT_THAT(host.BlockOf(kObserved, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_TRUE(host.Get("home", block).IsCancelled());
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

// Walks that were begun again showed it live first, and its series only after it was gone (import seed 97).
TEST(HeldOccurrence, MayBeCancelledBeforeItsSeriesIsMet) {  // L3
  const std::string occurrence = "e9_20260504T100000Z";
  ScriptedHost host;
  host.Start();
  host.Settle();
  for (int refusals = 0; refusals < 9; ++refusals) host.Script<GetEvent>(ApiError{.code = 503});
  host.Put({.at = "work/" + occurrence, .master = "e9"});
  Poll(host);
  ASSERT_EQ(host.records()[*host.records().FindAt(KeyOf("work"), occurrence)].kind, RecordKind::kSeen);
  host.Cancel("work", occurrence);
  Poll(host);
  host.Put({.at = "work/e9"});
  host.Edit("work", "e9", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  Poll(host);
  const Record& met = host.records()[*host.records().FindAt(KeyOf("work"), occurrence)];
  EXPECT_EQ(met.kind, RecordKind::kUserEvent);
  EXPECT_EQ(met.status, RecordStatus::kGone);
}

}  // namespace
}  // namespace calsync
