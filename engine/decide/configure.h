// A new configuration, and what else the operator says.

#ifndef CALSYNC_ENGINE_DECIDE_CONFIGURE_H_
#define CALSYNC_ENGINE_DECIDE_CONFIGURE_H_

#include "engine/decide/live_group.h"
#include "engine/host/input.h"

namespace calsync {

// Sets the group up from its configuration and what was stored. Calendars that are new get fresh rows.
void SetUp(LiveGroup& group, GroupConfig config, GroupImage stored);

// The first input: what may have been under way when the engine before this one ended is in doubt, and every calendar is dirty.
void OnStarted(LiveGroup& group, const Started& started);

void OnCommand(LiveGroup& group, const OperatorCommand& command);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_CONFIGURE_H_
