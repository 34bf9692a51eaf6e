#include "engine/api/event_time.h"

#include "absl/strings/str_cat.h"

namespace calsync {
namespace {

EventTime Point(int64_t value, bool all_day) {
  return all_day ? EventTime::Date(kEpochDay + value) : EventTime::At(absl::FromUnixSeconds(value), "UTC");
}

// Time zones reach from UTC-12 to UTC+14.
constexpr absl::Duration kFurthestWest = absl::Hours(12);
constexpr absl::Duration kFurthestEast = absl::Hours(14);

absl::Time MidnightUtc(int64_t day) { return absl::FromUnixSeconds(day * 86400); }

std::string FormatPoint(int64_t value, bool all_day) {
  if (all_day) return absl::FormatCivilTime(kEpochDay + value);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(value), absl::UTCTimeZone());
}

}  // namespace

TimeSpan SpanOf(const EventTime& start, const EventTime& end) {
  if (start.kind != end.kind || start.kind == EventTime::Kind::kAbsent) return {};
  if (start.kind == EventTime::Kind::kDate) return {start.date - kEpochDay, end.date - kEpochDay, true};
  return {absl::ToUnixSeconds(start.instant), absl::ToUnixSeconds(end.instant), false};
}

EventTime StartOf(const TimeSpan& span) { return Point(span.start, span.all_day); }
EventTime EndOf(const TimeSpan& span) { return Point(span.end, span.all_day); }

absl::Time LatestEnd(const TimeSpan& span) {
  return span.all_day ? MidnightUtc(span.end) + kFurthestWest : absl::FromUnixSeconds(span.end);
}

absl::Time EarliestStart(const TimeSpan& span) {
  return span.all_day ? MidnightUtc(span.start) - kFurthestEast : absl::FromUnixSeconds(span.start);
}

std::string FormatSpan(const TimeSpan& span) {
  return absl::StrCat(FormatPoint(span.start, span.all_day), "/", FormatPoint(span.end, span.all_day));
}

}  // namespace calsync
