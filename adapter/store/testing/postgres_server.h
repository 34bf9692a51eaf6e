// A PostgreSQL server of the test's own, in a new directory, on a socket there.

#ifndef CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_
#define CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"
#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {

class PostgresServer {
 public:
  // Why there can be none here; empty if there can.
  static std::string WhyNot();

  PostgresServer();  // CHECKs that it starts. REQUIRES: WhyNot() is empty.
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database, and gives its URL.
  std::string NewDatabase();
  // Carries out SQL in a database, as psql does. CHECKs that it works.
  void Execute(const std::string& url, const std::string& sql);
  void Stop();   // At once: sessions are cut, what is durable stays.
  void Start();  // After Stop().

 private:
  ScratchDirectory directory_;
  int databases_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_
