#include "scenarios/laws/occurrences.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "fakegoogle/ical/expand.h"
#include "scenarios/laws/ideal.h"

namespace calsync::sim {
namespace {

constexpr int kMost = 20000;

// Original starts that the rule gives, not after `until`.
std::vector<OriginalStart> Given(const Event& series, absl::Time until) {
  const TimeSpan first = series.span();
  ical::Series rule;
  rule.length = first.all_day ? absl::Hours(24) * (first.end - first.start) : absl::Seconds(first.end - first.start);
  rule.lines = series.recurrence;
  if (first.all_day) {
    rule.start = {.is_date = true, .local = absl::CivilSecond(series.start.date), .zone = ""};
  } else {
    const std::string zone = series.start.time_zone.empty() ? "UTC" : series.start.time_zone;
    rule.start = {.is_date = false,
                  .local = absl::ToCivilSecond(series.start.instant, ical::MachineZone(zone).value_or(absl::UTCTimeZone())),
                  .zone = zone};
  }
  const absl::StatusOr<ical::Expansion> expansion = ical::ExpandUntil(rule, until, kMost, ical::MachineZones);
  if (!expansion.ok()) return {{first.start, first.all_day}};
  std::vector<OriginalStart> given;
  for (const ical::Occurrence& occurrence : expansion->occurrences) {
    const int64_t seconds = absl::ToUnixSeconds(occurrence.original);
    given.push_back({first.all_day ? seconds / 86400 : seconds, first.all_day});
  }
  return given;
}

bool IsGiven(const Event& series, const OriginalStart& original, absl::Time until) {
  const std::vector<OriginalStart> given =
      Given(series, std::max(until, LatestEnd({original.start, original.start + 1, original.all_day})));
  return std::find(given.begin(), given.end(), original) != given.end();
}

}  // namespace

std::vector<TrueOccurrence> LiveOccurrences(const fake::Server& server, const CalendarId& calendar_id, const Event& series,
                                            absl::Time until) {
  const fake::Calendar& calendar = *server.FindCalendar(calendar_id);
  std::map<std::pair<bool, int64_t>, EventPtr> exceptions;
  for (const uint32_t entry : calendar.ExceptionsOf(series.id)) {
    const EventPtr& event = calendar.Current(entry);
    if (!calendar.IsThere(entry, calendar.entry(entry).last) || event->recurring_event_id != series.id) continue;
    const OriginalStart original = OriginalStartOf(*event);
    exceptions[{original.all_day, original.start}] = event;
  }
  const int64_t length = series.span().end - series.span().start;
  const auto self = std::make_shared<const Event>(series);
  std::vector<TrueOccurrence> occurrences;
  for (const OriginalStart& original : Given(series, until)) {
    const auto exception = exceptions.find({original.all_day, original.start});
    if (exception == exceptions.end()) {
      occurrences.push_back({original, {original.start, original.start + length, original.all_day}, self});
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
