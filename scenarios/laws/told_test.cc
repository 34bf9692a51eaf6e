// The oracle of what is told, told wrong things.

#include "scenarios/laws/told.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;

EventPtr EventNamed(const std::string& id) {
  Event event;
  event.id = EventId(id);
  event.start = EventTime::At(absl::FromUnixSeconds(7200));
  event.end = EventTime::At(absl::FromUnixSeconds(10800));
  return std::make_shared<const Event>(event);
}

// Calendar 0 holds an event, calendar 1 its block.
class Told : public ::testing::Test {
 protected:
  Told() {
    for (int i = 0; i < 2; ++i) {
      CalendarFacts facts{.calendar = i};
      facts.key = CalendarKey(static_cast<uint64_t>(i) + 1);
      facts.name = i == 0 ? "work" : "home";
      view_.group.calendars.push_back(facts);
    }
    view_.now = absl::FromUnixSeconds(100'000);
    view_.slots.push_back({.source = {0, EventId("e1")}, .target = 1, .event = EventNamed("e1")});
    LiveOther event{.calendar = 0, .event = EventNamed("e1")};
    event.row = {.known = true, .kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced, .id = CorrelationId{1}};
    view_.others.push_back(event);
    Event shown = *EventNamed("cs1");
    shown.visibility = Visibility::kPrivate;
    LiveBlock block{.target = 1, .event = std::make_shared<const Event>(shown), .slot = 0};
    block.row = {.known = true, .kind = RecordKind::kBlock, .status = RecordStatus::kCreated, .id = CorrelationId{2}};
    view_.blocks.push_back(block);
    figures_ = {{.calendar = 0, .user_events = 1, .total = 1, .created_24h = 1},
                {.calendar = 1, .busy_blocks = 1, .total = 1, .created_24h = 1, .blocks_created_24h = 1}};
  }
  std::string Figures() {
    return CheckFigures(view_, figures_,
                        {.now = view_.now,
                         .born = [this](const CorrelationId&) { return view_.now - born_ago_; },
                         .seen = [this](int) { return view_.now - seen_ago_; }});
  }
  std::string Slot(ToldSlot slot) {
    slot.source = {0, EventId("e1")};
    slot.target = 1;
    return CheckSlotsTold(view_, {slot});
  }

  RestView view_;
  std::vector<ToldFigures> figures_;
  absl::Duration born_ago_ = absl::Hours(1);
  absl::Duration seen_ago_ = absl::Minutes(5);
};

TEST_F(Told, FiguresThatAreRightPassAndEachThatIsWrongIsSeen) {  // E7
  EXPECT_EQ(Figures(), "");
  const auto with = [&](int64_t ToldFigures::*figure, int64_t value) {
    const std::vector<ToldFigures> right = figures_;
    figures_[1].*figure = value;
    std::string flaw = Figures();
    figures_ = right;
    return flaw;
  };
  EXPECT_THAT(with(&ToldFigures::user_events, 1), HasSubstr("user_events_tracked of home is 1, and in truth 0"));
  EXPECT_THAT(with(&ToldFigures::busy_blocks, 2), HasSubstr("busy_blocks_tracked"));
  EXPECT_THAT(with(&ToldFigures::total, 2), HasSubstr("total_events_tracked"));
  EXPECT_THAT(with(&ToldFigures::created_24h, 0), HasSubstr("events_created_24h"));
  EXPECT_THAT(with(&ToldFigures::blocks_created_24h, 0), HasSubstr("busy_blocks_created_24h"));
  EXPECT_THAT(with(&ToldFigures::not_seen, 1), HasSubstr("count as not seen"));
  seen_ago_ = absl::Hours(3);
  EXPECT_THAT(Figures(), HasSubstr("count as seen"));
  seen_ago_ = absl::Minutes(5);
  born_ago_ = absl::Hours(25);
  EXPECT_THAT(Figures(), HasSubstr("events_created_24h of work is 1, and in truth 0"));
}

TEST_F(Told, ReasonsThatAreRightPassAndThoseThatAreNotAreSeen) {  // L12
  EXPECT_EQ(Slot({.shown = true}), "");
  EXPECT_THAT(Slot({.unexplained = true}), HasSubstr("nobody can say why"));
  EXPECT_THAT(Slot({.not_due = true}), HasSubstr("said not to be due, and it is"));
  EXPECT_THAT(Slot({.frozen = true}), HasSubstr("said to be frozen"));
  EXPECT_THAT(Slot({.waiting = true}), HasSubstr("still to do"));
  EXPECT_THAT(Slot({.stays = true}), HasSubstr("one is due"));
  const LiveBlock block = view_.blocks[0];
  view_.blocks.clear();
  EXPECT_THAT(Slot({.shown = true}), HasSubstr("there is none"));
  EXPECT_THAT(Slot({}), HasSubstr("no reason is told"));
  EXPECT_EQ(Slot({.left = true}), "");
  view_.group.calendars[1].readable = false;
  EXPECT_EQ(Slot({.not_due = true}), "");  // What is known may be old …
  view_.blocks = {block};
  EXPECT_THAT(Slot({.not_due = true}), HasSubstr("its block stays"));  // … but a block that is known is there for a reason.
  view_.blocks[0].revived = true;
  EXPECT_EQ(Slot({.not_due = true}), "");
  view_.blocks.clear();
  view_.slots.clear();
  EXPECT_EQ(Slot({.not_due = true}), "");
  view_.group.calendars[1].readable = true;
  EXPECT_THAT(Slot({.shown = true}), HasSubstr("none is due"));
  view_.sweep_held = true;  // Nobody knows yet that its event is gone.
  EXPECT_EQ(Slot({.shown = true}), "");
}

TEST_F(Told, WhatIsSaidToSpeakAgainstABlockDoes) {  // L12
  LiveBlock block = view_.blocks[0];
  block.slot = -1;
  view_.blocks.clear();
  view_.slots.clear();
  const EventPtr event = EventNamed("e1");
  const auto why = [&](WhyNot reason, const std::string& words = "") {
    return Slot({.event = event, .not_due = true, .why = reason, .reason = words});
  };
  EXPECT_EQ(why(WhyNot::kOther), "");
  EXPECT_THAT(why(WhyNot::kCalendarDisabled), HasSubstr("and none is"));
  EXPECT_THAT(why(WhyNot::kNotMirrored), HasSubstr("and it does"));
  EXPECT_THAT(why(WhyNot::kNotBlocking), HasSubstr("and it does"));
  EXPECT_THAT(why(WhyNot::kSkipped, "all-day"), HasSubstr("by the policy that is ''"));
  EXPECT_THAT(why(WhyNot::kTwin), HasSubstr("no other copy"));
  EXPECT_THAT(why(WhyNot::kAlreadyBusy), HasSubstr("nobody is shown busy"));
  EXPECT_THAT(why(WhyNot::kPartOfSeries), HasSubstr("no part of a series"));
  view_.group.now = absl::FromUnixSeconds(0);
  EXPECT_THAT(why(WhyNot::kHorizon), HasSubstr("within the horizon"));
  view_.group.now = absl::FromUnixSeconds(100'000);
  EXPECT_EQ(why(WhyNot::kHorizon), "");  // It is over.
  view_.blocks = {block};
  view_.group.policy.already_busy = AlreadyBusy::kExact;
  EXPECT_EQ(why(WhyNot::kAlreadyBusy), "");
  view_.group.policy.mirrors = false;
  EXPECT_EQ(why(WhyNot::kNotMirrored), "");
  EXPECT_THAT(why(WhyNot::kTwin), HasSubstr("that is not said"));
  view_.group.policy.mirrors = true;
  view_.group.policy.keywords = {"x"};
  view_.group.calendars[1].link = LinkState::kDisabled;
  EXPECT_EQ(why(WhyNot::kCalendarDisabled), "");
  EXPECT_THAT(why(WhyNot::kSkipped, "a keyword in its title"), HasSubstr("that is not said"));
}

TEST_F(Told, WhatShowsItsEventIsWhatItShouldBe) {  // L12
  Event moved = *view_.blocks[0].event;
  moved.end = EventTime::At(absl::FromUnixSeconds(14400));
  view_.blocks[0].event = std::make_shared<const Event>(moved);
  EXPECT_THAT(Slot({.shown = true}), HasSubstr("it is said to show its event, and is at"));
  EXPECT_EQ(Slot({.left = true}), "");
}

TEST_F(Told, RowsAreSaidToBeWhatTheirEventsAre) {  // L12
  const auto rows = [&](const std::string& event, const std::string& block) {
    const std::vector<ToldRow> told = {{0, EventId("e1"), event}, {1, EventId("cs1"), block}};
    return CheckRowsTold(view_, told);
  };
  const std::string right = "a block of ours, created, generation 1";
  EXPECT_EQ(rows("an event of a person", right), "");
  EXPECT_THAT(rows("no event that counts: copy", right), HasSubstr("is an event of a person"));
  EXPECT_THAT(rows("an event of a person that is gone", right), HasSubstr("is there"));
  EXPECT_THAT(rows("an event of a person, does not block: free", right), HasSubstr("the opposite"));
  EXPECT_THAT(rows("an event of a person, a series", right), HasSubstr("or neither"));
  EXPECT_THAT(rows("an event of a person", "a block of ours, deleted, generation 1"), HasSubstr("a block that is there"));
  view_.others[0].nature = Nature::kBlock;
  EXPECT_THAT(rows("an event of a person", right), HasSubstr("no event of a person that counts"));
}

TEST_F(Told, AlertsAreRaisedForWhatIsSo) {
  EXPECT_EQ(CheckAlerts(view_, {}, figures_), "");
  EXPECT_NE(CheckAlerts(view_, {.breaker_open = true}, figures_), "");
  EXPECT_NE(CheckAlerts(view_, {.stuck_creating = true}, figures_), "");
  EXPECT_NE(CheckAlerts(view_, {.unreachable = {0}}, figures_), "");
  EXPECT_NE(CheckAlerts(view_, {.no_user_events = {0}}, figures_), "");
  EXPECT_EQ(CheckAlerts(view_, {.no_user_events = {1}}, figures_), "");
  EXPECT_NE(CheckAlerts(view_, {.sweep_held = {0}}, figures_), "");
  EXPECT_EQ(CheckAlerts(view_, {.silent = {0}}, figures_, absl::Hours(1)), "");
  EXPECT_THAT(CheckAlerts(view_, {.silent = {0}}, figures_, absl::Hours(3)), HasSubstr("work is said to be silent"));
  EXPECT_THAT(CheckAlerts(view_, {.writes_rest = {1}}, figures_, absl::Hours(3)), HasSubstr("writes to home"));
  view_.group.calendars[0].readable = view_.group.calendars[0].answers = false;
  EXPECT_THAT(CheckAlerts(view_, {}, figures_), HasSubstr("work cannot be read, and no alert says so"));
  EXPECT_EQ(CheckAlerts(view_, {.unreachable = {0}}, figures_), "");
  EXPECT_EQ(CheckAlerts(view_, {.grant_lost = {0}}, figures_), "");
  view_.group.calendars[0].readable = view_.group.calendars[0].answers = true;
  view_.breaker_open = true;
  EXPECT_NE(CheckAlerts(view_, {}, figures_), "");
}

}  // namespace
}  // namespace calsync::sim
