#include "adapter/store/postgres_store.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/store/attempt.h"
#include "adapter/store/column_names.h"
#include "adapter/store/columns.h"
#include "adapter/store/postgres_columns.h"
#include "adapter/store/schema/postgres_schema.h"
#include "adapter/store/stored_time.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Ends = PostgresConnection::Ends;

constexpr size_t kRowsAtOnce = 1000;  // Of a group that is put as a whole.

// The statements whose columns come from columns.h. Made once, on first use.
struct Sql {
  std::string take_over, put_group, put_calendar, add_channel, put_record, put_audit, add_audit, read_audit;
  std::vector<std::string> read_image;  // The group's row, calendars, channels, records: by the group's name.
};

Sql MakeSql() {
  const ColumnNames group = GroupColumns();
  const ColumnNames calendar = CalendarColumns();
  const ColumnNames channel = ChannelColumns();
  const ColumnNames record = RecordColumns();
  const ColumnNames audit = AuditColumns();
  const char* const of_group = " WHERE group_key = (SELECT group_key FROM sync_group WHERE group_id = $1)";
  Sql made;
  // A new one begins with epoch 1.
  made.take_over = absl::StrCat("INSERT INTO sync_group (owner_epoch, audit_count, group_id, owner, timeline, ", group.names(),
                                ") VALUES (1, 0, $1, $2, $3, ", group.NumberedFrom(4),
                                ") ON CONFLICT (group_id) DO UPDATE SET owner_epoch = sync_group.owner_epoch + 1 ",
                                "WHERE sync_group.owner IS NOT DISTINCT FROM $2 RETURNING group_key, owner_epoch, timeline");
  made.put_group =
      absl::StrCat("UPDATE sync_group SET (", group.names(), ") = (", group.NumberedFrom(2), ") WHERE group_key = $1");
  made.put_calendar =
      absl::StrCat("INSERT INTO calendar (group_key, ", calendar.names(), ") VALUES ($1, ", calendar.NumberedFrom(2),
                   ") ON CONFLICT (group_key, calendar) DO UPDATE SET ", calendar.assignments());
  made.add_channel = absl::StrCat("INSERT INTO channel (group_key, calendar, position, ", channel.names(),
                                  ") VALUES ($1, $2, $3, ", channel.NumberedFrom(4), ")");
  made.put_record = absl::StrCat("INSERT INTO record (group_key, ", record.names(), ") VALUES ($1, ", record.NumberedFrom(2),
                                 ") ON CONFLICT (group_key, calendar, event) DO UPDATE SET ", record.assignments());
  made.put_audit =
      absl::StrCat("INSERT INTO audit (group_key, number, ", audit.names(), ") VALUES ($1, $2, ", audit.NumberedFrom(3), ")");
  made.add_audit =
      absl::StrCat("INSERT INTO audit (group_key, number, ", audit.names(),
                   ") VALUES ($1, (SELECT audit_count FROM sync_group WHERE group_key = $1) - $2, ", audit.NumberedFrom(3), ")");
  // The records are bytes beside each other: ids are random, so that none is found across two of them.
  made.read_audit =
      absl::StrCat("SELECT number, ", audit.names(), " FROM audit", of_group, " AND number > $2 AND at >= $3 ",
                   "AND ($4 OR event = $5 OR position(uuid_send(record) IN $6::bytea) > 0) ", "ORDER BY number DESC LIMIT $7");
  made.read_image = {
      absl::StrCat("SELECT ", group.names(), " FROM sync_group WHERE group_id = $1"),
      absl::StrCat("SELECT ", calendar.names(), " FROM calendar", of_group, " ORDER BY calendar"),
      absl::StrCat("SELECT calendar, ", channel.names(), " FROM channel", of_group, " ORDER BY calendar, position"),
      absl::StrCat("SELECT ", record.names(), " FROM record", of_group, " ORDER BY calendar, event"),
  };
  return made;
}

const Sql& PostgresText() {
  static const Sql* const made = new Sql(MakeSql());
  return *made;
}

int64_t Stored(CalendarKey key) { return static_cast<int64_t>(key.value()); }

void AddImage(const GroupId& group, std::vector<PostgresStatement>* statements) {
  for (const std::string& sql : PostgresText().read_image) {
    statements->push_back({sql, {}});
    statements->back().values.AddBytes(group.text());
  }
}

void AddErase(int64_t key, CalendarKey calendar, absl::string_view event, std::vector<PostgresStatement>* statements) {
  statements->push_back({"DELETE FROM record WHERE group_key = $1 AND calendar = $2 AND event = $3", {}});
  statements->back().values.AddBig(key).AddBig(Stored(calendar)).AddBytes(event);
}

