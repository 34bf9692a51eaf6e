// How calls end, and what follows: on the whole engine, with a host that answers as the test says.

#include "engine/decide/writing.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/decide/answers.h"
#include "engine/decide/desired.h"
#include "engine/decide/observe.h"
#include "engine/decide/reconcile.h"
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

constexpr char kSource[] = "work/e1";

ScriptedHost WithOneUserEvent(GroupConfig config = AConfig()) {
  ScriptedHost host(std::move(config));
  host.Put({.at = kSource});
  return host;
}

void ExpectOneBlock(const ScriptedHost& host) {
  EXPECT_THAT(host.Live("home"), SizeIs(1));  // L2
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_EQ(host.Live("home")[0].id.str(), host.IdOfBlock(kSource, "home"));
}

const ApiError kTimeout{.transport = Transport::kTimeout};
const ApiError kNotSent{.transport = Transport::kNotSent};

// The calls for the block's calendar since the insert, but for listings, in words.
std::vector<std::string> Story(const ScriptedHost& host) {
  std::vector<std::string> story;
  for (const ApiCall& call : host.calls()) {
    if (std::holds_alternative<InsertEvent>(*call.request)) story.push_back("insert");
    if (std::holds_alternative<GetEvent>(*call.request)) story.push_back("get");
    if (std::holds_alternative<DeleteEvent>(*call.request)) story.push_back("delete");
    const PatchEvent* patch = std::get_if<PatchEvent>(call.request.get());
    if (patch != nullptr) story.push_back(patch->calendar == GoogleIdOf("work") ? "tag" : "patch");
  }
  return story;
}
using Words = std::vector<std::string>;

// ---- Inserts ----

TEST(Insert, ATakenIdIsReadAndAdoptedNeverDoubled) {  // C-40, S-9
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 409, .reason = "duplicate"}, Carried::kOut);
  host.Start();
  host.AnswerAll();
  EXPECT_EQ(Story(host), (Words{"insert", "get"}));
  ExpectOneBlock(host);
}

TEST(Insert, AfterATimeoutItIsLookedForBeforeItIsSentAgain) {  // C-42
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(kTimeout, Carried::kNot);
  host.Start();
  host.Advance(absl::Seconds(20));
  EXPECT_EQ(Story(host), (Words{"insert", "get", "insert"}));
  const auto inserts = RequestsOf<InsertEvent>(host.calls());
  EXPECT_EQ(inserts[0].event.id, inserts[1].event.id);  // The same insert.
  ExpectOneBlock(host);
}

TEST(Insert, AfterATimeoutWhatArrivedIsAdopted) {
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(kTimeout, Carried::kOut);
  host.Start();
  host.Advance(absl::Seconds(20));
  EXPECT_EQ(Story(host), (Words{"insert", "get"}));
  ExpectOneBlock(host);
}

TEST(Insert, AnyAmbiguousAnswerIsTreatedAlike) {
  const ApiError kAnswers[] = {kTimeout,
                               {.transport = Transport::kReset},
                               {.transport = Transport::kUnreadable, .code = 200},
                               {.code = 500, .reason = "backendError"},
                               {.code = 503}};
  for (const ApiError& answer : kAnswers) {
    for (const Carried carried : {Carried::kNot, Carried::kOut}) {
      ScriptedHost host = WithOneUserEvent();
      host.Script<InsertEvent>(answer, carried);
      host.Start();
      host.Advance(absl::Seconds(20));
      ExpectOneBlock(host);
    }
  }
}

TEST(Insert, RefusedForNowIsSentAgainWithoutARead) {
  for (const ApiError& answer : {kNotSent, ApiError{.code = 429}, ApiError{.code = 403, .reason = "rateLimitExceeded"}}) {
    ScriptedHost host = WithOneUserEvent();
    host.Script<InsertEvent>(answer);
    host.Start();
    host.Advance(absl::Seconds(20));
    EXPECT_EQ(Story(host), (Words{"insert", "insert"}));
    ExpectOneBlock(host);
  }
}

TEST(Insert, RetryAfterIsKept) {
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 429, .retry_after = absl::Minutes(3)});
  host.Start();
  host.Advance(absl::Minutes(2));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));
  host.Advance(absl::Minutes(3));
  ExpectOneBlock(host);
}

TEST(Insert, AfterAUsageLimitWritesRestForLongAndReadsGoOn) {  // S-27
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 403, .reason = "quotaExceeded"});
  host.Start();
  host.Advance(absl::Minutes(59));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));
  EXPECT_GT(RequestsOf<ListEvents>(host.calls()).size(), 10u);
  host.Advance(absl::Minutes(2));
  ExpectOneBlock(host);
}

