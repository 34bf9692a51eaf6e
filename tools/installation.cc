#include "tools/installation.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/config/tight_file.h"
#include "engine/base/siphash.h"
#include "engine/base/status_macros.h"
#include "tools/stored_grant.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

constexpr int64_t kAuditKept = 100'000;  // Entries a group: some weeks of a busy one.

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Beside(const std::string& config_file, const char* name) {
  return (std::filesystem::absolute(config_file).parent_path() / name).string();
}

}  // namespace

std::string DefaultConfigFile() {
  if (std::string given = Environment("CALSYNC_CONFIG"); !given.empty()) return given;
  std::string folder = Environment("XDG_CONFIG_HOME");
  if (folder.empty()) folder = absl::StrCat(Environment("HOME"), "/.config");
  return absl::StrCat(folder, "/calsync/calsync.toml");
}

void AddConfigOption(CLI::App* verb, std::string& file) {
  file = DefaultConfigFile();
  verb->add_option("--config", file, "The settings; also CALSYNC_CONFIG.")->type_name("FILE")->capture_default_str();
}

absl::StatusOr<std::unique_ptr<InstanceLock>> InstanceLock::Take(const std::string& file) {
  RETURN_IF_ERROR(adapter::MakeFolder(std::filesystem::path(file).parent_path().string()));
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return absl::PermissionDeniedError(absl::StrCat("cannot open ", file, ": ", std::strerror(errno)));
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<InstanceLock>(new InstanceLock(descriptor));
  close(descriptor);
  return absl::FailedPreconditionError(absl::StrCat("another calsync runs on this database (", file,
                                                    " is held). Stop it first, or give this one a database of its own"));
}

bool InstanceLock::IsHeld(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  close(descriptor);
  return held;
}

InstanceLock::~InstanceLock() { close(descriptor_); }

absl::StatusOr<Installation> Installation::Open(const std::string& config_file) {
  Installation installation;
  ASSIGN_OR_RETURN(installation.settings_, adapter::ReadSettings(config_file));
  if (const absl::Status addresses = adapter::Validate(installation.google()); !addresses.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(config_file, ": [google]: ", addresses.message()));
  }
  ASSIGN_OR_RETURN(installation.keys_, adapter::ReadKeys(Beside(config_file, "calsync.keys")));
  return installation;
}

adapter::Vault Installation::vault() const { return adapter::Vault(Beside(settings_.file, "grants"), keys_); }
adapter::Inbox Installation::inbox() const { return adapter::Inbox(settings_.state_folder + "/inbox"); }
absl::StatusOr<adapter::Epochs> Installation::OpenEpochs() const {
  return adapter::Epochs::Open(Beside(settings_.file, "epochs"));
}

absl::StatusOr<std::unique_ptr<adapter::SqliteStore>> Installation::OpenStore() const {
  RETURN_IF_ERROR(adapter::MakeFolder(settings_.state_folder));
  return adapter::SqliteStore::Open(database_file(), {.store = {.audit_kept = kAuditKept}});
}

std::vector<AccountId> Installation::Accounts() const {
  std::vector<AccountId> accounts;
  for (const adapter::GroupSettings& group : settings_.groups) {
    for (const adapter::CalendarSettings& calendar : group.calendars) accounts.push_back(calendar.account);
  }
  std::sort(accounts.begin(), accounts.end());
  accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
  return accounts;
}

adapter::GoogleOptions Installation::google() const {
  adapter::GoogleOptions options;
  options.api_root = settings_.google.api_root;
  options.token_endpoint = settings_.google.token_uri;
  options.ca_file = settings_.google.ca_file;
  return options;
}

absl::Status Installation::SetGrant(adapter::GoogleClient& client, const AccountId& account) const {
  if (std::string token = Environment("CALSYNC_ACCESS_TOKEN"); !token.empty()) {
    client.SetGrant(account, adapter::StaticTokenGrant{adapter::Secret(std::move(token))});
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> sealed = vault().Get(account.text());
  if (absl::IsNotFound(sealed.status())) {
    return absl::FailedPreconditionError(absl::StrCat("nobody logged in as ", account.text(),
                                                      " yet.\n  To connect it:  calsync login --account ", account.text()));
  }
  RETURN_IF_ERROR(sealed.status());
  ASSIGN_OR_RETURN(adapter::Grant grant, ParseGrant(*sealed));
  client.SetGrant(account, std::move(grant));
  return absl::OkStatus();
}

std::vector<std::string> Installation::NotifyPaths(const GroupId& group) const {
  std::vector<std::string> paths;
  for (const adapter::InstanceKey& key : keys_) {
    paths.push_back(absl::StrFormat("%016x", SipHash64({key.ForPaths(), ~key.ForPaths()}, group.text())));
  }
  return paths;
}

std::vector<adapter::Runner::Linked> Installation::Linked() const {
  std::vector<adapter::Runner::Linked> linked;
  const std::vector<SipKey> keys = adapter::EngineKeys(keys_);
  for (const adapter::GroupSettings& group : settings_.groups) {
    adapter::Runner::Linked one;
    one.config = adapter::ConfigOf(group, settings_.instance, keys);
    if (!one.config.policy.push_address.empty()) {
      absl::StrAppend(&one.config.policy.push_address, "/", NotifyPaths(group.id).front());
    }
    for (const adapter::CalendarSettings& calendar : group.calendars) one.accounts[calendar.key] = calendar.account;
    one.paused = group.paused;
    linked.push_back(std::move(one));
  }
  return linked;
}

absl::StatusOr<std::string> Installation::Text() const { return adapter::ReadFile(settings_.file, adapter::Privacy::kAnybody); }

absl::Status Installation::Rewrite(const std::string& text) {
  ASSIGN_OR_RETURN(adapter::Settings settings, adapter::ParseSettings(settings_.file, text));
  RETURN_IF_ERROR(adapter::WriteTightFile(settings_.file, text, adapter::Existing::kReplace));
  settings_ = std::move(settings);
  return absl::OkStatus();
}

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kDone;
  if (absl::IsInvalidArgument(status) || absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
      absl::IsAlreadyExists(status)) {
    return kUsage;
  }
  return kEnvironment;
}

int Fail(const absl::Status& status) {
  const absl::string_view text = status.message();
  Complain(absl::StrCat(text, text.empty() || text.back() == '.' || text.find('\n') != absl::string_view::npos ? "" : "."));
  return ExitCodeOf(status);
}

}  // namespace calsync::tools
