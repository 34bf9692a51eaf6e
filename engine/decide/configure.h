// A new configuration, and what else the operator says.

#ifndef CALSYNC_ENGINE_DECIDE_CONFIGURE_H_
#define CALSYNC_ENGINE_DECIDE_CONFIGURE_H_

#include <memory>

#include "absl/time/time.h"
#include "engine/decide/live_group.h"
#include "engine/host/input.h"

namespace calsync {

// Sets the group up from its configuration and what was stored. Calendars that are new get fresh rows.
void SetUp(LiveGroup& group, GroupConfig config, GroupImage stored);

// What the first input brings with it besides its being the first: enough to ask what is due, and to drive nothing.
void LookAt(LiveGroup& group, absl::Time now, std::shared_ptr<const ZoneTable> zones);

// The first input: what may have been under way when the engine before this one ended is in doubt, and every calendar is dirty.
void OnStarted(LiveGroup& group, const Started& started);

void OnCommand(LiveGroup& group, const OperatorCommand& command);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_CONFIGURE_H_
