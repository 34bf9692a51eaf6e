// One sync group while an engine drives it: its rows, and what is going on right now.
//
// The rows (config, records, calendar rows, group row) are the truth and durable. All else here is derived from them or may be
// lost: calls in flight, listings, queues. A value: copying it copies everything.

#ifndef CALSYNC_ENGINE_DECIDE_LIVE_GROUP_H_
#define CALSYNC_ENGINE_DECIDE_LIVE_GROUP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/decide/classify.h"
#include "engine/decide/passes.h"
#include "engine/host/audit.h"
#include "engine/host/bits.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/block_id.h"
#include "engine/state/group.h"
#include "engine/state/records.h"
#include "engine/state/tag.h"
#include "engine/state/zones.h"

namespace calsync {

// What a row may owe to Google, in the order of urgency.
enum class Owed : uint8_t { kRead, kDelete, kInsert, kUpdate, kTag, kNothing };
inline constexpr size_t kOwedKinds = static_cast<size_t>(Owed::kNothing);

// A call that was made and not answered.
struct CallInFlight {
  enum class Purpose : uint8_t { kList, kRead, kInsert, kUpdate, kDelete, kTag, kWatch, kStop };
  Purpose purpose = Purpose::kList;
  CalendarKey calendar;
  RowIndex row = 0;     // Event calls.
  EventId event{};      // … what the row was at when the call left: it may have gone on to a later generation.
  ChannelId channel{};  // Channel calls.
  absl::Time deadline = absl::InfiniteFuture();  // After this the reply counts as lost.
  uint64_t content = 0;                          // Fingerprint of what an insert or update carries.
  TimeSpan span{};                               // … and its times.
  bool restores = false;                         // The update puts back what a person edited.
  std::optional<std::string> heard{};            // What a listing said meanwhile: the event's etag, or "" if it is not there.
};

struct Listing {
  bool active = false;
  bool full = false;
  absl::Time started;
  ListEvents query;  // The same for all pages but for `page` (contract 2.1), whatever becomes of the calendar's token meanwhile.
  std::optional<PageToken> page;
  int rows = 0;
  bool void_token = false;            // A full walk was asked for meanwhile: its token is not taken.
  absl::flat_hash_set<RowIndex> met;  // Rows that a full walk has shown; of a delta, series. Look-ups only.
};

struct LiveCalendar {
  CalendarRow row;
  bool changed = false;  // The row must be in the next commit.

  Listing listing;
  absl::Time token_from =
      absl::InfinitePast();                     // When the last good listing began: what was read since may be ahead of the next.
  bool dirty = false;                           // Something may have changed: worth a listing.
  bool refused = false;                         // … for a call was refused: perhaps the role is another one by now.
  bool notified = false;                        // … and a notification said so: an empty delta is then asked for again (S-7).
  size_t recheck = 0;                           // Next step of that ladder.
  absl::Time list_at = absl::InfinitePast();    // When a dirty calendar is listed.
  int64_t poll_spread = 0;                      // 0…255: how much of a quarter of the poll interval is added to the next one.
  absl::Time listed_at = absl::InfinitePast();  // When the last listing ended, well or not.
  std::array<absl::btree_set<RowIndex>, kOwedKinds> ready;  // Rows whose call may leave now.
  int event_calls = 0;                                      // In flight.
  bool channel_call = false;                                // In flight.
  std::vector<RowIndex> held;    // Occurrences of masters that were not met: asked for when a listing has ended.
  std::vector<RowIndex> absent;  // Rows whose read said 404: counted once a listing proves the calendar readable.

