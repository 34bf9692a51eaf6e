// What every store promises (store.h), held by each kind of store.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/store/memory_store.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/sqlite_store.h"
#include "adapter/store/store.h"
#include "adapter/store/stored_group.h"
#include "adapter/store/testing/postgres_server.h"
#include "adapter/store/testing/rows.h"
#include "adapter/store/testing/scratch_directory.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/record.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Kind {
  const char* name;
  std::string (*why_not)();  // What keeps this machine from it; empty: nothing.
  std::unique_ptr<Store> (*make)(const ScratchDirectory& directory, StoreOptions options);
};

std::unique_ptr<Store> OpenSqlite(const std::string& path, StoreOptions options) {
  absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, {.store = options});
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

std::unique_ptr<Store> OpenPostgres(const std::string& url, StoreOptions options) {
  absl::StatusOr<std::unique_ptr<PostgresStore>> store = PostgresStore::Open(url, {.store = options});
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

std::string Nothing() { return ""; }

const Kind kKinds[] = {
    {"Memory", &Nothing,
     [](const ScratchDirectory&, StoreOptions options) -> std::unique_ptr<Store> {
       return std::make_unique<MemoryStore>(options);
     }},
    {"SqliteInMemory", &Nothing, [](const ScratchDirectory&, StoreOptions options) { return OpenSqlite(":memory:", options); }},
    {"SqliteFile", &Nothing,
     [](const ScratchDirectory& directory, StoreOptions options) { return OpenSqlite(directory.File("calsync.db"), options); }},
    {"Postgres", &PostgresServer::WhyNot,
     [](const ScratchDirectory&, StoreOptions options) { return OpenPostgres(PostgresServer::Shared().NewDatabase(), options); }},
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (const std::string why = GetParam().why_not(); !why.empty()) GTEST_SKIP() << why;
    store_ = GetParam().make(directory_, {});
  }

  LoadedGroup Load(const GroupId& group) {
    absl::StatusOr<LoadedGroup> loaded = store_->Load(group);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *std::move(loaded);
  }
  std::string Stored(const GroupId& group) {
    const absl::StatusOr<GroupImage> image = store_->Peek(group);
    EXPECT_TRUE(image.ok()) << image.status();
    return Print(*image);
  }
  // The event ids of what is stored, in its order.
  std::vector<std::string> StoredEvents(const GroupId& group) {
    const GroupImage image = *store_->Peek(group);
    std::vector<std::string> events;
    for (const Record& record : image.records) events.push_back(record.event.ToString());
    return events;
  }
  std::vector<int64_t> AuditNumbers(const AuditQuery& query) {
    const absl::StatusOr<std::vector<AuditRow>> rows = store_->Audit(kAnn, query);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<int64_t> numbers;
    for (const AuditRow& row : *rows) numbers.push_back(row.number);
    return numbers;
  }

  ScratchDirectory directory_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Each, StoreContract, ::testing::ValuesIn(kKinds),
                         [](const ::testing::TestParamInfo<Kind>& kind) { return std::string(kind.param.name); });

TEST_P(StoreContract, ANewGroupIsEmptyAndItsFirstOwnerHasEpochOne) {
  EXPECT_EQ(*store_->Epoch(kAnn), 0);
  const LoadedGroup loaded = Load(kAnn);
  EXPECT_EQ(loaded.epoch, 1);
  EXPECT_EQ(Print(loaded.image), Print(GroupImage()));
  EXPECT_EQ(*store_->Epoch(kAnn), 1);
}

TEST_P(StoreContract, EveryFieldOfEveryRowComesBackAsItWas) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    TestBits bits(seed);
    const GroupId group(absl::StrCat("group ", seed));
    GroupImage want;
    want.group = RandomGroup(&bits);
    want.calendars = {RandomCalendar(&bits)};
    want.records = {RandomRecord(&bits)};
    const Commit commit{.records = want.records, .calendars = want.calendars, .group = want.group};
    ASSERT_TRUE(store_->Apply(group, Load(group).epoch, commit).ok());
    EXPECT_EQ(Print(Load(group).image), Print(want));
  }
}

