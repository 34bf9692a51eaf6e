// Each oracle is seen failing on an observation that was broken by hand, and content with the same one unbroken.

#include "scenarios/laws/laws.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr FamilyNumber kOurs = 0;
constexpr FamilyNumber kTheirs = 1;
constexpr int kWork = 0;
constexpr int kHome = 1;
const fake::ActorId kAnn{fake::ActorKind::kPerson, 0};
const fake::ActorId kEngine{fake::ActorKind::kEngine, 0};

absl::Time Hour(int hour) { return absl::FromUnixSeconds(1777852800 + hour * 3600); }

Event AnEvent(const std::string& id, int hour = 10) {
  Event event;
  event.id = EventId(id);
  event.summary = "Dentist";
  event.start = EventTime::At(Hour(hour));
  event.end = EventTime::At(Hour(hour + 1));
  return event;
}

Event ABlock(const std::string& id, int hour = 10) {
  Event event = AnEvent(id, hour);
  event.summary = "Busy";
  event.visibility = Visibility::kPrivate;
  return event;
}

EventPtr Shared(Event event) { return std::make_shared<const Event>(std::move(event)); }

fake::WriteRecord Insert(const std::string& id, int calendar, fake::ActorId actor) {
  return {.time = Hour(0),
          .actor = actor,
          .kind = fake::WriteKind::kInserted,
          .calendar = CalendarId(calendar == kWork ? "work" : "home"),
          .event = EventId(id),
          .after = Shared(AnEvent(id))};
}

Ghost TwoEvents() {
  Ghost ghost;
  ghost.SetFamily(0, kOurs);
  ghost.Observe(Insert("person1", kWork, kAnn), kWork, -1);
  ghost.Claim(kOurs, {kHome, EventId("block1")}, {kWork, EventId("person1")});
  ghost.Observe(Insert("block1", kHome, kEngine), kHome, -1);
  return ghost;
}

// ---- L1 ----

TEST(NoCascade, ABlockOfABlockIsABreach) {
  const Ghost ghost = TwoEvents();
  EXPECT_THAT(CheckSourceOfInsert(ghost, {kHome, EventId("new")}, {kWork, EventId("person1")}, AnEvent("new")), IsEmpty());
  EXPECT_THAT(CheckSourceOfInsert(ghost, {kWork, EventId("new")}, {kHome, EventId("block1")}, AnEvent("new")),
              HasSubstr("a block"));
  EXPECT_THAT(CheckSourceOfInsert(ghost, {kWork, EventId("new")}, {kWork, EventId("person1")}, AnEvent("new")),
              HasSubstr("own calendar"));
  EXPECT_THAT(CheckSourceOfInsert(ghost, {kHome, EventId("new")}, {kWork, EventId("none")}, AnEvent("new")),
              HasSubstr("never existed"));
}

TEST(NoCascade, AWatermarkTellsAnotherSource) {
  Ghost ghost = TwoEvents();
  ghost.FindForChange({kWork, EventId("person1")})->residue = 7;
  EXPECT_THAT(CheckSourceOfInsert(ghost, {kHome, EventId("new")}, {kWork, EventId("person1")}, AnEvent("new")),
              HasSubstr("never were"));
}

TEST(NoCascade, ABlockRecordedAsAUserEventIsABreach) {
  const Ghost ghost = TwoEvents();
  EXPECT_THAT(CheckUserEventRow(ghost, {kWork, EventId("person1")}), IsEmpty());
  EXPECT_THAT(CheckUserEventRow(ghost, {kHome, EventId("block1")}), HasSubstr("a block"));
  EXPECT_THAT(CheckUserEventRow(ghost, {kHome, EventId("none")}), HasSubstr("nobody"));
}

// ---- What is seen at rest ----

RestView OneSlotFilled() {
  RestView view;
  view.now = Hour(1);
  view.group.family = kOurs;
  view.group.calendars = {{.calendar = kWork, .google_id = CalendarId("work"), .key = CalendarKey(1), .name = "work"},
                          {.calendar = kHome, .google_id = CalendarId("home"), .key = CalendarKey(2), .name = "home"}};
  view.slots = {{.source = {kWork, EventId("person1")}, .target = kHome, .event = Shared(AnEvent("person1")), .summary = "Busy"}};
  const RowWords row{.known = true, .kind = RecordKind::kBlock, .status = RecordStatus::kCreated};
  view.slot_rows = {row};
  view.slot_truth = {nullptr};
  view.blocks = {
      {.target = kHome, .event = Shared(ABlock("block1")), .row = row, .source = Spot{kWork, EventId("person1")}, .slot = 0}};
  view.others = {{.calendar = kWork,
                  .event = Shared(AnEvent("person1")),
                  .nature = Nature::kUserEvent,
                  .row = {.known = true, .kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced}}};
  return view;
}

