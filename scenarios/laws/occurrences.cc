#include "scenarios/laws/occurrences.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "fakegoogle/ical/expand.h"
#include "scenarios/laws/ideal.h"

namespace calsync::sim {
namespace {

constexpr int kMost = 20000;
// Expansions are made this much longer than asked for, since the next rest asks for a little more.
constexpr absl::Duration kSpare = absl::Hours(24 * 60);
// So many starts are kept in all.
constexpr size_t kKeptMost = 200000;

// What decides which starts a series gives.
struct Rule {
  TimeSpan first;
  std::string zone;  // Empty if all-day.
  std::vector<std::string> lines;

  friend bool operator==(const Rule& a, const Rule& b) { return a.first == b.first && a.zone == b.zone && a.lines == b.lines; }
  template <typename H>
  friend H AbslHashValue(H h, const Rule& rule) {
    return H::combine(std::move(h), rule.first.start, rule.first.end, rule.first.all_day, rule.zone, rule.lines);
  }
};

Rule RuleOf(const Event& series) {
  const TimeSpan first = series.span();
  if (first.all_day) return {first, "", series.recurrence};
  return {first, series.start.time_zone.empty() ? "UTC" : series.start.time_zone, series.recurrence};
}

// The starts that the rule gives until then, in order.
std::vector<int64_t> Expand(const Rule& rule, const Event& series, absl::Time until) {
  const TimeSpan& first = rule.first;
  ical::Series expanded;
  expanded.length = first.all_day ? absl::Hours(24) * (first.end - first.start) : absl::Seconds(first.end - first.start);
  expanded.lines = rule.lines;
  if (first.all_day) {
    expanded.start = {.is_date = true, .local = absl::CivilSecond(series.start.date), .zone = ""};
  } else {
    const absl::TimeZone zone = ical::MachineZone(rule.zone).value_or(absl::UTCTimeZone());
    expanded.start = {.is_date = false, .local = absl::ToCivilSecond(series.start.instant, zone), .zone = rule.zone};
  }
  const absl::StatusOr<ical::Expansion> expansion = ical::ExpandUntil(expanded, until, kMost, ical::MachineZones);
  if (!expansion.ok()) return {first.start};
  std::vector<int64_t> starts;
  starts.reserve(expansion->occurrences.size());
  for (const ical::Occurrence& occurrence : expansion->occurrences) {
    const int64_t seconds = absl::ToUnixSeconds(occurrence.original);
    starts.push_back(first.all_day ? seconds / 86400 : seconds);
  }
  return starts;
}

// Starts that the rule gives, not after `until`: in seconds, or in days if all-day, in order. Every rest asks again for nearly
// the same of every series and of all its blocks, so what was expanded is kept, a table a thread: it follows from the rule alone.
// Valid until the next call.
absl::Span<const int64_t> Given(const Event& series, absl::Time until) {
  struct Kept {
    absl::Time reached = absl::InfinitePast();
    std::vector<int64_t> starts;
  };
  thread_local absl::flat_hash_map<Rule, Kept> kept;
  thread_local size_t kept_starts = 0;
  if (kept_starts + kept.size() > kKeptMost) {
    kept.clear();
    kept_starts = 0;
  }
  Rule rule = RuleOf(series);
  Kept& known = kept[rule];
  if (known.reached < until) {
    kept_starts -= known.starts.size();
    known = {until + kSpare, Expand(rule, series, until + kSpare)};
    kept_starts += known.starts.size();
  }
  const int64_t last = absl::ToUnixSeconds(until);
  const auto end = std::upper_bound(known.starts.begin(), known.starts.end(), rule.first.all_day ? last / 86400 : last);
  return absl::MakeConstSpan(known.starts.data(), static_cast<size_t>(end - known.starts.begin()));
}

bool IsGiven(const Event& series, const OriginalStart& original, absl::Time until) {
  if (original.all_day != series.span().all_day) return false;
  const absl::Span<const int64_t> given =
      Given(series, std::max(until, LatestEnd({original.start, original.start + 1, original.all_day})));
  return std::binary_search(given.begin(), given.end(), original.start);
}

}  // namespace

std::vector<TrueOccurrence> LiveOccurrences(const fake::Server& server, const CalendarId& calendar_id, const Event& series,
                                            absl::Time until) {
  const fake::Calendar& calendar = *server.FindCalendar(calendar_id);
  std::map<std::pair<bool, int64_t>, const Event*> exceptions;
  for (const uint32_t entry : calendar.ExceptionsOf(series.id)) {
    const EventPtr& event = calendar.Current(entry);
    if (!calendar.IsThere(entry, calendar.entry(entry).last) || event->recurring_event_id != series.id) continue;
    const OriginalStart original = OriginalStartOf(*event);
    exceptions[{original.all_day, original.start}] = event.get();
  }
  const TimeSpan first = series.span();
  const int64_t length = first.end - first.start;
  const absl::Span<const int64_t> given = Given(series, until);
  std::vector<TrueOccurrence> occurrences;
  occurrences.reserve(given.size());
  for (const int64_t start : given) {
    const OriginalStart original{start, first.all_day};
    const auto exception = exceptions.empty() ? exceptions.end() : exceptions.find({original.all_day, start});
    if (exception == exceptions.end()) {
      occurrences.push_back({original, {start, start + length, first.all_day}, &series});
    } else if (!exception->second->IsCancelled()) {
      occurrences.push_back({original, exception->second->span(), exception->second});
    }
  }
  return occurrences;
}

std::vector<TrueException> UnseenExceptions(const fake::Server& server, const CalendarId& calendar_id, const Event& series,
                                            absl::Time until) {
  const fake::Calendar& calendar = *server.FindCalendar(calendar_id);
  std::vector<TrueException> unseen;
  for (const uint32_t entry : calendar.ExceptionsOf(series.id)) {
    const EventPtr& event = calendar.Current(entry);
    if (event->recurring_event_id != series.id) continue;
    const OriginalStart original = OriginalStartOf(*event);
    const bool late = EarliestStart({original.start, original.start + 1, original.all_day}) > until;
    if (late || !IsGiven(series, original, until))
      unseen.push_back({original, event->IsCancelled(), Blocks(*event), event->span()});
  }
  std::sort(unseen.begin(), unseen.end(),
            [](const TrueException& a, const TrueException& b) { return a.original.start < b.original.start; });
  return unseen;
}

std::vector<EventPtr> Strays(const fake::Server& server, const CalendarId& calendar, absl::Time until) {
  std::vector<EventPtr> strays;
  server.ForEachLive(calendar, [&](const EventPtr& event) {
    if (!event->IsOccurrence()) return;
    const EventPtr* series = server.Find(calendar, event->recurring_event_id);
    if (series != nullptr && !(*series)->IsCancelled() && (*series)->IsSeriesMaster()) {
      if (IsGiven(**series, OriginalStartOf(*event), until)) return;
    }
    strays.push_back(event);
  });
  return strays;
}

}  // namespace calsync::sim