TEST(Insert, RefusedForGoodIsParkedWithItsReasonUntilTheSourceChanges) {  // S-14, L12
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 400, .reason = "invalid"});
  host.Start();
  host.Advance(absl::Hours(2));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));
  EXPECT_EQ(host.BlockOf(kSource, "home").status, RecordStatus::kFailed);
  EXPECT_EQ(host.BlockOf(kSource, "home").reason.view(), "400 invalid");
  EXPECT_EQ(host.Audited(AuditKind::kParked), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
  host.Edit("work", "e1", [](Event& event) {
    event.start.instant += absl::Hours(24);
    event.end.instant += absl::Hours(24);
  });
  host.Advance(absl::Minutes(7));
  ExpectOneBlock(host);
}

TEST(Insert, RefusedForGoodForWhatItsSourceShowsNoMoreIsTriedAgain) {  // L3: it changed while the call was under way.
  for (const bool changes : {false, true}) {
    Record planned = Block({.status = RecordStatus::kCreating});
    planned.sent = true;
    LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1"), planned});
    const RowIndex source = *group.records.FindById(IdNamed("k1")), block = *group.records.FindById(IdNamed("b1"));
    const CallInFlight call{.purpose = CallInFlight::Purpose::kInsert,
                            .calendar = KeyOf("home"),
                            .row = block,
                            .event = EventId(planned.event),
                            .content = ContentFingerprintFor(group, group.records[source], KeyOf("home"))};
    if (changes) group.records.Change(source, [](Record& record) { record.span.end += 3600; });
    group.Find(KeyOf("home"))->event_calls = 1;
    OnEventReply(group, call, ApiError{.code = 400, .reason = "timeRangeEmpty"});
    ReconcileDirty(group);
    EXPECT_EQ(group.records[block].status, changes ? RecordStatus::kCreating : RecordStatus::kFailed);
    EXPECT_EQ(group.records[block].hold, changes ? Hold::kNone : Hold::kParked);
  }
}

TEST(Insert, ParkedIsTriedAgainUnderANewPolicy) {
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 400, .reason = "invalid"});
  host.Start();
  host.Settle();
  GroupConfig config = AConfig();
  config.policy.title_template = "Away";
  host.Give(OperatorCommand(Reconfigure{config}));
  host.Settle();
  ExpectOneBlock(host);
}

TEST(Insert, ParkedIsTriedAgainIfTheTemplateWasMendedWhileNoEngineRan) {
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 400, .reason = "invalid"});
  host.Start();
  host.Settle();
  for (const char* title : {"Busy", "Away"}) {
    EXPECT_THAT(host.Live("home"), IsEmpty());
    EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));  // The same again would be refused again.
    host.Crash(Carried::kNot);
    GroupConfig config = AConfig();
    config.policy.title_template = title;
    host.set_config(config);
    host.Start();
    host.Settle();
  }
  ExpectOneBlock(host);
}

TEST(Insert, ThatTheGrantDoesNotAllowWaitsForTheGrant) {
  ScriptedHost host = WithOneUserEvent();
  for (int refusals = 0; refusals < 20; ++refusals) {
    host.Script<InsertEvent>(ApiError{.code = 403, .reason = "insufficientPermissions"});
  }
  host.Start();
  host.Advance(absl::Hours(24));
  ExpectOneBlock(host);
  EXPECT_LE(RequestsOf<InsertEvent>(host.calls()).size(), 21u);
}

TEST(Writes, OfManyThatTheGrantDoesNotAllowOneIsTriedAnHour) {  // L8: seed 4387 of the small shape.
  ScriptedHost host = WithOneUserEvent();
  for (int event = 2; event <= 20; ++event) host.Put({.at = absl::StrCat("work/e", event)});
  for (int refusals = 0; refusals < kEventCallsMax + 10; ++refusals) {
    host.Script<InsertEvent>(ApiError{.code = 403, .reason = "insufficientPermissions"});
  }
  host.Start();
  host.Settle();
  host.ClearLog();
  host.Advance(absl::Hours(10));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(10));
  host.Advance(absl::Hours(1));  // The grant is whole again: one write shows it, and the others follow at once.
  EXPECT_THAT(host.Live("home"), SizeIs(20));
}

