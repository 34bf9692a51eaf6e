// What durability costs: one commit, and loading a group, in memory and in SQLite (a file, synchronous=FULL).

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

void Add(int64_t records_max) {
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
