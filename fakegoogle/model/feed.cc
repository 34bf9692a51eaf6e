#include "fakegoogle/model/feed.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/events.h"
#include "fakegoogle/model/random.h"
#include "fakegoogle/model/series.h"

namespace calsync::fake {
namespace {

constexpr uint64_t kShortestRandomLife = 64;  // A random token lifetime is at least this fraction of the whole.

int64_t Micros(absl::Time time) { return absl::ToUnixMicros(time); }

// One occurrence of a series as a list expands it.
struct OccurrenceRow {
  TimeSpan span;
  bool cancelled = false;
};

class Lister {
 public:
  Lister(const Calendar& calendar, uint32_t number, AccessRole role, const ListEvents& request, const Knobs& knobs,
         const Conditions& conditions, TokenMint& mint, absl::Time now, bool& bent)
      : calendar_(calendar),
        role_(role),
        request_(request),
        knobs_(knobs),
        conditions_(conditions),
        mint_(mint),
        now_(now),
        bent_(bent),
        number_(number),
        single_events_(request.single_events || role == AccessRole::kFreeBusyReader) {}

  Reply List() {
    if (std::optional<ApiError> error = Begin()) return *std::move(error);
    page_.access_role = role_;
    page_.time_zone = calendar_.setup().time_zone;
    page_.updated = calendar_.updated();
    if (knobs_.empty_page_every >= 2 && walk_.page % static_cast<uint32_t>(knobs_.empty_page_every) == 0) {
      GiveNextPage();
      return std::move(page_);
    }
    if (walk_.kind == TokenBody::Kind::kFullPage) {
      WalkFull();
    } else {
      WalkDelta();
    }
    if (purged_in_delta_) return Error(ErrorId::kFullSyncRequired);
    return std::move(page_);
  }

 private:
  // C-20: checks the request and finds out where the walk stands.
  std::optional<ApiError> Begin() {
    if (request_.max_results < 1) return Error(ErrorId::kInvalidMaxResults);
    limit_ = static_cast<size_t>(std::min(request_.max_results, kMaxResultsLimit));
    fingerprint_ = static_cast<uint32_t>(limit_) << 2 | static_cast<uint32_t>(request_.show_deleted) << 1 |
                   static_cast<uint32_t>(request_.single_events);
    if (knobs_.page_size > 0) limit_ = std::min(limit_, static_cast<size_t>(knobs_.page_size));
    if (request_.sync_token && (request_.time_min || request_.time_max)) {
      return Error(ErrorId::kTokenWithRestrictions);  // C-22.
    }
    if (request_.time_min && request_.time_max && *request_.time_min >= *request_.time_max) {
      return Error(ErrorId::kTimeRangeEmpty);
    }

    const absl::Duration lag = std::max(conditions_.list_lag, calendar_.list_lag().value_or(knobs_.list_lag));
    view_ = lag > absl::ZeroDuration() ? calendar_.EndAt(now_ - lag) : calendar_.log_end();

    std::optional<TokenMint::Opened> sync;
    if (request_.sync_token) {
      sync = mint_.Open(request_.sync_token->text());
      if (!sync || sync->body.kind != TokenBody::Kind::kSync || sync->body.calendar != number_) {
        return Error(ErrorId::kInvalidSyncToken);
      }
      if (IsDead(*sync)) return Error(ErrorId::kFullSyncRequired);
      if (!request_.page_token && knobs_.sync_token_uses > 0 && mint_.CountUse(sync->checksum) >= knobs_.sync_token_uses) {
        return Error(ErrorId::kFullSyncRequired);
      }
    }
    if (request_.page_token) return Continue(sync);
    return sync ? BeginDelta(*sync) : BeginFull();
  }

