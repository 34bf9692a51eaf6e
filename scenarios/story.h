// The story of a failing run in plain words: the lines of its trace that concern the events which the broken law names, and what
// went wrong around them.

#ifndef CALSYNC_SCENARIOS_STORY_H_
#define CALSYNC_SCENARIOS_STORY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/result.h"

namespace calsync::sim {

inline constexpr size_t kStoryLines = 15;

// At most `lines` lines, in the order of time; empty if nothing is broken. REQUIRES: the run was traced.
std::vector<std::string> StoryOf(const RunResult& result, size_t lines = kStoryLines);

// Everything that happened since somebody first did something, if that is no more than so many lines; else as above. For runs
// that were made small. What happens several times in a row is told once.
std::vector<std::string> WholeStoryOf(const RunResult& result, size_t lines);

// What the violation says, with short names if the run was traced ("the block on home for e1 of work …").
std::string MessageOf(const RunResult& result);

// The short names ("e3", "k7", "c2") in a text, each once, in their order.
std::vector<std::string> ShortNamesIn(const std::string& text);

// A line of a trace as it is told: "3 May 10:00:02 home    e2 added".
std::string Told(const TraceLine& line);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_STORY_H_
