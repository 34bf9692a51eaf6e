// L1 no cascade: the source of every block is a user event by ground truth; chain length is exactly one. S1, S4, S14.

#ifndef CALSYNC_SCENARIOS_LAWS_L01_NO_CASCADE_H_
#define CALSYNC_SCENARIOS_LAWS_L01_NO_CASCADE_H_

#include <string>

#include "engine/api/event.h"
#include "scenarios/ghost.h"

namespace calsync::sim {

// A block that is about to be inserted, and the source that its engine made durable for it. Empty if lawful; so are all checks
// here.
std::string CheckSourceOfInsert(const Ghost& ghost, const Spot& block, const Spot& source, const Event& inserted);

// A row that says "user event", about to be made durable.
std::string CheckUserEventRow(const Ghost& ghost, const Spot& spot);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L01_NO_CASCADE_H_
