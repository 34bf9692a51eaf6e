#include "engine/decide/explain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/decide/health.h"
#include "engine/decide/retry.h"
#include "engine/testing/builders.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The story of the first slot of work/e1.
SlotStory StoryOf(ScriptedHost& host) {
  const std::optional<RowIndex> source = host.records().FindAt(KeyOf("work"), "e1");
  EXPECT_TRUE(source.has_value());
  const std::vector<SlotStory> stories = host.engine().Explain(*source);
  EXPECT_THAT(stories, SizeIs(1));
  return stories.front();
}

std::string Told(ScriptedHost& host) {
  const SlotStory story = StoryOf(host);
  return absl::StrCat(Name(story.standing), ": ", story.words);
}

TEST(Explain, ABlockThatIsThere) {
  ScriptedHost host = AtRest();
  EXPECT_EQ(Told(host), "shown: shows it");
  EXPECT_TRUE(StoryOf(host).block.has_value());
}

TEST(Explain, WhatAPolicySkips) {
  GroupConfig config = AConfig();
  config.policy.keywords = {"dentist"};
  ScriptedHost host = AtRest(config);
  EXPECT_EQ(Told(host), "not_due: a keyword in its title");
}

TEST(Explain, WhatDoesNotBlock) {
  ScriptedHost host = AtRest();
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "not_due: does not block: free");
}

TEST(Explain, WhatLiesBeyondTheHorizonAndUntilWhen) {
  GroupConfig config = AConfig();
  config.policy.horizon_ahead = absl::Hours(24);
  ScriptedHost host = AtRest(config, {.at = "work/e1", .start = TestNow() + absl::Hours(48)});
  EXPECT_EQ(Told(host), "not_due: horizon");
  EXPECT_EQ(StoryOf(host).until, TestNow() + absl::Hours(24));
}

TEST(Explain, ABlockThatEndedStays) {
  ScriptedHost host = AtRest();
  host.Advance(absl::Hours(24));
  EXPECT_EQ(Told(host), "stays: horizon");
}

TEST(Explain, APersonsDeletion) {
  ScriptedHost host = AtRest();
  host.Cancel("home", host.IdOfBlock("work/e1", "home"));
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "held: a person deleted it: respected until the event changes");
}

TEST(Explain, APersonsEditThatIsKept) {
  GroupConfig config = AConfig();
  config.policy.on_block_edited = OnBlockEdited::kKeep;
  ScriptedHost host = AtRest(config);
  host.Edit("home", host.IdOfBlock("work/e1", "home"), [](Event& event) { event.summary = "Lunch"; });
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "held: a person edited it: kept until the event changes");
}

TEST(Explain, WhatGoogleRefusesForGood) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Script<InsertEvent>(ApiError{.code = 400, .reason = "invalid"});
  host.Start();
  host.Settle();
  EXPECT_EQ(Told(host), "held: Google refuses it (400 invalid): tried again when the event changes");
}

TEST(Explain, AFightThatWasGivenUp) {
  GroupConfig config = AConfig();
  ScriptedHost host = AtRest(config, {.at = "work/e1", .start = TestNow() + absl::Hours(24 * 3)});
  for (int i = 0; i < 12; ++i) {
    host.Edit("home", host.IdOfBlock("work/e1", "home"), [&](Event& event) { event.summary = absl::StrCat("Mine ", i); });
    host.Advance(absl::Minutes(7));
  }
  EXPECT_EQ(StoryOf(host).standing, Standing::kFight);
  EXPECT_GT(StoryOf(host).until, host.now());
  host.Advance(absl::Hours(24));
  EXPECT_EQ(Told(host), "shown: shows it");
}

