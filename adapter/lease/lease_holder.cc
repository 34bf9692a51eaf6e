#include "adapter/lease/lease_holder.h"

#include <utility>

namespace calsync::adapter {

LeasePlan LeaseHolder::Follow(const LeaseView& view, const absl::btree_set<GroupId>& configured) {
  LeasePlan plan = PlanLeases(view, registered_, configured, running_, leaving_);
  for (const GroupId& group : plan.stop) {
    running_.erase(group);
    leaving_.erase(group);
  }
  running_.insert(plan.run.begin(), plan.run.end());
  leaving_.insert(plan.leave.begin(), plan.leave.end());
  if (!taking_) plan.take.clear();
  behind_ = !plan.take.empty();
  return plan;
}

std::vector<GroupId> LeaseHolder::Lose() {
  keeper_.Lost();
  registered_ = WorkerId();
  leaving_.clear();
  behind_ = false;
  const absl::btree_set<GroupId> ran = std::exchange(running_, {});
  return {ran.begin(), ran.end()};
}

bool LeaseHolder::Left(WorkerId under, const GroupId& group) {
  if (registered_ != under || leaving_.erase(group) == 0) return false;
  running_.erase(group);
  return true;
}

}  // namespace calsync::adapter
