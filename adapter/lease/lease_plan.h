// What follows for a worker from the table of leases: desired minus what is, as a value. Pure.

#ifndef CALSYNC_ADAPTER_LEASE_LEASE_PLAN_H_
#define CALSYNC_ADAPTER_LEASE_LEASE_PLAN_H_

#include <cstddef>
#include <vector>

#include "absl/container/btree_set.h"
#include "adapter/lease/leases.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

struct LeasePlan {
  std::vector<GroupId> stop;   // They are another's by now, or nobody's: at once.
  std::vector<GroupId> run;    // Owned, and not run yet.
  std::vector<GroupId> leave;  // Owned, and for others: free once no call of theirs is under way.
  std::vector<GroupId> take;
  int workers = 1;  // That share the work.
};

// Everybody runs the same share of all groups, rounded up; workers that drain run none. Nobody leaves a group for others unless
// it has more than its share, so once all are at rest nothing moves. `configured`: the groups there are; `running` and `leaving`:
// those that this worker runs now, and those of them that it is about to leave.
LeasePlan PlanLeases(const LeaseView& view, WorkerId worker, const absl::btree_set<GroupId>& configured,
                     const absl::btree_set<GroupId>& running, const absl::btree_set<GroupId>& leaving);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_LEASE_LEASE_PLAN_H_
