// The protocol of leases among workers that live in one world: clocks that differ, pauses longer than a lease, answers that are
// lost, databases that are away. What must hold: calls for a group are of one worker at a time, whoever that is; and once all is
// calm, each group has an owner that runs it within a lease and five seconds.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/lease/lease_holder.h"
#include "adapter/lease/lease_keeper.h"
#include "adapter/lease/lease_plan.h"
#include "adapter/lease/memory_leases.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(200);
constexpr absl::Duration kCallLasts = absl::Seconds(20);
const LeaseRules kRules{.lease = absl::Seconds(60)};

// SplitMix64.
class Choices {
 public:
  explicit Choices(uint64_t seed) : state_(seed) {}
  uint64_t Below(uint64_t bound) {
    uint64_t x = (state_ += 0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (x ^ (x >> 31)) % bound;
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

struct Call {
  GroupId group;
  WorkerId under;
  absl::Time ends;  // True time.
};

// One process: what adapter/runner's worker does, without a loop.
struct Process {
  explicit Process(double clock_rate, absl::Duration clock_ahead) : rate(clock_rate), ahead(clock_ahead) {}

  double rate;
  absl::Duration ahead;
  LeaseHolder holder{kRules};
  std::vector<Call> calls;
  absl::Time stands_until = absl::UnixEpoch();  // Stopped, or waiting for an answer.
  absl::Time next_beat = absl::UnixEpoch();
  // A beat whose answer did not arrive yet.
  struct Asked {
    WorkerId worker;
    absl::Time at;  // By its own clock.
    std::optional<absl::StatusOr<std::optional<LeaseView>>> answer;
  };
  std::optional<Asked> asked;

  absl::Time Clock(absl::Time now) const { return now + ahead + (now - absl::UnixEpoch()) * (rate - 1); }
};

class LeaseWorld {
 public:
  LeaseWorld(uint64_t seed, int workers) : choices_(seed) {
    for (int i = 0; i < 10; ++i) configured_.insert(GroupId(absl::StrCat("g", i)));
    EXPECT_TRUE(leases_.Ensure({configured_.begin(), configured_.end()}).ok());
    for (int i = 0; i < workers; ++i) {
      const double rate = 1 + (static_cast<double>(choices_.Below(11)) - 5) / 1000;
      processes_.emplace_back(rate, absl::Seconds(static_cast<int64_t>(choices_.Below(7200)) - 3600));
    }
  }

  void Live(absl::Duration time, bool calm) {
    const absl::Time end = now_ + time;
    for (; now_ < end; now_ += kStep) {
      leases_.SetNow(now_);
      if (!calm && choices_.OneIn(900)) database_away_until_ = now_ + absl::Seconds(static_cast<int64_t>(choices_.Below(120)));
      if (calm) database_away_until_ = now_;
      for (Process& process : processes_) Step(process, calm);
      JudgeCalls();
    }
  }

  // In words; empty: each group has an owner that runs it, and nobody else does.
  std::string Unsettled() const {
    absl::btree_map<GroupId, int> runs;
    size_t most = 0;
    size_t least = configured_.size();
    for (const Process& process : processes_) {
      for (const GroupId& group : process.holder.running()) {
        ++runs[group];
        if (leases_.OwnerOf(group) != process.holder.keeper().worker())
          return absl::StrCat(group.text(), " is run by who does not own it");
      }
      most = std::max(most, process.holder.running().size());
      least = std::min(least, process.holder.running().size());
    }
    for (const GroupId& group : configured_) {
      if (runs[group] != 1) return absl::StrCat(group.text(), " is run by ", runs[group]);
    }
    return most > (configured_.size() + processes_.size() - 1) / processes_.size() ? "it is not balanced" : "";
  }
  int64_t calls() const { return calls_made_; }

 private:
  bool DatabaseAnswers() { return now_ >= database_away_until_; }

  void Step(Process& process, bool calm) {
    std::erase_if(process.calls, [&](const Call& call) { return call.ends <= now_; });
    if (now_ < process.stands_until) return;
    if (!calm && choices_.OneIn(3000)) {                  // Killed; another one begins in its place.
      std::vector<Call> sent = std::move(process.calls);  // What left does its work all the same.
      process = Process(process.rate, process.ahead);
      process.calls = std::move(sent);
      return;
    }
    if (!calm && choices_.OneIn(1500)) {  // SIGSTOP, a machine that sleeps, a pause of any kind; also with a beat under way.
      process.stands_until = now_ + absl::Seconds(static_cast<int64_t>(choices_.Below(200)));
    }
    if (process.asked.has_value()) return Answered(process, calm);
    Leave(process);
    if (now_ >= process.next_beat) return Ask(process, calm);
    MakeCalls(process);
  }

  void Ask(Process& process, bool calm) {
    Process::Asked asked{.worker = process.holder.registered(), .at = process.Clock(now_), .answer = std::nullopt};
    const absl::Duration there = kStep * static_cast<int64_t>(choices_.Below(8));
    process.stands_until = std::max(process.stands_until, now_ + there);
    process.next_beat = now_ + there + kRules.BeatEvery();
    if (DatabaseAnswers() && (calm || !choices_.OneIn(10))) {  // Else it did not arrive.
      if (asked.worker.empty()) {
        asked.worker = WorkerId(++last_worker_);
        EXPECT_TRUE(leases_.Register(asked.worker, "w", kRules.lease).ok());
      }
      asked.answer = leases_.Beat(asked.worker, kRules.lease);
      if (!calm && choices_.OneIn(10)) asked.answer.reset();  // It was carried out, and the answer is lost.
    }
    process.asked = std::move(asked);
  }

  void Answered(Process& process, bool calm) {
    const Process::Asked asked = *std::exchange(process.asked, std::nullopt);
    if (!asked.answer.has_value()) return;
    const std::optional<LeaseView>& view = **asked.answer;
    if (!view.has_value()) {
      process.holder.Lose();
      process.next_beat = now_;
      return;
    }
    process.holder.Registered(asked.worker);
    process.holder.Held(asked.at);
    const LeasePlan plan = process.holder.Follow(*view, configured_);
    if (plan.take.empty() || !DatabaseAnswers()) return;
    const absl::Status taken = leases_.Take(asked.worker, plan.take);
    if (taken.ok() && (calm || !choices_.OneIn(5))) process.next_beat = now_ + kStep;
  }

  void Leave(Process& process) {
    const absl::btree_set<GroupId> leaving = process.holder.leaving();
    for (const GroupId& group : leaving) {
      bool busy = !DatabaseAnswers();
      for (const Call& call : process.calls) busy = busy || call.group == group;
      if (busy || !process.holder.Left(process.holder.registered(), group)) continue;
      EXPECT_TRUE(leases_.Leave(process.holder.registered(), {group}).ok());
    }
  }

  void MakeCalls(Process& process) {
    for (const GroupId& group : process.holder.running()) {
      if (process.holder.IsLeaving(group) || !choices_.OneIn(40)) continue;
      const WorkerId under = process.holder.keeper().worker();
      if (!process.holder.keeper().MayCall(under, process.Clock(now_), kCallLasts)) continue;
      ++calls_made_;
      process.calls.push_back({group, under, now_ + kCallLasts / process.rate});
    }
  }

  void JudgeCalls() {
    absl::btree_map<GroupId, WorkerId> at_work;
    for (const Process& process : processes_) {
      for (const Call& call : process.calls) {
        const WorkerId first = at_work.try_emplace(call.group, call.under).first->second;
        ASSERT_EQ(first, call.under) << call.group.text() << " is called for by two, at " << now_;
      }
    }
  }

  Choices choices_;
  absl::Time now_ = absl::UnixEpoch();
  absl::Time database_away_until_ = absl::UnixEpoch();
  MemoryLeases leases_;
  absl::btree_set<GroupId> configured_;
  std::vector<Process> processes_;
  uint64_t last_worker_ = 0;
  int64_t calls_made_ = 0;
};

TEST(Lease, OneWorkerAtATimeCallsForAGroupAndNoneIsWithoutOneForLong) {
  int64_t calls = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    LeaseWorld world(seed, 1 + static_cast<int>(seed % 4));
    for (int round = 0; round < 3; ++round) {
      world.Live(absl::Minutes(10), /*calm=*/false);
      if (::testing::Test::HasFatalFailure()) return;
      world.Live(absl::Seconds(200), /*calm=*/true);  // The longest pause ends, then a lease and what balance takes.
      world.Live(kRules.lease + absl::Seconds(25), /*calm=*/true);
      ASSERT_EQ(world.Unsettled(), "");
    }
    calls += world.calls();
  }
  EXPECT_GT(calls, 100'000);
}

TEST(Lease, AGroupOfAWorkerThatDiedHasAnotherWithinALeaseAndFiveSeconds) {
  MemoryLeases leases;
  absl::Time now = absl::UnixEpoch();
  const GroupId ann("ann");
  ASSERT_TRUE(leases.Ensure({ann}).ok());
  ASSERT_TRUE(leases.Register(WorkerId(1), "one", kRules.lease).ok());
  ASSERT_TRUE(leases.Register(WorkerId(2), "two", kRules.lease).ok());
  ASSERT_TRUE(leases.Take(WorkerId(1), {ann}).ok());
  ASSERT_TRUE(leases.Beat(WorkerId(1), kRules.lease)->has_value());  // And dies.
  absl::Time free = absl::InfiniteFuture();
  while (now < absl::UnixEpoch() + 2 * kRules.lease && free == absl::InfiniteFuture()) {
    leases.SetNow(now);
    if (!(*leases.Beat(WorkerId(2), kRules.lease))->free.empty()) free = now;
    now += kRules.BeatEvery();
  }
  EXPECT_GT(free, absl::UnixEpoch() + kRules.lease);
  EXPECT_LE(free, absl::UnixEpoch() + kRules.lease + absl::Seconds(5));
  EXPECT_FALSE(leases.Beat(WorkerId(1), kRules.lease)->has_value()) << "it learns that it owns nothing";
}

TEST(LeaseKeeper, ACallOfAnEarlierLeaseDoesNotLeaveUnderALaterOne) {
  LeaseKeeper keeper(kRules);
  const absl::Time now = absl::UnixEpoch();
  EXPECT_FALSE(keeper.MayCall(WorkerId(1), now, absl::ZeroDuration()));
  keeper.Held(WorkerId(1), now);
  EXPECT_TRUE(keeper.MayCall(WorkerId(1), now, absl::Seconds(30)));
  EXPECT_FALSE(keeper.MayCall(WorkerId(1), now + absl::Seconds(30), absl::Seconds(30))) << "it might end too late";
  keeper.Lost();
  EXPECT_FALSE(keeper.MayCall(WorkerId(1), now, absl::ZeroDuration()));
  keeper.Held(WorkerId(2), now);
  EXPECT_FALSE(keeper.MayCall(WorkerId(1), now, absl::Seconds(1)));
  EXPECT_FALSE(keeper.MayCall(WorkerId(), now, absl::Seconds(1)));
}

}  // namespace
}  // namespace calsync::adapter
