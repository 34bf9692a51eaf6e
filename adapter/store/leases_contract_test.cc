// What every table of leases promises (adapter/lease/leases.h), and that a store keeps what it says.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/lease/leases.h"
#include "adapter/lease/memory_leases.h"
#include "adapter/store/postgres_leases.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/testing/postgres_server.h"
#include "adapter/store/testing/rows.h"
#include "engine/host/effect.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;

const GroupId kCem("cem");
constexpr WorkerId kOne(~uint64_t{0});  // Ids have 64 bits without sign.
constexpr WorkerId kTwo(2);
constexpr absl::Duration kLong = absl::Minutes(10);
constexpr absl::Duration kShort = absl::Milliseconds(200);

enum class KeptIn { kMemory, kPostgres };

class LeasesContract : public ::testing::TestWithParam<KeptIn> {
 protected:
  void SetUp() override {
    if (GetParam() == KeptIn::kMemory) {
      leases_ = std::make_unique<MemoryLeases>();
    } else {
      if (const std::string why = PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
      url_ = PostgresServer::Shared().NewDatabase();
      ASSERT_TRUE(PostgresStore::Open(url_, {}).ok());
      leases_ = *PostgresLeases::Open(url_, {});
    }
    ASSERT_TRUE(leases_->Ensure({kAnn, kBob, kCem}).ok());
    ASSERT_TRUE(leases_->Ensure({kAnn}).ok()) << "once more changes nothing";
  }
  LeaseView Beat(WorkerId worker, absl::Duration lease = kLong) {
    const absl::StatusOr<std::optional<LeaseView>> view = leases_->Beat(worker, lease);
    EXPECT_TRUE(view.ok()) << view.status();
    EXPECT_TRUE(view->has_value());
    return view->value_or(LeaseView());
  }
  void Pass(absl::Duration time) {
    if (auto* const memory = dynamic_cast<MemoryLeases*>(leases_.get())) {
      memory->SetNow(now_ += time);
    } else {
      absl::SleepFor(time);
    }
  }

  std::string url_;
  std::unique_ptr<Leases> leases_;
  absl::Time now_ = absl::UnixEpoch();
};

INSTANTIATE_TEST_SUITE_P(Each, LeasesContract, ::testing::Values(KeptIn::kMemory, KeptIn::kPostgres),
                         [](const auto& kind) { return kind.param == KeptIn::kMemory ? "Memory" : "Postgres"; });

TEST_P(LeasesContract, AFreeGroupIsOfWhoTakesItAndOfNobodyElse) {
  ASSERT_TRUE(leases_->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(leases_->Register(kTwo, "two", kLong).ok());
  EXPECT_THAT(Beat(kOne).free, ElementsAre(kAnn, kBob, kCem));
  ASSERT_TRUE(leases_->Take(kOne, {kAnn, kBob}).ok());
  ASSERT_TRUE(leases_->Take(kTwo, {kBob, kCem}).ok());
  EXPECT_THAT(Beat(kOne).mine, ElementsAre(kAnn, kBob));
  const LeaseView two = Beat(kTwo);
  EXPECT_THAT(two.mine, ElementsAre(kCem));
  EXPECT_THAT(two.free, ElementsAre());
  ASSERT_EQ(two.workers.size(), 2u);
  for (const Peer& peer : two.workers) {
    EXPECT_EQ(peer.name, peer.id == kOne ? "one" : "two");
    EXPECT_EQ(peer.groups, peer.id == kOne ? 2 : 1);
    EXPECT_FALSE(peer.draining);
    EXPECT_GT(peer.left, absl::Minutes(9));
  }
  ASSERT_TRUE(leases_->Leave(kTwo, {kAnn, kCem}).ok()) << "what is another's stays another's";
  EXPECT_THAT(Beat(kTwo).free, ElementsAre(kCem));
  EXPECT_THAT(Beat(kOne).mine, ElementsAre(kAnn, kBob));
}

TEST_P(LeasesContract, ALeaseThatRanOutIsTakenAwayByAnotherWorkerAlone) {
  ASSERT_TRUE(leases_->Register(kOne, "one", kShort).ok());
  ASSERT_TRUE(leases_->Take(kOne, {kAnn}).ok());
  Pass(2 * kShort);
  EXPECT_THAT(Beat(kOne, kShort).mine, ElementsAre(kAnn)) << "nobody took it away: it goes on";
  ASSERT_TRUE(leases_->Register(kTwo, "two", kLong).ok());
  Pass(2 * kShort);
  const LeaseView two = Beat(kTwo);
  EXPECT_THAT(two.free, ElementsAre(kAnn, kBob, kCem));
  EXPECT_EQ(two.workers.size(), 1u);
  EXPECT_FALSE(leases_->Beat(kOne, kShort)->has_value());
  EXPECT_FALSE(leases_->Take(kOne, {kAnn}).ok()) << "who has no lease owns nothing";
  EXPECT_THAT(Beat(kTwo).free, ElementsAre(kAnn, kBob, kCem));
}

TEST_P(LeasesContract, WhoEndsLeavesEverything) {
  ASSERT_TRUE(leases_->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(leases_->Register(kTwo, "two", kLong).ok());
  ASSERT_TRUE(leases_->Take(kOne, {kAnn, kBob}).ok());
  ASSERT_TRUE(leases_->End(kOne).ok());
  EXPECT_THAT(Beat(kTwo).free, ElementsAre(kAnn, kBob, kCem));
}

TEST_P(LeasesContract, MailWaitsForTheOwner) {
  ASSERT_TRUE(leases_->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(leases_->Register(kTwo, "two", kLong).ok());
  const Notification pushed{.channel = ChannelId("channel-1"), .token = "secret"};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(leases_->Put({.group = kAnn, .notification = pushed, .order = ""}).ok());
  ASSERT_TRUE(leases_->Put({.group = kAnn, .notification = {}, .order = "resync ann"}).ok());
  ASSERT_TRUE(leases_->Put({.group = GroupId("nobody"), .notification = pushed, .order = ""}).ok());
  EXPECT_EQ(leases_->ReadMail(kOne)->size(), 0u);
  ASSERT_TRUE(leases_->Take(kOne, {kAnn}).ok());
  EXPECT_EQ(leases_->ReadMail(kTwo)->size(), 0u);
  const std::vector<Mail> mail = *leases_->ReadMail(kOne);
  ASSERT_EQ(mail.size(), 2u);
  for (const Mail& one : mail) {
    EXPECT_EQ(one.group, kAnn);
    if (one.notification.has_value()) {
      EXPECT_EQ(one.notification->channel, pushed.channel);
      EXPECT_EQ(one.notification->token, pushed.token);
      EXPECT_EQ(one.number, 0);
    } else {
      EXPECT_EQ(one.order, "resync ann");
    }
  }
}

TEST_P(LeasesContract, AnOrderWaitsUntilItIsKeptElsewhere) {
  ASSERT_TRUE(leases_->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(leases_->Take(kOne, {kAnn, kBob}).ok());
  ASSERT_TRUE(leases_->Put({.group = kBob, .notification = Notification{.channel = ChannelId("c")}, .order = ""}).ok());
  for (const char* order : {"resync ann", "resume-writes ann", "resync ann"}) {
    ASSERT_TRUE(leases_->Put({.group = kAnn, .notification = {}, .order = order}).ok());
  }
  EXPECT_EQ(leases_->ReadMail(kOne)->size(), 4u);
  const std::vector<Mail> again = *leases_->ReadMail(kOne);  // It died, perhaps, before it kept them.
  ASSERT_EQ(again.size(), 3u) << "a hint is gone";
  EXPECT_EQ(again[1].order, "resume-writes ann") << "in their order";
  ASSERT_TRUE(leases_->DropOrders({again[0].number, again[2].number}).ok());
  const std::vector<Mail> left = *leases_->ReadMail(kOne);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].order, "resume-writes ann");
  ASSERT_TRUE(leases_->DropOrders({left[0].number}).ok());
  EXPECT_EQ(leases_->ReadMail(kOne)->size(), 0u);
}

class FencingTest : public LeasesContract {
 protected:
  std::unique_ptr<PostgresStore> Open(WorkerId worker) {
    auto store = *PostgresStore::Open(url_, {});
    store->SetWorker(worker);
    return store;
  }
};
INSTANTIATE_TEST_SUITE_P(Postgres, FencingTest, ::testing::Values(KeptIn::kPostgres));

TEST_P(FencingTest, OnlyTheOwnerLoadsAndCommits) {  // P7, L7
  ASSERT_TRUE(leases_->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(leases_->Register(kTwo, "two", kLong).ok());
  const auto one = Open(kOne), two = Open(kTwo), alone = Open(WorkerId());
  ASSERT_TRUE(leases_->Take(kOne, {kAnn}).ok());
  const Commit commit{.records = {UserEventAt(CalendarKey(7), "e1", 1)}};
  const int64_t epoch = one->Load(kAnn)->epoch;
  EXPECT_EQ(two->Load(kAnn).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(alone->Load(kAnn).status().code(), absl::StatusCode::kFailedPrecondition) << "a process without a lease";
  EXPECT_EQ(two->Apply(kAnn, epoch, commit).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(one->Apply(kAnn, epoch, commit).ok());
  // The lease is over: from then on nothing is written, also before anybody else begins.
  ASSERT_TRUE(leases_->End(kOne).ok());
  EXPECT_EQ(one->Apply(kAnn, epoch, {.erased = {{CalendarKey(7), EventId("e1")}}}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(one->Load(kAnn).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(leases_->Take(kTwo, {kAnn}).ok());
  const LoadedGroup loaded = *two->Load(kAnn);
  EXPECT_EQ(loaded.epoch, epoch + 1);
  EXPECT_EQ(loaded.image.records.size(), 1u);
  EXPECT_TRUE(two->Apply(kAnn, loaded.epoch, commit).ok());
  EXPECT_THAT(*two->Groups(), ElementsAre(kAnn)) << "those that nobody loaded yet are not among them";
}

TEST_P(FencingTest, MailWakesItsOwnerAndAFreeGroupEverybody) {
  auto* const first = static_cast<PostgresLeases*>(leases_.get());
  const auto second = *PostgresLeases::Open(url_, {});
  ASSERT_TRUE(first->Register(kOne, "one", kLong).ok());
  ASSERT_TRUE(second->Register(kTwo, "two", kLong).ok());
  ASSERT_TRUE(first->Take(kOne, {kAnn}).ok());
  Beat(kOne);
  ASSERT_TRUE(second->Beat(kTwo, kLong).ok());
  first->TakeWakes();
  second->TakeWakes();
  ASSERT_TRUE(second->Put({.group = kAnn, .notification = Notification{.channel = ChannelId("c")}, .order = ""}).ok());
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(first->TakeWakes(), PostgresLeases::Woken::kMail);
  EXPECT_EQ(second->TakeWakes(), PostgresLeases::Woken::kNo);
  ASSERT_TRUE(first->Leave(kOne, {kAnn}).ok());
  absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(second->TakeWakes(), PostgresLeases::Woken::kTable);
  EXPECT_EQ(*second->Drain("one", true), 1);
  EXPECT_EQ(*second->Drain("three", true), 0);
}

}  // namespace
}  // namespace calsync::adapter
