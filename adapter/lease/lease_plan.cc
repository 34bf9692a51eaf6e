#include "adapter/lease/lease_plan.h"

#include <algorithm>

namespace calsync::adapter {

LeasePlan PlanLeases(const LeaseView& view, WorkerId worker, const absl::btree_set<GroupId>& configured,
                     const absl::btree_set<GroupId>& running, const absl::btree_set<GroupId>& leaving) {
  LeasePlan plan;
  const absl::btree_set<GroupId> mine(view.mine.begin(), view.mine.end());
  for (const GroupId& group : running) {
    if (!mine.contains(group)) plan.stop.push_back(group);
  }
  size_t active = 0;
  size_t before = 0;  // Of the active ones, those with a lower id.
  bool draining = false;
  for (const Peer& peer : view.workers) {
    if (peer.id == worker) draining = peer.draining;
    if (peer.draining) continue;
    before += peer.id < worker ? 1 : 0;
    ++active;
  }
  active = std::max<size_t>(active, 1);
  plan.workers = static_cast<int>(active);
  const size_t share = draining ? 0 : (configured.size() + active - 1) / active;

  std::vector<GroupId> kept;
  for (const GroupId& group : mine) {
    if (leaving.contains(group)) continue;
    if (!configured.contains(group)) {
      plan.leave.push_back(group);
    } else {
      kept.push_back(group);
    }
  }
  while (kept.size() > share) {
    plan.leave.push_back(kept.back());
    kept.pop_back();
  }
  for (const GroupId& group : kept) {
    if (!running.contains(group)) plan.run.push_back(group);
  }
  std::vector<GroupId> free;
  for (const GroupId& group : view.free) {
    if (configured.contains(group)) free.push_back(group);
  }
  // Workers that begin together begin at different places.
  if (!free.empty()) {
    std::rotate(free.begin(), free.begin() + static_cast<std::ptrdiff_t>(free.size() * before / active), free.end());
  }
  free.resize(std::min(free.size(), share - std::min(share, kept.size())));
  plan.take = std::move(free);
  return plan;
}

}  // namespace calsync::adapter
