// L2 no double: a slot never holds two live blocks at rest. S3. That the database never knows two is the store's own rule; a
// commit that it refuses for that reason is a breach as well (World).

#ifndef CALSYNC_SCENARIOS_LAWS_L02_NO_DOUBLE_H_
#define CALSYNC_SCENARIOS_LAWS_L02_NO_DOUBLE_H_

#include <string>

#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

std::string CheckNoDouble(const RestView& view);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_L02_NO_DOUBLE_H_
