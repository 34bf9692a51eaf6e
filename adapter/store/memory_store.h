// The store as a value: what simulations use, and what the real one is compared with.
//
// Copying it copies all that is stored; rows are immutable and shared between copies, so a copy is cheap. It keeps the same rules
// and answers with the same statuses as the real one, and never with kUnknown.

#ifndef CALSYNC_ADAPTER_STORE_MEMORY_STORE_H_
#define CALSYNC_ADAPTER_STORE_MEMORY_STORE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/store/store.h"
#include "engine/host/audit.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"
#include "engine/state/records.h"

namespace calsync::adapter {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(StoreOptions options = {}) : options_(options) {}

  absl::StatusOr<LoadedGroup> Load(const GroupId& group) override;
  absl::Status Apply(const GroupId& group, int64_t epoch, const Commit& commit) override;
  absl::StatusOr<int64_t> Epoch(const GroupId& group) override;
  absl::StatusOr<GroupImage> Peek(const GroupId& group) override;
  absl::StatusOr<std::vector<GroupId>> Groups() override;
  absl::Status Forget(const GroupId& group) override;
  absl::Status Put(const GroupId& group, const StoredGroup& stored) override;
  absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId& group, const AuditQuery& query) override;
  absl::StatusOr<int64_t> AuditCount(const GroupId& group) override;

 private:
  using RowPtr = std::shared_ptr<const Record>;

  // Invariant: `ids` and `slots` hold what `rows` use, each once (L2).
  struct Held {
    int64_t epoch = 0;
    GroupRow group;
    std::vector<CalendarRow> calendars;  // In the order of their keys.
    absl::btree_map<Place, RowPtr> rows;
    absl::flat_hash_set<CorrelationId> ids;
    absl::flat_hash_set<SlotHash> slots;
    int64_t audit_count = 0;
    std::deque<AuditEntry> audit;  // The newest ones; the last has the number `audit_count`.

    // Removes and returns the row at the place; null if nothing lies there.
    RowPtr Take(const Place& place);
    // Puts a row at its place, instead of what lies there. If it breaks a rule, nothing lies there afterwards.
    absl::Status Put(const Place& place, RowPtr row);
    // Puts records where rows with the same claims lie. False, and nothing happened, if one is not of that kind.
    bool ReplaceAlike(const std::vector<Record>& records);
    // All of the commit's erasures and records, or none.
    absl::Status ApplyRecords(const Commit& commit);
    void ApplyCalendars(const Commit& commit);
    void AppendAudit(const Commit& commit, int64_t kept);
    GroupImage Image() const;
  };

  StoreOptions options_;
  absl::btree_map<GroupId, Held> groups_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_MEMORY_STORE_H_
