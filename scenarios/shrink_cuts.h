// Ways to make a recorded run smaller, each a candidate that somebody has to try. Internal to the shrinker.

#ifndef CALSYNC_SCENARIOS_SHRINK_CUTS_H_
#define CALSYNC_SCENARIOS_SHRINK_CUTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/recorded_run.h"

namespace calsync::sim {

struct Candidate {
  SimulateOptions options;
  std::vector<Choice> choices;
};

// Without the turns [first, first + count) of people: neither when they come nor what they are. The others come when they came.
// With their consequences: also without what was chosen in the steps from each of them to the next turn of anybody, so that what
// strikes later strikes where it did.
enum class Cut : uint8_t { kTurns, kTurnsWithConsequences };
Candidate WithoutActions(const RecordedRun& run, int first, int count, Cut cut);
// With fewer days, in which everything comes sooner in proportion.
Candidate WithDays(const RecordedRun& run, int days);
Candidate WithCalendars(const RecordedRun& run, int calendars);
// These choices become the benign one.
Candidate Zeroed(const RecordedRun& run, const std::vector<size_t>& choices);
// Without these choices: of each label, later ones move up.
Candidate Without(const RecordedRun& run, const std::vector<size_t>& choices);

// What was chosen by the choice is chosen so many times sooner among those of its label, which are all benign there. Too many:
// where the one before it was chosen that is not.
Candidate Sooner(const RecordedRun& run, size_t choice, size_t times);

// Groups of choices that are worth zeroing at once: whole streams, whole labels, whole spans, single ones. Only those that are
// not the benign one; only groups that have some.
std::vector<std::vector<size_t>> ByStream(const RecordedRun& run);
std::vector<std::vector<size_t>> ByLabel(const RecordedRun& run);
std::vector<std::vector<size_t>> BySpan(const RecordedRun& run);
std::vector<std::vector<size_t>> OneByOne(const RecordedRun& run);
// Choices of one label that have the same value, where there are several.
std::vector<std::vector<size_t>> Equal(const RecordedRun& run);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SHRINK_CUTS_H_
