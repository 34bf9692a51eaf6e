#include "engine/decide/passes.h"

#include <algorithm>
#include <utility>

#include "engine/decide/desired.h"
#include "engine/decide/evidence.h"
#include "engine/decide/health.h"
#include "engine/decide/live_group.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

// How far into what waits for a time is looked: tags of many new events wait there, too.
constexpr int kLookAhead = 64;

void CountPass(LiveGroup& group, bool failed) {
  auto& minutes = group.passes.minutes;
  const int64_t minute = absl::ToUnixSeconds(group.now) / 60;
  if (!minutes.empty() && minutes.back().minute > minute) minutes.clear();  // The clock was set back.
  if (minutes.empty() || minutes.back().minute != minute) minutes.push_back({.minute = minute});
  ++minutes.back().passes;
  minutes.back().failed += failed ? 1 : 0;
  while (minutes.front().minute <= minute - kWindowMax) minutes.pop_front();
}

template <class Entry>
void Keep(std::deque<Entry>& log, Entry entry, size_t kept) {
  log.push_back(std::move(entry));
  if (log.size() > kept) log.pop_front();
}

Counters Since(Counters now, const Counters& then) { return now -= then; }

// A listing that the last notification called for is still to come, or under way. A recheck is not waited for (S-7).
bool IsListed(const LiveCalendar& calendar) {
  return !calendar.listing.active && !(calendar.dirty && calendar.recheck == 0 && !calendar.row.unreachable);
}

bool OwesNow(const LiveGroup& group, const LiveCalendar& calendar) {
  const bool writes = !group.row.breaker_open && CanWrite(calendar.row.role) && !calendar.row.unreachable;
  for (size_t kind = 0; kind < kOwedKinds; ++kind) {
    const Owed owed = static_cast<Owed>(kind);
    if (owed == Owed::kTag || calendar.ready[kind].empty()) continue;
    if (owed == Owed::kRead ? !calendar.row.unreachable : writes) return true;
  }
  return false;
}

bool IsIdle(const LiveGroup& group) {
  for (const auto& [id, call] : group.calls) {
    if (call.purpose != CallInFlight::Purpose::kTag && call.purpose != CallInFlight::Purpose::kWatch &&
        call.purpose != CallInFlight::Purpose::kStop) {
      return false;
    }
  }
  for (const LiveCalendar& calendar : group.calendars) {
    if (IsEnabled(group, calendar) && !IsListed(calendar) && calendar.notified) return false;
    if (OwesNow(group, calendar)) return false;
  }
  int looked = 0;
  for (const auto& [at_s, row] : group.agenda) {
    if (++looked > kLookAhead) break;
    const Owed owed = OwedBy(group, row);
    // What is tried again within minutes is still being done; a fight that was given up waits until tomorrow.
    if (owed != Owed::kNothing && owed != Owed::kTag && at_s - absl::ToUnixSeconds(group.now) < 3600) return false;
  }
  return true;
}

// An event of a person on the calendar was shown since then, or by this listing.
bool WasShown(const LiveGroup& group, CalendarKey calendar, absl::Time since, const Listing& listing) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.calendar != calendar || !record.IsLiveUserEvent()) continue;
    if (WasSeenSince(group, record, since) || listing.met.contains(row)) return true;
  }
  return false;
}

}  // namespace

void Tally::Add(absl::Duration took) {
  const int64_t took_ms = std::max<int64_t>(0, absl::ToInt64Milliseconds(took));
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), took_ms);
  ++counts[static_cast<size_t>(at - kBounds.begin())];
  sum_ms += took_ms;
}

void NotePass(LiveGroup& group, const LiveCalendar& calendar, std::string error) {
  CountPass(group, !error.empty());
  ++(error.empty() ? group.passes.passes_good : group.passes.passes_failed);
  Keep(group.passes.passes,
       Pass{.calendar = calendar.row.key,
            .full = calendar.listing.full,
            .notified = calendar.notified,
            .began = calendar.listing.started,
            .ended = group.now,
            .rows = calendar.listing.rows,
            .error = std::move(error)},
       kPassesKept);
}

void NoteTelling(LiveGroup& group, const LiveCalendar* calendar) {
  const CalendarKey key = calendar == nullptr ? CalendarKey() : calendar->row.key;
  for (Telling& telling : group.passes.tellings) {
    if (calendar == nullptr || telling.calendar != key || !telling.IsUnderWay()) continue;
    ++telling.messages;
    return;
  }
  Telling telling{.calendar = key, .arrived = group.now};
  if (calendar == nullptr) {
    telling.settled = group.now;
  } else {
    telling.gained = TotalCounters(group);
  }
  Keep(group.passes.tellings, std::move(telling), kTellingsKept);
}

void NoteFollowed(LiveGroup& group, RowIndex block) {
  const Record* source = SourceOf(group, group.records[block]);
  if (source == nullptr || absl::FromUnixMillis(source->updated_ms) < group.counts_from) return;
  group.passes.lags.Add(group.now - absl::FromUnixMillis(source->updated_ms));
}

void NoteFailure(LiveGroup& group, const std::string& error) {
  for (Telling& telling : group.passes.tellings) {
    if (telling.IsUnderWay()) telling.error = error;
  }
}

void SettleTellings(LiveGroup& group) {
  const auto is_under_way = [](const Telling& telling) { return telling.IsUnderWay(); };
  auto& tellings = group.passes.tellings;
  if (std::none_of(tellings.begin(), tellings.end(), is_under_way) || !IsIdle(group)) return;
  const Counters total = TotalCounters(group);
  for (Telling& telling : tellings) {
    if (!telling.IsUnderWay()) continue;
    telling.gained = Since(total, telling.gained);
    telling.settled = group.now;
    group.passes.webhooks.Add(telling.settled - telling.arrived);
  }
}

void NoteUserEvents(LiveGroup& group, LiveCalendar& calendar) {
  const Listing& listing = calendar.listing;
  CalendarRow& row = group.Edit(calendar);
  // A delta shows what changed; what a read showed since an empty walk counts as well.
  const absl::Time since = listing.full ? listing.started : row.empty_walk;
  // A walk must have shown one; after a delta it is enough that one is known, unless a walk found none.
  const bool must_be_shown = listing.full || row.empty_walk != absl::InfinitePast();
  bool is_there = group.records.TallyOf(row.key).certain_user_events > 0;
  if (must_be_shown) is_there = WasShown(group, row.key, since, listing);
  if (is_there) {
    row.had_events = group.now;
    row.empty_walk = absl::InfinitePast();
    return;
  }
  if (listing.full && row.had_events != absl::InfinitePast()) row.empty_walk = group.now;
}

}  // namespace calsync
