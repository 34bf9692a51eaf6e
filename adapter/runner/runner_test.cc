#include "adapter/runner/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/store/memory_store.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

constexpr CalendarKey kWork(1);
constexpr CalendarKey kHome(2);

// A store whose commits fail as often as the test says.
class FailingStore final : public Store {
 public:
  absl::StatusOr<LoadedGroup> Load(const GroupId& group) override { return inner_.Load(group); }
  absl::Status Apply(const GroupId& group, int64_t epoch, const Commit& commit) override {
    if (failures == 0 || std::exchange(good, std::max(good - 1, 0)) > 0) return inner_.Apply(group, epoch, commit);
    --failures;
    return failure;
  }
  absl::StatusOr<int64_t> Epoch(const GroupId& group) override { return inner_.Epoch(group); }
  absl::StatusOr<GroupImage> Peek(const GroupId& group) override { return inner_.Peek(group); }
  absl::StatusOr<std::vector<GroupId>> Groups() override { return inner_.Groups(); }
  absl::Status Forget(const GroupId& group) override { return inner_.Forget(group); }
  absl::Status Put(const GroupId& group, const StoredGroup& stored) override { return inner_.Put(group, stored); }
  absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId& group, const AuditQuery& query) override {
    return inner_.Audit(group, query);
  }
  absl::StatusOr<int64_t> AuditCount(const GroupId& group) override { return inner_.AuditCount(group); }

  absl::Status Begin() override {
    EXPECT_FALSE(open);
    if (begin_failures > 0) {
      --begin_failures;
      return failure;
    }
    open = true;
    return absl::OkStatus();
  }
  absl::Status Flush() override {
    EXPECT_TRUE(open);
    open = false;
    ++flushes;
    if (flush_failures == 0) return absl::OkStatus();
    --flush_failures;
    return failure;
  }

  int failures = 0;  // Of Apply; of the batch's beginning and end.
  int good = 0;      // So many are stored before the failures.
  int begin_failures = 0;
  int flush_failures = 0;
  absl::Status failure = absl::UnavailableError("locked");
  bool open = false;  // What was applied is not durable yet.
  int flushes = 0;

 private:
  MemoryStore inner_;
};

// Google, as the fake's model has it: an answer for each call, a moment later.
class ModelCaller final : public Caller {
 public:
  ModelCaller(http::Loop& loop, fake::Server& server, const FailingStore& store) : loop_(loop), server_(server), store_(store) {}

  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) override {
    EXPECT_FALSE(store_.open) << "nothing leaves before it is durable (L7)";
    if (std::holds_alternative<ListEvents>(*request)) known = questions.known;
    if (std::exchange(wait_next, false)) {
      waiting = [this, account, request, answered, questions] {
        if (questions.may_leave()) return Leave(account, request, answered);
        ++held_back;
        answered(ApiError{.transport = Transport::kNotSent});
      };
      return;
    }
    Leave(account, std::move(request), std::move(answered));
  }
  void Leave(const AccountId& account, std::shared_ptr<const Request> request, Answered answered) {
    ++sent_[request->index()];
    accounts.push_back(account.str());
    if (silent) return;
    loop_.After(delay, [this, account, request = std::move(request), answered = std::move(answered)] {
      answered(server_.Handle({account, {fake::ActorKind::kEngine, 0}}, *request, absl::Now()));
    });
  }
  template <class T>
  int Sent() const {
    const auto found = sent_.find(Request(T()).index());
    return found == sent_.end() ? 0 : found->second;
  }

  std::vector<std::string> accounts;
  absl::Duration delay = absl::ZeroDuration();
  bool silent = false;            // Calls leave, and no answer comes.
  std::function<void()> waiting;  // What waits to leave: the next call after `wait_next` was set.
  bool wait_next = false;
  int held_back = 0;
  std::function<std::vector<std::optional<EventVersion>>(absl::Span<const VersionView>)> known;  // Of the listing that left last.

 private:
  http::Loop& loop_;
  fake::Server& server_;
  const FailingStore& store_;
  std::map<size_t, int> sent_;
};

