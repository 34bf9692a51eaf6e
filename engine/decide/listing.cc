#include "engine/decide/listing.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/decide/answers.h"
#include "engine/decide/breaker.h"
#include "engine/decide/channels.h"
#include "engine/decide/cover.h"
#include "engine/decide/desired.h"
#include "engine/decide/evidence.h"
#include "engine/decide/observe.h"
#include "engine/decide/occurrences.h"
#include "engine/decide/passes.h"
#include "engine/decide/reconcile.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

using Status = RecordStatus;

// More than this many absent events, if they are more than half of the live ones, are not believed without the operator.
constexpr size_t kSweepFree = 10;

constexpr int64_t kSpreadSteps = 256;

absl::Duration PollInterval(const LiveGroup& group, const LiveCalendar& calendar) {
  const Policy& policy = group.config.policy;
  const absl::Duration interval = HasLiveChannel(calendar.row, group.now) && !calendar.row.unreachable
                                      ? policy.poll_interval_with_push
                                      : policy.poll_interval;
  // In whole seconds: this is asked at every step, and dividing durations is slow.
  return absl::Seconds(absl::ToInt64Seconds(interval) * (4 * kSpreadSteps + calendar.poll_spread) / (4 * kSpreadSteps));
}

// `last` + `interval`, or now if the clock was set back behind `last`.
absl::Time DueAfter(absl::Time last, absl::Duration interval, absl::Time now) { return last > now ? now : last + interval; }

bool WantsFullWalk(const LiveGroup& group, const LiveCalendar& calendar) {
  const CalendarRow& row = calendar.row;
  if (row.sync_token.empty()) return true;
  if (!ShowsEvents(row.role)) return false;  // It would show nothing; a role that does asks for one.
  return !row.walked || row.query != QueryFingerprint(group.config, group.Link(calendar).google_id) ||
         DueAfter(row.last_full_walk, group.config.policy.full_walk_interval, group.now) <= group.now;
}

ListEvents QueryFor(const LiveGroup& group, const LiveCalendar& calendar, bool full) {
  ListEvents query;
  query.calendar = group.Link(calendar).google_id;
  query.max_results = group.config.policy.page_size;
  query.show_deleted = true;    // Certified tombstones lift generations.
  query.single_events = false;  // S-21
  if (!full) query.sync_token = calendar.row.sync_token;
  return query;
}

// False while a listing waits to ask for its page again.
bool IsAsking(const LiveGroup& group, const LiveCalendar& calendar) {
  return std::any_of(group.calls.begin(), group.calls.end(), [&](const auto& entry) {
    return entry.second.purpose == CallInFlight::Purpose::kList && entry.second.calendar == calendar.row.key;
  });
}

void AskForPage(LiveGroup& group, LiveCalendar& calendar) {
  if (!calendar.listing.page.has_value()) calendar.listing.started = group.now;  // Also when its first page is asked for again.
  ListEvents query = calendar.listing.query;
  query.page_token = calendar.listing.page;
  MakeCall(group, {.purpose = CallInFlight::Purpose::kList, .calendar = calendar.row.key}, std::move(query));
}

void Start(LiveGroup& group, LiveCalendar& calendar) {
  calendar.listing = Listing();
  calendar.listing.active = true;
  calendar.listing.full = WantsFullWalk(group, calendar);
  calendar.listing.query = QueryFor(group, calendar, calendar.listing.full);
  calendar.dirty = calendar.refused = false;  // What is marked from now on is marked for the next listing.
  AskForPage(group, calendar);
}

// Google refuses to show it, perhaps for good.
bool IsReadInVain(const Record& record) { return record.must_read && record.attempts >= kReadsInVain; }

// True if what is doubtful about the row is soon settled without anybody's help: by this listing or a read, or once its source
// was read.
bool SettlesByItself(const LiveGroup& group, RowIndex row) {
  const Record& record = group.records[row];
  if (record.absent) return true;
  if (OwedBy(group, row) == Owed::kRead) return !IsReadInVain(record);
  const Record* source = SourceOf(group, record);
  const LiveCalendar* home = source == nullptr ? nullptr : group.Find(source->calendar);
  return home != nullptr && !home->row.unreachable && !IsReadInVain(*source);
}