TEST(Writes, RefusedForALostGrantMakeAListingTellIt) {  // Seed 16685 of the small shape.
  GroupConfig config = AConfig();
  config.policy.push_address = "https://example.org/hook";
  ScriptedHost host(std::move(config));
  host.Start();
  host.Advance(absl::Minutes(10));
  const ApiError lost{.code = 401, .reason = "authError"};
  for (int refusals = 0; refusals < 200; ++refusals) host.Script<InsertEvent>(lost);
  host.FailListings("home", lost);
  host.Put({.at = "work/e1"});
  host.Give(OperatorCommand(WalkAgain{}));
  host.Advance(absl::Hours(5));
  EXPECT_LE(RequestsOf<InsertEvent>(host.calls()).size(), 10u);
  EXPECT_TRUE(host.engine().calendar(KeyOf("home"))->unreachable);
}

TEST(Insert, ParkedForLackOfRightsIsTriedAgainWhenTheRoleChanges) {  // S-22
  ScriptedHost host = WithOneUserEvent();
  for (int refusals = 0; refusals <= kRefusalsMax; ++refusals) {
    host.Script<InsertEvent>(ApiError{.code = 403, .reason = "forbidden"});
  }
  host.Start();
  host.Advance(absl::Hours(1));
  ASSERT_EQ(host.BlockOf(kSource, "home").status, RecordStatus::kFailed);
  host.SetRole("home", AccessRole::kReader);
  host.Put({.at = "home/wake", .start = At("2026-05-05T08:00:00Z")});
  host.Advance(absl::Minutes(7));
  host.SetRole("home", AccessRole::kOwner);
  host.Advance(absl::Minutes(20));
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 1));
}

TEST(Insert, AnIdTakenByATombstoneGivesWayToTheNextGeneration) {  // S-10
  ScriptedHost host = WithOneUserEvent();
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  // Of a life before this database, met only now: the walk did not show it.
  host.Put({.at = "home/" + TestGroup().BlockId(kSource, "home").str()});
  host.Cancel("home", TestGroup().BlockId(kSource, "home").text());
  host.Settle();
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Insert, OfACrashedEngineThatMeetsATombstoneOfALifeBeforeTellsOfNobody) {  // L3: seed 13544683, with another crash.
  ScriptedHost host = WithOneUserEvent();
  const std::string id = TestGroup().BlockId(kSource, "home").str();
  // No listing shows what was there in that life. But the calendar says that something changed since.
  const absl::Time before = host.now() + absl::Minutes(30);
  host.set_now(host.now() + absl::Hours(1));
  host.Put({.at = "home/x1"});
  host.Purge("home", "x1");
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  host.Put({.at = "home/" + id});
  host.Edit("home", id, [&](Event& event) { event.created = before; });
  host.Cancel("home", id);
  host.Crash(Carried::kOut);
  host.Start();
  host.Settle();
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 0u);
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 2));
}

TEST(Insert, RepeatedAfterItsTombstoneWasMadeIsStillOfThisLife) {  // L6
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(kTimeout, Carried::kOut);
  host.Script<GetEvent>(ApiError{.code = 404, .reason = "notFound"});
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  host.AnswerNext();
  host.set_now(host.now() + absl::Seconds(5));
  host.Cancel("home", TestGroup().BlockId(kSource, "home").text());
  host.Put({.at = "home/x1"});
  host.Purge("home", "x1");
  host.Give(OperatorCommand(WalkAgain{}));  // A page says that something changed since.
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(RequestsOf<InsertEvent>(host.calls()).size(), 2u);
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 1u);
}

TEST(Insert,
     DoublingNeverBringsGenerationsToTheirEnd) {  // Whatever Google says: the number that follows the last is no generation.
  Record block = Block({.generation = uint32_t{1} << 31, .status = RecordStatus::kCreating});
  block.sent = block.taken = true;
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1"), block});
  const RowIndex row = *group.records.FindById(block.id);
  ObserveEnd(group, row, End::kAbsent);
  EXPECT_EQ(group.records[row].generation, (uint32_t{1} << 31) + 1);
  EXPECT_EQ(group.records.Verify(), "");
}

TEST(Insert, AnIdThatIsTakenAndCannotBeSeenIsLeftByDoubling) {  // K-21
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(ApiError{.code = 409, .reason = "duplicate"});
  host.Script<InsertEvent>(ApiError{.code = 409, .reason = "duplicate"});
  host.Start();
  host.Advance(absl::Minutes(30));
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 4));
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

TEST(Insert, DeletedByAPersonBeforeItsOutcomeWasLearntIsRespected) {  // S-7: the read that said 404 lagged.
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(kTimeout, Carried::kOut);
  host.Script<GetEvent>(ApiError{.code = 404, .reason = "notFound"});
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).size() < 2) {
    if (!host.waiting().empty()) {
      host.AnswerNext();
      continue;
    }
    host.set_now(std::max(host.now(), host.timer()));
    host.Give(TimerFired{});
  }
  host.Cancel("home", TestGroup().BlockId(kSource, "home").text());
  host.Settle();
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 1u);
}

