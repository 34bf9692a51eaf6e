#include "scenarios/agenda.h"

#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

int NumberOf(const Happening& happening) { return std::get<ActorTurn>(happening).number; }

ActorTurn Turn(int number) { return {ActorTurn::Who::kPeople, number}; }

TEST(Agenda, GivesTheEarliestFirst) {
  Agenda agenda;
  agenda.Put(absl::FromUnixSeconds(3), Turn(3));
  agenda.Put(absl::FromUnixSeconds(1), Turn(1));
  agenda.Put(absl::FromUnixSeconds(2), Turn(2));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(agenda.next(), absl::FromUnixSeconds(i));
    EXPECT_EQ(NumberOf(agenda.Take()), i);
  }
  EXPECT_TRUE(agenda.empty());
}

TEST(Agenda, KeepsTheOrderOfWhatHappensAtOnce) {
  Agenda agenda;
  for (int i = 0; i < 100; ++i) agenda.Put(absl::FromUnixSeconds(1), Turn(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(NumberOf(agenda.Take()), i);
}

TEST(Agenda, CountsWhatIsUnderWay) {
  Agenda agenda;
  agenda.Put(absl::FromUnixSeconds(1), MessageArrives{});
  agenda.Put(absl::FromUnixSeconds(2), Turn(0));
  EXPECT_EQ(agenda.under_way(), 1u);
  agenda.Take();
  EXPECT_EQ(agenda.under_way(), 0u);
}

TEST(Agenda, ACopyIsIndependent) {
  Agenda agenda;
  agenda.Put(absl::FromUnixSeconds(1), Turn(1));
  Agenda copy = agenda;
  agenda.Take();
  EXPECT_FALSE(copy.empty());
  EXPECT_EQ(NumberOf(copy.Take()), 1);
}

}  // namespace
}  // namespace calsync::sim
