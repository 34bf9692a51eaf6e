#include "scenarios/laws/l11_determinism.h"

#include "absl/strings/str_cat.h"
#include "engine/base/uuid.h"

namespace calsync::sim {

std::string CheckSameRun(const RunResult& first, const RunResult& second) {
  if (first.hash == second.hash && first.counts.steps == second.counts.steps) return "";
  return absl::StrCat("the run and its repetition differ: ", FormatUuid(first.hash), " after ", first.counts.steps, " steps, ",
                      FormatUuid(second.hash), " after ", second.counts.steps);
}

}  // namespace calsync::sim
