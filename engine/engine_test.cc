// The whole loop with a kind Google: what is durable when, what a crash leaves, and that equal lives have equal effects. How each
// kind of trouble is met is tested beside the code that meets it, in engine/decide.

#include "engine/engine.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/render.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// ---- The plain life ----

TEST(Engine, EachUserEventGetsOneBlockOnEachOtherCalendar) {  // L3
  ScriptedHost host(AConfig({"work", "home", "team"}));
  host.Put({.at = "work/e1"});
  host.Put({.at = "home/e2", .start = At("2026-05-05T10:00:00Z")});
  host.Start();
  host.Settle();
  EXPECT_THAT(host.Live("work"), SizeIs(2));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
  EXPECT_THAT(host.Live("team"), SizeIs(2));
  for (const char* target : {"home", "team"}) {
    EXPECT_THAT(host.BlockOf("work/e1", target), IsBlock(RecordStatus::kCreated, 1));
    EXPECT_EQ(host.Get(target, host.IdOfBlock("work/e1", target)).span(), host.Get("work", "e1").span());
  }
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Engine, ABlockShowsNothingButThatItsOwnerIsBusy) {  // L9
  ScriptedHost host;
  host.Put({.at = "work/dentist", .title = "Dentist"});
  host.Edit("work", "dentist", [](Event& event) {
    event.description = "Bring the X-rays";
    event.location = "Main street";
    event.attendees = {{.email = "guest@example.org"}};
  });
  host.Start();
  host.Settle();
  const Event block = host.Get("home", host.IdOfBlock("work/dentist", "home"));
  EXPECT_EQ(block.summary, "Busy");
  EXPECT_EQ(block.description, "");
  EXPECT_EQ(block.location, "");
  EXPECT_THAT(block.attendees, IsEmpty());
  EXPECT_EQ(block.visibility, Visibility::kPrivate);
  EXPECT_EQ(block.transparency, Transparency::kOpaque);
  EXPECT_EQ(block.reminders, (Reminders{false, {}}));
  for (const auto& [key, value] : block.private_properties) EXPECT_EQ(value.find("dentist"), std::string::npos) << key;
}

TEST(Engine, NoGuestIsEverToldOfWhatWeDo) {  // L6
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Advance(absl::Minutes(7));
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(7));
  const auto inserts = RequestsOf<InsertEvent>(host.calls());
  const auto patches = RequestsOf<PatchEvent>(host.calls());
  const auto deletes = RequestsOf<DeleteEvent>(host.calls());
  ASSERT_THAT(inserts, Not(IsEmpty()));
  ASSERT_THAT(patches, Not(IsEmpty()));
  ASSERT_THAT(deletes, Not(IsEmpty()));
  for (const auto& call : inserts) EXPECT_EQ(call.send_updates, SendUpdates::kNone);
  for (const auto& call : patches) EXPECT_EQ(call.send_updates, SendUpdates::kNone);
  for (const auto& call : deletes) EXPECT_EQ(call.send_updates, SendUpdates::kNone);
}

TEST(Engine, ABlockFollowsItsSource) {
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock("work/e1", "home");
  host.Edit("work", "e1", [](Event& event) { event.start.instant -= absl::Minutes(15); });
  const Etag etag = host.Get("home", block).etag;
  host.Advance(absl::Minutes(7));
  EXPECT_EQ(host.Get("home", block).span(), host.Get("work", "e1").span());
  const auto patches = RequestsOf<PatchEvent>(host.calls());
  ASSERT_THAT(patches, SizeIs(1));
  EXPECT_EQ(patches[0].if_match, etag);  // C-44
}

