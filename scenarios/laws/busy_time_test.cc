#include "scenarios/laws/busy_time.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BusyTime : public ::testing::Test {
 protected:
  BusyTime() : world_(QuietPlan({"work", "home"}, UsualStart()), Choices()) {
    EXPECT_TRUE(world_.Settle());
    view_.group.family = world_.host(0).family();
    for (int calendar = 0; calendar < 2; ++calendar) {
      view_.group.calendars.push_back({.calendar = calendar,
                                       .google_id = world_.google_id(calendar),
                                       .key = World::KeyOf(calendar),
                                       .name = calendar == 0 ? "work" : "home"});
    }
  }

  EventId Add(Event event, int day, absl::Duration length = absl::Hours(1)) {
    event.summary = "Dentist";
    event.start = EventTime::At(UsualStart() + absl::Hours(24) * day, "UTC");
    event.end = EventTime::At(UsualStart() + absl::Hours(24) * day + length, "UTC");
    const EventId id = world_.Insert(world_.person(), 0, std::move(event));
    EXPECT_TRUE(world_.Settle());
    return id;
  }
  std::string Check() {
    view_.now = view_.group.now = world_.now();
    return CheckBusyTime(world_.server(), world_.ghost(), view_, absl::InfiniteDuration(), checked_);
  }

  World world_;
  RestView view_;
  uint64_t checked_ = 0;
};

TEST_F(BusyTime, IsThatOfTheSources) {
  Add({}, 2);
  EXPECT_THAT(Check(), IsEmpty());
  EXPECT_EQ(checked_, 2u);  // One piece on each calendar.
}

TEST_F(BusyTime, IsOneWhereEventsMeet) {
  Add({}, 2, absl::Hours(2));
  Add({}, 2, absl::Hours(3));
  EXPECT_THAT(Check(), IsEmpty());
  EXPECT_EQ(checked_, 2u);
}

TEST_F(BusyTime, IsThatOfEveryOccurrence) {
  Event weekly;
  weekly.recurrence = {"RRULE:FREQ=WEEKLY;COUNT=5"};
  Add(weekly, 2);
  EXPECT_THAT(Check(), IsEmpty());
  EXPECT_EQ(checked_, 10u);
}

TEST_F(BusyTime, AMissingBlockIsABreach) {
  const EventId source = Add({}, 2);
  world_.Act(world_.person(), DeleteEvent{.calendar = world_.google_id(1), .event = world_.BlockOf(0, source, 1)});
  EXPECT_THAT(Check(), HasSubstr("home shows nothing at"));
}

TEST_F(BusyTime, ABlockElsewhereIsABreach) {
  const EventId source = Add({}, 2);
  EventPatch later;
  later.start = EventTime::At(UsualStart() + absl::Hours(60));
  later.end = EventTime::At(UsualStart() + absl::Hours(61));
  world_.Act(world_.person(), PatchEvent{.calendar = world_.google_id(1), .event = world_.BlockOf(0, source, 1), .patch = later});
  EXPECT_THAT(Check(), HasSubstr("home shows busy at"));
}

TEST_F(BusyTime, ABlockWithoutSourceIsABreach) {
  const EventId source = Add({}, 2);
  world_.Act(world_.person(), DeleteEvent{.calendar = world_.google_id(0), .event = source});
  EXPECT_THAT(Check(), HasSubstr("when nothing is"));
}

TEST_F(BusyTime, IsNotAskedWherePoliciesOrPeopleDecide) {
  EXPECT_TRUE(ShowsAllThereIs(view_));
  view_.group.policy.tentative = false;
  EXPECT_FALSE(ShowsAllThereIs(view_));
  view_.group.policy.tentative = true;
  view_.slots.resize(1);
  view_.slot_rows = {{.status = RecordStatus::kDeleted}};
  view_.slot_truth = {nullptr};
  EXPECT_TRUE(ShowsAllThereIs(view_));
  view_.slot_rows[0].hold = Hold::kRespectedDeletion;
  EXPECT_FALSE(ShowsAllThereIs(view_));
  view_.slot_rows[0] = {.status = RecordStatus::kFailed, .hold = Hold::kParked};
  EXPECT_TRUE(ShowsAllThereIs(view_));
  view_.slots[0].refused = true;
  EXPECT_FALSE(ShowsAllThereIs(view_));
  view_.slots[0].refused = false;
  view_.slot_rows[0].hold = Hold::kNone;
  const GhostSlot touched{.part_touched_at = view_.now};
  view_.slot_truth[0] = &touched;
  EXPECT_FALSE(ShowsAllThereIs(view_));
}

}  // namespace
}  // namespace calsync::sim
