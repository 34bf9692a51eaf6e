// The rules of the machine's time zones, as engines get them. Loading a zone opens a file: here, and once.

#ifndef CALSYNC_ADAPTER_RUNNER_ZONES_H_
#define CALSYNC_ADAPTER_RUNNER_ZONES_H_

#include <memory>

#include "engine/state/group.h"
#include "engine/state/zones.h"

namespace calsync::adapter {

// True if some policy of the group asks what time it is somewhere.
bool NeedsZones(const GroupConfig& config);

// All zones that the machine knows by an IANA name, aliases among them. Takes a moment: only policies with hours need it.
std::shared_ptr<const ZoneTable> MachineZones();

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_ZONES_H_
