// What a worker knows of its own lease: whether it may still make a call.
//
// The database's clock decides when a lease may be taken away; this one only measures how long ago the last beat was asked for,
// so clocks may differ as they like, as long as they run about equally fast. Pure: time is an argument, of a clock that nobody
// sets and that does not stand still while the machine sleeps.

#ifndef CALSYNC_ADAPTER_LEASE_LEASE_KEEPER_H_
#define CALSYNC_ADAPTER_LEASE_LEASE_KEEPER_H_

#include "absl/time/time.h"
#include "adapter/lease/leases.h"

namespace calsync::adapter {

struct LeaseRules {
  absl::Duration lease = absl::Seconds(60);

  // Soon enough that a group of a worker that died has another one within a lease and five seconds.
  absl::Duration BeatEvery() const;
  // What clocks may run apart in a lease.
  absl::Duration Slack() const { return lease / 50; }
  // A call that lasts longer might still be under way when the lease is another's.
  absl::Duration CallMax() const { return lease / 2; }
};

class LeaseKeeper {
 public:
  explicit LeaseKeeper(LeaseRules rules) : rules_(rules) {}

  // The database said that the lease began anew: at some time after `asked`.
  void Held(WorkerId worker, absl::Time asked);
  // The database knows this worker no more.
  void Lost() { worker_ = WorkerId(); }

  WorkerId worker() const { return worker_; }  // Empty: it has no lease.
  absl::Time ends() const { return ends_; }
  // Whether a call that was decided under the lease of `worker`, and lasts no longer than this, is over before that lease ends.
  // No promise: the time-out of a call that left stands still while the machine sleeps, and what lies with the kernel or with
  // Google may be carried out after any time-out. Such a call is the next owner's as an ambiguous one is (C-42): its answer can
  // commit nothing here, since the fence compares the owner; an insert bears the id that the next owner plans (C-40), every
  // other write an If-Match that what the next owner wrote has made stale (C-44), and what comes late all the same is drift that
  // the next listing finds (docs/decisions/0041-*).
  bool MayCall(WorkerId worker, absl::Time now, absl::Duration lasts) const;

 private:
  LeaseRules rules_;
  WorkerId worker_;
  absl::Time ends_ = absl::InfinitePast();
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_LEASE_LEASE_KEEPER_H_