class Troubles final : public Watcher {
 public:
  void OnCommit(const GroupConfig& /*group*/, const Commit& /*commit*/) override { ++commits; }
  void OnTrouble(const GroupId& group, const absl::Status& status, absl::Duration again_in) override {
    said.push_back(absl::StrCat(group.text(), ": ", status.message(), again_in == absl::InfiniteDuration() ? ", for good" : ""));
  }
  void OnStore(const absl::Status& status) override { store.emplace_back(status.message()); }
  int commits = 0;
  std::vector<std::string> said;
  std::vector<std::string> store;
};

// A loop, Ada's two calendars, and a runner. Times are real: nothing waits longer than a second.
class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() : caller_(loop_, desk_.server, store_) { Restart(); }

  void Restart(size_t rows_max = 1000) {
    runner_ = std::make_unique<Runner>(loop_, store_, epochs_, caller_, &troubles_,
                                       RunnerOptions{.clock = [this] { return absl::Now() + clock_offset_; },
                                                     .seed =
                                                         [this] {
                                                           return SipKey{++seed_, 7};
                                                         },
                                                     .rows_max = rows_max,
                                                     .look_at_clock = absl::Milliseconds(50)});
  }
  Runner::Linked Group(const std::string& name, const CalendarId& first = fake::kAda, const CalendarId& second = fake::kTeam) {
    Runner::Linked linked;
    linked.config.id = GroupId(name);
    linked.config.instance = InstanceId{77};
    linked.config.keys = {{1, 2}};
    linked.config.calendars = {{.key = kWork, .google_id = first, .name = "Work"},
                               {.key = kHome, .google_id = second, .name = "Home"}};
    linked.config.policy.poll_interval = absl::Seconds(1);
    linked.config.policy.tag_user_events = TagUserEvents::kOff;
    linked.accounts = {{kWork, fake::kAdaAccount}, {kHome, second == fake::kBob ? fake::kBobAccount : fake::kAdaAccount}};
    return linked;
  }
  void Add(const CalendarId& calendar, const std::string& summary) {
    Event event = fake::AnEvent(summary);
    event.start = EventTime::At(absl::Now() + absl::Hours(24));
    event.end = EventTime::At(absl::Now() + absl::Hours(25));
    desk_.server.Handle(fake::kAdaPerson, InsertEvent{calendar, event}, absl::Now());
  }
  // Runs the loop until it holds, or for five seconds.
  template <class Condition>
  bool Until(Condition condition) {
    const absl::Time end = absl::Now() + absl::Seconds(5);
    while (!condition() && absl::Now() < end) {
      loop_.After(absl::Milliseconds(2), [this] { loop_.Stop(); });
      loop_.Run();
    }
    return condition();
  }
  bool Settled() {
    for (const Runner::View& view : runner_->Groups()) {
      if (view.engine == nullptr || !view.engine->Unsettled().empty()) {
        why_ = view.engine == nullptr ? "not loaded" : view.engine->Unsettled();
        return false;
      }
    }
    return true;
  }

  fake::Desk desk_;
  http::Loop loop_;
  FailingStore store_;
  Epochs epochs_;
  ModelCaller caller_;
  Troubles troubles_;
  uint64_t seed_ = 0;
  std::string why_;  // It is not settled.
  absl::Duration clock_offset_ = absl::ZeroDuration();
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, AnEventGetsItsBlockAndAPollFindsTheNext) {
  Add(fake::kAda, "Dentist");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
  Add(fake::kTeam, "Review");
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kAda) == 2; })) << "by polling alone";
}

TEST_F(RunnerTest, TellsWhoReadsAListingWhatItsEngineKnows) {
  Add(fake::kAda, "Dentist");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  const Records& records = runner_->Groups()[0].engine->records();
  std::vector<VersionView> shown;
  for (RowIndex row = 0; row < records.size(); ++row) shown.push_back({records[row].event.view(), records[row].etag.view()});
  ASSERT_EQ(shown.size(), 2u) << "the event and its block";
  caller_.silent = true;
  const int listings = caller_.Sent<ListEvents>();
  ASSERT_TRUE(Until([&] { return caller_.Sent<ListEvents>() > listings; }));
  int known = 0;
  for (const auto& answer : caller_.known(shown)) known += answer.has_value() ? 1 : 0;
  EXPECT_EQ(known, 1) << "what lies on the calendar that is listed";
}

