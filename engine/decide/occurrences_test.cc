// Occurrences of people's series, on the whole engine.

#include "engine/decide/occurrences.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/api/recurrence.h"
#include "engine/base/uuid.h"
#include "engine/decide/answers.h"
#include "engine/decide/block_occurrences.h"
#include "engine/decide/configure.h"
#include "engine/decide/desired.h"
#include "engine/decide/observe.h"
#include "engine/decide/observe_block.h"
#include "engine/decide/reconcile.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSecond[] = "e1_20260511T100000Z";

// At rest with a weekly series, of which the second occurrence was read, since somebody touched that of its block, in a version
// of the series that no listing has shown.
ScriptedHost WithSecondAhead() {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  host.Start();
  host.Settle();
  const std::string block = host.IdOfBlock("work/e1", "home");
  Event second = host.Get("work", "e1");
  second.id = EventId(kSecond);
  second.etag = Etag("\"ahead\"");
  second.updated = host.now();
  second.recurrence.clear();
  second.recurring_event_id = EventId("e1");
  second.original_start = EventTime::At(At("2026-05-11T10:00:00Z"));
  second.start.instant += absl::Hours(24 * 7);
  second.end.instant += absl::Hours(24 * 7);
  EventsPage page;
  page.items = {std::make_shared<const Event>(std::move(second))};
  host.Script<ListInstances>(std::move(page));
  host.Put({.at = "home/" + block + "_20260511T100000Z", .title = "Busy", .start = At("2026-05-11T10:00:00Z"), .master = block});
  host.Advance(absl::Minutes(12));
  return host;
}

const Record& SecondOf(const ScriptedHost& host) { return host.records()[*host.records().FindAt(KeyOf("work"), kSecond)]; }

TEST(OccurrenceAhead, IsWhatItsSeriesMakesItOnceThatIsListed) {  // L5: seed 13999138
  ScriptedHost host = WithSecondAhead();
  ASSERT_EQ(SecondOf(host).status, RecordStatus::kSynced);
  ASSERT_FALSE(SecondOf(host).plain);
  Event series = host.Get("work", "e1");
  series.description = "Second floor";  // Nothing that is mirrored.
  series.etag = Etag(SecondOf(host).etag);
  series.updated = absl::FromUnixMillis(SecondOf(host).updated_ms);
  EventsPage page;
  page.items = {std::make_shared<const Event>(std::move(series))};
  page.next_sync_token = host.engine().calendar(KeyOf("work"))->sync_token;
  const auto lists_work = [&] {
    const auto* list = host.waiting().empty() ? nullptr : std::get_if<ListEvents>(host.waiting().front().request.get());
    return list != nullptr && list->calendar == GoogleIdOf("work");
  };
  while (!lists_work()) {
    if (host.waiting().empty()) {
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
    } else {
      host.AnswerNext();
    }
  }
  host.Script<ListEvents>(std::move(page));
  host.ClearLog();
  host.Advance(absl::Minutes(12));
  EXPECT_TRUE(SecondOf(host).plain);
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), IsEmpty());
}

