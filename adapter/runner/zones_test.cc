#include "adapter/runner/zones.h"

#include <gtest/gtest.h>

namespace calsync::adapter {
namespace {

TEST(MachineZones, KnowSummerTimeAndAliases) {
  const auto zones = MachineZones();
  ASSERT_TRUE(zones->contains("Europe/Zurich"));
  EXPECT_EQ(zones->at("UTC").changes.size(), 0u);
  EXPECT_GE(zones->at("Europe/Berlin").changes.size(), 190u) << "two a year for a century";
  EXPECT_EQ(zones->at("Asia/Calcutta"), zones->at("Asia/Kolkata"));
  EXPECT_FALSE(zones->contains("posix/Europe/Berlin"));
}

}  // namespace
}  // namespace calsync::adapter
