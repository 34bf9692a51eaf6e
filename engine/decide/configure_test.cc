// A new configuration and the operator's commands: on the whole engine.

#include "engine/decide/configure.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"
#include "engine/testing/scripted_host.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

ScriptedHost TwoEventsAtRest() {
  ScriptedHost host(AConfig({"work", "home", "team"}));
  host.Put({.at = "work/e1"});
  host.Put({.at = "home/e2", .start = At("2026-05-05T10:00:00Z")});
  host.Start();
  host.Settle();
  host.ClearLog();
  return host;
}

GroupConfig WithState(const char* calendar, LinkState state) {
  GroupConfig config = AConfig({"work", "home", "team"});
  for (LinkedCalendar& link : config.calendars) {
    if (link.key == KeyOf(calendar)) link.state = state;
  }
  return config;
}

void Tell(ScriptedHost& host, GroupConfig config) {
  host.Give(OperatorCommand(Reconfigure{std::move(config)}));
  host.Settle();
}

TEST(Configure, ADisabledCalendarIsCleanedBothWays) {  // L5
  for (const LinkState state : {LinkState::kDisabled, LinkState::kRemoved}) {
    ScriptedHost host = TwoEventsAtRest();
    Tell(host, WithState("home", state));
    EXPECT_THAT(host.Live("home"), SizeIs(1));  // The person's own event stays (L6).
    EXPECT_THAT(host.Live("work"), SizeIs(1));
    EXPECT_THAT(host.Live("team"), SizeIs(1));
    EXPECT_EQ(host.engine().Unsettled(), "");
    host.ClearLog();
    host.Advance(absl::Hours(3));
    for (const ListEvents& call : RequestsOf<ListEvents>(host.calls())) EXPECT_NE(call.calendar, GoogleIdOf("home"));
  }
}

TEST(Configure, ACalendarThatIsEnabledAgainGetsTheNextGenerations) {  // S-10
  ScriptedHost host = TwoEventsAtRest();
  Tell(host, WithState("home", LinkState::kDisabled));
  Tell(host, WithState("home", LinkState::kEnabled));
  EXPECT_THAT(host.Live("work"), SizeIs(2));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
  EXPECT_THAT(host.Live("team"), SizeIs(2));
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_THAT(host.BlockOf("home/e2", "work"), IsBlock(RecordStatus::kCreated, 2));
  EXPECT_THAT(host.BlockOf("work/e1", "team"), IsBlock(RecordStatus::kCreated, 1));
}

TEST(Configure, ANewCalendarIsWalkedAndThenFilled) {
  ScriptedHost host(AConfig({"work", "home"}));
  host.Put({.at = "work/e1"});
  host.Put({.at = "team/e3", .start = At("2026-05-06T10:00:00Z")});
  host.Start();
  host.Settle();
  host.ClearLog();
  Tell(host, AConfig({"work", "home", "team"}));
  EXPECT_THAT(host.Live("work"), SizeIs(2));
  EXPECT_THAT(host.Live("home"), SizeIs(2));
  EXPECT_THAT(host.Live("team"), SizeIs(2));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Configure, ANewTitleRewritesEachBlockOnce) {
  ScriptedHost host = TwoEventsAtRest();
  GroupConfig config = AConfig({"work", "home", "team"});
  config.policy.title_template = "Busy - {summary}";
  Tell(host, config);
  EXPECT_EQ(host.Get("home", host.IdOfBlock("work/e1", "home")).summary, "Busy - Dentist");
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(4));
  EXPECT_EQ(host.Audited(AuditKind::kBreakerOpened), 0u);
}

GroupConfig WithTags(TagUserEvents tags) {
  GroupConfig config = AConfig();
  config.policy.tag_user_events = tags;
  return config;
}

TEST(Configure, TagsThatAreTurnedOnAreWritten) {
  ScriptedHost host = AtRest(WithTags(TagUserEvents::kOff));
  EXPECT_THAT(host.Get("work", "e1").private_properties, IsEmpty());
  Tell(host, WithTags(TagUserEvents::kLazy));
  EXPECT_THAT(host.Get("work", "e1").private_properties, SizeIs(1));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Configure, TagsThatAreTurnedOffAreNotWrittenAnyMore) {
  ScriptedHost host(WithTags(TagUserEvents::kLazy));
  for (int i = 10; i < 30; ++i) {
    host.Put({.at = absl::StrCat("work/e", i), .start = At("2026-05-05T10:00:00Z") + absl::Hours(i)});
  }
  host.Start();
  host.AnswerAll();
  while (RequestsOf<PatchEvent>(host.calls()).empty()) {  // Until the first of them leave; the others wait for these.
    host.set_now(host.timer());
    host.Give(TimerFired{});
  }
  const size_t in_flight = RequestsOf<PatchEvent>(host.calls()).size();
  EXPECT_LT(in_flight, 20u);
  Tell(host, WithTags(TagUserEvents::kOff));
  EXPECT_THAT(RequestsOf<PatchEvent>(host.calls()), SizeIs(in_flight));
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Configure, ARotationOfKeysKeepsEveryBlock) {  // L2
  ScriptedHost host = TwoEventsAtRest();
  GroupConfig config = AConfig({"work", "home", "team"});
  config.keys.insert(config.keys.begin(), SipKey{5, 6});
  Tell(host, config);
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  for (const ApiCall& call : host.calls()) EXPECT_FALSE(IsEventWrite(*call.request));
}

