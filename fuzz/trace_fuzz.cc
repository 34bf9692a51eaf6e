// Files that say to be traces: whatever is in them, the reader takes or refuses them, and what it takes comes back the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/trace/trace.h"
#include "scenarios/recorded_run.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using calsync::adapter::ReadTrace;
  using calsync::adapter::Trace;
  using calsync::adapter::WriteTrace;
  const absl::StatusOr<Trace> trace =
      ReadTrace(size == 0 ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!trace.ok()) return 0;
  // Bytes that are no UTF-8 are replaced when they are first written; from then on nothing changes.
  const std::string once = WriteTrace(*trace);
  const absl::StatusOr<Trace> again = ReadTrace(once, "again");
  if (!again.ok() || WriteTrace(*again) != once) std::abort();
  // Nothing is run: a setting may ask for years. It must be read all the same, without taking memory that its text does not
  // explain.
  (void)calsync::sim::OptionsOf(trace->header);
  (void)calsync::sim::FirstDifference(*trace, *again);
  return 0;
}
