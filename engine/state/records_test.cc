#include "engine/state/records.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/testing/builders.h"
#include "gmock/gmock.h"

namespace calsync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Records, FindARowByEveryKeyItHas) {
  const Record source = UserEvent("k1", "work/e1");
  const Record block = Block({.id = "b1"});
  const Records records = RecordsOf({source, block, Seen({.at = "home/x1"})});
  EXPECT_EQ(records.size(), 3u);
  EXPECT_EQ(records.FindAt(KeyOf("work"), "e1"), 0u);
  EXPECT_EQ(records.FindAt(KeyOf("home"), block.event.view()), 1u);
  EXPECT_EQ(records.FindAt(KeyOf("home"), "x1"), 2u);
  EXPECT_EQ(records.FindAt(KeyOf("home"), "e1"), std::nullopt);  // Ids are unique within one calendar only (S-15).
  EXPECT_EQ(records.FindById(IdNamed("k1")), 0u);
  EXPECT_EQ(records.FindById(IdNamed("b1")), 1u);
  EXPECT_EQ(records.FindById(IdNamed("k9")), std::nullopt);
  EXPECT_EQ(records.FindBlock(IdNamed("k1"), KeyOf("home")), 1u);
  EXPECT_EQ(records.FindBlock(IdNamed("k1"), KeyOf("team")), std::nullopt);
  EXPECT_EQ(records.FindSlot(block.slot), 1u);
  EXPECT_EQ(records.FindSlot(SlotHash()), std::nullopt);
  EXPECT_EQ(records.Verify(), "");
}

TEST(Records, ASlotOfSeenEventsIsNotIndexed) {
  Record seen = Seen({.at = "home/x1"});
  seen.slot = Block({}).slot;
  const Records records = RecordsOf({seen});
  EXPECT_EQ(records.FindSlot(seen.slot), std::nullopt);
  EXPECT_EQ(records.Verify(), "");
}

TEST(Records, TwinsAreListedInTheOrderInWhichTheyCame) {  // S-15
  Records records = RecordsOf({UserEvent({.id = "k1", .at = "work/e1", .ical_uid = "m"}),
                               UserEvent({.id = "k2", .at = "home/e1", .ical_uid = "m"}),
                               UserEvent({.id = "k3", .at = "team/e1", .ical_uid = "m"}), UserEvent("k4", "work/e4")});
  const uint64_t hash = records[0].ical_hash;
  EXPECT_THAT(records.OfMeeting(hash), ElementsAre(0, 1, 2));
  EXPECT_THAT(records.OfMeeting(records[3].ical_hash), ElementsAre(3));
  EXPECT_THAT(records.OfMeeting(hash + 1), IsEmpty());
  // Leaving from the middle, the head and the end of the chain.
  const auto leave = [&](RowIndex row) { records.Change(row, [](Record& record) { record.ical_hash = 0; }); };
  leave(1);
  EXPECT_THAT(records.OfMeeting(hash), ElementsAre(0, 2));
  leave(0);
  EXPECT_THAT(records.OfMeeting(hash), ElementsAre(2));
  leave(2);
  EXPECT_THAT(records.OfMeeting(hash), IsEmpty());
  records.Change(1, [&](Record& record) { record.ical_hash = hash; });
  EXPECT_THAT(records.OfMeeting(hash), ElementsAre(1));
  EXPECT_EQ(records.Verify(), "");
}

TEST(Records, AChangeOfAKeyMovesTheRowInItsIndex) {
  Records records = RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1"})});
  records.Change(0, [](Record& record) { record.id = IdNamed("k2"); });
  records.Change(1, [](Record& record) { record.source = IdNamed("k2"); });
  EXPECT_EQ(records.FindById(IdNamed("k1")), std::nullopt);
  EXPECT_EQ(records.FindById(IdNamed("k2")), 0u);
  EXPECT_EQ(records.FindBlock(IdNamed("k1"), KeyOf("home")), std::nullopt);
  EXPECT_EQ(records.FindBlock(IdNamed("k2"), KeyOf("home")), 1u);
  EXPECT_EQ(records.Verify(), "");
}

TEST(Records, AMoveErasesTheOldPlaceAndKeepsTheRow) {
  Records records = RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1"})});
  const std::string before = records[1].event.ToString();
  const EventId after = TestGroup().BlockId("work/e1", "home", 2);
  records.Move(1, after);
  EXPECT_EQ(records.FindAt(KeyOf("home"), before), std::nullopt);
  EXPECT_EQ(records.FindAt(KeyOf("home"), after.text()), 1u);
  EXPECT_EQ(records.FindById(IdNamed("b1")), 1u);
  const RecordChanges changes = records.TakeChanges();
  EXPECT_THAT(changes.erased, ElementsAre(Place{KeyOf("home"), EventId(before)}));
  ASSERT_EQ(changes.records.size(), 1u);
  EXPECT_EQ(changes.records[0].event.view(), after.text());
}