TEST_F(RunnerTest, EachCalendarIsAskedForWithItsOwnAccount) {
  runner_->Configure({Group("both", fake::kAda, fake::kBob)});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  EXPECT_THAT(caller_.accounts, ::testing::Contains("bob@example.com"));
  EXPECT_THAT(caller_.accounts, ::testing::Contains("ada@example.com"));
  EXPECT_EQ(runner_->Groups()[0].engine->calendar(kHome)->unreachable, false);
}

TEST_F(RunnerTest, AStoreThatFailsEndsTheEngineAndItStartsAgain) {
  Add(fake::kAda, "Dentist");
  store_.failures = 1;
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return troubles_.said.size() == 1; }));
  EXPECT_EQ(desk_.server.CountLive(fake::kTeam), 0u);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
}

TEST_F(RunnerTest, ACallThatWaitsToLeaveDoesNotOutliveItsEngine) {  // L7, S9
  Add(fake::kAda, "Dentist");
  caller_.wait_next = true;
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return caller_.waiting != nullptr; }));
  store_.failures = 1;
  ASSERT_TRUE(Until([&] { return troubles_.said.size() == 1; }));
  std::exchange(caller_.waiting, nullptr)();
  EXPECT_EQ(caller_.held_back, 1);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
}

std::vector<std::string> Names(int many) {
  std::vector<std::string> names;
  for (int n = 0; n < many; ++n) names.push_back(absl::StrCat("g", n));
  return names;
}

TEST_F(RunnerTest, ManyGroupsShareATransaction) {
  std::vector<Runner::Linked> groups;
  for (const std::string& name : Names(40)) groups.push_back(Group(name));
  runner_->Configure(groups);
  ASSERT_TRUE(Until([&] { return caller_.Sent<ListEvents>() >= 80; }));
  EXPECT_LT(store_.flushes, 30) << "each alone has a load and a commit";
}

TEST_F(RunnerTest, WhatIsNotDurableSendsNothingAndStartsAgain) {  // L7
  Add(fake::kAda, "Dentist");
  store_.flush_failures = 1;
  runner_->Configure({Group("ada"), Group("both", fake::kAda, fake::kBob)});
  ASSERT_TRUE(Until([&] { return troubles_.said.size() == 2; })) << "both were in it";
  EXPECT_EQ(caller_.Sent<ListEvents>(), 0);
  EXPECT_EQ(runner_->rows(), 0u);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && desk_.server.CountLive(fake::kBob) == 1; }));
}

TEST_F(RunnerTest, WhoGaveACommandHearsOnceWhetherItIsDurable) {
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  std::vector<bool> heard;
  const auto command = [&] {
    return runner_->Command(GroupId("ada"), WalkAgain{}, [&](bool durable) {
      EXPECT_FALSE(store_.open);
      heard.push_back(durable);
    });
  };
  ASSERT_TRUE(command().ok());
  ASSERT_TRUE(Until([&] { return heard.size() == 1; }));
  EXPECT_TRUE(heard.back());

  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  store_.flush_failures = 1;
  ASSERT_TRUE(command().ok());
  ASSERT_TRUE(Until([&] { return heard.size() == 2; }));
  EXPECT_FALSE(heard.back()) << "it went with the transaction";

  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  ASSERT_TRUE(command().ok());
  runner_->Remove(GroupId("ada"));
  ASSERT_TRUE(Until([&] { return heard.size() == 3; }));
  EXPECT_FALSE(heard.back()) << "it went with its group";
  EXPECT_EQ(command().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(heard.size(), 3u);
}

TEST_F(RunnerTest, WhoGaveACommandHearsThatItsCommitWasRefused) {
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  std::vector<bool> heard;
  store_.failures = 1;
  ASSERT_TRUE(runner_->Command(GroupId("ada"), WalkAgain{}, [&](bool durable) { heard.push_back(durable); }).ok());
  ASSERT_TRUE(Until([&] { return !heard.empty(); }));
  EXPECT_EQ(heard, std::vector<bool>{false});
}

TEST_F(RunnerTest, WhatIsDurableIsToldAlsoIfTheGroupFailsAtItsNextTurn) {
  Add(fake::kAda, "Dentist");
  Runner::Linked slow = Group("ada");
  slow.config.policy.poll_interval = absl::Hours(1);
  runner_->Configure({slow});
  ASSERT_TRUE(Until([&] { return Settled() && runner_->calls_in_flight() == 0; })) << why_;
  const int before = troubles_.commits;
  store_.good = 1;
  store_.failures = 1;
  // Two turns of one batch.
  ASSERT_TRUE(runner_->Command(GroupId("ada"), WalkAgain{}).ok());
  slow.config.calendars[1].state = LinkState::kDisabled;
  runner_->Put(slow);
  ASSERT_TRUE(Until([&] { return troubles_.said.size() == 1; }));
  EXPECT_EQ(troubles_.commits, before + 1);
}

TEST_F(RunnerTest, AStoreThatIsBusyIsWaitedForAndNothingIsLost) {  // D2
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  store_.begin_failures = 3;
  Add(fake::kAda, "Dentist");
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1; }));
  EXPECT_TRUE(troubles_.said.empty());
  EXPECT_THAT(troubles_.store, ::testing::ElementsAre("locked", "")) << "told once, and when it is over";
}

