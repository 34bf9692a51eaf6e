// What kind of failure a violation is: the law, and the words of its message without what differs from run to run.
//
// A shrinker that accepted any failure would slip from the bug that was found to another one.

#ifndef CALSYNC_SCENARIOS_SIGNATURE_H_
#define CALSYNC_SCENARIOS_SIGNATURE_H_

#include <string>
#include <vector>

#include "scenarios/result.h"

namespace calsync::sim {

// `places`: the names of the calendars, which say nothing about the kind. "L3 the block on # for # of # at # is missing; …".
std::string SignatureOf(const Violation& violation, const std::vector<std::string>& places);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SIGNATURE_H_
