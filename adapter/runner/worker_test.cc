// A worker on a loop, with the table of leases in memory.

#include "adapter/runner/worker.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "adapter/http/loop.h"
#include "adapter/lease/memory_leases.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;

const GroupId kAnn("ann");
const GroupId kBob("bob");

// The table, which fails when the test says so, and counts.
class FailingLeases final : public Leases {
 public:
  explicit FailingLeases(MemoryLeases& inner) : inner_(inner) {}
  absl::Status Register(WorkerId worker, const std::string& name, absl::Duration lease) override {
    return away ? kAway : inner_.Register(worker, name, lease);
  }
  absl::StatusOr<std::optional<LeaseView>> Beat(WorkerId worker, absl::Duration lease) override {
    ++beats;
    if (away) return kAway;
    return inner_.Beat(worker, lease);
  }
  absl::Status End(WorkerId worker) override { return inner_.End(worker); }
  absl::Status Ensure(const std::vector<GroupId>& groups) override { return away ? kAway : inner_.Ensure(groups); }
  absl::Status Take(WorkerId worker, const std::vector<GroupId>& groups) override { return inner_.Take(worker, groups); }
  absl::Status Leave(WorkerId worker, const std::vector<GroupId>& groups) override { return inner_.Leave(worker, groups); }
  absl::Status Put(const Mail& mail) override { return inner_.Put(mail); }
  absl::StatusOr<std::vector<Mail>> ReadMail(WorkerId worker) override { return inner_.ReadMail(worker); }
  absl::Status DropOrders(const std::vector<int64_t>& numbers) override { return inner_.DropOrders(numbers); }

  bool away = false;
  int beats = 0;

 private:
  const absl::Status kAway = absl::UnavailableError("away");
  MemoryLeases& inner_;
};

class RecordingHost final : public WorkerHost {
 public:
  std::vector<GroupId> ConfiguredGroups() const override { return configured; }
  void BeginAs(WorkerId worker) override { as = worker; }
  void RunGroups(const std::vector<GroupId>& groups) override { runs.insert(groups.begin(), groups.end()); }
  void StopGroup(const GroupId& group) override { runs.erase(group); }
  void LeaveGroup(const GroupId& group, std::function<void()> left) override { leaving[group] = std::move(left); }
  bool Deliver(const Mail& mail) override {
    delivered.push_back(mail);
    return !is_full;
  }
  void ShareWith(int workers) override { shares = workers; }
  void OnLeases(const absl::Status& status) override { said.push_back(status.ok()); }
  void Left(const GroupId& group) {
    runs.erase(group);
    std::exchange(leaving[group], nullptr)();
  }

  std::vector<GroupId> configured = {kAnn, kBob};
  WorkerId as;
  std::set<GroupId> runs;
  std::map<GroupId, std::function<void()>> leaving;
  std::vector<Mail> delivered;
  bool is_full = false;  // Its disk: no order can be kept.
  int shares = 0;
  std::vector<bool> said;
};

class WorkerTest : public ::testing::Test {
 protected:
  // One process.
  struct One {
    One(WorkerTest& test, const std::string& name)
        : leases(test.table_),
          worker(test.loop_, leases, host,
                 {.rules = {.lease = absl::Seconds(60)},
                  .name = name,
                  .clock = [&test] { return test.now_; },
                  .new_id = [&test] { return WorkerId(++test.last_id_); }}) {}
    FailingLeases leases;
    RecordingHost host;
    Worker worker;
  };
  // Lets all beats come that are due by then; each comes at once, in the order of their times.
  void Live(One& one, int beats) {
    for (const int end = one.leases.beats + beats; one.leases.beats < end;) Beat(one);
  }
  void Beat(One& one) {
    now_ += absl::Seconds(3);
    table_.SetNow(now_);
    const int before = one.leases.beats;
    one.worker.BeatSoon();
    for (int tries = 0; tries < 1000 && one.leases.beats == before; ++tries) Turn(absl::Milliseconds(1));
    ASSERT_GT(one.leases.beats, before);
    Turn(absl::Milliseconds(5));
  }
  void Turn(absl::Duration time) {
    loop_.After(time, [this] { loop_.Stop(); });
    loop_.Run();
  }

  http::Loop loop_;
  MemoryLeases table_;
  absl::Time now_ = absl::UnixEpoch();
  uint64_t last_id_ = 0;
};

