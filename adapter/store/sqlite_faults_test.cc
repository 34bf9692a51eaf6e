// The disk fails at the first operation, at the second, at the third … until nothing is left to fail (D1, D3, P1). Whatever a
// call said, the database must afterwards be in a state that its answers allow (L7).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapter/store/memory_store.h"
#include "adapter/store/sqlite_store.h"
#include "adapter/store/testing/fault_files.h"
#include "adapter/store/testing/rows.h"
#include "adapter/store/testing/scratch_directory.h"
#include "engine/host/effect.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using Fault = FaultFiles::Fault;

std::string PrintAll(Store* store) {
  return absl::StrCat("epoch ", *store->Epoch(kAnn), ", audit ", *store->AuditCount(kAnn), "\n", Print(*store->Peek(kAnn)));
}

// Every state that the answers so far allow. Mostly one; an answer of kUnknown forks.
class AllowedStates {
 public:
  AllowedStates() : states_(1) {}

  void Loaded(const absl::StatusOr<LoadedGroup>& loaded) {
    std::vector<MemoryStore> next;
    for (MemoryStore& state : states_) {
      if (!loaded.ok()) next.push_back(state);
      if (!MayHaveHappened(loaded.status())) continue;
      const LoadedGroup twin = *state.Load(kAnn);
      if (loaded.ok() && (twin.epoch != loaded->epoch || Print(twin.image) != Print(loaded->image))) continue;
      next.push_back(state);
    }
    states_ = std::move(next);
  }
  void Applied(const absl::Status& status, int64_t epoch, const Commit& commit) {
    std::vector<MemoryStore> next;
    for (MemoryStore& state : states_) {
      if (!status.ok()) next.push_back(state);
      if (!MayHaveHappened(status)) continue;
      ASSERT_TRUE(state.Apply(kAnn, epoch, commit).ok());
      next.push_back(state);
    }
    states_ = std::move(next);
  }
  bool empty() const { return states_.empty(); }
  bool Allows(Store* store) {
    const std::string stored = PrintAll(store);
    return std::any_of(states_.begin(), states_.end(), [&](MemoryStore& state) { return PrintAll(&state) == stored; });
  }

 private:
  std::vector<MemoryStore> states_;
};

// A few commits of different sizes, the last of them with what an engine does in one go.
std::vector<Commit> SomeCommits() {
  TestBits bits(5);
  std::vector<Commit> commits;
  commits.push_back({.records = {UserEventAt(kWork, "e1", 1), BlockAt(kHome, "g1", 2, 71)}, .audit = {RandomAudit(&bits)}});
  commits.push_back({.calendars = {RandomCalendar(&bits)}, .group = RandomGroup(&bits)});
  Commit large;
  for (uint64_t i = 0; i < 24; ++i) large.records.push_back(UserEventAt(kWork, absl::StrCat("many", i), 100 + i));
  commits.push_back(large);
  commits.push_back(
      {.erased = {{kHome, EventId("g1")}}, .records = {BlockAt(kHome, "g2", 2, 71)}, .audit = {RandomAudit(&bits)}});
  return commits;
}

// What survives of the writes that were not synced when the power goes.
enum class Survives { kNothing, kSome, kAllButTheFirst };

