// What the PostgreSQL store promises beyond the contract of all stores: sessions that end, other processes, versions.

#include "adapter/store/postgres_store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/store/schema/postgres_schema.h"
#include "adapter/store/testing/postgres_server.h"
#include "adapter/store/testing/rows.h"
#include "engine/host/effect.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

const PostgresStore::Options kImpatientPostgres{
    .connection = {.patience = absl::Milliseconds(300), .connect_within = absl::Seconds(2)}};

class PostgresStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = PostgresServer::WhyNot(); !why.empty()) GTEST_SKIP() << why;
    url_ = PostgresServer::Shared().NewDatabase();
  }
  std::unique_ptr<PostgresStore> Open(const PostgresStore::Options& options = kImpatientPostgres) {
    absl::StatusOr<std::unique_ptr<PostgresStore>> store = PostgresStore::Open(url_, options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  // Ends every other session of the database, as an administrator, a failover or a broken network does.
  void CutSessions() {
    PostgresServer::Shared().Execute(
        url_,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid()");
  }

  std::string url_;
};

TEST_F(PostgresStoreTest, WhatWasCommittedIsThereAfterTheServerCrashed) {  // L7
  const std::unique_ptr<PostgresStore> store = Open();
  ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  const std::string before = Print(*store->Peek(kAnn));
  PostgresServer::Shared().Stop();
  EXPECT_EQ(store->Begin().code(), absl::StatusCode::kUnavailable);
  PostgresServer::Shared().Start();
  ASSERT_TRUE(store->Begin().ok()) << "the session is opened anew";
  ASSERT_TRUE(store->Flush().ok());
  EXPECT_EQ(Print(*store->Peek(kAnn)), before);
}

TEST_F(PostgresStoreTest, ACommitWhoseSessionEndsMayHaveHappened) {  // L7
  const std::unique_ptr<PostgresStore> store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  CutSessions();
  EXPECT_EQ(store->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).code(), absl::StatusCode::kUnknown);
  EXPECT_TRUE(store->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
}

TEST_F(PostgresStoreTest, ABatchWhoseSessionEndsIsLostAsAWhole) {
  const std::unique_ptr<PostgresStore> store = Open();
  const int64_t ann = store->Load(kAnn)->epoch;
  const int64_t bob = store->Load(kBob)->epoch;
  ASSERT_TRUE(store->Begin().ok());
  ASSERT_TRUE(store->Apply(kAnn, ann, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  CutSessions();
  EXPECT_EQ(store->Apply(kBob, bob, {.records = {UserEventAt(kHome, "e1", 1)}}).code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(store->Flush().ok());
  EXPECT_EQ(Print(*store->Peek(kAnn)), Print(GroupImage()));

  ASSERT_TRUE(store->Begin().ok());
  ASSERT_TRUE(store->Apply(kAnn, ann, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  CutSessions();
  EXPECT_EQ(store->Flush().code(), absl::StatusCode::kUnknown) << "COMMIT was sent";
}

TEST_F(PostgresStoreTest, ASessionThatEndedWhileNobodyUsedItCostsNothing) {
  const std::unique_ptr<PostgresStore> store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  CutSessions();
  ASSERT_TRUE(store->Begin().ok());
  EXPECT_TRUE(store->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  EXPECT_TRUE(store->Flush().ok());
}

TEST_F(PostgresStoreTest, ASecondProcessTakesOverAndTheFirstIsRefused) {  // L2, P7
  const std::unique_ptr<PostgresStore> first = Open();
  const std::unique_ptr<PostgresStore> second = Open();
  const int64_t former = first->Load(kAnn)->epoch;
  const int64_t current = second->Load(kAnn)->epoch;
  EXPECT_EQ(first->Apply(kAnn, former, {.records = {UserEventAt(kHome, "e1", 1)}}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(second->Apply(kAnn, current, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
}

TEST_F(PostgresStoreTest, NobodyTakesAGroupOverInTheMiddleOfACommit) {  // P7
  const std::unique_ptr<PostgresStore> first = Open();
  const std::unique_ptr<PostgresStore> second = Open();
  const int64_t epoch = first->Load(kAnn)->epoch;
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(first->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  EXPECT_EQ(second->Load(kAnn).status().code(), absl::StatusCode::kUnavailable) << "it waits for as long as its patience lasts";
  EXPECT_TRUE(second->Load(kBob).ok()) << "and nobody else does";
  ASSERT_TRUE(first->Flush().ok());
  EXPECT_EQ(second->Load(kAnn)->image.records.size(), 1u);
}

TEST_F(PostgresStoreTest, AForgottenGroupThatIsThereAnewRefusesItsFormerOwner) {
  const std::unique_ptr<PostgresStore> first = Open();
  const std::unique_ptr<PostgresStore> second = Open();
  const int64_t epoch = first->Load(kAnn)->epoch;
  ASSERT_TRUE(second->Forget(kAnn).ok());
  ASSERT_EQ(second->Load(kAnn)->epoch, epoch);
  EXPECT_EQ(first->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(PostgresStoreTest, AfterAFailoverAGroupIsLoadedAnewAndSaidToLackWhatWasLast) {  // L3, L7
  const std::unique_ptr<PostgresStore> store = Open();
  const int64_t epoch = store->Load(kAnn)->epoch;
  EXPECT_FALSE(store->Load(kBob)->may_be_older) << "it is new";
  ASSERT_TRUE(store->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  // A promotion begins another timeline.
  PostgresServer::Shared().Promote();
  EXPECT_FALSE(store->Begin().ok() && store->Apply(kAnn, epoch, {.records = {UserEventAt(kHome, "e2", 2)}}).ok())
      << "the engine may know what this server does not";
  static_cast<void>(store->Flush());
  const std::unique_ptr<PostgresStore> other = Open();
  EXPECT_TRUE(other->Load(kAnn)->may_be_older);
  const LoadedGroup again = *other->Load(kAnn);
  EXPECT_TRUE(again.may_be_older) << "until a commit is stored";
  ASSERT_TRUE(other->Apply(kAnn, again.epoch, {}).ok());
  EXPECT_FALSE(other->Load(kAnn)->may_be_older);
  EXPECT_TRUE(other->Load(kAnn)->image.records.size() == 1);
}

TEST_F(PostgresStoreTest, AValueThatThisVersionDoesNotKnowIsAnErrorAndNoGuess) {  // P9
  const std::unique_ptr<PostgresStore> store = Open();
  ASSERT_TRUE(store->Apply(kAnn, store->Load(kAnn)->epoch, {.records = {UserEventAt(kHome, "e1", 1)}}).ok());
  const std::pair<const char*, const char*> kRows[] = {{"status", "status = 'borrowed'"}, {"colour", "colour = 256"}};
  for (const auto& [column, set] : kRows) {
    PostgresServer::Shared().Execute(url_, absl::StrCat("UPDATE record SET ", set));
    const absl::Status status = store->Peek(kAnn).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(column, ": ")));
    PostgresServer::Shared().Execute(url_, "UPDATE record SET status = 'synced', colour = 0");
  }
  EXPECT_TRUE(store->Peek(kAnn).ok());
}

TEST_F(PostgresStoreTest, ADatabaseOfANewerVersionIsRefusedAndNotTouched) {
  Open();
  PostgresServer::Shared().Execute(url_, "UPDATE calsync_schema SET version = 1000");
  const absl::Status status = PostgresStore::Open(url_, kImpatientPostgres).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("version 1000"));
}

TEST_F(PostgresStoreTest, AStepThatFailsLeavesTheOldVersionWhole) {
  const auto connection = PostgresConnection::Open(url_, {});
  ASSERT_TRUE(connection.ok());
  const std::vector<const char*> steps = {"CREATE TABLE one (a int)", "CREATE TABLE two (a int); SELECT 1/0"};
  ASSERT_TRUE(MigratePostgres(connection->get(), {steps.data(), 1}).ok());
  EXPECT_FALSE(MigratePostgres(connection->get(), steps).ok());
  EXPECT_TRUE((*connection)->Execute("SELECT * FROM one; CREATE TABLE two (a int)").ok());
  EXPECT_TRUE(MigratePostgres(connection->get(), {steps.data(), 1}).ok());
}

TEST_F(PostgresStoreTest, ASessionWithoutItsSettingsIsNotUsed) {  // L7
  const auto connection = PostgresConnection::Open(url_, {});
  ASSERT_TRUE(connection.ok());
  (*connection)->Lose();
  (*connection)->SetPatience(absl::Hours(1000));  // More milliseconds than PostgreSQL counts.
  EXPECT_FALSE((*connection)->Connect().ok());
  EXPECT_TRUE((*connection)->is_lost());
  EXPECT_FALSE((*connection)->Execute("SELECT 1").ok());
  (*connection)->SetPatience(absl::Seconds(5));
  EXPECT_TRUE((*connection)->Execute("SELECT 1").ok());
}

TEST_F(PostgresStoreTest, OpeningSaysWhatIsWrong) {
  const auto why = [](const std::string& url) { return PostgresStore::Open(url, kImpatientPostgres).status(); };
  const absl::Status nobody = why("postgres://calsync@/nowhere?host=/nonexistent");
  EXPECT_EQ(nobody.code(), absl::StatusCode::kUnavailable);
  // One line that claims nothing of who asked: some try again, others do not.
  for (const char* unwanted : {"\t", "\n", "?.", "again"})
    EXPECT_THAT(std::string(nobody.message()), ::testing::Not(HasSubstr(unwanted)));
  const absl::Status no_such = why(url_.replace(url_.find("/test"), 5, "/none"));
  EXPECT_THAT(std::string(no_such.message()), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace calsync::adapter