TEST(Insert, TombstonesOfTheFirstWalkLiftTheGeneration) {  // S-10: a lost database plans no id that is taken.
  ScriptedHost host = WithOneUserEvent();
  host.Put({.at = "home/" + TestGroup().BlockId(kSource, "home", 3).str()});
  host.Cancel("home", TestGroup().BlockId(kSource, "home", 3).text());
  host.Start();
  host.Settle();
  EXPECT_EQ(Story(host)[0], "insert");
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(1));
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 4));
}

TEST(Insert, ASourceThatGoesMeanwhileTakesItsBlockWithIt) {  // L5
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {
    ScriptedHost host = WithOneUserEvent();
    host.Script<InsertEvent>(kTimeout, carried);
    host.Start();
    while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
    host.Cancel("work", "e1");
    host.Advance(absl::Minutes(20));
    EXPECT_THAT(host.Live("home"), IsEmpty());
    EXPECT_EQ(host.BlockOf(kSource, "home").status, RecordStatus::kDeleted);
    EXPECT_EQ(host.engine().Unsettled(), "");
  }
}

TEST(Insert, AnAnswerWithOtherTimesThanWereSentIsNotAccepted) {  // L3; the rest of Google's spelling is right (S-13).
  ScriptedHost host = WithOneUserEvent();
  Event answer = EventOf({.at = "home/" + TestGroup().BlockId(kSource, "home").str(), .start = At("2026-05-04T12:00:00Z")});
  answer.summary = "Busy";
  answer.visibility = Visibility::kPrivate;
  host.Script<InsertEvent>(std::make_shared<const Event>(answer), Carried::kOut);
  host.Start();
  host.AnswerAll();
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(1));
}

// ---- Reads ----

TEST(Read, AnsweredWithoutAnEtagIsRepeatedMoreAndMoreSeldom) {  // L8: without one nothing can be deleted.
  Record going = Block({.status = RecordStatus::kDeleting});
  going.etag = SharedText();
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1"), going});
  const RowIndex row = *group.records.FindById(IdNamed("b1"));
  const CallInFlight call{
      .purpose = CallInFlight::Purpose::kRead, .calendar = KeyOf("home"), .row = row, .event = EventId(going.event)};
  int64_t waited_s = 0;
  for (int time = 0; time < 8; ++time) {
    group.Find(KeyOf("home"))->event_calls = 1;
    OnEventReply(group, call, std::make_shared<const Event>(EventOf({.at = "home/" + going.event.ToString(), .etag = ""})));
    const int64_t waits_s = group.records[row].retry_s - absl::ToUnixSeconds(group.now);
    EXPECT_GT(waits_s, waited_s) << time;
    waited_s = waits_s;
  }
}

TEST(Read, RefusedForAUsageLimitRestsTheCallsOfItsCalendar) {  // But not its writes (S-27).
  ScriptedHost host = WithOneUserEvent();
  host.Script<InsertEvent>(kTimeout, Carried::kOut);
  for (int refusals = 0; refusals < 8; ++refusals) host.Script<GetEvent>(ApiError{.code = 403, .reason = "dailyLimitExceeded"});
  host.Start();
  host.Advance(absl::Seconds(30));
  EXPECT_LE(RequestsOf<GetEvent>(host.calls()).size(), 5u);
  host.Advance(absl::Minutes(20));
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(9));
  ExpectOneBlock(host);
  EXPECT_EQ(host.engine().calendar(KeyOf("home"))->writes_rest_until, absl::InfinitePast());
}

// ---- Updates and deletes ----

TEST(Update, AStaleEtagMeansReadAndDecideAnew) {  // C-44
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock(kSource, "home");
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Script<PatchEvent>(ApiError{.code = 412, .reason = "conditionNotMet"});
  host.Advance(absl::Minutes(7));
  EXPECT_EQ(Story(host), (Words{"patch", "get", "patch"}));
  EXPECT_EQ(host.Get("home", block).span(), host.Get("work", "e1").span());
}

TEST(Update, WhatIsRefusedThoughReadsShowItUnchangedIsTriedMoreAndMoreSeldom) {  // L8, S-7, S-26
  for (const ApiError& answer :
       {ApiError{.code = 404, .reason = "notFound"}, ApiError{.code = 409, .reason = "aborted"},
        ApiError{.code = 410, .reason = "deleted"}, ApiError{.code = 412, .reason = "conditionNotMet"}}) {
    ScriptedHost host = AtRest();
    host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
    for (int refusals = 0; refusals < 300; ++refusals) host.Script<PatchEvent>(answer);
    host.Advance(absl::Hours(23));
    const size_t tries = RequestsOf<PatchEvent>(host.calls()).size();
    EXPECT_GT(tries, 100u) << answer.code;  // As often as ten minutes and a quarter allow …
    EXPECT_LT(tries, 160u) << answer.code;  // … and no more, once it has come to them.
    EXPECT_FALSE(host.engine().group_row().breaker_open) << answer.code;
  }
}

