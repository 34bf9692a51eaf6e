// L11 determinism: a run and its repetition give the same hash. X1.

#ifndef CALSYNC_SCENARIOS_LAWS_L11_DETERMINISM_H_
#define CALSYNC_SCENARIOS_LAWS_L11_DETERMINISM_H_

#include <string>

#include "scenarios/result.h"

namespace calsync::sim {

std::string CheckSameRun(const RunResult& first, const RunResult& second);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L11_DETERMINISM_H_
