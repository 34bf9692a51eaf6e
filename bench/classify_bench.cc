// How long it takes to decide what an event is, by how many records a group holds.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/sizes.h"
#include "engine/base/base32hex.h"
#include "engine/base/siphash.h"
#include "engine/decide/classify.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

constexpr size_t kEventsMost = 1 << 16;  // Enough that neither events nor the rows that they meet stay in the caches.

// A group of some size, and events that meet it.
struct Scene {
  explicit Scene(size_t size) : records(RealisticRecords(size)) {
    const size_t events = std::min(size, kEventsMost);
    for (size_t i = 0; i < events; ++i) {
      const uint64_t drawn = SipHash64({1, 2}, FieldBytes().Number(i).bytes());
      hits.push_back(EventOfRow(static_cast<RowIndex>(drawn % size)));
      misses.push_back(Unknown(drawn));
      mixed.push_back(i % 2 == 0 ? hits.back() : misses.back());
    }
  }

  Shown EventOfRow(RowIndex row) const {
    const Record& record = records[row];
    Shown shown = AnEvent({.at = "work/x", .etag = record.etag.ToString()});
    shown.calendar = record.calendar;
    shown.event.id = EventId(record.event);
    shown.event.ical_uid = ICalUid(absl::StrCat(shown.event.id.text(), "@google.com"));
    shown.event.private_properties = record.IsBlock() ? group.tags.ForBlock(record.id, record.source)
                                                      : PropertyMap{{group.tags.user_key(), group.tags.UserValue(record.id)}};
    return shown;
  }
  static Shown Unknown(uint64_t drawn) {
    return AnEvent({.at = absl::StrCat("work/", EncodeBase32Hex(absl::StrCat(absl::Hex(drawn, absl::kZeroPad16))))});
  }

  TestGroup group{AConfig({"work", "home"})};
  Records records;
  std::vector<Shown> hits;
  std::vector<Shown> misses;
  std::vector<Shown> mixed;
};

// Building ten million records takes long: one scene is kept, for all benchmarks of its size.
const Scene& SceneOf(size_t size) {
  static std::unique_ptr<Scene> scene;
  if (scene == nullptr || scene->records.size() != size) {
    scene.reset();
    scene = std::make_unique<Scene>(size);
  }
  return *scene;
}

void ClassifyEach(benchmark::State& state, std::vector<Shown> Scene::*which) {
  const Scene& scene = SceneOf(static_cast<size_t>(state.range(0)));
  const std::vector<Shown>& events = scene.*which;
  const Knowledge knowledge = scene.group.With(scene.records);
  size_t next = 0;
  for (auto _ : state) {
    const Shown& shown = events[next];
    benchmark::DoNotOptimize(Classify(knowledge, shown.calendar, shown.event));
    if (++next == events.size()) next = 0;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_record"] =
      static_cast<double>(scene.records.MemoryUsed()) / static_cast<double>(scene.records.size());
}

void Add(int64_t records_max) {
  for (const int64_t size : bench::PowersUpTo(records_max)) {
    const std::pair<const char*, std::vector<Shown> Scene::*> kKinds[] = {
        {"Classify/hit", &Scene::hits}, {"Classify/miss", &Scene::misses}, {"Classify/mixed", &Scene::mixed}};
    for (const auto& [name, which] : kKinds) {
      const auto run = [which = which](benchmark::State& state) { ClassifyEach(state, which); };
      benchmark::RegisterBenchmark(name, run)->Arg(size);
    }
  }
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::Add); }
