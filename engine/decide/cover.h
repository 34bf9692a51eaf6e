// Policy `already_busy: exact`: what covers a slot, so that no new block is made in it.
//
// A slot is covered while its target shows a live event of anyone, who is busy then, our other blocks included, with exactly the
// source's times. Cover never removes a block. When what covered goes, the block is made only after one poll interval: a product
// that mirrors our blocks needs time to follow them.

#ifndef CALSYNC_ENGINE_DECIDE_COVER_H_
#define CALSYNC_ENGINE_DECIDE_COVER_H_

#include "engine/decide/live_group.h"

namespace calsync {

// True if a direction asks for it.
bool AsksForCover(const GroupConfig& config);

// REQUIRES: a direction asks for it (see FollowCover).
bool IsCovered(const LiveGroup& group, const Record& source, CalendarKey target);

// Takes in what rows that changed cover now. Sources whose slot lost its cover are marked.
void FollowCover(LiveGroup& group);
void FollowCoverOf(LiveGroup& group, RowIndex row);

// After a new configuration: begins to follow all rows, or stops.
void ResetCover(LiveGroup& group);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_COVER_H_