TEST(Update, AfterATimeoutItIsReadFirst) {
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {
    ScriptedHost host = AtRest();
    host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
    host.Script<PatchEvent>(kTimeout, carried);
    host.Advance(absl::Minutes(7));
    EXPECT_EQ(Story(host), carried == Carried::kOut ? (Words{"patch", "get"}) : (Words{"patch", "get", "patch"}));
    EXPECT_EQ(host.Get("home", host.IdOfBlock(kSource, "home")).span(), host.Get("work", "e1").span());
    EXPECT_EQ(host.Audited(AuditKind::kBlockRestored), 0u);
  }
}

// Lets time pass until such a call has left.
template <class Kind>
void UntilItLeaves(ScriptedHost& host) {
  while (RequestsOf<Kind>(host.calls()).empty()) {
    if (host.waiting().empty()) {
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
    } else {
      host.AnswerNext();
    }
  }
}

TEST(Update, OfASeriesThatMovesMeanwhileIsDecidedAnewIfItIsRefusedForNow) {  // L3: seed 8072342 of the small shape.
  ScriptedHost host = WithOneUserEvent();
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  host.Start();
  host.Settle();
  const std::string block = host.IdOfBlock(kSource, "home");
  // A person moves an occurrence, and that of the block follows.
  host.Put({.at = "work/e1_20260511T100000Z", .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Edit("work", "e1_20260511T100000Z", [](Event& event) { event.start.instant -= absl::Hours(1); });
  UntilItLeaves<GetEvent>(host);
  host.Put({.at = "home/" + block + "_20260511T100000Z", .title = "Busy", .start = At("2026-05-11T10:00:00Z"), .master = block});
  host.Advance(absl::Minutes(30));
  ASSERT_EQ(host.Get("home", block + "_20260511T100000Z").start.instant, At("2026-05-11T09:00:00Z"));
  host.ClearLog();
  // While the block is restored, its source gets another rule.
  host.Edit("home", block, [](Event& event) { event.summary = "Holiday"; });
  UntilItLeaves<PatchEvent>(host);
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=DAILY"}; });
  EventsPage walk;
  walk.next_sync_token = host.engine().calendar(KeyOf("work"))->sync_token;
  for (const char* event : {"e1", "e1_20260511T100000Z"}) {
    walk.items.push_back(std::make_shared<const Event>(host.Get("work", event)));
  }
  host.Give(OperatorCommand(WalkAgain{}));
  const Reply occurrence = walk.items.back();
  for (size_t at = 0; at < host.waiting().size(); ++at) {  // It grows.
    const ApiCall call = host.waiting()[at];
    const auto* list = std::get_if<ListEvents>(call.request.get());
    if (list != nullptr && list->calendar == GoogleIdOf("work")) host.Give(ApiReply{call.id, walk});
    if (std::holds_alternative<GetEvent>(*call.request)) host.Give(ApiReply{call.id, occurrence});
  }
  ASSERT_EQ(host.IdOfBlock(kSource, "home"), block) << "the answer is waited for";
  host.Script<PatchEvent>(ApiError{.code = 403, .reason = "rateLimitExceeded"});
  host.Advance(absl::Minutes(2));
  EXPECT_THAT(host.BlockOf(kSource, "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_EQ(host.Get("home", host.IdOfBlock(kSource, "home")).recurrence, std::vector<std::string>{"RRULE:FREQ=DAILY"});
}

TEST(Delete, AfterATimeoutItIsReadFirst) {
  for (const Carried carried : {Carried::kNot, Carried::kOut}) {
    ScriptedHost host = AtRest();
    host.Cancel("work", "e1");
    host.Script<DeleteEvent>(kTimeout, carried);
    host.Advance(absl::Minutes(7));
    EXPECT_THAT(host.Live("home"), IsEmpty());
    EXPECT_EQ(host.BlockOf(kSource, "home").status, RecordStatus::kDeleted);
  }
}

TEST(Delete, WhatIsGoneAlreadyIsDone) {
  for (const ApiError& answer : {ApiError{.code = 410, .reason = "deleted"}, ApiError{.code = 404, .reason = "notFound"}}) {
    ScriptedHost host = AtRest();
    host.Cancel("work", "e1");
    host.Script<DeleteEvent>(answer, Carried::kOut);
    host.Advance(absl::Minutes(7));
    EXPECT_THAT(RequestsOf<DeleteEvent>(host.calls()), SizeIs(1));
    EXPECT_EQ(host.BlockOf(kSource, "home").status, RecordStatus::kDeleted);
  }
}

TEST(Writes, AFailedCallCountsAndItsCalendarRestsAlsoIfItsRowWentOnMeanwhile) {  // L12, L8: an overloaded Google is left alone.
  const struct {
    const char* name;
    ApiError error;
    absl::Duration calls_rest;
    absl::Duration writes_rest;
  } kRows[] = {
      {"server error", {.code = 503}, kBackoffBase, absl::ZeroDuration()},
      {"too many", {.code = 429, .retry_after = absl::Minutes(3)}, absl::Minutes(3), absl::ZeroDuration()},
      {"usage limit", {.code = 403, .reason = "quotaExceeded"}, absl::ZeroDuration(), kUsageLimitRest},
      {"no access", {.code = 403, .reason = "requiredAccessLevel"}, absl::ZeroDuration(), kUsageLimitRest},
      {"of its row alone", {.code = 400, .reason = "invalid"}, absl::ZeroDuration(), absl::ZeroDuration()},
  };
  for (const auto& row : kRows) {
    LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", kSource), Block({.generation = 2})});
    LiveCalendar& home = *group.Find(KeyOf("home"));
    home.event_calls = 1;
    OnEventReply(group,
                 {.purpose = CallInFlight::Purpose::kInsert,
                  .calendar = KeyOf("home"),
                  .row = *group.records.FindById(IdNamed("b1")),
                  .event = TestGroup().BlockId(kSource, "home", 1)},
                 row.error);
    EXPECT_EQ(home.row.counters.errors, 1) << row.name;
    EXPECT_GE(std::max(home.row.calls_rest_until, group.now), group.now + row.calls_rest) << row.name;
    EXPECT_EQ(CallsMayLeave(group, home), row.calls_rest == absl::ZeroDuration()) << row.name;
    EXPECT_EQ(WritesMayLeave(group, home), row.writes_rest == absl::ZeroDuration()) << row.name;
  }
}

TEST(Writes, AnAmbiguousReplyNeverDeletesARecord) {
  ScriptedHost host = AtRest();
  const size_t rows = host.records().size();
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Script<PatchEvent>(kTimeout);
  host.Script<GetEvent>(kTimeout);
  host.Script<ListEvents>(kTimeout);
  host.Advance(absl::Minutes(7));
  EXPECT_EQ(host.records().size(), rows);
  EXPECT_EQ(host.image().records.size(), rows);
}

TEST(Writes, AReadOnlyRoleStopsThem) {  // S-22
  ScriptedHost host = AtRest();
  host.SetRole("home", AccessRole::kReader);
  host.Put({.at = "home/wake", .start = At("2026-05-05T08:00:00Z")});
  host.Advance(absl::Minutes(7));
  host.ClearLog();
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Put({.at = "work/e2", .start = At("2026-05-06T10:00:00Z")});
  host.Advance(absl::Hours(1));
  for (const ApiCall& call : host.calls()) {
    if (*CalendarOf(*call.request) == GoogleIdOf("home")) {
      EXPECT_FALSE(IsEventWrite(*call.request));
    }
  }
  EXPECT_EQ(host.engine().Unsettled(), "");
  host.SetRole("home", AccessRole::kWriter);
  host.Advance(absl::Minutes(20));
  EXPECT_THAT(host.Live("home"), SizeIs(3));
  EXPECT_EQ(host.Get("home", host.IdOfBlock(kSource, "home")).span(), host.Get("work", "e1").span());
}

TEST(Writes, AtMostSoManyCallsOfACalendarAreInFlight) {
  ScriptedHost host;
  for (int i = 0; i < 20; ++i) {
    host.Put({.at = "work/e" + std::to_string(i), .start = TestNow() + absl::Hours(i + 1)});
  }
  host.Start();
  size_t most = 0;
  while (!host.waiting().empty()) {
    std::vector<ApiCall> home;
    for (const ApiCall& call : host.waiting()) {
      if (std::holds_alternative<InsertEvent>(*call.request)) home.push_back(call);
    }
    most = std::max(most, home.size());
    host.AnswerNext();
  }
  EXPECT_EQ(most, static_cast<size_t>(kEventCallsMax));
  EXPECT_THAT(host.Live("home"), SizeIs(20));
}

// ---- Guests ----

void Invite(ScriptedHost& host) {
  host.Edit("home", host.IdOfBlock(kSource, "home"), [](Event& event) { event.attendees = {{.email = "guest@example.org"}}; });
}

TEST(Guests, AreRemovedBeforeAnyOtherWrite) {  // L6, S-33
  const struct {
    const char* name;
    void (*also)(ScriptedHost&);
  } kRows[] = {
      {"alone", [](ScriptedHost&) {}},
      {"while the source moves",
       [](ScriptedHost& h) { h.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); }); }},
      {"while the source goes", [](ScriptedHost& h) { h.Cancel("work", "e1"); }},
      {"with another title",
       [](ScriptedHost& h) { h.Edit("home", h.IdOfBlock(kSource, "home"), [](Event& event) { event.summary = "Party"; }); }},
  };
  for (const auto& row : kRows) {
    ScriptedHost host = AtRest();
    Invite(host);
    row.also(host);
    host.Advance(absl::Minutes(12));
    std::vector<ApiCall> writes;
    for (const ApiCall& call : host.calls()) {
      if (IsEventWrite(*call.request)) writes.push_back(call);
    }
    ASSERT_THAT(writes, Not(IsEmpty())) << row.name;
    const PatchEvent* first = std::get_if<PatchEvent>(writes[0].request.get());
    ASSERT_NE(first, nullptr) << row.name;
    EXPECT_EQ(first->patch.attendees, std::vector<Attendee>()) << row.name;
    EXPECT_EQ(first->patch.start.has_value(), false) << row.name;
    EXPECT_EQ(first->send_updates, SendUpdates::kNone) << row.name;
    for (const Event& block : host.Live("home")) EXPECT_THAT(block.attendees, IsEmpty()) << row.name;
    EXPECT_EQ(host.engine().Unsettled(), "") << row.name;
  }
}

TEST(Guests, AreRemovedHoweverOftenGoogleSaysLaterFirst) {  // L6: small legacy seed 16304405.
  ScriptedHost host = AtRest();
  Invite(host);
  for (int refusals = 0; refusals < 2 * kFightsPerDay; ++refusals) {
    host.Script<PatchEvent>(ApiError{.code = 403, .domain = "usageLimits", .reason = "rateLimitExceeded"});
  }
  host.Advance(absl::Hours(6));
  EXPECT_THAT(host.Get("home", host.IdOfBlock(kSource, "home")).attendees, IsEmpty());
}

TEST(Guests, ThatGoogleRefusesToRemoveAreTriedMoreAndMoreSeldom) {  // L6, L8
  ScriptedHost host = AtRest(AConfig(), {.at = kSource, .start = TestNow() + absl::Hours(24 * 10)});
  Invite(host);
  for (int refusals = 0; refusals < kFightsPerDay + 5; ++refusals) {
    host.Script<PatchEvent>(ApiError{.code = 403, .reason = "forbiddenForNonOrganizer"});
  }
  UntilItLeaves<PatchEvent>(host);
  host.Advance(absl::Seconds(30));
  EXPECT_LE(RequestsOf<PatchEvent>(host.calls()).size(), 5u);
  host.Advance(absl::Hours(15));
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(kFightsPerDay));
  EXPECT_EQ(host.Audited(AuditKind::kParked), 0u);
  EXPECT_EQ(host.engine().Unsettled(), "");
  host.Advance(absl::Hours(8));
  EXPECT_THAT(host.Get("home", host.IdOfBlock(kSource, "home")).attendees, IsEmpty());
}

