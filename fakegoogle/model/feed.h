// events.list: full walks and deltas over the change log of one calendar (contract section 2).
//
// A sync token is a position in the log, so that the same token serves again and again (C-25), and a delta costs what changed and
// nothing else (the whole calendar is looked at by full walks only). With a list lag everything is as of an earlier position, the
// token that is handed out too: a lag hides changes for a while and never skips one (C-34).

#ifndef CALSYNC_FAKEGOOGLE_MODEL_FEED_H_
#define CALSYNC_FAKEGOOGLE_MODEL_FEED_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "fakegoogle/model/calendars.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/tokens.h"

namespace calsync::fake {

// What is odd about one call, decided by the fault layer: what only the server itself can do.
struct Conditions {
  absl::Duration list_lag = absl::ZeroDuration();  // C-34: besides the calendar's own lag; the longer counts.
  absl::Duration get_lag = absl::ZeroDuration();   // A get answers as of then (C3).
  absl::Duration unseen_for =
      absl::ZeroDuration();      // Events created less than this ago are 404 to get, patch, update, delete (V6).
  bool hostile_skip = false;     // K-23: the last row of this page of a delta is left out, yet the token moves past it.
  bool repeat_boundary = false;  // As Knobs::boundary_duplicates.
  bool drops_private = false;    // A patch is answered, and its private properties are not kept (V17).
  absl::Duration channel_life_max = absl::InfiniteDuration();  // V22.
};

// The page for a caller who may read the calendar with `role`; `number` is the calendar's in the server. `bent` becomes true if a
// row was left out (K-23).
Reply ListPage(const Calendar& calendar, uint32_t number, AccessRole role, const ListEvents& request, const Knobs& knobs,
               const Conditions& conditions, TokenMint& mint, absl::Time now, bool& bent);

// What lists and instances have in common.
// No page is larger, whatever is asked for (contract 2.1).
inline constexpr int kMaxResultsLimit = 2500;
// When a point of an event is, all-day ones in the calendar's zone; microseconds.
int64_t MicrosOf(const EventTime& point, const absl::TimeZone& zone);
// A window's bounds have whole seconds: milliseconds are ignored (contract 2.1).
std::optional<int64_t> WindowBound(const std::optional<absl::Time>& time);

// C-29: true if the entry was cancelled so long before `now` that only its id remains.
bool IsPurged(const Calendar& calendar, uint32_t entry, const Knobs& knobs, absl::Time now);
// K-8: what a get, a write or a look at its instances says of it then.
ApiError PurgedError(const Knobs& knobs);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_FEED_H_
