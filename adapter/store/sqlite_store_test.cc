// What the SQLite store promises beyond the contract of all stores: files, versions, other processes, damage.

#include "adapter/store/sqlite_store.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "adapter/store/schema/schema.h"
#include "adapter/store/sqlite_columns.h"
#include "adapter/store/testing/rows.h"
#include "adapter/store/testing/scratch_directory.h"
#include "engine/base/check.h"
#include "engine/host/effect.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

// Waiting is not what these tests are about.
const SqliteStore::Options kImpatientSqlite{.connection = {.busy_timeout = absl::Milliseconds(20)}};

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteStore> Open(const SqliteStore::Options& options = kImpatientSqlite) {
    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path_, options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  absl::Status WhyNotOpen(const std::string& path) { return SqliteStore::Open(path, kImpatientSqlite).status(); }

  // What any other program would do to the file.
  int Raw(const std::string& sql) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    const int code = sqlite3_extended_errcode(database);
    sqlite3_close(database);
    return code;
  }

  ScratchDirectory directory_;
  std::string path_ = directory_.File("calsync.db");
};

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// ---- Durability.

TEST_F(SqliteStoreTest, WhatWasCommittedIsThereWhenTheFileIsOpenedAgain) {  // L7
  std::string before;
  {
    const auto store = Open();
    const int64_t epoch = store->Load(kAnn)->epoch;
    ASSERT_TRUE(store->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}, .audit = {{.at = absl::UnixEpoch()}}}).ok());
    before = Print(*store->Peek(kAnn));
  }
  const auto store = Open();
  EXPECT_EQ(Print(*store->Peek(kAnn)), before);
  EXPECT_EQ(store->Audit(kAnn, {})->size(), 1u);
  EXPECT_EQ(store->Load(kAnn)->epoch, 2);
}

TEST_F(SqliteStoreTest, WhatWasCommittedIsInTheFilesAsSoonAsApplyReturns) {  // L7: as for a process that dies right after it.
  const auto store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  ASSERT_TRUE(store->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}}).ok());
  const std::string copy = directory_.File("copy.db");
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  const auto survivor = SqliteStore::Open(copy);
  ASSERT_TRUE(survivor.ok()) << survivor.status();
  EXPECT_EQ(Print(*(*survivor)->Peek(kAnn)), Print(*store->Peek(kAnn)));
}

TEST_F(SqliteStoreTest, ChannelsThatAreAsTheyWereCostNoPage) {
  const auto store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  CalendarRow row;
  row.key = kHome;
  row.channels = {{.id = ChannelId("one")}, {.id = ChannelId("two")}};
  // Pages of the database that the log grows by when `row` is committed.
  const auto pages_of_commit = [&] {
    constexpr uintmax_t kFrame = 24 + 4096;
    const uintmax_t before = std::filesystem::file_size(path_ + "-wal");
    EXPECT_TRUE(store->Apply(kAnn, epoch, {.calendars = {row}}).ok());
    return (std::filesystem::file_size(path_ + "-wal") - before) / kFrame;
  };
  pages_of_commit();
  ++row.counters.calendars_processed;
  EXPECT_EQ(pages_of_commit(), 1u);
  row.channels[1].status = ChannelStatus::kLive;
  EXPECT_EQ(pages_of_commit(), 2u);
}

TEST_F(SqliteStoreTest, DatabasesInMemoryAreStrangersToEachOther) {
  const auto one = SqliteStore::Open(":memory:");
  const auto two = SqliteStore::Open(":memory:");
  ASSERT_TRUE((*one)->Load(kAnn).ok());
  EXPECT_EQ(*(*two)->Epoch(kAnn), 0);
}

// ---- Other processes.

TEST_F(SqliteStoreTest, ASecondProcessTakesOverAndTheFirstIsRefused) {  // L2, P7
  const auto first = Open();
  const auto second = Open();
  const int64_t old_epoch = first->Load(kAnn)->epoch;
  ASSERT_TRUE(first->Apply(kAnn, old_epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}}).ok());
  const LoadedGroup taken = *second->Load(kAnn);
  EXPECT_EQ(taken.image.records.size(), 1u);
  EXPECT_TRUE(absl::IsFailedPrecondition(first->Apply(kAnn, old_epoch, {.records = {BlockAt(kHome, "g2", 2, 72)}})));
  EXPECT_TRUE(second->Apply(kAnn, taken.epoch, {.records = {BlockAt(kHome, "g3", 3, 73)}}).ok());
  EXPECT_EQ(first->Peek(kAnn)->records.size(), 2u);
}