TEST(Engine, ABlockGoesWhenItsSourceGoes) {  // L5
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock("work/e1", "home");
  const Etag etag = host.Get("home", block).etag;
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(7));
  EXPECT_THAT(host.Live("home"), IsEmpty());
  const auto deletes = RequestsOf<DeleteEvent>(host.calls());
  ASSERT_THAT(deletes, SizeIs(1));
  EXPECT_EQ(deletes[0].event.str(), block);
  EXPECT_EQ(deletes[0].if_match, etag);
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kDeleted, 1));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Engine, ASourceThatComesBackGetsTheNextGeneration) {  // S-10: the id of the block that we deleted stays taken.
  ScriptedHost host = AtRest();
  host.Cancel("work", "e1");
  host.Advance(absl::Minutes(7));
  host.Edit("work", "e1", [](Event& event) { event.status = EventStatus::kConfirmed; });
  host.Advance(absl::Minutes(7));
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_EQ(host.IdOfBlock("work/e1", "home"), TestGroup().BlockId("work/e1", "home", 2).str());
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Engine, AnEditOfWhatBlocksDoNotShowWritesNothing) {  // L4
  ScriptedHost host = AtRest();
  host.Edit("work", "e1", [](Event& event) {
    event.summary = "Doctor";
    event.description = "x";
    event.color_id = "7";
  });
  host.Advance(absl::Minutes(30));
  EXPECT_EQ(host.calls().size(), RequestsOf<ListEvents>(host.calls()).size());
}

TEST(Engine, WhatHasNoBlockByPolicyIsNotToldAgainAfterAnOutageOfItsTarget) {  // L12
  for (const bool beyond_horizon : {true, false}) {
    GroupConfig config = AConfig();
    config.policy.already_busy = AlreadyBusy::kExact;
    config.policy.horizon_ahead = absl::Hours(24);
    ScriptedHost host(std::move(config));
    const absl::Time start = TestNow() + absl::Hours(beyond_horizon ? 48 : 12);
    host.Put({.at = "work/e1", .start = start});
    if (!beyond_horizon) host.Put({.at = "home/e2", .title = "Mirrored by another product", .start = start});
    host.Start();
    host.Settle();
    EXPECT_EQ(host.Audited(AuditKind::kSkippedByPolicy), beyond_horizon ? 1u : 2u);
    host.ClearLog();
    host.FailListings("home", ApiError{.code = 404, .reason = "notFound"});
    host.Advance(absl::Minutes(10));
    ASSERT_TRUE(host.engine().calendar(KeyOf("home"))->unreachable);
    host.Give(OperatorCommand(WalkAgain{}));
    host.Settle();
    host.FailListings("home", std::nullopt);
    host.Advance(absl::Minutes(10));
    ASSERT_FALSE(host.engine().calendar(KeyOf("home"))->unreachable);
    EXPECT_EQ(host.Audited(AuditKind::kSkippedByPolicy), 0u) << beyond_horizon;
  }
}

TEST(Engine, IdlingCostsOnlyListings) {  // L4
  ScriptedHost host = AtRest();
  host.Advance(absl::Hours(24));
  EXPECT_THAT(host.calls(), Not(IsEmpty()));
  EXPECT_EQ(host.calls().size(), RequestsOf<ListEvents>(host.calls()).size());
  EXPECT_LE(host.calls().size(), 2u * 24 * 60 / 5 + 2);  // Two calendars, every five minutes.
}

TEST(Engine, WhoOnlyWantsTheBlocksNeedNotWaitForTags) {  // S-30: of a large calendar they take half an hour.
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  EXPECT_EQ(host.engine().Unsettled({}, OwedTags::kLeave), "");
  EXPECT_NE(host.engine().Unsettled(), "");
  host.set_now(host.timer());
  host.Give(TimerFired{});
  ASSERT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(1));
  EXPECT_EQ(host.engine().Unsettled({}, OwedTags::kLeave), "");
  EXPECT_EQ(host.engine().Unsettled(), "1 call to Google not answered yet");
}