// An occurrence of a block whose source was not met yet: nobody knows what for it was cancelled (seed 2090919).
bool WaitsForSource(const LiveGroup& group, const Record& seen) {
  if (seen.kind != RecordKind::kSeen || seen.seen_as != SeenAs::kUndecided || !seen.IsOccurrence()) return false;
  const std::optional<RowIndex> block = MasterOf(group, seen);
  if (!block.has_value() || !group.records[*block].IsBlock() || !group.records[*block].MayBeLive()) return false;
  return SourceOf(group, group.records[*block]) == nullptr;
}

// After a restore, the cancellations that the first walk met are settled by reads that come after it: until the last of them,
// none is a person's.
void EndAmnesty(LiveGroup& group, LiveCalendar& calendar) {
  // Where private details are hidden, copies of forgotten blocks cannot be told from events: until they can be seen, they are
  // held (L1).
  if (!calendar.row.restored || !calendar.row.walked || !CanWrite(calendar.row.role)) return;
  bool in_doubt = false;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.calendar != calendar.row.key || !(record.must_read || WaitsForSource(group, record))) continue;
    in_doubt = true;
    if (record.must_read && SettlesByItself(group, row)) return group.MarkDirty(calendar, kRecheckDelays[1]);
  }
  if (!in_doubt) group.Edit(calendar).restored = false;  // Else with a later listing: see LookAtAmnestiesAgain, or a poll.
}

// A calendar was read from which the sources may come that others wait for.
void LookAtAmnestiesAgain(LiveGroup& group) {
  for (LiveCalendar& other : group.calendars) {
    const bool looks = other.row.restored && other.row.walked && CanWrite(other.row.role);
    if (looks) group.MarkDirty(other, kRecheckDelays[1]);
  }
}

// Well or not. Intervals vary, so that calendars do not march in step (contract 6.2).
void EndAttempt(LiveGroup& group, LiveCalendar& calendar) {
  calendar.listing = Listing();
  calendar.listed_at = group.now;
  calendar.poll_spread = static_cast<int64_t>(group.bits.Below(kSpreadSteps));
}

// A full walk of several pages counts as lost until it has come to its end: a crash may end it, too.
void CountLostWalk(LiveGroup& group, LiveCalendar& calendar) {
  CalendarRow& row = group.Edit(calendar);
  row.walks_lost = std::min(row.walks_lost + 1, 1000);
}

void RestLists(LiveGroup& group, LiveCalendar& calendar, std::optional<absl::Duration> retry_after) {
  const absl::Duration wished = std::min(retry_after.value_or(absl::ZeroDuration()), kRetryAfterMax);
  CalendarRow& row = group.Edit(calendar);
  row.lists_rest_until = group.now + std::max(Backoff(row.walks_lost, group.bits), wished);
}

// Google broke the listing off: it begins anew, each time after a longer while. Pages that it gave before count for nothing, or a
// long walk whose tokens die early would be walked again and again without a pause (seed 18049).
void BreakOff(LiveGroup& group, LiveCalendar& calendar, std::optional<absl::Duration> retry_after) {
  const bool counted = calendar.listing.full && calendar.listing.page.has_value();
  EndAttempt(group, calendar);
  if (!counted) CountLostWalk(group, calendar);
  RestLists(group, calendar, retry_after);
  group.MarkDirty(calendar, absl::ZeroDuration());
}

// What was shown while private details were hidden has the etag of what is there, and says nothing of answers, guests or tags:
// what may be such an event is read (seeds 15818, 8576 of the small shape); so is an occurrence that was held with its series, or
// it would become what was seen of it (seed 9041753).
void ReadWhatWasHidden(LiveGroup& group, CalendarKey calendar) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.calendar != calendar) continue;
    const bool block = record.status == Status::kCreated || record.status == Status::kDeleting;
    const bool held = record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kUndecided && record.IsOccurrence();
    if (block || ((record.IsLiveUserEvent() || held) && record.text_is_private)) Doubt(group, row);
  }
}

