// What follows when one of our blocks is shown, or is gone: edited, deleted, moved, of a generation before or after ours.

#ifndef CALSYNC_ENGINE_DECIDE_OBSERVE_BLOCK_H_
#define CALSYNC_ENGINE_DECIDE_OBSERVE_BLOCK_H_

#include <cstdint>

#include "engine/decide/classify.h"
#include "engine/decide/evidence.h"

namespace calsync {

// The policy of the direction that the block is of.
const DirectionPolicy& PolicyOf(const LiveGroup& group, const Record& block);

// A version of a block that we hold a record of.
void ObserveBlock(LiveGroup& group, RowIndex row, const Event& event);
// A block whose record was lost.
void AddForgotten(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known);
// A generation later than the record's. It decides for its slot.
void TakeNewerGeneration(LiveGroup& group, RowIndex row, const Event& event, const CertifiedId& certified);
// A live block of an earlier generation than its slot's: surplus.
void ObserveSuperseded(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known,
                       Evidence evidence);
// What is left of a block that has no record, or not of this generation.
void ObserveTombstone(LiveGroup& group, const LiveCalendar& calendar, const Event& event, const Classified& known);

// Takes over the answer to an insert or update of a block that carried content with this fingerprint and these times.
void ObserveWritten(LiveGroup& group, RowIndex block, const Event& event, uint64_t content, const TimeSpan& span);

// A person moved the block from `home` to another calendar if it lies there under its own id, as the main copy, and our record at
// home was live until a cancellation that no call of ours explains. It is removed where it landed.
void RemoveIfMoved(LiveGroup& group, CalendarKey home, const EventId& event);

// What a person's deletion of a block means, by policy.
void RespectOrRecreate(LiveGroup& group, RowIndex row);

// The block is gone. `restored`: the database may be older than its end.
void EndOfBlock(LiveGroup& group, RowIndex row, End end, bool restored);
// A block is gone that was there when its slot went on to a later generation, not by us.
void EndOfLeftBehind(LiveGroup& group, RowIndex row, bool restored);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OBSERVE_BLOCK_H_