TEST(OccurrenceOfACopy, ThatWasCancelledIsReadOnceTheSeriesItselfIsMovedThere) {  // L5: seed 17300245
  GroupConfig config = AConfig();
  config.EditPolicyFor(KeyOf("work"), KeyOf("home")).mirrors = false;  // It is enough that it may be another's twin.
  ScriptedHost host(std::move(config));
  host.Put({.at = "work/e1"});
  host.Edit("work", "e1", [](Event& event) {
    event.recurrence = {"RRULE:FREQ=WEEKLY"};
    event.organizer = {"home@example.com", false};
  });
  host.Put({.at = std::string("work/") + kSecond, .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Start();
  host.Settle();
  host.Cancel("work", kSecond);
  host.Advance(absl::Minutes(30));
  ASSERT_EQ(SecondOf(host).status, RecordStatus::kGone);
  ASSERT_FALSE(SecondOf(host).plain);
  host.Purge("work", kSecond);  // The organizer's series has it.
  host.Edit("work", "e1", [](Event& event) { event.organizer = {"work@example.com", true}; });
  host.Advance(absl::Hours(1));
  EXPECT_TRUE(SecondOf(host).plain);
}

// Of a weekly series whose block's occurrence was met when it was cancelled already, and that has none in its place by now:
// another part of a split has the name (K-20). What becomes of the block.
RecordStatus OfBlockWithAHeldCancellation(const std::string& rule) {
  const int64_t original = absl::ToUnixSeconds(At("2026-06-08T10:00:00Z"));
  Record first = UserEvent("k1", "work/e1");
  first.series = SharedText(PackSeries(SeriesText{"UTC", {rule}}));
  Record of_another = UserEvent("k2", "work/e1_20260608T100000Z");
  of_another.status = RecordStatus::kGone;
  of_another.master = SharedText("e2");
  of_another.original = original;
  const Record block = Block({});
  Record held = Seen({.at = absl::StrCat("home/", block.event.view(), "_20260608T100000Z")});
  held.master = block.event;
  held.original = original;
  held.cancelled = true;
  LiveGroup group = ALiveGroup(AConfig(), {first, of_another, block, held});
  const RowIndex row = *group.records.FindAt(KeyOf("home"), block.event.view());
  const uint64_t shown = ContentFingerprintFor(group, group.records[*group.records.FindById(first.id)], KeyOf("home"));
  group.records.Change(row, [&](Record& record) { record.written = record.accepted = record.actual = shown; });
  AdoptHeldOccurrences(group, row);
  return group.records[row].status;
}

TEST(HeldCancellation, HasTheBlockMadeAnewOnlyWhereTheRuleMayGiveIt) {  // L4: seed 8167208 of --legacy
  EXPECT_EQ(OfBlockWithAHeldCancellation("RRULE:FREQ=WEEKLY;UNTIL=20260531T235959Z"), RecordStatus::kCreated);
  EXPECT_EQ(OfBlockWithAHeldCancellation("RRULE:FREQ=WEEKLY"), RecordStatus::kDeleting);
}

TEST(HeldCancellation, GoesOverToThePartOfItsSeriesThatASplitGaveIt) {  // L3: seed 931003279 of --legacy
  const Record marked = Seen({.at = "work/e2", .as = SeenAs::kTextMarked});
  const Record of_a_person = UserEvent("k2", "work/e2");
  const struct {
    const char* name;
    std::vector<Record> known;
    RecordKind want;
  } kRows[] = {
      {"marked as well", {marked}, RecordKind::kSeen},
      {"retitled, and so a person's", {of_a_person}, RecordKind::kUserEvent},
      {"not met yet", {}, RecordKind::kSeen},
  };
  for (const auto& row : kRows) {
    std::vector<Record> records = row.known;
    Record held = Seen({.at = absl::StrCat("work/", kSecond)});
    held.master = SharedText("e1");
    held.original = absl::ToUnixSeconds(At("2026-05-11T10:00:00Z"));
    held.cancelled = true;
    records.push_back(std::move(held));
    records.push_back(Seen({.at = "work/e1", .as = SeenAs::kTextMarked}));
    LiveGroup group = ALiveGroup(AConfig(), std::move(records));
    LiveCalendar& work = *group.Find(KeyOf("work"));
    Observe(
        group, work,
        EventOf({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e2", .cancelled = true}),
        Evidence::kList);
    const Record& second = group.records[*group.records.FindAt(KeyOf("work"), kSecond)];
    EXPECT_EQ(second.master.view(), "e2") << row.name;
    EXPECT_EQ(second.kind, row.want) << row.name;
    EXPECT_EQ(second.status, row.want == RecordKind::kSeen ? RecordStatus::kSeen : RecordStatus::kGone) << row.name;
    EXPECT_EQ(work.held.size(), row.known.empty() ? 1u : 0u) << row.name;
  }
}

// Lets time pass until a series is asked for that occurrences wait for. The answer is still to come.
void UntilAMasterIsAskedFor(ScriptedHost& host) {
  const auto asks = [&] { return !host.waiting().empty() && std::holds_alternative<GetEvent>(*host.waiting().front().request); };
  while (!asks()) {
    if (host.waiting().empty()) {
      host.set_now(std::max(host.now(), host.timer()));
      host.Give(TimerFired{});
    } else {
      host.AnswerNext();
    }
  }
}

TEST(HeldOccurrence, OfAPersonsSeriesThatDoesNotBlockSaysWhy) {  // L12
  ScriptedHost host;
  host.Put({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Edit("work", kSecond, [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Start();
  UntilAMasterIsAskedFor(host);
  host.Put({.at = "work/e1"});
  host.Edit("work", "e1", [](Event& event) { event.recurrence = {"RRULE:FREQ=WEEKLY"}; });
  EXPECT_EQ(host.Audited(AuditKind::kNotBlocking), 0u);
  host.AnswerNext();
  EXPECT_EQ(SecondOf(host).kind, RecordKind::kUserEvent);
  EXPECT_EQ(host.Audited(AuditKind::kNotBlocking), 1u);
}

TEST(HeldOccurrence, IsSkippedByTheKeywordsThatThereAreOnceItsSeriesIsMet) {
  ScriptedHost host;
  host.Put({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Start();
  UntilAMasterIsAskedFor(host);
  GroupConfig config = AConfig();
  config.policy.keywords = {"dentist"};
  host.Give(OperatorCommand(Reconfigure{config}));
  host.Put({.at = "work/e1", .title = "Holiday"});
  host.AnswerNext();
  ASSERT_EQ(SecondOf(host).kind, RecordKind::kUserEvent);
  host.Settle();
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

constexpr char kThird[] = "20260518T100000Z";

// A series with its block. Its third occurrence was asked for, and is known under another id (K-20).
std::vector<Record> SeriesThatWasSplit() {
  Record series = UserEvent("k1", "work/e2");
  series.series = SharedText(PackSeries(SeriesText{"UTC", {"RRULE:FREQ=WEEKLY"}}));
  return {series, Block({.source_at = "work/e2"})};
}
Record ThirdOf(absl::string_view id, absl::string_view at) {
  Record third = UserEvent(id, at);
  third.master = SharedText("e2");
  third.original = absl::ToUnixSeconds(At("2026-05-18T10:00:00Z"));
  return third;
}

TEST(AskedOccurrence, HandsOverItsBlocksOccurrenceWithItsSlot) {  // Or the next that is planned for it has no slot.
  std::vector<Record> records = SeriesThatWasSplit();
  const std::string block = records[1].event.ToString();
  Record asked = ThirdOf("k3", absl::StrCat("work/e2_", kThird));
  asked.etag = SharedText();
  asked.must_read = asked.plain = true;
  Record known = ThirdOf("k2", absl::StrCat("work/e1_", kThird));
  known.master = SharedText("e1");
  Record of_asked = Block({.id = "b3", .source = "k3", .source_at = absl::StrCat("work/#", FormatUuid(IdNamed("k3").value))});
  of_asked.event = SharedText(absl::StrCat(block, "_", kThird));
  of_asked.master = SharedText(block);
  for (const Record& record : {asked, known, UserEvent("k4", "work/e1"), of_asked}) records.push_back(record);
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  Event shown = EventOf({.at = absl::StrCat("work/e1_", kThird), .start = At("2026-05-18T10:00:00Z"), .master = "e2"});
  shown.etag = Etag("\"2\"");
  EventsPage page;
  page.items = {std::make_shared<const Event>(std::move(shown))};
  const RowIndex row = *group.records.FindById(IdNamed("k3"));
  group.Find(KeyOf("work"))->event_calls = 1;
  OnEventReply(group,
               {.purpose = CallInFlight::Purpose::kRead, .calendar = KeyOf("work"), .row = row, .event = EventId(asked.event)},
               page);
  const std::optional<RowIndex> of_known = group.records.FindOccurrenceOfBlock(IdNamed("k2"), KeyOf("home"));
  ASSERT_TRUE(of_known.has_value());
  EXPECT_EQ(group.records[*of_known].slot,
            TestGroup().ids.SlotOf(KeyOf("work"), absl::StrCat("#", FormatUuid(IdNamed("k2").value)), KeyOf("home")));
  EXPECT_EQ(group.records.Verify(), "");
}

TEST(OccurrenceOfBlock, ThatIsNotWantedAnyMoreBeforeItWasBroughtBackStaysCancelled) {  // L8
  std::vector<Record> records = SeriesThatWasSplit();
  const std::string block = records[1].event.ToString();
  Record third = ThirdOf("k2", absl::StrCat("work/e2_", kThird));
  third.status = RecordStatus::kGone;
  Record of_third = Block({.id = "b2", .source = "k2", .source_at = "work/#k2", .status = RecordStatus::kCreating});
  of_third.event = SharedText(absl::StrCat(block, "_", kThird));
  of_third.master = SharedText(block);
  of_third.etag = SharedText("\"1\"");
  of_third.taken = of_third.guests = true;
  records.push_back(third);
  records.push_back(of_third);
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  const RowIndex series = *group.records.FindById(IdNamed("k1"));
  const uint64_t shown = ContentFingerprintFor(group, group.records[series], KeyOf("home"));
  group.records.Change(*group.records.FindById(IdNamed("b1")),
                       [&](Record& record) { record.written = record.accepted = record.actual = shown; });
  ReconcileOccurrences(group, series, *group.Find(KeyOf("home")));
  EXPECT_EQ(group.records[*group.records.FindById(IdNamed("b2"))].status, RecordStatus::kDeleted);
}

// A row for the block's occurrence at that start. Its slot is named after the one source, and it answers to the other.
Record OccurrenceOfBlockAt(absl::string_view stamp, const BlockSpec& spec, absl::string_view named_after) {
  Record occurrence = Block({.id = spec.id,
                             .source = spec.source,
                             .source_at = absl::StrCat("work/#", FormatUuid(IdNamed(named_after).value)),
                             .status = spec.status});
  const std::string block = SeriesThatWasSplit()[1].event.ToString();
  occurrence.event = SharedText(absl::StrCat(block, "_", stamp));
  occurrence.master = SharedText(block);
  return occurrence;
}

TEST(StoredOccurrence, HasItsOwnSlotFromTheStartOnWhateverAnOlderVersionLeftIt) {  // L2: or the next one planned meets it taken.
  std::vector<Record> records = SeriesThatWasSplit();
  constexpr char kFourth[] = "20260525T100000Z";
  records.push_back(ThirdOf("k3", absl::StrCat("work/e2_", kThird)));
  records.push_back(ThirdOf("k4", absl::StrCat("work/e2_", kFourth)));
  records.push_back(OccurrenceOfBlockAt(kThird, {.id = "b3", .source = "k3"}, "k4"));
  records.push_back(OccurrenceOfBlockAt(kFourth, {.id = "b4", .source = "k4"}, "k3"));
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  OnStarted(group, Started());
  for (const char* source : {"k3", "k4"}) {
    const std::optional<RowIndex> row = group.records.FindOccurrenceOfBlock(IdNamed(source), KeyOf("home"));
    ASSERT_TRUE(row.has_value()) << source;
    EXPECT_EQ(group.records[*row].slot,
              group.ids.SlotOf(KeyOf("work"), absl::StrCat("#", FormatUuid(IdNamed(source).value)), KeyOf("home")));
  }
  EXPECT_EQ(group.records.Verify(), "");
  EXPECT_THAT(group.audit, SizeIs(2));
}

TEST(StoredOccurrence, WhoseSourceHasAnotherIdIsHeldForItFromTheStartOn) {  // L3: nobody would look after it.
  std::vector<Record> records = SeriesThatWasSplit();
  records.push_back(OccurrenceOfBlockAt(kThird, {.id = "b3", .source = "k9"}, "k9"));
  records.push_back(UserEvent("k2", "work/e1"));
  records.push_back(Block({.id = "b2", .source = "k8"}));  // The same of a whole block.
  const std::string whole = records.back().event.ToString(), occurrence = records[2].event.ToString();
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  OnStarted(group, Started());
  EXPECT_EQ(group.records.Verify(), "");
  EXPECT_EQ(group.records[*group.records.FindAt(KeyOf("home"), occurrence)].kind, RecordKind::kSeen);
  EXPECT_TRUE(group.records[*group.records.FindAt(KeyOf("home"), whole)].source.empty());
  ReconcileDirty(group);
  EXPECT_EQ(group.records.Verify(), "");
  EXPECT_EQ(group.records[*group.records.FindAt(KeyOf("home"), whole)].source, IdNamed("k2"));
}

TEST(OccurrenceOfBlock, IsNotBroughtBackBeforeItsDeleteIsAnswered) {  // Or that answer ends what was not asked for yet.
  std::vector<Record> records = SeriesThatWasSplit();
  records.push_back(ThirdOf("k3", absl::StrCat("work/e2_", kThird)));
  records.push_back(OccurrenceOfBlockAt(kThird, {.id = "b3", .source = "k3", .status = RecordStatus::kDeleted}, "k3"));
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  const RowIndex series = *group.records.FindById(IdNamed("k1")), row = *group.records.FindById(IdNamed("b3"));
  const uint64_t shown = ContentFingerprintFor(group, group.records[series], KeyOf("home"));
  group.records.Change(*group.records.FindById(IdNamed("b1")),
                       [&](Record& record) { record.written = record.accepted = record.actual = shown; });
  group.busy.emplace(row, CallId(1));
  ReconcileOccurrences(group, series, *group.Find(KeyOf("home")));
  EXPECT_EQ(group.records[row].status, RecordStatus::kDeleted);
  group.busy.clear();
  ReconcileOccurrences(group, series, *group.Find(KeyOf("home")));
  EXPECT_EQ(group.records[row].status, RecordStatus::kCreating);
}

TEST(OccurrenceOfBlock, ThatWasGivenUpAndIsLiveCountsAsNoBlock) {  // L12: its series counted.
  std::vector<Record> records = SeriesThatWasSplit();
  const std::string block = records[1].event.ToString();
  records.push_back(ThirdOf("k3", absl::StrCat("work/e2_", kThird)));
  records.push_back(OccurrenceOfBlockAt(kThird, {.id = "b3", .source = "k3", .status = RecordStatus::kFailed}, "k3"));
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  const RowIndex row = *group.records.FindById(IdNamed("b3"));
  ObserveBlock(group, row, EventOf({.at = absl::StrCat("home/", block, "_", kThird), .master = block}));
  EXPECT_EQ(group.records[row].status, RecordStatus::kCreated);
  EXPECT_EQ(group.Find(KeyOf("home"))->row.counters.busy_blocks_created, 0);
}

TEST(AskedOccurrence, KeepsTheIdOfWhatWasAskedForThereBefore) {  // Blocks of that answer to it.
  std::vector<Record> records = SeriesThatWasSplit();
  const std::string block = records[1].event.ToString(), third = absl::StrCat("work/e2_", kThird);
  records.push_back(UserEvent({.id = "k3", .at = third, .status = RecordStatus::kGone}));
  records.push_back(Block({.id = "b3", .source = "k3", .source_at = third, .status = RecordStatus::kDeleted}));
  Record held = Seen({.at = absl::StrCat("home/", block, "_", kThird)});
  held.master = SharedText(block);
  held.original = absl::ToUnixSeconds(At("2026-05-18T10:00:00Z"));
  records.push_back(held);
  LiveGroup group = ALiveGroup(AConfig(), std::move(records));
  AdoptHeldOccurrences(group, *group.records.FindAt(KeyOf("home"), block));
  EXPECT_TRUE(group.records.FindOccurrenceOfBlock(IdNamed("k3"), KeyOf("home")).has_value());
  EXPECT_EQ(group.records.Verify(), "");
}

// A page showed it live, and its series was deleted before the page that would have shown that one. No delta tells (K-19).
TEST(HeldOccurrence, IsReadWhenItsSeriesTurnsOutToBeDeleted) {  // L5, C-68
  for (const bool is_there : {false, true}) {
    ScriptedHost host;
    host.Put({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
    host.Start();
    UntilAMasterIsAskedFor(host);
    host.Put({.at = "work/e1"});
    host.Cancel("work", "e1");
    if (!is_there) host.Purge("work", kSecond);
    host.AnswerNext();
    host.Advance(absl::Minutes(30));
    EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), SizeIs(is_there ? 1 : 0));
    EXPECT_EQ(SecondOf(host).kind, is_there ? RecordKind::kUserEvent : RecordKind::kSeen);
    EXPECT_EQ(host.engine().Unsettled(), "");
  }
}

TEST(AskedMaster, IsAskedForAgainByWhoeverNamesItOnceItsFirstOccurrenceLeftIt) {  // L3
  ScriptedHost host;
  host.Start();
  host.Settle();
  const std::string first = "e9_20260504T100000Z", later = "e9_20260511T100000Z";
  host.Put({.at = absl::StrCat("work/", first), .master = "e9"});
  UntilAMasterIsAskedFor(host);
  host.Edit("work", first, [](Event& event) { event.recurring_event_id = EventId("e8"); });
  host.Advance(absl::Minutes(30));
  ASSERT_EQ(host.records()[*host.records().FindAt(KeyOf("work"), first)].master.view(), "e8");
  ASSERT_EQ(host.records()[*host.records().FindAt(KeyOf("work"), "e9")].seen_as, SeenAs::kUndecided);
  host.Put({.at = absl::StrCat("work/", later), .start = At("2026-05-11T10:00:00Z"), .master = "e9"});
  host.Advance(absl::Minutes(30));
  EXPECT_EQ(host.records()[*host.records().FindAt(KeyOf("work"), "e9")].seen_as, SeenAs::kNoSuchEvent);
  ASSERT_EQ(host.records()[*host.records().FindAt(KeyOf("work"), later)].kind, RecordKind::kUserEvent);
  EXPECT_TRUE(host.Has("home", host.IdOfBlock(absl::StrCat("work/", later), "home")));
}

// At rest with a weekly series of which both the second occurrence and that of its block are known.
ScriptedHost WithSecond() {
  ScriptedHost host = WithSecondAhead();
  host.Put({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Advance(absl::Minutes(30));
  host.ClearLog();
  return host;
}

std::string SecondOfBlock(const ScriptedHost& host) {
  return absl::StrCat(host.IdOfBlock("work/e1", "home"), "_20260511T100000Z");
}

RecordStatus StatusAt(const ScriptedHost& host, absl::string_view calendar, absl::string_view event) {
  return host.records()[*host.records().FindAt(KeyOf(calendar), event)].status;
}

TEST(CancelledOccurrence, IsCancelledAlsoIfAReadDoesNotFindItYet) {  // L3, V6: seed 14426881
  ScriptedHost host = WithSecond();
  ASSERT_EQ(StatusAt(host, "home", SecondOfBlock(host)), RecordStatus::kCreated);
  host.Cancel("work", kSecond);
  host.Script<GetEvent>(ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(12));
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(1));
  EXPECT_EQ(SecondOf(host).status, RecordStatus::kGone);
  EXPECT_FALSE(SecondOf(host).plain);
  EXPECT_TRUE(host.Get("home", SecondOfBlock(host)).IsCancelled());
}

TEST(CancelledOccurrence, OfABlockIsRespectedAlsoIfAReadDoesNotFindItYet) {  // V6
  ScriptedHost host = WithSecond();
  const std::string second = SecondOfBlock(host);
  host.Cancel("home", second);
  host.Script<GetEvent>(ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(12));
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 1u);
  EXPECT_TRUE(host.Get("home", second).IsCancelled());
}

TEST(OccurrenceOfBlock, IsBroughtBackThoughAReadShowsItAsItWasBeforeItsDelete) {  // L3, C3: seed 16702261
  ScriptedHost host = WithSecond();
  const std::string second = SecondOfBlock(host);
  const Event before = host.Get("home", second);
  host.Cancel("work", kSecond);
  host.Advance(absl::Minutes(12));
  ASSERT_TRUE(host.Get("home", second).IsCancelled());
  host.Put({.at = absl::StrCat("work/", kSecond), .start = At("2026-05-11T10:00:00Z"), .master = "e1"});
  host.Script<GetEvent>(std::make_shared<const Event>(host.Get("work", kSecond)));
  host.Script<GetEvent>(std::make_shared<const Event>(before));
  host.Advance(absl::Hours(2));
  EXPECT_FALSE(host.Get("home", second).IsCancelled());
  EXPECT_EQ(host.Audited(AuditKind::kDeletionRespected), 0u);
}

TEST(OccurrenceOfBlock, DoesNotComeBackWithoutItsSeries) {  // L10, C-68: seeds 14344826 and 14509536
  ScriptedHost host = WithSecond();
  const std::string second = SecondOfBlock(host);
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Advance(absl::Minutes(12));
  ASSERT_TRUE(host.Get("home", host.IdOfBlock("work/e1", "home")).IsCancelled());
  host.ClearLog();
  host.Edit("home", second, [](Event& event) { event.description = "as it was"; });  // As views that lag show it.
  host.Advance(absl::Minutes(12));
  EXPECT_THAT(RequestsOf<GetEvent>(host.calls()), SizeIs(1));
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), IsEmpty());
  EXPECT_EQ(StatusAt(host, "home", second), RecordStatus::kDeleted);
}

}  // namespace
}  // namespace calsync
