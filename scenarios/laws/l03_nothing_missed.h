// L3 nothing missed: at rest every due slot has its block, with equal times and the text that the policy names. S13, LV1.
//
// A slot may be empty, or its block differ, only for a reason that the engine recorded and the ground truth bears out. And what
// was respected when all was at rest stays respected until what is mirrored changes.

#ifndef CALSYNC_SCENARIOS_LAWS_L03_NOTHING_MISSED_H_
#define CALSYNC_SCENARIOS_LAWS_L03_NOTHING_MISSED_H_

#include <string>

#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

std::string CheckNothingMissed(const RestView& view);

// Why the slot may be empty; empty text: for no reason.
std::string ReasonForEmpty(const RestView& view, size_t slot);
// What is wrong with how the block looks; empty: nothing.
std::string FlawOf(const IdealSlot& slot, const Event& block);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L03_NOTHING_MISSED_H_