  bool IsDead(const TokenMint::Opened& token) const {
    if (token.body.epoch != calendar_.token_epoch()) return true;
    absl::Duration life = knobs_.sync_token_lifetime;
    if (knobs_.random_token_lifetime) {
      life = life / kShortestRandomLife * static_cast<int64_t>(1 + Mix64(token.checksum) % kShortestRandomLife);
    }
    return now_ - absl::FromUnixMicros(token.body.made_at) >= life;
  }

  std::optional<ApiError> BeginFull() {
    walk_ = Fresh(TokenBody::Kind::kFullPage);
    walk_.reversed = knobs_.alternating_order && mint_.NextWalk() % 2 == 1;
    walk_.until = view_;
    walk_.place_entry = kNone;
    walk_.time_min = WindowBound(request_.time_min);
    walk_.time_max = WindowBound(request_.time_max);
    return std::nullopt;
  }

  std::optional<ApiError> BeginDelta(const TokenMint::Opened& sync) {
    if (sync.body.fingerprint != fingerprint_) {
      switch (knobs_.changed_parameters) {
        case Knobs::Parameters::kAnswered:
          break;
        case Knobs::Parameters::kGone410:
          return Error(ErrorId::kFullSyncRequired);
        case Knobs::Parameters::kBadRequest400:
          return Error(ErrorId::kChangedParameters);
      }
    }
    const uint32_t from = sync.body.from;
    walk_ = Fresh(TokenBody::Kind::kDeltaPage);
    walk_.from = from;
    walk_.until = std::max(view_, from);
    walk_.place = from;
    if ((knobs_.boundary_duplicates || conditions_.repeat_boundary) && from > 0) walk_.place = from - 1;
    walk_.parent = sync.checksum;
    walk_.time_min = sync.body.time_min;
    walk_.time_max = sync.body.time_max;
    return std::nullopt;
  }

  std::optional<ApiError> Continue(const std::optional<TokenMint::Opened>& sync) {
    const std::optional<TokenMint::Opened> page = mint_.Open(request_.page_token->text());
    if (!page || !IsPageOfList(page->body.kind) || page->body.calendar != number_) {
      return Error(ErrorId::kInvalidPageToken);
    }
    walk_ = page->body;
    // "The exact same request plus this" (contract 2.1).
    const bool same =
        walk_.fingerprint == fingerprint_ && walk_.parent == (sync ? sync->checksum : 0) &&
        (sync || (walk_.time_min == WindowBound(request_.time_min) && walk_.time_max == WindowBound(request_.time_max)));
    if (!same) return Error(ErrorId::kInvalidPageToken);
    if (walk_.epoch != calendar_.token_epoch() || now_ - absl::FromUnixMicros(walk_.made_at) >= knobs_.page_token_lifetime) {
      return Error(sync ? ErrorId::kFullSyncRequired : ErrorId::kInvalidPageToken);  // C-27.
    }
    return std::nullopt;
  }

  static bool IsPageOfList(TokenBody::Kind kind) {
    return kind == TokenBody::Kind::kFullPage || kind == TokenBody::Kind::kDeltaPage;
  }

  TokenBody Fresh(TokenBody::Kind kind) const {
    TokenBody body;
    body.kind = kind;
    body.calendar = number_;
    body.epoch = calendar_.token_epoch();
    body.fingerprint = fingerprint_;
    body.made_at = Micros(now_);
    return body;
  }

  // The position as of which this page shows rows.
  uint32_t PageView() const { return knobs_.walk_view == Knobs::WalkView::kFrozen ? walk_.until : std::max(walk_.until, view_); }

