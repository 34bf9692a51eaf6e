// What older versions of the engine left in the database, put right before anything is decided by it.

#ifndef CALSYNC_ENGINE_DECIDE_STORED_ROWS_H_
#define CALSYNC_ENGINE_DECIDE_STORED_ROWS_H_

#include "engine/decide/live_group.h"

namespace calsync {

// At a start. Two rows of sources that turned out to be one occurrence may have left a slot that is named after another source
// than the row's, or a source that has another correlation id by now: planning one for that source would meet its slot taken, and
// its end has no source (L2, L3).
void PutStoredRowsRight(LiveGroup& group);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_STORED_ROWS_H_
