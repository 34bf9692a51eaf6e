// From the bytes of a page to verdicts: the project's paths beside the floors of the same work, on the same pages, in one run.
//
// Names are WORK/floor or WORK/ours, and more words where one work has several floors; tools/bench pairs them. items_per_second:
// events, or ids, a second.

#include <benchmark/benchmark.h>
#include <simdjson.h>
#include <zlib.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "adapter/google/event_json.h"
#include "adapter/google/page_scan.h"
#include "bench/google_page.h"
#include "bench/sizes.h"
#include "engine/base/base32hex.h"
#include "engine/base/check.h"
#include "engine/base/siphash.h"
#include "engine/base/uuid.h"
#include "engine/decide/classify.h"

namespace calsync::bench {
namespace {

using adapter::PageScan;

constexpr size_t kEvents = 25'000;  // Of all pages: more than the caches hold.

// Building millions of records takes long: one group is kept, and its pages of one size.
struct Scene {
  Scene(size_t records, size_t page) : group(records), pages(GooglePages(group, kEvents / page, page, 7)), page_size(page) {
    for (const std::string& text : pages) bytes += text.size();
  }
  PagedGroup group;
  std::vector<std::string> pages;
  size_t page_size;
  size_t bytes = 0;
};

const Scene& SceneOf(size_t records, size_t page) {
  static std::unique_ptr<Scene> scene;
  if (scene == nullptr || scene->group.records.size() != records || scene->page_size != page) {
    scene.reset();
    scene = std::make_unique<Scene>(records, page);
  }
  return *scene;
}

// Runs `take(page)` over all pages in turn, one at each iteration.
template <class Take>
void OverPages(benchmark::State& state, Take take) {
  const Scene& scene = SceneOf(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1)));
  size_t next = 0;
  for (auto _ : state) {
    take(scene, scene.pages[next]);
    if (++next == scene.pages.size()) next = 0;
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.counters["bytes_an_event"] = static_cast<double>(scene.bytes) / kEvents;
}

// What PageScan keeps of an event.
struct Extracted {
  std::string_view id, etag, status, ical_uid, master;
  std::vector<std::pair<std::string_view, std::string_view>> properties;
};

// simdjson On-Demand, one pass over each object, values only of the fields that are needed.
void ExtractProperties(simdjson::ondemand::object extended, Extracted& event) {
  for (auto kind : extended) {
    if (!kind.key().value().unsafe_is_equal("private")) continue;
    simdjson::ondemand::object properties;
    if (kind.value().get_object().get(properties)) continue;
    for (auto property : properties) {
      std::string_view value;
      const std::string_view key = property.unescaped_key().value();
      if (property.value().get_string().get(value) == simdjson::SUCCESS) event.properties.emplace_back(key, value);
    }
  }
}

void ExtractEvent(simdjson::ondemand::object object, Extracted& event) {
  event.properties.clear();
  for (auto field : object) {
    const simdjson::ondemand::raw_json_string key = field.key().value();
    const char* const raw = key.raw();
    switch (raw[0]) {
      case 'i':
        if (key.unsafe_is_equal("id")) event.id = field.value().get_string().value();
        if (key.unsafe_is_equal("iCalUID")) event.ical_uid = field.value().get_string().value();
        break;
      case 'e':
        if (key.unsafe_is_equal("etag")) event.etag = field.value().get_string().value();
        if (key.unsafe_is_equal("extendedProperties")) ExtractProperties(field.value().get_object().value(), event);
        break;
      case 's':
        if (key.unsafe_is_equal("status")) event.status = field.value().get_string().value();
        break;
      case 'r':
        if (key.unsafe_is_equal("recurringEventId")) event.master = field.value().get_string().value();
        break;
      default:
        break;
    }
  }
}

void Extract(benchmark::State& state) {
  simdjson::ondemand::parser parser;
  // A body is received into memory of the reader's choosing, so the padding costs nothing.
  std::vector<simdjson::padded_string> padded;
  for (const std::string& page : SceneOf(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1))).pages) {
    padded.emplace_back(page);
  }
  size_t next = 0;
  Extracted event;
  OverPages(state, [&](const Scene&, const std::string&) {
    auto document = parser.iterate(padded[next]);
    for (auto item : document["items"]) {
      ExtractEvent(item.get_object().value(), event);
      benchmark::DoNotOptimize(event);
    }
    if (++next == padded.size()) next = 0;
  });
}