TEST_F(SqliteStoreTest, ALockOfAnotherProcessIsSaidAndNothingIsChanged) {  // D2
  const auto store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);

  const absl::Status status = store->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(status), HasSubstr("Another process holds the database"));
  EXPECT_EQ(store->Load(kAnn).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(*store->Epoch(kAnn), epoch);  // Who looks does not wait.

  sqlite3_close(other);
  EXPECT_TRUE(store->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}}).ok());
}

TEST_F(SqliteStoreTest, AFileThatAnotherProcessHoldsForItselfIsNotOpened) {
  Open().reset();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  const absl::Status status = WhyNotOpen(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), HasSubstr("Another process holds the database"));
  sqlite3_close(other);
}

// ---- The rules hold whoever writes.

TEST_F(SqliteStoreTest, TheRulesAreThoseOfTheDatabaseItself) {
  const auto store = Open();
  ASSERT_TRUE(
      store->Apply(kAnn, store->Load(kAnn)->epoch, {.records = {BlockAt(kHome, "g1", 1, 71), UserEventAt(kWork, "e1", 2)}}).ok());
  const std::string others = absl::StrReplaceAll(RecordColumns().names(), {{"calendar, event, ", ""}, {"correlation_id, ", ""}});
  const auto copy = [&](const char* event, const char* id, const char* from) {
    return absl::StrCat("INSERT INTO record (group_key, calendar, event, correlation_id, ", others,
                        ") SELECT group_key, calendar, '", event, "', ", id, ", ", others, " FROM record WHERE event = '", from,
                        "'");
  };
  EXPECT_EQ(Raw(copy("g2", "zeroblob(16)", "g1")), SQLITE_CONSTRAINT_UNIQUE);    // L2: one block a slot.
  EXPECT_EQ(Raw(copy("e2", "correlation_id", "e1")), SQLITE_CONSTRAINT_UNIQUE);  // One row a correlation id.
  EXPECT_EQ(Raw(copy("e1", "zeroblob(16)", "e1")), SQLITE_CONSTRAINT_PRIMARYKEY);
  EXPECT_EQ(Raw(copy("e2", "zeroblob(15)", "e1")), SQLITE_CONSTRAINT_CHECK);
  EXPECT_EQ(Raw("UPDATE record SET status = NULL"), SQLITE_CONSTRAINT_NOTNULL);
  EXPECT_EQ(Raw("UPDATE record SET fights = 'many'"), SQLITE_CONSTRAINT_DATATYPE);
  EXPECT_EQ(Raw("PRAGMA foreign_keys = ON; DELETE FROM sync_group"), SQLITE_CONSTRAINT_FOREIGNKEY);
  EXPECT_EQ(Raw(copy("e2", "zeroblob(16)", "e1")), SQLITE_OK);
}

TEST_F(SqliteStoreTest, AValueThatThisVersionDoesNotKnowIsAnErrorAndNoGuess) {  // P9
  const struct {
    const char* change;
    const char* say;
  } kRows[] = {
      {"UPDATE record SET status = 'melted'", "record of event g1 in calendar 9: status: \"melted\" is not known"},
      {"UPDATE record SET kind = ''", "kind: \"\" is not known"},
      {"UPDATE record SET hold = 'None'", "hold: \"None\" is not known"},
      {"UPDATE record SET attempts = 256", "attempts: 256 is out of range"},
      {"UPDATE record SET sent = 2", "sent: 2 is out of range"},
      {"UPDATE record SET generation = -1", "generation: -1 is out of range"},
      {"UPDATE calendar SET role = 'emperor'", "calendar 9: role: \"emperor\" is not known"},  // glossary: quoted
      {"UPDATE channel SET status = 'loud'", "a channel of calendar 9: status: \"loud\" is not known"},
      {"UPDATE sync_group SET breaker_open = 7", "the group's row: breaker_open: 7 is out of range"},
  };
  CalendarRow calendar;
  calendar.key = kHome;
  calendar.channels = {{.id = ChannelId("c1")}};
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.change);
    std::filesystem::remove(path_);
    const auto store = Open();
    const int64_t epoch = store->Load(kAnn)->epoch;
    ASSERT_TRUE(store->Apply(kAnn, epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}, .calendars = {calendar}}).ok());
    ASSERT_EQ(Raw(row.change), SQLITE_OK);
    const absl::Status status = store->Load(kAnn).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(Message(status), HasSubstr(row.say));
    EXPECT_EQ(*store->Epoch(kAnn), epoch);  // Nobody took it over.
  }
}