TEST(Engine, OurOwnBlocksAreNoSources) {  // L1
  ScriptedHost host = AtRest(AConfig({"work", "home", "team"}));
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  EXPECT_EQ(host.calls().size(), RequestsOf<ListEvents>(host.calls()).size());
  EXPECT_THAT(host.Live("work"), SizeIs(1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
  EXPECT_THAT(host.Live("team"), SizeIs(1));
}

TEST(Engine, CountsByTheFirstDesignsNames) {  // L12
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Put({.at = "home/e2", .tag = ForeignBlockTag()});
  host.Start();
  host.Settle();
  host.Advance(absl::Minutes(7));
  const Counters home = host.engine().calendar(KeyOf("home"))->counters;
  const Counters total = host.engine().Totals();
  EXPECT_EQ(host.engine().calendar(KeyOf("work"))->counters.user_events_found, 1);
  EXPECT_EQ(home.busy_blocks_created, 1);
  EXPECT_EQ(home.external_events_skipped, 1);
  EXPECT_GE(home.our_events_skipped, 1);
  EXPECT_EQ(total.user_events_found, 1);
  EXPECT_EQ(total.busy_blocks_created, 1);
  EXPECT_EQ(total.errors, 0);
  EXPECT_GE(total.calendars_processed, 4);
  EXPECT_GE(total.events_processed, 3);
}

// ---- What is durable when ----

TEST(Engine, ABlockIsPlannedDurablyBeforeItsInsertLeaves) {  // L7
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  std::vector<Record> planned;
  size_t inserts = 0;
  for (const Effect& effect : host.effects()) {
    if (const Commit* commit = std::get_if<Commit>(&effect)) {
      for (const Record& record : commit->records) planned.push_back(record);
    }
    const ApiCall* call = std::get_if<ApiCall>(&effect);
    const InsertEvent* insert = call == nullptr ? nullptr : std::get_if<InsertEvent>(call->request.get());
    if (insert == nullptr) continue;
    ++inserts;
    ASSERT_FALSE(planned.empty());
    const Record* last = nullptr;
    for (const Record& record : planned) last = record.event.Equals(insert->event.id.text()) ? &record : last;
    ASSERT_NE(last, nullptr) << "the id was sent before it was durable";
    EXPECT_EQ(last->status, RecordStatus::kCreating);
    EXPECT_TRUE(last->sent);
  }
  EXPECT_EQ(inserts, 1u);
}

TEST(Engine, TheSyncTokenIsCommittedWithTheChangesItStandsFor) {
  ScriptedHost host = AtRest();
  host.Put({.at = "work/e2", .start = At("2026-05-06T10:00:00Z")});
  host.Advance(absl::Minutes(7));
  bool found = false;
  for (const Effect& effect : host.effects()) {
    const Commit* commit = std::get_if<Commit>(&effect);
    if (commit == nullptr) continue;
    for (const Record& record : commit->records) {
      if (found || !record.event.Equals("e2")) continue;
      found = true;
      ASSERT_THAT(commit->calendars, Not(IsEmpty()));
      EXPECT_EQ(commit->calendars[0].key, KeyOf("work"));
      EXPECT_EQ(commit->calendars[0].sync_token, host.engine().calendar(KeyOf("work"))->sync_token);
    }
  }
  EXPECT_TRUE(found);
}

TEST(Engine, NoInsertLeavesBeforeItsCalendarWasWalkedInFull) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.FailListings("home", ApiError{.code = 503});
  host.Start();
  host.Settle();
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  host.FailListings("home", std::nullopt);
  host.Advance(absl::Minutes(15));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));
}

// Kills the process after each of its first steps, with what it had sent carried out or not.
TEST(Engine, ACrashAtAnyStepLosesNothingAndDoublesNothing) {  // L2, L7
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {
    for (int steps = 0; steps < 12; ++steps) {
      ScriptedHost host(AConfig({"work", "home", "team"}));
      host.Put({.at = "work/e1"});
      host.Start();
      for (int step = 0; step < steps && !host.waiting().empty(); ++step) host.AnswerNext();
      host.Crash(carried);
      host.Start();
      host.Advance(absl::Minutes(30));
      const std::string when =
          absl::StrCat("crash after ", steps, " steps, ", carried == Carried::kOut ? "" : "not ", "carried out");
      EXPECT_THAT(host.Live("work"), SizeIs(1)) << when;
      EXPECT_THAT(host.Live("home"), SizeIs(1)) << when;
      EXPECT_THAT(host.Live("team"), SizeIs(1)) << when;
      EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 1)) << when;
      EXPECT_THAT(host.BlockOf("work/e1", "team"), IsBlock(RecordStatus::kCreated, 1)) << when;
      EXPECT_EQ(host.engine().Unsettled(), "") << when;
    }
  }
}

