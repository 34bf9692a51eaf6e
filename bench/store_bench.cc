// What durability costs: one commit, commits of many groups, and loading a group, in memory and in SQLite (a file,
// synchronous=FULL), beside the floors of the same work: bytes appended and synced, and SQLite with the least that a row can be,
// clustered the same way.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/store/memory_store.h"
#include "adapter/store/sqlite_store.h"
#include "adapter/store/store.h"
#include "adapter/store/testing/scratch_directory.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

using adapter::MemoryStore;
using adapter::ScratchDirectory;
using adapter::SqliteStore;
using adapter::Store;

enum class Kind { kMemory, kSqlite };

// A store with one group of some size, taken over.
struct Scene {
  Scene(Kind kind, size_t size) : records(RealisticRecords(size)) {
    if (kind == Kind::kMemory) {
      store = std::make_unique<MemoryStore>();
    } else {
      auto opened = SqliteStore::Open(directory.File("bench.sqlite"));
      CALSYNC_CHECK(opened.ok());
      store = *std::move(opened);
    }
    epoch = store->Load(group)->epoch;
    Commit all;
    all.records = records;
    CALSYNC_CHECK(store->Apply(group, epoch, all).ok());
  }

  const GroupId group{"ann"};
  ScratchDirectory directory;  // Must outlive the store.
  std::vector<Record> records;
  std::unique_ptr<Store> store;
  int64_t epoch = 0;
};

