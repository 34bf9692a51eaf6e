// How a group is: what it still has to do, its figures, and the conditions under which a person should look.

#ifndef CALSYNC_ENGINE_DECIDE_HEALTH_H_
#define CALSYNC_ENGINE_DECIDE_HEALTH_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/decide/live_group.h"
#include "engine/state/group.h"

namespace calsync {

// Tags are written lazily, half a minute after an event is found (S-30): who only wants the blocks need not wait for them.
enum class OwedTags : uint8_t { kCount, kLeave };

// What the group does or waits for, in words; empty if it is at rest but for polls and renewals.
// What waits for a calendar of `given_up` does not count.
std::string Unsettled(const LiveGroup& group, absl::Span<const CalendarKey> given_up, OwedTags tags);

Counters TotalCounters(const LiveGroup& group);

// Every invariant between rows, indexes and queues; empty if all hold.
std::string VerifyGroup(const LiveGroup& group);

// ---- Figures ----

// The first design's (get_sync_metrics), by its names; of one calendar, so that total_events_tracked is what it calls
// events_by_calendar. An event is tracked while it lives, as far as is known. An exception of a series is part of its series and
// counts with it, as long as that lives.
struct Figures {
  int64_t total_events_tracked = 0;
  int64_t user_events_tracked = 0;
  int64_t busy_blocks_tracked = 0;  // Planned ones, and those that Google refuses, among them.
  int64_t events_created_by_us = 0;
  int64_t events_created_by_users = 0;
  int64_t events_created_24h = 0;  // Of those tracked: made, or met for the first time, in the last 24 hours.
  int64_t busy_blocks_created_24h = 0;
  int64_t events_stuck_creating = 0;
  int64_t events_not_seen_recently = 0;  // Of those tracked: on a calendar whose last good listing is 2 hours old.

  Figures& operator+=(const Figures& other);
  friend bool operator==(const Figures&, const Figures&) = default;
};

struct CalendarHealth {
  CalendarKey calendar;
  Figures figures;
  int64_t creating_long = 0;                 // Blocks that are `creating` for longer than AlertLimits::creating_for.
  std::array<int64_t, kOwedKinds> queued{};  // Rows whose call may leave now, by Owed.
  int calls = 0;                             // About its events, in flight.
  absl::Time last_pass = absl::InfinitePast();
  absl::Time channel_opened = absl::InfinitePast();   // Of the youngest live channel; InfinitePast: there is none.
  absl::Time channel_expires = absl::InfinitePast();  // Likewise.
};

// ---- Alerts ----

enum class AlertKind : uint8_t {
  // The first design's.
  kStuckCreating,  // Too many blocks are `creating` for too long.
  kWebhookSlow,    // From a message's arrival until its group was idle took too long.
  kNoUserEvents,   // A full walk showed no event of a person on a calendar that had some lately.
  kFailedPasses,   // Too large a share of the listings of late failed.
  // Ours.
  kSilence,           // No good listing for too long.
  kUnreachable,       // Google does not let us read the calendar.
  kGrantLost,         // Its account's grant is lost, as the host knows.
  kQuotaFrozen,       // Writes rest: a usage limit (S-27), or no right to write.
  kBreakerOpen,       // The circuit breaker stopped all writes of the group.
  kSweepHeld,         // Much of a calendar is missing at once.
  kDetectionsDiffer,  // Ids and texts disagree about what is a block (legacy.h).
};
inline constexpr size_t kAlertKinds = static_cast<size_t>(AlertKind::kDetectionsDiffer) + 1;

struct Alert {
  AlertKind kind = AlertKind::kSilence;
  CalendarKey calendar;                     // Empty: the group.
  absl::Time since = absl::InfinitePast();  // InfinitePast: nobody knows.
  std::string words;                        // What is the matter, and what to do. Without the calendar's name.
};

// Where the first design says a number, it is this.
struct AlertLimits {
  int64_t creating_max = 5;  // More than so many blocks …
  absl::Duration creating_for = absl::Minutes(10);
  absl::Duration webhook_max = absl::Seconds(5);
  absl::Duration webhook_shown = absl::Minutes(15);  // So long a slow one is shown after its end.
  absl::Duration lately = absl::Hours(24 * 7);
  double failed_share = 0.10;                       // More than this share of the listings …
  int failed_minutes = 15;                          // … in this window, of kWindowMax minutes at most …
  int64_t failed_min = 2;                           // … and at least so many: one that is repeated well is no trouble.
  int silent_polls = 3;                             // So many intervals without a good listing …
  absl::Duration silent_slack = absl::Minutes(10);  // … and as much more.
  absl::Duration differ_shown = absl::Hours(24);    // So long after it was last seen, a disagreement of detections is shown.
};

struct GroupHealth {
  std::vector<CalendarHealth> calendars;  // In the order of the configuration.
  std::vector<Alert> alerts;              // In the order of AlertKind, then of the calendars.
  int64_t passes = 0;                     // Listings in the window …
  int64_t passes_failed = 0;              // … and those of them that failed.
  int64_t agenda = 0;                     // Rows that wait for a time.
  size_t calls = 0;                       // In flight.
  bool breaker_open = false;
  int64_t window_writes = 0;  // Of the breaker: written …
  int64_t window_explained = 0;
  int64_t forged_notifications = 0;  // Since this engine was built; of channels long stopped, too.
};

// One look at all rows. `grants_lost`: calendars whose account's grant the host knows to be lost.
GroupHealth HealthOf(const LiveGroup& group, absl::Time now, absl::Span<const CalendarKey> grants_lost = {},
                     const AlertLimits& limits = AlertLimits());

absl::string_view Name(AlertKind kind);  // "stuck_creating": for machines, and a promise.

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_HEALTH_H_
