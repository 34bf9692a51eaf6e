#include "adapter/store/testing/postgres_server.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"

namespace calsync::adapter {
namespace {

// Where Debian keeps the programs of its version 15.
constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";

// The server refuses to run as root.
constexpr char kUser[] = "postgres";

int Shell(const std::string& command) {
  const std::string quiet = absl::StrCat(command, " >/dev/null 2>&1 </dev/null");
  return std::system(quiet.c_str());  // NOLINT: the test's own words.
}

std::string AsServer(const std::string& command) {
  return geteuid() == 0 ? absl::StrCat("runuser -u ", kUser, " -- ", command) : command;
}

}  // namespace

std::string PostgresServer::WhyNot() {
  std::error_code error;
  if (std::filesystem::exists(absl::StrCat(kPrograms, "initdb"), error)) return "";
  return absl::StrCat("there is no ", kPrograms, "initdb: `tools/setup campaign` installs it");
}

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(Disk disk) : disk_(disk) {
  if (geteuid() == 0) CALSYNC_CHECK(Shell(absl::StrCat("chown ", kUser, " ", directory_.path())) == 0);
  CALSYNC_CHECK(Shell(AsServer(absl::StrCat(kPrograms, "initdb -D ", directory_.File("data"),
                                            " --username=calsync --auth=trust --encoding=UTF8 --locale=C --no-sync"))) == 0);
  Start();
}

PostgresServer::~PostgresServer() { Stop(); }

void PostgresServer::Start() {
  // A socket alone: no port can be in somebody's way.
  CALSYNC_CHECK(Shell(AsServer(absl::StrCat(kPrograms, "pg_ctl -w -D ", directory_.File("data"), " -l ", directory_.File("log"),
                                            " -o \"-k ", directory_.path(), " -h '' -c max_connections=50 -c fsync=",
                                            disk_ == Disk::kSynced ? "on" : "off", "\" start"))) == 0);
}

void PostgresServer::Stop() {
  Shell(AsServer(absl::StrCat(kPrograms, "pg_ctl -w -m immediate -D ", directory_.File("data"), " stop")));
}

void PostgresServer::Promote() {
  Stop();
  CALSYNC_CHECK(Shell(AsServer(absl::StrCat("touch ", directory_.File("data/standby.signal")))) == 0);
  Start();
  CALSYNC_CHECK(Shell(AsServer(absl::StrCat(kPrograms, "pg_ctl -w -D ", directory_.File("data"), " promote"))) == 0);
}

std::string PostgresServer::NewDatabase() {
  const std::string name = absl::StrCat("test", ++databases_);
  CALSYNC_CHECK(Shell(absl::StrCat(kPrograms, "createdb -h ", directory_.path(), " -U calsync ", name)) == 0);
  return absl::StrCat("postgres://calsync@/", name, "?host=", directory_.path());
}

void PostgresServer::Execute(const std::string& url, const std::string& sql) {
  CALSYNC_CHECK(Shell(absl::StrCat(kPrograms, "psql -v ON_ERROR_STOP=1 '", url, "' -c \"", sql, "\"")) == 0);
}

}  // namespace calsync::adapter
