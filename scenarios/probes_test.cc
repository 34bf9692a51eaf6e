// Each probe is seen failing on an engine that does what it should not, and content with one that does not.

#include "scenarios/probes.h"

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "engine/api/event.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Time AtHour(int hour) { return absl::FromUnixSeconds(1777852800 + hour * 3600); }

// As the first input leaves it: both calendars are being listed.
struct Awake {
  Engine engine;
  Effects effects;
};
Awake AnEngine() {
  GroupConfig config;
  config.id = GroupId("g0");
  config.keys = {SipKey{1, 2}};
  config.calendars = {{.key = CalendarKey(1), .google_id = CalendarId("work"), .name = "work"},
                      {.key = CalendarKey(2), .google_id = CalendarId("home"), .name = "home"}};
  Awake awake{Engine(config, GroupImage(), SipKey{3, 4}), {}};
  awake.effects = awake.engine.Step(Started{}, AtHour(0));
  return awake;
}
CallId ListOf(const Awake& awake, absl::string_view calendar) {
  for (const Effect& effect : awake.effects) {
    const auto* call = std::get_if<ApiCall>(&effect);
    const auto* list = call == nullptr ? nullptr : std::get_if<ListEvents>(call->request.get());
    if (list != nullptr && list->calendar.text() == calendar) return call->id;
  }
  ADD_FAILURE() << "no listing of " << calendar;
  return CallId();
}

TEST(Probes, ACalendarThatIsNeverListedAgainIsABreach) {
  EXPECT_THAT(CheckEars(AnEngine().engine, AtHour(0) + absl::Minutes(2), AtHour(0)), IsEmpty());
  EXPECT_THAT(CheckEars(AnEngine().engine, absl::InfiniteFuture(), AtHour(0)), HasSubstr("would not list"));
}

TEST(Probes, WhatAForgedMessageBringsAboutIsABreach) {
  const Awake awake = AnEngine();
  Engine after = awake.engine;
  const Effects effects = after.Step(Notification{ChannelId("forged"), "wrong"}, AtHour(1));
  EXPECT_THAT(CheckInert(awake.engine, effects, after, AtHour(1), "a forged message"), IsEmpty());
  EXPECT_THAT(CheckInert(awake.engine, awake.effects, after, AtHour(1), "a forged message"), HasSubstr("a forged message"));
}

TEST(Probes, WhatIsHeardAgainChangesNoRow) {
  const Awake awake = AnEngine();
  Event event;
  event.id = EventId("person1");
  event.etag = Etag("1");
  event.start = EventTime::At(AtHour(10));
  event.end = EventTime::At(AtHour(11));
  EventsPage page;
  page.access_role = AccessRole::kOwner;
  page.items = {std::make_shared<const Event>(std::move(event))};
  page.next_sync_token = SyncToken("t");
  const ApiReply answer{ListOf(awake, "work"), page};
  const std::vector<Input> heard = {answer};
  EXPECT_THAT(CheckHeardAgain(awake.engine, AtHour(1), heard), HasSubstr("person1"));  // It was not heard before.
  Engine told = awake.engine;
  told.Step(answer, AtHour(1));
  EXPECT_THAT(CheckHeardAgain(told, AtHour(1), heard), IsEmpty());
}

}  // namespace
}  // namespace calsync::sim
