// What follows for the records when Google shows an event: in a listing, in answer to a read, or in answer to our own write.

#ifndef CALSYNC_ENGINE_DECIDE_OBSERVE_H_
#define CALSYNC_ENGINE_DECIDE_OBSERVE_H_

#include <cstdint>

#include "engine/api/event.h"
#include "engine/decide/classify.h"
#include "engine/decide/live_group.h"

namespace calsync {

// How much an event that was shown proves. A listing may lag (S-7): a row of it never contradicts an end of life by itself.
enum class Evidence : uint8_t {
  kList,
  kRead,    // events.get.
  kAnswer,  // The body of our own successful write.
};

// Classifies the event and takes over what it shows. Counts it if it came in a listing.
Verdict Observe(LiveGroup& group, LiveCalendar& calendar, const Event& event, Evidence evidence);

// Takes over the answer to an insert or update of a block that carried content with this fingerprint and these times.
void ObserveWritten(LiveGroup& group, RowIndex block, const Event& event, uint64_t content, const TimeSpan& span);

// The event of the row is not there any more: settled by a read, by absence that was confirmed, or by our own delete.
enum class End : uint8_t {
  kCancelled,  // Google showed it as cancelled, or answered 410.
  kAbsent,     // 404, on a calendar that was proven readable since.
};
void ObserveEnd(LiveGroup& group, RowIndex row, End end);
// Our own delete of the row's event is done.
void ObserveDeleted(LiveGroup& group, RowIndex row);

// What a person's deletion of a block means, by policy.
void RespectOrRecreate(LiveGroup& group, RowIndex row);

// What we know about the row's event is doubtful: it will be read.
void Doubt(LiveGroup& group, RowIndex row);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_OBSERVE_H_
