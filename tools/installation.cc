#include "tools/installation.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/config/edit.h"
#include "adapter/config/registry.h"
#include "adapter/config/tight_file.h"
#include "adapter/http/target.h"
#include "adapter/store/postgres_store.h"
#include "adapter/store/sqlite_store.h"
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

// What is wrong with the places at which the installation is to be reached; empty if nothing is.
std::string WhyNotReached(const adapter::Settings& settings) {
  const std::string& hook = settings.webhook.listen;
  if (!hook.empty()) {
    if (!http::ParseEndpoint(hook))
      return absl::StrCat("[webhook]: listen takes an address and a port, as 127.0.0.1:8086, not \"", hook, "\"");
    const std::string& address = settings.defaults.policy.push_address;
    const std::optional<http::Address> to = http::ParseAddress(address);
    if (!to || (!to->secure && !http::IsLoopback(to->host)))
      return absl::StrCat("[webhook]: address takes the public https address that Google posts to, not \"", address, "\"");
  }
  const std::string& page = settings.page.listen;
  if (page.empty()) return "";
  const std::optional<http::Endpoint> place = http::ParseEndpoint(page);
  if (place && http::IsLoopback(place->address)) return "";
  return absl::StrCat("[page]: listen takes an address of this machine alone and a port, as 127.0.0.1:8087, not \"", page,
                      "\": whoever reaches it reads the page");
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

absl::StatusOr<std::unique_ptr<InstanceLock>> InstanceLock::Take(const std::string& file, Sharing sharing) {
  RETURN_IF_ERROR(adapter::MakeFolder(std::filesystem::path(file).parent_path().string()));
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return absl::PermissionDeniedError(absl::StrCat("cannot open ", file, ": ", std::strerror(errno)));
  if (flock(descriptor, (sharing == Sharing::kAlone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
    return std::unique_ptr<InstanceLock>(new InstanceLock(descriptor));
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
  ASSIGN_OR_RETURN(adapter::Settings settings, adapter::ReadSettings(config_file));
  installation.TakeOver(std::move(settings));
  if (const absl::Status addresses = adapter::Validate(installation.google()); !addresses.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(config_file, ": [google]: ", addresses.message()));
  }
  if (const std::string problem = WhyNotReached(installation.settings()); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(config_file, ": ", problem));
  }
  const std::string file = Beside(config_file, "calsync.keys");
  absl::StatusOr<std::vector<adapter::InstanceKey>> keys = adapter::ReadKeys(file);
  if (absl::IsNotFound(keys.status())) {
    return absl::NotFoundError(absl::StrCat(
        file,
        ", with the keys of this installation, is not there: without them it does not know the blocks that it made.\n"
        "  Put the copy back that was kept of it, or its keys into CALSYNC_KEYS. If there is none: move ",
        config_file,
        " away,\n  make a new installation by `calsync init`, and let `calsync retire` take away what this one made."));
  }
  RETURN_IF_ERROR(keys.status());
  installation.keys_ = *std::move(keys);
  return installation;
}

absl::StatusOr<Installation> Installation::OpenAgain() const {
  ASSIGN_OR_RETURN(Installation again, Open(settings_.file));
  again.settings_.KeepBroken(settings_);
  again.TakeOver(std::move(again.settings_));
  return again;
}

adapter::Vault Installation::vault() const { return adapter::Vault(Beside(settings_.file, "grants"), keys_); }
adapter::Inbox Installation::inbox() const { return adapter::Inbox(settings_.state_folder + "/inbox"); }
absl::StatusOr<adapter::Epochs> Installation::OpenEpochs() const {
  return adapter::Epochs::Open(Beside(settings_.file, "epochs"));
}

absl::StatusOr<std::unique_ptr<adapter::Store>> OpenStoreAt(const std::string& database) {
  const adapter::StoreOptions options{.audit_kept = kAuditKept};
  if (adapter::IsPostgresUrl(database)) return adapter::PostgresStore::Open(database, {.store = options});
  return adapter::SqliteStore::Open(database, {.store = options});
}

absl::StatusOr<std::unique_ptr<adapter::Store>> Installation::OpenStore() const {
  RETURN_IF_ERROR(adapter::MakeFolder(settings_.state_folder));
  return OpenStoreAt(database());
}

bool Installation::HasDatabase() const {
  std::error_code error;
  return !settings_.store.empty() || std::filesystem::exists(database_file(), error);
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
  // Burst and rate together stay below the quota, and leave some of it to others (pacing.h).
  if (const auto units = static_cast<double>(settings_.google.units_per_minute); units > 0) {
    options.limits.project = {.per_minute = 0.9 * units, .burst = 0.06 * units};
  }
  if (const auto units = static_cast<double>(settings_.google.units_per_minute_and_account); units > 0) {
    options.limits.account = {.per_minute = 0.8 * units, .burst = 0.1 * units};
  }
  return options;
}

absl::Status Installation::SetGrant(adapter::GoogleClient& client, const AccountId& account) const {
  ASSIGN_OR_RETURN(adapter::Grant grant, GrantOf(account));
  client.SetGrant(account, std::move(grant));
  return absl::OkStatus();
}

absl::StatusOr<adapter::Grant> Installation::GrantOf(const AccountId& account) const {
  if (std::string token = Environment("CALSYNC_ACCESS_TOKEN"); !token.empty()) {
    return adapter::StaticTokenGrant{adapter::Secret(std::move(token))};
  }
  absl::StatusOr<std::string> sealed = vault().Get(account.text());
  const auto delegate = delegates_.find(account);
  const bool delegated = absl::IsNotFound(sealed.status()) && delegate != delegates_.end();
  if (delegated) sealed = vault().Get(delegate->second);
  if (delegated && absl::IsNotFound(sealed.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key of ", delegate->second, ", which is to act for ", account.text(),
                     ", is not here.\n  To bring it:  calsync login --service-account FILE.json --account ", delegate->second));
  }
  if (absl::IsNotFound(sealed.status())) {
    return absl::FailedPreconditionError(absl::StrCat("nobody logged in as ", account.text(),
                                                      " yet.\n  To connect it:  calsync login --account ", account.text()));
  }
  if (absl::IsDataLoss(sealed.status())) {
    const std::string login = delegated ? absl::StrCat("--service-account FILE.json --account ", delegate->second)
                                        : absl::StrCat("--account ", account.text());
    return absl::DataLossError(
        absl::StrCat("the grant of ", delegated ? delegate->second : account.str(),
                     " cannot be opened: it was sealed with other keys than those of this installation, or it is damaged."
                     "\n  If calsync.keys was exchanged, put the right one back: without it the blocks that were made are not "
                     "known, either.\n  If it is the right one:  calsync login ",
                     login));
  }
  RETURN_IF_ERROR(sealed.status());
  ASSIGN_OR_RETURN(adapter::Grant grant, ParseGrant(*sealed));
  if (delegated) {
    auto* const robot = std::get_if<adapter::ServiceAccountGrant>(&grant);
    if (robot == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat(delegate->second, " is no service account, and cannot act for ", account.text()));
    }
    robot->subject = account.str();
  }
  return grant;
}

