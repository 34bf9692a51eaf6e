#include "adapter/store/postgres_leases.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Ends = PostgresConnection::Ends;

// What a NOTIFY says: of groups that are free, to all; of mail, to a worker's own channel.
constexpr char kTable[] = "table";
constexpr char kMail[] = "mail";

PostgresStatement Statement(std::string sql, PostgresValues values = {}) { return {std::move(sql), std::move(values)}; }

int64_t Stored(WorkerId worker) { return static_cast<int64_t>(worker.value()); }

std::vector<std::string> NamesOf(const std::vector<GroupId>& groups) {
  std::vector<std::string> names;
  for (const GroupId& group : groups) names.push_back(group.str());
  return names;
}

std::vector<GroupId> GroupsFrom(const PostgresRows& rows) {
  std::vector<GroupId> groups;
  for (int row = 0; row < rows.size(); ++row) groups.emplace_back(rows.Bytes(row, 0));
  return groups;
}

// By the database's clock, which alone decides (docs/decisions/0041-*).
constexpr char kPeers[] =
    "SELECT worker, name, draining, (SELECT count(*) FROM sync_group WHERE owner = worker), "
    "(1000 * extract(epoch FROM until - clock_timestamp()))::bigint FROM worker ORDER BY worker";
constexpr char kTellAll[] = "SELECT pg_notify('calsync', 'table')";
// What follows in the transaction is not waited for until it is on the disk: a hint that a crash of the server takes is found by
// a poll, and one that it gives back is heard twice.
constexpr char kHint[] = "SELECT set_config('synchronous_commit', 'off', true)";

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresLeases>> PostgresLeases::Open(const std::string& url,
                                                                     const PostgresConnection::Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresConnection> connection, PostgresConnection::Open(url, options));
  return std::unique_ptr<PostgresLeases>(new PostgresLeases(std::move(connection)));
}

absl::Status PostgresLeases::Listen(WorkerId worker) {
  RETURN_IF_ERROR(connection_->Connect());
  if (!connection_->TakeIsNew() && listens_for_ == worker) return absl::OkStatus();
  listens_for_ = WorkerId();
  RETURN_IF_ERROR(connection_->Execute(absl::StrCat("UNLISTEN *; LISTEN calsync; LISTEN \"calsync_", Stored(worker), "\"")));
  listens_for_ = worker;
  return absl::OkStatus();
}

absl::Status PostgresLeases::Register(WorkerId worker, const std::string& name, absl::Duration lease) {
  PostgresValues values;
  values.AddBig(Stored(worker)).AddBytes(name).AddBig(absl::ToInt64Milliseconds(lease));
  return connection_
      ->Run(
          {Statement("INSERT INTO worker (worker, name, until) VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 ms')",
                     std::move(values)),
           Statement(kTellAll)},
          Ends::kDurable)
      .status();
}

absl::StatusOr<std::optional<LeaseView>> PostgresLeases::Beat(WorkerId worker, absl::Duration lease) {
  RETURN_IF_ERROR(Listen(worker));
  PostgresValues renew;
  renew.AddBig(Stored(worker)).AddBig(absl::ToInt64Milliseconds(lease));
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> renewed,
                   connection_->Run({Statement("UPDATE worker SET until = clock_timestamp() + $2::bigint * interval '1 ms' "
                                               "WHERE worker = $1",
                                               std::move(renew))},
                                    Ends::kDurable));
  if (renewed[0].affected() == 0) return std::nullopt;
  // A foreign key frees the groups of a worker that goes. A row that is just being renewed is passed by. That this did not
  // succeed does not matter to the lease: the next beat tries again.
  const absl::Status swept =
      connection_
          ->Run({Statement("DELETE FROM worker WHERE worker IN "
                           "(SELECT worker FROM worker WHERE until < clock_timestamp() FOR UPDATE SKIP LOCKED)")},
                Ends::kDurable)
          .status();
  if (connection_->is_lost()) return swept;
  PostgresValues mine;
  mine.AddBig(Stored(worker));
  ASSIGN_OR_RETURN(
      const std::vector<PostgresRows> rows,
      connection_->Run({Statement("SELECT group_id FROM sync_group WHERE owner = $1 ORDER BY group_id", std::move(mine)),
                        Statement("SELECT group_id FROM sync_group WHERE owner IS NULL ORDER BY group_id"), Statement(kPeers)},
                       Ends::kNothing));
  return LeaseView{.mine = GroupsFrom(rows[0]), .free = GroupsFrom(rows[1]), .workers = PeersFrom(rows[2])};
}

