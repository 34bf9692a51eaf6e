// The occurrences of a series, by RFC 5545 and contract section 4.1.
//
// By the wall clock of the series' zone, so that occurrences keep their local time when the clocks change (C-60); all-day series
// by date, without a zone. What Google stores against the RFC (S-20) is normalised: an UNTIL or EXDATE of the other kind counts
// by its date, and DTSTART is always the first occurrence.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_EXPAND_H_
#define CALSYNC_FAKEGOOGLE_ICAL_EXPAND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/api/event_time.h"

namespace calsync::ical {

// The rules of time zones: when a wall clock in `zone` shows `local`; nothing if the zone is not known. "UTC" is always known.
using ZoneRules = absl::FunctionRef<std::optional<absl::Time>(absl::CivilSecond local, absl::string_view zone)>;
// The rules that this machine has.
std::optional<absl::Time> MachineZones(absl::CivilSecond local, absl::string_view zone);

// A date, or a time as it is written: on which clock, and what it shows.
struct WrittenTime {
  bool is_date = false;
  absl::CivilSecond local;
  std::string zone;  // Empty for a date.
  // The instant (midnight UTC for a date); nothing if the zone is not known.
  std::optional<absl::Time> Instant(ZoneRules zones) const;
};

// Reads "20260504", "20260504T100000" or "20260504T080000Z". `zone` names the clock if the text does not; nothing if it is no
// such text.
std::optional<WrittenTime> ParseWrittenTime(absl::string_view text, absl::string_view zone);

// A series: its first occurrence, its rules, and the lengths that all have.
struct Series {
  WrittenTime start;
  absl::Duration length;           // Whole days if all-day. Positive.
  std::vector<std::string> lines;  // "RRULE:…", "EXRULE:…", "RDATE;…:…", "EXDATE;…:…".
};

struct Occurrence {
  EventTime start;
  EventTime end;
  absl::Time original;  // Names the occurrence: its start as the series gives it (midnight UTC of the date if all-day).
};

struct Expansion {
  std::vector<Occurrence> occurrences;  // In the order of time.
  bool more = false;                    // There are others after these.
};

// The first `max` occurrences. Errors: InvalidArgument for a rule that cannot be read, NotFound for an unknown zone.
absl::StatusOr<Expansion> Expand(const Series& series, int max, ZoneRules zones);

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_EXPAND_H_