TEST_F(RunnerTest, AGroupThatFailsTakesNoOtherWithIt) {  // L10
  Add(fake::kAda, "Dentist");
  store_.failures = 1;
  runner_->Configure({Group("ada"), Group("both", fake::kAda, fake::kBob)});
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && desk_.server.CountLive(fake::kBob) == 1; }));
  EXPECT_EQ(troubles_.said.size(), 1u);
}

TEST_F(RunnerTest, RowsInMemoryStayBelowTheirBoundAndEveryGroupIsLookedAfter) {
  for (int n = 0; n < 10; ++n) Add(fake::kAda, absl::StrCat("Event ", n));
  Restart(/*rows_max=*/150);  // Some five of them.
  std::vector<Runner::Linked> groups;
  for (const std::string& name : Names(30)) {
    groups.push_back(Group(name));
    groups.back().config.policy.mirrors = false;  // Blocks of each would be rows of all others.
  }
  caller_.delay = absl::Milliseconds(1);
  runner_->Configure(groups);
  size_t most = 0;
  // What each has come to is in the store: from memory it may be gone between two looks.
  const auto is_walked = [&](const Runner::Linked& group) {
    const absl::StatusOr<GroupImage> image = store_.Peek(group.config.id);
    return image.ok() && std::any_of(image->calendars.begin(), image->calendars.end(),
                                     [](const CalendarRow& row) { return row.key == kWork && row.walked; });
  };
  EXPECT_TRUE(Until([&] {
    most = std::max(most, runner_->rows());
    return std::all_of(groups.begin(), groups.end(), is_walked);
  }));
  EXPECT_LT(most, 350u);
  EXPECT_TRUE(troubles_.said.empty());
}

TEST_F(RunnerTest, OneGroupComesChangesAndGoesWhileOthersStay) {
  Add(fake::kAda, "Dentist");
  runner_->Put(Group("ada"));
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
  runner_->Put(Group("both", fake::kAda, fake::kBob));
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kBob) == 1 && Settled(); })) << why_;
  Runner::Linked changed = Group("ada");
  changed.config.calendars[1].state = LinkState::kDisabled;
  runner_->Put(changed);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 0; }));
  runner_->Remove(GroupId("both"));
  EXPECT_EQ(runner_->size(), 1u);
  EXPECT_FALSE(runner_->Look(GroupId("both")).has_value());
  EXPECT_EQ(runner_->GroupsAfter(GroupId("ada"), 5).size(), 1u);
  EXPECT_EQ(desk_.server.CountLive(fake::kBob), 1u) << "as it was";
}

TEST_F(RunnerTest, AGroupThatRestsTakesOverWhatIsNew) {
  Add(fake::kAda, "Dentist");
  Runner::Linked slow = Group("ada");
  slow.config.policy.poll_interval = absl::Hours(1);
  Runner::Linked other = Group("both", fake::kAda, fake::kBob);
  other.config.policy.poll_interval = absl::Hours(1);
  Restart(/*rows_max=*/1);
  runner_->Configure({slow, other});
  ASSERT_TRUE(Until([&] {
    return desk_.server.CountLive(fake::kTeam) == 1 && runner_->calls_in_flight() == 0 && runner_->Look(GroupId("ada"))->rests;
  }));
  EXPECT_EQ(runner_->Look(GroupId("ada"))->left, "");
  slow.config.calendars[1].state = LinkState::kDisabled;
  runner_->Put(slow);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 0; }));
}

