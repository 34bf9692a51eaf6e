// One calendar: who may see it, its events, and the log of their changes.
//
// The log is what makes everything cheap. A position in it is a sync token's content; the state as of any position is found by
// going back from the last change of an event; a stale list is a list as of an earlier position (C-34).

#ifndef CALSYNC_FAKEGOOGLE_MODEL_CALENDARS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_CALENDARS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/ids.h"
#include "fakegoogle/ical/schedule.h"
#include "fakegoogle/model/series.h"
#include "fakegoogle/model/truth.h"

namespace calsync::fake {

inline constexpr uint32_t kNone = 0xffffffff;

// What is set up from outside.
struct CalendarSetup {
  CalendarId id;
  AccountId owner;
  std::string summary;
  std::string time_zone = "UTC";              // The IANA name that the API tells.
  absl::TimeZone zone = absl::UTCTimeZone();  // Its rules: where all-day events lie.
  bool primary = false;                       // The owner's primary calendar; its id should be the account's address (C-13).
  bool push_supported = true;                 // False: holidays, contacts' birthdays (C-86).
};

// One committed change; its position in the log is its sequence number.
struct Change {
  absl::Time time;
  uint32_t entry = kNone;     // Whose.
  uint32_t previous = kNone;  // The entry's change before this one.
  uint32_t next = kNone;      // And after.
  EventPtr event;             // The state from here on.
  EventPtr stub;              // If that is cancelled: how lists show it.
  bool silent = false;        // Went with its series: deltas of masters do not tell (K-19).
};

// One event id of the calendar, for ever.
struct Entry {
  uint32_t last = kNone;      // The latest change.
  uint64_t order = 0;         // Its place in full lists, seeded (C-32).
  uint32_t original = kNone;  // A guest's copy: the organizer's calendar, if that is ours too.
  bool bare = false;          // Cancelled and without details, after a move: it cannot be revived.
  bool left = false;          // A copy that the guest deleted: the organizer's changes do not bring it back.
  bool dropped = false;       // An exception that its series no longer gives and that went with that (K-11): it is not there.
  bool went_along = false;    // An exception that was cancelled because its series was, and comes back with it.
  EventTruth truth;
};

class Calendar {
 public:
  Calendar(CalendarSetup setup, uint64_t seed);

  const CalendarSetup& setup() const { return setup_; }
  const CalendarId& id() const { return setup_.id; }
  bool deleted() const { return deleted_; }
  AccessRole RoleOf(const AccountId& account) const;

  // The entry of the id, or kNone. Purged and cancelled ones are found too.
  uint32_t FindEntry(const EventId& id) const;
  uint32_t FindByUid(const ICalUid& uid) const;
  const Entry& entry(uint32_t index) const { return entries_[index]; }
  Entry& entry(uint32_t index) { return entries_[index]; }
  const EventPtr& Current(uint32_t entry) const { return log_[entries_[entry].last].event; }
  // Position of the entry's latest change before `end`, or kNone if it did not exist then.
  uint32_t ChangeBefore(uint32_t entry, uint32_t end) const;

  const std::vector<Change>& log() const { return log_; }
  uint32_t log_end() const { return static_cast<uint32_t>(log_.size()); }
  std::optional<absl::Time> updated() const;  // When anything changed last; nullopt: nothing ever did.
  // The end of the log as it was at `time`: the number of changes committed at or before it.
  uint32_t EndAt(absl::Time time) const;

  // Adds an entry without a change; Append must follow.
  uint32_t AddEntry(const EventId& id);
  // Appends a change, which every delta from before it shows (C-30). The time of a change is never before that of the one before
  // it.
  void Append(uint32_t entry, EventPtr event, EventPtr stub, bool silent, absl::Time now);
  // Replaces the latest state in place: a change that no delta shows (K-4).
  void ReplaceQuietly(uint32_t entry, EventPtr event);
  void IndexUid(const ICalUid& uid, uint32_t entry);

  // An occurrence that a series gave at that position of the log, by its id, and that nobody had changed; cancelled if the series
  // is. Nothing if no series gives it, or it has an entry of its own.
  struct Found {
    uint32_t master = kNone;
    EventPtr occurrence;
  };
  std::optional<Found> FindOccurrence(const EventId& id, bool derived_ids, uint32_t view) const;
  // True if the series has an exception for that original start.
  bool HasException(const Event& master, const OriginalKey& original, uint32_t view) const;
  // What the series gives. Kept from one question to the next; the reference holds until the next call for the same series.
  const ical::Schedule& ScheduleOf(const Event& master) const;
  // Entries that are or once were exceptions of the series, in the order in which they came to it.
  absl::Span<const uint32_t> ExceptionsOf(const EventId& master) const;
  // False for a dropped exception whose last state this is.
  bool IsThere(uint32_t entry, uint32_t at) const { return !entries_[entry].dropped || at != entries_[entry].last; }

  // Entries in the order of full lists, and in id order.
  using Order = absl::btree_set<std::pair<uint64_t, uint32_t>>;
  const Order& order() const { return order_; }
  const absl::btree_map<EventId, uint32_t>& by_id() const { return by_id_; }

  // Access and tokens.
  const absl::btree_map<AccountId, AccessRole>& roles() const { return roles_; }
  void SetRole(const AccountId& account, AccessRole role) {
    roles_[account] = role;
    role_changes_.push_back(account);
  }
  // Whose role changed, in order: positions in it are sync tokens of acl.list.
  const std::vector<AccountId>& role_changes() const { return role_changes_; }
  void SetOwner(const AccountId& account) { setup_.owner = account; }
  uint32_t token_epoch() const { return token_epoch_; }
  void VoidTokens() { ++token_epoch_; }  // C-26.
  void set_deleted() { deleted_ = true; }
  void SetZone(std::string name, absl::TimeZone zone);
  uint64_t zone_changes() const { return zone_changes_; }  // So often.
  void SetSummary(std::string summary) { setup_.summary = std::move(summary); }
  std::optional<absl::Duration> list_lag() const { return list_lag_; }
  void set_list_lag(std::optional<absl::Duration> lag) { list_lag_ = lag; }

 private:
  CalendarSetup setup_;
  uint64_t seed_;
  bool deleted_ = false;
  uint32_t token_epoch_ = 0;
  std::optional<absl::Duration> list_lag_;
  absl::btree_map<AccountId, AccessRole> roles_;
  std::vector<AccountId> role_changes_;
  uint64_t zone_changes_ = 0;
  std::vector<Entry> entries_;
  std::vector<Change> log_;
  absl::btree_map<EventId, uint32_t> by_id_;
  absl::btree_map<ICalUid, uint32_t> foreign_uids_;  // Those that do not follow from the id (C-3).
  Order order_;
  absl::btree_map<EventId, std::vector<uint32_t>> exceptions_;
  // Of the last two states that were asked for: lists may lag behind writes.
  mutable absl::btree_map<EventId, std::vector<ical::Schedule>> schedules_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_CALENDARS_H_
