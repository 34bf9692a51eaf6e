// Traces (docs/trace-format.md) as files.

#ifndef CALSYNC_TOOLS_TRACE_FILE_H_
#define CALSYNC_TOOLS_TRACE_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapter/trace/trace.h"
#include "scenarios/recorded_run.h"

namespace calsync::tools {

struct TraceFile {
  std::string path;
  adapter::Trace trace;
  sim::SimulateOptions options;      // What it says of the run …
  std::vector<sim::Choice> choices;  // … and what was decided in it.
  std::string text;                  // Of a recording alone, which has neither: its lines say more than `trace` holds.

  bool IsRecording() const { return trace.header.recording; }
};

// Errors are one sentence that names the file.
absl::StatusOr<TraceFile> LoadTrace(const std::string& path);
// False: it could not be written, which was said on stderr.
bool SaveTrace(const std::string& path, const adapter::Trace& trace);

// What the trace says to do, done once more. REQUIRES: it is no recording.
enum class Lines : uint8_t { kNone, kAll };
sim::RecordedRun RunAgain(const TraceFile& file, Lines lines);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_TRACE_FILE_H_
