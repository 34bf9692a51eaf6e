#include "adapter/store/sqlite_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/store/attempt.h"
#include "adapter/store/column_names.h"
#include "adapter/store/columns.h"
#include "adapter/store/schema/schema.h"
#include "adapter/store/sqlite_columns.h"
#include "adapter/store/stored_time.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

using Kind = SqliteTransaction::Kind;

// The statements whose columns come from columns.h. Made once, on first use.
struct Statements {
  std::string create_group, read_group, put_group;
  std::string read_calendars, put_calendar;
  std::string read_channels, put_channel;
  std::string read_records, put_record;
  std::string read_audit, add_audit;
};

Statements MakeStatements() {
  const ColumnNames group = GroupColumns();
  const ColumnNames calendar = CalendarColumns();
  const ColumnNames channel = ChannelColumns();
  const ColumnNames record = RecordColumns();
  const ColumnNames audit = AuditColumns();
  Statements made;
  // Takes the group over; a new one begins with epoch 1.
  made.create_group = absl::StrCat(
      "INSERT INTO sync_group (owner_epoch, audit_count, group_id, ", group.names(), ") VALUES (1, 0, ?, ", group.parameters(),
      ") ON CONFLICT (group_id) DO UPDATE SET owner_epoch = owner_epoch + 1 ", "RETURNING group_key, owner_epoch");
  made.read_group = absl::StrCat("SELECT ", group.names(), " FROM sync_group WHERE group_key = ?");
  made.put_group = absl::StrCat("UPDATE sync_group SET (", group.names(), ") = (", group.parameters(), ") WHERE group_key = ?");
  made.read_calendars = absl::StrCat("SELECT ", calendar.names(), " FROM calendar WHERE group_key = ? ORDER BY calendar");
  made.put_calendar = absl::StrCat("INSERT INTO calendar (group_key, ", calendar.names(), ") VALUES (?, ", calendar.parameters(),
                                   ") ON CONFLICT (group_key, calendar) DO UPDATE SET ", calendar.assignments());
  made.read_channels =
      absl::StrCat("SELECT calendar, ", channel.names(), " FROM channel WHERE group_key = ? ORDER BY calendar, position");
  // Over what is there: a pass rarely has anything new of its channels, and SQLite leaves a page alone that would stay the same.
  made.put_channel =
      absl::StrCat("INSERT INTO channel (group_key, calendar, position, ", channel.names(), ") VALUES (?, ?, ?, ",
                   channel.parameters(), ") ON CONFLICT (group_key, calendar, position) DO UPDATE SET ", channel.assignments());
  made.read_records = absl::StrCat("SELECT ", record.names(), " FROM record WHERE group_key = ? ORDER BY calendar, event");
  made.put_record = absl::StrCat("INSERT INTO record (group_key, ", record.names(), ") VALUES (?, ", record.parameters(),
                                 ") ON CONFLICT (group_key, calendar, event) DO UPDATE SET ", record.assignments());
  // The records are bytes beside each other: ids are random, so that none is found across two of them.
  made.read_audit = absl::StrCat("SELECT number, ", audit.names(), " FROM audit WHERE group_key = ? AND number > ? AND at >= ? ",
                                 "AND (?4 OR event = ?5 OR instr(?6, record)) ORDER BY number DESC LIMIT ?7");
  made.add_audit =
      absl::StrCat("INSERT INTO audit (group_key, number, ", audit.names(), ") VALUES (?, ?, ", audit.parameters(), ")");
  return made;
}

const Statements& SqliteText() {
  static const Statements* const made = new Statements(MakeStatements());
  return *made;
}

absl::Status Unreadable(const SqliteConnection& connection, absl::string_view row, absl::string_view problem) {
  return absl::DataLossError(
      absl::StrCat("database ", connection.path(), ": ", row, ": ", problem,
                   ". A newer program wrote it, or the file is damaged: use the newer program, or restore a "
                   "backup. Nothing was changed."));
}

constexpr char kInMemory[] = ":memory:";

absl::StatusOr<std::string> MakeEmptyDatabase() {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteConnection> connection, SqliteConnection::Open(kInMemory, {}));
  RETURN_IF_ERROR(Migrate(connection.get(), SchemaSteps()));
  return connection->Serialize();
}

