// Reads calendar exports (.ics, RFC 5545) as events of the API's vocabulary.
//
// Every VEVENT is accounted for: taken, or left out for one of the listed reasons. Series are kept as series, with their changed
// and cancelled occurrences as exceptions; or, if so asked, become single events, one per occurrence and at most so many a
// series: then a changed occurrence replaces the one that it names, and a cancelled one removes it.
//
// Times are read by the file's own VTIMEZONEs, and only where it has none by the machine's zones. A series needs a zone that
// Google knows: a name of Windows, a path that ends in a known name, the location that a VTIMEZONE claims, or else a known zone
// whose clock agrees with the VTIMEZONE for the years around the start; without any of them it is left out.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_IMPORT_H_
#define CALSYNC_FAKEGOOGLE_ICAL_IMPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/api/event.h"

namespace calsync::ical {

enum class LeftOut : uint8_t {
  kCancelled,  // A deleted event, or a cancelled occurrence of a series that is not in the file.
  kNoStart,
  kNoLength,    // It ends when it begins, or before: Google refuses it (C-6).
  kMixedTimes,  // One of start and end is a date, the other a time.
  kUnknownZone,
  kUnreadable,   // A date, rule or time that decides cannot be read.
  kNothingLeft,  // A series whose every occurrence is excluded.
  kBeyondMax,    // A changed occurrence that comes after the last one taken of its series.
  kFromHereOn,   // It changes an occurrence and all after it at once, which Google's exports never do.
  kDuplicate,    // The same UID (and occurrence) again; the highest SEQUENCE is taken, then the first.
};
inline constexpr size_t kLeftOutKinds = 10;
absl::string_view Name(LeftOut reason);  // In words: "cancelled", "ends when it begins, or before".

struct ImportOptions {
  bool keep_series = false;
  int occurrences_max = 60;  // Of one series that is not kept.
};

struct ImportReport {
  int read = 0;  // VEVENTs. Always taken + AllLeftOut().
  int taken = 0;
  std::array<int, kLeftOutKinds> left_out{};  // By reason.
  int series = 0;                             // Of those taken.
  int exceptions = 0;                         // Of those taken: changed and cancelled occurrences, where series are kept.
  int capped_series = 0;                      // … that have more than the stated number of occurrences.
  int events = 0;                             // What was made of those taken.

  int AllLeftOut() const;
};

struct ImportedCalendar {
  std::string name;       // X-WR-CALNAME; may be empty.
  std::string time_zone;  // X-WR-TIMEZONE; "UTC" if there is none.
  bool keeps_series = false;
  // In the order of their starts. No ids: the server makes them. Each iCalUID occurs once: occurrences have their original start
  // in it. Where series are kept, they and their exceptions have the ids that the server would give them for their UID,
  // exceptions come after all others, and have the UID of their series; it may be missing, or give that occurrence no more.
  std::vector<Event> events;
  ImportReport report;
};

// Errors are sentences for people: NotFound if the file cannot be opened, InvalidArgument if it is not iCalendar or breaks off.
absl::StatusOr<ImportedCalendar> ReadCalendarFile(const std::string& path, const ImportOptions& options = {});

// The same for text; `name` stands for it in errors.
absl::StatusOr<ImportedCalendar> ReadCalendar(absl::string_view text, absl::string_view name, const ImportOptions& options = {});

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_IMPORT_H_
