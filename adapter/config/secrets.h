// What must not be seen: the instance's keys, and the grants of accounts, encrypted at rest.
//
// Files are readable by their owner alone; one that others may read is refused. Nothing here is ever part of a message: texts of
// errors name files and accounts. Encryption is libsodium's secretbox under a key derived from an instance key.

#ifndef CALSYNC_ADAPTER_CONFIG_SECRETS_H_
#define CALSYNC_ADAPTER_CONFIG_SECRETS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/siphash.h"

namespace calsync::adapter {

// One of the instance's keys: 256 random bits, of which all else is derived.
class InstanceKey {
 public:
  static constexpr size_t kBytes = 32;
  using Bytes = std::array<uint8_t, kBytes>;

  static InstanceKey Random();
  explicit InstanceKey(const Bytes& bytes) : bytes_(bytes) {}

  SipKey ForEngine() const;   // For ids of blocks.
  Bytes ForGrants() const;    // For the vault.
  uint64_t ForPaths() const;  // For the address of notifications.
  std::string Hex() const;    // For the key file alone.

 private:
  Bytes Derive(uint64_t purpose) const;
  Bytes bytes_;
};

// The instance's keys in their order: the first plans, all verify. One a line, 64 hexadecimal digits; "#" begins a comment. The
// environment variable CALSYNC_KEYS, if set, is read instead of the file. Errors: NotFound, PermissionDenied (others may read
// it), InvalidArgument with the line.
absl::StatusOr<std::vector<InstanceKey>> ReadKeys(const std::string& file);
// Makes the file. AlreadyExists if there is one: keys are never overwritten.
absl::Status WriteKeys(const std::string& file, const std::vector<InstanceKey>& keys);
std::vector<SipKey> EngineKeys(const std::vector<InstanceKey>& keys);

// Secrets by name, each in a file of its own in one folder.
class Vault {
 public:
  Vault(std::string folder, std::vector<InstanceKey> keys) : folder_(std::move(folder)), keys_(std::move(keys)) {}

  // Durable when it returns; the one before is replaced at once or not at all.
  absl::Status Put(absl::string_view name, absl::string_view secret) const;
  // NotFound; DataLoss if none of our keys opens it.
  absl::StatusOr<std::string> Get(absl::string_view name) const;
  absl::Status Remove(absl::string_view name) const;
  // In the order of names.
  absl::StatusOr<std::vector<std::string>> Names() const;

 private:
  std::string FileOf(absl::string_view name) const;

  std::string folder_;
  std::vector<InstanceKey> keys_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_SECRETS_H_
