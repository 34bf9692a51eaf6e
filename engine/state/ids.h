// Our own names. Google's are in engine/api/ids.h.

#ifndef CALSYNC_ENGINE_STATE_IDS_H_
#define CALSYNC_ENGINE_STATE_IDS_H_

#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync {

using CorrelationId = Uuid<struct CorrelationIdTag>;  // Names one tracked event for life.
using InstanceId = Uuid<struct InstanceIdTag>;        // Names one CalSync installation.
using SlotHash = Uuid<struct SlotHashTag>;            // Names a (source event, target calendar) pair; see block_id.h.
using GroupId = StrongId<struct GroupIdTag>;          // Names a sync group within an installation.

// A random number that names a linked calendar for ever. It lives in the configuration, outlives the database, and stays the same
// when the Google calendar behind it gets another id.
using CalendarKey = StrongNumber<struct CalendarKeyTag>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_IDS_H_