void NlohmannDom(benchmark::State& state) {
  OverPages(state, [&](const Scene&, const std::string& page) {
    const nlohmann::json root = nlohmann::json::parse(page);
    for (const nlohmann::json& item : root["items"]) {
      const std::string* const fields[] = {item["id"].get_ptr<const std::string*>(), item["etag"].get_ptr<const std::string*>(),
                                           item["status"].get_ptr<const std::string*>()};
      benchmark::DoNotOptimize(fields);
      const auto extended = item.find("extendedProperties");
      if (extended == item.end()) continue;
      for (const auto& [key, value] : (*extended)["private"].items())
        benchmark::DoNotOptimize(value.get_ptr<const std::string*>());
    }
  });
}

void Scan(benchmark::State& state) {
  PageScan scan;
  OverPages(state, [&](const Scene&, const std::string& page) {
    CALSYNC_CHECK(scan.Read(page, PageScan::Texts::kLeftOut));
    benchmark::DoNotOptimize(scan.events().data());
  });
}

void Verdicts(benchmark::State& state) {
  PageScan scan;
  std::vector<Classified> verdicts(static_cast<size_t>(state.range(1)));
  OverPages(state, [&](const Scene& scene, const std::string& page) {
    CALSYNC_CHECK(scan.Read(page, PageScan::Texts::kLeftOut));
    ClassifyBatch(scene.group.knowledge(), scene.group.calendar(), scan.events(), absl::MakeSpan(verdicts));
    benchmark::DoNotOptimize(verdicts.data());
  });
}

void PlainVerdicts(benchmark::State& state) {
  OverPages(state, [&](const Scene& scene, const std::string& page) {
    const absl::StatusOr<EventsPage> read = adapter::ReadEventsPage(page);
    CALSYNC_CHECK(read.ok());
    for (const EventPtr& event : read->items) {
      benchmark::DoNotOptimize(Classify(scene.group.knowledge(), scene.group.calendar(), *event));
    }
  });
}

// The body as it comes with Content-Encoding: gzip.
void Inflate(benchmark::State& state) {
  const Scene& scene = SceneOf(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1)));
  std::vector<std::string> packed;
  for (const std::string& page : scene.pages) {
    uLongf size = compressBound(page.size());
    std::string& out = packed.emplace_back(size, '\0');
    CALSYNC_CHECK(compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(page.data()), page.size(),
                            6) == Z_OK);
    out.resize(size);
  }
  size_t next = 0;
  std::string out;
  OverPages(state, [&](const Scene&, const std::string& page) {
    out.resize(page.size());
    uLongf size = out.size();
    CALSYNC_CHECK(uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(packed[next].data()),
                             packed[next].size()) == Z_OK);
    if (++next == packed.size()) next = 0;
  });
}

// ---- Correlation ids alone.

constexpr size_t kIds = 1 << 18;

struct Ids {
  explicit Ids(const PagedGroup& group) {
    for (size_t i = 0; i < kIds; ++i) {
      const uint64_t drawn = SipHash64({3, 4}, FieldBytes().Number(i).bytes());
      const Record& record = group.records[group.tracked[drawn % group.tracked.size()]];
      ids.push_back(record.id.value);
      texts.push_back(group.group.tags.UserValue(record.id));
    }
    for (const std::string& text : texts) properties.push_back({group.group.tags.user_key(), text});
    for (const PropertyView& property : properties) tags.push_back(absl::MakeConstSpan(&property, 1));
  }
  std::vector<absl::uint128> ids;
  std::vector<std::string> texts;
  std::vector<PropertyView> properties;
  std::vector<absl::Span<const PropertyView>> tags;
};