void TakeRole(LiveGroup& group, LiveCalendar& calendar, AccessRole role) {
  if (calendar.row.role == role) return;
  const bool differs = CanWrite(role) ? calendar.row.IsReadOnly() : CanWrite(calendar.row.role);  // The first is no news.
  const bool was_blind = !ShowsEvents(calendar.row.role);
  group.Edit(calendar).role = role;
  group.explain_owed = true;
  if (differs) {
    group.Audit(CanWrite(role) ? AuditKind::kCalendarWritable : AuditKind::kCalendarReadOnly, calendar.row.key);
    if (CanWrite(role)) ReadWhatWasHidden(group, calendar.row.key);
    ReleaseParked(group, calendar.row.key);
  }
  if (differs || was_blind) {  // A new role means a full walk.
    DropSyncToken(group, calendar);
    group.MarkDirty(calendar, absl::ZeroDuration());
  }
  MarkAllSourcesDirty(group);
}

void TakeReachable(LiveGroup& group, LiveCalendar& calendar) {
  if (!calendar.row.unreachable) return;
  group.Edit(calendar).unreachable = false;
  group.explain_owed = true;
  group.Audit(AuditKind::kCalendarReachable, calendar.row.key);
  MarkAllSourcesDirty(group);
  LookAtAmnestiesAgain(group);
}

// A zone decides which hours an event lies in: the calendar's events are looked at anew, and walked (what a zone means for them,
// no delta tells).
void TakeZone(LiveGroup& group, LiveCalendar& calendar, const std::string& zone) {
  if (zone.empty() || zone == calendar.row.time_zone) return;
  const bool known = !calendar.row.time_zone.empty();
  group.Edit(calendar).time_zone = zone;
  if (known) {
    DropSyncToken(group, calendar);
    group.MarkDirty(calendar, absl::ZeroDuration());
    group.Audit(AuditKind::kZoneChanged, calendar.row.key, zone);
  }
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.calendar != calendar.row.key || !record.IsLiveUserEvent()) continue;
    if (known) ExplainWrites(group, WritesOfOneChange(group));
    MarkSourceDirty(group, row);
  }
}

// Slots are frozen both ways until it is back or the operator decides.
void TakeUnreachable(LiveGroup& group, LiveCalendar& calendar, const ApiError& error) {
  for (const RowIndex row : calendar.absent) {  // It was the calendar that was absent.
    if (group.records[row].absent) Doubt(group, row);
  }
  calendar.absent.clear();
  if (calendar.row.unreachable) return;
  group.Edit(calendar).unreachable = true;
  group.Audit(AuditKind::kCalendarUnreachable, calendar.row.key, absl::StrCat(error.code, " ", error.reason));
  DropSyncToken(group, calendar);  // Nobody knows what happens there meanwhile.
  group.bind_forgotten = true;
}

// What is text-marked, too: it holds slots, and the operator is asked about it (legacy seed 8062362).
bool IsLiveHere(const Record& record, CalendarKey calendar) {
  if (record.calendar != calendar) return false;
  return record.IsLiveUserEvent() || record.IsLiveMark() || (record.MayBeLive() && record.status != Status::kCreating);
}

// What the walk did not show, though we take it for live.
struct Absent {
  std::vector<RowIndex> rows;
  std::vector<RowIndex> seen_meanwhile;  // Written or read since the walk began: it may be younger than what the walk tells.
  size_t live = 0;                       // So many rows do we take for live.
};

Absent AbsentFrom(const LiveGroup& group, const LiveCalendar& calendar) {
  Absent absent;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (!IsLiveHere(record, calendar.row.key)) continue;
    ++absent.live;
    // Read anyway, or read and waiting for this very listing. But an answer that is under way may be of before the walk.
    const bool doubted = record.must_read && (!group.IsBusy(row) || IsAskedFor(record));
    if (record.plain) continue;  // No exception: a walk does not show it.
    if (doubted || calendar.listing.met.contains(row)) continue;
    (WasSeenSince(group, record, calendar.listing.started) ? absent.seen_meanwhile : absent.rows).push_back(row);
  }
  return absent;
}

// Absence alone proves nothing: each is read (S-8), also if a call for it is answered meanwhile as if it were there (seed
// 5413154).
void DoubtAbsent(LiveGroup& group, const std::vector<RowIndex>& rows) {
  for (const RowIndex row : rows) {
    if (const auto call = group.busy.find(row); call != group.busy.end()) group.calls.at(call->second).heard = "";
    Doubt(group, row);
  }
}

