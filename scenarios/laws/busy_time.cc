#include "scenarios/laws/busy_time.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fakegoogle/ical/busy.h"

namespace calsync::sim {
namespace {

// Half-open, in seconds since 1970, or in days.
struct Piece {
  int64_t start;
  int64_t end;
  friend bool operator==(const Piece&, const Piece&) = default;
};

// Disjoint, in order, not touching each other.
std::vector<Piece> United(std::vector<Piece> pieces) {
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.start < b.start; });
  std::vector<Piece> united;
  for (const Piece& piece : pieces) {
    if (!united.empty() && piece.start <= united.back().end) {
      united.back().end = std::max(united.back().end, piece.end);
    } else {
      united.push_back(piece);
    }
  }
  return united;
}

struct BusyTimes {
  std::vector<Piece> times;
  std::vector<Piece> days;

  void Add(const TimeSpan& span, const Piece& window) {
    const int64_t unit = span.all_day ? kSecondsPerDay : 1;
    const Piece within{std::max(span.start, (window.start + unit - 1) / unit), std::min(span.end, window.end / unit)};
    if (within.start < within.end) (span.all_day ? days : times).push_back(within);
  }
  void Add(const BusyTimes& other) {
    times.insert(times.end(), other.times.begin(), other.times.end());
    days.insert(days.end(), other.days.begin(), other.days.end());
  }
};

// What the calendar has for its owner of its own, and what it shows with the group's blocks.
struct Shown {
  BusyTimes own;
  BusyTimes all;
};

Shown TimesOf(const fake::Server& server, const Ghost& ghost, FamilyNumber family, const CalendarFacts& facts,
              const Piece& window) {
  const absl::Time from = absl::FromUnixSeconds(window.start), until = absl::FromUnixSeconds(window.end);
  Shown shown;
  std::map<std::string, std::vector<EventPtr>> exceptions;  // By series; cancelled ones too.
  const fake::Calendar& calendar = *server.FindCalendar(facts.google_id);
  const auto take = [&](const EventPtr& master, const std::vector<EventPtr>& its) {
    const Event& any = master != nullptr ? *master : *its.front();
    const GhostEvent* truth = ghost.FindOrSeries(facts.calendar, any);
    if (truth == nullptr) return;
    const bool block = truth->nature == Nature::kBlock && truth->family == family;
    if (!block && truth->nature != Nature::kUserEvent) return;
    const auto busy = ical::BusyIntervals(master.get(), its, from, until);
    const bool any_blocks = Blocks(any);
    const auto add = [&](const TimeSpan& span, bool blocks) {
      if (!blocks) return;
      if (!block) shown.own.Add(span, window);
      shown.all.Add(span, window);
    };
    if (!busy.ok()) return add(any.span(), any_blocks);  // A rule that cannot be read gives its first (S-20).
    for (const ical::BusyInterval& interval : *busy) {
      add(interval.span, interval.exception == nullptr ? any_blocks : Blocks(*interval.exception));
    }
  };
  server.ForEachLive(facts.google_id, [&](const EventPtr& event) {
    if (event->IsOccurrence()) {
      const EventPtr* series = server.Find(facts.google_id, event->recurring_event_id);
      const bool there = series != nullptr && !(*series)->IsCancelled() && (*series)->IsSeriesMaster();
      if (!there) take(nullptr, {event});
    } else if (event->IsSeriesMaster()) {
      std::vector<EventPtr> its;
      for (const uint32_t entry : calendar.ExceptionsOf(event->id)) {
        if (!calendar.IsThere(entry, calendar.entry(entry).last)) continue;
        if (calendar.Current(entry)->recurring_event_id == event->id) its.push_back(calendar.Current(entry));
      }
      take(event, its);
    } else if (Blocks(*event)) {
      const GhostEvent* truth = ghost.Find(facts.calendar, event->id);
      if (truth == nullptr) return;
      const bool block = truth->nature == Nature::kBlock && truth->family == family;
      if (!block && truth->nature != Nature::kUserEvent) return;
      if (!block) shown.own.Add(event->span(), window);
      shown.all.Add(event->span(), window);
    }
  });
  return shown;
}