TEST_P(StoreContract, LongTextsComeBackAsTheyWere) {
  Record record = UserEventAt(kWork, std::string(65535, 'v'), 1);
  record.etag = SharedText(std::string(65535, '\0'));
  CalendarRow calendar;
  calendar.key = kWork;
  calendar.sync_token = SyncToken(std::string(200000, 'x'));
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, {.records = {record}, .calendars = {calendar}}).ok());
  GroupImage want;
  want.calendars = {calendar};
  want.records = {record};
  EXPECT_EQ(Stored(kAnn), Print(want));
}

// Ids and texts are shared between copies (engine/base/shared_text.h), whoever holds them. Worth most under the preset tsan.
TEST_P(StoreContract, AnImageMayBeCopiedOnManyThreads) {
  TestBits bits(7);
  Commit commit;
  for (int i = 0; i < 20; ++i) commit.records.push_back(RandomRecord(&bits));
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, commit).ok());
  const GroupImage image = *store_->Peek(kAnn);
  const std::string want = Print(image);
  std::vector<std::string> got(4);
  std::vector<std::thread> threads;
  for (std::string& text : got) {
    threads.emplace_back([&text, &image] {
      for (int turn = 0; turn < 100; ++turn) text = Print(GroupImage(image));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : got) EXPECT_EQ(text, want);
}

TEST_P(StoreContract, TimesThatAreTooFarAwayBecomeInfinite) {
  CalendarRow calendar;
  calendar.key = kWork;
  calendar.last_pass = absl::UnixEpoch() - absl::Hours(24 * 365 * 400);
  calendar.calls_rest_until = absl::UnixEpoch() + absl::Hours(24 * 365 * 400);
  calendar.last_full_walk = absl::UnixEpoch() + absl::Nanoseconds(7) + absl::Nanoseconds(1) / 4;
  calendar.channels = {{.id = ChannelId("c"), .expiration = absl::UniversalEpoch()}};
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, {.calendars = {calendar}}).ok());
  const GroupImage image = *store_->Peek(kAnn);
  EXPECT_EQ(image.calendars[0].last_pass, absl::InfinitePast());
  EXPECT_EQ(image.calendars[0].calls_rest_until, absl::InfiniteFuture());
  EXPECT_EQ(image.calendars[0].last_full_walk, absl::FromUnixNanos(7));
  EXPECT_EQ(image.calendars[0].channels[0].expiration, absl::InfinitePast());
}

TEST_P(StoreContract, RecordsComeInTheOrderOfCalendarKeyAndEventId) {
  // Keys are random numbers of 64 bits without sign; ids are compared by byte.
  constexpr CalendarKey kHighest(~uint64_t{0});
  constexpr CalendarKey kUpper(uint64_t{1} << 63);
  const std::vector<std::pair<CalendarKey, std::string>> want = {{kWork, "Z"}, {kWork, "a"},  {kWork, "a0"},  {kWork, "\xc3\xa4"},
                                                                 {kHome, "a"}, {kUpper, "b"}, {kHighest, "a"}};
  Commit commit;
  for (size_t i = 0; i < want.size(); ++i) {
    const auto& [calendar, event] = want[(i * 3 + 2) % want.size()];
    commit.records.push_back(UserEventAt(calendar, event, 100 + i));
  }
  for (const CalendarKey key : {kHighest, kHome, kUpper, kWork}) {
    CalendarRow row;
    row.key = key;
    row.channels = {{.id = ChannelId(absl::StrCat("of ", key.value()))}};
    commit.calendars.push_back(row);
  }
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, commit).ok());

  const GroupImage image = *store_->Peek(kAnn);
  std::vector<std::pair<CalendarKey, std::string>> got;
  for (const Record& record : image.records) got.emplace_back(record.calendar, record.event.ToString());
  EXPECT_EQ(got, want);
  std::vector<CalendarKey> calendars;
  for (const CalendarRow& row : image.calendars) {
    calendars.push_back(row.key);
    EXPECT_EQ(row.channels[0].id.text(), absl::StrCat("of ", row.key.value()));
  }
  EXPECT_THAT(calendars, ElementsAre(kWork, kHome, kUpper, kHighest));
}

