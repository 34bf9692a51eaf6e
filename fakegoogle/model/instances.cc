#include "fakegoogle/model/instances.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/events.h"
#include "fakegoogle/model/random.h"
#include "fakegoogle/model/series.h"

namespace calsync::fake {
namespace {

class InstanceLister {
 public:
  InstanceLister(const Calendar& calendar, uint32_t number, AccessRole role, const ListInstances& request, const Knobs& knobs,
                 const Conditions& conditions, const TokenMint& mint, absl::Time now, bool& bent)
      : calendar_(calendar),
        number_(number),
        role_(role),
        request_(request),
        knobs_(knobs),
        conditions_(conditions),
        mint_(mint),
        now_(now),
        bent_(bent) {}

  Reply List() {
    if (std::optional<ApiError> error = Begin()) return *std::move(error);
    EventsPage page;
    page.access_role = role_;
    page.time_zone = calendar_.setup().time_zone;
    page.updated = calendar_.updated();
    for (const auto& [original, row] : Rows()) {
      if (walk_.within && original.value <= *walk_.within) continue;
      if (page.items.size() >= limit_) {
        TokenBody next = walk_;
        next.made_at = absl::ToUnixMicros(now_);
        ++next.page;
        next.within = last_given_;
        page.next_page_token = PageToken(mint_.Make(next));
        break;
      }
      page.items.push_back(VisibleTo(role_, Shown(row)));
      last_given_ = original.value;
    }
    return page;
  }

 private:
  // One occurrence: an exception, or what the series gives.
  struct Row {
    EventPtr exception;
    TimeSpan span;
  };

  std::optional<ApiError> Begin() {
    if (request_.max_results < 1) return Error(ErrorId::kInvalidMaxResults);
    limit_ = static_cast<size_t>(std::min(request_.max_results, kMaxResultsLimit));
    if (knobs_.page_size > 0) limit_ = std::min(limit_, static_cast<size_t>(knobs_.page_size));
    if (request_.time_min && request_.time_max && *request_.time_min >= *request_.time_max) {
      return Error(ErrorId::kTimeRangeEmpty);
    }
    entry_ = calendar_.FindEntry(request_.event);
    if (entry_ == kNone) return Error(ErrorId::kNotFound);
    if (IsPurged(calendar_, entry_, knobs_, now_)) return PurgedError(knobs_);
    const absl::Duration lag = std::max(conditions_.list_lag, calendar_.list_lag().value_or(knobs_.list_lag));
    const uint32_t seen = lag > absl::ZeroDuration() ? calendar_.EndAt(now_ - lag) : calendar_.log_end();
    walk_.kind = TokenBody::Kind::kInstancesPage;
    walk_.calendar = number_;
    walk_.epoch = calendar_.token_epoch();
    walk_.fingerprint = Fingerprint();
    walk_.until = seen;
    walk_.place_entry = entry_;
    walk_.time_min = WindowBound(request_.time_min);
    walk_.time_max = WindowBound(request_.time_max);
    if (request_.page_token) {
      const std::optional<TokenMint::Opened> page = mint_.Open(request_.page_token->text());
      const bool same = page && page->body.kind == walk_.kind && page->body.calendar == number_ &&
                        page->body.fingerprint == walk_.fingerprint && page->body.place_entry == entry_ &&
                        page->body.time_min == walk_.time_min && page->body.time_max == walk_.time_max;
      if (!same) return Error(ErrorId::kInvalidPageToken);
      const bool dead =
          page->body.epoch != walk_.epoch || now_ - absl::FromUnixMicros(page->body.made_at) >= knobs_.page_token_lifetime;
      if (dead) return Error(ErrorId::kInvalidPageToken);
      walk_ = page->body;
    }
    view_ = knobs_.walk_view == Knobs::WalkView::kFrozen ? walk_.until : std::max(walk_.until, seen);
    bent_ = HasChangedSince(view_);
    const uint32_t at = calendar_.ChangeBefore(entry_, view_);
    if (at == kNone) return Error(ErrorId::kNotFound);
    master_ = calendar_.log()[at].event;
    return std::nullopt;
  }

  bool HasChangedSince(uint32_t view) const {
    const auto is_of_it = [&](uint32_t at) {
      const Event& event = *calendar_.log()[at].event;
      return event.id == request_.event || event.recurring_event_id == request_.event;
    };
    for (uint32_t at = view; at < calendar_.log_end(); ++at) {
      const uint32_t before = calendar_.log()[at].previous;  // What left the series was of it.
      if (is_of_it(at) || (before != kNone && is_of_it(before))) return true;
    }
    return false;
  }

