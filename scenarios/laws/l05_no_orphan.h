// L5 no orphan: at rest no live block lacks a live source that is due there, and every live block of this group has its row. S11.
// A block that a person moved is gone from where it landed.

#ifndef CALSYNC_SCENARIOS_LAWS_L05_NO_ORPHAN_H_
#define CALSYNC_SCENARIOS_LAWS_L05_NO_ORPHAN_H_

#include <string>

#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

std::string CheckNoOrphan(const RestView& view);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L05_NO_ORPHAN_H_