struct KeyHash {
  size_t operator()(absl::uint128 key) const {
    return absl::Uint128Low64(key) ^ (absl::Uint128High64(key) * 0x9e3779b97f4a7c15u);
  }
};

struct IdScene {
  explicit IdScene(size_t records) : group(records), ids(group) {
    for (RowIndex row = 0; row < group.records.size(); ++row) {
      if (!group.records[row].id.empty()) map.emplace(group.records[row].id.value, row);
    }
  }
  PagedGroup group;
  Ids ids;
  absl::flat_hash_map<absl::uint128, RowIndex, KeyHash> map;
};

const IdScene& IdSceneOf(size_t records) {
  static std::unique_ptr<IdScene> scene;
  if (scene == nullptr || scene->group.records.size() != records) {
    scene.reset();
    scene = std::make_unique<IdScene>(records);
  }
  return *scene;
}

void BareLookUps(benchmark::State& state) {
  const IdScene& scene = IdSceneOf(static_cast<size_t>(state.range(0)));
  const std::vector<absl::uint128>& ids = scene.ids.ids;
  constexpr size_t kAhead = 16;
  for (auto _ : state) {
    uint64_t sum = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (i + kAhead < ids.size()) scene.map.prefetch(ids[i + kAhead]);
      const auto found = scene.map.find(ids[i]);
      if (found != scene.map.end()) sum += found->second;
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kIds));
}

void TagTexts(benchmark::State& state) {
  const IdScene& scene = IdSceneOf(static_cast<size_t>(state.range(0)));
  std::vector<TagFinding> out(kIds);
  for (auto _ : state) {
    ReadTagsBatch(scene.group.knowledge(), scene.ids.tags, absl::MakeSpan(out));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kIds));
}

// ---- Small things.

void UuidText(benchmark::State& state) {
  const IdScene& scene = IdSceneOf(1000);
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ParseUuid(absl::string_view(scene.ids.texts[next]).substr(13)));
    next = (next + 1) % 1024;
  }
}

void Certificate(benchmark::State& state) {
  const PagedGroup& group = IdSceneOf(1000).group;
  size_t next = 0;
  for (auto _ : state) {
    const Record& block = group.records[group.blocks[next]];
    benchmark::DoNotOptimize(group.group.ids.Verify(block.event.view(), block.calendar));
    if (++next == group.blocks.size()) next = 0;
  }
}

void Instant(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(adapter::ParseInstant("2026-05-04T10:00:00+02:00"));
}

void Add(int64_t records_max) {
  using Run = void (*)(benchmark::State&);
  const std::pair<const char*, Run> kPaged[] = {{"Bytes/floor", Extract},        {"Bytes/ours", Verdicts},
                                                {"Bytes/nlohmann", NlohmannDom}, {"Bytes/plain", PlainVerdicts},
                                                {"Bytes/scan_alone", Scan},      {"Bytes/inflate", Inflate}};
  for (const int64_t records : {int64_t{100'000}, int64_t{1'000'000}}) {
    if (records > records_max) continue;
    for (const int64_t page : {250, 2500}) {
      for (const auto& [name, run] : kPaged) {
        benchmark::RegisterBenchmark(name, run)
            ->Args({records, page})
            ->ArgNames({"records", "page"})
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
  const std::pair<const char*, Run> kTags[] = {{"Tags/floor", BareLookUps}, {"Tags/ours", TagTexts}};
  for (const int64_t records : PowersUpTo(records_max)) {
    for (const auto& [name, run] : kTags) {
      benchmark::RegisterBenchmark(name, run)->Arg(records)->ArgNames({"records"})->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::RegisterBenchmark("Small/uuid_text", UuidText);
  benchmark::RegisterBenchmark("Small/certificate", Certificate);
  benchmark::RegisterBenchmark("Small/instant", Instant);
}

}  // namespace
}  // namespace calsync::bench

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::bench::Add); }