TEST_F(RunnerTest, AnotherOwnerEndsTheGroupForGood) {
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  ASSERT_TRUE(store_.Load(GroupId("ada")).ok());  // Somebody else takes it over.
  Add(fake::kAda, "Dentist");
  ASSERT_TRUE(Until([&] { return !troubles_.said.empty(); }));
  EXPECT_THAT(troubles_.said[0], HasSubstr("for good"));
  EXPECT_EQ(desk_.server.CountLive(fake::kTeam), 0u) << "its owner writes, not we";
}

TEST_F(RunnerTest, APausedGroupIsLeftAloneUntilItIsResumed) {
  Runner::Linked paused = Group("ada");
  paused.paused = true;
  Add(fake::kAda, "Dentist");
  runner_->Configure({paused});
  int looks = 0;
  Until([&] { return ++looks == 20; });
  EXPECT_EQ(caller_.Sent<ListEvents>(), 0);
  EXPECT_EQ(runner_->Command(GroupId("ada"), WalkAgain{}).code(), absl::StatusCode::kFailedPrecondition);
  runner_->Configure({Group("ada")});
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1; }));
}

TEST_F(RunnerTest, ANewConfigurationIsCarriedOutByTheRunningEngine) {
  Add(fake::kAda, "Dentist");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
  Runner::Linked changed = Group("ada");
  changed.config.calendars[1].state = LinkState::kDisabled;
  runner_->Configure({changed});
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 0; })) << "a disabled calendar is cleaned";
}

TEST_F(RunnerTest, HoursThatAreSetWhileItRunsHold) {
  Add(fake::kAda, "Dentist");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled(); })) << why_;
  Runner::Linked changed = Group("ada");
  const absl::Weekday other_day = absl::GetWeekday(absl::ToCivilDay(absl::Now() + absl::Hours(4 * 24), absl::UTCTimeZone()));
  changed.config.policy.hours = Hours{.days = static_cast<uint8_t>(1u << static_cast<unsigned>(other_day))};
  runner_->Put(changed);
  EXPECT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 0; })) << "the event lies outside of them";
  EXPECT_TRUE(troubles_.said.empty());
}

TEST_F(RunnerTest, GroupsAreDroppedWhenTheyRestAndComeBackWhenTheyAreDue) {
  Restart(/*rows_max=*/1);
  runner_->Configure({Group("one"), Group("two", fake::kAda, fake::kBob)});
  ASSERT_TRUE(Until([&] { return caller_.Sent<ListEvents>() > 4; }));
  int loaded = 0;
  for (const Runner::View& view : runner_->Groups()) loaded += view.engine != nullptr ? 1 : 0;
  EXPECT_LE(loaded, 2);
  const int before = caller_.Sent<ListEvents>();
  EXPECT_TRUE(Until([&] { return caller_.Sent<ListEvents>() > before + 2; }));
  EXPECT_TRUE(troubles_.said.empty());
}

TEST_F(RunnerTest, AMachineThatSleptFindsItsPollsDue) {
  Runner::Linked slow = Group("ada");
  slow.config.policy.poll_interval = absl::Hours(1);
  runner_->Configure({slow});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  const int before = caller_.Sent<ListEvents>();
  clock_offset_ = absl::Hours(3);  // What the steady clock says has not changed.
  EXPECT_TRUE(Until([&] { return caller_.Sent<ListEvents>() > before; }));
}

TEST_F(RunnerTest, AMachineThatSleptWaitsNoLongerThanTheWallClockSays) {
  const GroupId ada("ada");
  Runner::Linked slow = Group("ada");
  slow.config.policy.poll_interval = absl::Hours(1);
  runner_->Configure({slow});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  const absl::Time timer = runner_->Look(ada)->timer;
  ASSERT_GT(timer, absl::Now() + absl::Seconds(10));
  clock_offset_ = timer - absl::Now() - absl::Milliseconds(500);  // It is seen to have jumped before the timer is due.
  EXPECT_TRUE(Until([&] { return runner_->Look(ada)->timer != timer; }));
}