std::vector<Peer> PostgresLeases::PeersFrom(const PostgresRows& rows) const {
  std::vector<Peer> peers;
  for (int row = 0; row < rows.size(); ++row) {
    peers.push_back({.id = WorkerId(static_cast<uint64_t>(rows.Number(row, 0))),
                     .name = std::string(rows.Bytes(row, 1)),
                     .draining = rows.Bytes(row, 2)[0] != 0,
                     .groups = rows.Number(row, 3),
                     .left = absl::Milliseconds(rows.Number(row, 4))});
  }
  return peers;
}

absl::Status PostgresLeases::End(WorkerId worker) {
  PostgresValues values;
  values.AddBig(Stored(worker));
  return connection_
      ->Run({Statement("DELETE FROM worker WHERE worker = $1", std::move(values)), Statement(kTellAll)}, Ends::kDurable)
      .status();
}

absl::Status PostgresLeases::Ensure(const std::vector<GroupId>& groups) {
  PostgresValues values;
  values.AddTexts(NamesOf(groups));
  return connection_
      ->Run({Statement("INSERT INTO sync_group (group_id) SELECT unnest($1::text[]) ON CONFLICT (group_id) DO NOTHING",
                       std::move(values))},
            Ends::kDurable)
      .status();
}

absl::Status PostgresLeases::Take(WorkerId worker, const std::vector<GroupId>& groups) {
  PostgresValues values;
  values.AddBig(Stored(worker)).AddTexts(NamesOf(groups));
  return connection_
      ->Run(
          {Statement("UPDATE sync_group SET owner = $1 FROM (SELECT group_key FROM sync_group WHERE owner IS NULL AND group_id = "
                     "ANY($2::text[]) ORDER BY group_key FOR UPDATE SKIP LOCKED) AS free WHERE sync_group.group_key = "
                     "free.group_key",
                     std::move(values))},
          Ends::kDurable)
      .status();
}

absl::Status PostgresLeases::Leave(WorkerId worker, const std::vector<GroupId>& groups) {
  PostgresValues values;
  values.AddBig(Stored(worker)).AddTexts(NamesOf(groups));
  return connection_
      ->Run({Statement("UPDATE sync_group SET owner = NULL WHERE owner = $1 AND group_id = ANY($2::text[])", std::move(values)),
             Statement(kTellAll)},
            Ends::kDurable)
      .status();
}

absl::Status PostgresLeases::Put(const Mail& mail) {
  std::vector<PostgresStatement> statements;
  PostgresValues values;
  values.AddBytes(mail.group.text());
  PostgresValues owner = values;
  if (mail.notification.has_value()) {
    // Anybody may post anything: what names no channel of the group is kept once, and the owner's engine judges it.
    values.AddBytes(mail.notification->channel.text()).AddBytes(mail.notification->token);
    statements.push_back(Statement(kHint));
    statements.push_back(Statement(
        "INSERT INTO dirty (group_key, channel_id, token) SELECT group_key, $2, $3 FROM sync_group AS g WHERE group_id = $1 AND "
        "(EXISTS (SELECT FROM channel AS c WHERE c.group_key = g.group_key AND c.channel_id = $2) OR NOT EXISTS (SELECT FROM "
        "dirty "
        "AS d WHERE d.group_key = g.group_key)) ON CONFLICT (group_key, channel_id) DO UPDATE SET token = excluded.token",
        std::move(values)));
  } else {
    values.AddBytes(mail.order);
    statements.push_back(Statement(
        "INSERT INTO letter (group_key, words) SELECT group_key, $2 FROM sync_group WHERE group_id = $1", std::move(values)));
  }
  statements.push_back(
      Statement("SELECT pg_notify('calsync_' || owner, 'mail') FROM sync_group WHERE group_id = $1 AND owner IS NOT NULL",
                std::move(owner)));
  return connection_->Run(std::move(statements), Ends::kDurable).status();
}