void AddCalendar(int64_t key, const CalendarRow& row, std::vector<PostgresStatement>* statements) {
  PostgresStatement& put = statements->emplace_back(PostgresStatement{PostgresText().put_calendar, {}});
  put.values.AddBig(key);
  ForEachCalendarColumn(row, PostgresBinder(&put.values));
  PostgresStatement& clear =
      statements->emplace_back(PostgresStatement{"DELETE FROM channel WHERE group_key = $1 AND calendar = $2", {}});
  clear.values.AddBig(key).AddBig(Stored(row.key));
  int64_t position = 0;
  for (const ChannelRow& channel : row.channels) {
    PostgresStatement& add = statements->emplace_back(PostgresStatement{PostgresText().add_channel, {}});
    add.values.AddBig(key).AddBig(Stored(row.key)).AddBig(position++);
    ForEachChannelColumn(channel, PostgresBinder(&add.values));
  }
}

// REQUIRES: the fence counted the entries already.
void AddAudit(int64_t key, const std::vector<AuditEntry>& entries, int64_t kept, std::vector<PostgresStatement>* statements) {
  const int64_t count = static_cast<int64_t>(entries.size());
  for (int64_t i = std::max<int64_t>(count - std::max<int64_t>(kept, 0), 0); i < count; ++i) {
    PostgresStatement& add = statements->emplace_back(PostgresStatement{PostgresText().add_audit, {}});
    add.values.AddBig(key).AddBig(count - 1 - i);
    ForEachAuditColumn(entries[static_cast<size_t>(i)], PostgresBinder(&add.values));
  }
  if (count == 0 || kept == std::numeric_limits<int64_t>::max()) return;
  PostgresStatement& drop = statements->emplace_back(PostgresStatement{
      "DELETE FROM audit WHERE group_key = $1 AND number <= (SELECT audit_count FROM sync_group WHERE group_key = $1) - $2", {}});
  drop.values.AddBig(key).AddBig(std::max<int64_t>(kept, 0));
}

}  // namespace

bool IsPostgresUrl(absl::string_view text) {
  return absl::StartsWith(text, "postgres://") || absl::StartsWith(text, "postgresql://");
}

absl::StatusOr<std::unique_ptr<PostgresStore>> PostgresStore::Open(const std::string& url, const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresConnection> connection, PostgresConnection::Open(url, options.connection));
  RETURN_IF_ERROR(MigratePostgres(connection.get(), PostgresSteps()));
  return std::unique_ptr<PostgresStore>(new PostgresStore(std::move(connection), options.store));
}

absl::Status PostgresStore::Ready() {
  RETURN_IF_ERROR(connection_->Connect());
  if (!connection_->TakeIsNew()) return absl::OkStatus();
  const Results rows =
      connection_->Run({{"SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint", {}}}, Ends::kNothing);
  if (!rows.ok() && connection_->is_lost()) return rows.status();
  timeline_ = rows.ok() ? (*rows)[0].Number(0, 0) : 0;  // A service may hide it: then only epochs tell.
  return absl::OkStatus();
}

absl::Status PostgresStore::Begin() {
  CALSYNC_CHECK(!in_batch_);
  connection_->TakeNotices();  // Sees a session that ended while nobody used it.
  RETURN_IF_ERROR(Ready());
  in_batch_ = true;
  begun_ = false;
  batch_lost_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status PostgresStore::Flush() {
  CALSYNC_CHECK(in_batch_);
  in_batch_ = false;
  absl::Status status = batch_lost_;
  if (status.ok() && std::exchange(begun_, false)) status = connection_->Run({{"COMMIT", {}}}, Ends::kDurable).status();
  return While("cannot make commits durable", status);
}

PostgresStore::Results PostgresStore::Write(Statements statements) {
  if (!in_batch_) return connection_->Run(std::move(statements), Ends::kDurable);
  RETURN_IF_ERROR(batch_lost_);
  Statements part;
  if (!begun_) part.push_back({"BEGIN", {}});
  part.push_back({"SAVEPOINT part", {}});
  const std::ptrdiff_t before = static_cast<std::ptrdiff_t>(part.size());
  part.insert(part.end(), std::make_move_iterator(statements.begin()), std::make_move_iterator(statements.end()));
  // The next part is judged at its end as well.
  part.push_back({"SET CONSTRAINTS ALL DEFERRED", {}});
  part.push_back({"RELEASE SAVEPOINT part", {}});
  Results rows = connection_->Run(std::move(part), Ends::kNothing);
  if (rows.ok()) {
    begun_ = true;
    rows->erase(rows->begin(), rows->begin() + before);
    return rows;
  }
  if (!connection_->is_lost()) {
    begun_ = true;
    batch_lost_ = connection_->Execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
  } else {
    batch_lost_ = rows.status();
  }
  return rows.status();
}

PostgresStore::Results PostgresStore::Read(Statements statements) {
  if (in_batch_ && begun_) {
    Results rows = connection_->Run(std::move(statements), Ends::kNothing);
    if (!rows.ok()) batch_lost_ = rows.status();
    return rows;
  }
  statements.insert(statements.begin(), {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}});
  statements.push_back({"COMMIT", {}});
  Results rows = connection_->Run(std::move(statements), Ends::kNothing);
  if (rows.ok()) {
    rows->erase(rows->begin());
  } else if (!connection_->is_lost()) {
    RETURN_IF_ERROR(connection_->Execute("ROLLBACK"));
  }
  return rows;
}