std::vector<std::string> Installation::NotifyPaths(const GroupId& group) const {
  std::vector<std::string> paths;
  for (const adapter::InstanceKey& key : keys_) {
    paths.push_back(absl::StrFormat("%016x", SipHash64({key.ForPaths(), ~key.ForPaths()}, group.text())));
  }
  return paths;
}

adapter::Runner::Linked Installation::Linked(const adapter::GroupSettings& group) const {
  adapter::Runner::Linked linked;
  linked.config = adapter::ConfigOf(group, settings_.instance, adapter::EngineKeys(keys_));
  if (!linked.config.policy.push_address.empty()) {
    absl::StrAppend(&linked.config.policy.push_address, "/", NotifyPaths(group.id).front());
  }
  for (const adapter::CalendarSettings& calendar : group.calendars) linked.accounts[calendar.key] = calendar.account;
  linked.paused = group.paused;
  if (group.removing) NothingIsDue(linked);
  return linked;
}

void NothingIsDue(adapter::Runner::Linked& group) {
  group.paused = false;
  group.config.policy.mirrors = false;
  group.config.policy.breaker = false;  // The operator's word explains every write.
  group.config.policy.tag_user_events = TagUserEvents::kOff;
  group.config.policy.on_block_edited = OnBlockEdited::kRestore;
  group.config.directions.clear();
  for (LinkedCalendar& calendar : group.config.calendars) calendar.state = LinkState::kEnabled;
}

