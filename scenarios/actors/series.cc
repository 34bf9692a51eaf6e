#include "scenarios/actors/series.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/api/recurrence.h"
#include "scenarios/actors/hands.h"
#include "scenarios/actors/people.h"
#include "scenarios/laws/l09_private.h"
#include "scenarios/zones.h"

namespace calsync::sim {
namespace {

std::optional<Spot> DrawSeries(World& world, Nature nature, absl::string_view label) {
  std::vector<Spot> series;
  for (const Spot& spot : LiveEvents(world, nature)) {
    if (EventAt(world, spot).IsSeriesMaster()) series.push_back(spot);
  }
  if (series.empty()) return std::nullopt;
  return series[Draw(world, series.size(), label)];
}

std::string Until(absl::Time time, bool all_day) {
  return absl::FormatTime(all_day ? "UNTIL=%Y%m%d" : "UNTIL=%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone());
}

// A rule for a series that begins at `start`.
std::vector<std::string> DrawRule(World& world, absl::Time start, bool all_day) {
  static constexpr absl::string_view kRules[] = {"RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY;INTERVAL=2",
                                                 "RRULE:FREQ=DAILY;INTERVAL=3", "RRULE:FREQ=MONTHLY"};
  std::string rule(kRules[Draw(world, std::size(kRules), "rule")]);
  const uint64_t end = Draw(world, 4, "how it ends");
  if (end == 1) absl::StrAppend(&rule, ";COUNT=", 2 + Draw(world, 12, "count"));
  if (end == 2) {
    const absl::Time last = start + absl::Hours(24 * static_cast<int64_t>(7 + Draw(world, 40, "days on")));
    absl::StrAppend(&rule, ";", Until(last, all_day));
  }
  std::vector<std::string> lines{rule};
  // A date that the rule does not give, and one that it does, left out (contract 4.1).
  if (Draw(world, 8, "an extra date") == 7) {
    const absl::Time extra = start + absl::Hours(24 * 5 + 2);
    lines.push_back(absl::FormatTime(all_day ? "RDATE;VALUE=DATE:%Y%m%d" : "RDATE:%Y%m%dT%H%M%SZ", extra, absl::UTCTimeZone()));
  }
  return lines;
}

EventTime TimeIn(absl::Time instant, std::string zone) { return EventTime::At(instant, std::move(zone)); }

void CreateSeries(World& world) {
  const int calendar = static_cast<int>(Draw(world, static_cast<uint64_t>(world.calendars()), "calendar"));
  Event event;
  event.summary = absl::StrCat("Stand-up ", kTitleMark, world.NextTitle());
  if (Draw(world, 4, "text") == 3) event.description = absl::StrCat("agenda ", kSecretMark, world.NextTitle());
  const int64_t hour = absl::ToUnixSeconds(world.now()) / 3600 + 2 + static_cast<int64_t>(Draw(world, 24 * 7, "first"));
  const bool all_day = Draw(world, 6, "all-day") == 5;
  int residue = -1;
  absl::Time start = absl::FromUnixSeconds(hour * 3600);
  if (all_day) {
    const absl::CivilDay day = absl::ToCivilDay(start, absl::UTCTimeZone());
    event.start = EventTime::Date(day);
    event.end = EventTime::Date(day + 1);
  } else {
    residue = world.NextResidue();
    start += absl::Seconds(residue < 0 ? 0 : residue);
    const std::string& zone = SeriesZoneNames()[Draw(world, SeriesZoneNames().size(), "zone")];
    event.start = TimeIn(start, zone);
    event.end = TimeIn(start + absl::Minutes(30 * (1 + static_cast<int64_t>(Draw(world, 4, "half hours")))), zone);
  }
  event.recurrence = DrawRule(world, start, all_day);
  const EventId made = world.Insert(PersonOf(world, calendar), calendar, std::move(event), residue);
  Tell(world, calendar, "a person makes a series");
  if (!made.empty()) world.Count(Mishap::kSeriesMade);
}

// Occurrences that lie ahead, as a person sees them.
std::vector<EventPtr> Ahead(World& world, const Spot& series) {
  ListInstances request;
  request.calendar = world.google_id(series.calendar);
  request.event = series.event;
  request.time_min = world.now();
  request.max_results = 20;
  const Reply reply = world.Act(PersonOf(world, series.calendar), request);
  const auto* page = std::get_if<EventsPage>(&reply);
  return page == nullptr ? std::vector<EventPtr>() : page->items;
}

EventPtr DrawOccurrence(World& world, const Spot& series) {
  const std::vector<EventPtr> ahead = Ahead(world, series);
  return ahead.empty() ? nullptr : ahead[Draw(world, ahead.size(), "which occurrence")];
}

void Shift(EventPatch& patch, const Event& event, int64_t by_hours) {
  TimeSpan span = event.span();
  const int64_t by = span.all_day ? 1 + by_hours / 24 : by_hours * 3600;
  span.start += by;
  span.end += by;
  patch.start = StartOf(span);
  patch.end = EndOf(span);
  if (!span.all_day) patch.start->time_zone = patch.end->time_zone = event.start.time_zone;
}

void ChangeOccurrence(World& world, const Spot& series) {
  const EventPtr occurrence = DrawOccurrence(world, series);
  if (occurrence == nullptr) return;
  Tell(world, series.calendar, absl::StrCat("a person changes an occurrence of ", ShortName(world, series)));
  const Spot spot{series.calendar, occurrence->id};
  EventPatch patch;
  switch (Draw(world, 8, "change")) {
    case 0:
    case 1:
    case 2:
      if (Delete(world, spot)) world.Count(Mishap::kOccurrenceChanged);
      return;
    case 3:
    case 4:
      Shift(patch, *occurrence, 1 + static_cast<int64_t>(Draw(world, 30, "hours later")));
      break;
    case 5:
      patch.summary = absl::StrCat("Stand-up, long ", kTitleMark, world.NextTitle());
      break;
    case 6:
      patch.transparency = Transparency::kTransparent;
      break;
    default:
      patch.color_id = "4";
      break;
  }
  if (Patch(world, spot, std::move(patch))) world.Count(Mishap::kOccurrenceChanged);
}

// A cancelled occurrence comes back, if Google lets it (K-8).
void RestoreOccurrence(World& world, const Spot& series) {
  const fake::Calendar& calendar = *world.server().FindCalendar(world.google_id(series.calendar));
  std::vector<EventId> cancelled;
  for (const uint32_t entry : calendar.ExceptionsOf(series.event)) {
    const EventPtr& event = calendar.Current(entry);
    if (event->IsCancelled() && event->recurring_event_id == series.event) cancelled.push_back(event->id);
  }
  if (cancelled.empty()) return ChangeOccurrence(world, series);
  Tell(world, series.calendar, absl::StrCat("a person brings back an occurrence of ", ShortName(world, series)));
  EventPatch patch;
  patch.status = EventStatus::kConfirmed;
  const Spot spot{series.calendar, cancelled[Draw(world, cancelled.size(), "which cancelled")]};
  if (Patch(world, spot, std::move(patch))) world.Count(Mishap::kOccurrenceRestored);
}

void ChangeRule(World& world, const Spot& series) {
  const Event& event = EventAt(world, series);
  Tell(world, series.calendar, absl::StrCat("a person changes the rule of ", ShortName(world, series)));
  EventPatch patch;
  switch (Draw(world, 4, "which change")) {
    case 0:
      Shift(patch, event, 1 + static_cast<int64_t>(Draw(world, 30, "hours later")));
      break;
    case 1:
      patch.recurrence = std::vector<std::string>();  // Single from now on.
      break;
    default: {
      const TimeSpan span = event.span();
      patch.recurrence = DrawRule(
          world, span.all_day ? absl::FromCivil(event.start.date, absl::UTCTimeZone()) : event.start.instant, span.all_day);
      break;
    }
  }
  if (Patch(world, series, std::move(patch))) world.Count(Mishap::kRuleChanged);
}

// "This and following", in the user interface or by two calls of a program (contract 4.5).
void ChangeFollowing(World& world, const Spot& series) {
  const EventPtr occurrence = DrawOccurrence(world, series);
  if (occurrence == nullptr) return;
  Tell(world, series.calendar, absl::StrCat("a person changes this and following of ", ShortName(world, series)));
  EventPatch change;
  if (Draw(world, 3, "moved too") > 0) Shift(change, *occurrence, 1 + static_cast<int64_t>(Draw(world, 6, "hours later")));
  if (Split(world, series, occurrence->original_start, change)) world.Count(Mishap::kSeriesSplit);
}

// A single event begins to repeat.
void MakeRepeat(World& world) {
  std::vector<Spot> single;
  for (const Spot& spot : LiveEvents(world, Nature::kUserEvent)) {
    const Event& event = EventAt(world, spot);
    if (!event.IsSeriesMaster() && !event.IsOccurrence() && event.span().IsValid()) single.push_back(spot);
  }
  if (single.empty()) return CreateSeries(world);
  const Spot spot = single[Draw(world, single.size(), "which event")];
  const Event& event = EventAt(world, spot);
  Tell(world, spot.calendar, absl::StrCat("a person lets ", ShortName(world, spot), " repeat"));
  EventPatch patch;
  const TimeSpan span = event.span();
  patch.start = StartOf(span);
  patch.end = EndOf(span);
  patch.recurrence = DrawRule(world, EarliestStart(span), span.all_day);
  if (Patch(world, spot, std::move(patch))) world.Count(Mishap::kRuleChanged);
}

}  // namespace

void ActOnSeries(World& world) {
  const uint64_t what = Draw(world, 16, "with a series");
  if (what < 4) return CreateSeries(world);
  if (what == 15) return MakeRepeat(world);
  const std::optional<Spot> series = DrawSeries(world, Nature::kUserEvent, "which series");
  if (!series.has_value()) return CreateSeries(world);
  if (what < 9) return ChangeOccurrence(world, *series);
  if (what < 11) return RestoreOccurrence(world, *series);
  if (what < 13) return ChangeRule(world, *series);
  ChangeFollowing(world, *series);
}

void TouchBlockOfSeries(World& world) {
  const std::optional<Spot> series = DrawSeries(world, Nature::kBlock, "which block");
  if (!series.has_value()) return;
  const EventPtr occurrence = DrawOccurrence(world, *series);
  if (occurrence == nullptr) return;
  const Spot spot{series->calendar, occurrence->id};
  const std::string block = ShortName(world, *series);
  Mishap mishap = Mishap::kBlockRetitled;
  EventPatch patch;
  switch (Draw(world, 5, "touch an occurrence")) {
    case 0:
    case 1:
      Tell(world, spot.calendar, absl::StrCat("a person deletes an occurrence of the block ", block));
      if (Delete(world, spot)) world.Count(Mishap::kBlockDeleted);
      return;
    case 2:
      Tell(world, spot.calendar, absl::StrCat("a person drags an occurrence of the block ", block));
      mishap = Mishap::kBlockDragged;
      Shift(patch, *occurrence, 1 + static_cast<int64_t>(Draw(world, 30, "hours later")));
      break;
    case 3:
      Tell(world, spot.calendar, absl::StrCat("a person edits an occurrence of the block ", block));
      patch.summary = "mine now";
      break;
    default:
      Tell(world, spot.calendar, absl::StrCat("a person changes this and following of the block ", block));
      Shift(patch, *occurrence, 2);
      if (Split(world, *series, occurrence->original_start, patch)) world.Count(Mishap::kBlockSplit);
      return;
  }
  if (Patch(world, spot, std::move(patch))) world.Count(mishap);
}

}  // namespace calsync::sim
