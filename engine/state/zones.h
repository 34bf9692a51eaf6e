// The rules of time zones, as values: loading them opens files, so the host does it (see Started).

#ifndef CALSYNC_ENGINE_STATE_ZONES_H_
#define CALSYNC_ENGINE_STATE_ZONES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"

namespace calsync {

struct ZoneRules {
  // From `at_s` (Unix seconds) on, clocks are `offset_s` ahead of UTC.
  struct Change {
    int64_t at_s = 0;
    int32_t offset_s = 0;
    friend bool operator==(const Change&, const Change&) = default;
  };

  int32_t first_offset_s = 0;   // Before the first change.
  std::vector<Change> changes;  // In the order of time.

  friend bool operator==(const ZoneRules&, const ZoneRules&) = default;
};

// The rules of a zone that the host loaded, from 1970 to 2100 (a series may be old). Slow: two changes a year are looked up.
ZoneRules RulesOf(const absl::TimeZone& zone);

// How far clocks are ahead of UTC then, in seconds.
int64_t OffsetAt(const ZoneRules& rules, int64_t unix_s);

// By IANA name. One table serves all groups of a process.
using ZoneTable = absl::btree_map<std::string, ZoneRules>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_ZONES_H_
