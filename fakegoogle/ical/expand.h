// The occurrences of a series, by RFC 5545 and contract section 4.1.
//
// By the wall clock of the series' zone, so that occurrences keep their local time when the clocks change (C-60); all-day series
// by date, without a zone. A wall-clock time that the clocks skip is taken with the offset from before the gap, so it shows later
// on the clock; one that comes twice is the first of the two; a length is exact, so an occurrence over a change of the clocks
// ends at another hour (RFC 5545, 3.3.5 and 3.8.5.3).
//
// What Google stores against the RFC (S-20, contract 4.1) is normalised: an UNTIL or EXDATE of the other kind counts by its date,
// DTSTART is always the first occurrence, and a yearly rule with BYMONTHDAY alone keeps to the month of its start.

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
// The rules that this machine has, by the name that IANA gave a zone and by no other name of a file; read once a
// thread. Names that are none are looked up each time, and not remembered.
std::optional<absl::TimeZone> MachineZone(absl::string_view zone);
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
// The same for those whose original start is not after `last`, and at most `max` of them.
absl::StatusOr<Expansion> ExpandUntil(const Series& series, absl::Time last, int max, ZoneRules zones);

// The lines of a series that is cut at an original start: what gives the occurrences before it, and what those from it on. COUNT
// is divided; else the first part ends by UNTIL just before the cut (C-66). Errors as of Expand.
struct Halves {
  std::vector<std::string> before;
  std::vector<std::string> after;
};
absl::StatusOr<Halves> Cut(const Series& series, const WrittenTime& at, ZoneRules zones);

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_EXPAND_H_
