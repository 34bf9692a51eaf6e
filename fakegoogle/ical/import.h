// Reads calendar exports (.ics, RFC 5545) as events of the API's vocabulary.
//
// Every VEVENT is accounted for: taken, or left out for one of the listed reasons. Series become single events, one per
// occurrence and at most so many a series, until series are mirrored as series; a changed occurrence replaces the one that it
// names, a cancelled one removes it. Deterministic: zones come from the file's own VTIMEZONEs, and only where it has none from
// the machine.

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
  int occurrences_max = 60;  // Of one series.
};

struct ImportReport {
  int read = 0;  // VEVENTs. Always taken + AllLeftOut().
  int taken = 0;
  std::array<int, kLeftOutKinds> left_out{};  // By reason.
  int series = 0;                             // Of those taken.
  int capped_series = 0;                      // … that have more than the stated number of occurrences.
  int events = 0;                             // What was made of those taken.

  int AllLeftOut() const;
};

struct ImportedCalendar {
  std::string name;       // X-WR-CALNAME; may be empty.
  std::string time_zone;  // X-WR-TIMEZONE; "UTC" if there is none.
  // In the order of their starts. No ids: the server makes them. Each iCalUID occurs once: occurrences have their original start
  // in it.
  std::vector<Event> events;
  ImportReport report;
};

// Errors are sentences for people: NotFound if the file cannot be opened, InvalidArgument if it is not iCalendar or breaks off.
absl::StatusOr<ImportedCalendar> ReadCalendarFile(const std::string& path, const ImportOptions& options = {});

// The same for text; `name` stands for it in errors.
absl::StatusOr<ImportedCalendar> ReadCalendar(absl::string_view text, absl::string_view name, const ImportOptions& options = {});

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_IMPORT_H_
