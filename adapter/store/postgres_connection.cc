#include "adapter/store/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr int kBinary = 1;
// The server's patience ends first: what it says is more than that nothing came.
constexpr absl::Duration kBesides = absl::Seconds(1);

absl::Time SteadyNow() { return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

// By SQLSTATE (PostgreSQL 15, appendix A), the more precise ones first.
absl::StatusCode CodeOf(absl::string_view state) {
  static constexpr std::pair<absl::string_view, absl::StatusCode> kCodes[] = {
      {"CS001", absl::StatusCode::kFailedPrecondition},  // Ours: another owner.
      {"23505", absl::StatusCode::kAlreadyExists},       // Unique violation.
      {"25006", absl::StatusCode::kUnavailable},         // Read only: a replica that is not promoted yet.
      {"42501", absl::StatusCode::kPermissionDenied},   {"3D000", absl::StatusCode::kInvalidArgument},  // No such database.
      {"53300", absl::StatusCode::kUnavailable},     // Too many connections: others end.
      {"53", absl::StatusCode::kResourceExhausted},  // Disk, memory.
      {"54", absl::StatusCode::kResourceExhausted},  // A limit of the program.
      {"28", absl::StatusCode::kPermissionDenied},   // Password, role.
      {"40", absl::StatusCode::kUnavailable},        // Deadlock, serialization: rolled back, may be tried again.
      {"55P03", absl::StatusCode::kUnavailable},     // A lock was not to be had in time.
      {"57", absl::StatusCode::kUnavailable},        // Cancelled, shut down, starting.
      {"08", absl::StatusCode::kUnavailable},        // Connection.
      {"XX001", absl::StatusCode::kDataLoss},           {"XX002", absl::StatusCode::kDataLoss},
  };
  for (const auto& [beginning, code] : kCodes) {
    if (absl::StartsWith(state, beginning)) return code;
  }
  return absl::StatusCode::kInternal;
}

absl::string_view AdviceFor(absl::StatusCode code) {
  if (code == absl::StatusCode::kUnavailable) return " Everything that was made durable stays.";
  if (code == absl::StatusCode::kPermissionDenied) {
    return " The role must own the database, or be granted its tables; passwords belong in ~/.pgpass, or in a file that "
           "passfile= "
           "names.";
  }
  if (code == absl::StatusCode::kResourceExhausted) return " Free some space. What was stored before stays as it is.";
  if (code == absl::StatusCode::kDataLoss) {
    return " The database is damaged: restore a backup; busy blocks are found again by their ids.";
  }
  return "";
}

// Several lines as one: libpq's own words have tabs and line ends in them.
std::string OneLine(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty()), " ");
}

// The same with a stop at its end, unless it has one: some of libpq's words end with a question.
std::string Sentence(absl::string_view text) {
  std::string line = OneLine(text);
  if (line.empty() || !absl::StrContains(".?!", line.back())) line += '.';
  return line;
}

}  // namespace

void PostgresValues::AddNumber(uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) bytes_.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  lengths_.push_back(bytes);
}

PostgresValues& PostgresValues::AddBoolean(bool value) { return AddNumber(value ? 1 : 0, 1), *this; }
PostgresValues& PostgresValues::AddSmall(int16_t value) { return AddNumber(static_cast<uint16_t>(value), 2), *this; }
PostgresValues& PostgresValues::AddInteger(int32_t value) { return AddNumber(static_cast<uint32_t>(value), 4), *this; }
PostgresValues& PostgresValues::AddBig(int64_t value) { return AddNumber(static_cast<uint64_t>(value), 8), *this; }

PostgresValues& PostgresValues::AddBytes(absl::string_view value) {
  CALSYNC_CHECK(value.size() < static_cast<size_t>(std::numeric_limits<int>::max()));
  bytes_.append(value.data(), value.size());
  lengths_.push_back(static_cast<int>(value.size()));
  return *this;
}

PostgresValues& PostgresValues::AddNull() {
  lengths_.push_back(-1);
  return *this;
}

PostgresValues& PostgresValues::AddTexts(const std::vector<std::string>& values) {
  constexpr int32_t kTextType = 25;  // pg_type.dat: text.
  PostgresValues array;
  array.AddInteger(values.empty() ? 0 : 1).AddInteger(0).AddInteger(kTextType);  // Dimensions, no NULLs, of texts.
  if (!values.empty()) array.AddInteger(static_cast<int32_t>(values.size())).AddInteger(1);
  for (const std::string& value : values) array.AddInteger(static_cast<int32_t>(value.size())).AddBytes(value);
  return AddBytes(array.bytes_);
}

int64_t PostgresRows::affected() const {
  int64_t count = 0;
  return result_ != nullptr && absl::SimpleAtoi(PQcmdTuples(result_.get()), &count) ? count : 0;
}