TEST_P(StoreContract, EachLoadRaisesTheEpochAndALookDoesNot) {
  EXPECT_EQ(Load(kAnn).epoch, 1);
  EXPECT_EQ(Load(kAnn).epoch, 2);
  EXPECT_EQ(Stored(kAnn), Print(GroupImage()));
  EXPECT_EQ(*store_->Epoch(kAnn), 2);
}

TEST_P(StoreContract, ACommitOfAFormerOwnerIsRefusedAndChangesNothing) {
  const int64_t former = Load(kAnn).epoch;
  const int64_t current = Load(kAnn).epoch;
  const Commit commit{.records = {UserEventAt(kWork, "e1", 1)}, .audit = {{.at = absl::UnixEpoch()}}};
  const std::string before = Stored(kAnn);

  const absl::Status refused = store_->Apply(kAnn, former, commit);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("another owner"));
  EXPECT_EQ(store_->Apply(kAnn, current + 1, commit).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Stored(kAnn), before);
  EXPECT_EQ(*store_->AuditCount(kAnn), 0);

  EXPECT_TRUE(store_->Apply(kAnn, current, commit).ok());
  EXPECT_NE(Stored(kAnn), before);
}

TEST_P(StoreContract, ACommitForAGroupThatNobodyLoadedIsRefused) {
  EXPECT_EQ(store_->Apply(kAnn, 0, {}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->Apply(kAnn, 1, {}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(*store_->Groups(), ElementsAre());
}

TEST_P(StoreContract, ARecordReplacesWhatLiesAtItsPlace) {
  const int64_t epoch = Load(kAnn).epoch;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e1", 1), UserEventAt(kHome, "e1", 2)}}).ok());
  Record changed = UserEventAt(kWork, "e1", 3);
  changed.status = RecordStatus::kGone;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {changed}}).ok());
  GroupImage want;
  want.records = {changed, UserEventAt(kHome, "e1", 2)};
  EXPECT_EQ(Stored(kAnn), Print(want));
  // The id that was given up is free again.
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e2", 1)}}).ok());
}

TEST_P(StoreContract, ACalendarIsReplacedWithAllItsChannels) {
  const int64_t epoch = Load(kAnn).epoch;
  CalendarRow row;
  row.key = kWork;
  row.channels = {{.id = ChannelId("z"), .token = SharedText("1")},
                  {.id = ChannelId("a"), .token = SharedText("2")},
                  {.id = ChannelId("m"), .token = SharedText("3")}};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.calendars = {row}}).ok());
  EXPECT_EQ(store_->Peek(kAnn)->calendars[0].channels, row.channels);
  row.channels = {{.id = ChannelId("m"), .token = SharedText("3"), .status = ChannelStatus::kLive}};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.calendars = {row}}).ok());
  EXPECT_EQ(store_->Peek(kAnn)->calendars[0].channels, row.channels);
}

TEST_P(StoreContract, ErasingWhatIsNotThereIsNoError) {
  const int64_t epoch = Load(kAnn).epoch;
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.erased = {{kWork, EventId("e1")}}}).ok());
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e1", 1), UserEventAt(kHome, "e1", 2)}}).ok());
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.erased = {{kWork, EventId("e1")}}}).ok());
  EXPECT_EQ(store_->Peek(kAnn)->records.size(), 1u);
  EXPECT_EQ(store_->Peek(kAnn)->records[0].calendar, kHome);
}

TEST_P(StoreContract, ABlockMovesToItsNextGenerationInOneCommit) {
  // L2: the row of the old generation goes before the new one comes, since both claim the slot.
  const int64_t epoch = Load(kAnn).epoch;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 77)}}).ok());
  const Commit next{.erased = {{kHome, EventId("g1")}}, .records = {BlockAt(kHome, "g2", 1, 77)}};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, next).ok());
  EXPECT_THAT(StoredEvents(kAnn), ElementsAre("g2"));
}

