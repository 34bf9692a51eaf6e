#include "engine/decide/cover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "engine/decide/desired.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

GroupConfig Exact() {
  GroupConfig config = AConfig();
  config.policy.already_busy = AlreadyBusy::kExact;
  return config;
}

size_t OnHome(const ScriptedHost& host) { return host.Live("home").size(); }

TEST(Cover, ATargetThatIsBusyAtExactlyTheseTimesGetsNoBlock) {
  ScriptedHost host(Exact());
  host.Put({.at = "home/e2", .title = "Mirrored by another product"});
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  EXPECT_EQ(OnHome(host), 1u);
  EXPECT_EQ(host.Audited(AuditKind::kSkippedByPolicy), 2u);  // Each covers the other's slot.
}

TEST(Cover, OtherTimesOrAFreeEventCoverNothing) {
  ScriptedHost host(Exact());
  host.Put({.at = "home/e2", .length = absl::Minutes(31)});
  host.Put({.at = "home/e3"});
  host.Edit("home", "e3", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  EXPECT_EQ(OnHome(host), 3u);
}

TEST(Cover, RemovesNoBlock) {
  ScriptedHost host(Exact());
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  ASSERT_EQ(OnHome(host), 1u);
  host.Put({.at = "home/e2"});
  host.Advance(absl::Minutes(10));
  EXPECT_EQ(OnHome(host), 2u);
}

TEST(Cover, WhenItGoesTheBlockIsMadeAfterOnePollInterval) {
  ScriptedHost host(Exact());
  host.Put({.at = "home/e2"});
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  host.Cancel("home", "e2");
  host.Advance(absl::Minutes(5));  // A poll sees it.
  EXPECT_EQ(OnHome(host), 0u);
  EXPECT_NE(host.engine().Unsettled(), "");
  host.Crash(Carried::kNot);  // The wait is durable.
  host.Start();
  host.Settle();
  EXPECT_EQ(OnHome(host), 0u);
  host.Advance(absl::Minutes(6));
  EXPECT_EQ(OnHome(host), 1u);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Cover, ThatIsAskedForSinceNoEngineRanIsWhatAFullWalkShows) {
  ScriptedHost host;
  host.Put({.at = "home/x1", .tag = ForeignBlockTag()});
  host.Start();
  host.Settle();
  host.Cancel("home", "x1");  // Nobody asked what it covered.
  host.Advance(absl::Minutes(12));
  host.Crash(Carried::kNot);
  host.set_config(Exact());
  host.Put({.at = "work/e1"});
  host.Start();
  host.Advance(absl::Minutes(12));
  EXPECT_EQ(OnHome(host), 1u);
}

TEST(Cover, LastsAsLongAsTheBlockThatGoesIsShown) {  // L8: seed 15692.
  GroupConfig config = AConfig({"work", "home", "club"});
  config.policy.already_busy = AlreadyBusy::kExact;
  ScriptedHost host(config);
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  ASSERT_THAT(host.Live("club"), SizeIs(1));
  for (int refusals = 0; refusals < 3; ++refusals) host.Script<DeleteEvent>(ApiError{.code = 503});
  host.Cancel("work", "e1");
  host.Put({.at = "home/e2"});
  host.ClearLog();
  host.Give(OperatorCommand(WalkAgain{}));
  for (int answers = 0; answers < 3; ++answers) host.AnswerNext();
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  host.Advance(absl::Minutes(20));
  EXPECT_THAT(host.Live("club"), SizeIs(1));
}

TEST(Cover, GoesWithAWalkThatBeginsInTheSecondInWhichItWasShown) {  // L3: small legacy seed 502558.
  ScriptedHost host(Exact());
  host.Put({.at = "home/x1", .tag = ForeignBlockTag()});
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  host.Give(OperatorCommand(WalkAgain{}));
  host.AnswerAll();
  ASSERT_EQ(OnHome(host), 1u);
  host.Purge("home", "x1");
  host.Give(OperatorCommand(WalkAgain{}));
  host.AnswerAll();
  EXPECT_EQ(OnHome(host), 0u);
  host.Advance(absl::Minutes(12));
  EXPECT_EQ(OnHome(host), 1u);
}

TEST(Cover, OfABlockThatIsMadeAnewLiesWhereThatIsToBe) {  // L8: seed 17302993 of the small shape with --legacy.
  ScriptedHost host(Exact());
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  host.Edit("work", "e1", [](Event& event) { event.transparency = Transparency::kTransparent; });
  host.Advance(absl::Minutes(6));
  ASSERT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kDeleted, 1));
  host.Script<InsertEvent>(ApiError{.code = 403, .reason = "quotaExceeded"});  // Writes rest for an hour.
  host.Put({.at = "work/e1", .start = At("2026-05-04T15:00:00Z")});
  host.Advance(absl::Minutes(6));
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreating, 2));
  EXPECT_EQ(host.BlockOf("work/e1", "home").span, host.Get("work", "e1").span());
}

TEST(Cover, AnOccurrenceThatStandsAloneCoversAndHearsThatItsCoverWent) {  // L3: seed 14147670.
  Record series = UserEvent({.id = "k1", .at = "work/e1", .status = RecordStatus::kGone});
  Record occurrence = UserEvent("k2", "work/e1_20260504T100000Z");
  occurrence.master = series.event;
  occurrence.original = occurrence.span.start;
  occurrence.alone = true;
  LiveGroup group = ALiveGroup(Exact(), {series, occurrence, UserEvent("k3", "home/e2")});
  ResetCover(group);
  ASSERT_TRUE(IsCovered(group, group.records[2], KeyOf("work")));
  ASSERT_TRUE(IsCovered(group, group.records[1], KeyOf("home")));
  group.records.Change(2, [](Record& record) { record.status = RecordStatus::kGone; });
  FollowCover(group);
  EXPECT_TRUE(group.dirty_sources.contains(1));
  EXPECT_EQ(group.records[1].cover_went_s, absl::ToUnixSeconds(group.now));
}

TEST(Cover, IsAskedOfDirectionsThatWantItAlone) {
  GroupConfig config = AConfig();
  config.EditPolicyFor(KeyOf("home"), KeyOf("work")).already_busy = AlreadyBusy::kExact;
  ScriptedHost host(std::move(config));
  host.Put({.at = "home/e2"});
  host.Put({.at = "work/e1"});
  host.Start();
  host.Settle();
  EXPECT_EQ(host.Live("home").size(), 2u);
  EXPECT_EQ(host.Live("work").size(), 1u);
}

TEST(Cover, NothingIsFollowedIfNoDirectionAsks) {
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1")});
  ResetCover(group);
  EXPECT_FALSE(group.cover.on);
  EXPECT_TRUE(group.cover.rows.empty());
}

}  // namespace
}  // namespace calsync