int64_t PostgresRows::Number(int row, int column) const {
  const absl::string_view bytes = Bytes(row, column);
  uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  switch (bytes.size()) {
    case 2:
      return static_cast<int16_t>(value);
    case 4:
      return static_cast<int32_t>(value);
    default:
      return static_cast<int64_t>(value);
  }
}

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& url, const Options& options) {
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(url, options));
  RETURN_IF_ERROR(connection->Connect());
  return connection;
}

absl::Status PostgresConnection::Connect() {
  if (session_ != nullptr) return absl::OkStatus();
  prepared_.clear();
  // The URL's own words win over what is named before it, and lose against what is named behind.
  const std::string within = absl::StrCat(std::max<int64_t>(absl::ToInt64Seconds(options_.connect_within), 2));
  const char* const names[] = {"connect_timeout", "application_name", "target_session_attrs", "dbname", nullptr};
  const char* const values[] = {within.c_str(), "calsync", "read-write", url_.c_str(), nullptr};
  session_.reset(PQconnectdbParams(names, values, /*expand_dbname=*/1));
  if (session_ == nullptr || PQstatus(session_.get()) != CONNECTION_OK) {
    const std::string why = Sentence(session_ == nullptr ? "no memory" : PQerrorMessage(session_.get()));
    const bool refused = session_ != nullptr && PQconnectionNeedsPassword(session_.get()) != 0;
    session_.reset();
    const auto code = refused ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kUnavailable;
    return absl::Status(code, absl::StrCat("database ", name_, " cannot be reached: ", why, AdviceFor(code)));
  }
  PQsetNoticeProcessor(
      session_.get(), [](void*, const char*) {}, nullptr);
  const char* const host = PQhost(session_.get());
  name_ = absl::StrCat("\"", PQdb(session_.get()), "\" on ", host == nullptr || *host == '\0' ? "this machine" : host);
  is_new_ = true;
  // A session whose process stands still, or whose network is cut, lets go of its locks soon. A commit is on the disk when it
  // is said to be (L7), whatever the database's default is.
  const std::string patience = absl::StrCat(absl::ToInt64Milliseconds(options_.patience));
  absl::Status set_up =
      Execute(absl::StrCat("SET client_encoding = 'UTF8'; SET lock_timeout = ", patience, "; SET statement_timeout = ", patience,
                           "; SET idle_in_transaction_session_timeout = 5000;"
                           "SELECT set_config('synchronous_commit', 'on', false) "
                           "WHERE current_setting('synchronous_commit') IN ('off', 'local')"));
  if (!set_up.ok()) Lose();  // The next use would take it as it is.
  return set_up;
}

bool PostgresConnection::Wait() {
  absl::Time end = SteadyNow() + options_.patience + kBesides;
  for (;;) {
    const int sent = PQflush(session_.get());
    if (sent < 0) return false;
    if (sent == 0 && PQisBusy(session_.get()) == 0) return true;
    const absl::Duration left = end - SteadyNow();
    if (left <= absl::ZeroDuration()) return false;
    pollfd socket = {.fd = PQsocket(session_.get()), .events = POLLIN, .revents = 0};
    if (sent > 0) socket.events |= POLLOUT;
    if (poll(&socket, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) < 0 && errno != EINTR) return false;
    if ((socket.revents & ~POLLOUT) != 0 && PQconsumeInput(session_.get()) == 0) return false;
    if (socket.revents != 0) end = SteadyNow() + options_.patience + kBesides;
  }
}

absl::Status PostgresConnection::Failed(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  last_state_ = state == nullptr ? "" : state;
  const absl::StatusCode code = CodeOf(last_state_);
  return absl::Status(code, absl::StrCat("database ", name_, ": ",
                                         Sentence(absl::StrCat(words == nullptr ? PQresultErrorMessage(result) : words,
                                                               last_state_.empty() ? "" : absl::StrCat(" (", last_state_, ")"))),
                                         AdviceFor(code)));
}

absl::Status PostgresConnection::Lost(absl::string_view why, Ends ends) {
  last_state_.clear();
  session_.reset();
  if (ends == Ends::kDurable) {
    return absl::UnknownError(
        absl::StrCat("database ", name_, ": the connection was lost before it said whether this is durable (", why, ")."));
  }
  return absl::UnavailableError(
      absl::StrCat("database ", name_, ": the connection was lost (", why, ").", AdviceFor(absl::StatusCode::kUnavailable)));
}

