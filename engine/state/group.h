// A sync group: what its owner configured, and what is stored about it besides the records of events.

#ifndef CALSYNC_ENGINE_STATE_GROUP_H_
#define CALSYNC_ENGINE_STATE_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/ids.h"
#include "engine/base/shared_text.h"
#include "engine/base/siphash.h"
#include "engine/state/ids.h"
#include "engine/state/policy.h"
#include "engine/state/record.h"

namespace calsync {

enum class LinkState : uint8_t {
  kEnabled,
  kDisabled,  // By the operator. Its blocks, and blocks made from it, are cleaned; its records stay.
  kRemoved,   // Likewise, for good. It stays listed so that cleaning can finish.
};

struct LinkedCalendar {
  CalendarKey key;
  CalendarId google_id;  // `primary` is resolved before it comes here.
  std::string name;      // For people and templates.
  LinkState state = LinkState::kEnabled;
  friend bool operator==(const LinkedCalendar&, const LinkedCalendar&) = default;
};

// A direction with a policy of its own. A whole one: what it shares with the group's is settled by who writes the configuration.
struct Direction {
  CalendarKey source;
  CalendarKey target;
  DirectionPolicy policy;
  friend bool operator==(const Direction&, const Direction&) = default;
};

// Kept apart from the database, so that it outlives it.
struct GroupConfig {
  GroupId id;
  InstanceId instance;
  std::vector<SipKey> keys;  // Secret. The first plans, all verify.
  std::vector<LinkedCalendar> calendars;
  Policy policy;                      // Of every direction that has none of its own.
  std::vector<Direction> directions;  // None for all: n-way.

  const LinkedCalendar* Find(CalendarKey key) const;
  // The policy for a direction. The only place that knows which one that is.
  const DirectionPolicy& PolicyFor(CalendarKey source, CalendarKey target) const;
  // The direction's own policy; at first a copy of the group's.
  DirectionPolicy& EditPolicyFor(CalendarKey source, CalendarKey target);
  // What is wrong with the policies, in words; empty if nothing is. An engine stops over what it could not carry out.
  std::string Problem() const;
  friend bool operator==(const GroupConfig&, const GroupConfig&) = default;
};

// True if the group is in the first `percent` of all groups: by a hash of its name, so that a larger share has the smaller in it.
bool InShare(const GroupId& group, int percent);

// All keywords of all directions, each once, in order: a record keeps which of them its title has in it, a bit for each.
inline constexpr size_t kKeywordsMax = 32;
std::vector<std::string> KeywordsOf(const GroupConfig& config);
// Bit i: the title has keyword i of the list in it.
uint32_t KeywordsIn(absl::string_view title, const std::vector<std::string>& keywords);

// The first design's counters, by their names. Per calendar; the total is the sum.
struct Counters {
  int64_t calendars_processed = 0;  // Listings that came to their end.
  int64_t events_processed = 0;     // Rows of listings.
  int64_t user_events_found = 0;
  int64_t busy_blocks_created = 0;  // Confirmed, on this calendar.
  int64_t our_events_skipped = 0;
  int64_t external_events_skipped = 0;
  int64_t errors = 0;  // Calls that ended in an ApiError.

  Counters& operator+=(const Counters& other);
  Counters& operator-=(const Counters& other);
  friend bool operator==(const Counters&, const Counters&) = default;
};

enum class ChannelStatus : uint8_t {
  kPlanned,  // Committed before the watch call is sent: its first message may come before the reply (W6).
  kLive,
  kStopping,  // Superseded or not wanted; to be stopped, then forgotten.
};

struct ChannelRow {
  ChannelId id;
  SharedText token;  // Secret: a message counts only with it (W9).
  ResourceId resource;
  ChannelStatus status = ChannelStatus::kPlanned;
  absl::Time expiration = absl::InfiniteFuture();
  absl::Time opened = absl::InfinitePast();  // When Google said that it lives.
  friend bool operator==(const ChannelRow&, const ChannelRow&) = default;
};

// What is stored about one linked calendar.
struct CalendarRow {
  CalendarKey key;
  SyncToken sync_token;      // Empty: the next listing is a full walk.
  uint64_t query = 0;        // Fingerprint of the listing parameters that the token belongs to (S-24), and of what is kept.
  bool walked = false;       // A complete walk with showDeleted happened since the calendar was linked or enabled.
  bool restored = false;     // The database is older than the calendar: until the next complete walk, a cancelled block was
                             // not cancelled by a person.
  bool sweep_held = false;   // More is absent than is credible: held until the operator confirms.
  bool unreachable = false;  // Listings answer 404 or 403: slots are frozen both ways.
  AccessRole role = AccessRole::kUnknown;
  std::string time_zone;                        // IANA name, as listings tell it; empty if none did yet.
  absl::Time last_pass = absl::InfinitePast();  // End of the last good listing: "last seen" of all its live events.
  absl::Time last_full_walk = absl::InfinitePast();
  int32_t failures = 0;                                 // In a row, of any call for this calendar.
  absl::Time calls_rest_until = absl::InfinitePast();   // Back-off.
  absl::Time writes_rest_until = absl::InfinitePast();  // Usage limit (S-27) or no access; until a write is carried out.
  int32_t walks_lost = 0;  // In a row: full walks of several pages that did not come to their end, and other listings that
                           // Google broke off.
  absl::Time lists_rest_until = absl::InfinitePast();     // Then the next of them begins.
  absl::Time watch_refused_until = absl::InfinitePast();  // No watch call before this: refused (S-22), or just made.
  absl::Time had_events = absl::InfinitePast();           // The last good listing after which it held an event of a person.
  absl::Time empty_walk = absl::InfinitePast();           // The last full walk that showed none, unless one was seen since.
  std::vector<ChannelRow> channels;
  Counters counters;

  // Nothing may be written there, also by a role that nobody knew when this was written (contract 1.6). Before the first walk, a
  // role that is not known is one that was not told yet.
  bool IsReadOnly() const { return !CanWrite(role) && (walked || role != AccessRole::kUnknown); }
};

// What is stored about the group as a whole.
struct GroupRow {
  bool breaker_open = false;
  absl::Time window_start = absl::InfinitePast();
  int64_t window_writes = 0;     // Sent in the window.
  int64_t window_explained = 0;  // What changes, commands and configuration explain.
};

// All that the store holds about one group: what an engine is built from.
struct GroupImage {
  GroupRow group;
  std::vector<CalendarRow> calendars;  // In the order of their keys.
  std::vector<Record> records;         // In the order of (calendar key, event id).
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_GROUP_H_