TEST_F(SqliteStoreTest, AnAuditEntryOfAnUnknownKindIsAnError) {
  const auto store = Open();
  ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, {.audit = {{.at = absl::UnixEpoch()}}}).ok());
  ASSERT_EQ(Raw("UPDATE audit SET kind = 'miracle'"), SQLITE_OK);
  EXPECT_EQ(store->Audit(kAnn, {}).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(store->Load(kAnn).ok());  // The engine does not read the trail.
}

// ---- Opening.

TEST_F(SqliteStoreTest, ANewDatabaseIsForItsOwnerAlone) {
  const mode_t before = umask(0);
  const auto store = Open();
  umask(before);
  ASSERT_TRUE(store->Load(kAnn).ok());
  for (const char* file : {"", "-wal", "-shm"}) {
    struct stat about {};
    ASSERT_EQ(stat((path_ + file).c_str(), &about), 0) << file;
    EXPECT_EQ(about.st_mode & 0777, 0600u) << file;
  }
}

TEST_F(SqliteStoreTest, OpeningSaysWhatIsWrongWithThePath) {
  const absl::Status missing = WhyNotOpen(directory_.File("no/such/calsync.db"));
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(missing), HasSubstr("There is no directory"));
  EXPECT_EQ(WhyNotOpen(directory_.path()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WhyNotOpen("").code(), absl::StatusCode::kInvalidArgument);
  WriteWholeFile(directory_.File("file"), "");
  EXPECT_EQ(WhyNotOpen(directory_.File("file/calsync.db")).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SqliteStoreTest, OpeningSaysThatAPathCannotBeWritten) {
  Open().reset();
  ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0555), 0);
  // Modes mean nothing to the superuser, so a superuser becomes somebody else for a moment.
  const bool superuser = geteuid() == 0;
  if (superuser) CALSYNC_CHECK(seteuid(65534) == 0);
  const absl::Status file = WhyNotOpen(path_);
  const absl::Status directory = WhyNotOpen(directory_.File("new.db"));
  if (superuser) CALSYNC_CHECK(seteuid(0) == 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);

  for (const absl::Status& status : {file, directory}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_THAT(Message(status), HasSubstr("check owner and mode"));
  }
}

TEST_F(SqliteStoreTest, ACopyIsWholeAndForItsOwnerAloneOrNotThere) {
  const auto store = Open();
  ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}}).ok());
  const auto connection = SqliteConnection::Open(path_, {});
  ASSERT_TRUE(connection.ok()) << connection.status();
  const std::string copy = directory_.File("it's a copy.db");
  ASSERT_TRUE((*connection)->CopyInto(copy).ok());
  struct stat about = {};
  ASSERT_EQ(stat(copy.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_EQ(Print(*(*SqliteStore::Open(copy))->Peek(kAnn)), Print(*store->Peek(kAnn)));

  EXPECT_EQ((*connection)->CopyInto(copy).code(), absl::StatusCode::kAlreadyExists);
  const std::string nowhere = directory_.File("no/copy.db");
  const absl::Status missing = (*connection)->CopyInto(nowhere);
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(missing), HasSubstr(nowhere));
  EXPECT_THAT(Message(missing), HasSubstr("There is no directory"));

  const std::string none = directory_.File("none.db"), half = directory_.File("half.db");
  WriteWholeFile(none, std::string(64 << 10, '?'));
  const auto damaged = SqliteConnection::Open(none, {});
  ASSERT_TRUE(damaged.ok()) << damaged.status();
  const absl::Status failed = (*damaged)->CopyInto(half);
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(Message(failed), HasSubstr(half));
  EXPECT_FALSE(std::filesystem::exists(half));
}

