// The table as a value: for simulations and tests, and what the database is compared with. Its clock is set from outside.

#ifndef CALSYNC_ADAPTER_LEASE_MEMORY_LEASES_H_
#define CALSYNC_ADAPTER_LEASE_MEMORY_LEASES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/lease/leases.h"

namespace calsync::adapter {

class MemoryLeases final : public Leases {
 public:
  absl::Status Register(WorkerId worker, const std::string& name, absl::Duration lease) override;
  absl::StatusOr<std::optional<LeaseView>> Beat(WorkerId worker, absl::Duration lease) override;
  absl::Status End(WorkerId worker) override;
  absl::Status Ensure(const std::vector<GroupId>& groups) override;
  absl::Status Take(WorkerId worker, const std::vector<GroupId>& groups) override;
  absl::Status Leave(WorkerId worker, const std::vector<GroupId>& groups) override;
  absl::Status Put(const Mail& mail) override;
  absl::StatusOr<std::vector<Mail>> ReadMail(WorkerId worker) override;
  absl::Status DropOrders(const std::vector<int64_t>& numbers) override;

  // ReadMail, and the orders are dropped, for whoever carries them out at once.
  absl::StatusOr<std::vector<Mail>> TakeMail(WorkerId worker);
  void SetNow(absl::Time now) { now_ = now; }
  void Drain(WorkerId worker, bool draining);
  // The lease begins anew, as with a beat that looks at nothing else.
  void Renew(WorkerId worker, absl::Duration lease);
  size_t size() const { return workers_.size(); }  // Workers that have a row.
  // Empty: nobody, or there is no such group.
  WorkerId OwnerOf(const GroupId& group) const;

 private:
  struct Row {
    std::string name;
    absl::Time until;
    bool draining = false;
  };

  absl::Time now_ = absl::UnixEpoch();
  absl::btree_map<WorkerId, Row> workers_;
  absl::btree_map<GroupId, WorkerId> owners_;
  std::vector<Mail> mail_;
  int64_t last_order_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_LEASE_MEMORY_LEASES_H_
