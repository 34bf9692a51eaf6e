#include "engine/api/recurrence.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace calsync {
namespace {

const absl::CivilDay kEpochDay(1970, 1, 1);
constexpr absl::Duration kAnyZone = absl::Hours(26);  // A written day or local time is at most so much off its UTC reading.

// "20260504", "20260504T100000" or "20260504T100000Z": the latest instant that it can mean; nothing if it is no such text.
std::optional<absl::Time> LatestReading(absl::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() < 8 || !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(4, 2), &month) ||
      !absl::SimpleAtoi(text.substr(6, 2), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay date(year, month, day);
  return absl::FromCivil(date + 1, absl::UTCTimeZone()) + kAnyZone;
}

// The value of `name=` in an RRULE line; nothing if it is not there.
std::optional<absl::string_view> PartOf(absl::string_view rule, absl::string_view name) {
  const size_t colon = rule.find(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  for (const absl::string_view part : absl::StrSplit(rule.substr(colon + 1), ';')) {
    if (part.size() > name.size() && absl::StartsWithIgnoreCase(part, name) && part[name.size()] == '=') {
      return part.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

}  // namespace

OriginalStart OriginalStartOf(const Event& occurrence) {
  const EventTime& original = occurrence.original_start;
  if (original.kind == EventTime::Kind::kAbsent) return {};
  if (original.kind == EventTime::Kind::kDate) return {original.date - kEpochDay, true};
  return {absl::ToUnixSeconds(original.instant), false};
}

EventTime TimeOf(const OriginalStart& original) { return StartOf(TimeSpan{original.start, original.start, original.all_day}); }

EventId OccurrenceId(absl::string_view master, const OriginalStart& original) {
  if (original.all_day) {
    const absl::CivilDay day = kEpochDay + original.start;
    return EventId(
        absl::StrCat(master, "_", absl::FormatTime("%Y%m%d", absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone())));
  }
  return EventId(
      absl::StrCat(master, "_", absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixSeconds(original.start), absl::UTCTimeZone())));
}

std::string PackSeries(const Event& event) {
  if (!event.IsSeriesMaster()) return "";
  std::string packed = event.start.kind == EventTime::Kind::kDateTime ? event.start.time_zone : std::string();
  for (const std::string& line : event.recurrence) absl::StrAppend(&packed, "\n", line);
  return packed;
}

SeriesText UnpackSeries(absl::string_view packed) {
  SeriesText series;
  if (packed.empty()) return series;
  std::vector<std::string> parts = absl::StrSplit(packed, '\n');
  series.time_zone = std::move(parts.front());
  parts.erase(parts.begin());
  series.lines = std::move(parts);
  return series;
}

std::optional<absl::Time> LatestStart(const SeriesText& series, const TimeSpan& first) {
  absl::Time latest = LatestEnd({first.start, first.start, first.all_day});
  for (const absl::string_view line : series.lines) {
    if (absl::StartsWithIgnoreCase(line, "EXDATE") || absl::StartsWithIgnoreCase(line, "EXRULE")) continue;
    std::optional<absl::Time> reading;
    if (absl::StartsWithIgnoreCase(line, "RRULE")) {
      const std::optional<absl::string_view> until = PartOf(line, "UNTIL");
      if (until.has_value()) reading = LatestReading(*until);
    } else if (absl::StartsWithIgnoreCase(line, "RDATE")) {
      const size_t colon = line.find(':');
      if (colon == absl::string_view::npos) return std::nullopt;
      for (const absl::string_view date : absl::StrSplit(line.substr(colon + 1), ',')) {
        const std::optional<absl::Time> read = LatestReading(date);
        if (!read.has_value()) return std::nullopt;
        reading = std::max(reading.value_or(absl::InfinitePast()), *read);
      }
    }
    if (!reading.has_value()) return std::nullopt;
    latest = std::max(latest, *reading);
  }
  return latest;
}

}  // namespace calsync
