// Desired minus records: which blocks are planned, made anew, or given up. Emits no calls: what a row owes follows from the row.
//
// Reconciling a settled group changes nothing (L4).

#ifndef CALSYNC_ENGINE_DECIDE_RECONCILE_H_
#define CALSYNC_ENGINE_DECIDE_RECONCILE_H_

#include <cstdint>
#include <optional>

#include "engine/decide/live_group.h"

namespace calsync {

// Marks the user events that the clock made due since (horizons move with time).
void WakeSources(LiveGroup& group);

// Every slot of the user events marked dirty. Then none is dirty.
void ReconcileDirty(LiveGroup& group);

// Marks the user event, and the other copies of its meeting, for reconciling.
void MarkSourceDirty(LiveGroup& group, RowIndex source);
// The source of a block; nothing if it is unbound.
void MarkSourceOfDirty(LiveGroup& group, RowIndex block);
void MarkAllSourcesDirty(LiveGroup& group);

// What Google refused on the calendar may be accepted now.
void ReleaseParked(LiveGroup& group, CalendarKey calendar);

// The block of the slot, bound or still forgotten.
std::optional<RowIndex> FindBlockOf(const LiveGroup& group, const Record& source, CalendarKey target);

// What becomes of a block, decided anew: earlier failures to get there do not count.
void SetStatus(LiveGroup& group, RowIndex block, RecordEvent event);
// What a person did to the block binds us no longer, and what was split off it goes.
void Release(LiveGroup& group, RowIndex block);

// Puts the row at the id of a generation that was never used. The status is the caller's to set.
void StepGeneration(LiveGroup& group, RowIndex block);
// Nothing is known of the row's event any more: it is this generation's from now on.
void BeginGeneration(Record& block, uint32_t generation);
// What lay where the block was stays known.
Record CopyLeftBy(const Record& block);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_RECONCILE_H_
