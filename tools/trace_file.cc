#include "tools/trace_file.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "tools/files.h"
#include "tools/terminal.h"

namespace calsync::tools {

absl::StatusOr<TraceFile> LoadTrace(const std::string& path) {
  std::string text;
  if (const int error = ReadFile(path, text); error != 0) {
    return absl::NotFoundError(absl::StrCat("cannot read the trace ", path, ": ", std::strerror(error)));
  }
  // What a process that was killed did not write to its end is no line.
  const absl::string_view head = absl::string_view(text).substr(0, text.find('\n'));
  const bool recording = absl::StrContains(head, "\"recording\":true");
  const size_t whole = recording ? text.rfind('\n') + 1 : text.size();
  absl::StatusOr<adapter::Trace> trace = adapter::ReadTrace(absl::string_view(text).substr(0, whole), path);
  if (!trace.ok()) return trace.status();
  TraceFile file{.path = path, .trace = *std::move(trace)};
  if (file.IsRecording()) {
    file.text = std::move(text);
    return file;
  }
  absl::StatusOr<sim::SimulateOptions> options = sim::OptionsOf(file.trace.header);
  if (!options.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", options.status().message()));
  file.options = *std::move(options);
  absl::StatusOr<std::vector<sim::Choice>> choices = sim::ChoicesOf(file.trace);
  if (!choices.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", choices.status().message()));
  file.choices = *std::move(choices);
  return file;
}

bool SaveTrace(const std::string& path, const adapter::Trace& trace) {
  const int error = ReplaceFile(path, adapter::WriteTrace(trace));
  if (error == 0) return true;
  Complain(absl::StrCat("cannot write the trace ", path, ": ", std::strerror(error), ". What was there before stays as it is."));
  return false;
}

sim::RecordedRun RunAgain(const TraceFile& file, Lines lines) {
  CALSYNC_CHECK(!file.IsRecording());
  sim::SimulateOptions options = file.options;
  options.trace = lines == Lines::kAll;
  return sim::Record(options, sim::Choices::FromRecording(file.choices));
}

}  // namespace calsync::tools