TEST(Guests, OfAForgottenBlockStayUntilItGoesWhereTheOperatorTookTheCalendarOut) {  // L10: seed 16204314
  const ScriptedHost before = AtRest();
  const std::string block = before.IdOfBlock(kSource, "home");
  GroupConfig config = AConfig();
  config.calendars[1].state = LinkState::kDisabled;
  ScriptedHost host(std::move(config), {}, 99);
  host.Put({.at = "home/" + block, .title = "Busy", .tag = before.Get("home", block).private_properties});
  host.Edit("home", block, [](Event& event) { event.attendees = {{.email = "guest@example.org"}}; });
  host.FailListings("work", ApiError{.code = 503});  // Its source may be there.
  host.Start(/*restored=*/true);
  host.Advance(absl::Minutes(1));
  EXPECT_EQ(host.records().size(), 1u);
  EXPECT_EQ(Story(host), Words{"get"});
  host.FailListings("work", std::nullopt);
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Story(host), (Words{"get", "patch", "delete"}));
  EXPECT_THAT(host.Live("home"), IsEmpty());
}

TEST(Guests, OfABlockThatAPersonMovedAreRemovedBeforeItIsDeleted) {  // L6
  ScriptedHost host = AtRest(AConfig({"work", "home", "team"}));
  const std::string block = host.IdOfBlock(kSource, "home");
  Event moved = host.Get("home", block);
  host.Cancel("home", block);
  host.Put({.at = "team/" + block});
  host.Edit("team", block, [&](Event& event) {
    event = moved;
    event.organizer = {"team@example.com", true};
    event.attendees = {{.email = "guest@example.org"}};
  });
  host.Advance(absl::Minutes(12));
  ASSERT_TRUE(host.Get("team", block).IsCancelled());
  bool removed = false;
  for (const ApiCall& call : host.calls()) {
    const PatchEvent* patch = std::get_if<PatchEvent>(call.request.get());
    removed |= patch != nullptr && patch->event.text() == block && patch->patch.attendees == std::vector<Attendee>();
    if (std::holds_alternative<DeleteEvent>(*call.request)) {
      EXPECT_TRUE(removed);
    }
  }
}

