// The five hottest pieces of work, each a fixed amount of it after its set-up: what bench/instructions.py counts instructions of.
//   hot_paths NAME      runs it once; under callgrind, only the work itself is counted
//   hot_paths --list    the names, and how many items each works on
// A count is the same on every run of one binary, whatever else the machine does, so that a slow-down shows without a clock.

#include <valgrind/callgrind.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/google/page_scan.h"
#include "bench/google_page.h"
#include "engine/base/check.h"
#include "engine/decide/classify.h"
#include "engine/decide/health.h"
#include "engine/decide/live_group.h"
#include "engine/decide/reconcile.h"
#include "engine/engine.h"
#include "engine/testing/builders.h"

namespace calsync::bench {
namespace {

constexpr size_t kRecords = 20'000;
constexpr size_t kEvents = 1000;

template <class Work>
void Counted(Work work) {
  CALLGRIND_START_INSTRUMENTATION;
  work();
  CALLGRIND_STOP_INSTRUMENTATION;
}

void ScanPages() {
  const PagedGroup group(kRecords);
  const std::vector<std::string> pages = GooglePages(group, kEvents / 250, 250, 7);
  adapter::PageScan scan;
  CALSYNC_CHECK(scan.Read(pages[0], adapter::PageScan::Texts::kLeftOut));  // Memory is there from now on.
  Counted([&] {
    for (const std::string& page : pages) CALSYNC_CHECK(scan.Read(page, adapter::PageScan::Texts::kLeftOut));
  });
}

void ClassifyPages() {
  const PagedGroup group(kRecords);
  const std::vector<std::string> pages = GooglePages(group, 1, kEvents, 7);
  adapter::PageScan scan;
  CALSYNC_CHECK(scan.Read(pages[0], adapter::PageScan::Texts::kLeftOut));
  std::vector<Classified> verdicts(kEvents);
  Counted([&] { ClassifyBatch(group.knowledge(), group.calendar(), scan.events(), absl::MakeSpan(verdicts)); });
}

void ReadTags() {
  const PagedGroup group(kRecords);
  std::vector<std::string> texts;
  for (size_t i = 0; i < kEvents; ++i) {
    texts.push_back(group.group.tags.UserValue(group.records[group.tracked[i * 7 % group.tracked.size()]].id));
  }
  std::vector<PropertyView> properties;
  for (const std::string& text : texts) properties.push_back({group.group.tags.user_key(), text});
  std::vector<absl::Span<const PropertyView>> tags;
  for (const PropertyView& property : properties) tags.push_back(absl::MakeConstSpan(&property, 1));
  std::vector<TagFinding> out(kEvents);
  Counted([&] { ReadTagsBatch(group.knowledge(), tags, absl::MakeSpan(out)); });
}

void FirstReconcile() {
  const GroupConfig config = ConfigOfCalendars(5);
  std::vector<Record> sources;
  for (Record& record : RecordsOfCalendars(TestGroup(config), kEvents * 5)) {
    if (record.kind == RecordKind::kUserEvent) sources.push_back(std::move(record));
  }
  LiveGroup group = ALiveGroup(config, sources);
  Counted([&] {
    MarkAllSourcesDirty(group);
    ReconcileDirty(group);
  });
  CALSYNC_CHECK(group.records.size() == kEvents * 5);
}

// A first walk: every event is met, recorded and planned for. The answers' pages are the work; what it asks for is not carried
// out.
void WalkPages() {
  const GroupConfig config = ConfigOfCalendars(5);
  Engine engine(config, GroupImage(), SipKey{1, 2});
  std::vector<ApiCall> lists;
  const auto take = [&](const Effects& effects) {
    for (const Effect& effect : effects) {
      const ApiCall* call = std::get_if<ApiCall>(&effect);
      if (call != nullptr && std::holds_alternative<ListEvents>(*call->request)) lists.push_back(*call);
    }
  };
  take(engine.Step(Started{}, TestNow()));
  CALSYNC_CHECK(lists.size() == config.calendars.size());
  const ApiCall list = lists[0];
  EventsPage page;
  for (size_t i = 0; i < kEvents; ++i) {
    page.items.push_back(std::make_shared<const Event>(
        EventOf({.at = absl::StrCat("work/e", i), .start = TestNow() + absl::Minutes(i), .etag = absl::StrCat("\"", i, "\"")})));
  }
  page.next_sync_token = SyncToken("1");
  const Input input = ApiReply{list.id, std::move(page)};
  Counted([&] { take(engine.Step(input, TestNow())); });
  CALSYNC_CHECK(engine.records().size() >= kEvents);
}

struct Path {
  absl::string_view name;
  size_t items;
  void (*run)();
};
constexpr Path kPaths[] = {{"scan", kEvents, ScanPages},
                           {"classify", kEvents, ClassifyPages},
                           {"tags", kEvents, ReadTags},
                           {"reconcile", kEvents * 4, FirstReconcile},
                           {"walk", kEvents, WalkPages}};

}  // namespace
}  // namespace calsync::bench

int main(int argc, char** argv) {
  const absl::string_view asked = argc == 2 ? argv[1] : "";
  for (const calsync::bench::Path& path : calsync::bench::kPaths) {
    if (asked == "--list") std::printf("%s %zu\n", std::string(path.name).c_str(), path.items);
    if (asked != path.name) continue;
    path.run();
    return 0;
  }
  if (asked == "--list") return 0;
  std::fprintf(stderr, "hot_paths: give one of the names that hot_paths --list prints\n");
  return 2;
}
