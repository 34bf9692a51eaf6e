#include "adapter/google/pacing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace calsync::adapter {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1'767'600'000);
const AccountId kAda("ada@example.com");
const AccountId kBob("bob@example.com");

PacingLimits Limits(double per_minute, double burst) {
  PacingLimits limits;
  limits.account = {.per_minute = per_minute, .burst = burst};
  return limits;
}

TEST(Units, APatchCostsThree) {  // C-55.
  EXPECT_EQ(UnitsOf(PatchEvent{}), 3);
  EXPECT_EQ(UnitsOf(InsertEvent{}), 1);
  EXPECT_EQ(UnitsOf(ListEvents{}), 1);
}

TEST(Urgency, TagsAloneAreLast) {  // S-25.
  PatchEvent tag;
  tag.patch.private_properties = {{"calsync.01234567", "1:user_event:x"}};
  EXPECT_EQ(UrgencyOf(tag), Urgency::kLast);
  PatchEvent block = tag;
  block.patch.summary = "Busy";
  EXPECT_EQ(UrgencyOf(block), Urgency::kSoon);
  PatchEvent guests;
  guests.patch.attendees.emplace();
  EXPECT_EQ(UrgencyOf(guests), Urgency::kSoon);
  EXPECT_EQ(UrgencyOf(PatchEvent{}), Urgency::kSoon);
  EXPECT_EQ(UrgencyOf(DeleteEvent{}), Urgency::kSoon);
  EXPECT_EQ(UrgencyOf(GetEvent{}), Urgency::kSoon);
}

TEST(Pacing, NoMinuteHoldsMoreThanBurstAndRate) {  // C-102.
  Pacing pacing(Limits(480, 60), kStart);
  for (Pacing::Ticket ticket = 1; ticket <= 3000; ++ticket) pacing.Add(ticket, kAda, 1, Urgency::kSoon, kStart);
  std::vector<absl::Time> left;
  for (absl::Time now = kStart; pacing.waiting() > 0; now += absl::Milliseconds(500)) {
    for (size_t taken = pacing.TakeReady(now).size(); taken > 0; --taken) {
      left.push_back(now);
      pacing.Done();
    }
  }
  ASSERT_THAT(left, SizeIs(3000));
  size_t most = 0;
  for (size_t from = 0, to = 0; from < left.size(); ++from) {
    while (to < left.size() && left[to] < left[from] + absl::Minutes(1)) ++to;
    most = std::max(most, to - from);
  }
  EXPECT_LE(most, 540U);
  EXPECT_GE(most, 480U);  // And the limit is used.
}

TEST(Pacing, WhatIsUrgentOvertakesTagsAndNothingElse) {
  Pacing pacing(Limits(60, 4), kStart);
  pacing.Add(1, kAda, 3, Urgency::kLast, kStart);
  pacing.Add(2, kAda, 1, Urgency::kSoon, kStart);
  pacing.Add(3, kAda, 3, Urgency::kSoon, kStart);
  pacing.Add(4, kAda, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), ElementsAre(2, 3));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(1)), ElementsAre(4));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(3)), IsEmpty());  // A tag leaves half of the burst to others.
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(10)), ElementsAre(1));
}

TEST(Pacing, AccountsTakeTurnsAndDoNotWaitForEachOther) {  // L10.
  PacingLimits limits = Limits(60, 2);
  limits.in_flight_max = 3;
  Pacing pacing(limits, kStart);
  for (Pacing::Ticket ticket = 1; ticket <= 4; ++ticket) pacing.Add(ticket, kAda, 1, Urgency::kSoon, kStart);
  pacing.Add(5, kBob, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), ElementsAre(1, 5, 2));
  EXPECT_EQ(pacing.NextReady(kStart), absl::InfiniteFuture());  // Until one of them ends.
  pacing.Done();
  EXPECT_EQ(pacing.NextReady(kStart), kStart + absl::Seconds(1));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(1)), ElementsAre(3));
}

TEST(Pacing, TheProjectHasALimitToo) {  // C-102.
  PacingLimits limits = Limits(600, 10);
  limits.project = {.per_minute = 60, .burst = 3};
  Pacing pacing(limits, kStart);
  for (Pacing::Ticket ticket = 1; ticket <= 6; ++ticket)
    pacing.Add(ticket, AccountId(std::to_string(ticket)), 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), SizeIs(3));
  EXPECT_EQ(pacing.NextReady(kStart), kStart + absl::Seconds(1));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(2)), SizeIs(2));
}

TEST(Pacing, WhoWasTooFastRestsAlone) {
  Pacing pacing(Limits(60, 2), kStart);
  pacing.Add(1, kAda, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), ElementsAre(1));
  pacing.Refused(kAda, absl::Seconds(30), kStart);
  pacing.Add(2, kAda, 1, Urgency::kSoon, kStart);
  pacing.Add(3, kBob, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(30)), ElementsAre(3));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(31)), ElementsAre(2));
}

TEST(Pacing, WhatWaitedTooLongIsTakenOut) {
  Pacing pacing(Limits(1, 1), kStart);
  pacing.Add(1, kAda, 1, Urgency::kSoon, kStart);
  pacing.Add(2, kAda, 1, Urgency::kSoon, kStart);
  pacing.Add(3, kAda, 3, Urgency::kLast, kStart);
  pacing.Add(4, kAda, 1, Urgency::kSoon, kStart + absl::Seconds(5));
  EXPECT_THAT(pacing.TakeReady(kStart), ElementsAre(1));
  EXPECT_EQ(pacing.OldestSince(), kStart);
  EXPECT_THAT(pacing.TakeOlderThan(kStart + absl::Seconds(1)), ElementsAre(2, 3));
  EXPECT_EQ(pacing.OldestSince(), kStart + absl::Seconds(5));
  EXPECT_EQ(pacing.waiting(), 1U);
}

TEST(Pacing, StepsOfTheClockDoNoHarm) {
  Pacing pacing(Limits(60, 2), kStart);
  for (Pacing::Ticket ticket = 1; ticket <= 8; ++ticket) pacing.Add(ticket, kAda, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), SizeIs(2));
  EXPECT_THAT(pacing.TakeReady(kStart - absl::Hours(5)), IsEmpty());
  EXPECT_THAT(pacing.TakeReady(kStart - absl::Hours(5) + absl::Seconds(1)), SizeIs(1));
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Hours(5)), SizeIs(2));  // Never more than the burst.
}

TEST(Pacing, ACallThatCostsMoreThanTheBurstLeavesAllTheSame) {
  Pacing pacing(Limits(60, 2), kStart);
  pacing.Add(1, kAda, 3, Urgency::kLast, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart), ElementsAre(1));
  pacing.Add(2, kAda, 1, Urgency::kSoon, kStart);
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(pacing.TakeReady(kStart + absl::Seconds(2)), ElementsAre(2));
}

}  // namespace
}  // namespace calsync::adapter
