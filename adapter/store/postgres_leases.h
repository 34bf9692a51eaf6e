// The table of leases in PostgreSQL, beside the groups that it is about: the owner stands in the group's row, and every commit is
// compared with it (postgres_store.h). Workers are woken by NOTIFY; a session of its own listens.

#ifndef CALSYNC_ADAPTER_STORE_POSTGRES_LEASES_H_
#define CALSYNC_ADAPTER_STORE_POSTGRES_LEASES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/lease/leases.h"
#include "adapter/store/postgres_connection.h"

namespace calsync::adapter {

class PostgresLeases final : public Leases {
 public:
  // REQUIRES: a PostgresStore was opened on the same database, and brought it up to date.
  static absl::StatusOr<std::unique_ptr<PostgresLeases>> Open(const std::string& url, const PostgresConnection::Options& options);

  absl::Status Register(WorkerId worker, const std::string& name, absl::Duration lease) override;
  absl::StatusOr<std::optional<LeaseView>> Beat(WorkerId worker, absl::Duration lease) override;
  absl::Status End(WorkerId worker) override;
  absl::Status Ensure(const std::vector<GroupId>& groups) override;
  absl::Status Take(WorkerId worker, const std::vector<GroupId>& groups) override;
  absl::Status Leave(WorkerId worker, const std::vector<GroupId>& groups) override;
  absl::Status Put(const Mail& mail) override;
  absl::StatusOr<std::vector<Mail>> ReadMail(WorkerId worker) override;
  absl::Status DropOrders(const std::vector<int64_t>& numbers) override;

  // All workers, for people.
  absl::StatusOr<std::vector<Peer>> Workers();
  // Says of those of that name whether they are to drain. How many there are.
  absl::StatusOr<int64_t> Drain(absl::string_view name, bool draining);

  // What the worker says of itself, as JSON; a crash of the server may take it. Nothing if its row is gone.
  absl::Status Report(WorkerId worker, const std::string& report);
  // What those whose lease holds said last.
  absl::StatusOr<std::vector<std::string>> Reports();

  Woken TakeWakes() override;
  int socket() const override { return connection_->socket(); }  // -1 while there is no session.

 private:
  explicit PostgresLeases(std::unique_ptr<PostgresConnection> connection) : connection_(std::move(connection)) {}

  // Listens for that worker if the session is new.
  absl::Status Listen(WorkerId worker);
  std::vector<Peer> PeersFrom(const PostgresRows& rows) const;

  std::unique_ptr<PostgresConnection> connection_;
  WorkerId listens_for_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_POSTGRES_LEASES_H_