TEST(Records, AMoveToTheSamePlaceIsNone) {
  Records records = RecordsOf({Block({.source = "k1"})});
  records.Move(0, EventId(records[0].event));
  EXPECT_FALSE(records.has_changes());
}

TEST(Records, AnExchangeErasesNothingAndKeepsTheRows) {
  Records records = RecordsOf({Seen({.at = "home/x1"}), Block({.id = "b1"}), UserEvent("k1", "work/e1")});
  const std::string block = records[1].event.ToString();
  records.Exchange(0, 1);
  EXPECT_EQ(records.FindAt(KeyOf("home"), "x1"), 1u);
  EXPECT_EQ(records.FindAt(KeyOf("home"), block), 0u);
  EXPECT_EQ(records.FindById(IdNamed("b1")), 1u);
  EXPECT_EQ(records.Verify(), "");
  const RecordChanges changes = records.TakeChanges();
  EXPECT_THAT(changes.erased, IsEmpty());
  EXPECT_EQ(changes.records.size(), 2u);
}

TEST(Records, AReplacementTurnsASeenEventIntoWhatItIs) {
  Records records = RecordsOf({Seen({.at = "work/e1"})});
  records.Replace(0, UserEvent("k1", "work/e1"));
  EXPECT_EQ(records[0].kind, RecordKind::kUserEvent);
  EXPECT_EQ(records.FindById(IdNamed("k1")), 0u);
  EXPECT_THAT(records.OfMeeting(records[0].ical_hash), ElementsAre(0));
  EXPECT_EQ(records.Verify(), "");
}

TEST(Records, EveryChangedRowIsTakenOnceAndThenNoMore) {
  Records records = RecordsOf({UserEvent("k1", "work/e1")});
  EXPECT_FALSE(records.has_changes());
  const RowIndex added = records.Add(UserEvent("k2", "work/e2"));
  records.Change(0, [](Record& record) { record.seen_s = 1; });
  records.Change(0, [](Record& record) { record.seen_s = 2; });
  EXPECT_TRUE(records.has_changes());
  EXPECT_THAT(records.changed(), ElementsAre(added, 0));
  const RecordChanges changes = records.TakeChanges();
  ASSERT_EQ(changes.records.size(), 2u);
  EXPECT_EQ(changes.records[1].seen_s, 2);
  EXPECT_FALSE(records.has_changes());
  EXPECT_TRUE(records.TakeChanges().empty());
}

TEST(Records, ACopyGoesOnByItself) {
  Records records = RecordsOf({UserEvent("k1", "work/e1")});
  Records copy = records;
  copy.Add(UserEvent("k2", "work/e2"));
  EXPECT_EQ(records.size(), 1u);
  EXPECT_EQ(records.FindById(IdNamed("k2")), std::nullopt);
  EXPECT_EQ(records.Verify(), "");
  EXPECT_EQ(copy.Verify(), "");
}

TEST(RecordsDeathTest, TwoRowsOfOnePlaceIdOrSlotAreOurMistake) {  // L2
  EXPECT_DEATH(RecordsOf({UserEvent("k1", "work/e1"), UserEvent("k2", "work/e1")}), "FindAt");
  EXPECT_DEATH(RecordsOf({UserEvent("k1", "work/e1"), UserEvent("k1", "work/e2")}), "FindById");
  EXPECT_DEATH(RecordsOf({Block({.id = "b1"}), Block({.id = "b2", .generation = 2})}), "FindSource");
}

// Each row is one way to break the rows; Verify says which.
TEST(Records, VerifyFindsWhatIsWrongBetweenRows) {
  const struct {
    const char* name;
    RowIndex row;
    void (*damage)(Record&);
    const char* want;
  } kRows[] = {
      {"a user event as a block", 0, [](Record& r) { r.status = RecordStatus::kCreated; }, "bad status"},
      {"a user event without id", 0, [](Record& r) { r.id = {}; }, "has no correlation id"},
      {"a block as a user event", 1, [](Record& r) { r.status = RecordStatus::kSynced; }, "bad status"},
      {"a block without id", 1, [](Record& r) { r.id = {}; }, "has no correlation id"},
      {"a block without slot", 1, [](Record& r) { r.slot = {}; }, "has no slot"},
      {"an occurrence of generation zero", 1, [](Record& r) { r.generation = 0, r.master = SharedText("b9"); }, "bad generation"},
      {"a generation above the highest", 1, [](Record& r) { r.generation = 9; }, "bad generation"},
      {"a block of itself", 1, [](Record& r) { r.source = r.id; }, "is its own source"},                         // L1
      {"a block of nothing", 1, [](Record& r) { r.source = IdNamed("k9"); }, "a source without record"},         // L5
      {"a block of a block", 1, [](Record& r) { r.source = IdNamed("b2"); }, "a source that is no user event"},  // L1
      {"a block beside its source", 1, [](Record& r) { r.source = IdNamed("k2"); }, "lies on the calendar of its source"},
      {"a seen event with an id", 3, [](Record& r) { r.id = IdNamed("s"); }, "is seen only and has a correlation id"},
      {"a seen event that is synced", 3, [](Record& r) { r.status = RecordStatus::kSynced; }, "bad status"},
  };
  const Records sound =
      RecordsOf({UserEvent("k1", "work/e1"), Block({.id = "b1"}), UserEvent("k2", "home/e2"), Seen({.at = "home/x1"}),
                 Block({.id = "b2", .source = "k2", .source_at = "home/e2", .on = "work"})});
  ASSERT_EQ(sound.Verify(), "");
  for (const auto& row : kRows) {
    Records damaged = sound;
    damaged.Change(row.row, row.damage);
    EXPECT_THAT(damaged.Verify(), HasSubstr(row.want)) << row.name;
  }
}

