// The knobs: where Google's behaviour is unknown or varies, the fake offers every reading (contract section 8).
//
// The default of each knob is the contract's first value. Knobs may change while a server runs; a change holds from the next call
// on.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_KNOBS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_KNOBS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace calsync::fake {

struct Knobs {
  // K-1: of several filters by extended property of one kind, whether one match is enough.
  bool any_property_matches = false;

  // K-2: what a sync token remembers of the window that was given at the first sync.
  enum class Window : uint8_t { kRemembered, kIgnored, kOnlyTimeMax };
  Window window_under_token = Window::kRemembered;

  // K-3: another page size, show_deleted or single_events under a sync token.
  enum class Parameters : uint8_t { kAnswered, kGone410, kBadRequest400 };
  Parameters changed_parameters = Parameters::kAnswered;

  // K-4: whether a change of reminders alone shows in the delta (with a new etag and the old `updated`), and is announced.
  bool reminders_in_delta = true;

  // K-5: an insert with the id of an event that was created less than this ago is accepted, and the later write wins. Zero:
  // never.
  absl::Duration collision_unseen_for = absl::ZeroDuration();

  // K-6: `sequence` left out (zero) in a PUT over an event that has one. True: counts as zero, 400.
  bool omitted_sequence_is_zero = false;

  // K-7: whether a write that changes nothing gives a new etag, `updated` and notification.
  bool identical_write_changes = true;

  // K-8: a write to a cancelled event; beyond `revive_within` of the deletion it is 403 forbidden in any case.
  enum class CancelledWrite : uint8_t { kRevives, kForbidden403, kNotFound404, kGone410 };
  CancelledWrite write_to_cancelled = CancelledWrite::kRevives;
  absl::Duration revive_within = absl::InfiniteDuration();
  // K-8, C-43, C-48: get and delete of a purged event. True: 410 instead of 404.
  bool purged_is_410 = false;

  // K-9: an import with a UID that the calendar knows.
  enum class Reimport : uint8_t { kUpdates, kConflict409, kSequence400 };
  Reimport known_uid_import = Reimport::kUpdates;

  // K-10: private properties of an event that is moved to another calendar. (Duplicates and copies by people are inserts of
  // actors.)
  bool move_keeps_private = true;

  // K-11: exceptions that their series no longer gives, after a change of its times or rule. Dropped: the delta says so once,
  // then they are not there. Orphans: they stay as they are. Cancelled: they stay as cancelled occurrences.
  enum class Stranded : uint8_t { kDropped, kOrphans, kCancelled };
  Stranded stranded_exceptions = Stranded::kDropped;

  // K-12: how far lists lag behind writes, for every calendar; Server::SetListLag sets one calendar's.
  absl::Duration list_lag = absl::ZeroDuration();

  // K-13: how long a channel still sends after a successful stop (C-84). Never beyond its expiration.
  absl::Duration sends_after_stop = absl::ZeroDuration();

  // K-14: how long a sync token lives, and after how many uses it dies (0: any number; 1: the next call after the first use).
  absl::Duration sync_token_lifetime = absl::Hours(24 * 30);
  int sync_token_uses = 0;
  bool random_token_lifetime = false;  // Each token draws its own, between a 64th of the lifetime and all of it.
  // The same for page tokens (undocumented); a dead one is 410 when the walk came from a sync token (C-27), else 400.
  absl::Duration page_token_lifetime = absl::Hours(24);

  // K-15: deleted events in lists: a stub with nothing but the id; their details too, when show_deleted asks; or in deltas only.
  enum class Tombstone : uint8_t { kStub, kDetails, kDeltaOnly };
  Tombstone tombstone = Tombstone::kStub;
  absl::Duration tombstone_lifetime = absl::Hours(24 * 30);  // Then purged (C-29).

  // K-16: how a quota says no (C-102).
  enum class QuotaAnswer : uint8_t { kRateLimit403, kUserRateLimit403, kTooManyRequests429 };
  QuotaAnswer quota_answer = QuotaAnswer::kRateLimit403;
  absl::Duration quota_retry_after = absl::ZeroDuration();  // Zero: no Retry-After.
  int64_t units_per_minute_per_account = 0;                 // For each project and account (C-102). 0: no limit.
  int64_t units_per_minute_per_project = 0;

  // K-17: calls in one batch. Not the contract's first value but the lower one, which older texts give: who keeps to it is right
  // under both.
  int batch_max = 50;

  // K-18: properties beyond 300 or 32 kB over all copies (C-11). True: silently not stored. False: 400.
  bool tag_budget_silent = false;

  // K-19: the delta after the deletion of a series, singleEvents=false. True: its exceptions come as cancelled rows too.
  bool deleted_series_lists_exceptions = false;

  // K-20: occurrences of a series that a split made. False: they bear the old series' id, `<old>_<stamp>`. True:
  // `<old>_R<stamp>_<stamp>`. With the former, two parts that are made to give the same start again give it the same id; the
  // older one answers for it.
  bool split_ids_derived = false;

  // K-21: whether the id and iCalUID of a purged event can be used again.
  bool purged_id_free = false;

  // K-22: whether cancelled occurrences of live series are left out of a full listing, whatever show_deleted says.
  bool cancelled_occurrences_left_out = false;

  // C-33: series are expanded so far beyond the present.
  absl::Duration expansion_horizon = absl::Hours(24 * 400);

  // C-21: no page is longer than this, whatever max_results says; 0: max_results alone.
  int page_size = 0;
  int empty_page_every = 0;  // Each n-th page is empty, with more to come; 0: none. At least 2.
  // C-23, C6: a delta repeats the last row that the token's own walk had already shown.
  bool boundary_duplicates = false;
  // C-24: what later pages of a walk show. Frozen: the state at its first page. Live: the state at each page, its token from the
  // first. Extending: changes join the walk, so that one id can come twice, and the token is the last page's.
  enum class WalkView : uint8_t { kFrozen, kLive, kExtending };
  WalkView walk_view = WalkView::kFrozen;
  bool alternating_order = false;  // Each second full walk gives its rows in the reverse order.

  // C-13: how long a change takes from the organizer's event to the copies of the guests, and an answer back.
  absl::Duration propagation_delay = absl::Seconds(2);
  // C-51: an attempt to change shared fields on a copy that is not the organizer's. It is kept here until the organizer's next
  // change (S-16); a PUT is refused, for it sets the guests' rights (S-31); any change of shared fields is refused.
  enum class GuestWrite : uint8_t { kLocal, kPutRefused403, kRefused403 };
  GuestWrite guest_write = GuestWrite::kLocal;
  bool insert_always_mails = false;  // S-33: guests of an insert get mail, whatever sendUpdates says.

  // C-59: a second version this long after an event with guests was inserted (the conference is ready). Zero: none.
  absl::Duration second_change_after = absl::ZeroDuration();

  // C-38: how far back `updatedMin` may lie.
  absl::Duration updated_min_horizon = absl::Hours(24 * 28);

  // C-80: whether a webhook needs https, as Google says; a fake on the own machine does without.
  bool webhooks_need_https = true;

  // C-80: no channel lives longer, whatever was asked for.
  absl::Duration channel_lifetime_max = absl::Hours(24 * 7);

  // C-89, S-23: channels that were asked for with eventTypes send nothing but `sync`.
  bool typed_channels_silent = false;

  // The length of ids that the server makes; Google's have 26 (C-2). Shorter ones make simulations faster. At least 5.
  int server_id_length = 26;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_KNOBS_H_
