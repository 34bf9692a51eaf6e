// RapidCheck drives the world through the one interface of choices: whatever bytes it thinks of, the run holds the laws. What it
// finds it shrinks by itself, as bytes.

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "scenarios/campaign.h"

namespace calsync::sim {
namespace {

RC_GTEST_PROP(WorldOfRapidCheck, HoldsTheLaws, (const std::vector<uint8_t>& bytes)) {
  const SimulateOptions options{.shape = {.calendars = 2, .days = 3, .actions = 4, .series = false}};
  const RunResult result = WorldOf(options, Choices::FromBytes(absl::MakeConstSpan(bytes))).Run();
  if (result.violation.has_value()) RC_FAIL(result.violation->message);
}

// L11.
RC_GTEST_PROP(WorldOfRapidCheck, RepeatsItself, (const std::vector<uint8_t>& bytes)) {
  const SimulateOptions options{.shape = {.calendars = 2, .days = 3, .actions = 4}};
  const auto hash = [&] { return WorldOf(options, Choices::FromBytes(absl::MakeConstSpan(bytes))).Run().hash; };
  RC_ASSERT(hash() == hash());
}

}  // namespace
}  // namespace calsync::sim