// A database without rows, of the present version. Made once: simulated worlds open thousands, and a copy costs little beside
// the steps of the schema.
const absl::StatusOr<std::string>& EmptyDatabase() {
  static const auto* const made = new absl::StatusOr<std::string>(MakeEmptyDatabase());
  return *made;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path, const Options& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, SqliteConnection::Open(path, options.connection));
  if (connection->in_memory()) {
    RETURN_IF_ERROR(EmptyDatabase().status());
    RETURN_IF_ERROR(connection->Deserialize(*EmptyDatabase()));
  }
  return Over(std::move(connection), options.store);
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteStore::OpenToRead(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection,
                   SqliteConnection::Open(path, {.access = SqliteConnection::Access::kRead}));
  RETURN_IF_ERROR(CheckIsOurs(connection.get(), SchemaSteps()));
  ASSIGN_OR_RETURN(const int64_t version, connection->ReadInteger("PRAGMA user_version"));
  if (version == 0) return absl::InvalidArgumentError(absl::StrCat("database ", path, ": nothing is in it. Name another file."));
  return connection;
}

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::OpenCopy(const std::string& path, const StoreOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteConnection> file, OpenToRead(path));
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> copy, SqliteConnection::Open(kInMemory, {}));
  RETURN_IF_ERROR(copy->TakeFrom(*file));
  return Over(std::move(copy), options);
}

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Over(std::unique_ptr<SqliteConnection> connection,
                                                               const StoreOptions& options) {
  // Nothing is written before it is known to be ours.
  RETURN_IF_ERROR(CheckIsOurs(connection.get(), SchemaSteps()));
  RETURN_IF_ERROR(connection->Execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"));
  ASSIGN_OR_RETURN(const std::string journal, connection->ReadText("PRAGMA journal_mode = WAL"));
  if (journal != (connection->in_memory() ? "memory" : "wal")) {
    return absl::InvalidArgumentError(absl::StrCat("database ", connection->path(),
                                                   ": its file system cannot hold a write-ahead log (SQLite chose \"", journal,
                                                   "\"). Put it on a local disk."));
  }
  RETURN_IF_ERROR(connection->Execute("PRAGMA synchronous = FULL"));
  RETURN_IF_ERROR(Migrate(connection.get(), SchemaSteps()));
  RETURN_IF_ERROR(connection->Execute("PRAGMA foreign_keys = ON"));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(connection), options));
}

absl::Status SqliteStore::Begin() {
  CALSYNC_CHECK(!batch_.has_value());
  ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(connection_.get(), Kind::kWrite));
  batch_.emplace(std::move(transaction));
  batch_lost_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::Status SqliteStore::Flush() {
  CALSYNC_CHECK(batch_.has_value());
  absl::Status status = batch_lost_.ok() ? batch_->Commit() : batch_lost_;
  batch_.reset();
  return While("cannot make commits durable", status);
}

absl::StatusOr<SqliteTransaction> SqliteStore::Open(Kind kind) {
  if (!batch_.has_value()) return SqliteTransaction::Begin(connection_.get(), kind);
  RETURN_IF_ERROR(batch_lost_);
  return SqliteTransaction::Begin(connection_.get(), Kind::kPart);
}

absl::Status SqliteStore::Ended(absl::Status status) {
  if (batch_.has_value() && batch_lost_.ok() && !connection_->in_transaction()) batch_lost_ = status;
  return status;
}

absl::StatusOr<LoadedGroup> SqliteStore::TakeOver(const GroupId& group) {
  ASSIGN_OR_RETURN(SqliteTransaction transaction, Open(Kind::kWrite));
  LoadedGroup loaded;
  int64_t group_key = 0;
  {
    const GroupRow fresh;
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().create_group));
    query.BindText(1, group.text());
    ForEachGroupColumn(fresh, ColumnBinder(&query, 2));
    ASSIGN_OR_RETURN(const bool returned, query.Next());
    CALSYNC_CHECK(returned);
    group_key = query.Integer(0);
    loaded.epoch = query.Integer(1);
    RETURN_IF_ERROR(query.Run());
  }
  ASSIGN_OR_RETURN(loaded.image, ReadImage(group_key));
  RETURN_IF_ERROR(transaction.Commit());
  return loaded;
}

