#include "adapter/store/sqlite_connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

absl::StatusCode CodeOf(int code) {
  switch (code & 0xff) {  // The low byte is the primary code; the rest says which of its causes.
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) return absl::StatusCode::kAlreadyExists;
      return absl::StatusCode::kInternal;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_NOLFS:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      return absl::StatusCode::kDataLoss;
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return absl::StatusCode::kInvalidArgument;
    default:  // SQLITE_IOERR, SQLITE_ERROR, SQLITE_MISUSE, SQLITE_INTERNAL, …: its own words say more than a code could.
      return absl::StatusCode::kInternal;
  }
}

// What a person can do.
absl::string_view AdviceFor(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "The disk is full: free some space. What was stored before stays as it is.";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return "Another process holds the database: stop it, or wait until it is done.";
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return "This user must be able to read and write the file and to create files beside it: check owner and mode of both.";
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
      return "The file is damaged: keep a copy, then restore the last backup and say so at the next start, or start with an "
             "empty database; busy blocks are found again by their ids.";
    case SQLITE_NOTADB:
      return "The file is something else: name another, or move it away.";
    case SQLITE_IOERR:
      return "Reading or writing the file failed: look at the disk and at the system's log.";
    default:
      return "";
  }
}

absl::Status FileFailed(absl::string_view attempt, const std::string& path, int error) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string what = absl::StrCat(attempt, " ", path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::InvalidArgumentError(
          absl::StrCat(what, ". There is no directory ", directory, ": create it, or name another."));
    case EISDIR:
      return absl::InvalidArgumentError(absl::StrCat(what, ". Name a file within it."));
    case EEXIST:
      return absl::AlreadyExistsError(absl::StrCat(what, ". It is not overwritten: name another."));
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat(what, ". ", AdviceFor(SQLITE_FULL)));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::StrCat(what, ". ", AdviceFor(SQLITE_CANTOPEN)));
    default:
      return absl::InternalError(what);
  }
}

// Makes the file before SQLite does, so that there is no moment in which others could read it: it holds secrets of channels and
// what people's templates ask for. SQLite gives the files that it puts beside it the same mode. An existing file keeps its mode,
// or is refused where `flags` have O_EXCL.
absl::Status MakePrivateFile(absl::string_view attempt, const std::string& path, int flags) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
  if (file < 0) return FileFailed(attempt, path, errno);
  close(file);
  return absl::OkStatus();
}

absl::Status CanBeRead(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status about = std::filesystem::status(path, error);
  if (about.type() == std::filesystem::file_type::not_found) return absl::NotFoundError(absl::StrCat("there is no ", path));
  if (!error && about.type() != std::filesystem::file_type::regular) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read the database ", path, ": it is no file. Name one."));
  }
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return absl::PermissionDeniedError(absl::StrCat("cannot read the database ", path, ": ", std::strerror(errno),
                                                    ". This user must be able to read the file: check its owner and mode."));
  }
  close(file);
  return absl::OkStatus();
}

// The name under which SQLite only reads a file. Where nothing lies beside it, it makes nothing there either.
std::string NameToRead(const std::string& path) {
  std::error_code error;
  const bool alone = !std::filesystem::exists(path + "-wal", error) && !std::filesystem::exists(path + "-journal", error);
  const std::string whole =
      absl::StrReplaceAll(std::filesystem::absolute(path).string(), {{"%", "%25"}, {"?", "%3f"}, {"#", "%23"}});
  return absl::StrCat("file://", whole, alone ? "?immutable=1" : "");
}

absl::Status Synced(absl::string_view attempt, const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const int error = file < 0 || fsync(file) != 0 ? errno : 0;
  if (file >= 0) close(file);
  return error == 0 ? absl::OkStatus() : FileFailed(attempt, path, error);
}

}  // namespace

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);  // Repeats the error of Next(), which was reported.
  sqlite3_clear_bindings(statement_);
}