TEST_F(RunnerTest, AForgedMessageListsNothing) {
  Runner::Linked slow = Group("ada");
  slow.config.policy.poll_interval = absl::Hours(1);
  runner_->Configure({slow});
  ASSERT_TRUE(Until([&] { return Settled(); })) << why_;
  const int before = caller_.Sent<ListEvents>();
  runner_->Notify(GroupId("ada"), Notification{ChannelId("none"), "forged"});
  runner_->Notify(GroupId("nobody"), Notification{ChannelId("none"), "forged"});
  ASSERT_TRUE(Until([&] { return runner_->Groups()[0].engine->forged_notifications() == 1; }));
  EXPECT_EQ(caller_.Sent<ListEvents>(), before);
}

TEST_F(RunnerTest, StoppingWaitsForAnswersAndSendsNothingMore) {
  Add(fake::kAda, "Dentist");
  bool done = false;
  caller_.delay = absl::Milliseconds(20);
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return runner_->calls_in_flight() > 0; }));
  const size_t sent = caller_.accounts.size();
  runner_->Stop(absl::Seconds(2), [&] { done = true; });
  ASSERT_TRUE(Until([&] { return done; }));
  EXPECT_EQ(caller_.accounts.size(), sent);
  EXPECT_EQ(runner_->calls_in_flight(), 0u);
}

TEST_F(RunnerTest, AGroupIsLeftWhenTheLastAnswerCameAndSendsNothingMore) {
  Add(fake::kAda, "Dentist");
  caller_.delay = absl::Milliseconds(100);
  const GroupId ada("ada");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return runner_->calls_in_flight() > 0; }));
  const size_t sent = caller_.accounts.size();
  bool left = false;
  runner_->Leave(ada, [&] { left = true; });
  ASSERT_TRUE(Until([&] { return left; }));
  EXPECT_EQ(runner_->calls_in_flight(), 0u);
  EXPECT_FALSE(runner_->Look(ada).has_value());
  EXPECT_EQ(caller_.accounts.size(), sent);
  // It comes back, and leaves once more with nothing to wait for.
  caller_.delay = absl::ZeroDuration();
  runner_->Put(Group("ada"));
  ASSERT_TRUE(Until([&] { return desk_.server.CountLive(fake::kTeam) == 1 && Settled() && runner_->calls_in_flight() == 0; }))
      << why_;
  left = false;
  runner_->Leave(ada, [&] { left = true; });
  EXPECT_TRUE(Until([&] { return left; }));
  left = false;
  runner_->Leave(ada, [&] { left = true; });
  EXPECT_TRUE(Until([&] { return left; })) << "who is not there has left";
}

TEST_F(RunnerTest, WhoComesBackWhenItHasLeftWasSaidToHaveLeftBefore) {
  const GroupId ada("ada");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return Settled() && runner_->calls_in_flight() == 0 && runner_->Look(ada)->inputs == 0; })) << why_;
  bool left = false;
  runner_->Leave(ada, [&] { left = true; });
  ASSERT_EQ(left, !runner_->Look(ada).has_value());
  ASSERT_TRUE(Until([&] { return left; }));
  left = false;
  runner_->Put(Group("ada"));
  EXPECT_TRUE(Until([&] { return runner_->Look(ada).has_value() && Settled(); })) << why_;
  EXPECT_FALSE(left);
}

TEST_F(RunnerTest, WhoIsRemovedWhileItLeavesAndComesBackStays) {
  caller_.delay = absl::Milliseconds(100);
  const GroupId ada("ada");
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return runner_->calls_in_flight() > 0; }));
  bool left = false;
  runner_->Leave(ada, [&] { left = true; });
  runner_->Remove(ada);
  runner_->Put(Group("ada"));
  EXPECT_TRUE(Until([&] { return runner_->Look(ada).has_value() && Settled(); })) << why_;
  EXPECT_FALSE(left);
}

TEST_F(RunnerTest, StoppingDoesNotWaitForEver) {
  caller_.silent = true;
  runner_->Configure({Group("ada")});
  ASSERT_TRUE(Until([&] { return runner_->calls_in_flight() > 0; }));
  bool done = false;
  runner_->Stop(absl::Milliseconds(50), [&] { done = true; });
  EXPECT_TRUE(Until([&] { return done; }));
}

}  // namespace
}  // namespace calsync::adapter
