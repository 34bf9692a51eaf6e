// One session with a PostgreSQL server: what the rest of the room uses instead of libpq's C functions.
//
// It knows nothing of sync groups. Statements go out together, in one round trip, and never wait for longer than its patience.
// Every error becomes a status that says on which database, in PostgreSQL's words and with what a person can do; codes as
// store.h lists them. A session that was lost is opened anew at the next use, without what hung on it.

#ifndef CALSYNC_ADAPTER_STORE_POSTGRES_CONNECTION_H_
#define CALSYNC_ADAPTER_STORE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

// The parameters of one statement, in PostgreSQL's binary form.
class PostgresValues {
 public:
  PostgresValues& AddBoolean(bool value);
  PostgresValues& AddSmall(int16_t value);
  PostgresValues& AddInteger(int32_t value);
  PostgresValues& AddBig(int64_t value);
  PostgresValues& AddBytes(absl::string_view value);  // Texts, and whatever else is stored as it is given.
  PostgresValues& AddNull();
  PostgresValues& AddTexts(const std::vector<std::string>& values);  // An array, of type text[].

  int size() const { return static_cast<int>(lengths_.size()); }

 private:
  friend class PostgresConnection;
  void AddNumber(uint64_t value, int bytes);

  std::string bytes_;
  std::vector<int> lengths_;  // Below 0: NULL.
};

// The rows that a statement returned.
class PostgresRows {
 public:
  PostgresRows() = default;
  explicit PostgresRows(PGresult* result) : result_(result, &PQclear) {}

  int size() const { return result_ == nullptr ? 0 : PQntuples(result_.get()); }
  int64_t affected() const;  // Rows that it wrote.
  bool IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  absl::string_view Bytes(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<size_t>(PQgetlength(result_.get(), row, column))};
  }
  // A number of the width that the column has.
  int64_t Number(int row, int column) const;

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_{nullptr, &PQclear};
};

struct PostgresStatement {
  std::string sql;  // Prepared at its first use in a session, and kept.
  PostgresValues values;
};

class PostgresConnection {
 public:
  struct Options {
    absl::Duration patience = absl::Seconds(5);  // For an answer, and for another process's lock.
    absl::Duration connect_within = absl::Seconds(5);
  };

  // Opens the database that `url` names ("postgres://…", all that libpq takes).
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& url, const Options& options);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection() = default;

  // Opens the session anew if it was lost. Unavailable if that does not succeed; a session that refuses its settings is none.
  absl::Status Connect();
  bool is_lost() const { return session_ == nullptr; }
  // True if a session was opened since it was asked the last time: what hung on the one before is gone.
  bool TakeIsNew() { return std::exchange(is_new_, false); }

  // What the statements are to the transaction that they are part of.
  enum class Ends : uint8_t {
    kDurable,  // They are one by themselves, or the last of them ends it: if the session is lost meanwhile, nobody knows.
    kNothing,  // Another transaction is open, or they only read: nothing of a lost session counts.
  };
  // Carries out all of them in one round trip, in order, or none of them. Each one's rows come out. Statements of one call are
  // one transaction, unless they, or those of earlier calls, begin one.
  absl::StatusOr<std::vector<PostgresRows>> Run(std::vector<PostgresStatement> statements, Ends ends);
  // Statements without parameters, which are not kept.
  absl::Status Execute(const std::string& sql);

  // Texts that were sent to channels on which this session listens.
  std::vector<std::string> TakeNotices();
  // Readable when something came in; -1 while there is no session.
  int socket() const { return session_ == nullptr ? -1 : PQsocket(session_.get()); }

  const std::string& name() const { return name_; }  // The database in words, without secrets.
  void SetPatience(absl::Duration patience) { options_.patience = patience; }
  // SQLSTATE of the last statement that failed; empty if it was the session.
  const std::string& last_state() const { return last_state_; }
  void Lose() { session_.reset(); }

 private:
  PostgresConnection(std::string url, Options options) : url_(std::move(url)), options_(options) {}

  // Sends what is buffered and waits for an answer to be there. False: the session is lost, or nothing came for too long.
  bool Wait();
  absl::Status Failed(const PGresult* result);
  absl::Status Lost(absl::string_view why, Ends ends);

  std::string url_;
  Options options_;
  std::string name_ = "of PostgreSQL";
  std::unique_ptr<PGconn, void (*)(PGconn*)> session_{nullptr, &PQfinish};
  bool is_new_ = false;
  std::string last_state_;
  absl::flat_hash_map<std::string, std::string> prepared_;  // SQL to its name in the session.
  int64_t next_name_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_POSTGRES_CONNECTION_H_