absl::StatusOr<LoadedGroup> SqliteStore::Load(const GroupId& group) {
  absl::StatusOr<LoadedGroup> loaded = TakeOver(group);
  if (!loaded.ok()) return While(absl::StrCat("cannot load group \"", group.text(), "\""), Ended(loaded.status()));
  return loaded;
}

absl::Status SqliteStore::Forget(const GroupId& group) {
  return While(absl::StrCat("cannot forget group \"", group.text(), "\""), Ended(Erase(group)));
}

absl::Status SqliteStore::Erase(const GroupId& group) {
  ASSIGN_OR_RETURN(SqliteTransaction transaction, Open(Kind::kWrite));
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  if (owner.epoch == 0) return absl::OkStatus();
  // What refers to another goes first.
  for (const absl::string_view table : {"audit", "record", "channel", "calendar", "sync_group"}) {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(absl::StrCat("DELETE FROM ", table, " WHERE group_key = ?")));
    query.BindInteger(1, owner.group_key);
    RETURN_IF_ERROR(query.Run());
  }
  return transaction.Commit();
}

absl::Status SqliteStore::Apply(const GroupId& group, int64_t epoch, const Commit& commit) {
  absl::Status status = Ended(WriteCommit(group, epoch, commit));
  if (status.ok() || absl::IsFailedPrecondition(status)) return status;
  return While(absl::StrCat("cannot commit ", commit.records.size(), " records for group \"", group.text(), "\""), status);
}

absl::Status SqliteStore::WriteCommit(const GroupId& group, int64_t epoch, const Commit& commit) {
  ASSIGN_OR_RETURN(SqliteTransaction transaction, Open(Kind::kWrite));
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  if (owner.epoch == 0 || owner.epoch != epoch) return AnotherOwner(group, epoch, owner.epoch);
  RETURN_IF_ERROR(WriteRecords(owner.group_key, commit));
  for (const CalendarRow& row : commit.calendars) RETURN_IF_ERROR(PutCalendar(owner.group_key, row));
  if (commit.group.has_value()) RETURN_IF_ERROR(PutGroup(owner.group_key, *commit.group));
  if (!commit.audit.empty()) RETURN_IF_ERROR(AppendAudit(owner, commit));
  return transaction.Commit();
}

absl::StatusOr<SqliteStore::Owner> SqliteStore::FindOwner(const GroupId& group) {
  ASSIGN_OR_RETURN(SqliteQuery query,
                   connection_->Prepare("SELECT group_key, owner_epoch, audit_count FROM sync_group WHERE group_id = ?"));
  query.BindText(1, group.text());
  ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return Owner();
  return Owner{.group_key = query.Integer(0), .epoch = query.Integer(1), .audit_count = query.Integer(2)};
}

absl::Status SqliteStore::WriteRecords(int64_t group_key, const Commit& commit) {
  for (const Place& place : commit.erased) RETURN_IF_ERROR(EraseRecord(group_key, place.calendar, place.event.text()));
  absl::Status status;
  for (size_t i = 0; i < commit.records.size() && status.ok(); ++i) status = PutRecord(group_key, commit.records[i]);
  if (!absl::IsAlreadyExists(status)) return status;

  // SQLite judges row by row, but the rules are for the state after the commit: a row may take over what a later one gives up.
  // That is rare, so only then all rows make room first.
  for (const Record& record : commit.records) {
    RETURN_IF_ERROR(EraseRecord(group_key, record.calendar, record.event.view()));
  }
  for (const Record* const record : StandingRecords(commit)) RETURN_IF_ERROR(PutRecord(group_key, *record));
  return absl::OkStatus();
}

absl::Status SqliteStore::EraseRecord(int64_t group_key, CalendarKey calendar, absl::string_view event) {
  ASSIGN_OR_RETURN(SqliteQuery query,
                   connection_->Prepare("DELETE FROM record WHERE group_key = ? AND calendar = ? AND event = ?"));
  query.BindInteger(1, group_key);
  query.BindInteger(2, static_cast<int64_t>(calendar.value()));
  query.BindText(3, event);
  return query.Run();
}

absl::Status SqliteStore::PutRecord(int64_t group_key, const Record& record) {
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().put_record));
  query.BindInteger(1, group_key);
  ForEachRecordColumn(record, ColumnBinder(&query, 2));
  return query.Run();
}

