// The occurrences that the lines of a series give, made ready for questions: is this start one of them, and which lie in a
// window.
//
// Expanded as far as somebody asked and kept, so that a question costs a search and not an expansion; no object of libical lives
// here. A value. Not for two threads at once: questions fill it.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_SCHEDULE_H_
#define CALSYNC_FAKEGOOGLE_ICAL_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "fakegoogle/ical/expand.h"

namespace calsync::ical {

// What a program may not write: lines that are no recurrence lines or cannot be read or followed, COUNT beside UNTIL, rules by
// the hour and less, zones that nobody knows (C-64). InvalidArgument with the reason, NotFound for a zone.
absl::Status CheckLines(const Event& master);

// The lines of a series that is split at one of its occurrences (C-66); see Cut.
absl::StatusOr<Halves> CutLines(const Event& master, const TimeSpan& at);

class Schedule {
 public:
  // Of a series as it is stored. What cannot be followed is left out (C-69): lines that cannot be read, a zone that is not known
  // (the times count as UTC).
  explicit Schedule(const Event& master);

  // True if it was made for the same start, end, zone and lines.
  bool IsFor(const Event& master) const;

  // The occurrence of this original start, with the length that the series gives it; nothing if the series gives none.
  std::optional<TimeSpan> Find(const EventTime& original) const;
  // All that start before `end`, in the order of time. In seconds or in days since 1970-01-01, as the series is timed or all-day.
  absl::Span<const TimeSpan> Before(int64_t end) const;
  // The first.
  std::optional<TimeSpan> First() const;
  bool all_day() const { return series_.start.is_date; }

 private:
  // Makes sure of all that start at or before `last`.
  void Reach(absl::Time last) const;

  EventTime start_;
  EventTime end_;
  std::vector<std::string> lines_;
  Series series_;
  mutable std::vector<TimeSpan> spans_;
  mutable absl::Time reached_ = absl::InfinitePast();
  mutable bool complete_ = false;
};

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_SCHEDULE_H_