TEST(Explain, AFightThatADeletionEnded) {
  GroupConfig config = AConfig();
  config.policy.on_block_deleted = OnBlockDeleted::kRecreate;
  ScriptedHost host = AtRest(config, {.at = "work/e1", .start = TestNow() + absl::Hours(24 * 3)});
  for (int i = 0; i < 12 && !host.Live("home").empty(); ++i) {
    host.Cancel("home", host.IdOfBlock("work/e1", "home"));
    host.Advance(absl::Minutes(7));
  }
  host.Advance(absl::Hours(24));
  EXPECT_EQ(Told(host), "held: deleted too often in a day: given up until the event changes");
}

TEST(Explain, AFightIsToldOfOnlyWhereItKeepsACallBack) {  // A block is made again for the last time today.
  Record block = Block({.status = RecordStatus::kCreating});
  block.fights = kFightsPerDay;
  block.fight_day = static_cast<uint16_t>(absl::ToUnixSeconds(TestNow()) / kSecondsPerDay);
  const LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1"), block});
  EXPECT_EQ(ExplainSlots(group, 0).front().standing, Standing::kWaiting);
  EXPECT_EQ(ExplainSlots(group, 0).front().words, "to be made, and is next");
  EXPECT_THAT(Unsettled(group, {}, OwedTags::kCount), HasSubstr("still to be made"));
}

TEST(Explain, FrozenCalendars) {
  ScriptedHost host = AtRest();
  host.SetRole("home", AccessRole::kReader);
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "frozen: target read-only");
  host.SetRole("home", AccessRole::kOwner);
  host.FailListings("work", ApiError{.code = 404, .reason = "notFound"});
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "frozen: source unreachable");
}

TEST(Explain, ACalendarWithARoleThatNobodyKnowsIsReadOnly) {
  ScriptedHost host = AtRest();
  host.SetRole("home", AccessRole::kUnknown);
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "frozen: target read-only");
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(host), "waiting: to be deleted: its calendar is read-only");
}

TEST(Explain, WhatWaitsForAnAnswerAndForAFailureToPass) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  while (!host.waiting().empty() && !std::holds_alternative<InsertEvent>(*host.waiting().front().request)) host.AnswerNext();
  ASSERT_FALSE(host.waiting().empty());
  EXPECT_EQ(Told(host), "waiting: a call about it is under way");
  host.Script<InsertEvent>(ApiError{.code = 403, .reason = "quotaExceeded"});
  host.AnswerNext();
  EXPECT_THAT(Told(host), HasSubstr("to be made: Google refused writes, which rest"));
  EXPECT_GT(StoryOf(host).until, host.now());
}

TEST(Explain, ADisabledCalendarAndADirectionThatMirrorsNothing) {
  GroupConfig config = AConfig();
  config.EditPolicyFor(KeyOf("work"), KeyOf("home")).mirrors = false;
  ScriptedHost host = AtRest(config);
  EXPECT_EQ(Told(host), "not_due: not mirrored in this direction");
  config.calendars[1].state = LinkState::kDisabled;
  host.Give(OperatorCommand{Reconfigure{config}});
  host.Settle();
  EXPECT_EQ(Told(host), "not_due: calendar disabled");
}

TEST(Explain, AnEngineThatOnlyLooksSaysTheSameAsTheOneThatDecided) {
  ScriptedHost host = AtRest();
  Engine looks(AConfig(), host.image(), SipKey{});
  looks.LookAt(host.now(), nullptr);
  const std::optional<RowIndex> source = looks.records().FindAt(KeyOf("work"), "e1");
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(looks.Explain(*source).front().standing, Standing::kShown);
  EXPECT_EQ(looks.ExplainEvent(*source), "an event of a person");
}

TEST(Explain, WhatNobodyDecidedAboutYetIsSaidToBeThat) {
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1")});
  group.counts_from = group.now;
  EXPECT_EQ(ExplainSlots(group, 0).front().standing, Standing::kUnexplained);  // It decided, and there is no block.
  group.dirty_sources.insert(0);
  EXPECT_EQ(ExplainSlots(group, 0).front().standing, Standing::kWaiting);
}

}  // namespace
}  // namespace calsync