TEST(Configure, ARenamedGoogleCalendarIsRePointedAndKeepsItsBlocks) {  // Stable keys, never Google's ids.
  ScriptedHost host = TwoEventsAtRest();
  const std::string block = host.IdOfBlock("work/e1", "home");
  for (const Event& event : host.Live("home")) {
    host.Put({.at = "club/" + event.id.str()});
    host.Edit("club", event.id.text(), [&](Event& copy) { copy = event; });
  }
  GroupConfig config = AConfig({"work", "home", "team"});
  config.calendars[1].google_id = GoogleIdOf("club");
  Tell(host, config);
  EXPECT_EQ(host.IdOfBlock("work/e1", "home"), block);
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
}

TEST(Configure, AListingOfTheCalendarBeforeItWasRePointedProvesNothingOfTheNewOne) {
  ScriptedHost host = TwoEventsAtRest();
  host.Give(OperatorCommand(WalkAgain{}));  // Full walks are under way.
  GroupConfig config = AConfig({"work", "home", "team"});
  config.calendars[1].google_id = GoogleIdOf("club");
  host.Give(OperatorCommand(Reconfigure{config}));
  bool walked = false;
  while (!host.waiting().empty() && !walked) {
    const ListEvents* list = std::get_if<ListEvents>(host.waiting().front().request.get());
    walked = list != nullptr && list->calendar == GoogleIdOf("club");
    if (!walked) host.AnswerNext();
  }
  EXPECT_TRUE(walked);
  EXPECT_FALSE(host.engine().calendar(KeyOf("home"))->walked);
}

TEST(Configure, ACalendarThatWasRePointedWhileNoEngineRanIsWalkedBeforeAnythingIsPutThere) {  // Tombstones are only seen there.
  ScriptedHost host = TwoEventsAtRest();
  host.Crash(Carried::kOut);
  GroupConfig config = AConfig({"work", "home", "team"});
  config.calendars[1].google_id = GoogleIdOf("club");
  host.set_config(config);
  host.Put({.at = "work/e3", .start = At("2026-05-06T10:00:00Z")});
  host.Start();
  EXPECT_FALSE(host.engine().calendar(KeyOf("home"))->walked);
  for (const ListEvents& list : RequestsOf<ListEvents>(host.calls())) {
    EXPECT_EQ(list.sync_token.has_value(), list.calendar != GoogleIdOf("club")) << list.calendar.text();
  }
  host.Settle();
  EXPECT_TRUE(host.engine().calendar(KeyOf("home"))->walked);
}

TEST(Configure, WhatIsDueIsAskedByTheNewSettingsFromTheirFirstMomentOn) {  // The window's end asks it at any time.
  GroupConfig config = AConfig();
  config.policy.keywords = {"dentist"};
  Record source = UserEvent("k1", "work/e1");
  source.summary = SharedText("Dentist");
  Record block = Block({.status = RecordStatus::kFailed});
  block.hold = Hold::kParked;
  Record fragment = Seen({.at = absl::StrCat("home/", block.event.view(), "_R20260511T100000"), .as = SeenAs::kFragment});
  fragment.master = block.event;
  LiveGroup group = ALiveGroup(config, {source, block, fragment});
  LookAt(group, group.now, nullptr);
  group.row.window_start = group.now - absl::Hours(25);
  group.row.window_explained = 5;  // More than nothing is left over.
  config.policy.keywords = {"holiday"};
  config.policy.already_busy = AlreadyBusy::kExact;
  OnCommand(group, Reconfigure{config});
  EXPECT_EQ(group.records[*group.records.FindById(IdNamed("k1"))].keywords, 0u);
  EXPECT_TRUE(group.cover.on);
}