TEST_P(StoreContract, ASecondBlockForASlotIsRefused) {  // L2
  const int64_t epoch = Load(kAnn).epoch;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 77)}}).ok());
  EXPECT_EQ(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g2", 2, 77)}}).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g3", 3, 78), BlockAt(kHome, "g4", 4, 78)}}).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(StoredEvents(kAnn), ElementsAre("g1"));
}

TEST_P(StoreContract, OnlyBlocksClaimASlot) {
  const int64_t epoch = Load(kAnn).epoch;
  Record surplus = BlockAt(kHome, "g1", 0, 77);
  surplus.kind = RecordKind::kSeen;
  Record another = surplus;
  another.event = SharedText("g2");
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {surplus, another, BlockAt(kHome, "g3", 3, 77)}}).ok());
  // Blocks without a slot do not claim one either.
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g4", 4, 0), BlockAt(kHome, "g5", 5, 0)}}).ok());
}

TEST_P(StoreContract, ASecondRowWithACorrelationIdIsRefused) {
  const int64_t epoch = Load(kAnn).epoch;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e1", 1)}}).ok());
  EXPECT_EQ(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 77)}}).code(), absl::StatusCode::kAlreadyExists);
  // Rows without one are no matter, and the slot was not claimed by what was refused.
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e2", 0), UserEventAt(kWork, "e3", 0)}}).ok());
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 2, 77)}}).ok());
}

TEST_P(StoreContract, ACommitThatBreaksARuleChangesNothing) {  // L7
  const int64_t epoch = Load(kAnn).epoch;
  TestBits bits(1);
  CalendarRow calendar = RandomCalendar(&bits);
  ASSERT_TRUE(store_
                  ->Apply(kAnn, epoch,
                          {.records = {UserEventAt(kWork, "e1", 1), BlockAt(kHome, "g1", 2, 77)},
                           .calendars = {calendar},
                           .group = RandomGroup(&bits),
                           .audit = {RandomAudit(&bits)}})
                  .ok());
  const std::string before = Stored(kAnn);

  CalendarRow changed = RandomCalendar(&bits);
  changed.key = calendar.key;
  const Commit commit{.erased = {{kWork, EventId("e1")}},
                      .records = {BlockAt(kHome, "g1", 3, 79), UserEventAt(kWork, "e2", 1), UserEventAt(kWork, "e3", 3)},
                      .calendars = {changed},
                      .group = RandomGroup(&bits),
                      .audit = {RandomAudit(&bits)}};
  EXPECT_EQ(store_->Apply(kAnn, epoch, commit).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Stored(kAnn), before);
  EXPECT_EQ(*store_->AuditCount(kAnn), 1);
  // And the store goes on.
  EXPECT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e4", 4)}}).ok());
}

TEST_P(StoreContract, RowsOfOneCommitMayExchangeWhatIsUniqueInAnyOrder) {
  const int64_t epoch = Load(kAnn).epoch;
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71), BlockAt(kHome, "g2", 2, 72)}}).ok());
  const std::vector<Record> exchanged = {BlockAt(kHome, "g1", 2, 72), BlockAt(kHome, "g2", 1, 71)};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = exchanged}).ok());
  GroupImage want;
  want.records = exchanged;
  EXPECT_EQ(Stored(kAnn), Print(want));
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g2", 2, 72), BlockAt(kHome, "g1", 1, 71)}}).ok());
}

TEST_P(StoreContract, OfTwoRowsForOnePlaceTheLaterStands) {
  const int64_t epoch = Load(kAnn).epoch;
  const Commit commit{.records = {UserEventAt(kWork, "e1", 1), UserEventAt(kWork, "e1", 2), UserEventAt(kWork, "e2", 1)}};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, commit).ok());
  GroupImage want;
  want.records = {commit.records[1], commit.records[2]};
  EXPECT_EQ(Stored(kAnn), Print(want));
}