TEST_F(WorkerTest, AloneItRunsEverythingAndHandsHalfOverToASecond) {
  One one(*this, "one");
  one.worker.Start();
  Live(one, 3);
  EXPECT_EQ(one.host.runs, (std::set<GroupId>{kAnn, kBob}));
  EXPECT_EQ(one.host.shares, 1);

  One two(*this, "two");
  two.worker.Start();
  Live(two, 2);
  EXPECT_TRUE(two.host.runs.empty());
  Live(one, 1);
  EXPECT_EQ(one.host.shares, 2);
  ASSERT_EQ(one.host.leaving.count(kBob), 1u);
  EXPECT_EQ(table_.OwnerOf(kBob), one.host.as) << "until no call of it is under way";
  Live(two, 1);
  EXPECT_TRUE(two.host.runs.empty());
  one.host.Left(kBob);
  Turn(absl::Milliseconds(5));
  Live(two, 3);
  EXPECT_EQ(one.host.runs, (std::set<GroupId>{kAnn}));
  EXPECT_EQ(two.host.runs, (std::set<GroupId>{kBob}));
}

TEST_F(WorkerTest, AfterItsLeaseWasTakenAwayItStopsAndBeginsAnew) {  // P7
  One one(*this, "one"), two(*this, "two");
  one.worker.Start();
  Live(one, 3);
  const WorkerId former = one.host.as;
  const std::function<bool()> may_leave = one.worker.MayLeave();
  EXPECT_TRUE(may_leave());
  now_ += absl::Seconds(100);  // It stood still.
  table_.SetNow(now_);
  EXPECT_FALSE(may_leave());
  two.worker.Start();
  Live(two, 3);
  EXPECT_EQ(two.host.runs.size(), 2u);
  Beat(one);
  EXPECT_TRUE(one.host.runs.empty());
  Live(one, 2);
  EXPECT_NE(one.host.as, former);
  EXPECT_FALSE(may_leave()) << "what was decided under the lease before does not leave under this one";
  EXPECT_TRUE(one.worker.MayLeave()());
}

TEST_F(WorkerTest, WhileTheTableIsAwayItKeepsWhatItHasAndCallsForAsLongAsTheLeaseLasts) {
  One one(*this, "one");
  one.worker.Start();
  Live(one, 3);
  one.leases.away = true;
  Live(one, 3);
  EXPECT_EQ(one.host.runs.size(), 2u);
  EXPECT_TRUE(one.worker.MayLeave()());
  now_ += absl::Seconds(30);
  EXPECT_FALSE(one.worker.MayLeave()()) << "it might still be under way when the lease is over";
  one.leases.away = false;
  Live(one, 1);
  EXPECT_TRUE(one.worker.MayLeave()());
  EXPECT_EQ(one.host.said, (std::vector<bool>{false, true}));
}

TEST_F(WorkerTest, MailReachesTheOwner) {
  One one(*this, "one");
  one.worker.Start();
  Live(one, 3);
  ASSERT_TRUE(one.worker.Send({.group = kAnn, .notification = Notification{.channel = ChannelId("c")}, .order = ""}).ok());
  Live(one, 1);
  ASSERT_EQ(one.host.delivered.size(), 1u);
  EXPECT_EQ(one.host.delivered[0].group, kAnn);
}

TEST_F(WorkerTest, AnOrderThatCannotBeKeptIsDeliveredAgain) {
  One one(*this, "one");
  one.worker.Start();
  Live(one, 3);
  one.host.is_full = true;
  ASSERT_TRUE(one.worker.Send({.group = kAnn, .notification = {}, .order = "resync ann"}).ok());
  Live(one, 2);
  EXPECT_EQ(one.host.delivered.size(), 2u);
  one.host.is_full = false;
  Live(one, 2);
  ASSERT_EQ(one.host.delivered.size(), 3u) << "once more, and not again";
  EXPECT_EQ(one.host.delivered[2].order, "resync ann");
}

TEST_F(WorkerTest, AtTheEndItsGroupsAreFreeAtOnceIfNothingIsUnderWay) {
  One one(*this, "one"), two(*this, "two");
  one.worker.Start();
  Live(one, 3);
  one.worker.End(/*nothing_under_way=*/false);
  EXPECT_EQ(table_.OwnerOf(kAnn), one.host.as);
  two.worker.Start();
  Live(two, 1);
  two.worker.End(/*nothing_under_way=*/true);
  EXPECT_EQ(table_.OwnerOf(kAnn), one.host.as);
}

}  // namespace
}  // namespace calsync::adapter
