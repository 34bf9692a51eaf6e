// What a campaign met: marks, the matrix of adversities and phases, and families that came together. For people and for programs.

#ifndef CALSYNC_TOOLS_COVERAGE_REPORT_H_
#define CALSYNC_TOOLS_COVERAGE_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "scenarios/marks.h"

namespace calsync::tools {

std::string CoverageText(const sim::Coverage& coverage);
nlohmann::ordered_json CoverageJson(const sim::Coverage& coverage);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_COVERAGE_REPORT_H_
