#include "fakegoogle/faults/fault_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "fakegoogle/model/random.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

using testing::Contains;
using testing::Each;

FaultPlan Always(FaultKind kind) {
  FaultPlan plan;
  plan.enumerate = true;
  plan[kind] = 1;
  return plan;
}

// The benign choice everywhere, but that the named draws give these values.
struct Script {
  std::vector<std::pair<std::string, uint64_t>> values;
  mutable std::vector<std::string> asked;
  uint64_t operator()(uint64_t bound, absl::string_view label) const {
    asked.emplace_back(label);
    for (const auto& [name, value] : values) {
      if (label == name) return std::min(value, bound - 1);
    }
    return 0;
  }
};

const Request kInsert = InsertEvent{kAda, AnEvent()};
const Request kPatch = PatchEvent{kAda, EventId("abcde"), SummaryPatch("x")};
const Request kTag = PatchEvent{kAda, EventId("abcde"), {.private_properties = {{"calsync.1", "x"}}}};
const Request kWatch = WatchEvents{.calendar = kAda};
const Request kGet = GetEvent{kAda, EventId("abcde")};
const Request kList = ListEvents{.calendar = kAda};
const Request kDelta = ListEvents{.calendar = kAda, .sync_token = SyncToken("t")};
const Request kDeltaPage = ListEvents{.calendar = kAda, .sync_token = SyncToken("t"), .page_token = PageToken("p")};

TEST(FaultLayer, DrawsNothingInAPerfectWorld) {
  FaultLayer layer;
  Script script;
  const CallPlan plan = layer.PlanCall(kEngine, kInsert, kStart, script);
  EXPECT_EQ(plan.apply, 1);
  EXPECT_EQ(plan.answer, CallPlan::Answer::kReal);
  EXPECT_FALSE(plan.fault.has_value());
  EXPECT_EQ(layer.PlanMessage(PushMessage(), kStart, script).deliveries.size(), 1u);
  EXPECT_TRUE(script.asked.empty());
}

TEST(FaultLayer, TakesZeroForBenignWhateverTheRates) {
  FaultPlan all;
  all.per_mille.fill(40);
  for (const bool enumerate : {false, true}) {
    all.enumerate = enumerate;
    FaultLayer layer(all);
    Script script;
    for (const Request& request : {kInsert, kPatch, kGet, kList, kDelta, kDeltaPage}) {
      const CallPlan plan = layer.PlanCall(kEngine, request, kStart, script);
      EXPECT_FALSE(plan.fault || plan.view_fault);
      EXPECT_EQ(plan.apply, 1);
    }
    EXPECT_FALSE(layer.PlanMessage(PushMessage(), kStart, script).fault.has_value());
    EXPECT_EQ(layer.counts().total(), 0);
  }
}

TEST(FaultLayer, DoesWhatTheCatalogueSays) {  // C-104 C-27
  using Answer = CallPlan::Answer;
  const struct {
    FaultKind kind;
    Request request;
    int apply;
    Answer answer;
    Transport transport;
    int code;
  } kRows[] = {
      {FaultKind::kRequestLost, kInsert, 0, Answer::kNever, Transport::kAnswered, 0},
      {FaultKind::kResponseLost, kInsert, 1, Answer::kNever, Transport::kAnswered, 0},
      {FaultKind::kLateAnswer, kInsert, 1, Answer::kReal, Transport::kAnswered, 0},
      {FaultKind::kAppliedTwice, kInsert, 2, Answer::kReal, Transport::kAnswered, 0},
      {FaultKind::kUnreadable, kInsert, 1, Answer::kError, Transport::kUnreadable, 200},
      {FaultKind::kClog, kInsert, 1, Answer::kReal, Transport::kAnswered, 0},
      {FaultKind::kOutage, kInsert, 0, Answer::kError, Transport::kAnswered, 503},
      {FaultKind::kNotSent, kInsert, 0, Answer::kError, Transport::kNotSent, 0},
      {FaultKind::kRateLimited, kInsert, 0, Answer::kError, Transport::kAnswered, 403},
      {FaultKind::kUsageLimit, kInsert, 0, Answer::kError, Transport::kAnswered, 403},
      {FaultKind::kErrorBefore, kInsert, 0, Answer::kError, Transport::kAnswered, 503},
      {FaultKind::kErrorAfter, kInsert, 1, Answer::kError, Transport::kAnswered, 503},
      {FaultKind::kUnauthorized, kGet, 0, Answer::kError, Transport::kAnswered, 401},
      {FaultKind::kTokenGone, kDelta, 0, Answer::kError, Transport::kAnswered, 410},
      {FaultKind::kPageGone, kDeltaPage, 0, Answer::kError, Transport::kAnswered, 410},
      {FaultKind::kFalseStale, kPatch, 0, Answer::kError, Transport::kAnswered, 412},
      {FaultKind::kSlowList, kList, 1, Answer::kReal, Transport::kAnswered, 0},
      {FaultKind::kPoorChannel, kWatch, 0, Answer::kError, Transport::kAnswered, 400},
  };
  for (const auto& row : kRows) {
    FaultLayer layer(Always(row.kind));
    Script script{.values = {{"call fault", 1}}};
    const CallPlan plan = layer.PlanCall(kEngine, row.request, kStart, script);
    const absl::string_view name = Words(row.kind);
    EXPECT_EQ(plan.fault, row.kind) << name;
    EXPECT_EQ(plan.apply, row.apply) << name;
    EXPECT_EQ(plan.answer, row.answer) << name;
    const ApiError error = plan.error.value_or(ApiError());
    EXPECT_EQ(error.transport, row.transport) << name;
    EXPECT_EQ(error.code, row.code) << name;
    EXPECT_GE(plan.answered_after, plan.reaches_after) << name;
    EXPECT_EQ(layer.counts()[row.kind], 1) << name;
    EXPECT_EQ(layer.counts().total(), 1) << name;
  }
}