absl::StatusOr<LoadedGroup> PostgresStore::Load(const GroupId& group) {
  if (!in_batch_) RETURN_IF_ERROR(Ready());
  Statements statements;
  PostgresStatement& take_over = statements.emplace_back(PostgresStatement{PostgresText().take_over, {}});
  take_over.values.AddBytes(group.text());
  AddWorker(&take_over.values);
  take_over.values.AddBig(timeline_);
  const GroupRow fresh;
  ForEachGroupColumn(fresh, PostgresBinder(&take_over.values));
  AddImage(group, &statements);
  const std::string attempt = absl::StrCat("cannot load group \"", group.text(), "\"");
  const Results rows = Write(std::move(statements));
  if (!rows.ok()) return While(attempt, rows.status());
  if ((*rows)[0].size() == 0) return absl::FailedPreconditionError(absl::StrCat(attempt, ": a worker owns it, and not this one"));
  LoadedGroup loaded;
  loaded.epoch = (*rows)[0].Number(0, 1);
  absl::StatusOr<GroupImage> image = ImageFrom(*rows, 1);
  if (!image.ok()) return While(attempt, image.status());
  loaded.image = *std::move(image);
  const int64_t timeline = (*rows)[0].Number(0, 2);
  loaded.may_be_older = timeline != 0 && timeline != timeline_;
  known_[group.text()] = {.key = (*rows)[0].Number(0, 0), .timeline = timeline_, .is_recorded = timeline == timeline_};
  return loaded;
}

absl::Status PostgresStore::Apply(const GroupId& group, int64_t epoch, const Commit& commit) {
  if (!in_batch_) RETURN_IF_ERROR(Ready());
  const auto known = known_.find(group.text());
  if (known != known_.end() && known->second.timeline != timeline_) {
    // What the engine knows may not be stored there: it begins with what is.
    known_.erase(known);
    return absl::UnavailableError(absl::StrCat("database ", connection_->name(), ": another server serves it since group \"",
                                               group.text(), "\" was loaded, which is loaded anew"));
  }
  ASSIGN_OR_RETURN(const int64_t key, KeyOf(group));
  Statements statements;
  statements.reserve(3 + commit.erased.size() + commit.records.size() + 4 * commit.calendars.size() + commit.audit.size());
  PostgresStatement& fence = statements.emplace_back(PostgresStatement{"SELECT calsync_fence($1, $2, $3, $4)", {}});
  fence.values.AddBig(key).AddBig(epoch).AddBig(static_cast<int64_t>(commit.audit.size()));
  AddWorker(&fence.values);
  for (const Place& place : commit.erased) AddErase(key, place.calendar, place.event.text(), &statements);
  for (const Record& record : commit.records) {
    PostgresStatement& put = statements.emplace_back(PostgresStatement{PostgresText().put_record, {}});
    put.values.AddBig(key);
    ForEachRecordColumn(record, PostgresBinder(&put.values));
  }
  for (const CalendarRow& row : commit.calendars) AddCalendar(key, row, &statements);
  if (commit.group.has_value()) {
    PostgresStatement& put = statements.emplace_back(PostgresStatement{PostgresText().put_group, {}});
    put.values.AddBig(key);
    ForEachGroupColumn(*commit.group, PostgresBinder(&put.values));
  }
  AddAudit(key, commit.audit, options_.audit_kept, &statements);
  const bool records_timeline = known != known_.end() && !known->second.is_recorded;
  if (records_timeline) {
    statements.push_back({"UPDATE sync_group SET timeline = $2 WHERE group_key = $1", {}});
    statements.back().values.AddBig(key).AddBig(timeline_);
  }
  // The rules are judged here, and not where the transaction ends: what they refuse is then known not to have happened.
  if (!commit.records.empty()) statements.push_back({"SET CONSTRAINTS ALL IMMEDIATE", {}});
  const absl::Status status = Write(std::move(statements)).status();
  if (absl::IsFailedPrecondition(status)) return Refused(group, epoch);
  if (status.ok() && records_timeline) known->second.is_recorded = true;
  return While(absl::StrCat("cannot commit ", commit.records.size(), " records for group \"", group.text(), "\""), status);
}