// The bound: the record of one event costs at most 400 bytes, texts, indexes and spare capacity included.
TEST(Records, OneEventCostsAtMost400Bytes) {
  constexpr size_t kBound = 400;
  for (const size_t count : {size_t{100000}, size_t{131073}, size_t{60000}}) {  // The second is just past a doubling of the maps.
    const Records stored(RealisticRecords(count));
    EXPECT_LE(stored.MemoryUsed() / count, kBound) << count << " rows, built from the store; sizeof(Record) " << sizeof(Record);
    RecordProperty("bytes_per_record_stored_" + std::to_string(count), static_cast<int>(stored.MemoryUsed() / count));
    Records grown;
    for (Record& record : RealisticRecords(count)) grown.Add(std::move(record));
    grown.TakeChanges();
    EXPECT_LE(grown.MemoryUsed() / count, kBound) << count << " rows, added one by one; sizeof(Record) " << sizeof(Record);
    RecordProperty("bytes_per_record_grown_" + std::to_string(count), static_cast<int>(grown.MemoryUsed() / count));
  }
}

// A few places, ids and slots, so that rows meet: whatever is done, every index finds its row.
RC_GTEST_PROP(Records, StayConsistentUnderAnySequenceOfChanges, ()) {
  const auto steps =
      *rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(0, 6)));
  Records records;
  for (const auto& [what, which] : steps) {
    const std::string name = std::to_string(which);
    const auto at = records.FindAt(KeyOf("work"), "e" + name);
    if (what == 0 && !at.has_value()) {
      records.Add(UserEvent({.id = "k" + name, .at = "work/e" + name, .ical_uid = "m" + std::to_string(which / 3)}));
    }
    if (what == 9) records.Reserve(static_cast<size_t>(which) * 4, static_cast<size_t>(which) * 3);
    if (!at.has_value()) continue;
    if (what == 1) records.Change(*at, [hash = static_cast<uint64_t>(which % 2)](Record& record) { record.ical_hash = hash; });
    if (what == 2) records.Change(*at, [](Record& record) { record.status = RecordStatus::kGone; });
    const auto block = records.FindBlock(IdNamed("k" + name), KeyOf("home"));
    if (what == 3 && !block.has_value())
      records.Add(Block({.id = "b" + name, .source = "k" + name, .source_at = "work/e" + name}));
    if (what == 4 && block.has_value()) {
      const uint32_t next = records[*block].highest + 1;
      records.Move(*block, TestGroup().BlockId("work/e" + name, "home", next));
      records.Change(*block, [&](Record& record) { record.generation = record.highest = next; });
    }
    if (what == 5 && block.has_value()) {
      const TimeSpan span{which % 2, 7, false};
      records.Change(*block, [&](Record& record) { record.span = span; });
    }
    if (what == 6 && block.has_value()) {
      records.Change(*block, [&](Record& record) {
        record.status = record.status == RecordStatus::kCreated ? RecordStatus::kDeleting : RecordStatus::kCreated;
      });
    }
    if (what == 7) records.Change(*at, [](Record& record) { record.must_read = !record.must_read; });
    if (what == 8 && block.has_value()) {
      records.Change(*block, [](Record& record) { record.generation = 0; });
    }
    RC_ASSERT(records.Verify() == "");  // After room was made, too: what was held is found.
    const TimeSpan span{0, 7, false};
    Rows created;
    for (RowIndex row = 0; row < records.size(); ++row) {
      const Record& record = records[row];
      if (record.IsBlock() && record.status == RecordStatus::kCreated && record.span == span) created.push_back(row);
    }
    Rows found = records.CreatedBlocksAt(span);
    std::sort(found.begin(), found.end());
    RC_ASSERT(found == created);
  }
  for (const RowIndex twin : records.OfMeeting(1)) RC_ASSERT(records[twin].ical_hash == 1u);
}

}  // namespace
}  // namespace calsync
