// Files of the scenario language: whatever is in them, the reader takes or refuses them, and what it takes is printed in a form
// that it takes again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "scenarios/script.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using calsync::sim::ParseScript;
  using calsync::sim::PrintScript;
  using calsync::sim::Script;
  const absl::StatusOr<Script> script =
      ParseScript(size == 0 ? absl::string_view() : absl::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!script.ok()) return 0;
  const std::string once = PrintScript(*script, script->trace);
  const absl::StatusOr<Script> again = ParseScript(once, "again");
  if (!again.ok() || PrintScript(*again, again->trace) != once) std::abort();
  return 0;
}
