// The time zones of simulated calendars and series, and their rules as engines get them. Loading a zone opens files: here, and
// once.

#ifndef CALSYNC_SCENARIOS_ZONES_H_
#define CALSYNC_SCENARIOS_ZONES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/state/zones.h"

namespace calsync::sim {

// IANA names, UTC first: behind and ahead of UTC, with and without summer time, with halves of hours, and beyond the date line.
const std::vector<std::string>& ZoneNames();
// Those in which people make series, whatever zone their calendars are in.
const std::vector<std::string>& SeriesZoneNames();
// True and the zone, if it is one of ZoneNames().
bool FindZone(absl::string_view name, absl::TimeZone& zone);

// The rules of all of these.
std::shared_ptr<const ZoneTable> KnownZones();

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ZONES_H_
