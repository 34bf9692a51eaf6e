#include "scenarios/lurkers.h"

#include <gtest/gtest.h>

namespace calsync::sim {
namespace {

using Moment = Lurkers::Moment;

TEST(Lurkers, ATurnActsOnceAtItsMomentOrWhenItsPatienceEnds) {
  Lurkers lurkers;
  const ActorTurn late = lurkers.Wait({.who = ActorTurn::Who::kPeople, .number = 7}, Moment::kInsert);
  EXPECT_EQ(lurkers.Waiting(Moment::kListing), nullptr);
  const ActorTurn* struck = lurkers.Waiting(Moment::kInsert);
  ASSERT_NE(struck, nullptr);
  EXPECT_EQ(struck->number, 7);
  EXPECT_TRUE(lurkers.Acts(struck->lurker));
  EXPECT_FALSE(lurkers.Acts(late.lurker));  // It did already.
  EXPECT_TRUE(lurkers.empty());
}

TEST(Lurkers, WhoeverIsToldOfOneMomentIsNotToldOfTheNext) {
  Lurkers lurkers;
  lurkers.Wait({.number = 1}, Moment::kPatch);
  lurkers.Wait({.number = 2}, Moment::kPatch);
  ASSERT_EQ(lurkers.Waiting(Moment::kPatch)->number, 1);
  ASSERT_EQ(lurkers.Waiting(Moment::kPatch)->number, 2);
  EXPECT_EQ(lurkers.Waiting(Moment::kPatch), nullptr);
}

TEST(Lurkers, WithoutAMomentPatienceEnds) {
  Lurkers lurkers;
  const ActorTurn late = lurkers.Wait({.number = 1}, Moment::kStart);
  EXPECT_TRUE(lurkers.Acts(late.lurker));
  EXPECT_FALSE(lurkers.Acts(late.lurker));
}

}  // namespace
}  // namespace calsync::sim