absl::Status SqliteStore::PutCalendar(int64_t group_key, const CalendarRow& row) {
  const int64_t calendar = static_cast<int64_t>(row.key.value());
  {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().put_calendar));
    query.BindInteger(1, group_key);
    ForEachCalendarColumn(row, ColumnBinder(&query, 2));
    RETURN_IF_ERROR(query.Run());
  }
  int64_t position = 0;
  for (const ChannelRow& channel : row.channels) {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().put_channel));
    query.BindInteger(1, group_key);
    query.BindInteger(2, calendar);
    query.BindInteger(3, position++);
    ForEachChannelColumn(channel, ColumnBinder(&query, 4));
    RETURN_IF_ERROR(query.Run());
  }
  ASSIGN_OR_RETURN(SqliteQuery query,
                   connection_->Prepare("DELETE FROM channel WHERE group_key = ? AND calendar = ? AND position >= ?"));
  query.BindInteger(1, group_key);
  query.BindInteger(2, calendar);
  query.BindInteger(3, position);
  return query.Run();
}

absl::Status SqliteStore::PutGroup(int64_t group_key, const GroupRow& row) {
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().put_group));
  ForEachGroupColumn(row, ColumnBinder(&query, 1));
  query.BindInteger(GroupColumns().count() + 1, group_key);
  return query.Run();
}

absl::Status SqliteStore::AddAudit(int64_t group_key, int64_t number, const AuditEntry& entry) {
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().add_audit));
  query.BindInteger(1, group_key);
  query.BindInteger(2, number);
  ForEachAuditColumn(entry, ColumnBinder(&query, 3));
  return query.Run();
}

absl::Status SqliteStore::AppendAudit(const Owner& owner, const Commit& commit) {
  const int64_t count = owner.audit_count + static_cast<int64_t>(commit.audit.size());
  const int64_t dropped = count - std::max<int64_t>(options_.audit_kept, 0);  // Entries up to this number are not kept.
  int64_t number = owner.audit_count;
  for (const AuditEntry& entry : commit.audit) {
    if (++number > dropped) RETURN_IF_ERROR(AddAudit(owner.group_key, number, entry));
  }
  if (dropped > 0) {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare("DELETE FROM audit WHERE group_key = ? AND number <= ?"));
    query.BindInteger(1, owner.group_key);
    query.BindInteger(2, dropped);
    RETURN_IF_ERROR(query.Run());
  }
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare("UPDATE sync_group SET audit_count = ? WHERE group_key = ?"));
  query.BindInteger(1, count);
  query.BindInteger(2, owner.group_key);
  return query.Run();
}

absl::StatusOr<GroupImage> SqliteStore::ReadImage(int64_t group_key) {
  GroupImage image;
  {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().read_group));
    query.BindInteger(1, group_key);
    ASSIGN_OR_RETURN(const bool found, query.Next());
    CALSYNC_CHECK(found);  // The key was read in this transaction.
    ColumnReader reader(&query, 0);
    ForEachGroupColumn(image.group, reader);
    if (!reader.problem().empty()) return Unreadable(*connection_, "the group's row", reader.problem());
  }
  {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().read_calendars));
    query.BindInteger(1, group_key);
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) break;
      CalendarRow& row = image.calendars.emplace_back();
      ColumnReader reader(&query, 0);
      ForEachCalendarColumn(row, reader);
      if (!reader.problem().empty()) {
        return Unreadable(*connection_, absl::StrCat("calendar ", row.key.value()), reader.problem());
      }
    }
  }
  {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().read_channels));
    query.BindInteger(1, group_key);
    auto calendar = image.calendars.begin();  // Both are in one order.
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) break;
      const CalendarKey key(static_cast<uint64_t>(query.Integer(0)));
      while (calendar != image.calendars.end() && calendar->key != key) ++calendar;
      if (calendar == image.calendars.end()) {
        return Unreadable(*connection_, absl::StrCat("calendar ", key.value()), "has a channel, but no row");
      }
      ColumnReader reader(&query, 1);
      ForEachChannelColumn(calendar->channels.emplace_back(), reader);
      if (!reader.problem().empty()) {
        return Unreadable(*connection_, absl::StrCat("a channel of calendar ", key.value()), reader.problem());
      }
    }
  }
  {
    ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().read_records));
    query.BindInteger(1, group_key);
    for (;;) {
      ASSIGN_OR_RETURN(const bool found, query.Next());
      if (!found) break;
      Record& record = image.records.emplace_back();
      ColumnReader reader(&query, 0);
      ForEachRecordColumn(record, reader);
      if (!reader.problem().empty()) {
        return Unreadable(*connection_,
                          absl::StrCat("record of event ", record.event.view(), " in calendar ", record.calendar.value()),
                          reader.problem());
      }
    }
  }
  OrderByUnsignedKey(&image);
  return image;
}