TEST(AtRest, AllIsWellWithOneSlotFilled) {
  const RestView view = OneSlotFilled();
  EXPECT_THAT(CheckNoDouble(view), IsEmpty());
  EXPECT_THAT(CheckNothingMissed(view), IsEmpty());
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(NoDouble, TwoBlocksInOneSlotAreABreach) {
  RestView view = OneSlotFilled();
  view.blocks.push_back(view.blocks[0]);
  view.blocks[1].event = Shared(ABlock("block2"));
  EXPECT_THAT(CheckNoDouble(view), HasSubstr("twice"));
}

TEST(NothingMissed, AnEmptySlotIsABreach) {
  RestView view = OneSlotFilled();
  view.blocks.clear();
  EXPECT_THAT(CheckNothingMissed(view), HasSubstr("missing"));
}

TEST(NothingMissed, ADeletionIsAReasonOnlyIfAPersonDidDelete) {
  RestView view = OneSlotFilled();
  view.blocks.clear();
  view.slot_rows[0].hold = Hold::kRespectedDeletion;
  EXPECT_THAT(CheckNothingMissed(view), HasSubstr("missing"));
  GhostSlot truth;
  truth.deleted_at = Hour(0);
  view.slot_truth[0] = &truth;
  EXPECT_THAT(CheckNothingMissed(view), IsEmpty());
  // Settled long ago, and the source was moved since: the block must be back.
  view.last_rest = Hour(1);
  truth.respected_source = Shared(AnEvent("person1", 8));
  EXPECT_THAT(CheckNothingMissed(view), HasSubstr("missing"));
}

TEST(NothingMissed, ARespectedDeletionStaysRespected) {
  RestView view = OneSlotFilled();
  GhostSlot truth;
  truth.deleted_at = Hour(0);
  truth.respected_source = view.slots[0].event;
  view.slot_truth[0] = &truth;
  view.last_rest = Hour(1);
  EXPECT_THAT(CheckNothingMissed(view), HasSubstr("is back"));
}

TEST(NothingMissed, EveryFlawOfABlockIsABreach) {
  const struct {
    const char* name;
    std::function<void(Event&)> spoil;
    const char* says;
  } kRows[] = {
      {"an hour late", [](Event& event) { event = ABlock("block1", 11); }, "instead"},
      {"retitled", [](Event& event) { event.summary = "Party"; }, "reads"},
      {"described", [](Event& event) { event.description = "x"; }, "description"},
      {"free", [](Event& event) { event.transparency = Transparency::kTransparent; }, "busy"},
      {"public", [](Event& event) { event.visibility = Visibility::kDefault; }, "private"},
      {"with guests", [](Event& event) { event.attendees.push_back({.email = "guest@example.net"}); }, "guests"},
  };
  for (const auto& row : kRows) {
    RestView view = OneSlotFilled();
    Event block = *view.blocks[0].event;
    row.spoil(block);
    view.blocks[0].event = Shared(block);
    EXPECT_THAT(CheckNothingMissed(view), HasSubstr(row.says)) << row.name;
  }
}

// The same slot, of a series that meets on two days.
RestView OneSeriesFilled() {
  RestView view = OneSlotFilled();
  Event series = AnEvent("person1");
  Event block = ABlock("block1");
  series.recurrence = block.recurrence = {"RRULE:FREQ=DAILY;COUNT=2"};
  view.slots[0].event = Shared(series);
  view.blocks[0].event = Shared(block);
  for (const int hour : {10, 34}) {
    const TimeSpan span = AnEvent("any", hour).span();
    view.slots[0].times.push_back({{span.start, false}, span, view.slots[0].event.get()});
    view.blocks[0].times.push_back({{span.start, false}, span, view.blocks[0].event.get()});
  }
  return view;
}

TEST(NothingMissed, EveryFlawOfAnOccurrenceIsABreach) {
  const EventPtr retitled = Shared(AnEvent("block1_1", 34));
  const struct {
    const char* name;
    std::function<void(RestView&)> spoil;
    const char* says;
  } kRows[] = {
      {"missing", [](RestView& view) { view.blocks[0].times.pop_back(); }, "lacks the occurrence at"},
      {"surplus", [](RestView& view) { view.slots[0].times.pop_back(); }, "too many"},
      {"an hour late", [](RestView& view) { view.blocks[0].times[1].span = AnEvent("any", 35).span(); },
       "shows the occurrence of"},
      {"retitled", [&](RestView& view) { view.blocks[0].times[1].shown = retitled.get(); }, "reads 'Dentist' at"},
  };
  for (const auto& row : kRows) {
    RestView view = OneSeriesFilled();
    EXPECT_THAT(CheckNothingMissed(view), IsEmpty()) << row.name;
    row.spoil(view);
    EXPECT_THAT(CheckNothingMissed(view), HasSubstr(row.says)) << row.name;
    // What a person did to the occurrence, and the engine lets be, is no breach.
    const GhostSlot touched{.part_touched_at = Hour(0)};
    view.slot_truth[0] = &touched;
    EXPECT_THAT(CheckNothingMissed(view), HasSubstr(row.says)) << row.name;
    view.blocks[0].occurrences = {{{AnEvent("any", 34).span().start, false}, {.known = true, .hold = Hold::kKeptEdit}}};
    EXPECT_THAT(CheckNothingMissed(view), IsEmpty()) << row.name;
  }
}

TEST(NothingMissed, ThatABlockWasRefusedIsNotBelieved) {
  RestView view = OneSlotFilled();
  view.blocks[0].event = Shared(ABlock("block1", 11));
  view.blocks[0].row.status = view.slot_rows[0].status = RecordStatus::kFailed;
  view.blocks[0].row.hold = view.slot_rows[0].hold = Hold::kParked;
  EXPECT_THAT(CheckNothingMissed(view), HasSubstr("instead"));
  view.slots[0].duty = Duty::kAllowed;  // Google does refuse it.
  EXPECT_THAT(CheckNothingMissed(view), IsEmpty());
}

TEST(NoOrphan, ABlockWithoutSourceOrRowIsABreach) {
  RestView view = OneSlotFilled();
  view.blocks[0].slot = -1;
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("no source"));
  view = OneSlotFilled();
  view.blocks[0].row = RowWords();
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("no row"));
  view.group.calendars[1].writable = false;
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
}

TEST(NoOrphan, ASurplusBlockIsABreach) {
  RestView view = OneSlotFilled();
  view.blocks[0].row = {.known = true, .kind = RecordKind::kSeen, .seen_as = SeenAs::kSurplusBlock};
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("is surplus and still there"));
}

