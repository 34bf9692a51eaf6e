// When a calendar must be looked at again though nothing happened to it. Most steps concern one calendar; the others are left
// alone until their time comes.
//
// Steady: neither touched since it was last looked at, nor has a time come since then at which anything about its listings,
// channels or rests could change by the clock alone.

#ifndef CALSYNC_ENGINE_DECIDE_WAKE_H_
#define CALSYNC_ENGINE_DECIDE_WAKE_H_

#include <string>

#include "absl/time/time.h"
#include "engine/decide/live_group.h"

namespace calsync {

// Looks at what is not steady, and notes when that must be looked at again. Returns when the first of all is due.
absl::Time NoteWakes(LiveGroup& group);

// Everything may have changed: a command, a start, a clock that was set back.
void TouchAll(LiveGroup& group);

// What is wrong with what was noted, in words: a steady calendar that is due at another time than noted. Empty if nothing is.
std::string VerifyWakes(const LiveGroup& group);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_WAKE_H_
