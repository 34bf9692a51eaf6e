// What several verbs ask of the command line: what a run is like, numbers that are numbers, and how a command is said again.

#ifndef CALSYNC_TOOLS_FLAGS_H_
#define CALSYNC_TOOLS_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "scenarios/campaign.h"

namespace calsync::tools {

// What a run is like, its choices apart.
struct ShapeOptions {
  int calendars = 4;
  int days = 30;
  int actions = 20;
  std::string store = "memory";
  bool wire = false;
  std::string start;  // A date; empty: as is usual.
  bool no_series = false;
  bool no_breaker = false;
  bool legacy = false;
  int workers = 1;
  std::string engine = "calsync";
  bool first_policy = false;
};
void AddShape(CLI::App& verb, ShapeOptions& options, const std::string& group);
// The flags that say the same; what is usual is left out.
std::string FlagsOf(const ShapeOptions& options);
// Puts --start into `start`, if it was given. False: it is no date, which was said on stderr.
bool ReadStart(const ShapeOptions& options, absl::Time& start);
absl::Time StartMin();
absl::Time StartMax();
sim::SimulateOptions RunsOf(const ShapeOptions& options, absl::Time start);

// CLI11 takes "-1" for a large number and cuts what is too large.
CLI::Validator WholeNumber(uint64_t least, uint64_t most);
CLI::Validator PositiveSeconds();

// One word of a shell's command line.
std::string Quoted(const std::string& word);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_FLAGS_H_