TEST(NoOrphan, WhatWasSplitOffABlockStaysOnlyWithAnEditThatIsKept) {
  RestView view = OneSlotFilled();
  view.blocks[0].row.hold = Hold::kKeptEdit;
  LiveBlock fragment{.target = kHome, .event = Shared(ABlock("block1_R20260504T080000Z")), .fragment = true};
  fragment.row = {.known = true, .kind = RecordKind::kSeen, .seen_as = SeenAs::kFragment};
  view.blocks.push_back(fragment);
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
  view.blocks[0].row.hold = Hold::kNone;
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("no source"));
}

TEST(NoOrphan, WhatTheOperatorCalledABlockOfTheSystemBeforeMustGo) {
  RestView view = OneSlotFilled();
  LiveOther old{.calendar = kHome, .event = Shared(AnEvent("old1")), .nature = Nature::kLegacyBlock, .taken = true};
  old.row = {.known = true, .kind = RecordKind::kSeen, .seen_as = SeenAs::kTextMarked};
  view.others.push_back(old);
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());  // It waits, or may be for something.
  view.others.back().row.seen_as = SeenAs::kCopyOfBlock;
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("as the operator said, and for nothing"));
  view.others.back().revived = true;
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
}

TEST(NoOrphan, ABlockThatAPersonMovedMustBeGoneFromWhereItLanded) {
  RestView view = OneSlotFilled();
  Event moved = ABlock("block1");
  moved.organizer.self = true;
  view.others.push_back({.calendar = kWork, .event = Shared(moved), .nature = Nature::kCopyOfBlock, .same_family = true});
  LiveOther& landed = view.others.back();
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());  // A copy.
  landed.moved_from = kHome;
  landed.moved_at = Hour(0);
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());  // The group may not know it yet.
  landed.loss_is_respected = true;
  EXPECT_THAT(CheckNoOrphan(view), HasSubstr("moved from home to work, still lies there"));
  view.amnesty = Hour(1);
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
  view.amnesty = absl::InfinitePast();
  view.group.calendars[1].readable = false;
  EXPECT_THAT(CheckNoOrphan(view), IsEmpty());
}