TEST(FaultLayer, DisturbsWhatACallSees) {  // C-34 K-23
  const auto plan_of = [](FaultKind kind, const Request& request) {
    FaultLayer layer(Always(kind));
    Script script{.values = {{"view fault", 1}, {"list lag", 7}, {"get lag", 7}, {"unseen for", 7}}};
    return layer.PlanCall(kEngine, request, kStart, script).conditions;
  };
  EXPECT_EQ(plan_of(FaultKind::kStaleList, kList).list_lag, absl::Minutes(10));
  EXPECT_EQ(plan_of(FaultKind::kStaleGet, kGet).get_lag, absl::Minutes(1));
  EXPECT_EQ(plan_of(FaultKind::kUnseenNew, kPatch).unseen_for, absl::Minutes(1));
  EXPECT_TRUE(plan_of(FaultKind::kHostileSkip, kDelta).hostile_skip);
  EXPECT_TRUE(plan_of(FaultKind::kRepeatedRow, kDelta).repeat_boundary);
  EXPECT_TRUE(plan_of(FaultKind::kTagDropped, kTag).drops_private);
  EXPECT_FALSE(plan_of(FaultKind::kTagDropped, kPatch).drops_private) << "it writes no tag";
  FaultLayer layer(Always(FaultKind::kPoorChannel));
  Script script{.values = {{"call fault", 1}, {"what kind of channel", 2}, {"life of a channel", 7}}};
  EXPECT_EQ(layer.PlanCall(kEngine, kWatch, kStart, script).conditions.channel_life_max, absl::Hours(24));
  EXPECT_FALSE(plan_of(FaultKind::kHostileSkip, kList).hostile_skip) << "a full walk shows everything";
}

TEST(FaultLayer, AsksOnlyWhereAKindApplies) {
  const struct {
    FaultKind kind;
    Request request;
  } kRows[] = {{FaultKind::kTokenGone, kList},  {FaultKind::kPageGone, kDelta}, {FaultKind::kFalseStale, kInsert},
               {FaultKind::kUsageLimit, kList}, {FaultKind::kStaleList, kGet},  {FaultKind::kAppliedTwice, kGet}};
  for (const auto& row : kRows) {
    FaultLayer layer(Always(row.kind));
    Script script;
    (void)layer.PlanCall(kEngine, row.request, kStart, script);
    EXPECT_TRUE(script.asked.empty()) << Words(row.kind);
  }
}

TEST(FaultLayer, StrikesAtTheStatedRates) {
  FaultPlan plan;
  plan[FaultKind::kRequestLost] = 100;
  plan[FaultKind::kErrorAfter] = 50;
  FaultLayer layer(plan);
  uint64_t random = 1;
  const auto choose = [&](uint64_t bound, absl::string_view) { return NextRandom(random) % bound; };
  for (int i = 0; i < 20000; ++i) (void)layer.PlanCall(kEngine, kInsert, kStart, choose);
  EXPECT_NEAR(static_cast<double>(layer.counts()[FaultKind::kRequestLost]), 2000, 200);
  EXPECT_NEAR(static_cast<double>(layer.counts()[FaultKind::kErrorAfter]), 1000, 150);
}