  void WalkFull() {
    const Calendar::Order& order = calendar_.order();
    const uint32_t view = PageView();
    const std::pair<uint64_t, uint32_t> place(walk_.place, walk_.place_entry);
    const bool first = walk_.place_entry == kNone;
    bool more = false;
    // A series that is given in part comes again.
    if (walk_.reversed) {
      auto at = first ? order.end() : walk_.within ? order.upper_bound(place) : order.lower_bound(place);
      while (at != order.begin() && !more) more = !VisitFull(*--at, view);
    } else {
      auto at = first ? order.begin() : walk_.within ? order.lower_bound(place) : order.upper_bound(place);
      for (; at != order.end() && !more; ++at) more = !VisitFull(*at, view);
    }
    if (more) {
      GiveNextPage();
    } else if (knobs_.walk_view == Knobs::WalkView::kExtending && view > walk_.until) {
      // What changed during the walk follows in it, deletions included: they may concern rows of earlier pages (C-24).
      walk_.kind = TokenBody::Kind::kDeltaPage;
      walk_.extension = true;
      walk_.from = walk_.until;
      walk_.place = walk_.until;
      GiveNextPage();
    } else {
      GiveSyncToken(walk_.until);
    }
  }

  // False if the page was full before this entry.
  bool VisitFull(const std::pair<uint64_t, uint32_t>& key, uint32_t view) {
    const uint32_t at = calendar_.ChangeBefore(key.second, view);
    if (at != kNone && single_events_ && calendar_.log()[at].event->IsSeriesMaster()) {
      if (page_.items.size() >= limit_) return false;
      const bool whole = EmitOccurrences(at, RowsInFull(at, view));
      walk_.place = key.first;
      walk_.place_entry = key.second;
      return whole;
    }
    if (at != kNone && BelongsInFull(at, view)) {
      if (page_.items.size() >= limit_) return false;
      Emit(at);
    }
    walk_.place = key.first;
    walk_.place_entry = key.second;
    return true;
  }

  // The occurrences of the series that nobody has changed, as far as full lists show them (C-33). Of a deleted one with
  // show_deleted only.
  std::vector<OccurrenceRow> RowsInFull(uint32_t at, uint32_t view) const {
    std::vector<OccurrenceRow> rows;
    const Change& change = calendar_.log()[at];
    const Event& master = *change.event;
    if (master.IsCancelled() && (!request_.show_deleted || knobs_.tombstone == Knobs::Tombstone::kDeltaOnly ||
                                 IsPurged(calendar_, change.entry, knobs_, now_))) {
      return rows;
    }
    AddRows(master, view, master.IsCancelled(), rows);
    return rows;
  }

  // Those of a state of the series that lie in the window.
  void AddRows(const Event& master, uint32_t view, bool cancelled, std::vector<OccurrenceRow>& rows) const {
    const ical::Schedule& schedule = calendar_.ScheduleOf(master);
    absl::Time end = now_ + knobs_.expansion_horizon;
    if (walk_.time_max) end = std::min(end, absl::FromUnixMicros(*walk_.time_max));
    for (const TimeSpan& span : schedule.Before(EndForSchedule(schedule, end))) {
      if (!IsSpanInWindow(span) || calendar_.HasException(master, {span.all_day, span.start}, view)) continue;
      rows.push_back({span, cancelled});
    }
  }

  // Days begin in the calendar's zone: a day more does no harm, for the window is looked at again.
  static int64_t EndForSchedule(const ical::Schedule& schedule, absl::Time end) {
    const int64_t seconds = absl::ToUnixSeconds(end);
    return schedule.all_day() ? seconds / kSecondsPerDay + 2 : seconds + 1;
  }

  bool IsSpanInWindow(const TimeSpan& span) const {
    if (!walk_.time_min && !walk_.time_max) return true;
    const absl::TimeZone& zone = calendar_.setup().zone;
    if (walk_.time_min && MicrosOf(EndOf(span), zone) <= *walk_.time_min) return false;
    return !walk_.time_max || MicrosOf(StartOf(span), zone) < *walk_.time_max;
  }

