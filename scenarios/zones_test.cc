#include "scenarios/zones.h"

#include <gtest/gtest.h>

namespace calsync::sim {
namespace {

// K4: what engines get says at each moment what the zone itself says, above all just before and at a change.
TEST(Zones, RulesSayWhatTheZoneSays) {
  for (const auto& [name, rules] : *KnownZones()) {
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    for (const ZoneRules::Change& change : rules.changes) {
      for (const int64_t at : {change.at_s - 1, change.at_s}) {
        ASSERT_EQ(OffsetAt(rules, at), zone.At(absl::FromUnixSeconds(at)).offset) << name << " at " << at;
      }
    }
    for (int day = 0; day < 365 * 4; ++day) {
      const absl::Time noon = absl::FromCivil(absl::CivilHour(2026, 1, 1, 12) + day * 24, absl::UTCTimeZone());
      ASSERT_EQ(OffsetAt(rules, absl::ToUnixSeconds(noon)), zone.At(noon).offset) << name << ", day " << day;
    }
  }
}

TEST(Zones, SummerTimeIsInThem) {
  EXPECT_TRUE(KnownZones()->at("UTC").changes.empty());
  EXPECT_GE(KnownZones()->at("Europe/Berlin").changes.size(), 190u);
  EXPECT_GE(KnownZones()->at("Australia/Lord_Howe").changes.size(), 190u);
}

}  // namespace
}  // namespace calsync::sim