TEST(FaultLayer, LetsWindowsLast) {  // C-103
  Script strike{.values = {{"call fault", 1}, {"clog", 7}, {"outage", 7}, {"usage limit", 7}}};
  Script benign;
  const Caller bob{kBobAccount, kEngine.actor};
  {
    FaultLayer layer(Always(FaultKind::kClog));
    (void)layer.PlanCall(kEngine, kGet, kStart, strike);
    const CallPlan hung = layer.PlanCall(kEngine, kGet, kStart + absl::Minutes(4), benign);
    EXPECT_GT(hung.reaches_after, absl::Minutes(6));
    EXPECT_LT(layer.PlanCall(bob, kGet, kStart + absl::Minutes(4), benign).reaches_after, absl::Minutes(1));
    EXPECT_THAT(layer.WindowsEnd(kStart + absl::Minutes(4)), Contains(kStart + absl::Minutes(10)).Times(1));
    EXPECT_THAT(layer.WindowsEnd(kStart + absl::Minutes(11)), Each(kStart + absl::Minutes(11)));
  }
  {
    FaultLayer layer(Always(FaultKind::kUsageLimit));
    (void)layer.PlanCall(kEngine, kInsert, kStart, strike);
    EXPECT_EQ(layer.PlanCall(kEngine, kInsert, kStart + absl::Hours(1), benign).error->reason, "quotaExceeded");
    EXPECT_EQ(layer.PlanCall(kEngine, kList, kStart + absl::Hours(1), benign).apply, 1) << "reads go on";
    EXPECT_EQ(layer.PlanCall(bob, kInsert, kStart + absl::Hours(1), benign).apply, 1);
    EXPECT_EQ(layer.PlanCall(kEngine, kInsert, kStart + absl::Hours(12), benign).apply, 1);
  }
  {
    FaultLayer layer(Always(FaultKind::kOutage));
    (void)layer.PlanCall(kEngine, kInsert, kStart, strike);
    EXPECT_EQ(layer.PlanCall(bob, kList, kStart + absl::Hours(5), benign).apply, 0);
    layer.Calm();
    EXPECT_EQ(layer.PlanCall(bob, kList, kStart + absl::Hours(5), strike).apply, 1);
  }
}

TEST(FaultLayer, PlansMessages) {  // C-84
  const PushMessage message{
      .channel = ChannelId("c"), .token = "secret", .resource = ResourceId("r"), .calendar = kAda, .made_at = kStart};
  const auto plan_of = [&](FaultKind kind, uint64_t size = 0) {
    FaultLayer layer(Always(kind));
    Script script{.values = {{"message fault", 1}, {"notice delay", size}, {"forgery", size}}};
    return layer.PlanMessage(message, kStart, script);
  };
  EXPECT_EQ(plan_of(FaultKind::kDropped).deliveries.size(), 0u);
  EXPECT_EQ(plan_of(FaultKind::kDoubled).deliveries.size(), 2u);
  EXPECT_EQ(plan_of(FaultKind::kStorm).deliveries.size(), 20u);
  EXPECT_GT(plan_of(FaultKind::kDelayed, 7).deliveries[0].after, absl::Hours(3));
  EXPECT_GT(plan_of(FaultKind::kReordered).deliveries[0].after, FaultPlan().notice_after);
  EXPECT_EQ(plan_of(FaultKind::kNotExists).deliveries[0].message.state, ResourceState::kNotExists);
  std::set<std::string> forgeries;
  for (uint64_t form = 0; form < 5; ++form) {
    const MessagePlan plan = plan_of(FaultKind::kForged, form);
    ASSERT_EQ(plan.deliveries.size(), 2u);
    EXPECT_FALSE(plan.deliveries[0].forged);
    EXPECT_TRUE(plan.deliveries[1].forged);
    const PushMessage& forged = plan.deliveries[1].message;
    forgeries.insert(absl::StrCat(forged.channel.text(), "/", forged.token));
  }
  EXPECT_EQ(forgeries, (std::set<std::string>{"forged-1/secret", "c/wrong", "c/", "forged-1/wrong", "c/secret"}));
}

TEST(FaultLayer, MayAnnounceAChangeBeforeListsShowIt) {  // C-34 K-13
  Desk desk;
  (void)desk.Call(WatchEvents{.calendar = kAda, .channel = ChannelId("c"), .address = "https://x"}, kEngine);
  (void)desk.server.TakeMessages();
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.now += absl::Minutes(1);
  desk.Insert(AnEvent());
  FaultLayer layer(Always(FaultKind::kEarlyNotice));
  Script script{.values = {{"message fault", 1}, {"hidden for", 7}}};
  const std::vector<PushMessage> messages = desk.server.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  const MessagePlan plan = layer.PlanMessage(messages[0], desk.now, script);
  EXPECT_EQ(plan.deliveries.size(), 1u);

  const Request list = ListEvents{.calendar = kAda, .sync_token = token};
  desk.now += absl::Minutes(1);
  const CallPlan early = layer.PlanCall(kEngine, list, desk.now, script);
  desk.now += early.reaches_after;
  const auto empty = std::get<EventsPage>(desk.Call(list, kEngine, early.conditions));
  EXPECT_TRUE(empty.items.empty());
  desk.now += absl::Minutes(10);
  const Request again = ListEvents{.calendar = kAda, .sync_token = empty.next_sync_token};
  const CallPlan late = layer.PlanCall(kEngine, again, desk.now, script);
  EXPECT_EQ(std::get<EventsPage>(desk.Call(again, kEngine, late.conditions)).items.size(), 1u);
}

TEST(FaultKinds, HaveDistinctNames) {
  std::set<absl::string_view> ids, words;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    ids.insert(CatalogueId(static_cast<FaultKind>(i)));
    words.insert(Words(static_cast<FaultKind>(i)));
  }
  EXPECT_EQ(ids.size(), kFaultKinds);
  EXPECT_EQ(words.size(), kFaultKinds);
}

}  // namespace
}  // namespace calsync::fake