absl::Status PostgresStore::Refused(const GroupId& group, int64_t epoch) {
  known_.erase(group.text());  // It may have been forgotten, and be there anew.
  const absl::StatusOr<int64_t> current = Epoch(group);
  if (current.ok() && *current != epoch) return AnotherOwner(group, epoch, *current);
  return absl::FailedPreconditionError(
      absl::StrCat("commit for group \"", group.text(), "\" refused: another owner has the lease"));
}

void PostgresStore::AddWorker(PostgresValues* values) const {
  if (worker_.empty()) {
    values->AddNull();
  } else {
    values->AddBig(static_cast<int64_t>(worker_.value()));
  }
}

absl::Status PostgresStore::Forget(const GroupId& group) {
  Statements statements;
  // What refers to another goes first.
  for (const char* const table : {"audit", "record", "channel", "calendar", "sync_group"}) {
    statements.push_back(
        {absl::StrCat("DELETE FROM ", table, " WHERE group_key = (SELECT group_key FROM sync_group WHERE group_id = $1)"), {}});
    statements.back().values.AddBytes(group.text());
  }
  known_.erase(group.text());
  return While(absl::StrCat("cannot forget group \"", group.text(), "\""), Write(std::move(statements)).status());
}

absl::Status PostgresStore::Put(const GroupId& group, const StoredGroup& stored) {
  RETURN_IF_ERROR(Begin());
  absl::Status status = Replace(group, stored);
  if (status.ok()) {
    status = Flush();
  } else {
    in_batch_ = false;
    connection_->Lose();  // And the transaction with it.
  }
  return While(absl::StrCat("cannot put group \"", group.text(), "\""), status);
}

absl::Status PostgresStore::Replace(const GroupId& group, const StoredGroup& stored) {
  RETURN_IF_ERROR(Forget(group));
  RETURN_IF_ERROR(Load(group).status());
  Commit part{.calendars = stored.image.calendars, .group = stored.image.group};
  for (const Record& record : stored.image.records) {
    part.records.push_back(record);
    if (part.records.size() < kRowsAtOnce) continue;
    RETURN_IF_ERROR(Apply(group, 1, part));
    part = {};
  }
  RETURN_IF_ERROR(Apply(group, 1, part));
  ASSIGN_OR_RETURN(const int64_t key, KeyOf(group));
  Statements statements;
  for (const AuditRow& row : stored.audit) {
    PostgresStatement& add = statements.emplace_back(PostgresStatement{PostgresText().put_audit, {}});
    add.values.AddBig(key).AddBig(row.number);
    ForEachAuditColumn(row.entry, PostgresBinder(&add.values));
    if (statements.size() == kRowsAtOnce) RETURN_IF_ERROR(Write(std::exchange(statements, {})).status());
  }
  statements.push_back({"UPDATE sync_group SET owner_epoch = $2, audit_count = $3 WHERE group_key = $1", {}});
  statements.back().values.AddBig(key).AddBig(stored.epoch).AddBig(stored.audit_count);
  return Write(std::move(statements)).status();
}

absl::StatusOr<int64_t> PostgresStore::ReadNumber(const char* sql, const GroupId& group) {
  Statements statements = {{sql, {}}};
  statements[0].values.AddBytes(group.text());
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows, Read(std::move(statements)));
  return rows[0].size() == 0 ? 0 : rows[0].Number(0, 0);
}

absl::StatusOr<int64_t> PostgresStore::KeyOf(const GroupId& group) {
  const auto known = known_.find(group.text());
  if (known != known_.end()) return known->second.key;
  return ReadNumber("SELECT group_key FROM sync_group WHERE group_id = $1", group);
}

absl::StatusOr<int64_t> PostgresStore::Epoch(const GroupId& group) {
  return ReadNumber("SELECT owner_epoch FROM sync_group WHERE group_id = $1", group);
}

absl::StatusOr<int64_t> PostgresStore::AuditCount(const GroupId& group) {
  return ReadNumber("SELECT audit_count FROM sync_group WHERE group_id = $1", group);
}

