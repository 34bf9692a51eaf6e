// Series as the engine knows them: recurrence lines as text, and occurrences by the ids that Google computes. Contract section 4.
//
// Nothing here expands a rule: text tells at most what a rule never gives, and what it cannot decide is asked of Google
// (events.get, events.instances).

#ifndef CALSYNC_ENGINE_API_RECURRENCE_H_
#define CALSYNC_ENGINE_API_RECURRENCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/api/event_time.h"
#include "engine/api/ids.h"

namespace calsync {

// The start that a series gives to an occurrence: its name within the series, also when it was moved. In the unit of TimeSpan:
// seconds since the Unix epoch, or days if all-day.
struct OriginalStart {
  int64_t start = 0;
  bool all_day = false;
  friend bool operator==(const OriginalStart&, const OriginalStart&) = default;
};

// Of an occurrence; {0, false} if Google left it out.
OriginalStart OriginalStartOf(const Event& occurrence);
EventTime TimeOf(const OriginalStart& original);

// `<master>_<yyyymmdd>T<hhmmss>Z`, all-day `<master>_<yyyymmdd>` (contract 4.3). Google's own id may differ after a split (K-20):
// what it says of an occurrence, `recurringEventId` and `originalStartTime`, counts.
EventId OccurrenceId(absl::string_view master, const OriginalStart& original);

// What makes a series: the zone by whose clock it recurs (empty if all-day), and its lines.
struct SeriesText {
  std::string time_zone;
  std::vector<std::string> lines;
};
// As one text: the zone, then the lines, one a line each. Empty if the event is no master.
std::string PackSeries(const Event& event);
std::string PackSeries(const SeriesText& series);
SeriesText UnpackSeries(absl::string_view packed);

// The latest instant at which an occurrence of the series can start, as far as its text tells: nothing if it may go on for ever,
// or says only how often (COUNT). Days are taken as widely as any zone may.
std::optional<absl::Time> LatestStart(const SeriesText& series, const TimeSpan& first);

// How far the clocks of a series' zone are ahead of UTC, in seconds. All zero for a series of days.
struct SeriesOffsets {
  int64_t at_first = 0;      // At the first occurrence.
  int64_t at_original = 0;   // At the start in question …
  int64_t a_day_before = 0;  // … and a day before that: a local time that the clocks skip is taken with the offset from before.
};

// True if the text alone shows that the series gives no occurrence of this start (K-11): it is no day and no time of day that any
// of its rules ever falls on, or each has ended before it. False where text cannot tell, and always for the first occurrence,
// which any rule gives.
bool NeverGives(const SeriesText& series, const TimeSpan& first, const OriginalStart& original, const SeriesOffsets& offsets);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_RECURRENCE_H_
