#include "engine/state/record.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

using S = RecordStatus;
using E = RecordEvent;

constexpr S kAllStatuses[] = {S::kSynced, S::kGone, S::kCreating, S::kCreated, S::kDeleting, S::kDeleted, S::kFailed, S::kSeen};

std::set<S> ReachableFrom(S start) {
  std::set<S> reached = {start};
  for (bool more = true; more;) {
    more = false;
    for (const Transition& row : Lifecycle()) {
      if (reached.count(row.from) > 0) more |= reached.insert(row.to).second;
    }
  }
  return reached;
}

// The arrows of the design's picture, from the table.
std::string Picture() {
  std::map<S, std::set<S>> arrows;
  for (const Transition& row : Lifecycle()) arrows[row.from].insert(row.to);
  std::string picture;
  for (const auto& [from, targets] : arrows) {
    absl::StrAppend(&picture, Name(from), " ->");
    for (const S to : targets) absl::StrAppend(&picture, " ", Name(to));
    absl::StrAppend(&picture, "\n");
  }
  return picture;
}

TEST(Lifecycle, IsTheDesignsPicture) {
  EXPECT_EQ(Picture(),
            "synced -> gone\n"
            "gone -> synced\n"
            "creating -> creating created deleting deleted failed\n"
            "created -> created deleting deleted\n"
            "deleting -> deleted\n"
            "deleted -> creating created deleting\n"
            "failed -> creating created deleting\n"
            "seen -> synced creating created deleted\n");
}

TEST(Lifecycle, ReachesEveryStatus) {
  const std::set<S> reached = ReachableFrom(S::kSeen);
  for (const S status : kAllStatuses) EXPECT_EQ(reached.count(status), 1u) << Name(status);
}

TEST(Lifecycle, SaysOneThingForEachStatusAndEvent) {
  std::set<std::pair<S, E>> met;
  for (const Transition& row : Lifecycle()) {
    EXPECT_TRUE(met.insert({row.from, row.event}).second) << Name(row.from);
    EXPECT_EQ(Follow(row.from, row.event), row.to);
  }
}

TEST(Lifecycle, NeverTurnsAUserEventIntoABlockOrBack) {  // L1, L6
  for (const S user_event : {S::kSynced, S::kGone}) EXPECT_EQ(ReachableFrom(user_event), (std::set<S>{S::kSynced, S::kGone}));
  for (const S block : {S::kCreating, S::kCreated, S::kDeleting, S::kDeleted, S::kFailed}) {
    EXPECT_EQ(ReachableFrom(block).count(S::kSynced), 0u) << Name(block);
  }
}

TEST(Lifecycle, HasNoWayBackFromDeleting) {
  for (const Transition& row : Lifecycle()) {
    if (row.from != S::kDeleting) continue;
    EXPECT_EQ(row.to, S::kDeleted);
  }
}

TEST(LifecycleDeathTest, AnIllegalTransitionIsOurMistakeAndStops) {
  EXPECT_DEATH(Follow(S::kDeleting, E::kConfirmed), "no such transition");
  EXPECT_DEATH(Follow(S::kSynced, E::kPlanned), "no such transition");
}

TEST(Record, ABlockMayBeLiveOnceItsInsertMayHaveLeft) {
  Record block;
  block.kind = RecordKind::kBlock;
  const auto may_be_live = [&](S status, bool sent) {
    block.status = status;
    block.sent = sent;
    return block.MayBeLive();
  };
  EXPECT_FALSE(may_be_live(S::kCreating, false));
  EXPECT_TRUE(may_be_live(S::kCreating, true));
  EXPECT_TRUE(may_be_live(S::kCreated, true));
  EXPECT_TRUE(may_be_live(S::kDeleting, true));
  EXPECT_FALSE(may_be_live(S::kDeleted, true));
  EXPECT_FALSE(may_be_live(S::kFailed, false));
}

TEST(Record, NothingOfAPersonIsEverDoomed) {  // L6
  Record record;
  record.kind = RecordKind::kUserEvent;
  for (const S status : kAllStatuses) {
    record.status = status;
    EXPECT_FALSE(record.IsDoomed());
  }
  record.kind = RecordKind::kSeen;
  record.status = S::kSeen;
  for (const auto& [as, doomed] :
       {std::pair(SeenAs::kUndecided, false), std::pair(SeenAs::kCopyOfBlock, false), std::pair(SeenAs::kExternalBlock, false),
        std::pair(SeenAs::kSurplusBlock, true), std::pair(SeenAs::kMovedBlock, true), std::pair(SeenAs::kFragment, false),
        std::pair(SeenAs::kNoSuchEvent, false), std::pair(SeenAs::kTextMarked, false)}) {
    record.seen_as = as;
    EXPECT_EQ(record.IsDoomed(), doomed) << Name(as);
  }
}

}  // namespace
}  // namespace calsync