TEST(Honest, AnEventThatNoRowAccountsForIsABreach) {
  RestView view = OneSlotFilled();
  view.others[0].row = RowWords();
  EXPECT_THAT(CheckHonest(view), HasSubstr("no row"));
  view = OneSlotFilled();
  view.others[0].blocking = Blocking::kFree;
  EXPECT_THAT(CheckHonest(view), HasSubstr("wrong reason"));
  view = OneSlotFilled();
  view.others[0].nature = Nature::kCopyOfBlock;
  EXPECT_THAT(CheckHonest(view), HasSubstr("copy of a block"));
  view.others[0].row.kind = RecordKind::kSeen;
  EXPECT_THAT(CheckHonest(view), HasSubstr("audit trail does not say why"));
  view.others[0].skip_on_record = true;
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(Honest, WhatDoesNotBlockAndIsNotToldIsABreach) {
  RestView view = OneSlotFilled();
  Event free = *view.others[0].event;
  free.transparency = Transparency::kTransparent;
  view.others[0].event = Shared(free);
  view.others[0].blocking = Blocking::kFree;
  EXPECT_THAT(CheckHonest(view), HasSubstr("does not block, and the audit trail does not say why"));
  view.others[0].skip_on_record = true;
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(Honest, WhatAPolicySkipsAndIsNotToldIsABreach) {
  RestView view = OneSlotFilled();
  Event tentative = *view.others[0].event;
  tentative.status = EventStatus::kTentative;
  view.others[0].event = Shared(tentative);
  EXPECT_THAT(CheckHonest(view), IsEmpty());
  view.group.policy.tentative = false;
  EXPECT_THAT(CheckHonest(view), HasSubstr("has no block on home (tentative), and the audit trail does not say so"));
  view.others[0].told_skip = "tentative: home";
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(Honest, WhatNoPolicyLeavesOutIsToBeToldAnewOnceOneDoes) {
  RestView view = OneSlotFilled();
  const std::vector<Place> person = {{view.group.Find(kWork)->key, view.others[0].event->id}};
  EXPECT_EQ(NotLeftOut(view), person);
  view.group.policy.all_day = false;
  EXPECT_EQ(NotLeftOut(view), person);
  Event tentative = *view.others[0].event;
  tentative.status = EventStatus::kTentative;
  view.others[0].event = Shared(tentative);
  view.group.policy.tentative = false;
  EXPECT_TRUE(NotLeftOut(view).empty());
  view.group.policy.tentative = true;
  Event hidden = *view.others[0].event;
  hidden.visibility = Visibility::kPrivate;
  view.others[0].event = Shared(hidden);
  EXPECT_EQ(NotLeftOut(view), person);
  view.group.calendars[0].writable = false;
  EXPECT_TRUE(NotLeftOut(view).empty()) << "nobody sees there what it is";
}

TEST(Honest, WhatWaitsForTheOperatorAndIsNotToldIsABreach) {
  RestView view = OneSlotFilled();
  view.group.parked = {{kWork, EventId("person1")}};
  EXPECT_THAT(CheckHonest(view), HasSubstr("waits for the operator, and the audit trail does not say so"));
  view.others[0].skip_on_record = true;
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(Honest, AnEditThatIsKeptAndThatNobodyMadeIsABreach) {
  RestView view = OneSlotFilled();
  view.blocks[0].row.hold = Hold::kKeptEdit;
  EXPECT_THAT(CheckHonest(view), HasSubstr("nobody ever did"));
  const GhostSlot edited{.edited_at = Hour(0), .touches = {Hour(0)}};
  view.slot_truth[0] = &edited;
  EXPECT_THAT(CheckHonest(view), IsEmpty());
  view.slot_truth[0] = nullptr;
  view.cloned = true;
  EXPECT_THAT(CheckHonest(view), IsEmpty());
}

TEST(Honest, CountersThatClaimTooLittleAreABreach) {
  EXPECT_THAT(CheckCounters({.busy_blocks_created = 1}, {.blocks_inserted = 2, .blocks_live = 2}),
              HasSubstr("are there to be seen"));
  EXPECT_THAT(CheckCounters({.user_events_found = 1}, {.user_events_live = 2}), HasSubstr("user_events_found"));
  EXPECT_THAT(CheckCounters({}, {.blocks_live = 2, .memory_intact = false}), IsEmpty());
}

TEST(Honest, CountersThatClaimTooMuchAreABreach) {
  EXPECT_THAT(CheckCounters({.busy_blocks_created = 2}, {.blocks_inserted = 2}), IsEmpty());
  EXPECT_THAT(CheckCounters({.busy_blocks_created = 3}, {.blocks_inserted = 2}), HasSubstr("busy_blocks_created"));
}

// ---- L4 ----

TEST(Honest, ABlockThatIsOwedAtRestIsABreachWhereItCanBeWritten) {
  Records records;
  calsync::Record owed{.kind = RecordKind::kBlock, .status = RecordStatus::kCreating};
  owed.id = {absl::uint128(1)};
  owed.calendar = CalendarKey(2);
  owed.event = SharedText("block1");
  records.Add(owed);
  const CalendarKey here[] = {CalendarKey(2)}, elsewhere[] = {CalendarKey(3)};
  EXPECT_THAT(CheckDebtsTold(records, here), HasSubstr("block1 is creating"));
  EXPECT_THAT(CheckDebtsTold(records, elsewhere), IsEmpty());
  records.Change(0, [](calsync::Record& record) { record.fights = 10; });
  EXPECT_THAT(CheckDebtsTold(records, here), IsEmpty());
}

TEST(Quiescence, AWriteOnAQuietDayIsABreach) {
  EXPECT_THAT(CheckQuiet({.length = absl::Hours(24), .lists = 4, .lists_allowed = 8}), IsEmpty());
  EXPECT_THAT(CheckQuiet({.length = absl::Hours(24), .event_writes = 1, .last_write = "patch"}), HasSubstr("patch"));
  EXPECT_THAT(CheckQuiet({.length = absl::Hours(24), .lists = 9, .lists_allowed = 8}), HasSubstr("listings"));
}

TEST(Quiescence, OnlyScheduledReadsAreAllowed) {  // LV2
  const QuietCalendar day{.polls = 1, .rows = 300, .page_size = 250};
  EXPECT_EQ(ListsAllowed(day), 5 * 3u);
  EXPECT_THAT(CheckQuiet({.length = absl::Hours(24), .lists = 24 * 6, .lists_allowed = ListsAllowed(day)}),
              HasSubstr("144 listings"));
  const struct {
    const char* name;
    uint64_t QuietCalendar::*reason;
    uint64_t more;
  } kRows[] = {{"a poll", &QuietCalendar::polls, 3},
               {"a change", &QuietCalendar::changes, 8 * 3},
               {"a channel", &QuietCalendar::watches, 3},
               {"a refusal", &QuietCalendar::retries, 1}};
  for (const auto& row : kRows) {
    QuietCalendar more = day;
    ++(more.*row.reason);
    EXPECT_EQ(ListsAllowed(more), 5 * 3 + row.more) << row.name;
  }
  EXPECT_EQ(ListsAllowed({.polls = 1, .rows = 300, .page_size = 100}), 5 * 5u);
  EXPECT_EQ(ListsAllowed({.polls = 1, .rows = 300, .page_size = 250, .empty_pages = true, .has_quota = true}), 4 * 5 * 3u);
}

TEST(Quiescence, NotComingToRestIsABreach) {
  EXPECT_THAT(CheckSettled({.settled = true}), IsEmpty());
  EXPECT_THAT(CheckSettled({.settled = false, .waits_for = "a reply"}), HasSubstr("a reply"));
}

TEST(Quiescence, AChangeThatIsNotShownWithinHalfAnHourIsABreach) {
  EXPECT_THAT(CheckFresh(absl::Minutes(30)), IsEmpty());
  EXPECT_THAT(CheckFresh(absl::Minutes(31)), HasSubstr("31m"));
}

// ---- L6, L10 ----

struct Write {
  fake::WriteRecord record;
  EngineWrite observed;
};

std::unique_ptr<Write> TagWritten() {
  auto write = std::make_unique<Write>();
  Event after = AnEvent("person1");
  after.private_properties["calsync.0badcafe"] = "1:user_event:x";
  write->record = {.kind = fake::WriteKind::kPatched,
                   .calendar = CalendarId("work"),
                   .event = EventId("person1"),
                   .before = Shared(AnEvent("person1")),
                   .after = Shared(after)};
  write->observed = {.write = &write->record, .writer = kOurs};
  return write;
}

TEST(HandsOff, OnlyOurKeyMayChangeOnAUserEvent) {
  const auto write = TagWritten();
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());
  Event after = *write->record.after;
  after.summary = "Busy";
  write->record.after = Shared(after);
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("more than its own key"));
}

TEST(HandsOff, OfABlockThatWasMovedOnlyItsGuestsMayGoBeforeItIsDeleted) {
  const auto write = TagWritten();
  Event invited = *write->record.before;
  invited.attendees.push_back({.email = "guest@example.com"});
  write->record.after = write->record.before;
  write->record.before = Shared(invited);
  write->observed.nature = Nature::kCopyOfBlock;
  write->observed.made_by = kOurs;
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());
  write->observed.made_by = -1;  // A copy that a person made.
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("copy of a block"));
  write->observed.made_by = kOurs;
  Event retitled = *write->record.after;
  retitled.summary = "Busy";
  write->record.after = Shared(retitled);
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("copy of a block"));
}

