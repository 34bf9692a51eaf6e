#include "engine/state/zones.h"

#include <gtest/gtest.h>

#include "absl/time/civil_time.h"

namespace calsync {
namespace {

// Series may have begun long ago, and their hours are those of the clocks of then.
TEST(RulesOfZones, KnowTheSummersSinceTheSeventies) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const ZoneRules rules = RulesOf(berlin);
  for (const absl::CivilSecond day :
       {absl::CivilSecond(1975, 7, 1), absl::CivilSecond(1985, 7, 1), absl::CivilSecond(1999, 6, 1),
        absl::CivilSecond(1999, 12, 1), absl::CivilSecond(2026, 7, 1), absl::CivilSecond(2099, 1, 1)}) {
    const absl::Time at = absl::FromCivil(day, berlin);
    EXPECT_EQ(OffsetAt(rules, absl::ToUnixSeconds(at)), berlin.At(at).offset) << day;
  }
}

}  // namespace
}  // namespace calsync
