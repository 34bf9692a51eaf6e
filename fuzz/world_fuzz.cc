// The world, driven by libFuzzer's bytes: each choice of a run is read from the front of the input, so that inserting, deleting
// and copying bytes inserts, deletes and copies decisions. Used-up bytes are benign choices.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "scenarios/choices.h"
#include "scenarios/knobs.h"
#include "scenarios/world.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using calsync::sim::Choices;
  Choices choices = Choices::FromBytes(absl::MakeConstSpan(data, size));
  // Small, so that one input is a fraction of a millisecond and what it found is short.
  const calsync::sim::Shape shape{.calendars = 3, .days = 7, .actions = 8};
  const absl::Time start = absl::FromCivil(absl::CivilSecond(2026, 3, 2, 8, 0, 0), absl::UTCTimeZone());
  calsync::sim::Plan plan = calsync::sim::DrawPlan(choices, shape, start);
  calsync::sim::World world(std::move(plan), std::move(choices));
  const calsync::sim::RunResult result = world.Run();
  if (result.violation.has_value()) {
    std::fprintf(stderr, "%s: %s\n", std::string(calsync::sim::ShortName(result.violation->law)).c_str(),
                 result.violation->message.c_str());
    std::abort();
  }
  return 0;
}
