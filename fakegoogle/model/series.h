// What is special about series: the names of occurrences, how one looks that nobody changed, and how a change of the series
// reaches those that somebody did. Pure.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_SERIES_H_
#define CALSYNC_FAKEGOOGLE_MODEL_SERIES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "engine/api/ids.h"

namespace calsync::fake {

// "abc_20261012T070000Z", "abc_20261012" (C-61) in its parts.
struct OccurrenceName {
  EventId base;        // "abc".
  EventTime original;  // In UTC, or a date.
};
std::optional<OccurrenceName> ParseOccurrenceId(const EventId& id);

// "20261012T070000Z" or "20261012".
std::string StampOf(const EventTime& original);
// `derived`: ids of a series that a split made keep its "_R…" (K-20).
EventId OccurrenceId(const EventId& master, const EventTime& original, bool derived);

// "abc" of "abc_R20261012T070000", which a split of "abc" made (contract 4.5); any other id as it is.
absl::string_view BaseOfSplit(absl::string_view master);
EventId SplitId(const EventId& master, const EventTime& original);

// A series' point in time that names an occurrence, comparable: all-day ones apart from timed ones.
struct OriginalKey {
  bool all_day = false;
  int64_t value = 0;  // Days or seconds since 1970-01-01.
  friend auto operator<=>(const OriginalKey&, const OriginalKey&) = default;
};
OriginalKey KeyOf(const EventTime& original);
// The start of a span, on the clock of the series.
EventTime OriginalOf(const TimeSpan& span, const Event& master);

// The occurrence as a get shows it while nobody has changed it: the series' fields, properties and etag (contract 1.4, 4.2).
Event MakeOccurrence(const Event& master, const TimeSpan& span, EventId id);

// Contract 4.4: what the exception does not override follows the series. `old_span` and `new_span` are what the series gave and
// gives for its original start. Properties are the exception's own (contract 1.4).
void Inherit(const Event& old_master, const Event& new_master, const std::optional<TimeSpan>& old_span,
             const std::optional<TimeSpan>& new_span, Event& exception);

// Contract 1.2: how little others may see. Making an occurrence stricter makes the series stricter, making it laxer is ignored.
int Strictness(Visibility visibility);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_SERIES_H_
