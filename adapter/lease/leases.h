// The table of workers and of the groups that each of them owns: what a database keeps, so that a group has one owner at a time.
//
// A worker's lease is one row, however many groups it owns. It holds for as long as the row is there: the lease's end, by the
// database's clock, only says from when on another worker may take the row away. Then its groups are free, at once and all
// together, and whatever it still commits is refused (store.h: a commit is the owner's alone).

#ifndef CALSYNC_ADAPTER_LEASE_LEASES_H_
#define CALSYNC_ADAPTER_LEASE_LEASES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/strong_id.h"
#include "engine/host/input.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

using WorkerId = StrongNumber<struct WorkerIdTag>;  // Random, of one life of one process: never used again.

struct Peer {
  WorkerId id;
  std::string name;  // For people.
  bool draining = false;
  int64_t groups = 0;
  absl::Duration left;  // Of its lease; negative: it ran out, and nobody took it away yet.
};

// The table, as one beat of a worker finds it.
struct LeaseView {
  std::vector<GroupId> mine;  // In the order of their names, as the others.
  std::vector<GroupId> free;
  std::vector<Peer> workers;  // In the order of their ids; the one that asks among them.
};

// What came for a group and waits for its owner.
struct Mail {
  GroupId group;
  std::optional<Notification> notification;  // Nothing: an order, in words (adapter/runner/inbox.h).
  std::string order;
  int64_t number = 0;  // Of an order that waits in the table; 0: it is not there.
};

// Errors: Unavailable, and Unknown for what may have happened; both are found out by the next Beat().
class Leases {
 public:
  virtual ~Leases() = default;

  // A new row, from now on for so long. Nothing of an earlier life is its.
  virtual absl::Status Register(WorkerId worker, const std::string& name, absl::Duration lease) = 0;
  // The lease begins anew; the rows of those whose lease ran out go. Nothing: the worker's own row is gone, and it owns nothing.
  virtual absl::StatusOr<std::optional<LeaseView>> Beat(WorkerId worker, absl::Duration lease) = 0;
  // The row goes, and with it the ownership of whatever it owned.
  virtual absl::Status End(WorkerId worker) = 0;

  // Groups there are from now on; those that are known stay what they are.
  virtual absl::Status Ensure(const std::vector<GroupId>& groups) = 0;
  // Those of them that are free become the worker's.
  virtual absl::Status Take(WorkerId worker, const std::vector<GroupId>& groups) = 0;
  // Those of them that are the worker's become free.
  virtual absl::Status Leave(WorkerId worker, const std::vector<GroupId>& groups) = 0;

  // The owner, if there is one, is woken. An order is durable when it returns. Notifications say no more than that a calendar is
  // worth listing, so one of each channel is kept, and none is waited for until it is on a disk.
  virtual absl::Status Put(const Mail& mail) = 0;
  // All that waits for groups of this worker. Notifications are gone from there: a start lists everything anyway. Orders stay
  // until DropOrders(), so that none is lost with a worker that dies before it keeps it elsewhere; one may come twice.
  virtual absl::StatusOr<std::vector<Mail>> ReadMail(WorkerId worker) = 0;
  // These orders are kept elsewhere, by their numbers.
  virtual absl::Status DropOrders(const std::vector<int64_t>& numbers) = 0;

  // What came since the last time: mail for the worker of the last Beat(), or groups that are free (as well).
  enum class Woken : uint8_t { kNo, kMail, kTable };
  virtual Woken TakeWakes() { return Woken::kNo; }
  // Readable when something came; -1: whoever waits for it asks at the next beat.
  virtual int socket() const { return -1; }
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_LEASE_LEASES_H_