TEST_P(StoreContract, ARowThatALaterOneReplacesIsNotJudged) {
  const int64_t epoch = Load(kAnn).epoch;
  for (const int first : {0, 1, 2}) {
    std::vector<Record> records = {UserEventAt(kWork, "e1", 1), UserEventAt(kWork, "e2", 1), UserEventAt(kWork, "e1", 2)};
    std::rotate(records.begin(), records.begin() + (first == 0 ? 0 : 1), records.begin() + (first == 2 ? 3 : 2));
    const absl::Status status = store_->Apply(kAnn, epoch, {.records = records});
    const bool e1_ends_with_the_same = first == 2;
    EXPECT_EQ(status.ok(), !e1_ends_with_the_same) << first << status;
  }
}

TEST_P(StoreContract, GroupsNeverTouchEachOther) {  // L10
  const int64_t ann = Load(kAnn).epoch;
  const int64_t bob = Load(kBob).epoch;
  CalendarRow calendar;
  calendar.key = kHome;
  const Commit commit{.records = {BlockAt(kHome, "g1", 1, 77)}, .calendars = {calendar}, .audit = {{.at = absl::UnixEpoch()}}};
  ASSERT_TRUE(store_->Apply(kAnn, ann, commit).ok());
  ASSERT_TRUE(store_->Apply(kBob, bob, commit).ok());  // The same place, id and slot.
  const std::string before = Stored(kBob);
  ASSERT_TRUE(store_->Apply(kAnn, ann, {.erased = {{kHome, EventId("g1")}}}).ok());
  EXPECT_EQ(Load(kAnn).epoch, 2);
  EXPECT_EQ(Stored(kBob), before);
  EXPECT_EQ(*store_->Epoch(kBob), 1);
  EXPECT_THAT(*store_->Groups(), ElementsAre(kAnn, kBob));
}

TEST_P(StoreContract, AGroupThatIsForgottenLeavesNothingAndTouchesNoOther) {  // L10
  TestBits bits(3);
  for (const GroupId& group : {kAnn, kBob}) {
    const Commit commit{.records = {UserEventAt(kWork, "e1", 1), BlockAt(kHome, "g1", 2, 71)},
                        .calendars = {RandomCalendar(&bits)},
                        .audit = {RandomAudit(&bits)}};
    ASSERT_TRUE(store_->Apply(group, Load(group).epoch, commit).ok());
  }
  const std::string others = Stored(kBob);
  ASSERT_TRUE(store_->Forget(kAnn).ok());
  ASSERT_TRUE(store_->Forget(kAnn).ok()) << "once more is no error";
  EXPECT_EQ(*store_->Epoch(kAnn), 0);
  EXPECT_EQ(*store_->AuditCount(kAnn), 0);
  EXPECT_EQ(Stored(kAnn), Print(GroupImage()));
  EXPECT_THAT(*store_->Groups(), ElementsAre(kBob));
  EXPECT_EQ(Stored(kBob), others);
  EXPECT_EQ(*store_->AuditCount(kBob), 1);
  EXPECT_EQ(Load(kAnn).epoch, 1);
}

TEST_P(StoreContract, AGroupMovesFromAStoreToAnotherWithAllThatBelongsToIt) {
  TestBits bits(11);
  MemoryStore twin({.audit_kept = 5});
  for (const GroupId& group : {kAnn, kBob}) {
    int64_t epoch = 0;
    for (int start = 0; start < 3; ++start) epoch = twin.Load(group)->epoch;
    Commit commit{.records = {RandomRecord(&bits), RandomRecord(&bits), BlockAt(kHome, "g1", 2, 71)},
                  .calendars = {RandomCalendar(&bits)},
                  .group = RandomGroup(&bits)};
    for (int i = 0; i < 9; ++i) commit.audit.push_back(RandomAudit(&bits));
    ASSERT_TRUE(twin.Apply(group, epoch, commit).ok());
  }
  // What was there before goes.
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, {.records = {UserEventAt(kWork, "other", 5)}}).ok());

  ASSERT_EQ(*CopyGroup(twin, *store_, kAnn), Copied::kNow);
  EXPECT_EQ(*CopyGroup(twin, *store_, kAnn), Copied::kBefore);
  EXPECT_EQ(Stored(kAnn), Print(*twin.Peek(kAnn)));
  EXPECT_THAT(AuditNumbers({}), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_EQ(*store_->AuditCount(kAnn), 9);
  EXPECT_EQ(Load(kAnn).epoch, 4) << "no older than it was: nobody takes it for a backup";
  EXPECT_EQ(*CopyGroup(twin, *store_, kAnn), Copied::kNow) << "it differs now";
  // And back.
  MemoryStore third;
  ASSERT_EQ(*CopyGroup(*store_, third, kAnn), Copied::kNow);
  EXPECT_EQ(Print(*third.Peek(kAnn)), Print(*twin.Peek(kAnn)));
}