absl::StatusOr<GroupImage> PostgresStore::Peek(const GroupId& group) {
  Statements statements;
  AddImage(group, &statements);
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows, Read(std::move(statements)));
  if (rows[0].size() == 0) return GroupImage();
  return ImageFrom(rows, 0);
}

absl::StatusOr<std::vector<GroupId>> PostgresStore::Groups() {
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows,
                   Read({{"SELECT group_id FROM sync_group WHERE owner_epoch > 0 ORDER BY group_id", {}}}));
  std::vector<GroupId> groups;
  for (int row = 0; row < rows[0].size(); ++row) groups.emplace_back(rows[0].Bytes(row, 0));
  return groups;
}

absl::StatusOr<GroupImage> PostgresStore::ImageFrom(const std::vector<PostgresRows>& rows, size_t first) const {
  const auto unreadable = [this](const std::string& row, const std::string& problem) {
    return absl::DataLossError(absl::StrCat("database ", connection_->name(), ": ", row, ": ", problem,
                                            ". A newer program wrote it, or the database is damaged: use the newer program, or "
                                            "restore a backup. Nothing was changed."));
  };
  const PostgresRows& groups = rows[first];
  const PostgresRows& calendars = rows[first + 1];
  const PostgresRows& channels = rows[first + 2];
  const PostgresRows& records = rows[first + 3];
  GroupImage image;
  PostgresReader of_group(&groups, 0, 0);
  ForEachGroupColumn(image.group, of_group);
  if (!of_group.problem().empty()) return unreadable("the group's row", of_group.problem());
  for (int row = 0; row < calendars.size(); ++row) {
    PostgresReader reader(&calendars, row, 0);
    CalendarRow& calendar = image.calendars.emplace_back();
    ForEachCalendarColumn(calendar, reader);
    if (!reader.problem().empty()) return unreadable(absl::StrCat("calendar ", calendar.key.value()), reader.problem());
  }
  auto calendar = image.calendars.begin();  // Both are in one order.
  for (int row = 0; row < channels.size(); ++row) {
    const CalendarKey key(static_cast<uint64_t>(channels.Number(row, 0)));
    while (calendar != image.calendars.end() && calendar->key != key) ++calendar;
    CALSYNC_CHECK(calendar != image.calendars.end());  // A foreign key of the schema.
    PostgresReader reader(&channels, row, 1);
    ForEachChannelColumn(calendar->channels.emplace_back(), reader);
    if (!reader.problem().empty()) return unreadable(absl::StrCat("a channel of calendar ", key.value()), reader.problem());
  }
  image.records.reserve(static_cast<size_t>(records.size()));
  for (int row = 0; row < records.size(); ++row) {
    PostgresReader reader(&records, row, 0);
    Record& record = image.records.emplace_back();
    ForEachRecordColumn(record, reader);
    if (!reader.problem().empty()) {
      return unreadable(absl::StrCat("record of event ", record.event.view(), " in calendar ", record.calendar.value()),
                        reader.problem());
    }
  }
  OrderByUnsignedKey(&image);
  return image;
}

absl::StatusOr<std::vector<AuditRow>> PostgresStore::Audit(const GroupId& group, const AuditQuery& query) {
  CALSYNC_CHECK(query.limit >= 1);
  std::string records;
  for (const CorrelationId& record : query.records) records += ToBytes(record.value);
  Statements statements = {{PostgresText().read_audit, {}}};
  PostgresValues& values = statements[0].values;
  values.AddBytes(group.text()).AddBig(query.after).AddBig(ToStoredTime(query.since));
  values.AddBoolean(query.event.empty() && records.empty());
  // Entries about no event have an empty one.
  if (query.event.empty()) {
    values.AddNull();
  } else {
    values.AddBytes(query.event.text());
  }
  values.AddBytes(records).AddBig(query.limit);
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows, Read(std::move(statements)));
  std::vector<AuditRow> oldest_first(static_cast<size_t>(rows[0].size()));
  for (int row = 0; row < rows[0].size(); ++row) {
    AuditRow& entry = oldest_first[oldest_first.size() - 1 - static_cast<size_t>(row)];
    entry.number = rows[0].Number(row, 0);
    PostgresReader reader(&rows[0], row, 1);
    ForEachAuditColumn(entry.entry, reader);
    if (!reader.problem().empty()) {
      return absl::DataLossError(absl::StrCat("database ", connection_->name(), ": entry ", entry.number, " of the audit trail: ",
                                              reader.problem(), ". A newer program wrote it, or the database is damaged."));
    }
  }
  return oldest_first;
}

}  // namespace calsync::adapter
