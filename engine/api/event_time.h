// When an event begins or ends: a date (all-day) or an instant with the zone that it was written in.

#ifndef CALSYNC_ENGINE_API_EVENT_TIME_H_
#define CALSYNC_ENGINE_API_EVENT_TIME_H_

#include <cstdint>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace calsync {

inline constexpr absl::CivilDay kEpochDay(1970, 1, 1);
inline constexpr int64_t kSecondsPerDay = 86400;  // Of civil time.

struct EventTime {
  enum class Kind : uint8_t { kAbsent, kDate, kDateTime };

  Kind kind = Kind::kAbsent;
  absl::CivilDay date;    // kDate only.
  absl::Time instant;     // kDateTime only; whole seconds (contract 1.2, "rendering").
  std::string time_zone;  // As sent with the event; empty if none was. Never part of a comparison (S-13).

  static EventTime Date(absl::CivilDay date) { return {Kind::kDate, date, absl::Time(), ""}; }
  static EventTime At(absl::Time instant, std::string time_zone = "") {
    return {Kind::kDateTime, absl::CivilDay(), instant, static_cast<std::string&&>(time_zone)};
  }
};

// Start and end of an event in comparable form: seconds since the Unix epoch, or for all-day events days since 1970-01-01.
// The end is exclusive. Two events occupy the same time exactly when their spans are equal (S-13).
struct TimeSpan {
  int64_t start = 0;
  int64_t end = 0;
  bool all_day = false;

  // False for what cannot be mirrored: zero or negative length (C-6, S-14).
  bool IsValid() const { return start < end; }
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

// The span of [start, end); an empty one {0, 0} if either is absent or the two are of different kinds.
TimeSpan SpanOf(const EventTime& start, const EventTime& end);

// The inverse. Instants are given in UTC.
EventTime StartOf(const TimeSpan& span);
EventTime EndOf(const TimeSpan& span);

// The latest instant at which the span may be going on in any zone of the world.
absl::Time LatestEnd(const TimeSpan& span);
// The earliest, likewise.
absl::Time EarliestStart(const TimeSpan& span);

// "2026-05-04T08:00:00Z/2026-05-04T08:30:00Z", or "2026-05-04/2026-05-05" for all-day.
std::string FormatSpan(const TimeSpan& span);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_EVENT_TIME_H_