TEST(StoredGroup, EveryColumnCountsInAFingerprint) {
  TestBits bits(12);
  for (int i = 0; i < 200; ++i) {
    StoredGroup one{.epoch = 1, .image = {.records = {RandomRecord(&bits)}}};
    StoredGroup other = one;
    other.image.records[0] = RandomRecord(&bits);
    EXPECT_EQ(FingerprintOf(one) == FingerprintOf(other), Print(one.image) == Print(other.image));
    other = one;
    EXPECT_EQ(FingerprintOf(one), FingerprintOf(other));
    other.image.records[0].made_s ^= 1;
    EXPECT_NE(FingerprintOf(one), FingerprintOf(other));
  }
}

TEST_P(StoreContract, TheAuditTrailIsNumberedInTheOrderOfCommits) {
  const int64_t epoch = Load(kAnn).epoch;
  TestBits bits(3);
  std::vector<AuditEntry> entries;
  for (int i = 0; i < 6; ++i) {
    entries.push_back(RandomAudit(&bits));
    entries.back().at = absl::FromUnixSeconds(i == 4 ? 0 : 100 + i);  // The wall clock was set back for a moment.
  }
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.audit = {entries[0], entries[1]}}).ok());
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.records = {UserEventAt(kWork, "e1", 1)}}).ok());
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.audit = {entries[2], entries[3], entries[4], entries[5]}}).ok());

  EXPECT_EQ(*store_->AuditCount(kAnn), 6);
  const std::vector<AuditRow> rows = *store_->Audit(kAnn, {});
  ASSERT_EQ(rows.size(), entries.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].number, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(Print(rows[i].entry), Print(entries[i]));
  }
  EXPECT_THAT(AuditNumbers({.limit = 2}), ElementsAre(5, 6));
  EXPECT_THAT(AuditNumbers({.after = 4}), ElementsAre(5, 6));
  EXPECT_THAT(AuditNumbers({.since = absl::FromUnixSeconds(102)}), ElementsAre(3, 4, 6));
  EXPECT_THAT(AuditNumbers({.since = absl::FromUnixSeconds(102), .limit = 2}), ElementsAre(4, 6));
  EXPECT_THAT(AuditNumbers({.after = 6}), ElementsAre());
  EXPECT_THAT(*store_->Audit(kBob, {}), ElementsAre());
  EXPECT_EQ(*store_->AuditCount(kBob), 0);
}

TEST_P(StoreContract, TheAuditTrailIsAskedAboutOneEventAndItsRecords) {
  const int64_t epoch = Load(kAnn).epoch;
  const CorrelationId source{absl::MakeUint128(1, 2)}, block{absl::MakeUint128(3, 4)}, other{absl::MakeUint128(5, 6)};
  const auto entry = [](const char* event, CorrelationId record) {
    return AuditEntry{
        .at = absl::FromUnixSeconds(1), .kind = AuditKind::kBlockPlanned, .event = EventId(event), .record = record};
  };
  ASSERT_TRUE(
      store_
          ->Apply(kAnn, epoch,
                  {.audit = {entry("e1", source), entry("cs1", block), entry("e2", other), entry("e1", {}), entry("", {})}})
          .ok());
  EXPECT_THAT(AuditNumbers({.event = EventId("e1")}), ElementsAre(1, 4));
  EXPECT_THAT(AuditNumbers({.event = EventId("e1"), .records = {source, block}}), ElementsAre(1, 2, 4));
  EXPECT_THAT(AuditNumbers({.records = {block, other}}), ElementsAre(2, 3));
  EXPECT_THAT(AuditNumbers({.limit = 1, .records = {block, other}}), ElementsAre(3));
  EXPECT_THAT(AuditNumbers({.event = EventId("e9")}), ElementsAre());
}