// ---- Tags ----

TEST(UserTags, AreWrittenLateAndOnlyOurOwnKeyIsTouched) {  // L6
  ScriptedHost host = WithOneUserEvent();
  host.Edit("work", "e1", [](Event& event) { event.private_properties = {{"zoom", "1"}}; });
  host.Start();
  host.AnswerAll();
  ExpectOneBlock(host);
  EXPECT_EQ(Story(host), (Words{"insert"}));
  const Etag etag = host.Get("work", "e1").etag;
  host.Settle();
  const auto patches = RequestsOf<PatchEvent>(host.calls());
  ASSERT_THAT(patches, SizeIs(1));
  EXPECT_EQ(patches[0].if_match, etag);
  EXPECT_THAT(patches[0].patch.private_properties, SizeIs(1));
  EXPECT_EQ(patches[0].patch.private_properties.count(TestGroup().tags.user_key()), 1u);
  EXPECT_FALSE(patches[0].patch.status || patches[0].patch.start || patches[0].patch.summary || patches[0].patch.attendees);
  EXPECT_EQ(host.Get("work", "e1").private_properties.at("zoom"), "1");
  EXPECT_EQ(host.Audited(AuditKind::kTagWritten), 1u);
}

TEST(UserTags, AreNeverInTheWayOfBlocks) {
  const ApiError kRefusals[] = {
      {.code = 403, .reason = "forbiddenForNonOrganizer"}, {.code = 400, .reason = "invalid"}, kTimeout};
  for (const ApiError& refusal : kRefusals) {
    ScriptedHost host = WithOneUserEvent();
    host.Start();
    host.AnswerAll();
    ExpectOneBlock(host);
    host.Script<PatchEvent>(refusal);
    host.Settle();
    host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
    host.Advance(absl::Minutes(12));
    EXPECT_EQ(host.Get("home", host.IdOfBlock(kSource, "home")).span(), host.Get("work", "e1").span());
  }
}

