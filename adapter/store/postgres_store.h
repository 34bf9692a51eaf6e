// The store of installations that outgrow one file: one PostgreSQL database for all groups, and for any number of processes.
//
// The schema and its versions are in schema/postgres_schema.h. A commit is one round trip; in a batch it is one as well, and the
// end of the batch another. While the database cannot be reached nothing can be committed, and Begin() says so: the session is
// opened anew when it can.

#ifndef CALSYNC_ADAPTER_STORE_POSTGRES_STORE_H_
#define CALSYNC_ADAPTER_STORE_POSTGRES_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/lease/leases.h"
#include "adapter/store/postgres_connection.h"
#include "adapter/store/store.h"
#include "engine/host/effect.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

// "postgres://…" or "postgresql://…".
bool IsPostgresUrl(absl::string_view text);

class PostgresStore final : public Store {
 public:
  struct Options {
    StoreOptions store;
    PostgresConnection::Options connection;
  };

  // Opens the database that `url` names, which must be there, and brings an older version up to date. An empty one gets its
  // tables. Errors say what failed, why, and what to do.
  static absl::StatusOr<std::unique_ptr<PostgresStore>> Open(const std::string& url, const Options& options);

  absl::StatusOr<LoadedGroup> Load(const GroupId& group) override;
  absl::Status Apply(const GroupId& group, int64_t epoch, const Commit& commit) override;
  absl::StatusOr<int64_t> Epoch(const GroupId& group) override;
  absl::StatusOr<GroupImage> Peek(const GroupId& group) override;
  absl::StatusOr<std::vector<GroupId>> Groups() override;
  absl::Status Forget(const GroupId& group) override;
  absl::Status Put(const GroupId& group, const StoredGroup& stored) override;
  absl::Status Begin() override;
  absl::Status Flush() override;
  absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId& group, const AuditQuery& query) override;
  absl::StatusOr<int64_t> AuditCount(const GroupId& group) override;

  // From now on it is this worker that loads and commits: groups that it does not own are refused. Empty, as at first: a process
  // without leases, to whom groups that a worker owns are refused.
  void SetWorker(WorkerId worker) { worker_ = worker; }

 private:
  using Statements = std::vector<PostgresStatement>;
  using Results = absl::StatusOr<std::vector<PostgresRows>>;

  PostgresStore(std::unique_ptr<PostgresConnection> connection, StoreOptions options)
      : connection_(std::move(connection)), options_(options) {}

  // Opens the session anew if it was lost, and sees which server it leads to.
  absl::Status Ready();
  // All of them or none: a transaction by themselves, or a part of the batch that is open.
  Results Write(Statements statements);
  // One view of the database for all of them.
  Results Read(Statements statements);
  // What the group's rows bear; 0 if there is no such group. Of what was loaded here it is known.
  absl::StatusOr<int64_t> KeyOf(const GroupId& group);
  absl::StatusOr<int64_t> ReadNumber(const char* sql, const GroupId& group);
  absl::StatusOr<GroupImage> ImageFrom(const std::vector<PostgresRows>& rows, size_t first) const;
  absl::Status Replace(const GroupId& group, const StoredGroup& stored);
  absl::Status Refused(const GroupId& group, int64_t epoch);
  void AddWorker(PostgresValues* values) const;

  std::unique_ptr<PostgresConnection> connection_;
  StoreOptions options_;
  WorkerId worker_;
  // A group that was loaded here.
  struct Known {
    int64_t key = 0;
    int64_t timeline = 0;      // In which it was.
    bool is_recorded = false;  // That the database has a commit of that timeline.
  };
  absl::flat_hash_map<std::string, Known> known_;
  int64_t timeline_ = 0;  // Of the server of the present session: another one after each promotion and each recovery.
  bool in_batch_ = false;
  bool begun_ = false;       // The batch's transaction is open in the database.
  absl::Status batch_lost_;  // Why the open batch is no more.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_POSTGRES_STORE_H_