TEST(HandsOff, NothingThatPeopleMadeIsDeleted) {
  const auto write = TagWritten();
  Event gone = *write->record.before;
  gone.status = EventStatus::kCancelled;
  write->record.after = Shared(gone);
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("deleted"));
  write->observed.nature = Nature::kBlock;
  write->observed.family = write->observed.made_by = kOurs;
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());
}

TEST(HandsOff, AGuestsCopyOfABlockIsLeftToGoogle) {
  const auto write = TagWritten();
  Event gone = *write->record.before;
  gone.status = EventStatus::kCancelled;
  write->record.after = Shared(gone);
  write->observed.nature = Nature::kCopyOfBlock;
  write->observed.family = write->observed.made_by = kOurs;
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());  // It was moved; or its block has no guests any more.
  write->observed.of_guest = true;
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("a guest's copy"));
  write->observed.nature = Nature::kBlock;  // One that was moved away, and whose home was invited then.
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());
}

TEST(HandsOff, WhatWasDeletedIsNotBroughtBackButForOccurrencesOfBlocks) {
  const auto write = TagWritten();
  Event gone = *write->record.before;
  gone.status = EventStatus::kCancelled;
  write->record.kind = fake::WriteKind::kRevived;
  write->record.after = write->record.before;
  write->record.before = Shared(gone);
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("brought back person1 on work"));
  write->observed.nature = Nature::kBlock;
  write->observed.family = write->observed.made_by = kOurs;
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("brought back"));
  Event occurrence = *write->record.after;
  occurrence.recurring_event_id = EventId("series1");
  write->record.after = Shared(occurrence);
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());
}

TEST(HandsOff, NothingIsInsertedWithGuests) {
  Write write{.record = Insert("block1", kHome, kEngine), .observed = {.writer = kOurs}};
  write.observed.write = &write.record;
  EXPECT_THAT(CheckHandsOff(write.observed), IsEmpty());
  Event invites = *write.record.after;
  invites.attendees.push_back({.email = "guest@example.com"});
  write.record.after = Shared(invites);
  EXPECT_THAT(CheckHandsOff(write.observed), HasSubstr("block1 on home was inserted with guests"));
}

TEST(HandsOff, OnlyBlocksOfTheSystemBeforeAreTakenOverAndOnlyForEventsOfPeopleElsewhere) {
  Ghost ghost = TwoEvents();
  const Spot old{kHome, EventId("old1")}, person{kWork, EventId("person1")};
  ghost.Observe(Insert("old1", kHome, {fake::ActorKind::kProgram, 0}), kHome, -1);
  ghost.DeclareLegacy(old, person);
  ghost.Observe(Insert("person2", kHome, kAnn), kHome, -1);
  EXPECT_THAT(CheckTakenOver(ghost, old, person), IsEmpty());
  EXPECT_THAT(CheckTakenOver(ghost, old, {}), IsEmpty());  // For what is not known yet.
  EXPECT_THAT(CheckTakenOver(ghost, {kHome, EventId("none")}, person), HasSubstr("which never existed"));
  EXPECT_THAT(CheckTakenOver(ghost, {kHome, EventId("person2")}, person), HasSubstr("no block of the system before"));
  EXPECT_THAT(CheckTakenOver(ghost, {kHome, EventId("block1")}, person), HasSubstr("no block of the system before"));
  for (const Spot& source : {Spot{kWork, EventId("none")}, Spot{kHome, EventId("block1")}, Spot{kHome, EventId("person2")}}) {
    EXPECT_THAT(CheckTakenOver(ghost, old, source), HasSubstr("no event of a person elsewhere"));
  }
}

TEST(HandsOff, NoGuestIsNotified) {
  const auto write = TagWritten();
  write->record.mails = 1;
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("notified"));
}

TEST(Isolation, BlocksOfOthersAreNotTouched) {
  const auto write = TagWritten();
  write->observed.nature = Nature::kBlock;
  write->observed.family = kTheirs;
  EXPECT_THAT(CheckBlocksOfOthers(write->observed), HasSubstr("another group"));
  EXPECT_THAT(CheckHandsOff(write->observed), HasSubstr("of others"));
  write->observed.family = kOurs;
  EXPECT_THAT(CheckBlocksOfOthers(write->observed), IsEmpty());
}

TEST(Isolation, KeysOfOthersAreNotWritten) {
  Ghost ghost;
  ghost.SetFamily(1, kOurs);
  ghost.SetFamily(2, kTheirs);
  const auto write = TagWritten();
  write->record.actor = {fake::ActorKind::kEngine, 2};
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), IsEmpty());  // Nobody's until now.
  ghost.Observe(write->record, kWork, -1);
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), HasSubstr("a key of another group"));
  write->observed.writer = kTheirs;
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), IsEmpty());
  write->observed.writer = kOurs;
  write->record.before = write->record.after;
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), IsEmpty());  // It was there before.
  Event without = *write->record.after;
  without.private_properties.clear();
  write->record.after = Shared(without);
  EXPECT_THAT(CheckHandsOff(write->observed), IsEmpty());  // By its form it might be the engine's own.
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), HasSubstr("removed calsync.0badcafe"));
  write->observed.writer = kTheirs;
  EXPECT_THAT(CheckKeysOfOthers(write->observed, ghost), IsEmpty());
}

TEST(Isolation, CallsStayWithTheGroup) {
  GroupConfig config;
  config.calendars = {{.key = CalendarKey(1), .google_id = CalendarId("work")}};
  EXPECT_THAT(CheckCallStaysHome(config, ListEvents{.calendar = CalendarId("work")}), IsEmpty());
  EXPECT_THAT(CheckCallStaysHome(config, ListEvents{.calendar = CalendarId("home")}), HasSubstr("not linked"));
}