  // Gives the rows from where the walk stands; false if the page was full before the last.
  bool EmitOccurrences(uint32_t at, const std::vector<OccurrenceRow>& rows) {
    const Event& master = *calendar_.log()[at].event;
    const bool details = knobs_.tombstone == Knobs::Tombstone::kDetails && request_.show_deleted;
    for (const OccurrenceRow& row : rows) {
      if (walk_.within && row.span.start <= *walk_.within) continue;
      if (page_.items.size() >= limit_) return false;
      Event occurrence =
          MakeOccurrence(master, row.span, OccurrenceId(master.id, OriginalOf(row.span, master), knobs_.split_ids_derived));
      if (row.cancelled) occurrence.status = EventStatus::kCancelled;
      const EventPtr shown =
          row.cancelled && !details ? MakeStub(occurrence) : std::make_shared<const Event>(std::move(occurrence));
      page_.items.push_back(VisibleTo(role_, shown));
      walk_.within = row.span.start;
    }
    walk_.within.reset();
    return true;
  }

  // Contract 2.3, the rows without a token.
  bool BelongsInFull(uint32_t at, uint32_t view) const {
    const Change& change = calendar_.log()[at];
    const Event& event = *change.event;
    if (!calendar_.IsThere(change.entry, at)) return false;
    const bool master_gone = event.IsOccurrence() && WentWithMaster(at, view);
    if (event.IsCancelled() || master_gone) {
      const bool live_series = event.IsOccurrence() && !master_gone;
      if (live_series && !single_events_) {
        if (knobs_.cancelled_occurrences_left_out) return false;  // K-22.
      } else if (!request_.show_deleted || knobs_.tombstone == Knobs::Tombstone::kDeltaOnly) {
        return false;
      } else if (IsPurged(calendar_, change.entry, knobs_, now_)) {
        return false;  // C-29.
      }
    }
    return IsInWindow(event);
  }

  // C-68. Not the copy of somebody else's: who is invited to one occurrence of a series that was moved away from here, or is not
  // invited to it any more, has that one (C-70, seeds 2001960 and 7416886).
  bool WentWithMaster(uint32_t at, uint32_t view) const {
    const Event& occurrence = *calendar_.log()[at].event;
    const uint32_t master = calendar_.FindEntry(occurrence.recurring_event_id);
    if (master == kNone) return false;
    const uint32_t went = calendar_.ChangeBefore(master, view);
    if (went == kNone || !calendar_.log()[went].event->IsCancelled()) return false;
    if (occurrence.IsCancelled()) return true;
    const uint32_t original = calendar_.entry(calendar_.log()[at].entry).original;
    return original == calendar_.entry(master).original && (original == kNone || at < went);
  }

  bool IsInWindow(const Event& event) const {
    if (!walk_.time_min && !walk_.time_max) return true;
    if (event.start.kind == EventTime::Kind::kAbsent) return true;  // Nothing is known of its time.
    const absl::TimeZone& zone = calendar_.setup().zone;
    if (event.IsSeriesMaster()) return HasOccurrenceInWindow(event);
    if (walk_.time_min && MicrosOf(event.end, zone) <= *walk_.time_min) return false;
    return !walk_.time_max || MicrosOf(event.start, zone) < *walk_.time_max;
  }

  bool HasOccurrenceInWindow(const Event& master) const {
    const ical::Schedule& schedule = calendar_.ScheduleOf(master);
    absl::Time end = now_ + knobs_.expansion_horizon;
    if (walk_.time_min) end = std::max(end, absl::FromUnixMicros(*walk_.time_min) + knobs_.expansion_horizon);
    if (walk_.time_max) end = absl::FromUnixMicros(*walk_.time_max);
    const absl::Span<const TimeSpan> spans = schedule.Before(EndForSchedule(schedule, end));
    return std::any_of(spans.rbegin(), spans.rend(), [&](const TimeSpan& span) { return IsSpanInWindow(span); });
  }

