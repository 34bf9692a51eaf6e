// Other programs with a grant of their own: one replaces events from its own model and so strips tags (A1, A2), one copies events
// (A7), one rewrites the times of blocks for ever (A4), one deletes what it does not know (A6), one writes keys like ours (A8,
// A10).

#ifndef CALSYNC_SCENARIOS_ACTORS_PROGRAMS_H_
#define CALSYNC_SCENARIOS_ACTORS_PROGRAMS_H_

#include "scenarios/world.h"

namespace calsync::sim {

void StripperActs(World& world);
void CopierActs(World& world);
void FighterActs(World& world);
void CleanerActs(World& world);
void ManglerActs(World& world);
// A5: mirrors the events of one calendar, our blocks with them, to another, as its own events; it follows them, and knows no
// tags.
void MirrorProductActs(World& world);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_ACTORS_PROGRAMS_H_
