// calsync simulate --scenario: runs one file of the scenario language.

#ifndef CALSYNC_TOOLS_SCENARIO_FILE_H_
#define CALSYNC_TOOLS_SCENARIO_FILE_H_

#include <string>

#include "tools/terminal.h"

namespace calsync::tools {

enum class OnDifference : uint8_t { kReport, kRewrite };

// Runs the file, prints its trace on stdout, and compares it with what the file has; or puts it there. Returns the exit code: a
// law that is broken, an expectation that fails or another trace are kLawBroken; a file with a broken law is never rewritten.
// `help` instead of a file prints the commands.
int RunScenarioFile(const std::string& path, OnDifference on_difference, const Terminal& terminal);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_SCENARIO_FILE_H_
