// Whatever bytes are said to be a page of events, two paths lead from them to verdicts, and to one answer: the plain one decodes
// every event and classifies each by itself, the fast one scans the bytes and looks rows up in batches, or does not vouch.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "adapter/google/testing/two_paths.h"
#include "engine/testing/builders.h"

namespace calsync {
namespace {

struct Scene {
  explicit Scene(Detection detection) {
    group.config.policy.detection = detection;
    records = RecordsOf({UserEvent("k1", "work/e1"), UserEvent("k2", "home/e2"), Block({}),
                         Seen({.at = "home/x1", .as = SeenAs::kCopyOfBlock}), UserEvent("k3", "home/series")});
  }
  TestGroup group;
  Records records;
};

void Run(absl::string_view page) {
  static const Scene* const scenes[] = {new Scene(Detection::kUuid), new Scene(Detection::kHybrid)};
  for (const Scene* scene : scenes) {
    const adapter::TwoPaths both = adapter::TakeBothPaths(scene->group.With(scene->records), KeyOf("home"), page);
    if (both.difference.empty()) continue;
    std::fprintf(stderr, "two paths, two answers: %s\n", both.difference.c_str());
    std::abort();
  }
}

}  // namespace
}  // namespace calsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  calsync::Run(size == 0 ? absl::string_view("") : absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