TEST(Isolation, WhatTheOperatorTookOutIsOnlyCleaned) {
  GroupConfig config;
  config.calendars = {{.key = CalendarKey(1), .google_id = CalendarId("work"), .state = LinkState::kDisabled}};
  const CalendarId work("work");
  const RowDigest block{.kind = RecordKind::kBlock, .status = RecordStatus::kCreated};
  RowDigest doomed = block;
  doomed.doomed = true;
  EXPECT_THAT(CheckConsent(config, ListEvents{.calendar = work}, nullptr), IsEmpty());
  EXPECT_THAT(CheckConsent(config, DeleteEvent{.calendar = work}, &doomed), IsEmpty());
  EXPECT_THAT(CheckConsent(config, PatchEvent{.calendar = work}, &doomed), IsEmpty());  // Guests leave first.
  EXPECT_THAT(CheckConsent(config, PatchEvent{.calendar = work}, &block), HasSubstr("took out"));
  EXPECT_THAT(CheckConsent(config, InsertEvent{.calendar = work}, nullptr), HasSubstr("took out"));
  config.calendars[0].state = LinkState::kEnabled;
  EXPECT_THAT(CheckConsent(config, InsertEvent{.calendar = work}, nullptr), IsEmpty());
}

// ---- L7 ----

TEST(Durable, ACallWithoutADurableRowIsABreach) {
  DurableImage image;
  const InsertEvent insert{.calendar = CalendarId("home"), .event = ABlock("block1")};
  const DeleteEvent deletion{.calendar = CalendarId("home"), .event = EventId("block1")};
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), insert), HasSubstr("no durable row"));
  calsync::Record record;
  record.kind = RecordKind::kBlock;
  record.status = RecordStatus::kCreating;
  record.id = CorrelationId{1};
  record.calendar = CalendarKey(2);
  record.event = SharedText("block1");
  image.Apply(Commit{.records = {record}});
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), insert), IsEmpty());
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), deletion), HasSubstr("creating"));
  record.status = RecordStatus::kDeleting;
  image.Apply(Commit{.records = {record}});
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), deletion), IsEmpty());
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), insert), HasSubstr("deleting"));
  image.Apply(Commit{.erased = {{CalendarKey(2), EventId("block1")}}});
  EXPECT_THAT(CheckDurable(image, CalendarKey(2), deletion), HasSubstr("no durable row"));
}

TEST(Durable, ARowThatGoesBackIsABreach) {
  calsync::Record block;
  block.kind = RecordKind::kBlock;
  block.status = RecordStatus::kCreating;
  block.event = SharedText("block1");
  block.generation = 2;
  const auto before = [](RecordStatus status, uint32_t generation) {
    return RowDigest{.kind = RecordKind::kBlock, .status = status, .generation = generation};
  };
  const RowDigest earlier = before(RecordStatus::kDeleted, 1);
  const RowDigest same = before(RecordStatus::kDeleted, 2);
  const RowDigest later = before(RecordStatus::kDeleted, 3);
  EXPECT_THAT(CheckTransition(nullptr, block), IsEmpty());
  EXPECT_THAT(CheckTransition(&earlier, block), IsEmpty());
  EXPECT_THAT(CheckTransition(&same, block), HasSubstr("becomes creating"));
  EXPECT_THAT(CheckTransition(&later, block), HasSubstr("back from generation 3"));
  block.status = RecordStatus::kSynced;
  EXPECT_THAT(CheckTransition(&earlier, block), HasSubstr("no lifecycle"));
}

TEST(Durable, ARowThatForgetsALaterVersionIsABreach) {
  const RowDigest known{
      .kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced, .etag = SharedText("2"), .updated_ms = 2000};
  calsync::Record row;
  row.kind = RecordKind::kUserEvent;
  row.status = RecordStatus::kSynced;
  row.event = SharedText("person1");
  row.etag = SharedText("1");
  row.updated_ms = 1000;
  EXPECT_THAT(CheckNoStepBack(nullptr, row), IsEmpty());
  EXPECT_THAT(CheckNoStepBack(&known, row), HasSubstr("goes back to 1, a version 1s older"));
  row.must_read = true;
  EXPECT_THAT(CheckNoStepBack(&known, row), IsEmpty());
  row.must_read = false;
  row.updated_ms = 2000;
  EXPECT_THAT(CheckNoStepBack(&known, row), IsEmpty());
}

TEST(Durable, ATokenThatLeavesAnEventBehindIsABreach) {
  Event event = AnEvent("person1");
  event.etag = Etag("2");
  const RowDigest shown{.kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced, .etag = SharedText("2")};
  RowDigest older = shown;
  older.etag = SharedText("1");
  RowDigest doubted = older;
  doubted.must_read = true;
  EXPECT_THAT(CheckTokenSafe(&shown, event), IsEmpty());
  EXPECT_THAT(CheckTokenSafe(&doubted, event), IsEmpty());
  EXPECT_THAT(CheckTokenSafe(&older, event), HasSubstr("knows it as 1"));
  EXPECT_THAT(CheckTokenSafe(nullptr, event), HasSubstr("no row"));
  event.status = EventStatus::kCancelled;
  EXPECT_THAT(CheckTokenSafe(nullptr, event), IsEmpty());
  EXPECT_THAT(CheckTokenSafe(&older, event), HasSubstr("cancellation"));
  older.status = RecordStatus::kGone;
  EXPECT_THAT(CheckTokenSafe(&older, event), IsEmpty());
}

// ---- L8, L9, L11 ----