void Sweep(LiveGroup& group, LiveCalendar& calendar) {
  const Absent absent = AbsentFrom(group, calendar);
  DoubtAbsent(group, absent.seen_meanwhile);  // It may have gone since, while the walk was answered (seed 7105251).
  const bool credible = absent.rows.size() <= kSweepFree || absent.rows.size() * 2 <= absent.live;
  if (credible) {
    if (calendar.row.sweep_held) group.Edit(calendar).sweep_held = false;
    return DoubtAbsent(group, absent.rows);
  }
  if (calendar.row.sweep_held) return;
  group.Edit(calendar).sweep_held = true;
  group.Audit(AuditKind::kSweepHeld, calendar.row.key,
              absl::StrCat(absent.rows.size(), " of ", absent.live, " events are absent"));
}

// What is nobody's concern is not swept; but what the walk did not show covers nothing. When it was seen does not count: a walk
// may begin within the second in which the one before showed it (seed 502558 of the system before). What came since, a delta
// brings.
void ForgetUnseen(LiveGroup& group, const LiveCalendar& calendar) {
  if (!group.cover.on) return;
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.kind != RecordKind::kSeen || record.calendar != calendar.row.key || record.IsDoomed() || record.IsLiveMark())
      continue;
    if (calendar.listing.met.contains(row) || !record.span.IsValid()) continue;
    group.records.Change(row, [](Record& seen) { seen.span = TimeSpan(); });
  }
}

bool IsOfLiveSeries(const LiveGroup& group, const Record& occurrence) {
  const std::optional<RowIndex> master = occurrence.IsOccurrence() ? MasterOf(group, occurrence) : std::nullopt;
  return master.has_value() && group.records[*master].IsLiveUserEvent() && group.records[*master].IsMaster();
}

void EndFullWalk(LiveGroup& group, LiveCalendar& calendar) {
  Sweep(group, calendar);
  ForgetUnseen(group, calendar);
  const bool first = !calendar.row.walked;
  if (first) LookAtAmnestiesAgain(group);  // Its own is looked at with the end of this listing.
  CalendarRow& row = group.Edit(calendar);
  row.walked = true;
  row.last_full_walk = group.now;
  row.query = QueryFingerprint(group.config, group.Link(calendar).google_id);
  group.bind_forgotten = true;
  if (first) MarkAllSourcesDirty(group);
  for (RowIndex source = 0; source < group.records.size(); ++source) {
    const Record& record = group.records[source];
    if (record.calendar != row.key || record.kind != RecordKind::kUserEvent) continue;
    // The horizon moves with time: what came into it is found here.
    if (record.IsLiveUserEvent()) MarkSourceDirty(group, source);
    // That its series has no such occurrence was perhaps seen in a view that lagged, and no walk shows it (C-34, seed 5038171).
    // One that is read by its id instead may wait for a listing, and so for ever (seed 5400330).
    if (record.status == Status::kGone && record.plain && IsAskedFor(record) && IsOfLiveSeries(group, record))
      Doubt(group, source);
  }
}

// A recheck is due when a notification was followed by nothing.
void PlanRecheck(LiveGroup& group, LiveCalendar& calendar, bool notified) {
  if (calendar.dirty) return;  // Listed again anyway.
  if (!notified || calendar.listing.rows > 0 || calendar.recheck >= kRechecks) {
    calendar.notified = false;
    calendar.recheck = 0;
    return;
  }
  group.MarkDirty(calendar, kRecheckDelays[calendar.recheck++]);
}

void EndListing(LiveGroup& group, LiveCalendar& calendar, const SyncToken& token) {
  CalendarRow& row = group.Edit(calendar);
  row.sync_token = calendar.listing.void_token ? SyncToken() : token;
  if (calendar.listing.void_token) group.MarkDirty(calendar, absl::ZeroDuration());
  row.last_pass = group.now;
  calendar.token_from = calendar.listing.started;
  row.walks_lost = 0;
  row.lists_rest_until = absl::InfinitePast();
  ++row.counters.calendars_processed;
  const bool full = calendar.listing.full;
  if (full) EndFullWalk(group, calendar);
  SettleAbsent(group, calendar);
  AskForMasters(group, calendar);
  EndAmnesty(group, calendar);
  NoteUserEvents(group, calendar);
  NotePass(group, calendar, "");
  PlanRecheck(group, calendar, calendar.notified);
  EndAttempt(group, calendar);
}

