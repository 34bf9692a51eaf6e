// L8 bounded writes: writes ≤ a stated function of what people, programs and the operator did and of the faults that befell
// calls; also in the worst race. S2, E1. And so with what is stored (E6), with full listings (E3), and with calls that nobody
// answers (E4).

#ifndef CALSYNC_SCENARIOS_LAWS_L08_BOUNDED_WRITES_H_
#define CALSYNC_SCENARIOS_LAWS_L08_BOUNDED_WRITES_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "engine/api/calls.h"

namespace calsync::sim {

// All that one engine wrote, and all that may explain it.
struct WriteBudget {
  uint64_t writes = 0;             // Event writes that left: inserts, patches, deletes.
  uint64_t calendars = 0;          // Linked.
  uint64_t foreign_writes = 0;     // Everybody else's changes of events on them.
  uint64_t block_touches = 0;      // Those of them that touched blocks.
  uint64_t exceptions_shaken = 0;  // Exceptions of series, for each change of their series or its blocks.
  uint64_t faults = 0;             // Calls that did not go as usual, messages aside.
  uint64_t restarts = 0;
  uint64_t narrowed_hours = 0;  // In which a calendar's grant was for reading alone, which no listing tells.
  uint64_t commands = 0;        // Of the operator, restores and losses of the database, changes of roles …
  uint64_t events = 0;          // … each of which concerns every event there is.

  // The stated function: a change costs at most a write and its repetition on each other calendar, and a tag with its repetition;
  // a touched block its restoring; a fault and a restart the repetition of what was in flight; an hour of a narrowed grant
  // one write, to learn whether it lasts; a command every slot twice.
  uint64_t allowed() const;
};

std::string CheckWrites(const WriteBudget& budget);

// A5: another product mirrors our blocks, and we its events. With policy `already_busy: exact` in all directions, from the
// beginning and of all engines, that ends by itself; else the circuit breaker ends it.
struct PingPong {
  uint64_t rounds = 0;  // The longest chain of its events, each of which mirrors our block for the one before; the first is none.
  uint64_t engines = 0;
  uint64_t moves = 0;  // So often it put one of its events elsewhere, for its original had moved: each may uncover one more …
  uint64_t block_touches = 0;
  uint64_t faults = 0;  // … and so may calls that did not go as usual, and clocks that were set.
};
std::string CheckPingPong(const PingPong& played);

// E6, LV6: what is stored grows with the events that there ever were, `events`, and not with time, polls or crashes.
std::string CheckRows(uint64_t rows, uint64_t events);

// E3: the full listings of one calendar by one engine, and all that may explain them.
struct FullListings {
  uint64_t shown = 0;   // Begun, and answered with a page.
  uint64_t broken = 0;  // Listings that were refused or not answered: a token is dead, a walk is lost.
  uint64_t restarts = 0;
  uint64_t commands = 0;  // Of the operator, changes of roles and zones, other databases: each may ask for one.
  uint64_t clock_steps = 0;
  absl::Duration lasts;     // What it is about, on the world's clock.
  absl::Duration interval;  // Between two that time alone asks for.
};
std::string CheckFullListings(const FullListings& full);

// E4: the calls of one engine for one calendar since all were refused for now, or not answered.
struct Outage {
  absl::Time since = absl::InfiniteFuture();
  uint64_t calls = 0;
  uint64_t restarts = 0;  // Of the engine, until it began. A life that ends before it hears anything learns nothing.
};
std::string CheckPatience(const Outage& outage, uint64_t restarts, absl::Time now);
// True if an answer says nothing but that the call may be tried again.
bool SaysAgain(const Reply& reply);

// The patches of one event by one engine whose database was never lost or put back, as far as they were answered.
struct PatchCount {
  uint64_t tags = 0;       // Of a user event, ever.
  int64_t day = -1;        // Of a block: the day in UTC by the engine's clock, since 1970 …
  uint64_t patches = 0;    // … its patches on it …
  uint64_t explained = 0;  // … and what had been done until the first of them that explains patches besides restores.
};

// A tag that programs strip is written three times at most (S-2), a block that they rewrite is restored ten times a day. A
// restart may forget what was answered last.
std::string CheckTags(const PatchCount& count, uint64_t restarts);
std::string CheckRestores(const PatchCount& count, uint64_t explained, uint64_t restarts);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L08_BOUNDED_WRITES_H_
