// A PostgreSQL server of the test's own, in a new directory, on a socket there.

#ifndef CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_
#define CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "adapter/store/testing/scratch_directory.h"

namespace calsync::adapter {

class PostgresServer {
 public:
  // Why there can be none here; empty if there can.
  static std::string WhyNot();

  // One for all tests of a program, each of which has a database of its own. It starts when it is first asked for. REQUIRES:
  // WhyNot() is empty.
  static PostgresServer& Shared();

  // Not synced: quicker, and as good as long as the server crashes and not the machine.
  enum class Disk : uint8_t { kNotSynced, kSynced };
  // CHECKs that it starts. REQUIRES: WhyNot() is empty.
  explicit PostgresServer(Disk disk = Disk::kNotSynced);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database, and gives its URL.
  std::string NewDatabase();
  // Carries out SQL in a database, as psql does. CHECKs that it works.
  void Execute(const std::string& url, const std::string& sql);
  void Stop();   // At once: sessions are cut, what is durable stays.
  void Start();  // After Stop().
  // Stops it, and starts it as a replica does that becomes the primary: with what it has, in a new timeline.
  void Promote();

 private:
  ScratchDirectory directory_;
  Disk disk_;
  int databases_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_TESTING_POSTGRES_SERVER_H_
