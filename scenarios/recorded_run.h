// A run with all that was decided in it: to and from a trace (docs/trace-format.md), and once more beside one.

#ifndef CALSYNC_SCENARIOS_RECORDED_RUN_H_
#define CALSYNC_SCENARIOS_RECORDED_RUN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/trace/trace.h"
#include "scenarios/campaign.h"
#include "scenarios/choices.h"
#include "scenarios/result.h"

namespace calsync::sim {

struct RecordedRun {
  SimulateOptions options;      // What shapes it; seeds do not count here.
  std::vector<Choice> choices;  // In the order in which they were made …
  std::vector<ChoiceSpan> spans;
  std::vector<std::string> places;  // The calendars' names.
  RunResult result;                 // With its lines, if options.trace.

  // How many choices are not the benign one.
  size_t Deviations() const;
};
RecordedRun Record(const SimulateOptions& options, Choices choices);

// `from`: what it was made from, "seed 17".
enum class TraceSize : uint8_t { kWhole, kBare };  // Bare: without what came of it.
adapter::Trace TraceOf(const RecordedRun& run, absl::string_view from, TraceSize size);

// What a trace says to do. What it leaves out is usual; what today's world does not know is passed over, but for values that
// nobody can have meant.
absl::StatusOr<SimulateOptions> OptionsOf(const adapter::TraceHeader& header);
absl::StatusOr<std::vector<Choice>> ChoicesOf(const adapter::Trace& trace);

// Where a repetition leaves its trace: the first line that differs, in words on both sides. "nothing more" where one ends.
struct Difference {
  size_t line = 0;  // How many lines before were equal.
  uint64_t step = 0;
  std::string recorded;
  std::string repeated;
};
// Nothing if the run is what the trace has. A bare trace has nothing to differ from.
std::optional<Difference> FirstDifference(const adapter::Trace& recorded, const adapter::Trace& repeated);

// "L3 nothing missed: …"; "all laws hold".
std::string VerdictOf(const RunResult& result);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_RECORDED_RUN_H_