TEST(UserTags, RefusedForGoodAreGivenUp) {
  ScriptedHost host = WithOneUserEvent();
  host.Script<PatchEvent>(ApiError{.code = 403, .reason = "forbiddenForNonOrganizer"});
  host.Start();
  host.Advance(absl::Hours(24));
  EXPECT_EQ(Story(host), (Words{"insert", "tag"}));
  EXPECT_EQ(host.Audited(AuditKind::kTagGivenUp), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(UserTags, StrippedAgainAndAgainAreGivenUp) {  // S-2
  ScriptedHost host = AtRest();
  for (int day = 0; day < 10; ++day) {
    host.Edit("work", "e1", [](Event& event) { event.private_properties.clear(); });
    host.Advance(absl::Minutes(12));
  }
  EXPECT_LE(Story(host).size(), size_t{kTagAttemptsMax});
  EXPECT_EQ(host.Audited(AuditKind::kTagGivenUp), 1u);
  ExpectOneBlock(host);
}

TEST(UserTags, DroppedSilentlyAreGivenUp) {
  ScriptedHost host = WithOneUserEvent();
  host.Start();
  host.AnswerAll();
  for (int attempts = 0; attempts < 10; ++attempts)
    host.Script<PatchEvent>(std::make_shared<const Event>(host.Get("work", "e1")));
  host.Advance(absl::Hours(1));
  EXPECT_EQ(RequestsOf<PatchEvent>(host.calls()).size(), size_t{kTagAttemptsMax});
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(UserTags, CanBeTurnedOff) {
  GroupConfig config = AConfig();
  config.policy.tag_user_events = TagUserEvents::kOff;
  ScriptedHost host = WithOneUserEvent(config);
  host.Start();
  host.Advance(absl::Hours(1));
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), IsEmpty());
  ExpectOneBlock(host);
}

}  // namespace
}  // namespace calsync
