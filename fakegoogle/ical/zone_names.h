// Names of time zones that calendar exports use besides those of the IANA.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_ZONE_NAMES_H_
#define CALSYNC_FAKEGOOGLE_ICAL_ZONE_NAMES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace calsync::ical {

// "W. Europe Standard Time" is "Europe/Berlin": the zone that CLDR names first for one of Windows. Empty if it is none.
absl::string_view ZoneOfWindows(absl::string_view name);

// One zone for each clock that many people live by, the best known first: where a file defines a clock of its own, its zone is
// looked for among these.
absl::Span<const absl::string_view> CommonZones();

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_ZONE_NAMES_H_
