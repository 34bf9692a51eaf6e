// What is left of a group that is to be removed: its blocks have to go first, and some may lie where nobody can take them away.

#ifndef CALSYNC_TOOLS_REMOVAL_H_
#define CALSYNC_TOOLS_REMOVAL_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "engine/engine.h"
#include "engine/state/ids.h"

namespace calsync::tools {

struct Remains {
  std::string words;          // What, and why; empty: nothing is left.
  bool out_of_reach = false;  // All of it lies on calendars that cannot be read or written: nobody need wait for it.
};

// Of a group of which nothing is due any more, as its rows tell it. `lost`: calendars whose account's grant is lost, as the
// caller knows.
Remains RemainsOf(const Engine& engine, absl::Span<const CalendarKey> lost = {});

// Calendars that Google refused to show to this very engine: it asks again, ever more rarely, and who waits for a group to be
// removed may give them up.
std::vector<CalendarKey> RefusedTo(const Engine& engine);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_REMOVAL_H_