  void WalkDelta() {
    const bool extending = knobs_.walk_view == Knobs::WalkView::kExtending;
    const uint32_t end = extending ? PageView() : walk_.until;
    const std::vector<Change>& log = calendar_.log();
    auto position = static_cast<uint32_t>(walk_.place);
    for (; position < end; ++position) {
      const Change& change = log[position];
      if (change.next != kNone && change.next < end) continue;  // A later row tells (C-23).
      const uint32_t at = calendar_.ChangeBefore(change.entry, PageView());
      if (single_events_ && IsSeriesSinceToken(at)) {
        if (log[at].event->IsCancelled() && IsPurged(calendar_, change.entry, knobs_, now_)) purged_in_delta_ = true;
        if (page_.items.size() >= limit_ || !EmitSeriesChange(at)) break;
        continue;
      }
      if (!BelongsInDelta(at)) continue;
      if (log[at].event->IsCancelled() && IsPurged(calendar_, change.entry, knobs_, now_)) purged_in_delta_ = true;
      if (page_.items.size() >= limit_) break;
      Emit(at);
    }
    walk_.place = position;
    if (position == end) walk_.within.reset();
    if (conditions_.hostile_skip && !page_.items.empty()) {
      page_.items.pop_back();
      bent_ = true;
    }
    if (position < end) {
      GiveNextPage();
    } else {
      GiveSyncToken(end);
    }
  }

  // Its state as the token knew it; null if it was not there.
  const Event* Known(uint32_t at) const {
    const uint32_t before = calendar_.ChangeBefore(calendar_.log()[at].entry, walk_.from);
    return before == kNone ? nullptr : calendar_.log()[before].event.get();
  }

  // It is a series, or was one and is no more.
  bool IsSeriesSinceToken(uint32_t at) const {
    const Event* known = Known(at);
    return calendar_.log()[at].event->IsSeriesMaster() || (known != nullptr && known->IsSeriesMaster());
  }

  // False if the page was full before all was given.
  bool EmitSeriesChange(uint32_t at) {
    const Event& now = *calendar_.log()[at].event;
    const Event* known = Known(at);
    if (!walk_.within) {  // A single event that became a series, or the other way.
      walk_.within = std::numeric_limits<int64_t>::min();
      const bool was_single = known != nullptr && !known->IsSeriesMaster() && !known->IsCancelled();
      if (now.IsSeriesMaster() && was_single) {
        page_.items.push_back(MakeStub(now));
      } else if (!now.IsSeriesMaster() && BelongsInDelta(at)) {
        Emit(at);
      }
    }
    return EmitOccurrences(at, RowsInDelta(at));
  }

  // One row for each occurrence: those that the series gives, and as cancelled those that it gave when the token was made.
  std::vector<OccurrenceRow> RowsInDelta(uint32_t at) const {
    const Event& now = *calendar_.log()[at].event;
    const Event* known = Known(at);
    std::vector<OccurrenceRow> rows;
    if (now.IsSeriesMaster()) AddRows(now, PageView(), now.IsCancelled(), rows);
    if (known == nullptr || !known->IsSeriesMaster() || known->IsCancelled()) return rows;
    std::vector<OccurrenceRow> gone;
    AddRows(*known, walk_.from, true, gone);
    for (const OccurrenceRow& row : gone) {
      const EventTime original = OriginalOf(row.span, *known);
      const bool given = now.IsSeriesMaster() && calendar_.ScheduleOf(now).Find(original).has_value();
      if (!given && !IsToldElsewhere(OccurrenceId(known->id, original, knobs_.split_ids_derived))) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(),
              [](const OccurrenceRow& a, const OccurrenceRow& b) { return a.span.start < b.span.start; });
    return rows;
  }

  // By a row of its own, or by the part that a split gave it to, under the same id (K-20).
  bool IsToldElsewhere(const EventId& id) const {
    const uint32_t entry = calendar_.FindEntry(id);
    if (entry != kNone) {
      const uint32_t at = calendar_.ChangeBefore(entry, PageView());
      if (at != kNone && at >= walk_.from) return true;
    }
    const std::optional<Calendar::Found> found = calendar_.FindOccurrence(id, knobs_.split_ids_derived, PageView());
    return found && !found->occurrence->IsCancelled();
  }

