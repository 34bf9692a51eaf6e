// One open SQLite database and its prepared statements: what the rest of the room uses instead of SQLite's C functions.
//
// It knows nothing of sync groups. Every error becomes a status that says what was attempted, on which file, in SQLite's words
// and with what a person can do; codes as store.h lists them.

#ifndef CALSYNC_ADAPTER_STORE_SQLITE_CONNECTION_H_
#define CALSYNC_ADAPTER_STORE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

class SqliteConnection;

// One run of a prepared statement. Bind by position from 1, then Next() until it says false. Ends when it goes out of scope.
class SqliteQuery {
 public:
  SqliteQuery(SqliteQuery&& other) noexcept
      : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)), bind_code_(other.bind_code_) {}
  SqliteQuery& operator=(SqliteQuery&&) = delete;
  ~SqliteQuery();

  void BindInteger(int position, int64_t value);
  void BindText(int position, absl::string_view value);
  void BindBlob(int position, absl::string_view value);
  void BindNull(int position);

  // Goes to the next row of the result. False: there is none, and the statement was carried out.
  absl::StatusOr<bool> Next();
  // Carries out a statement; rows of its result are passed over.
  absl::Status Run();

  // The current row, by position from 0. SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB or SQLITE_NULL.
  int TypeOf(int column) const;
  int64_t Integer(int column) const;
  absl::string_view Text(int column) const;  // Valid until Next().
  absl::string_view Blob(int column) const;  // Likewise.

 private:
  friend class SqliteConnection;
  SqliteQuery(SqliteConnection* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}

  SqliteConnection* connection_;
  sqlite3_stmt* statement_;
  int bind_code_ = SQLITE_OK;  // The first trouble with binding; Next() reports it.
};

class SqliteConnection {
 public:
  enum class Access : uint8_t {
    kWrite,
    kRead,  // Of a file that is there and that nobody writes to meanwhile. Its folder may be one that this user cannot write.
  };
  struct Options {
    absl::Duration busy_timeout = absl::Seconds(5);
    std::string vfs;  // The name of SQLite's file layer; empty: the system's.
    Access access = Access::kWrite;
  };

  // Opens a file, which is made if it is not there, readable by its owner alone; to read it, NotFound. ":memory:" is a database
  // that no file holds.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, const Options& options);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  // Carries out one or several statements without parameters.
  absl::Status Execute(const char* sql);
  // The first column of the first row of the result; 0 if there is no row.
  absl::StatusOr<int64_t> ReadInteger(const char* sql);
  absl::StatusOr<std::string> ReadText(const char* sql);
  // The statement, prepared at its first use and kept. REQUIRES: no other query of the same text is under way.
  absl::StatusOr<SqliteQuery> Prepare(absl::string_view sql);

  // Copies the database into a file that is not there yet, which is made readable by its owner alone, whole and durable, or not
  // at all. Errors name that file.
  absl::Status CopyInto(const std::string& file);
  // Holds what the other one does. REQUIRES: no file holds it, and nothing was prepared.
  absl::Status TakeFrom(const SqliteConnection& other);
  // All of the database, as the file that would hold it.
  absl::StatusOr<std::string> Serialize();
  // Holds what `Serialize` gave instead of what it held. REQUIRES: no file holds it, and nothing was prepared.
  absl::Status Deserialize(absl::string_view bytes);

  void SetBusyTimeout(absl::Duration timeout);
  // Some errors roll back by themselves.
  bool in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

  const std::string& path() const { return path_; }
  bool in_memory() const { return path_ == ":memory:"; }
  // SQLite's extended code of the last call that failed.
  int last_code() const { return sqlite3_extended_errcode(database_); }

  // The status for a call that failed with `code`.
  absl::Status Failed(int code) const;

 private:
  friend class SqliteQuery;
  SqliteConnection(std::string path, sqlite3* database) : path_(std::move(path)), database_(database) {}
  absl::Status FailedWith(absl::string_view what, int code) const;

  std::string path_;
  sqlite3* database_;
  absl::flat_hash_map<std::string, sqlite3_stmt*> prepared_;
};

// A transaction: rolled back when it goes out of scope, unless it was committed.
class SqliteTransaction {
 public:
  enum class Kind {
    kRead,   // One view of the database for all its queries.
    kWrite,  // Alone from its beginning: whatever it reads stays true until its end.
    kPart,   // Of the transaction that is open, which alone makes it durable: it may fail without the rest.
  };
  static absl::StatusOr<SqliteTransaction> Begin(SqliteConnection* connection, Kind kind);
  SqliteTransaction(SqliteTransaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)), kind_(other.kind_) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  // kUnknown, and only here: the commit's last page may have reached the disk before something failed.
  absl::Status Commit();

 private:
  SqliteTransaction(SqliteConnection* connection, Kind kind) : connection_(connection), kind_(kind) {}

  SqliteConnection* connection_;  // Null once it is over.
  Kind kind_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_SQLITE_CONNECTION_H_
