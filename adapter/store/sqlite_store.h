// The store that production uses: one SQLite file for all groups, in WAL mode, every commit synced to the disk before it counts
// (L7).
//
// The schema and its versions are in schema/. The rules of store.h are rules of the database: unique indexes (L2), foreign keys,
// strict types. Not for network file systems: WAL needs memory that all processes share.

#ifndef CALSYNC_ADAPTER_STORE_SQLITE_STORE_H_
#define CALSYNC_ADAPTER_STORE_SQLITE_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/store/sqlite_connection.h"
#include "adapter/store/store.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"

namespace calsync::adapter {

class SqliteStore final : public Store {
 public:
  struct Options {
    StoreOptions store;
    SqliteConnection::Options connection;
  };

  // Opens the database at `path`, which is made if it is not there, and brings an older version up to date. ":memory:" is a new
  // database that no file holds. Errors say what failed, why, and what to do.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path, const Options& options);
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path) { return Open(path, Options()); }
  // A file that holds a store, to be read: nothing is made, written or brought up to date. REQUIRES: nobody writes to it.
  // NotFound; InvalidArgument if it is empty, of another program, or newer.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> OpenToRead(const std::string& path);
  // What such a file holds, in memory, and brought up to date there.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> OpenCopy(const std::string& path, const StoreOptions& options);

  absl::StatusOr<LoadedGroup> Load(const GroupId& group) override;
  absl::Status Apply(const GroupId& group, int64_t epoch, const Commit& commit) override;
  absl::StatusOr<int64_t> Epoch(const GroupId& group) override;
  absl::StatusOr<GroupImage> Peek(const GroupId& group) override;
  absl::StatusOr<std::vector<GroupId>> Groups() override;
  absl::Status Forget(const GroupId& group) override;
  absl::Status Put(const GroupId& group, const StoredGroup& stored) override;
  absl::Status Begin() override;
  absl::Status Flush() override;
  void SetPatience(absl::Duration patience) override { connection_->SetBusyTimeout(patience); }
  absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId& group, const AuditQuery& query) override;
  absl::StatusOr<int64_t> AuditCount(const GroupId& group) override;

 private:
  // The group's own row, as far as it is not for the engine.
  struct Owner {
    int64_t group_key = 0;  // What its rows in the other tables bear.
    int64_t epoch = 0;      // 0: there is no such group.
    int64_t audit_count = 0;
  };

  SqliteStore(std::unique_ptr<SqliteConnection> connection, StoreOptions options)
      : connection_(std::move(connection)), options_(options) {}

  static absl::StatusOr<std::unique_ptr<SqliteStore>> Over(std::unique_ptr<SqliteConnection> connection,
                                                           const StoreOptions& options);
  // A transaction of its own, or a part of the batch that is open.
  absl::StatusOr<SqliteTransaction> Open(SqliteTransaction::Kind kind);
  // What came of a part of the batch. Some errors end the whole of it.
  absl::Status Ended(absl::Status status);
  // Within a transaction that the caller holds.
  absl::StatusOr<Owner> FindOwner(const GroupId& group);
  absl::StatusOr<GroupImage> ReadImage(int64_t group_key);
  absl::StatusOr<LoadedGroup> TakeOver(const GroupId& group);
  absl::Status WriteCommit(const GroupId& group, int64_t epoch, const Commit& commit);
  absl::Status WriteRecords(int64_t group_key, const Commit& commit);
  absl::Status EraseRecord(int64_t group_key, CalendarKey calendar, absl::string_view event);
  absl::Status PutRecord(int64_t group_key, const Record& record);
  absl::Status PutCalendar(int64_t group_key, const CalendarRow& row);
  absl::Status PutGroup(int64_t group_key, const GroupRow& row);
  absl::Status AppendAudit(const Owner& owner, const Commit& commit);
  absl::Status AddAudit(int64_t group_key, int64_t number, const AuditEntry& entry);
  absl::Status Erase(const GroupId& group);
  absl::Status Replace(const GroupId& group, const StoredGroup& stored);

  std::unique_ptr<SqliteConnection> connection_;
  StoreOptions options_;
  std::optional<SqliteTransaction> batch_;
  absl::Status batch_lost_;  // Why the open batch is no more: its transaction was rolled back by SQLite.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_SQLITE_STORE_H_
