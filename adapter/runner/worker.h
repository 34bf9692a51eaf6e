// One of several processes that share a database: holds its lease, runs the groups that are its, leaves those that are for
// others.
//
// What follows from the table of leases is adapter/lease's; this part asks for it every few seconds, and when something wakes it,
// and carries it out. While the database is away it keeps trying; the lease runs on meanwhile, and once it is too short for a
// call none leaves.

#ifndef CALSYNC_ADAPTER_RUNNER_WORKER_H_
#define CALSYNC_ADAPTER_RUNNER_WORKER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/lease/lease_holder.h"
#include "adapter/lease/lease_keeper.h"
#include "adapter/lease/leases.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

// Who runs the groups.
class WorkerHost {
 public:
  virtual ~WorkerHost() = default;
  virtual std::vector<GroupId> ConfiguredGroups() const = 0;
  // From now on commits are this worker's.
  virtual void BeginAs(WorkerId worker) = 0;
  virtual void RunGroups(const std::vector<GroupId>& groups) = 0;
  // At once: it is another's.
  virtual void StopGroup(const GroupId& group) = 0;
  // `left` when no call of it is under way, and it does not run here any more; perhaps from within this.
  virtual void LeaveGroup(const GroupId& group, std::function<void()> left) = 0;
  // False: an order that cannot be kept now. It is delivered again.
  virtual bool Deliver(const Mail& mail) = 0;
  // So many workers share the work, and the quota.
  virtual void ShareWith(int workers) = 0;
  // The table cannot be asked; OK: it can again.
  virtual void OnLeases(const absl::Status& status) = 0;
};

class Worker {
 public:
  struct Options {
    LeaseRules rules;
    std::string name;                   // For people.
    std::function<absl::Time()> clock;  // That nobody sets, and that goes on while the machine sleeps.
    std::function<WorkerId()> new_id;   // Never the same twice.
  };

  // All must outlive it.
  Worker(http::Loop& loop, Leases& leases, WorkerHost& host, Options options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void Start();
  // What there is to run changed, or something else that is worth a beat.
  void BeatSoon() { BeatIn(absl::ZeroDuration()); }
  // No more groups are taken; those that run go on until the end.
  void StopTaking();
  // With nothing under way the groups are free at once; else the lease runs out.
  void End(bool nothing_under_way);

  bool Runs(const GroupId& group) const { return holder_.Runs(group); }
  WorkerId id() const { return holder_.keeper().worker(); }
  // Whether a call that is decided now may still leave, to be asked when it does.
  std::function<bool()> MayLeave() const;
  // For the owner, whoever that is.
  absl::Status Send(const Mail& mail);

 private:
  void Beat();
  absl::Status Register();
  void CarryOut(const LeaseView& view);
  void LoseAll();
  void Deliver();
  void LeaveLeft();
  void OnWake();
  void BeatIn(absl::Duration delay);
  void Trouble(const absl::Status& status);

  Leases& leases_;
  WorkerHost& host_;
  Options options_;
  LeaseHolder holder_;
  absl::btree_set<GroupId> ensured_;
  std::vector<GroupId> left_;  // To be said in one word.
  bool in_trouble_ = false;
  bool listening_ = false;
  absl::Time beaten_ = absl::InfinitePast();
  http::Loop::Alarm alarm_;
  http::Loop::Alarm leave_;
  http::Loop::Watch watch_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_WORKER_H_