struct Case {
  const char* name;
  Fault fault;
  std::optional<Survives> power_cut = {};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

void CutPower(Survives survives, int64_t seed, FaultFiles* files) {
  TestBits bits(static_cast<uint64_t>(seed));
  bool first = true;
  files->PowerCut([&] {
    if (survives == Survives::kNothing) return false;
    if (survives == Survives::kSome) return bits.Below(2) == 0;
    return !std::exchange(first, false);
  });
}

class SqliteFaults : public ::testing::TestWithParam<Case> {};

// A write that is torn is also lost in a power cut, so that one needs no torn twin.
INSTANTIATE_TEST_SUITE_P(Each, SqliteFaults,
                         ::testing::Values(Case{"ErrorOnce", Fault::kOnce}, Case{"DiskFull", Fault::kFullDisk},
                                           Case{"TornWrite", Fault::kTorn}, Case{"Crash", Fault::kForGood},
                                           Case{"PowerCut", Fault::kForGood, Survives::kNothing},
                                           Case{"PowerCutInTheMiddle", Fault::kForGood, Survives::kSome},
                                           Case{"PowerCutOutOfOrder", Fault::kForGood, Survives::kAllButTheFirst}),
                         [](const ::testing::TestParamInfo<Case>& c) { return std::string(c.param.name); });

TEST_P(SqliteFaults, WhateverFailsTheDatabaseIsInAStateThatTheAnswersAllow) {
  const std::vector<Commit> commits = SomeCommits();
  std::set<absl::StatusCode> seen;
  int64_t operation = 1;
  for (bool fired = true; fired; ++operation) {
    ASSERT_LT(operation, 2000);  // A bound, lest a fault that always fires runs for ever.
    SCOPED_TRACE(operation);
    FaultFiles files;
    const ScratchDirectory directory;
    const std::string path = directory.File("calsync.db");
    const SqliteStore::Options options{.connection = {.vfs = files.name()}};
    AllowedStates allowed;

    // Several lives of a host: it opens, loads, commits a little, and stops; at any failure it begins anew. A new life has
    // nothing in memory, and the end of each copies the log into the database.
    files.FailAt(operation, GetParam().fault);
    size_t next = 0;
    for (int life = 0; life < 3; ++life) {
      absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
      seen.insert(store.status().code());
      if (!store.ok()) continue;
      const absl::StatusOr<LoadedGroup> loaded = (*store)->Load(kAnn);
      seen.insert(loaded.status().code());
      allowed.Loaded(loaded);
      ASSERT_FALSE(allowed.empty()) << "the group that was loaded is none that there may be";
      absl::Status status = loaded.status();
      for (const size_t end = next + 2; status.ok() && next < std::min(end, commits.size()); ++next) {
        if (next == 1) {
          // Another process writes, so what this one holds in memory is void, and its next commit must read the disk.
          absl::StatusOr<std::unique_ptr<SqliteStore>> other = SqliteStore::Open(path, options);
          if (other.ok()) (*other)->Load(kBob).IgnoreError();
        }
        status = (*store)->Apply(kAnn, loaded->epoch, commits[next]);
        seen.insert(status.code());
        allowed.Applied(status, loaded->epoch, commits[next]);
      }
    }
    fired = files.fired();
    files.FailNothing();
    if (GetParam().power_cut.has_value() && fired) CutPower(*GetParam().power_cut, operation, &files);

    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(allowed.Allows(store->get())) << PrintAll(store->get());
    ASSERT_TRUE((*store)->Load(kAnn).ok());  // And it goes on.
  }
  EXPECT_GT(operation, 100);
  EXPECT_TRUE(seen.contains(absl::StatusCode::kUnknown));  // Something failed within a commit's last step,
  EXPECT_GT(seen.size(), 2u);                              // and something before it.
}

// Two groups share a transaction: it happens to both or to none, and what Flush() made durable is there.
TEST_P(SqliteFaults, ABatchHappensAsAWholeOrNotAtAll) {
  const std::vector<Commit> commits = SomeCommits();
  std::set<absl::StatusCode> flushed;
  int64_t operation = 1;
  for (bool fired = true; fired; ++operation) {
    ASSERT_LT(operation, 2000);
    SCOPED_TRACE(operation);
    FaultFiles files;
    const ScratchDirectory directory;
    const std::string path = directory.File("calsync.db");
    const SqliteStore::Options options{.connection = {.vfs = files.name()}};
    files.FailAt(operation, GetParam().fault);
    int64_t least = 0;  // Batches that are surely there, and that may be there.
    int64_t most = 0;
    for (int life = 0; life < 3; ++life) {
      absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
      if (!store.ok()) continue;
      for (int batch = 0; batch < 2; ++batch) {
        if (!(*store)->Begin().ok()) break;
        absl::Status status;
        for (const GroupId& group : {kAnn, kBob}) {
          const absl::StatusOr<LoadedGroup> loaded = (*store)->Load(group);
          status.Update(loaded.status());
          if (loaded.ok()) status.Update((*store)->Apply(group, loaded->epoch, commits[2]));
        }
        const absl::Status end = (*store)->Flush();
        flushed.insert(end.code());
        if (!status.ok()) break;  // What was carried out of such a batch may be there, group by group: as without batches.
        most += MayHaveHappened(end) ? 1 : 0;
        least = end.ok() ? most : least;
        if (!end.ok()) break;
      }
      if (files.fired()) break;
    }
    fired = files.fired();
    files.FailNothing();
    if (GetParam().power_cut.has_value() && fired) CutPower(*GetParam().power_cut, operation, &files);
    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_GE(*(*store)->Epoch(kAnn), least);
    if (least == most) continue;
    ASSERT_EQ(*(*store)->Epoch(kAnn), *(*store)->Epoch(kBob));
    ASSERT_LE(*(*store)->Epoch(kAnn), most);
  }
  EXPECT_GT(operation, 50);
  EXPECT_TRUE(flushed.contains(absl::StatusCode::kUnknown));
}

// A disk that says "synced" and is not (D4): commits that were confirmed may be gone after a power cut. Then the database is as
// it was after one of them, or says that it is damaged; it is never something else. What was lost is the engine's to find out, by
// the ids that certify themselves.
TEST(SqliteLyingDisk, AfterAPowerCutItIsAnEarlierStateOrSaysThatItIsDamaged) {
  const std::vector<Commit> commits = SomeCommits();
  int whole = 0;
  int lost = 0;
  int damaged = 0;
  for (int64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    TestBits bits(static_cast<uint64_t>(seed));
    FaultFiles files;
    const ScratchDirectory directory;
    const std::string path = directory.File("calsync.db");
    const SqliteStore::Options options{.connection = {.vfs = files.name()}};
    std::set<std::string> states;
    std::string last;
    {
      absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
      ASSERT_TRUE(store.ok());
      states.insert(last = PrintAll(store->get()));
      const uint64_t lies_from = bits.Below(commits.size());
      const absl::StatusOr<LoadedGroup> loaded = (*store)->Load(kAnn);
      ASSERT_TRUE(loaded.ok());
      states.insert(last = PrintAll(store->get()));
      for (size_t next = 0; next < commits.size(); ++next) {
        if (next == lies_from) files.LieAboutSyncs(true);
        ASSERT_TRUE((*store)->Apply(kAnn, loaded->epoch, commits[next]).ok());
        states.insert(last = PrintAll(store->get()));
      }
    }
    CutPower(seed % 3 == 0 ? Survives::kNothing : Survives::kSome, seed, &files);
    files.LieAboutSyncs(false);
    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path, options);
    const absl::StatusOr<GroupImage> image = store.ok() ? (*store)->Peek(kAnn) : store.status();
    if (!image.ok()) {
      EXPECT_EQ(image.status().code(), absl::StatusCode::kDataLoss) << image.status();
      ++damaged;
      continue;
    }
    const std::string stored = PrintAll(store->get());
    EXPECT_TRUE(states.contains(stored)) << stored;
    (stored == last ? whole : lost) += 1;
  }
  EXPECT_GT(lost, 50);
  EXPECT_GT(whole + lost + damaged, 0);
  std::printf("of 300: %d whole, %d without the last commits, %d damaged and said so\n", whole, lost, damaged);
}

}  // namespace
}  // namespace calsync::adapter
