// Where the rows of sync groups are durable: take a group over, apply one commit. Nothing else changes what is stored.
//
// One owner at a time: Load() raises the group's owner epoch, and a commit that names an older one is refused, whoever sends it.
// Groups never touch each other. A Store is used by one thread; two processes may open the same database.

#ifndef CALSYNC_ADAPTER_STORE_STORE_H_
#define CALSYNC_ADAPTER_STORE_STORE_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/api/ids.h"
#include "engine/host/audit.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"

namespace calsync::adapter {

struct LoadedGroup {
  GroupImage image;
  int64_t epoch = 0;  // Of the new owner, from 1. To be given with every commit.
  // The database is another one than the group's last commit went to, its replica or a backup, and may lack the latest. Said
  // until a commit of the new owner is stored.
  bool may_be_older = false;
};

// An entry of the audit trail with its number within the group: 1, 2, 3, … in the order of the commits.
struct AuditRow {
  int64_t number = 0;
  AuditEntry entry;
};

// Everything that is stored about a group, for who moves it to another store (stored_group.h).
struct StoredGroup {
  int64_t epoch = 0;
  GroupImage image;
  int64_t audit_count = 0;
  std::vector<AuditRow> audit;  // In the order of their numbers.
};

// Which entries of the trail to read; all conditions hold together.
struct AuditQuery {
  int64_t after = 0;                        // Numbers above this one: for whoever follows the trail.
  absl::Time since = absl::InfinitePast();  // Entries of this time or later.
  int64_t limit = 1000;                     // At most so many: the newest of those that fit. At least 1.
  EventId event{};                          // About this event, or one of these records; both empty: about anything.
  std::vector<CorrelationId> records{};
};

// What both kinds of store let one choose.
struct StoreOptions {
  // Entries of the trail that are kept for each group; the oldest are dropped with the commit that exceeds it. Their numbers
  // are never used again.
  int64_t audit_kept = std::numeric_limits<int64_t>::max();
};

// Statuses. Whatever the code, a failed call changed nothing of what is stored, with the one exception of kUnknown:
//
//   kUnknown             The transaction was being made durable when something failed: it may have happened or not. Load() tells.
//   kFailedPrecondition  The commit's epoch is not the current one: another owner took the group over, or nobody ever did.
//   kAlreadyExists       The commit would break a rule of the database: one block a slot (L2), one row a correlation id.
//   kResourceExhausted   The disk is full, or a limit was hit.
//   kUnavailable         Another process held the database locked for too long.
//   kPermissionDenied    The file or its directory cannot be written.
//   kDataLoss            The file is damaged, or a row holds a value that this version does not know.
//   kInvalidArgument     What was given cannot be what is meant: not our database, of a newer version, no such directory.
//   kInternal            None of the above; the message holds the database's own words.
//
// For kUnknown as for the others the host drops the engine and builds a new one from Load() (L7).
inline bool MayHaveHappened(const absl::Status& status) { return status.ok() || status.code() == absl::StatusCode::kUnknown; }

// What Apply() answers to a commit whose epoch is not the current one. Part of the contract, so that all stores say the same.
absl::Status AnotherOwner(const GroupId& group, int64_t epoch, int64_t current);

// The records of a commit that stand after it, in its order: of several for one place the last.
std::vector<const Record*> StandingRecords(const Commit& commit);

class Store {
 public:
  virtual ~Store() = default;

  // Takes the group over: raises its epoch and reads all that is stored about it, in one transaction. An unknown group is
  // created, empty. Calendars come in the order of their keys, records in the order of (calendar key, event id), by byte.
  virtual absl::StatusOr<LoadedGroup> Load(const GroupId& group) = 0;

  // Makes a commit durable, all of it or nothing. `erased` goes first; an erased place that is empty is no error. The rules of
  // the database are judged by the state after the commit, so the order of its records is free; if it names a place or calendar
  // twice, the later row stands.
  virtual absl::Status Apply(const GroupId& group, int64_t epoch, const Commit& commit) = 0;

  // The epoch of the group's present owner; 0 if the group was never loaded.
  virtual absl::StatusOr<int64_t> Epoch(const GroupId& group) = 0;

  // What Load() would return, without taking the group over: for people and tools that look. Unknown groups are empty.
  virtual absl::StatusOr<GroupImage> Peek(const GroupId& group) = 0;

  // Groups that were ever loaded, in the order of their names.
  virtual absl::StatusOr<std::vector<GroupId>> Groups() = 0;

  // Everything that is stored about the group goes, its trail and its epoch with it; an unknown group is no error. Its blocks
  // stay what they are: their ids say whose they are.
  virtual absl::Status Forget(const GroupId& group) = 0;

  // The group is this from now on, whatever was stored about it before, durably, all of it or nothing. Its next owner has the
  // next epoch. REQUIRES: no batch is open.
  virtual absl::Status Put(const GroupId& group, const StoredGroup& stored) = 0;

  // From Begin() to Flush() nothing that Load(), Apply() and Forget() do is durable; Flush() makes all of it durable at once,
  // with one sync of the disk for many groups. Each of them still succeeds or fails by itself, and a failed one changes nothing.
  // Whatever waits for a commit to be durable waits for Flush(). A store that makes each durable by itself need not do anything.
  //
  // An error of Begin(): nothing is begun. An error of Flush(): none of it happened, or with kUnknown all or none of it.
  virtual absl::Status Begin() { return absl::OkStatus(); }
  virtual absl::Status Flush() { return absl::OkStatus(); }

  // From now on, how long a call waits for another process that writes before it says kUnavailable. A store that waits for no
  // more than one group's lock need not heed it.
  virtual void SetPatience(absl::Duration /*patience*/) {}

  // Entries of the audit trail, in the order of their numbers.
  virtual absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId& group, const AuditQuery& query) = 0;

  // Entries ever appended to the trail, dropped ones included.
  virtual absl::StatusOr<int64_t> AuditCount(const GroupId& group) = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_STORE_H_