void Installation::TakeOver(adapter::Settings settings) {
  settings_ = std::move(settings);
  delegates_.clear();
  for (const adapter::GroupSettings& group : settings_.groups) {
    if (group.delegate.empty()) continue;
    for (const adapter::CalendarSettings& calendar : group.calendars) delegates_.emplace(calendar.account, group.delegate);
  }
}

std::string Installation::FileOf(const GroupId& group) const {
  const adapter::GroupSettings* const known = settings_.Find(group);
  const bool in_registry = known == nullptr ? settings_.broken.contains(group) : known->in_registry;
  return in_registry ? adapter::RegistryFile(settings_.file, group) : settings_.file;
}

absl::StatusOr<std::string> Installation::Text(const GroupId& group) const {
  return adapter::ReadFile(FileOf(group), adapter::Privacy::kAnybody);
}

absl::Status Installation::Rewrite(const GroupId& group, const std::string& text) {
  const std::string file = FileOf(group);
  if (file != settings_.file) {
    RETURN_IF_ERROR(adapter::ParseGroupFile(file, text, settings_.defaults).status());
    RETURN_IF_ERROR(adapter::WriteTightFile(file, text, adapter::Existing::kReplace));
    return ReadAgain(group);
  }
  RETURN_IF_ERROR(adapter::ParseSettings(file, text).status());
  RETURN_IF_ERROR(adapter::WriteTightFile(file, text, adapter::Existing::kReplace));
  ASSIGN_OR_RETURN(adapter::Settings settings, adapter::ReadSettings(file));
  settings.KeepBroken(settings_);
  TakeOver(std::move(settings));
  return absl::OkStatus();
}

absl::Status Installation::Register(const GroupId& group, const std::string& text) {
  const std::string file = adapter::RegistryFile(settings_.file, group);
  RETURN_IF_ERROR(adapter::ParseGroupFile(file, text, settings_.defaults).status());
  return adapter::WriteTightFile(file, text, adapter::Existing::kRefuse);
}

absl::Status Installation::Leave(const GroupId& group) {
  const std::string file = FileOf(group);
  if (file == settings_.file) {
    ASSIGN_OR_RETURN(std::string text, Text(group));
    ASSIGN_OR_RETURN(text, adapter::RemoveGroup(text, group));
    return Rewrite(group, text);
  }
  RETURN_IF_ERROR(adapter::RemoveFile(file));
  settings_.Leave(group);
  settings_.broken.erase(group);
  return absl::OkStatus();
}

absl::Status Installation::ReadAgain(const GroupId& group) {
  absl::StatusOr<adapter::GroupSettings> read = adapter::ReadGroupFile(settings_.file, group, settings_.defaults);
  if (absl::IsNotFound(read.status())) {
    const adapter::GroupSettings* const known = settings_.Find(group);
    if (known != nullptr && known->in_registry) settings_.Leave(group);
    settings_.broken.erase(group);
    return absl::OkStatus();
  }
  if (read.ok()) read = settings_.Accept(*std::move(read));
  if (!read.ok()) {
    settings_.broken[group] = read.status();
    return read.status();
  }
  settings_.broken.erase(group);
  if (read->delegate.empty()) return absl::OkStatus();
  for (const adapter::CalendarSettings& calendar : read->calendars) delegates_[calendar.account] = read->delegate;
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