absl::StatusOr<std::vector<PostgresRows>> PostgresConnection::Run(std::vector<PostgresStatement> statements, Ends ends) {
  RETURN_IF_ERROR(Connect());
  PGconn* const session = session_.get();
  if (PQsetnonblocking(session, 1) != 0 || PQenterPipelineMode(session) == 0) return Lost("it cannot be used", Ends::kNothing);
  enum class Sent : uint8_t { kPreparation, kExecution };
  std::vector<std::pair<Sent, size_t>> sent;  // A result each, in this order, of which statement.
  std::vector<const char*> values;
  std::vector<int> formats;
  for (size_t i = 0; i < statements.size(); ++i) {
    const PostgresStatement& statement = statements[i];
    const auto [known, is_new] = prepared_.try_emplace(statement.sql, absl::StrCat("s", next_name_));
    if (is_new) {
      ++next_name_;
      if (PQsendPrepare(session, known->second.c_str(), statement.sql.c_str(), 0, nullptr) == 0)
        return Lost("it cannot send", Ends::kNothing);
      sent.emplace_back(Sent::kPreparation, i);
    }
    const size_t count = statement.values.lengths_.size();
    values.resize(count);
    formats.assign(count, kBinary);
    size_t at = 0;
    for (size_t value = 0; value < count; ++value) {
      const int length = statement.values.lengths_[value];
      values[value] = length < 0 ? nullptr : statement.values.bytes_.data() + at;
      at += static_cast<size_t>(std::max(length, 0));
    }
    if (PQsendQueryPrepared(session, known->second.c_str(), static_cast<int>(count), values.data(),
                            statement.values.lengths_.data(), formats.data(), kBinary) == 0) {
      return Lost("it cannot send", Ends::kNothing);
    }
    sent.emplace_back(Sent::kExecution, i);
  }
  if (PQpipelineSync(session) == 0) return Lost("it cannot send", Ends::kNothing);

  std::vector<PostgresRows> rows(statements.size());
  absl::Status status;
  for (const auto& [what, index] : sent) {
    if (!Wait()) return Lost(OneLine(PQerrorMessage(session)), ends);
    PGresult* const result = PQgetResult(session);
    const ExecStatusType kind = result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK) {
      if (kind == PGRES_FATAL_ERROR && status.ok()) status = Failed(result);
      if (what == Sent::kPreparation) prepared_.erase(statements[index].sql);
      PQclear(result);
    } else if (what == Sent::kExecution) {
      rows[index] = PostgresRows(result);
    } else {
      PQclear(result);
    }
    if (PQstatus(session) != CONNECTION_OK) return Lost(status.message(), ends);
    if (!Wait()) return Lost(OneLine(PQerrorMessage(session)), ends);
    PGresult* const last = PQgetResult(session);  // Null: nothing more of this statement.
    CALSYNC_CHECK(last == nullptr);
  }
  if (!Wait()) return Lost(OneLine(PQerrorMessage(session)), ends);
  PGresult* const synced = PQgetResult(session);
  const ExecStatusType kind = PQresultStatus(synced);
  if (kind != PGRES_PIPELINE_SYNC) {
    // The transaction failed when it was to end, which nobody expects of ours. What follows on this session is not known.
    if (status.ok()) status = Failed(synced);
    PQclear(synced);
    return Lost(status.message(), ends);
  }
  PQclear(synced);
  if (PQexitPipelineMode(session) == 0) return Lost("it is out of step", ends);
  if (!status.ok()) return status;
  return rows;
}

absl::Status PostgresConnection::Execute(const std::string& sql) {
  RETURN_IF_ERROR(Connect());
  if (PQsetnonblocking(session_.get(), 1) != 0 || PQsendQuery(session_.get(), sql.c_str()) == 0) {
    return Lost(OneLine(PQerrorMessage(session_.get())), Ends::kNothing);
  }
  absl::Status status;
  for (;;) {
    if (!Wait()) return Lost(OneLine(PQerrorMessage(session_.get())), Ends::kNothing);
    PGresult* const result = PQgetResult(session_.get());
    if (result == nullptr) break;
    const ExecStatusType kind = PQresultStatus(result);
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK && status.ok()) status = Failed(result);
    PQclear(result);
    if (PQstatus(session_.get()) != CONNECTION_OK) return Lost(status.message(), Ends::kNothing);
  }
  return status;
}

std::vector<std::string> PostgresConnection::TakeNotices() {
  std::vector<std::string> notices;
  if (session_ == nullptr) return notices;
  for (;;) {
    pollfd socket = {.fd = PQsocket(session_.get()), .events = POLLIN, .revents = 0};
    if (poll(&socket, 1, 0) <= 0) break;
    if (PQconsumeInput(session_.get()) == 0) {  // The server said farewell, or nothing.
      session_.reset();
      return notices;
    }
  }
  while (PGnotify* const notice = PQnotifies(session_.get())) {
    notices.emplace_back(notice->extra);
    PQfreemem(notice);
  }
  return notices;
}

}  // namespace calsync::adapter
