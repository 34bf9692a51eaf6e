// events.instances: the occurrences of one series, with those that somebody changed as they are now (contract 3.7).

#ifndef CALSYNC_FAKEGOOGLE_MODEL_INSTANCES_H_
#define CALSYNC_FAKEGOOGLE_MODEL_INSTANCES_H_

#include <cstdint>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "fakegoogle/model/calendars.h"
#include "fakegoogle/model/feed.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/tokens.h"

namespace calsync::fake {

// The page for a caller who may read the calendar with `role`; in the order of original starts. A window is about the times at
// which occurrences are, not at which the series put them. An event that is no series has no instances: an empty page. An endless
// series ends at the horizon (C-33). Lags as lists do; `bent` becomes true if the series, or an occurrence of it, has changed
// since what the page shows.
Reply InstancesPage(const Calendar& calendar, uint32_t number, AccessRole role, const ListInstances& request, const Knobs& knobs,
                    const Conditions& conditions, const TokenMint& mint, absl::Time now, bool& bent);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_INSTANCES_H_
