// What one worker holds of the table: its lease, and the groups that it runs under it.
//
// It takes what a beat answered and says what follows; whoever can ask the table and run groups carries it out. Pure, so that
// production (adapter/runner) and simulated workers (scenarios) are the same.

#ifndef CALSYNC_ADAPTER_LEASE_LEASE_HOLDER_H_
#define CALSYNC_ADAPTER_LEASE_LEASE_HOLDER_H_

#include <vector>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "adapter/lease/lease_keeper.h"
#include "adapter/lease/lease_plan.h"
#include "adapter/lease/leases.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

class LeaseHolder {
 public:
  explicit LeaseHolder(LeaseRules rules) : rules_(rules), keeper_(rules) {}

  const LeaseRules& rules() const { return rules_; }
  // For how long calls may be made.
  const LeaseKeeper& keeper() const { return keeper_; }

  // A row of its own was put into the table.
  void Registered(WorkerId id) { registered_ = id; }
  WorkerId registered() const { return registered_; }  // Empty: no row of it is known to be there.

  // A beat was answered that it asked for then, and the row was there.
  void Held(absl::Time asked) { keeper_.Held(registered_, asked); }
  // What the table showed then is carried out with this; what is to run, runs, and what is to be left is being left.
  LeasePlan Follow(const LeaseView& view, const absl::btree_set<GroupId>& configured);
  // A beat was answered, and the row was gone. Returns what ran: it is another's.
  std::vector<GroupId> Lose();
  // No call of the group is under way any more, which it was to leave under the lease of `under`. False: it is not this worker's
  // to leave any more.
  bool Left(WorkerId under, const GroupId& group);

  // Whatever is free stays so.
  void StopTaking() { taking_ = false; }
  // No call may be made any more.
  void End() { keeper_.Lost(); }

  bool Runs(const GroupId& group) const { return running_.contains(group); }
  bool IsLeaving(const GroupId& group) const { return leaving_.contains(group); }
  const absl::btree_set<GroupId>& running() const { return running_; }
  const absl::btree_set<GroupId>& leaving() const { return leaving_; }
  // Groups were taken, and the table did not say yet which.
  bool behind() const { return behind_; }

 private:
  LeaseRules rules_;
  LeaseKeeper keeper_;
  WorkerId registered_;
  absl::btree_set<GroupId> running_;
  absl::btree_set<GroupId> leaving_;  // They run, or never came to run.
  bool taking_ = true;
  bool behind_ = false;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_LEASE_LEASE_HOLDER_H_