TEST(Engine, ACrashWhileABlockGoesFinishesTheDelete) {  // L5, L7
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {
    for (int steps = 0; steps < 6; ++steps) {
      ScriptedHost host = AtRest();
      host.Cancel("work", "e1");
      host.set_now(host.timer());
      host.Give(TimerFired{});
      for (int step = 0; step < steps && !host.waiting().empty(); ++step) host.AnswerNext();
      host.Crash(carried);
      host.Start();
      host.Advance(absl::Minutes(30));
      EXPECT_THAT(host.Live("home"), IsEmpty()) << steps;
      EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kDeleted, 1)) << steps;
      EXPECT_EQ(host.engine().Unsettled(), "") << steps;
    }
  }
}

TEST(Engine, ALateOrDoubledReplyChangesNothing) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  host.AnswerAll();
  for (const ApiCall& call : host.calls()) {
    const Effects effects = host.Give(ApiReply{call.id, ApiError{.code = 404, .reason = "notFound"}});
    EXPECT_THAT(effects, IsEmpty()) << Render(*call.request);
  }
  // The answer to the engine before this one.
  const std::vector<ApiCall> calls = host.calls();
  host.Crash(Carried::kNot);
  host.Start();
  host.Settle();
  for (const ApiCall& call : calls) {
    EXPECT_THAT(host.Give(ApiReply{call.id, ApiError{.code = 404, .reason = "notFound"}}), IsEmpty()) << Render(*call.request);
  }
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 1));
}

TEST(Engine, AnAnswerThatNeverComesCountsAsLost) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  host.ClearLog();
  host.set_now(host.now() + absl::Minutes(3));
  host.Give(TimerFired{});
  EXPECT_TRUE(host.BlockOf("work/e1", "home").ambiguous);  // It may have happened (C-42).
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  host.Settle();
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Engine, ACallIdIsNeverUsedTwiceOverRestarts) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  std::vector<uint64_t> ids;
  for (int engines = 0; engines < 3; ++engines) {
    host.Start();
    host.Settle();
    host.Crash(Carried::kNot);
  }
  for (const ApiCall& call : host.calls()) ids.push_back(call.id.value());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

// ---- Determinism ----

// One life with some of everything: its effects, as lines and digests.
std::vector<std::string> Live() {
  ScriptedHost host(AConfig({"work", "home", "team"}));
  host.Put({.at = "work/e1"});
  host.Put({.at = "home/e2", .start = At("2026-05-05T10:00:00Z")});
  host.Script<InsertEvent>(ApiError{.transport = Transport::kTimeout}, Carried::kOut);
  host.Start();
  host.Settle();
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Script<PatchEvent>(ApiError{.code = 429});
  host.Advance(absl::Hours(1));
  host.Cancel("home", "e2");
  host.Advance(absl::Hours(1));
  std::vector<std::string> lines;
  for (const Effect& effect : host.effects()) lines.push_back(absl::StrCat(Render(effect), " #", DigestOf(effect)));
  return lines;
}

TEST(Engine, EqualImageInputsAndSeedGiveEqualEffects) {  // L11
  const std::vector<std::string> first = Live();
  EXPECT_THAT(first, Not(IsEmpty()));
  EXPECT_EQ(first, Live());
}

TEST(Engine, ACopyGoesOnIndependently) {
  ScriptedHost host = AtRest();
  host.Cancel("work", "e1");
  Engine copy = host.engine();
  const size_t rows = copy.records().size();
  const absl::Time due = host.timer();
  host.Advance(absl::Hours(1));
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kDeleted, 1));
  // The copy has not heard of it; asked the same, it does what the original did.
  EXPECT_EQ(copy.records().size(), rows);
  EXPECT_EQ(copy.records()[*copy.records().FindAt(KeyOf("work"), "e1")].status, RecordStatus::kSynced);
  const Effects effects = copy.Step(TimerFired{}, due);
  ASSERT_THAT(effects, Not(IsEmpty()));
  ASSERT_THAT(host.effects(), Not(IsEmpty()));
  EXPECT_EQ(Render(effects[0]), Render(host.effects()[0]));
  EXPECT_EQ(DigestOf(effects[0]), DigestOf(host.effects()[0]));
  EXPECT_EQ(copy.Verify(), "");
}

