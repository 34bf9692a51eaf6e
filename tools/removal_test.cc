#include "tools/removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "engine/testing/builders.h"

namespace calsync::tools {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CalendarRow AWalked(absl::string_view calendar) {
  CalendarRow row;
  row.key = KeyOf(calendar);
  row.walked = true;
  row.role = AccessRole::kOwner;
  return row;
}

Engine AnEngine(CalendarRow work, CalendarRow home, std::vector<Record> records = {}) {
  GroupImage image;
  image.calendars = {std::move(work), std::move(home)};
  image.records = std::move(records);
  return {AConfig(), std::move(image), SipKey{}};
}

TEST(Removal, NothingIsLeftOfAGroupWhoseCalendarsWereReadAndHoldNoBlock) {
  EXPECT_EQ(RemainsOf(AnEngine(AWalked("work"), AWalked("home"))).words, "");
  const Engine gone = AnEngine(AWalked("work"), AWalked("home"), {Block({.status = RecordStatus::kDeleted})});
  EXPECT_EQ(RemainsOf(gone).words, "");
  EXPECT_FALSE(RemainsOf(gone).out_of_reach);
}

TEST(Removal, WhatGoesByItselfIsWorthWaitingFor) {
  CalendarRow unread = AWalked("home");
  unread.walked = false;
  const Remains not_read = RemainsOf(AnEngine(AWalked("work"), unread));
  EXPECT_THAT(not_read.words, HasSubstr("\"home\" was not read yet"));
  EXPECT_FALSE(not_read.out_of_reach);
  CalendarRow away = AWalked("work");
  away.unreachable = true;
  const Remains blocks = RemainsOf(AnEngine(away, AWalked("home"), {Block({.status = RecordStatus::kDeleting})}));
  EXPECT_THAT(blocks.words, HasSubstr("1 blocks are still there"));
  EXPECT_FALSE(blocks.out_of_reach) << "there is one within reach";
}

TEST(Removal, WhatLiesBeyondReachIsNamedWithItsCalendarAndNotWaitedFor) {
  CalendarRow away = AWalked("work");
  away.unreachable = true;
  away.walked = false;
  CalendarRow read_only = AWalked("home");
  read_only.role = AccessRole::kReader;
  const Remains both = RemainsOf(AnEngine(away, read_only, {Block({})}));
  EXPECT_THAT(both.words, AllOf(HasSubstr("\"work\" cannot be reached"), HasSubstr("\"home\" may not be written any more")));
  EXPECT_TRUE(both.out_of_reach);
  EXPECT_EQ(RemainsOf(AnEngine(AWalked("work"), read_only)).words, "") << "nothing of ours was ever there";
  const CalendarKey lost[] = {KeyOf("home")};
  EXPECT_THAT(RemainsOf(AnEngine(AWalked("work"), AWalked("home")), lost).words, HasSubstr("\"home\" cannot be reached"));
  CalendarRow busy_only = read_only;
  busy_only.role = AccessRole::kFreeBusyReader;
  busy_only.walked = false;
  EXPECT_TRUE(RemainsOf(AnEngine(AWalked("work"), busy_only)).out_of_reach) << "what is there is not shown";
}

TEST(Removal, ACalendarIsGivenUpOnceItWasAskedForInThisLife) {
  CalendarRow away = AWalked("work");
  away.unreachable = true;
  Engine engine = AnEngine(away, AWalked("home"));
  EXPECT_THAT(RefusedTo(engine), IsEmpty()) << "perhaps it is back";
  const Effects effects = engine.Step(Started{}, TestNow());
  for (const Effect& effect : effects) {
    const auto* const call = std::get_if<ApiCall>(&effect);
    const auto* const list = call == nullptr ? nullptr : std::get_if<ListEvents>(call->request.get());
    if (list == nullptr || list->calendar != GoogleIdOf("work")) continue;
    engine.Step(ApiReply{call->id, ApiError{.code = 404, .reason = "notFound"}}, TestNow() + absl::Seconds(1));
  }
  EXPECT_THAT(RefusedTo(engine), ElementsAre(KeyOf("work")));
}

}  // namespace
}  // namespace calsync::tools