TEST_F(SqliteStoreTest, AFileThatIsOnlyReadStaysAsItIs) {
  std::string stored;
  {
    const auto store = Open();
    ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, {.records = {BlockAt(kHome, "g1", 1, 71)}}).ok());
    stored = Print(*store->Peek(kAnn));
    // With what its write-ahead log holds, as long as there is one.
    const auto copy = SqliteStore::OpenCopy(path_, {});
    ASSERT_TRUE(copy.ok()) << copy.status();
    EXPECT_EQ(Print(*(*copy)->Peek(kAnn)), stored);
  }
  const std::string folder = directory_.File("for reading?"), file = folder + "/100%.db";
  std::filesystem::create_directory(folder);
  std::filesystem::copy_file(path_, file);
  const std::string before = ReadWholeFile(file);
  ASSERT_EQ(chmod(folder.c_str(), 0555), 0);
  const bool superuser = geteuid() == 0;  // As below.
  if (superuser) CALSYNC_CHECK(chmod(file.c_str(), 0444) == 0 && chmod(directory_.path().c_str(), 0755) == 0);
  if (superuser) CALSYNC_CHECK(seteuid(65534) == 0);
  const auto copy = SqliteStore::OpenCopy(file, {});
  if (superuser) CALSYNC_CHECK(seteuid(0) == 0);
  ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Print(*(*copy)->Peek(kAnn)), stored);
  EXPECT_TRUE((*copy)->Load(kAnn).ok());  // It can be written, and the file knows nothing of that.
  EXPECT_EQ(ReadWholeFile(file), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(SqliteStoreTest, AFileThatHoldsNoStoreIsNotReadAsOne) {
  EXPECT_EQ(SqliteStore::OpenToRead(path_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
  WriteWholeFile(path_, "");
  const absl::Status empty = SqliteStore::OpenToRead(path_).status();
  EXPECT_EQ(empty.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(empty), HasSubstr("nothing is in it"));
  EXPECT_EQ(ReadWholeFile(path_), "");
  EXPECT_EQ(SqliteStore::OpenToRead(directory_.path()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SqliteStoreTest, WhatIsNoDatabaseIsRefusedAndNotTouched) {
  for (const std::string& content : {std::string("notes"), std::string("notes: buy milk\n"), std::string(10000, '\x7f')}) {
    WriteWholeFile(path_, content);
    const absl::Status status = WhyNotOpen(path_);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(Message(status), HasSubstr("The file is something else"));
    EXPECT_TRUE(ReadWholeFile(path_) == content);
  }
}

TEST_F(SqliteStoreTest, ADatabaseOfAnotherProgramIsRefusedAndNotTouched) {
  for (const char* sql : {"CREATE TABLE recipe (name TEXT)", "PRAGMA application_id = 77; PRAGMA user_version = 1"}) {
    std::filesystem::remove(path_);
    ASSERT_EQ(Raw(sql), SQLITE_OK);
    const std::string content = ReadWholeFile(path_);
    const absl::Status status = WhyNotOpen(path_);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(status), HasSubstr("another program"));
    EXPECT_TRUE(ReadWholeFile(path_) == content);
  }
}

TEST_F(SqliteStoreTest, DamageIsReportedAndNothingIsChanged) {  // D5
  {
    const auto store = Open();
    Commit commit;
    for (uint64_t i = 0; i < 500; ++i) commit.records.push_back(UserEventAt(kWork, absl::StrCat("event", i), 1 + i));
    ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, commit).ok());
  }
  std::string content = ReadWholeFile(path_);
  constexpr size_t kDamage = 10 * size_t{4096};  // Pages of records: the last that were added.
  ASSERT_GT(content.size(), 2 * kDamage);
  content.replace(content.size() - kDamage, kDamage, std::string(kDamage, '\x5a'));
  WriteWholeFile(path_, content);
  const auto store = Open();
  const absl::Status status = store->Load(kAnn).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(Message(status), HasSubstr("restore the last backup"));
  EXPECT_EQ(*store->Epoch(kAnn), 1);
}

// ---- Versions.

TEST_F(SqliteStoreTest, ADatabaseOfANewerVersionIsRefusedAndNotTouched) {
  Open().reset();
  ASSERT_EQ(Raw("PRAGMA user_version = 1000"), SQLITE_OK);
  const std::string content = ReadWholeFile(path_);
  const absl::Status status = WhyNotOpen(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(status), HasSubstr("it has version 1000, and this program knows versions up to"));
  EXPECT_TRUE(ReadWholeFile(path_) == content);
}

std::unique_ptr<SqliteConnection> Connect(const std::string& path) { return *SqliteConnection::Open(path, {}); }

TEST_F(SqliteStoreTest, EachStepIsCarriedOutOnceAndInItsOrder) {
  const std::vector<const char*> steps = {"CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)",
                                          "UPDATE t SET n = n * 10 + 2"};
  const auto connection = Connect(path_);
  for (const size_t versions : {1, 2, 2, 3, 3}) {
    ASSERT_TRUE(Migrate(connection.get(), absl::MakeSpan(steps).first(versions)).ok());
    EXPECT_EQ(*connection->ReadInteger("PRAGMA user_version"), static_cast<int64_t>(versions));
    EXPECT_EQ(*connection->ReadInteger("PRAGMA application_id"), kApplicationId);
  }
  EXPECT_EQ(*connection->ReadInteger("SELECT n FROM t"), 12);
}

TEST_F(SqliteStoreTest, AStepThatFailsLeavesTheOldVersionWhole) {
  const auto connection = Connect(path_);
  const std::vector<const char*> good = {"CREATE TABLE t (n INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)"};
  ASSERT_TRUE(Migrate(connection.get(), good).ok());
  const std::vector<const char*> bad = {good[0], "UPDATE t SET n = 2", "ALTER TABLE nothing ADD COLUMN m INTEGER"};
  EXPECT_FALSE(Migrate(connection.get(), bad).ok());
  EXPECT_EQ(*connection->ReadInteger("PRAGMA user_version"), 1);
  EXPECT_EQ(*connection->ReadInteger("SELECT n FROM t"), 1);

  const std::vector<const char*> orphaning = {good[0], "CREATE TABLE c (n INTEGER REFERENCES t); INSERT INTO c VALUES (99)"};
  EXPECT_EQ(Migrate(connection.get(), orphaning).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*connection->ReadInteger("PRAGMA user_version"), 1);
}

TEST_F(SqliteStoreTest, EveryColumnOfTheSchemaIsReadAndWritten) {
  Open().reset();
  const auto connection = Connect(path_);
  const struct {
    const char* table;
    int columns;  // Those of the lists, and those that only the store knows.
  } kRows[] = {{"sync_group", GroupColumns().count() + 4},
               {"calendar", CalendarColumns().count() + 1},
               {"channel", ChannelColumns().count() + 3},
               {"record", RecordColumns().count() + 1},
               {"audit", AuditColumns().count() + 2}};
  for (const auto& row : kRows) {
    EXPECT_EQ(*connection->ReadInteger(absl::StrCat("SELECT count(*) FROM pragma_table_info('", row.table, "')").c_str()),
              row.columns)
        << row.table;
  }
}

// What the kept databases of all versions hold.
Commit KeptContent() {
  Record source = UserEventAt(kWork, "6c5m1k0h74s3e", absl::MakeUint128(0x1111222233334444, 0x9555666677778888));
  source.etag = SharedText("\"3181161784712000\"");
  source.updated_ms = 1590580892356;
  source.tag = TagState::kWritten;
  source.ical_hash = 0xfedcba9876543210;
  source.tentative = true;
  source.answer = Answer::kAccepted;
  source.colour = 5;
  source.keywords = 0x80000001;
  source.skips_told = 0xffffffff;
  source.cover_went_s = 1778000000;
  source.made_s = 0xfedcba98;
  Record block =
      BlockAt(kHome, "cs0123456789abcdefghijklmnopqrstuv0123456789abc", absl::MakeUint128(5, 6), absl::MakeUint128(7, 8));
  block.status = RecordStatus::kCreated;
  block.source = source.id;
  block.generation = 2;
  block.highest = 3;
  block.hold = Hold::kKeptEdit;
  block.held_for = ~uint64_t{0};
  block.made_s = 1778000001;
  CalendarRow calendar;
  calendar.key = kWork;
  calendar.sync_token = SyncToken("CPDAlvWDx70CEPDAlvWDx70CGAU=");
  calendar.walked = true;
  calendar.role = AccessRole::kOwner;
  calendar.time_zone = "Europe/Berlin";
  calendar.last_pass = absl::FromUnixMillis(1778000000123);
  calendar.had_events = absl::FromUnixMillis(1778000000124);
  calendar.empty_walk = absl::FromUnixMillis(1778000000125);
  calendar.channels = {{.id = ChannelId("channel-1"),
                        .token = SharedText("secret"),
                        .resource = ResourceId("resource-1"),
                        .status = ChannelStatus::kLive,
                        .expiration = absl::FromUnixSeconds(1778600000),
                        .opened = absl::FromUnixSeconds(1777995200)}};
  calendar.counters.busy_blocks_created = 12;
  return {.records = {source, block},
          .calendars = {calendar},
          .group = GroupRow{.breaker_open = true, .window_start = absl::FromUnixSeconds(1778000000), .window_writes = 3},
          .audit = {{.at = absl::FromUnixSeconds(1778000001),
                     .kind = AuditKind::kBlockCreated,
                     .calendar = kHome,
                     .event = EventId("e1"),
                     .record = block.id,
                     .detail = "for \"work\""}}};
}

// The whole database as SQL, in a fixed order. REQUIRES: no zero bytes in texts.
std::string Dump(SqliteConnection* connection) {
  std::string dump = absl::StrCat("PRAGMA application_id = ", *connection->ReadInteger("PRAGMA application_id"), ";\n",
                                  "PRAGMA user_version = ", *connection->ReadInteger("PRAGMA user_version"), ";\n");
  std::vector<std::string> tables;
  {
    SqliteQuery query = *connection->Prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
    while (*query.Next()) {
      if (query.Text(0) == "table") tables.emplace_back(query.Text(1));
      absl::StrAppend(&dump, query.Text(2), ";\n");
    }
  }
  for (const std::string& table : tables) {
    const std::string values = *connection->ReadText(
        absl::StrCat("SELECT group_concat('quote(' || name || ')', '||'', ''||') FROM pragma_table_info('", table, "')").c_str());
    SqliteQuery query = *connection->Prepare(absl::StrCat("SELECT ", values, " FROM ", table));
    while (*query.Next()) absl::StrAppend(&dump, "INSERT INTO ", table, " VALUES (", query.Text(0), ");\n");
  }
  return dump;
}

std::string KeptFile(size_t version) { return absl::StrCat("adapter/store/schema/version_", version, ".sql"); }

// Each version leaves a database behind, as SQL, which is never changed once that version was released. Before, and only then,
// CALSYNC_REWRITE=1 writes the newest one anew.
TEST_F(SqliteStoreTest, DatabasesOfAllVersionsAreReadAsWhatWasStoredInThem) {
  const size_t newest = SchemaSteps().size();
  {
    const auto store = Open();
    ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, KeptContent()).ok());
  }
  const auto connection = Connect(path_);
  if (std::getenv("CALSYNC_REWRITE") != nullptr) WriteWholeFile(KeptFile(newest), Dump(connection.get()));
  EXPECT_EQ(ReadWholeFile(KeptFile(newest)), Dump(connection.get()))
      << "The newest version differs from the database that it left behind. Was it released? Then add a step to the schema.";

  for (size_t version = 1; version <= newest; ++version) {
    SCOPED_TRACE(version);
    // What policies ask for was not kept before version 2: all events are to be shown again.
    Commit want = KeptContent();
    if (version < 2) {
      want.records[0].etag = SharedText();
      want.records[0].updated_ms = 0;
      want.records[0].tentative = false;
      want.records[0].answer = Answer::kNone;
      want.records[0].colour = 0;
      want.records[0].keywords = want.records[0].skips_told = 0;
      want.records[0].cover_went_s = 0;
      want.calendars[0].sync_token = SyncToken();
      want.calendars[0].time_zone.clear();
    }
    if (version < 3) want.calendars[0].sync_token = SyncToken();  // Series were not kept: all is walked anew.
    if (version < 5) {                                            // When rows were made was not kept: they count as old.
      for (Record& record : want.records) record.made_s = 1;
      want.calendars[0].had_events = want.calendars[0].empty_walk = absl::InfinitePast();
      want.calendars[0].channels[0].opened = absl::InfinitePast();
    }
    path_ = directory_.File(absl::StrCat("version_", version, ".db"));
    ASSERT_EQ(Raw(ReadWholeFile(KeptFile(version))), SQLITE_OK);
    const auto store = Open();
    const GroupImage image{.group = *want.group, .calendars = want.calendars, .records = want.records};
    EXPECT_EQ(Print(*store->Peek(kAnn)), Print(image));
    const std::vector<AuditRow> audit = *store->Audit(kAnn, {});
    ASSERT_EQ(audit.size(), 1u);
    EXPECT_EQ(Print(audit[0].entry), Print(want.audit[0]));
    EXPECT_EQ(store->Load(kAnn)->epoch, 2);
  }
}

}  // namespace
}  // namespace calsync::adapter