// In the order of the page.
void ObserveRows(LiveGroup& group, LiveCalendar& calendar, const EventsPage& page) {
  auto unread = page.unread.begin();
  const auto observe_before = [&](size_t place) {
    for (; unread != page.unread.end() && unread->place <= place; ++unread) ObserveUnread(group, calendar, unread->version);
  };
  for (size_t place = 0; place < page.items.size(); ++place) {
    observe_before(place);
    Observe(group, calendar, *page.items[place], Evidence::kList);
  }
  observe_before(std::numeric_limits<size_t>::max());
}

void OnPage(LiveGroup& group, LiveCalendar& calendar, const EventsPage& page) {
  CallsWork(group, calendar);
  TakeReachable(group, calendar);
  TakeRole(group, calendar, page.access_role);
  TakeZone(group, calendar, page.time_zone);
  if (page.updated.has_value()) group.newest_ms = std::max(group.newest_ms, absl::ToUnixMillis(*page.updated));
  const bool readable = ShowsEvents(page.access_role);
  if (readable) {
    ObserveRows(group, calendar, page);
    calendar.listing.rows += static_cast<int>(page.items.size() + page.unread.size());
  }
  if (page.next_page_token.has_value()) {
    if (calendar.listing.full && !calendar.listing.page.has_value()) CountLostWalk(group, calendar);
    calendar.listing.page = page.next_page_token;
    return AskForPage(group, calendar);
  }
  if (readable && page.next_sync_token.has_value()) return EndListing(group, calendar, *page.next_sync_token);
  // Polls go on from here, and tell of a new role for little.
  if (page.next_sync_token.has_value() && !calendar.listing.void_token) group.Edit(calendar).sync_token = *page.next_sync_token;
  EndAttempt(group, calendar);
}

void OnListFailure(LiveGroup& group, LiveCalendar& calendar, const ApiError& error) {
  const CallKind kind = calendar.listing.full ? CallKind::kListAll : CallKind::kListFromToken;
  const Failure failure = FailureOf(kind, error);
  ++group.Edit(calendar).counters.errors;
  const std::string words = absl::StrCat("listing: ", WordsOf(failure, error));
  group.Audit(AuditKind::kCallFailed, calendar.row.key, words);
  if (failure != Failure::kSyncTokenInvalid) {  // That is how Google asks for a full walk (C-26): nothing is wrong.
    NotePass(group, calendar, words);
    NoteFailure(group, words);
  }
  switch (failure) {
    case Failure::kSyncTokenInvalid:
      group.Audit(AuditKind::kSyncTokenDropped, calendar.row.key);
      DropSyncToken(group, calendar);
      if (kind == CallKind::kListAll) return BreakOff(group, calendar, error.retry_after);  // Between two pages.
      EndAttempt(group, calendar);
      return group.MarkDirty(calendar, absl::ZeroDuration());
    case Failure::kNoAccess:
    case Failure::kForbidden:
    case Failure::kNotFound:
      EndAttempt(group, calendar);
      TakeUnreachable(group, calendar, error);
      return;  // The poll asks again.
    case Failure::kRefusedForNow:
    case Failure::kUsageLimit:
    case Failure::kAmbiguous:
      if (error.code == 401 && calendar.row.failures >= kUnauthorizedMax) {  // Not noise: the grant is lost.
        EndAttempt(group, calendar);
        return TakeUnreachable(group, calendar, error);
      }
      RestCalls(group, calendar, error.retry_after);  // Then the same page again: what was walked is not walked anew.
      return;
    case Failure::kIdTaken:
    case Failure::kStale:
    case Failure::kGone:
    case Failure::kRejected:
      return BreakOff(group, calendar, error.retry_after);
  }
}

