// What an event that Google shows, or shows no more, proves; what a row keeps of it; and the doubt that is left.

#ifndef CALSYNC_ENGINE_DECIDE_EVIDENCE_H_
#define CALSYNC_ENGINE_DECIDE_EVIDENCE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "engine/api/event.h"
#include "engine/decide/live_group.h"

namespace calsync {

// How much an event that was shown proves. A listing may lag (S-7): a row of it never contradicts an end of life by itself.
enum class Evidence : uint8_t {
  kList,
  kRead,    // events.get.
  kAnswer,  // The body of our own successful write.
};

// The event of the row is not there any more: settled by a read, by absence that was confirmed, or by our own delete.
enum class End : uint8_t {
  kCancelled,  // Google showed it as cancelled, or answered 410.
  kAbsent,     // 404, on a calendar that was proven readable since.
};

// `updated` in milliseconds since 1970; 0 if the event has none.
int64_t UpdatedMs(const Event& event);

// What every kind of row keeps of what was shown.
void TakeVersion(const LiveGroup& group, Record& record, const Event& event);

// True if the row's event was shown at `since` or later. A time that is yet to come was told by a clock that was set back since,
// and proves nothing.
bool WasSeenSince(const LiveGroup& group, const Record& record, absl::Time since);

// What is known of the row's event may not be so any more.
inline bool IsInDoubt(const Record& record) { return record.must_read || record.absent; }

// What we know about the row's event is doubtful: it will be read.
void Doubt(LiveGroup& group, RowIndex row);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_EVIDENCE_H_