TEST(Configure, ABlockWhoseKeyWasDroppedBeforeItsInsertWasAnsweredIsAdoptedAllTheSame) {  // L4: not inserted over and over.
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  host.Crash(Carried::kOut);
  GroupConfig config = AConfig();
  config.keys = {SipKey{5, 6}};
  host.set_config(config);
  host.ClearLog();
  host.Start();
  host.Settle();
  EXPECT_THAT(host.BlockOf("work/e1", "home"), IsBlock(RecordStatus::kCreated, 1));
  EXPECT_THAT(RequestsOf<InsertEvent>(host.calls()), IsEmpty());
  host.Edit("home", host.IdOfBlock("work/e1", "home"), [](Event& block) { block.summary = "Somebody's"; });
  host.Give(OperatorCommand(WalkAgain{}));
  host.Settle();
  EXPECT_EQ(host.Get("home", host.IdOfBlock("work/e1", "home")).summary, "Busy");  // It is looked after, too.
}

// A calendar should stay listed as removed, so that it can be cleaned; an operator may drop it nevertheless.
TEST(ConfigureDeathTest, DroppingACalendarWithCallsInFlightDoesNotStopTheProcess) {
  EXPECT_EXIT(
      {
        ScriptedHost host(AConfig({"work", "home", "team"}));
        host.Put({.at = "work/e1"});
        host.Start();
        host.Give(OperatorCommand(Reconfigure{AConfig({"work", "home"})}));
        host.Settle();
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

// What was under way is answered after the calendar was dropped, to nobody.
void DropHomeAndLinkItAgain(ScriptedHost& host) {
  Tell(host, AConfig({"work"}));
  Tell(host, AConfig({"work", "home"}));
}

TEST(Configure, AnAbsenceThatWaitsForItsProofIsReadAgainWhenItsCalendarIsBack) {
  ScriptedHost host = AtRest();
  const std::string block = host.IdOfBlock("work/e1", "home");
  host.Purge("home", block);
  host.Edit("work", "e1", [](Event& event) { event.end.instant += absl::Hours(1); });
  host.Give(OperatorCommand(WalkAgain{}));
  while (!host.BlockOf("work/e1", "home").absent) host.AnswerNext();
  DropHomeAndLinkItAgain(host);
  host.Advance(absl::Hours(2));
  EXPECT_FALSE(host.BlockOf("work/e1", "home").absent);
  EXPECT_EQ(host.engine().Unsettled(), "");
}

TEST(Configure, AnInsertThatWasForgottenWithItsCalendarIsAmbiguous) {
  ScriptedHost host;
  host.Put({.at = "work/e1"});
  host.Start();
  while (RequestsOf<InsertEvent>(host.calls()).empty()) host.AnswerNext();
  Tell(host, AConfig({"work"}));
  ASSERT_THAT(host.Live("home"), SizeIs(1));
  host.Cancel("home", host.Live("home")[0].id.text());
  Tell(host, AConfig({"work", "home"}));
  host.Advance(absl::Hours(2));
  EXPECT_THAT(host.Live("home"), IsEmpty());  // A person may have deleted it.
}

TEST(Configure, AMasterThatWasToBeAskedForIsAskedForWhenItsCalendarIsBack) {  // S-18
  constexpr char kOccurrence[] = "m1_20260511T100000Z";
  ScriptedHost host;
  host.Put({.at = absl::StrCat("home/", kOccurrence), .start = At("2026-05-11T10:00:00Z"), .master = "m1"});
  host.Start();
  EventsPage first_of_two;
  first_of_two.items = {std::make_shared<const Event>(host.Get("home", kOccurrence))};
  first_of_two.next_page_token = PageToken("p");
  host.AnswerNext();  // The other calendar's.
  host.Script<ListEvents>(std::move(first_of_two));
  host.AnswerNext();
  ASSERT_TRUE(host.records().FindAt(KeyOf("home"), kOccurrence).has_value());
  DropHomeAndLinkItAgain(host);
  host.Advance(absl::Hours(2));
  const auto reads = RequestsOf<GetEvent>(host.calls());
  EXPECT_TRUE(std::ranges::any_of(reads, [](const GetEvent& read) { return read.event.text() == "m1"; }));
  EXPECT_THAT(host.Live("work"), SizeIs(1));  // There is no such series: it blocks by itself.
}

TEST(Configure, TheOperatorsWordClosesTheBreaker) {  // L8
  GroupConfig config = AConfig();
  GroupImage image;
  image.group.breaker_open = true;
  ScriptedHost host(config, image);
  host.Put({.at = "work/e1"});
  host.Start();
  host.Advance(absl::Hours(3));
  EXPECT_THAT(host.Live("home"), IsEmpty());
  EXPECT_EQ(host.engine().Unsettled(), "");
  host.Give(OperatorCommand(ResumeWrites{}));
  host.Settle();
  EXPECT_THAT(host.Live("home"), SizeIs(1));
}

}  // namespace
}  // namespace calsync