std::string FirstDifference(const std::vector<Piece>& wanted, const std::vector<Piece>& shown, bool days) {
  const auto [w, s] = std::mismatch(wanted.begin(), wanted.end(), shown.begin(), shown.end());
  const auto say = [&](const Piece& piece) { return FormatSpan({piece.start, piece.end, days}); };
  if (w == wanted.end() && s == shown.end()) return "";
  if (w == wanted.end()) return absl::StrCat("shows busy at ", say(*s), ", when nothing is");
  if (s == shown.end()) return absl::StrCat("shows nothing at ", say(*w));
  return absl::StrCat("shows busy at ", say(*s), ", where ", say(*w), " is due");
}

// What people and programs did to the slot's blocks may show still: to a part of one, or in a fight that was given up.
bool MayShowTouches(const RestView& view, size_t slot) {
  const GhostSlot* truth = view.slot_truth[slot];
  if (truth == nullptr) return false;
  const bool kept = view.group.policy.on_block_edited == OnBlockEdited::kKeep && truth->edited_at != absl::InfinitePast();
  return kept || truth->part_touched_at != absl::InfinitePast() || truth->undeleted_at != absl::InfinitePast() ||
         IsFight(view, truth, view.slot_rows[slot]);
}

}  // namespace

bool ShowsAllThereIs(const RestView& view) {
  const Policy& policy = view.group.policy;
  if (!view.group.directions.empty() || !policy.mirrors || !policy.tentative || !policy.needs_action || !policy.all_day)
    return false;
  if (!policy.keywords.empty() || !policy.colours.empty() || policy.hours.has_value()) return false;
  if (policy.already_busy != AlreadyBusy::kNone || view.breaker_open || view.sweep_held || view.cloned) return false;
  if (!view.group.parked.empty()) return false;
  if (std::any_of(view.others.begin(), view.others.end(),
                  [](const LiveOther& other) { return other.nature == Nature::kLegacyBlock; })) {
    return false;
  }
  for (const CalendarFacts& facts : view.group.calendars) {
    if (facts.link != LinkState::kEnabled || !facts.readable || !facts.writable || !facts.sees_private) return false;
  }
  for (size_t slot = 0; slot < view.slot_rows.size(); ++slot) {
    // That a block waits as it was refused, Google must bear out.
    const Hold hold = view.slot_rows[slot].hold;
    if (view.slots[slot].refused || (hold != Hold::kNone && hold != Hold::kParked) || MayShowTouches(view, slot)) return false;
  }
  return true;
}

std::string CheckBusyTime(const fake::Server& server, const Ghost& ghost, const RestView& view, absl::Duration at_most,
                          uint64_t& checked) {
  // In whole hours: what begins within the last is not there yet for all.
  const absl::Duration ahead = std::min(view.group.policy.horizon_ahead - absl::Hours(25), at_most);
  const Piece window{absl::ToUnixSeconds(view.group.now), absl::ToUnixSeconds(view.group.now + ahead)};
  if (window.start >= window.end) return "";
  std::vector<Shown> shown;
  for (const CalendarFacts& facts : view.group.calendars) {
    shown.push_back(TimesOf(server, ghost, view.group.family, facts, window));
  }
  BusyTimes due;
  for (const Shown& calendar : shown) due.Add(calendar.own);
  const std::vector<Piece> times = United(due.times), days = United(due.days);
  for (size_t at = 0; at < shown.size(); ++at) {
    checked += times.size() + days.size();
    std::string wrong = FirstDifference(times, United(shown[at].all.times), false);
    if (wrong.empty()) wrong = FirstDifference(days, United(shown[at].all.days), true);
    if (!wrong.empty()) return absl::StrCat("the calendar ", view.group.calendars[at].name, " ", wrong);
  }
  return "";
}

}  // namespace calsync::sim