  // See wake.h. Whoever changes what listings and channels depend on touches the calendar: Edit and MarkDirty do, and the answer
  // to a call for it.
  bool touched = true;
  absl::Time due = absl::InfinitePast();           // As noted last.
  absl::Time steady_until = absl::InfinitePast();  // Until then, `due` and everything it follows from stay as they are.
  bool IsSteady(absl::Time now) const { return !touched && !changed && now < steady_until; }
};

// Writes of one version of an event that Google refused since it is not what is there, in a row.
struct RefusedWrites {
  SharedText etag;
  int count = 0;
};

// What shows somebody busy, by calendar and exact times; see cover.h.
struct CoverIndex {
  using Key = std::tuple<CalendarKey, int64_t, int64_t, bool>;
  bool on = false;                                       // Some direction asks for it, or marks do; else nothing is kept.
  bool marks = false;                                    // Text-marked events are heeded, or some are not settled: legacy.h.
  absl::flat_hash_map<Key, std::vector<RowIndex>> rows;  // In order. Look-ups only.
  std::vector<std::optional<Key>> of;                    // By row: under which key it is held.
};

struct LiveGroup {
  GroupConfig config;
  std::vector<std::string> keywords;       // KeywordsOf(config).
  std::shared_ptr<const ZoneTable> zones;  // As the host gave them; null before the first input.
  GroupRow row;
  bool row_changed = false;
  Records records;
  std::vector<LiveCalendar> calendars;  // One for each linked calendar, in the order of config.calendars.
  BlockIds ids;
  Tags tags;
  Bits bits;

  absl::Time now;
  // The engine's first input, or when the clock was found to be set back after it: what the clock counts is counted from then on.
  // InfinitePast for one that only looks.
  absl::Time counts_from = absl::InfinitePast();
  int64_t newest_ms = 0;    // The latest `updated` that any event or page said: no clock of ours, so good for comparisons.
  uint64_t call_nonce = 0;  // High bits of call ids: tells this engine's calls from those of the one before it.
  uint64_t calls_made = 0;
  absl::btree_map<CallId, CallInFlight> calls;
  absl::btree_map<RowIndex, CallId> busy;                // Rows with a call in flight.
  absl::btree_map<RowIndex, RefusedWrites> refused;      // By row; until one is carried out.
  absl::btree_set<std::pair<int64_t, RowIndex>> agenda;  // (Unix seconds, row): rows that wait for a time.
  absl::btree_set<RowIndex> dirty_sources;               // User events whose slots must be reconciled.
  absl::btree_set<std::pair<int64_t, RowIndex>> later;   // (Unix seconds, user event): what the clock alone makes due.
  CoverIndex cover;
  std::vector<RowIndex> requeue;  // Rows whose call may have changed, besides those that changed themselves.
  bool bind_forgotten = false;    // All calendars may have been walked: look for forgotten blocks.
  bool explain_owed = false;      // What is owed at the end of the present step is explained: see breaker.h.

  // For the effects of the current step.
  std::vector<AuditEntry> audit;
  std::vector<ApiCall> outbox;
  absl::Time timer = absl::InfiniteFuture();  // As last set.

  PassLog passes;  // For who looks.

  // How often each verdict was given since this engine was built, by Verdict. For reports.
  std::array<int64_t, kVerdicts> verdicts{};
  // Likewise: versions of events that only their texts, or only ids, take for blocks. Counted where the policy asks for it.
  int64_t blocks_by_text_alone = 0;
  int64_t blocks_by_ids_alone = 0;
  absl::Time detections_differed = absl::InfinitePast();  // When the last of them was seen.
  int64_t forged_notifications = 0;                       // Messages that named no channel of ours, or not its token.

  LiveCalendar* Find(CalendarKey key);
  const LiveCalendar* Find(CalendarKey key) const;
  const LinkedCalendar& Link(const LiveCalendar& calendar) const;

  // The row of a calendar, for change: it will be in the next commit.
  CalendarRow& Edit(LiveCalendar& calendar) {
    calendar.changed = true;
    return calendar.row;
  }
  GroupRow& EditRow() {
    row_changed = true;
    return row;
  }
  void Audit(AuditKind kind, CalendarKey calendar, std::string detail = "");
  void Audit(AuditKind kind, const Record& record, std::string detail = "");
  void MarkDirty(LiveCalendar& calendar, absl::Duration delay);

  bool IsBusy(RowIndex which) const { return busy.contains(which); }
};

// True if the calendar takes part: linked and enabled.
bool IsEnabled(const LiveGroup& group, const LiveCalendar& calendar);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_LIVE_GROUP_H_
