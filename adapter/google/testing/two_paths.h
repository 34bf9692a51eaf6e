// For tests: one page of events.list by both paths, the plain one (every event decoded, each classified by itself) and the fast
// one (PageScan, ClassifyBatch), which must not differ; and read no further than what is not known (page_reader.h), which must be
// the plain page but for that.

#ifndef CALSYNC_ADAPTER_GOOGLE_TESTING_TWO_PATHS_H_
#define CALSYNC_ADAPTER_GOOGLE_TESTING_TWO_PATHS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "engine/decide/classify.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

struct TwoPaths {
  std::string difference;  // In words; empty if there is none.
  bool vouched = false;    // The fast path took the page.
  size_t events = 0;
  size_t decoded = 0;  // Of them, by the fast path, since a field was written with escapes.
};

TwoPaths TakeBothPaths(const Knowledge& knowledge, CalendarKey calendar, absl::string_view page);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_TESTING_TWO_PATHS_H_
