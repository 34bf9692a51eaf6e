// L6 hands off: nothing of a user event changes but our own key; nothing that people made is ever deleted; no guest is notified
// by our doing. S5, S6. And with it S8: another group's or instance's blocks are not touched (L10).

#ifndef CALSYNC_SCENARIOS_LAWS_L06_HANDS_OFF_H_
#define CALSYNC_SCENARIOS_LAWS_L06_HANDS_OFF_H_

#include <cstdint>
#include <string>

#include "fakegoogle/model/truth.h"
#include "scenarios/ghost.h"

namespace calsync::sim {

// Which private properties of an event of a person an engine may call its own.
enum class OwnKeys : uint8_t {
  kOfGroup,        // One that begins with "calsync.": of the installation and group.
  kOfFirstDesign,  // Whatever begins with "calsync_".
};

// A committed write of an engine, and what the event was, by ground truth, just before it.
struct EngineWrite {
  const fake::WriteRecord* write = nullptr;
  FamilyNumber writer = -1;
  Nature nature = Nature::kUserEvent;
  FamilyNumber family = -1;    // Of the block, or of the block that it is a copy of.
  FamilyNumber made_by = -1;   // The family whose engine inserted the event, here or where it was moved from; -1: no engine did.
  FamilyNumber taken_by = -1;  // The family that took over the event, if the system before CalSync made it.
  OwnKeys own_keys = OwnKeys::kOfGroup;
  bool of_guest = false;  // The event is a guest's copy, and Google does not just bring it what its organizer changed (C-13).
};

std::string CheckHandsOff(const EngineWrite& observed);

// An engine makes durable that an event which it did not make is its block for `source` (none: not known yet). Only what the
// system before CalSync made is taken over, and only for an event of a person on another calendar (L1).
std::string CheckTakenOver(const Ghost& ghost, const Spot& block, const Spot& source);

// True if the two differ in nothing but private properties that the engine may call its own, of kOfGroup one, and in what the
// server sets.
bool OnlyOurKeyDiffers(const Event& before, const Event& after, OwnKeys own = OwnKeys::kOfGroup);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L06_HANDS_OFF_H_
