// The workers of the first installation: processes that share its database and its sync groups, each with its lease and a clock
// of its own. None, unless the plan asks for two or more.
//
// What a worker may do and what follows from the table of leases is adapter/lease's, as in production; this part holds what each
// life of a worker has of it, and the World drives (world_workers.cc). A value.
//
// Beats that would change nothing are not carried out one by one: once all is calm the table rests, and leases count as renewed
// whenever a beat would have been due (docs/decisions/0051-*).

#ifndef CALSYNC_SCENARIOS_WORKERS_H_
#define CALSYNC_SCENARIOS_WORKERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "adapter/lease/lease_holder.h"
#include "adapter/lease/memory_leases.h"
#include "engine/host/input.h"
#include "engine/state/ids.h"

namespace calsync::sim {

inline constexpr int kWorkersMax = 4;

class Workers {
 public:
  static constexpr adapter::LeaseRules kRules = {};

  struct Worker {
    adapter::LeaseHolder holder{kRules};
    bool up = false;
    uint64_t life = 0;
    absl::Time stands_until = absl::InfinitePast();
    bool stood_still = false;  // Since its lease was last renewed.
    bool asking = false;       // A beat of it is under way.
    bool rests = false;        // Its last beat was answered, and nothing followed.
    absl::Time next_beat = absl::InfiniteFuture();
    absl::Time asked = absl::InfinitePast();  // Its last beat that was answered, in true time.
    // The clock that its lease is counted by (K7): nobody sets it.
    absl::Duration ahead = absl::ZeroDuration();
    double rate = 1;

    absl::Time Clock(absl::Time now) const { return now + ahead + (now - absl::UnixEpoch()) * (rate - 1); }
  };

  void Open(int workers, const absl::btree_set<GroupId>& groups);

  bool empty() const { return workers_.empty(); }
  int size() const { return static_cast<int>(workers_.size()); }
  Worker& at(int worker) { return workers_[static_cast<size_t>(worker)]; }
  const Worker& at(int worker) const { return workers_[static_cast<size_t>(worker)]; }
  const absl::btree_set<GroupId>& groups() const { return groups_; }

  // --- The table. Its clock is the true one.

  adapter::MemoryLeases& table(absl::Time now) {
    table_.SetNow(now);
    return table_;
  }
  adapter::WorkerId OwnerOf(const GroupId& group) const { return table_.OwnerOf(group); }
  // As the database fences commits, and the loading of a group (docs/decisions/0041-*).
  bool Owns(int worker, const GroupId& group) const {
    const adapter::WorkerId id = at(worker).holder.registered();
    return !id.empty() && table_.OwnerOf(group) == id;
  }
  // Who owns the group, if that is a worker that runs and knows it; -1 if not.
  int OwnerNumber(const GroupId& group) const;
  bool Answers(absl::Time now) const { return now >= away_until_; }
  absl::Time away_until() const { return away_until_; }
  void SetAway(absl::Time until) { away_until_ = until; }
  bool LosesBeats(absl::Time now) const { return now < beats_lost_until_; }
  void LoseBeats(absl::Time until) { beats_lost_until_ = until; }
  // A database without any row of a worker.
  void EmptyTable();
  adapter::WorkerId NewId() { return adapter::WorkerId(++ids_); }

  // --- Mail that waits in the table. Orders are kept beside it; what the table holds is their number.

  void Put(const GroupId& group, const Notification& notification, absl::Time now);
  void Put(const GroupId& group, OperatorCommand order, absl::Time now);
  std::vector<adapter::Mail> TakeMail(int worker, absl::Time now);
  const OperatorCommand& OrderOf(const adapter::Mail& mail) const;
  bool HasMail() const { return !mail_for_.empty(); }

  // --- Rest.

  bool resting() const { return resting_; }
  // Every lease is as its worker's last beat would have left it.
  void Renew(absl::Time now);
  // Whether nothing is under way between the workers and the table, but for what `runs` says of groups.
  bool MayRest(absl::Time now) const;
  void Rest() { resting_ = true; }
  void Wake() { resting_ = false; }
  // Something changed: nobody rests before its next beat.
  void Stir();

 private:
  std::vector<Worker> workers_;
  absl::btree_set<GroupId> groups_;
  adapter::MemoryLeases table_;
  absl::Time away_until_ = absl::InfinitePast();
  absl::Time beats_lost_until_ = absl::InfinitePast();
  bool resting_ = false;
  uint64_t ids_ = 0;
  absl::btree_set<GroupId> mail_for_;
  std::vector<OperatorCommand> orders_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_WORKERS_H_