TEST(BoundedWrites, ALoopIsABreach) {
  const WriteBudget fair{.writes = 40, .calendars = 4, .foreign_writes = 10};
  EXPECT_THAT(CheckWrites(fair), IsEmpty());
  WriteBudget loop = fair;
  loop.writes = 1000;
  EXPECT_THAT(CheckWrites(loop), HasSubstr("1000 writes"));
}

TEST(BoundedWrites, PingPongThatGoesOnIsABreach) {  // A5
  const PingPong fair{.rounds = 2, .engines = 1};
  EXPECT_THAT(CheckPingPong(fair), IsEmpty());
  PingPong loop = fair;
  ++loop.rounds;
  EXPECT_THAT(CheckPingPong(loop), HasSubstr("for 3 rounds"));
  for (uint64_t PingPong::*reason : {&PingPong::engines, &PingPong::moves, &PingPong::block_touches, &PingPong::faults}) {
    PingPong explained = loop;
    ++(explained.*reason);
    EXPECT_THAT(CheckPingPong(explained), IsEmpty());
  }
}

TEST(BoundedWrites, RowsThatNoEventExplainsAreABreach) {
  EXPECT_THAT(CheckRows(60, 20), IsEmpty());
  EXPECT_THAT(CheckRows(61, 20), HasSubstr("61 rows"));
}

TEST(BoundedWrites, FullListingsThatNothingAsksForAreABreach) {  // E3
  const FullListings fair{.shown = 3, .broken = 1, .lasts = absl::Hours(24 * 7), .interval = absl::Hours(24 * 7)};
  EXPECT_THAT(CheckFullListings(fair), IsEmpty());
  FullListings more = fair;
  more.shown = 4;
  EXPECT_THAT(CheckFullListings(more), HasSubstr("in full 4 times"));
  for (uint64_t FullListings::*reason :
       {&FullListings::broken, &FullListings::restarts, &FullListings::commands, &FullListings::clock_steps}) {
    FullListings explained = more;
    ++(explained.*reason);
    EXPECT_THAT(CheckFullListings(explained), IsEmpty());
  }
  more.lasts *= 2;
  EXPECT_THAT(CheckFullListings(more), IsEmpty());
}

TEST(BoundedWrites, CallsThatDoNotGetRarerWhileNothingIsHeardAreABreach) {  // E4
  const absl::Time since = absl::FromUnixSeconds(1777852800);
  const Outage outage{.since = since, .calls = 40, .restarts = 2};
  EXPECT_THAT(CheckPatience(outage, 2, since + absl::Seconds(10)), HasSubstr("40 calls left"));
  EXPECT_THAT(CheckPatience(outage, 2, since + absl::Minutes(1)), IsEmpty());   // Doubling: some six rounds by then.
  EXPECT_THAT(CheckPatience(outage, 4, since + absl::Seconds(10)), IsEmpty());  // A crash loop.
  const Outage day{.since = since, .calls = 900, .restarts = 2};
  EXPECT_THAT(CheckPatience(day, 2, since + absl::Hours(24)), IsEmpty());
  EXPECT_THAT(CheckPatience(day, 2, since + absl::Hours(20)), HasSubstr("900 calls left"));
}

TEST(BoundedWrites, WhatMayBeTriedAgainSaysSo) {
  const auto answered = [](int code, const char* reason) { return Reply(ApiError{.code = code, .reason = reason}); };
  EXPECT_TRUE(SaysAgain(ApiError{.transport = Transport::kTimeout}));
  EXPECT_TRUE(SaysAgain(answered(503, "backendError")));
  EXPECT_TRUE(SaysAgain(answered(429, "rateLimitExceeded")));
  EXPECT_TRUE(SaysAgain(answered(403, "userRateLimitExceeded")));
  EXPECT_FALSE(SaysAgain(answered(403, "forbidden")));
  EXPECT_FALSE(SaysAgain(answered(404, "notFound")));
  EXPECT_FALSE(SaysAgain(NoContent()));
}

TEST(BoundedWrites, AFourthTagIsABreachButForRestarts) {
  EXPECT_THAT(CheckTags({.tags = 3}, 0), IsEmpty());
  EXPECT_THAT(CheckTags({.tags = 4}, 0), HasSubstr("written 4 times"));
  EXPECT_THAT(CheckTags({.tags = 4}, 1), IsEmpty());
}

TEST(BoundedWrites, AFightOfMoreThanTenRoundsADayIsABreachButForNews) {
  EXPECT_THAT(CheckRestores({.patches = 11, .explained = 5}, 5, 0), IsEmpty());
  EXPECT_THAT(CheckRestores({.patches = 12, .explained = 5}, 5, 0), HasSubstr("12 times in a day"));
  EXPECT_THAT(CheckRestores({.patches = 12, .explained = 5}, 5, 1), IsEmpty());
  EXPECT_THAT(CheckRestores({.patches = 13, .explained = 5}, 6, 0), IsEmpty());
}

TEST(Private, WhatThePolicyDoesNotNameIsABreach) {
  const MayShow nothing{.calendars = {"work", "home"}};
  const MayShow titles{.title = true};
  Event block = ABlock("block1");
  EXPECT_THAT(CheckPrivate(block, nothing), IsEmpty());
  block.summary = "Busy - Dentist ~t7";
  EXPECT_THAT(CheckPrivate(block, titles), IsEmpty());
  EXPECT_THAT(CheckPrivate(block, nothing), HasSubstr("a title"));
  block.summary = "from work";
  EXPECT_THAT(CheckPrivate(block, nothing), HasSubstr("name of a calendar"));
  block.summary = "homework";
  EXPECT_THAT(CheckPrivate(block, nothing), IsEmpty());
}

