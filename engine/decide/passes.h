// What listings and notifications came to, lately: for people, figures and alerts. Nothing that the engine does follows from it,
// and it is lost with the engine.
//
// A *pass* is one attempt to list a calendar. What the first design answered to whoever posted a webhook is kept here as a
// *telling*: the calendar, how long it took, what it brought, what failed. Who posts learns nothing of it.

#ifndef CALSYNC_ENGINE_DECIDE_PASSES_H_
#define CALSYNC_ENGINE_DECIDE_PASSES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/time/time.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"
#include "engine/state/records.h"

namespace calsync {

struct LiveGroup;
struct LiveCalendar;

struct Pass {
  CalendarKey calendar;
  bool full = false;      // A walk of everything.
  bool notified = false;  // A notification had called for it.
  absl::Time began;
  absl::Time ended;
  int rows = 0;
  std::string error;  // Empty: it came to its end.
};

struct Telling {
  CalendarKey calendar;  // Empty: the message names no channel of ours, or not its token.
  absl::Time arrived;
  absl::Time settled = absl::InfiniteFuture();  // When its group was idle; not yet.
  int messages = 1;                             // Those that came for the calendar until then.
  Counters gained;                              // By the whole group meanwhile; while under way, its counters at the arrival.
  std::string error;                            // The last call that failed meanwhile; empty if none did.
  bool IsUnderWay() const { return settled == absl::InfiniteFuture(); }
};

inline constexpr size_t kPassesKept = 32;
inline constexpr size_t kTellingsKept = 32;
inline constexpr int kWindowMax = 60;  // Minutes for which passes are counted.

// How often something took how long.
struct Tally {
  // Upper bounds, in milliseconds; what took longer than the last counts in the place behind it.
  static constexpr std::array<int64_t, 10> kBounds = {500,    1'000,  2'000,   5'000,   10'000,
                                                      30'000, 60'000, 300'000, 900'000, 3'600'000};
  std::array<int64_t, kBounds.size() + 1> counts{};
  int64_t sum_ms = 0;
  void Add(absl::Duration took);
};

struct PassLog {
  struct Minute {
    int64_t minute = 0;  // Since 1970.
    int64_t passes = 0;
    int64_t failed = 0;
  };
  std::deque<Pass> passes;       // Oldest first.
  std::deque<Telling> tellings;  // Likewise.
  std::deque<Minute> minutes;    // Likewise; those without a pass are left out.

  // Since this engine was built.
  int64_t passes_good = 0;
  int64_t passes_failed = 0;
  Tally webhooks;  // From a message's arrival until its group was idle.
  Tally lags;      // From a change of an event, by Google's clock, until a block that follows it was confirmed.
};

// A listing of the calendar ended, or a page of it failed: then `error` says how.
void NotePass(LiveGroup& group, const LiveCalendar& calendar, std::string error);
// A message came for the calendar; null: for none of ours.
void NoteTelling(LiveGroup& group, const LiveCalendar* calendar);
// A call failed.
void NoteFailure(LiveGroup& group, const std::string& error);
// A block follows its source as it is now. What changed before this engine began is left out: it waited for somebody to start it.
void NoteFollowed(LiveGroup& group, RowIndex block);
// At the end of a step: what was told is settled once the group is idle. Tags, which are written lazily, and what waits for a
// person do not count.
void SettleTellings(LiveGroup& group);

// After a listing: whether the calendar holds events of people.
void NoteUserEvents(LiveGroup& group, LiveCalendar& calendar);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_PASSES_H_
