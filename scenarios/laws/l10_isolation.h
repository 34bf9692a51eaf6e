// L10 isolation: an engine's calls concern the calendars of its own group and no others, and another group's or instance's blocks
// are never touched. S7, S8. And once the operator took a calendar out, nothing is changed there but what cleans it (S18).

#ifndef CALSYNC_SCENARIOS_LAWS_L10_ISOLATION_H_
#define CALSYNC_SCENARIOS_LAWS_L10_ISOLATION_H_

#include <string>

#include "engine/api/calls.h"
#include "engine/state/group.h"
#include "scenarios/durable_image.h"
#include "scenarios/laws/l06_hands_off.h"

namespace calsync::sim {

std::string CheckCallStaysHome(const GroupConfig& config, const Request& request);
// `row`: of the event that the call is about; null if there is none.
std::string CheckConsent(const GroupConfig& config, const Request& request, const RowDigest* row);
std::string CheckBlocksOfOthers(const EngineWrite& observed);
// Each installation and group has a key of its own on events of people.
std::string CheckKeysOfOthers(const EngineWrite& observed, const Ghost& ghost);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L10_ISOLATION_H_