// The second argument: rows of the commit.
void Apply(benchmark::State& state, Kind kind) {
  Scene scene(kind, static_cast<size_t>(state.range(0)));
  const size_t rows = static_cast<size_t>(state.range(1));
  size_t next = 0;
  int64_t version = 0;
  for (auto _ : state) {
    Commit commit;
    for (size_t i = 0; i < rows; ++i) {
      next = (next + 7919) % scene.records.size();
      Record record = scene.records[next];
      record.updated_ms = ++version;
      commit.records.push_back(std::move(record));
    }
    CALSYNC_CHECK(scene.store->Apply(scene.group, scene.epoch, commit).ok());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void Load(benchmark::State& state, Kind kind) {
  Scene scene(kind, static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(scene.store->Load(scene.group));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// ---- Commits of many groups, one row each.

enum class Durable { kEachByItself, kTogether };

constexpr size_t kGroups = 100;

// One store with so many groups of 1,000 records. An iteration is a commit of each group.
void CommitOfEachGroup(benchmark::State& state, Durable durable) {
  const ScratchDirectory directory;
  auto opened = SqliteStore::Open(directory.File("bench.sqlite"));
  CALSYNC_CHECK(opened.ok());
  SqliteStore& store = **opened;
  struct Owned {
    GroupId group;
    int64_t epoch;
  };
  std::vector<Record> records = RealisticRecords(1000);
  std::vector<Owned> groups;
  CALSYNC_CHECK(store.Begin().ok());
  for (size_t i = 0; i < kGroups; ++i) {
    const GroupId group(absl::StrCat("group-", i));
    groups.push_back({group, store.Load(group)->epoch});
    Commit all;
    all.records = records;
    CALSYNC_CHECK(store.Apply(group, groups.back().epoch, all).ok());
  }
  CALSYNC_CHECK(store.Flush().ok());
  size_t next = 0;
  int64_t version = 0;
  for (auto _ : state) {
    if (durable == Durable::kTogether) CALSYNC_CHECK(store.Begin().ok());
    for (const Owned& owned : groups) {
      next = (next + 7919) % records.size();
      Commit commit;
      commit.records = {records[next]};
      commit.records[0].updated_ms = ++version;
      CALSYNC_CHECK(store.Apply(owned.group, owned.epoch, commit).ok());
    }
    if (durable == Durable::kTogether) CALSYNC_CHECK(store.Flush().ok());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kGroups));
}

// ---- Floors.

// What one row is at least: as many bytes as ours have, appended to a file and synced.
void AppendAndSync(benchmark::State& state) {
  const ScratchDirectory directory;
  const int file = open(directory.File("floor.log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  CALSYNC_CHECK(file >= 0);
  const std::string row(400, 'x');
  for (auto _ : state) {
    CALSYNC_CHECK(write(file, row.data(), row.size()) == static_cast<ssize_t>(row.size()));
    CALSYNC_CHECK(fdatasync(file) == 0);
  }
  close(file);
  state.SetItemsProcessed(state.iterations());
}

// SQLite with the settings of the store and a table of (calendar, event) → one blob, clustered by that key, and an index by id.
class BareTable {
 public:
  explicit BareTable(const std::vector<Record>& records) : body_(220, 'x') {
    CALSYNC_CHECK(sqlite3_open(directory_.File("floor.sqlite").c_str(), &db_) == SQLITE_OK);
    Run("PRAGMA journal_mode=WAL");
    Run("PRAGMA synchronous=FULL");
    Run("CREATE TABLE row (calendar INTEGER, event TEXT, id BLOB, body BLOB, PRIMARY KEY (calendar, event)) WITHOUT ROWID");
    Run("CREATE UNIQUE INDEX by_id ON row (id)");
    put_ = Prepare(
        "INSERT INTO row VALUES (?, ?, ?, ?) ON CONFLICT (calendar, event) DO UPDATE SET id = excluded.id, body = "
        "excluded.body");
    all_ = Prepare("SELECT calendar, event, id, body FROM row ORDER BY calendar, event");
    Run("BEGIN");
    for (const Record& record : records) Put(record);
    Run("COMMIT");
  }
  ~BareTable() {
    sqlite3_finalize(put_);
    sqlite3_finalize(all_);
    sqlite3_close(db_);
  }
  BareTable(const BareTable&) = delete;
  BareTable& operator=(const BareTable&) = delete;

  void Run(const char* sql) { CALSYNC_CHECK(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

  void Put(const Record& record) {
    const absl::string_view event = record.event.view();
    body_[0] = static_cast<char>(++version_);  // Else nothing is written.
    sqlite3_bind_int64(put_, 1, static_cast<int64_t>(record.calendar.value()));
    sqlite3_bind_text(put_, 2, event.data(), static_cast<int>(event.size()), SQLITE_STATIC);
    sqlite3_bind_blob(put_, 3, &record.id.value, sizeof record.id.value, SQLITE_STATIC);
    sqlite3_bind_blob(put_, 4, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
    CALSYNC_CHECK(sqlite3_step(put_) == SQLITE_DONE);
    sqlite3_reset(put_);
  }

  // All rows in a vector, and a map by id.
  size_t Load() {
    struct Row {
      int64_t calendar = 0;
      std::string event;
      absl::uint128 id = 0;
      std::string body;
    };
    std::vector<Row> rows;
    absl::flat_hash_map<absl::uint128, size_t> by_id;
    const auto text = [&](int column) {
      return std::string(static_cast<const char*>(sqlite3_column_blob(all_, column)),
                         static_cast<size_t>(sqlite3_column_bytes(all_, column)));
    };
    while (sqlite3_step(all_) == SQLITE_ROW) {
      Row row{sqlite3_column_int64(all_, 0), text(1), 0, text(3)};
      const std::string id = text(2);
      id.copy(reinterpret_cast<char*>(&row.id), sizeof row.id);
      by_id.emplace(row.id, rows.size());
      rows.push_back(std::move(row));
    }
    sqlite3_reset(all_);
    return rows.size() + by_id.size();
  }

 private:
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    CALSYNC_CHECK(sqlite3_prepare_v2(db_, sql, -1, &made, nullptr) == SQLITE_OK);
    return made;
  }

  ScratchDirectory directory_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* all_ = nullptr;
  std::string body_;
  int version_ = 0;
};

void BarePage(benchmark::State& state) {
  const std::vector<Record> records = RealisticRecords(static_cast<size_t>(state.range(0)));
  BareTable table(records);
  size_t next = 0;
  for (auto _ : state) {
    table.Run("BEGIN IMMEDIATE");
    for (int64_t i = 0; i < state.range(1); ++i) {
      next = (next + 7919) % records.size();
      table.Put(records[next]);
    }
    table.Run("COMMIT");
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void BareLoad(benchmark::State& state) {
  BareTable table(RealisticRecords(static_cast<size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(table.Load());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// What an engine is built from: the image as the store gives it, and the rows with their indexes.
void LoadAndIndex(benchmark::State& state) {
  Scene scene(Kind::kSqlite, static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const Records records(std::move(scene.store->Load(scene.group)->image.records));
    benchmark::DoNotOptimize(records.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Add(int64_t records_max) {
  const std::pair<const char*, Durable> kDurable[] = {{"Commits/single", Durable::kEachByItself},
                                                      {"Commits/grouped", Durable::kTogether}};
  for (const auto& [name, durable] : kDurable) {
    benchmark::RegisterBenchmark(name, [durable = durable](benchmark::State& state) { CommitOfEachGroup(state, durable); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  benchmark::RegisterBenchmark("Commit/floor", AppendAndSync)->Unit(benchmark::kMicrosecond)->UseRealTime();
  for (const int64_t size : {int64_t{10'000}, int64_t{100'000}}) {
    if (size > records_max) continue;
    benchmark::RegisterBenchmark("Apply/floor", BarePage)
        ->Args({size, 250})
        ->ArgNames({"records", "rows"})
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark("Load/floor", BareLoad)
        ->Arg(size)
        ->ArgNames({"records"})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark("Load/indexed", LoadAndIndex)
        ->Arg(size)
        ->ArgNames({"records"})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  const std::pair<const char*, Kind> kKinds[] = {{"memory", Kind::kMemory}, {"sqlite", Kind::kSqlite}};
  for (const auto& [name, kind] : kKinds) {
    const auto apply = [kind = kind](benchmark::State& state) { Apply(state, kind); };
    const auto load = [kind = kind](benchmark::State& state) { Load(state, kind); };
    for (const int64_t size : bench::PowersUpTo(std::min<int64_t>(records_max, 1'000'000))) {
      for (const int64_t rows : {1, 10, 250}) {
        benchmark::RegisterBenchmark((std::string("Apply/") + name).c_str(), apply)
            ->Args({size, rows})
            ->ArgNames({"records", "rows"})
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime();
      }
      benchmark::RegisterBenchmark((std::string("Load/") + name).c_str(), load)
          ->Arg(size)
          ->ArgNames({"records"})
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
