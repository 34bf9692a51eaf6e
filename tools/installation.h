// One installation of CalSync, as its settings say: what every verb of production opens first.
//
//   CONFIG/calsync.toml    settings     CONFIG/calsync.keys    the instance's keys
//   CONFIG/grants/         sealed       CONFIG/epochs          how far the database was known to be
//   CONFIG/groups/         the registry
//   STATE/calsync.db       the store, unless it is on PostgreSQL
//   STATE/lock             held by the one who runs
//   STATE/inbox/           orders to it                STATE/report.json      how it is, as it last said

#ifndef CALSYNC_TOOLS_INSTALLATION_H_
#define CALSYNC_TOOLS_INSTALLATION_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapter/config/secrets.h"
#include "adapter/config/settings.h"
#include "adapter/google/google_client.h"
#include "adapter/google/grant.h"
#include "adapter/runner/epochs.h"
#include "adapter/runner/inbox.h"
#include "adapter/runner/runner.h"
#include "adapter/store/store.h"
#include "engine/host/audit.h"

namespace calsync::tools {

// --config, else CALSYNC_CONFIG, else ~/.config/calsync/calsync.toml.
std::string DefaultConfigFile();
// Declares --config.
void AddConfigOption(CLI::App* verb, std::string& file);

// Opens a database by its name: the path of a file, or a URL of PostgreSQL.
absl::StatusOr<std::unique_ptr<adapter::Store>> OpenStoreAt(const std::string& database);

// Held for as long as it lives. One process at a time runs a database.
class InstanceLock {
 public:
  enum class Sharing : uint8_t { kAlone, kWithWorkers };
  // FailedPrecondition if another process holds it, unless both share.
  static absl::StatusOr<std::unique_ptr<InstanceLock>> Take(const std::string& file, Sharing sharing = Sharing::kAlone);
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
  // The same once more, for a process that runs: a group whose file is broken now stays as it is here.
  absl::StatusOr<Installation> OpenAgain() const;

  const adapter::Settings& settings() const { return settings_; }
  const std::vector<adapter::InstanceKey>& keys() const { return keys_; }
  adapter::Vault vault() const;
  adapter::Inbox inbox() const;
  std::string lock_file() const { return settings_.state_folder + "/lock"; }
  std::string report_file() const { return settings_.state_folder + "/report.json"; }
  // Of one of several workers.
  std::string report_file(const std::string& worker) const {
    return absl::StrCat(settings_.state_folder, "/report-", worker, ".json");
  }
  std::string database_file() const { return settings_.state_folder + "/calsync.db"; }
  // Where the settings say that the database is: that file, or a URL of PostgreSQL. OpenStore makes what is not there yet.
  std::string database() const { return settings_.store.empty() ? database_file() : settings_.store; }
  bool HasDatabase() const;
  absl::StatusOr<std::unique_ptr<adapter::Store>> OpenStore() const;
  absl::StatusOr<adapter::Epochs> OpenEpochs() const;

  // Every account that a calendar is linked with, each once, in order.
  std::vector<AccountId> Accounts() const;
  adapter::GoogleOptions google() const;
  // The grant that is kept for the account, its own or that of who acts for it; whether Google still takes it, it does not tell.
  // CALSYNC_ACCESS_TOKEN, if set, is the token of all: for tests and short looks. Errors say what to do.
  absl::StatusOr<adapter::Grant> GrantOf(const AccountId& account) const;
  // Gives it to the client.
  absl::Status SetGrant(adapter::GoogleClient& client, const AccountId& account) const;
  // What a runner gets for a group.
  adapter::Runner::Linked Linked(const adapter::GroupSettings& group) const;
  // The last segment of the addresses to which a group's notifications come; one for each key.
  std::vector<std::string> NotifyPaths(const GroupId& group) const;

  // The file that says what the group is: one of the registry, or the settings file, also for one that is not there yet.
  std::string FileOf(const GroupId& group) const;
  absl::StatusOr<std::string> Text(const GroupId& group) const;
  // Replaces that file, if the new text can be understood, and takes it over.
  absl::Status Rewrite(const GroupId& group, const std::string& text);
  // Puts a new file into the registry. AlreadyExists if there is one.
  absl::Status Register(const GroupId& group, const std::string& text);
  // Takes the group out of the settings or of the registry.
  absl::Status Leave(const GroupId& group);
  // Reads one file of the registry again: the group is what it says now, or gone. What is wrong with it changes nothing.
  absl::Status ReadAgain(const GroupId& group);

 private:
  void TakeOver(adapter::Settings settings);

  adapter::Settings settings_;
  std::vector<adapter::InstanceKey> keys_;
  std::map<AccountId, std::string> delegates_;  // Who acts for accounts that have no grant of their own.
};

// A block is not there any more by our doing.
inline bool IsBlockGone(const AuditEntry& entry) {
  return entry.kind == AuditKind::kBlockDeleted || entry.kind == AuditKind::kSurplusRemoved;
}

// Nothing is due in any direction, so whatever bears our ids is surplus, and surplus goes (design, classification).
void NothingIsDue(adapter::Runner::Linked& group);

// 2 for what settings and the command line are to blame for, 3 for the machine.
int ExitCodeOf(const absl::Status& status);
// Says what failed and gives the exit code.
int Fail(const absl::Status& status);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_INSTALLATION_H_