absl::Status SqliteStore::Put(const GroupId& group, const StoredGroup& stored) {
  CALSYNC_CHECK(!batch_.has_value());
  ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(connection_.get(), Kind::kWrite));
  batch_.emplace(std::move(transaction));
  batch_lost_ = absl::OkStatus();
  const absl::Status status = Replace(group, stored);
  if (status.ok()) return Flush();
  batch_.reset();
  return While(absl::StrCat("cannot put group \"", group.text(), "\""), status);
}

absl::Status SqliteStore::Replace(const GroupId& group, const StoredGroup& stored) {
  RETURN_IF_ERROR(Erase(group));
  ASSIGN_OR_RETURN(const LoadedGroup fresh, TakeOver(group));
  static_cast<void>(fresh);
  const Commit all{.records = stored.image.records, .calendars = stored.image.calendars, .group = stored.image.group};
  RETURN_IF_ERROR(WriteCommit(group, 1, all));
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  for (const AuditRow& row : stored.audit) RETURN_IF_ERROR(AddAudit(owner.group_key, row.number, row.entry));
  ASSIGN_OR_RETURN(SqliteQuery query,
                   connection_->Prepare("UPDATE sync_group SET owner_epoch = ?, audit_count = ? WHERE group_key = ?"));
  query.BindInteger(1, stored.epoch);
  query.BindInteger(2, stored.audit_count);
  query.BindInteger(3, owner.group_key);
  return query.Run();
}

absl::StatusOr<int64_t> SqliteStore::Epoch(const GroupId& group) {
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  return owner.epoch;
}

absl::StatusOr<GroupImage> SqliteStore::Peek(const GroupId& group) {
  ASSIGN_OR_RETURN(SqliteTransaction transaction, Open(Kind::kRead));
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  if (owner.epoch == 0) return GroupImage();
  return ReadImage(owner.group_key);
}

absl::StatusOr<std::vector<GroupId>> SqliteStore::Groups() {
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare("SELECT group_id FROM sync_group ORDER BY group_id"));
  std::vector<GroupId> groups;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return groups;
    groups.emplace_back(std::string(query.Text(0)));
  }
}

absl::StatusOr<std::vector<AuditRow>> SqliteStore::Audit(const GroupId& group, const AuditQuery& query_for) {
  CALSYNC_CHECK(query_for.limit >= 1);
  ASSIGN_OR_RETURN(SqliteTransaction transaction, Open(Kind::kRead));
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  ASSIGN_OR_RETURN(SqliteQuery query, connection_->Prepare(SqliteText().read_audit));
  query.BindInteger(1, owner.group_key);
  query.BindInteger(2, query_for.after);
  query.BindInteger(3, ToStoredTime(query_for.since));
  std::string records;
  for (const CorrelationId& record : query_for.records) records += ToBytes(record.value);
  query.BindInteger(4, query_for.event.empty() && records.empty() ? 1 : 0);
  // Entries about no event have an empty one.
  if (query_for.event.empty()) {
    query.BindNull(5);
  } else {
    query.BindText(5, query_for.event.text());
  }
  query.BindBlob(6, records);
  query.BindInteger(7, query_for.limit);
  std::vector<AuditRow> newest_first;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) break;
    AuditRow& row = newest_first.emplace_back();
    row.number = query.Integer(0);
    ColumnReader reader(&query, 1);
    ForEachAuditColumn(row.entry, reader);
    if (!reader.problem().empty()) {
      return Unreadable(*connection_, absl::StrCat("entry ", row.number, " of the audit trail"), reader.problem());
    }
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

absl::StatusOr<int64_t> SqliteStore::AuditCount(const GroupId& group) {
  ASSIGN_OR_RETURN(const Owner owner, FindOwner(group));
  return owner.audit_count;
}

}  // namespace calsync::adapter
