// One installation of CalSync, as its settings say: what every verb of production opens first.
//
//   CONFIG/calsync.toml    settings     CONFIG/calsync.keys    the instance's keys
//   CONFIG/grants/         sealed       CONFIG/epochs          how far the database was known to be
//   STATE/calsync.db       the store    STATE/lock             held by the one who runs
//   STATE/inbox/           orders to it                STATE/report.json      how it is, as it last said

#ifndef CALSYNC_TOOLS_INSTALLATION_H_
#define CALSYNC_TOOLS_INSTALLATION_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapter/config/secrets.h"
#include "adapter/config/settings.h"
#include "adapter/google/google_client.h"
#include "adapter/runner/epochs.h"
#include "adapter/runner/inbox.h"
#include "adapter/runner/runner.h"
#include "adapter/store/sqlite_store.h"

namespace calsync::tools {

// --config, else CALSYNC_CONFIG, else ~/.config/calsync/calsync.toml.
std::string DefaultConfigFile();
// Declares --config.
void AddConfigOption(CLI::App* verb, std::string& file);

// Held for as long as it lives. One process at a time runs a database.
class InstanceLock {
 public:
  // FailedPrecondition if another process holds it.
  static absl::StatusOr<std::unique_ptr<InstanceLock>> Take(const std::string& file);
  // Whether somebody holds it.
  static bool IsHeld(const std::string& file);
  ~InstanceLock();
  InstanceLock(const InstanceLock&) = delete;
  InstanceLock& operator=(const InstanceLock&) = delete;

 private:
  explicit InstanceLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

class Installation {
 public:
  // Reads settings and keys. Statuses as theirs.
  static absl::StatusOr<Installation> Open(const std::string& config_file);

  const adapter::Settings& settings() const { return settings_; }
  const std::vector<adapter::InstanceKey>& keys() const { return keys_; }
  adapter::Vault vault() const;
  adapter::Inbox inbox() const;
  std::string lock_file() const { return settings_.state_folder + "/lock"; }
  std::string report_file() const { return settings_.state_folder + "/report.json"; }
  std::string database_file() const { return settings_.state_folder + "/calsync.db"; }
  absl::StatusOr<std::unique_ptr<adapter::SqliteStore>> OpenStore() const;
  absl::StatusOr<adapter::Epochs> OpenEpochs() const;

  // Every account that a calendar is linked with, each once, in order.
  std::vector<AccountId> Accounts() const;
  adapter::GoogleOptions google() const;
  // Gives the client the grant of the account. CALSYNC_ACCESS_TOKEN, if set, is the token of all: for tests and short looks.
  absl::Status SetGrant(adapter::GoogleClient& client, const AccountId& account) const;
  // What a runner gets for each group.
  std::vector<adapter::Runner::Linked> Linked() const;
  // The last segment of the addresses to which a group's notifications come; one for each key.
  std::vector<std::string> NotifyPaths(const GroupId& group) const;

  // Replaces the settings file, if the new text can be read, and takes it over.
  absl::Status Rewrite(const std::string& text);
  absl::StatusOr<std::string> Text() const;

 private:
  adapter::Settings settings_;
  std::vector<adapter::InstanceKey> keys_;
};

// 2 for what settings and the command line are to blame for, 3 for the machine.
int ExitCodeOf(const absl::Status& status);
// Says what failed and gives the exit code.
int Fail(const absl::Status& status);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_INSTALLATION_H_