  bool BelongsInDelta(uint32_t at) const {
    const Change& change = calendar_.log()[at];
    if (change.silent && !single_events_) {  // K-19: the row of its series tells, unless the token knew it under another.
      const Event* known = Known(at);
      if (known == nullptr || known->recurring_event_id == change.event->recurring_event_id) return false;
    }
    if (change.event->IsCancelled()) return true;
    if (IsInWindow(*change.event)) return true;
    // It left the window since the token was made: that is visible too.
    const uint32_t before = calendar_.ChangeBefore(change.entry, walk_.from);
    return before != kNone && !calendar_.log()[before].event->IsCancelled() && IsInWindow(*calendar_.log()[before].event);
  }

  void Emit(uint32_t at) {
    const Change& change = calendar_.log()[at];
    const bool details = knobs_.tombstone == Knobs::Tombstone::kDetails && request_.show_deleted;
    const EventPtr& event = change.event->IsCancelled() && !details ? change.stub : change.event;
    CALSYNC_CHECK(event != nullptr);
    page_.items.push_back(VisibleTo(role_, event));
  }

  void GiveNextPage() {
    TokenBody body = walk_;
    body.made_at = Micros(now_);
    ++body.page;
    page_.next_page_token = PageToken(mint_.Make(body));
  }

  void GiveSyncToken(uint32_t from) {
    TokenBody body = Fresh(TokenBody::Kind::kSync);
    body.from = from;
    switch (knobs_.window_under_token) {
      case Knobs::Window::kRemembered:
        body.time_min = walk_.time_min;
        [[fallthrough]];
      case Knobs::Window::kOnlyTimeMax:
        body.time_max = walk_.time_max;
        break;
      case Knobs::Window::kIgnored:
        break;
    }
    page_.next_sync_token = SyncToken(mint_.Make(body));
  }

  const Calendar& calendar_;
  const AccessRole role_;
  const ListEvents& request_;
  const Knobs& knobs_;
  const Conditions& conditions_;
  TokenMint& mint_;
  const absl::Time now_;
  bool& bent_;
  const uint32_t number_;
  const bool single_events_;
  size_t limit_ = 0;
  uint32_t fingerprint_ = 0;
  uint32_t view_ = 0;  // The end of the log as lists see it now.
  bool purged_in_delta_ = false;
  TokenBody walk_;
  EventsPage page_;
};

}  // namespace

Reply ListPage(const Calendar& calendar, uint32_t number, AccessRole role, const ListEvents& request, const Knobs& knobs,
               const Conditions& conditions, TokenMint& mint, absl::Time now, bool& bent) {
  return Lister(calendar, number, role, request, knobs, conditions, mint, now, bent).List();
}

int64_t MicrosOf(const EventTime& point, const absl::TimeZone& zone) {
  if (point.kind == EventTime::Kind::kDate) return Micros(absl::FromCivil(point.date, zone));
  return Micros(point.instant);
}

std::optional<int64_t> WindowBound(const std::optional<absl::Time>& time) {
  if (!time) return std::nullopt;
  return absl::ToUnixSeconds(*time) * 1'000'000;
}

bool IsPurged(const Calendar& calendar, uint32_t entry, const Knobs& knobs, absl::Time now) {
  const Change& change = calendar.log()[calendar.entry(entry).last];
  if (!change.event->IsCancelled() || now - change.time < knobs.tombstone_lifetime) return false;
  if (!change.event->IsOccurrence()) return true;
  const uint32_t master = calendar.FindEntry(change.event->recurring_event_id);
  return master == kNone || calendar.Current(master)->IsCancelled();  // Kept as long as the series (contract 1.2).
}

ApiError PurgedError(const Knobs& knobs) { return Error(knobs.purged_is_410 ? ErrorId::kDeleted : ErrorId::kNotFound); }

}  // namespace calsync::fake