TEST_P(StoreContract, OldEntriesOfTheAuditTrailAreDroppedBeyondWhatIsToBeKept) {
  const ScratchDirectory first;
  store_ = GetParam().make(first, {.audit_kept = 3});
  const int64_t epoch = Load(kAnn).epoch;
  const AuditEntry entry{.at = absl::UnixEpoch()};
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.audit = {entry, entry}}).ok());
  EXPECT_THAT(AuditNumbers({}), ElementsAre(1, 2));
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.audit = {entry, entry}}).ok());
  EXPECT_THAT(AuditNumbers({}), ElementsAre(2, 3, 4));
  ASSERT_TRUE(store_->Apply(kAnn, epoch, {.audit = {entry, entry, entry, entry, entry}}).ok());
  EXPECT_THAT(AuditNumbers({}), ElementsAre(7, 8, 9));
  EXPECT_EQ(*store_->AuditCount(kAnn), 9);

  const ScratchDirectory second;
  store_ = GetParam().make(second, {.audit_kept = 0});
  ASSERT_TRUE(store_->Apply(kAnn, Load(kAnn).epoch, {.audit = {entry, entry}}).ok());
  EXPECT_THAT(AuditNumbers({}), ElementsAre());
  EXPECT_EQ(*store_->AuditCount(kAnn), 2);
}

// Commits over so few places, ids and slots that they break the rules often, given to both kinds of store.
TEST_P(StoreContract, AgreesWithTheTwinOnRandomCommits) {
  MemoryStore twin;
  int refused = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    TestBits bits(seed);
    const GroupId group(absl::StrCat("group ", seed));
    const auto event = [&] { return absl::StrCat("e", bits.Below(6)); };
    const auto calendar = [&] { return CalendarKey(1 + bits.Below(3)); };
    int64_t epoch = Load(group).epoch;
    ASSERT_EQ(twin.Load(group)->epoch, epoch);
    bool batch = false;
    for (int step = 0; step < 60; ++step) {
      // In a batch all of it holds likewise, what is refused included.
      if (bits.OneIn(6)) {
        ASSERT_TRUE((batch ? store_->Flush() : store_->Begin()).ok());
        batch = !batch;
      }
      Commit commit;
      for (uint64_t left = bits.Below(3); left > 0; --left) commit.erased.push_back({calendar(), EventId(event())});
      for (uint64_t left = bits.Below(4); left > 0; --left) {
        Record record = RandomRecord(&bits);
        record.calendar = calendar();
        record.event = SharedText(event());
        record.id = {bits.Below(12)};
        record.slot = {bits.Below(12)};
        commit.records.push_back(record);
      }
      if (bits.OneIn(4)) commit.calendars.push_back(RandomCalendar(&bits));
      if (bits.OneIn(4)) commit.group = RandomGroup(&bits);
      if (bits.OneIn(4)) commit.audit.push_back(RandomAudit(&bits));
      if (bits.OneIn(10)) {
        const LoadedGroup loaded = Load(group);
        ASSERT_EQ(Print(loaded.image), Print(twin.Load(group)->image));
        if (bits.OneIn(2)) epoch = loaded.epoch;
      }
      const absl::Status mine = store_->Apply(group, epoch, commit);
      const absl::Status twins = twin.Apply(group, epoch, commit);
      ASSERT_EQ(mine.code(), twins.code()) << mine << "\n" << twins;
      refused += mine.ok() ? 0 : 1;
      ASSERT_EQ(Stored(group), Print(*twin.Peek(group)));
      ASSERT_EQ(*store_->AuditCount(group), *twin.AuditCount(group));
    }
    if (batch) {
      ASSERT_TRUE(store_->Flush().ok());
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace calsync::adapter