absl::StatusOr<std::vector<Mail>> PostgresLeases::ReadMail(WorkerId worker) {
  PostgresValues values;
  values.AddBig(Stored(worker));
  ASSIGN_OR_RETURN(
      const std::vector<PostgresRows> rows,
      connection_->Run({Statement(kHint),
                        Statement("SELECT group_id, words, number FROM letter JOIN sync_group USING (group_key) WHERE owner = $1 "
                                  "ORDER BY number",
                                  values),
                        Statement("DELETE FROM dirty USING sync_group AS g WHERE g.group_key = dirty.group_key AND g.owner = $1 "
                                  "RETURNING g.group_id, channel_id, token",
                                  values)},
                       Ends::kDurable));
  std::vector<Mail> mail;
  for (int row = 0; row < rows[1].size(); ++row) {
    mail.push_back({.group = GroupId(rows[1].Bytes(row, 0)),
                    .notification = {},
                    .order = std::string(rows[1].Bytes(row, 1)),
                    .number = rows[1].Number(row, 2)});
  }
  for (int row = 0; row < rows[2].size(); ++row) {
    Notification notification{.channel = ChannelId(rows[2].Bytes(row, 1)), .token = std::string(rows[2].Bytes(row, 2))};
    mail.push_back({.group = GroupId(rows[2].Bytes(row, 0)), .notification = std::move(notification), .order = ""});
  }
  return mail;
}

absl::Status PostgresLeases::DropOrders(const std::vector<int64_t>& numbers) {
  std::vector<std::string> texts;
  for (const int64_t number : numbers) texts.push_back(absl::StrCat(number));
  PostgresValues values;
  values.AddTexts(texts);
  return connection_
      ->Run({Statement(kHint), Statement("DELETE FROM letter WHERE number = ANY($1::text[]::bigint[])", std::move(values))},
            Ends::kDurable)
      .status();
}

absl::StatusOr<std::vector<Peer>> PostgresLeases::Workers() {
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows, connection_->Run({Statement(kPeers)}, Ends::kNothing));
  return PeersFrom(rows[0]);
}

absl::StatusOr<int64_t> PostgresLeases::Drain(absl::string_view name, bool draining) {
  PostgresValues values;
  values.AddBytes(name).AddBoolean(draining);
  ASSIGN_OR_RETURN(
      const std::vector<PostgresRows> rows,
      connection_->Run({Statement("UPDATE worker SET draining = $2 WHERE name = $1", std::move(values)), Statement(kTellAll)},
                       Ends::kDurable));
  return rows[0].affected();
}

absl::Status PostgresLeases::Report(WorkerId worker, const std::string& report) {
  PostgresValues values;
  values.AddBig(Stored(worker)).AddBytes(report);
  return connection_
      ->Run({Statement(kHint), Statement("UPDATE worker SET report = $2 WHERE worker = $1", std::move(values))}, Ends::kDurable)
      .status();
}

absl::StatusOr<std::vector<std::string>> PostgresLeases::Reports() {
  ASSIGN_OR_RETURN(
      const std::vector<PostgresRows> rows,
      connection_->Run({Statement("SELECT report FROM worker WHERE until > clock_timestamp() AND report <> '' ORDER BY worker")},
                       Ends::kNothing));
  std::vector<std::string> reports;
  for (int row = 0; row < rows[0].size(); ++row) reports.emplace_back(rows[0].Bytes(row, 0));
  return reports;
}

PostgresLeases::Woken PostgresLeases::TakeWakes() {
  Woken woken = Woken::kNo;
  for (const std::string& notice : connection_->TakeNotices()) {
    if (notice == kTable) woken = Woken::kTable;
    if (notice == kMail && woken == Woken::kNo) woken = Woken::kMail;
  }
  return woken;
}

}  // namespace calsync::adapter
