// Moving over from the system before this one: its blocks become ours, or go, or turn out to be a person's events.
//
// The operator's word starts it; what it decides is in records before anything is sent, and what is owed follows from them. So it
// may end at any moment, and be begun again: what is adopted is no text-marked event any more.

#ifndef CALSYNC_ENGINE_DECIDE_MIGRATE_H_
#define CALSYNC_ENGINE_DECIDE_MIGRATE_H_

#include "engine/decide/live_group.h"

namespace calsync {

// Every text-marked event that is the block for just one event becomes that slot's. The others stay as they are.
void AdoptPairs(LiveGroup& group, const AdoptLegacy& command);

// What the operator says about one text-marked event: a person's, which blocks from now on like any other; or a block of the
// system before this one, which becomes the slot's of the event that it is for, and goes if there is none. Nothing happens if the
// event is not known as text-marked, or is in doubt, as is the one that it is for: it stays unsettled, and may be settled again.
void Settle(LiveGroup& group, const SettleLegacy& command);

// The event at the place, a text-marked one or one that certifies that it was adopted, takes over the slot of a block that was
// planned and never asked for, or is deleted.
void TakeOverSlot(LiveGroup& group, RowIndex seen, RowIndex block);
// True if nothing of ours is, or may be, at Google under the block's id.
bool MayBeTakenOver(const LiveGroup& group, RowIndex block);

// The adopted block shows a single event, and its source recurs: it gives way to a block of our own making.
void GiveWayToSeries(LiveGroup& group, RowIndex block);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_MIGRATE_H_