  uint32_t Fingerprint() const {
    uint64_t mixed = static_cast<uint64_t>(limit_) << 1 | static_cast<uint64_t>(request_.show_deleted);
    if (request_.original_start) {
      const OriginalKey key = KeyOf(*request_.original_start);
      mixed = Mix64(Mix64(mixed) + static_cast<uint64_t>(key.value) * 2 + (key.all_day ? 1 : 0));
    }
    return static_cast<uint32_t>(mixed);
  }

  std::map<OriginalKey, Row> Rows() const {
    std::map<OriginalKey, Row> rows;
    if (!master_->IsCancelled() || request_.show_deleted) {
      const ical::Schedule& schedule = calendar_.ScheduleOf(*master_);
      if (master_->IsSeriesMaster() && request_.original_start) {
        const std::optional<TimeSpan> span = schedule.Find(*request_.original_start);
        if (span) rows[{span->all_day, span->start}] = {nullptr, *span};
      } else if (master_->IsSeriesMaster()) {
        for (const TimeSpan& span : schedule.Before(End(schedule))) rows[{span.all_day, span.start}] = {nullptr, span};
      }
    }
    for (const uint32_t entry : calendar_.ExceptionsOf(request_.event)) {
      const uint32_t at = calendar_.ChangeBefore(entry, view_);
      if (at == kNone || !calendar_.IsThere(entry, at)) continue;
      const EventPtr& exception = calendar_.log()[at].event;
      if (exception->recurring_event_id != request_.event) continue;
      const OriginalKey key = KeyOf(exception->original_start);
      if (request_.original_start && key != KeyOf(*request_.original_start)) continue;
      rows[key] = {exception, exception->span()};
    }
    for (auto at = rows.begin(); at != rows.end();) at = IsWanted(at->second) ? std::next(at) : rows.erase(at);
    return rows;
  }

  // Where the expansion ends. Days begin in the calendar's zone: one more does no harm, for the window is looked at again.
  int64_t End(const ical::Schedule& schedule) const {
    absl::Time end = now_ + knobs_.expansion_horizon;
    if (request_.time_max) end = std::min(end, *request_.time_max);
    return schedule.all_day() ? absl::ToUnixSeconds(end) / kSecondsPerDay + 2 : absl::ToUnixSeconds(end) + 1;
  }

  bool IsWanted(const Row& row) const {
    const bool cancelled = master_->IsCancelled() || (row.exception != nullptr && row.exception->IsCancelled());
    if (cancelled && !request_.show_deleted) return false;
    const absl::TimeZone& zone = calendar_.setup().zone;
    if (walk_.time_min && MicrosOf(EndOf(row.span), zone) <= *walk_.time_min) return false;
    return !walk_.time_max || MicrosOf(StartOf(row.span), zone) < *walk_.time_max;
  }

  EventPtr Shown(const Row& row) const {
    EventPtr event = row.exception;
    if (event == nullptr) {
      const EventTime original = OriginalOf(row.span, *master_);
      event = std::make_shared<const Event>(
          MakeOccurrence(*master_, row.span, OccurrenceId(master_->id, original, knobs_.split_ids_derived)));
    }
    if (!event->IsCancelled() && !master_->IsCancelled()) return event;
    if (knobs_.tombstone == Knobs::Tombstone::kDetails && event->IsCancelled()) return event;
    return MakeStub(*event);
  }

  const Calendar& calendar_;
  const uint32_t number_;
  const AccessRole role_;
  const ListInstances& request_;
  const Knobs& knobs_;
  const Conditions& conditions_;
  const TokenMint& mint_;
  const absl::Time now_;
  bool& bent_;
  size_t limit_ = 0;
  uint32_t entry_ = kNone;
  uint32_t view_ = 0;
  int64_t last_given_ = 0;
  EventPtr master_;
  TokenBody walk_;
};

}  // namespace

Reply InstancesPage(const Calendar& calendar, uint32_t number, AccessRole role, const ListInstances& request, const Knobs& knobs,
                    const Conditions& conditions, const TokenMint& mint, absl::Time now, bool& bent) {
  return InstanceLister(calendar, number, role, request, knobs, conditions, mint, now, bent).List();
}

}  // namespace calsync::fake