// A calendar that does not take part is listed only as far as cleaning up needs to know what is there, and whether it may be
// touched.
bool NeedsCleaning(const LiveGroup& group, const LiveCalendar& calendar) {
  return !calendar.row.walked || calendar.row.unreachable || !CanWrite(calendar.row.role) || !calendar.absent.empty() ||
         calendar.refused || calendar.row.writes_rest_until > group.now || calendar.row.failures >= kUnauthorizedMax;
}

}  // namespace

void StartListings(LiveGroup& group) {
  for (LiveCalendar& calendar : group.calendars) {
    if (calendar.IsSteady(group.now) || !CallsMayLeave(group, calendar)) continue;
    if (calendar.listing.active) {
      if (!IsAsking(group, calendar)) AskForPage(group, calendar);
      continue;
    }
    if (NextListing(group, calendar) <= group.now) Start(group, calendar);
  }
}

absl::Time NextListing(const LiveGroup& group, const LiveCalendar& calendar) {
  if (calendar.listing.active) return absl::InfiniteFuture();
  const bool enabled = IsEnabled(group, calendar);
  if (!enabled && !NeedsCleaning(group, calendar)) return absl::InfiniteFuture();
  const absl::Duration interval = enabled ? PollInterval(group, calendar) : group.config.policy.poll_interval_with_push;
  const absl::Time poll = DueAfter(calendar.listed_at, interval, group.now);
  // What was broken off rests first.
  const absl::Time rests =
      IsDue(calendar.row.lists_rest_until, group.now, kRetryAfterMax) ? absl::InfinitePast() : calendar.row.lists_rest_until;
  if (!calendar.dirty) return std::max(poll, rests);
  const bool waits = !IsDue(calendar.list_at, group.now, kRecheckDelayMax);
  return std::max(rests, std::min(poll, waits ? calendar.list_at : std::min(calendar.list_at, group.now)));
}

void OnListReply(LiveGroup& group, const CallInFlight& call, const Reply& reply) {
  LiveCalendar* calendar = group.Find(call.calendar);
  CALSYNC_CHECK(calendar != nullptr);
  CALSYNC_CHECK(calendar->listing.active);
  const ApiError not_a_page{.transport = Transport::kUnreadable};
  std::visit(Overloaded{
                 [&](const EventsPage& page) { OnPage(group, *calendar, page); },
                 [&](const ApiError& error) { OnListFailure(group, *calendar, error); },
                 [&](const EventPtr&) { OnListFailure(group, *calendar, not_a_page); },
                 [&](const NoContent&) { OnListFailure(group, *calendar, not_a_page); },
                 [&](const Channel&) { OnListFailure(group, *calendar, not_a_page); },
                 [&](const CalendarListEntry&) { OnListFailure(group, *calendar, not_a_page); },
             },
             reply);
}

void RestAfterCrash(LiveGroup& group, LiveCalendar& calendar) {
  if (calendar.row.walks_lost > 0) RestLists(group, calendar, std::nullopt);
}

void DropSyncToken(LiveGroup& group, LiveCalendar& calendar) {
  calendar.listing.void_token = calendar.listing.active;
  if (!calendar.row.sync_token.empty()) group.Edit(calendar).sync_token = SyncToken();
}

void ConfirmHeldSweep(LiveGroup& group, LiveCalendar& calendar) {
  if (!calendar.row.sweep_held) return;
  group.Edit(calendar).sweep_held = false;
  // What the walk showed is not remembered: each event is read. Those that are there stay.
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    if (IsLiveHere(group.records[row], calendar.row.key)) Doubt(group, row);
  }
}

void AbandonListing(LiveGroup& group, LiveCalendar& calendar) {
  for (auto call = group.calls.begin(); call != group.calls.end();) {
    const bool its = call->second.purpose == CallInFlight::Purpose::kList && call->second.calendar == calendar.row.key;
    call = its ? group.calls.erase(call) : std::next(call);
  }
  calendar.listing = Listing();
}

uint64_t QueryFingerprint(const GroupConfig& config, const CalendarId& calendar) {
  return HashOf(absl::StrCat("showDeleted=true&singleEvents=false&maxResults=", config.policy.page_size,
                             AsksForCover(config) ? "; covers are followed" : "", "; of ", calendar.text()));
}

}  // namespace calsync