void SqliteQuery::BindInteger(int position, int64_t value) {
  const int code = sqlite3_bind_int64(statement_, position, value);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void SqliteQuery::BindText(int position, absl::string_view value) {
  const char* const data = value.data() == nullptr ? "" : value.data();  // A null pointer would bind NULL.
  const int code = sqlite3_bind_text64(statement_, position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void SqliteQuery::BindBlob(int position, absl::string_view value) {
  const char* const data = value.data() == nullptr ? "" : value.data();
  const int code = sqlite3_bind_blob64(statement_, position, data, value.size(), SQLITE_TRANSIENT);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void SqliteQuery::BindNull(int position) {
  const int code = sqlite3_bind_null(statement_, position);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

absl::StatusOr<bool> SqliteQuery::Next() {
  if (bind_code_ != SQLITE_OK) return connection_->Failed(bind_code_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->Failed(connection_->last_code());
}

absl::Status SqliteQuery::Run() {
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, Next());
    if (!more) return absl::OkStatus();
  }
}

int SqliteQuery::TypeOf(int column) const { return sqlite3_column_type(statement_, column); }

int64_t SqliteQuery::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

absl::string_view SqliteQuery::Text(int column) const {
  const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data == nullptr ? "" : absl::string_view(data, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

absl::string_view SqliteQuery::Blob(int column) const {
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return data == nullptr ? "" : absl::string_view(data, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, const Options& options) {
  if (path.empty()) return absl::InvalidArgumentError("cannot open the database: its path is empty");
  const bool in_memory = path == ":memory:";
  const bool system_files = options.vfs.empty();
  const bool reads = options.access == Access::kRead;
  if (reads) RETURN_IF_ERROR(CanBeRead(path));
  if (!reads && !in_memory && system_files) RETURN_IF_ERROR(MakePrivateFile("cannot open the database", path, 0));

  // A name that begins with "file:" would be read as a URI.
  const std::string name = reads                                          ? NameToRead(path)
                           : in_memory || path[0] == '/' || !system_files ? path
                                                                          : absl::StrCat("./", path);
  const int flags = (reads ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &database, flags, system_files ? nullptr : options.vfs.c_str());
  if (database == nullptr)
    return absl::ResourceExhaustedError(absl::StrCat("cannot open the database ", path, ": out of memory"));
  auto connection = std::unique_ptr<SqliteConnection>(new SqliteConnection(path, database));
  if (code != SQLITE_OK) return connection->Failed(code);
  // SQLite falls back to reading alone, without a word.
  if (!reads && sqlite3_db_readonly(database, "main") == 1) return connection->Failed(SQLITE_READONLY);
  connection->SetBusyTimeout(options.busy_timeout);
  return connection;
}

void SqliteConnection::SetBusyTimeout(absl::Duration timeout) {
  sqlite3_busy_timeout(database_, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  const int code = sqlite3_close(database_);
  CALSYNC_CHECK(code == SQLITE_OK);  // Nothing of ours is open on it any more.
}

absl::Status SqliteConnection::Execute(const char* sql) {
  const int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failed(last_code());
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SqliteConnection::ReadInteger(const char* sql) {
  ASSIGN_OR_RETURN(SqliteQuery query, Prepare(sql));
  ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Integer(0) : 0;
}

absl::StatusOr<std::string> SqliteConnection::ReadText(const char* sql) {
  ASSIGN_OR_RETURN(SqliteQuery query, Prepare(sql));
  ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? std::string(query.Text(0)) : std::string();
}

absl::StatusOr<SqliteQuery> SqliteConnection::Prepare(absl::string_view sql) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) {
    CALSYNC_CHECK(sqlite3_stmt_busy(found->second) == 0);
    return SqliteQuery(this, found->second);
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Failed(last_code());
  CALSYNC_CHECK(statement != nullptr);  // Not a comment.
  prepared_.emplace(sql, statement);
  return SqliteQuery(this, statement);
}

absl::Status SqliteConnection::CopyInto(const std::string& file) {
  const std::string attempt = absl::StrCat("cannot copy the database ", path_, " into");
  RETURN_IF_ERROR(MakePrivateFile(attempt, file, O_EXCL));
  // SQLite takes an empty file for none.
  const std::string sql =
      absl::StrCat("VACUUM INTO '", file[0] == '/' ? "" : "./", absl::StrReplaceAll(file, {{"'", "''"}}), "'");
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  absl::Status copied = code == SQLITE_OK ? Synced(attempt, file) : FailedWith(absl::StrCat(attempt, " ", file), last_code());
  if (!copied.ok()) unlink(file.c_str());
  return copied;
}

absl::Status SqliteConnection::TakeFrom(const SqliteConnection& other) {
  CALSYNC_CHECK(in_memory() && prepared_.empty());
  sqlite3_backup* const copying = sqlite3_backup_init(database_, "main", other.database_, "main");
  if (copying == nullptr) return Failed(last_code());
  sqlite3_backup_step(copying, -1);  // All pages at once; what went wrong is told at the end.
  const int code = sqlite3_backup_finish(copying);
  return code == SQLITE_OK ? absl::OkStatus() : other.Failed(code);
}

absl::StatusOr<std::string> SqliteConnection::Serialize() {
  sqlite3_int64 size = 0;
  unsigned char* const bytes = sqlite3_serialize(database_, "main", &size, 0);
  if (bytes == nullptr) return Failed(SQLITE_NOMEM);
  std::string serialized(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  sqlite3_free(bytes);
  return serialized;
}

absl::Status SqliteConnection::Deserialize(absl::string_view bytes) {
  CALSYNC_CHECK(in_memory() && prepared_.empty());
  auto* const held = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  if (held == nullptr) return Failed(SQLITE_NOMEM);
  std::memcpy(held, bytes.data(), bytes.size());
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  const int code =
      sqlite3_deserialize(database_, "main", held, size, size, SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (code != SQLITE_OK) return Failed(code);  // It has freed what it was given.
  return absl::OkStatus();
}

absl::Status SqliteConnection::Failed(int code) const { return FailedWith(absl::StrCat("database ", path_), code); }

absl::Status SqliteConnection::FailedWith(absl::string_view what, int code) const {
  // The connection's message belongs to its last error, which may be another one.
  const char* const words = code == last_code() ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
  const absl::string_view advice = AdviceFor(code);
  return absl::Status(CodeOf(code), absl::StrCat(what, ": ", words, " (SQLite ", code, ").", advice.empty() ? "" : " ", advice));
}

absl::StatusOr<SqliteTransaction> SqliteTransaction::Begin(SqliteConnection* connection, Kind kind) {
  // A savepoint without a transaction around it would begin one of its own.
  if (kind == Kind::kPart && !connection->in_transaction()) {
    return absl::InternalError(
        absl::StrCat("database ", connection->path(), ": the transaction that this is a part of is no more"));
  }
  constexpr absl::string_view kBegin[] = {"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT part"};
  ASSIGN_OR_RETURN(SqliteQuery begin, connection->Prepare(kBegin[static_cast<size_t>(kind)]));
  RETURN_IF_ERROR(begin.Run());
  return SqliteTransaction(connection, kind);
}

SqliteTransaction::~SqliteTransaction() {
  if (connection_ == nullptr) return;
  // After some errors SQLite has rolled back by itself, and this fails. If it fails otherwise, the transaction has still not been
  // committed, and ends when the connection does.
  const auto run = [&](absl::string_view sql) {
    absl::StatusOr<SqliteQuery> query = connection_->Prepare(sql);
    return query.ok() && query->Run().ok();
  };
  if (kind_ != Kind::kPart) {
    run("ROLLBACK");
  } else if (connection_->in_transaction() && !(run("ROLLBACK TO part") && run("RELEASE part"))) {
    run("ROLLBACK");  // What cannot be taken back by itself takes the rest with it.
  }
}

absl::Status SqliteTransaction::Commit() {
  CALSYNC_CHECK(connection_ != nullptr);
  ASSIGN_OR_RETURN(SqliteQuery commit, connection_->Prepare(kind_ == Kind::kPart ? "RELEASE part" : "COMMIT"));
  absl::Status status = commit.Run();
  if (status.ok()) {
    connection_ = nullptr;
    return status;
  }
  if (kind_ == Kind::kPart) return status;
  // Locked out before anything was written: the transaction stands, and is rolled back.
  if (status.code() == absl::StatusCode::kUnavailable) return status;
  return absl::UnknownError(
      absl::StrCat(status.message(), " The transaction may have been made durable or not: load again to know."));
}

}  // namespace calsync::adapter
