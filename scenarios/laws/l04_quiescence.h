// L4 quiescence: at rest, but for the clock, the engine emits no writes; it gets there in bounded time, whatever else stays
// broken and however often it was killed on the way. LV1 … LV4, LV6, E2.

#ifndef CALSYNC_SCENARIOS_LAWS_L04_QUIESCENCE_H_
#define CALSYNC_SCENARIOS_LAWS_L04_QUIESCENCE_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace calsync::sim {

// What the engines did in a time in which nobody and nothing disturbed them.
struct QuietTime {
  absl::Duration length;
  uint64_t event_writes = 0;    // Inserts, patches and deletes that were sent.
  uint64_t lists = 0;           // Calls of events.list.
  uint64_t writes_allowed = 0;  // For what the clock alone made due: horizons move with time.
  uint64_t lists_allowed = 0;   // Of all its calendars, see below.
  std::string last_write;       // In words.
};

std::string CheckQuiet(const QuietTime& quiet);

// What one calendar may be listed for in that time (LV2).
struct QuietCalendar {
  uint64_t polls = 0;    // That time alone asks for.
  uint64_t changes = 0;  // Of its events, by what was allowed to be written: each is told …
  uint64_t watches = 0;  // … and a channel that is opened may have missed something.
  uint64_t retries = 0;  // Of what is refused as long as it is lost.
  uint64_t rows = 0;     // That a walk shows, at most …
  uint64_t page_size = 1;
  bool empty_pages = false;  // … and between whose pages there may be empty ones.
  bool has_quota = false;    // Calls may be refused for a minute.
};
uint64_t ListsAllowed(const QuietCalendar& calendar);

// How the world came to rest, or did not.
struct Settling {
  bool settled = false;
  absl::Duration took;
  absl::Duration bound;
  std::string waits_for;  // World::Unsettled().
};
std::string CheckSettled(const Settling& settling);

// How long one change of one person kept the engines busy, when nothing disturbed them and notifications arrived (LV4).
std::string CheckFresh(absl::Duration took);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L04_QUIESCENCE_H_
