// How long it takes to compare what there should be with what there is.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/google_page.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/decide/desired.h"
#include "engine/decide/health.h"
#include "engine/decide/live_group.h"
#include "engine/decide/reconcile.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

LiveGroup Settled(int64_t size) { return ALiveGroup(AConfig(), RealisticRecords(static_cast<size_t>(size))); }

void Forget(LiveGroup& group) {
  group.requeue.clear();
  group.records.TakeChanges();
}

// One user event of a settled group: nothing follows (L4).
void OneSource(benchmark::State& state) {
  LiveGroup group = Settled(state.range(0));
  RowIndex source = 0;
  for (auto _ : state) {
    MarkSourceDirty(group, source);
    ReconcileDirty(group);
    group.requeue.clear();
    source = (source + 74) % static_cast<RowIndex>(group.records.size()) / 2 * 2;
  }
}

// All of them, as after a full walk or a new configuration.
void SettledGroup(benchmark::State& state) {
  LiveGroup group = Settled(state.range(0));
  for (auto _ : state) {
    MarkAllSourcesDirty(group);
    ReconcileDirty(group);
    Forget(group);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) / 2);
}

// All user events on a calendar that has just been linked: every slot is planned.
void NewCalendar(benchmark::State& state) {
  std::vector<Record> sources;
  for (Record& record : RealisticRecords(static_cast<size_t>(state.range(0)))) {
    if (record.kind == RecordKind::kUserEvent) sources.push_back(record);
  }
  const LiveGroup before = ALiveGroup(AConfig(), sources);
  for (auto _ : state) {
    state.PauseTiming();
    LiveGroup group = before;
    state.ResumeTiming();
    MarkAllSourcesDirty(group);
    ReconcileDirty(group);
    benchmark::DoNotOptimize(group.records.size());
    state.PauseTiming();
    { const LiveGroup discarded = std::move(group); }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) / 2);
}

// So many user events, spread over five calendars that were just walked: four slots each, none of them planned yet.
void First(benchmark::State& state) {
  const GroupConfig config = bench::ConfigOfCalendars(5);
  std::vector<Record> sources;
  const TestGroup group(config);
  for (Record& record : bench::RecordsOfCalendars(group, static_cast<size_t>(state.range(0)) * 5)) {
    if (record.kind == RecordKind::kUserEvent) sources.push_back(std::move(record));
  }
  const LiveGroup before = ALiveGroup(config, sources);
  for (auto _ : state) {
    state.PauseTiming();
    LiveGroup live = before;
    state.ResumeTiming();
    MarkAllSourcesDirty(live);
    ReconcileDirty(live);
    state.PauseTiming();
    CALSYNC_CHECK(live.records.size() == sources.size() * 5);
    { const LiveGroup discarded = std::move(live); }
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 4);
}

// What a group of so many records takes in memory, rows, texts and indexes.
void Memory(benchmark::State& state) {
  const GroupConfig config = bench::ConfigOfCalendars(5);
  const TestGroup group(config);
  const Records records(bench::RecordsOfCalendars(group, static_cast<size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(records.MemoryUsed());
  state.counters["bytes_per_record"] = static_cast<double>(records.MemoryUsed()) / static_cast<double>(records.size());
}

void DueOfOneSlot(benchmark::State& state) {
  const LiveGroup group = Settled(state.range(0));
  RowIndex source = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(DueOf(group, source, group.calendars[1]));
    source = (source + 74) % static_cast<RowIndex>(group.records.size()) / 2 * 2;
  }
}

// What a simulation pays after each step.
void Verify(benchmark::State& state) {
  const LiveGroup group = Settled(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(VerifyGroup(group));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void CopyOfTheGroup(benchmark::State& state) {
  const LiveGroup group = Settled(state.range(0));
  for (auto _ : state) {
    LiveGroup copy = group;
    benchmark::DoNotOptimize(copy.records.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Add(int64_t records_max) {
  for (const int64_t events : {1000, 10'000, 100'000}) {
    benchmark::RegisterBenchmark("Reconcile/first", First)->Arg(events)->ArgNames({"events"})->Unit(benchmark::kMillisecond);
  }
  for (const int64_t size : bench::PowersUpTo(records_max)) {
    benchmark::RegisterBenchmark("Group/memory", Memory)->Arg(size)->ArgNames({"records"})->Iterations(1);
  }
  for (const int64_t size : {int64_t{100}, int64_t{10'000}, int64_t{1'000'000}}) {
    if (size > records_max) continue;
    benchmark::RegisterBenchmark("Reconcile/one_source", OneSource)->Arg(size);
    benchmark::RegisterBenchmark("Reconcile/due_of_one_slot", DueOfOneSlot)->Arg(size);
    benchmark::RegisterBenchmark("Reconcile/settled_group", SettledGroup)->Arg(size)->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("Reconcile/new_calendar", NewCalendar)->Arg(size)->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("Group/verify", Verify)->Arg(size)->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark("Group/copy", CopyOfTheGroup)->Arg(size)->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
