// The first design's counters, by their names.

#ifndef CALSYNC_ADAPTER_PAGE_COUNTERS_JSON_H_
#define CALSYNC_ADAPTER_PAGE_COUNTERS_JSON_H_

#include <nlohmann/json.hpp>

#include "engine/state/group.h"

namespace calsync::adapter {

inline nlohmann::ordered_json CountersJson(const Counters& counters) {
  return {{"calendars_processed", counters.calendars_processed},
          {"events_processed", counters.events_processed},
          {"user_events_found", counters.user_events_found},
          {"busy_blocks_created", counters.busy_blocks_created},
          {"our_events_skipped", counters.our_events_skipped},
          {"external_events_skipped", counters.external_events_skipped},
          {"errors", counters.errors}};
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_COUNTERS_JSON_H_
