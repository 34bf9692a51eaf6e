#include "adapter/lease/lease_plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

constexpr WorkerId kMe(5);

std::vector<GroupId> Groups(const std::string& names) {
  std::vector<GroupId> groups;
  for (const absl::string_view name : absl::StrSplit(names, ' ', absl::SkipEmpty())) groups.emplace_back(name);
  return groups;
}

std::string Names(const std::vector<GroupId>& groups) {
  return absl::StrJoin(groups, " ", [](std::string* out, const GroupId& group) { out->append(group.str()); });
}

TEST(LeasePlan, FollowsFromTheTable) {
  const struct {
    const char* name;
    int others;  // Workers besides this one; below 0: so many, and this one drains.
    const char* mine;
    const char* free;
    const char* running;
    const char* leaving;
    const char* want;  // stop | run | leave | take
  } kRows[] = {
      {"alone, it takes everything", 0, "", "a b c d", "", "", "|||a b c d"},
      {"two take the half", 1, "", "a b c d", "", "", "|||a b"},
      {"an odd one is for who comes first", 1, "a", "b c", "a", "", "|||b"},
      {"what was taken is run", 0, "a b", "", "a", "", "|b||"},
      {"what is another's is stopped at once", 1, "a", "", "a b", "", "b|||"},
      {"what is stopped is not run again", 1, "", "", "a", "a", "a|||"},
      {"a second worker came: the excess is left", 1, "a b c d", "", "a b c d", "", "||d c|"},
      {"what it leaves already it does not leave twice", 1, "a b c d", "", "a b c d", "c d", "|||"},
      {"with its share it takes nothing more", 1, "a b", "c d", "a b", "", "|||"},
      {"what is not configured is for nobody, and left", 0, "a x", "y", "a", "", "||x|b c d"},
      {"a worker that drains leaves all, and takes nothing", -1, "a b", "c d", "a b", "", "||b a|"},
      {"the last one that drains leaves all, too", -10, "a b", "", "a b", "", "||b a|"},
  };
  for (const auto& row : kRows) {
    LeaseView view{.mine = Groups(row.mine), .free = Groups(row.free)};
    const int others = row.others == -10 ? 0 : row.others < 0 ? -row.others : row.others;
    view.workers.push_back({.id = kMe, .draining = row.others < 0});
    for (int i = 0; i < others; ++i) view.workers.push_back({.id = WorkerId(100 + static_cast<uint64_t>(i))});
    const std::vector<GroupId> all = Groups("a b c d");
    const std::vector<GroupId> running = Groups(row.running), leaving = Groups(row.leaving);
    const std::string name = row.name;
    if (name == "what is not configured is for nobody, and left") view.free = Groups("b c d y");
    if (name == "an odd one is for who comes first") {
      const LeasePlan odd = PlanLeases(view, kMe, {all.begin(), all.begin() + 3}, {running.begin(), running.end()}, {});
      EXPECT_EQ(Names(odd.take), "b");
      continue;
    }
    const LeasePlan plan =
        PlanLeases(view, kMe, {all.begin(), all.end()}, {running.begin(), running.end()}, {leaving.begin(), leaving.end()});
    EXPECT_EQ(absl::StrJoin({Names(plan.stop), Names(plan.run), Names(plan.leave), Names(plan.take)}, "|"), row.want) << row.name;
  }
}

TEST(LeasePlan, WorkersThatBeginTogetherBeginAtDifferentPlaces) {
  LeaseView view{.free = Groups("a b c d"), .workers = {{.id = WorkerId(1)}, {.id = kMe}}};
  const std::vector<GroupId> all = Groups("a b c d");
  EXPECT_EQ(Names(PlanLeases(view, WorkerId(1), {all.begin(), all.end()}, {}, {}).take), "a b");
  EXPECT_EQ(Names(PlanLeases(view, kMe, {all.begin(), all.end()}, {}, {}).take), "c d");
}

}  // namespace
}  // namespace calsync::adapter