TEST(Engine, AWallClockThatIsSetBackDelaysNothingForLong) {
  ScriptedHost host = AtRest();
  host.set_now(host.now() - absl::Hours(24 * 30));
  host.Cancel("work", "e1");
  host.Give(TimerFired{});
  host.Advance(absl::Minutes(10));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

// ---- Rows that are left unread ----

// A host that lists the calendar in full, at rest otherwise: the call waits first.
ScriptedHost InAFullWalk(const char* calendar) {
  ScriptedHost host = AtRest();
  host.Advance(absl::Minutes(10));
  host.Give(OperatorCommand(WalkAgain{}));
  while (std::get<ListEvents>(*host.waiting().front().request).calendar != GoogleIdOf(calendar)) host.AnswerNext();
  host.ClearLog();
  return host;
}

VersionView VersionOf(const Event& event) { return {event.id.text(), event.etag.text()}; }

EventsPage AllUnread(const ScriptedHost& host, const char* calendar) {
  EventsPage page;
  for (const Event& event : host.Live(calendar)) page.unread.push_back({0, {event.id, event.etag}});
  page.next_sync_token = SyncToken("9999");
  page.time_zone = "UTC";
  return page;
}

TEST(UnreadRow, IsOfWhatIsKnownInJustThisVersion) {
  ScriptedHost host = InAFullWalk("work");
  host.Put({.at = "work/new"});
  const CallId walk = host.waiting().front().id;
  const Event event = host.Get("work", "e1");
  const auto known =
      host.engine().Known(walk, {VersionOf(event), {event.id.text(), "\"other\""}, VersionOf(host.Get("work", "new"))});
  ASSERT_THAT(known, SizeIs(3));
  ASSERT_TRUE(known[0].has_value());
  EXPECT_EQ(known[0]->id, event.id);
  EXPECT_EQ(known[0]->etag, event.etag);
  EXPECT_FALSE(known[1].has_value());
  EXPECT_FALSE(known[2].has_value());
  EXPECT_FALSE(host.engine().Known(CallId(), {VersionOf(event)})[0].has_value()) << "of a call that nobody waits for";
}

TEST(UnreadRow, IsTakenAsIfItHadBeenRead) {
  for (const char* calendar : {"work", "home"}) {  // An event of a person, and a block.
    ScriptedHost host = InAFullWalk(calendar);
    Engine read = host.engine();
    Engine unread = host.engine();
    const CallId walk = host.waiting().front().id;
    const EventsPage named = AllUnread(host, calendar);
    EventsPage whole = named;
    whole.unread.clear();
    for (const Event& event : host.Live(calendar)) whole.items.push_back(std::make_shared<const Event>(event));
    ASSERT_THAT(whole.items, SizeIs(1));
    const Effects of_read = read.Step(ApiReply{walk, whole}, host.now());
    const Effects of_unread = unread.Step(ApiReply{walk, named}, host.now());
    ASSERT_EQ(of_read.size(), of_unread.size());
    for (size_t i = 0; i < of_read.size(); ++i) EXPECT_EQ(Render(of_read[i]), Render(of_unread[i]));
    EXPECT_EQ(read.Totals(), unread.Totals());
    EXPECT_EQ(read.verdicts(), unread.verdicts());
    EXPECT_EQ(unread.calendar(KeyOf(calendar))->sync_token, SyncToken("9999"));
  }
}

TEST(UnreadRow, IsReadIfItChangedMeanwhile) {
  ScriptedHost host = InAFullWalk("work");
  EventsPage page = AllUnread(host, "work");
  page.unread[0].version.etag = Etag("\"of before\"");
  host.Script<ListEvents>(page);
  host.AnswerNext();
  ASSERT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(1));
  EXPECT_EQ(RequestsOf<GetEvent>(host.calls())[0].event, EventId("e1"));
}

TEST(UnreadRow, ThatNobodyKnowsIsListedAgain) {  // L12: a page's token vouches for every row of it.
  ScriptedHost host = InAFullWalk("work");
  EventsPage page = AllUnread(host, "work");
  page.unread.push_back({0, {EventId("e9"), Etag("\"1\"")}});
  host.Script<ListEvents>(page);
  host.AnswerNext();
  EXPECT_TRUE(host.engine().calendar(KeyOf("work"))->sync_token.empty());
  host.Settle();
  EXPECT_THAT(RequestsOf<ListEvents>(host.calls()), Contains(Field(&ListEvents::sync_token, std::nullopt)));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

}  // namespace
}  // namespace calsync