TEST(Private, ATemplateNamesTheSourcesCalendarAndNoOther) {
  const MayShow may{.calendars = {"work", "home", "home office"}, .home = "home office"};
  Event block = ABlock("block1");
  block.description = "Busy block for event from home office";
  EXPECT_THAT(CheckPrivate(block, may), IsEmpty());
  block.description = "Busy block for event from work";
  EXPECT_THAT(CheckPrivate(block, may), HasSubstr("name of a calendar"));
  block.description.clear();
  block.private_properties["calsync_source"] = "home office";
  EXPECT_THAT(CheckPrivate(block, may), HasSubstr("name of a calendar"));
}

// The whole of what is sent is searched: each field once.
TEST(Private, NothingPrivateGoesOutInAnyField) {
  const struct {
    const char* name;
    void (*leak)(Event&);
  } kRows[] = {
      {"description", [](Event& e) { e.description = "notes ~s8"; }},
      {"place", [](Event& e) { e.location = "room ~s8"; }},
      {"guest", [](Event& e) { e.attendees = {{.email = "ann~s8"}}; }},
      {"organizer", [](Event& e) { e.organizer.email = "ann@example.org"; }},
      {"creator", [](Event& e) { e.creator.email = "ann@example.org"; }},
      {"UID", [](Event& e) { e.ical_uid = ICalUid("x@google.com"); }},
      {"recurrence", [](Event& e) { e.recurrence = {"RRULE:~s8"}; }},
      {"property", [](Event& e) { e.private_properties["calsync_source"] = "ann@example.org"; }},
      {"title in a property", [](Event& e) { e.private_properties["calsync_title"] = "Dentist ~t7"; }},
      {"title as a place", [](Event& e) { e.location = "Dentist ~t7"; }},
      {"shared property", [](Event& e) { e.shared_properties["calsync_id"] = "1"; }},
  };
  for (const auto& row : kRows) {
    Event block = ABlock("block1");
    EXPECT_THAT(CheckPrivate(block, MayShow{.title = true}), IsEmpty()) << row.name;
    row.leak(block);
    EXPECT_THAT(CheckPrivate(block, MayShow{.title = true}), Not(IsEmpty())) << row.name;
  }
  EventPatch patch;
  patch.location = "room ~s8";
  EXPECT_THAT(CheckPrivate(patch, MayShow{.title = true}), HasSubstr("place"));
}

TEST(Private, WhatMayShowFollowsTheTemplates) {
  DirectionPolicy policy;
  const std::vector<absl::string_view> names = {"work", "home"};
  EXPECT_FALSE(WhatMayShow(policy, true, "work", names).title);
  EXPECT_EQ(WhatMayShow(policy, true, "work", names).calendars, names);
  EXPECT_EQ(WhatMayShow(policy, true, "work", names).home, "");
  policy.title_template = "Busy - {summary}";
  policy.description_template = "At work";
  EXPECT_TRUE(WhatMayShow(policy, true, "work", names).title);
  EXPECT_FALSE(WhatMayShow(policy, false, "work", names).title);
  EXPECT_EQ(WhatMayShow(policy, true, "work", names).calendars, std::vector<absl::string_view>{"home"});
  policy.description_template = "from {calendar}";
  EXPECT_EQ(WhatMayShow(policy, true, "work", names).calendars, names);
  EXPECT_EQ(WhatMayShow(policy, true, "work", names).home, "work");
}

// ---- The ideal's policies ----

TEST(SkippedBy, EachRuleSpeaksForItself) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const struct {
    const char* reason;
    void (*choose)(DirectionPolicy&);
    void (*change)(Event&);
  } kRows[] = {
      {"tentative", [](DirectionPolicy& p) { p.tentative = false; }, [](Event& e) { e.status = EventStatus::kTentative; }},
      {"tentative", [](DirectionPolicy& p) { p.tentative = false; },
       [](Event& e) { e.attendees = {{.email = "a", .response = ResponseStatus::kTentative, .self = true}}; }},
      {"not answered yet", [](DirectionPolicy& p) { p.needs_action = false; },
       [](Event& e) { e.attendees = {{.email = "a", .self = true}}; }},
      {"all-day", [](DirectionPolicy& p) { p.all_day = false; },
       [](Event& e) {
         e.start = EventTime::Date(absl::CivilDay(2026, 5, 4));
         e.end = EventTime::Date(absl::CivilDay(2026, 5, 5));
       }},
      {"a keyword", [](DirectionPolicy& p) { p.keywords = {"LUNCH"}; }, [](Event& e) { e.summary = "a lunch"; }},
      {"its colour", [](DirectionPolicy& p) { p.colours = {5}; }, [](Event& e) { e.color_id = "5"; }},
      {"outside the hours", [](DirectionPolicy& p) { p.hours = Hours{.from = 10 * 60, .to = 18 * 60}; },
       [](Event& e) { e.start = EventTime::At(Hour(8)), e.end = EventTime::At(Hour(10)); }},
  };
  for (const auto& row : kRows) {
    Event event = AnEvent("e1");
    DirectionPolicy policy;
    row.change(event);
    EXPECT_THAT(SkippedBy(policy, event, utc), IsEmpty()) << row.reason;
    row.choose(policy);
    EXPECT_EQ(SkippedBy(policy, event, utc), row.reason);
    EXPECT_THAT(SkippedBy(policy, AnEvent("e2"), utc), IsEmpty()) << row.reason;
  }
}

TEST(Determinism, TwoHashesAreABreach) {
  RunResult first;
  RunResult second;
  EXPECT_THAT(CheckSameRun(first, second), IsEmpty());
  second.hash = 1;
  EXPECT_THAT(CheckSameRun(first, second), HasSubstr("differ"));
}

}  // namespace
}  // namespace calsync::sim
