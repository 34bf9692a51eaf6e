#include "adapter/config/settings.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/config/group_settings.h"
#include "adapter/config/policy_settings.h"
#include "adapter/config/registry.h"
#include "adapter/config/table_reader.h"
#include "adapter/config/tight_file.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

std::string FromFolder(const std::string& file, const std::string& path) {
  if (path.empty()) return path;
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  return (folder / path).lexically_normal().string();  // An absolute path stays what it is.
}

void ReadGoogle(TableReader& table, const std::string& file, GoogleSettings& google) {
  const toml::table* const inner = table.Table("google");
  if (inner == nullptr) return;
  TableReader reader(file, "google", *inner);
  reader.Text("client_file", google.client_file);
  reader.Text("api_root", google.api_root);
  reader.Text("authorization_uri", google.authorization_uri);
  reader.Text("token_uri", google.token_uri);
  reader.Text("ca_file", google.ca_file);
  reader.Number("units_per_minute", 1, 1'000'000'000, google.units_per_minute);
  reader.Number("units_per_minute_and_account", 1, 1'000'000'000, google.units_per_minute_and_account);
  google.client_file = FromFolder(file, google.client_file);
  google.ca_file = FromFolder(file, google.ca_file);
  table.Fail(reader.Finish());
}

// The address to which Google posts; the receiver's own is where it arrives, or where a proxy brings it.
std::string ReadWebhook(TableReader& table, const std::string& file, WebhookSettings& webhook) {
  std::string address;
  const toml::table* const inner = table.Table("webhook");
  if (inner == nullptr) return address;
  TableReader reader(file, "webhook", *inner);
  reader.Text("listen", webhook.listen);
  reader.Text("address", address);
  reader.Text("certificate", webhook.certificate);
  reader.Text("key", webhook.key);
  if (webhook.listen.empty() && !address.empty())
    reader.Complain("address", "needs \"listen\" beside it: where shall it arrive?");
  if (!webhook.listen.empty() && address.empty()) {
    reader.Complain("listen", "needs \"address\" beside it: the public https address that Google posts to");
  }
  if (webhook.certificate.empty() != webhook.key.empty()) {
    const bool has_key = webhook.certificate.empty();
    reader.Complain(has_key ? "key" : "certificate",
                    has_key ? "needs \"certificate\" beside it: the chain, a PEM file" : "needs \"key\" beside it, a PEM file");
  }
  webhook.certificate = FromFolder(file, webhook.certificate);
  webhook.key = FromFolder(file, webhook.key);
  table.Fail(reader.Finish());
  return address;
}

void ReadPage(TableReader& table, const std::string& file, PageSettings& page) {
  const toml::table* const inner = table.Table("page");
  if (inner == nullptr) return;
  TableReader reader(file, "page", *inner);
  reader.Text("listen", page.listen);
  reader.Flag("titles", page.titles);
  table.Fail(reader.Finish());
}

void ReadRunner(TableReader& table, const std::string& file, Settings& settings) {
  const toml::table* const inner = table.Table("runner");
  if (inner == nullptr) return;
  TableReader reader(file, "runner", *inner);
  reader.Number("records", 1000, 1'000'000'000, settings.rows_max);
  table.Fail(reader.Finish());
}

void ReadWorkers(TableReader& table, const std::string& file, Settings& settings) {
  const toml::table* const inner = table.Table("workers");
  if (inner == nullptr) return;
  TableReader reader(file, "workers", *inner);
  reader.Lasting("lease", absl::Seconds(2), settings.lease);
  table.Fail(reader.Finish());
}

// A file that may be shown to others holds no password.
void ReadStore(TableReader& table, std::string& store) {
  table.Text("store", store);
  if (store.empty()) return;
  const size_t scheme = store.find("://");
  const bool is_url =
      scheme != std::string::npos && (store.substr(0, scheme) == "postgres" || store.substr(0, scheme) == "postgresql");
  if (!is_url)
    return table.Complain("store",
                          "takes \"postgres://USER@HOST/DATABASE\"; without it the database is a file in the folder \"state\"");
  const std::string authority = store.substr(scheme + 3, store.find_first_of("/?", scheme + 3) - scheme - 3);
  const size_t at = authority.rfind('@');
  const bool in_authority = at != std::string::npos && authority.substr(0, at).find(':') != std::string::npos;
  if (in_authority || store.find("password=") != std::string::npos) {
    table.Complain("store", "holds a password, which belongs in ~/.pgpass, or in a file that \"?passfile=FILE\" names");
  }
}

std::optional<Rollout> ReadRollout(TableReader& table, const std::string& file) {
  Rollout rollout;
  const toml::table* const inner = table.Table("rollout");
  if (inner == nullptr) return std::nullopt;
  TableReader reader(file, "rollout", *inner);
  const std::vector<std::string> words = {"uuid", "hybrid", "text"};  // In the order of Detection.
  if (const auto word = reader.Word("detection", words)) rollout.detection = static_cast<Detection>(*word);
  if (const auto word = reader.Word("otherwise", words)) rollout.otherwise = static_cast<Detection>(*word);
  reader.Number("share", 0, 100, rollout.share);
  if (!reader.Has("detection")) reader.Complain("detection", "is missing: \"uuid\", \"hybrid\" or \"text\"");
  if (rollout.share < 100 && !reader.Has("otherwise")) {
    reader.Complain("otherwise", "is missing: the detection of the groups that are not in the share");
  }
  table.Fail(reader.Finish());
  return rollout;
}

}  // namespace

const CalendarSettings* GroupSettings::Find(CalendarKey key) const {
  for (const CalendarSettings& calendar : calendars) {
    if (calendar.key == key) return &calendar;
  }
  return nullptr;
}

const CalendarSettings* GroupSettings::FindByName(absl::string_view name) const {
  for (const CalendarSettings& calendar : calendars) {
    if (calendar.name == name) return &calendar;
  }
  for (const CalendarSettings& calendar : calendars) {
    if (calendar.google_id.text() == name) return &calendar;
  }
  return nullptr;
}

namespace {

auto PlaceOf(auto& groups, const GroupId& group) {
  return std::lower_bound(groups.begin(), groups.end(), group,
                          [](const GroupSettings& known, const GroupId& id) { return known.id < id; });
}

}  // namespace

const GroupSettings* Settings::Find(const GroupId& group) const {
  const auto found = PlaceOf(groups, group);
  return found != groups.end() && found->id == group ? &*found : nullptr;
}

absl::StatusOr<GroupSettings> Settings::Accept(GroupSettings group) {
  const auto place = PlaceOf(groups, group.id);
  if (place == groups.end() || place->id != group.id) return *groups.insert(place, std::move(group));
  if (place->in_registry != group.in_registry) {
    return absl::InvalidArgumentError(absl::StrCat("\"", group.id.text(), "\" is in ", file, " and in ",
                                                   RegistryFile(file, group.id), ": one of them has to go"));
  }
  if (!group.in_registry) return absl::InvalidArgumentError(absl::StrCat("\"", group.id.text(), "\" is there twice"));
  return *place = std::move(group);
}

void Settings::Leave(const GroupId& group) {
  const auto place = PlaceOf(groups, group);
  if (place != groups.end() && place->id == group) groups.erase(place);
}

void Settings::KeepBroken(const Settings& before) {
  for (const auto& [group, why] : broken) {
    const GroupSettings* const known = before.Find(group);
    if (known == nullptr || Find(group) != nullptr) continue;
    GroupSettings kept = *known;
    kept.in_registry = true;  // That is where its file is now: it may just have moved there.
    groups.insert(PlaceOf(groups, group), std::move(kept));
  }
}

bool IsGroupName(absl::string_view name) {
  constexpr absl::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !name.empty() && name.size() <= 200 && name[0] != '.' && name.find_first_not_of(kLetters) == absl::string_view::npos;
}

absl::StatusOr<Settings> ParseSettings(const std::string& file, absl::string_view text) {
  ASSIGN_OR_RETURN(const toml::table parsed, ParseToml(file, text));
  Settings settings;
  settings.file = file;
  TableReader table(file, "", parsed);
  std::string instance;
  std::string state = "state";
  table.Text("instance", instance);
  table.Text("state", state);
  settings.state_folder = FromFolder(file, state);
  ReadStore(table, settings.store);
  const std::optional<absl::uint128> id = ParseUuid(instance);
  if (!id || *id == 0) table.Complain("instance", "takes the UUID that `calsync init` chose; never change it");
  settings.instance = InstanceId{id.value_or(0)};
  ReadGoogle(table, file, settings.google);
  const std::string push_address = ReadWebhook(table, file, settings.webhook);
  ReadPage(table, file, settings.page);
  ReadRunner(table, file, settings);
  ReadWorkers(table, file, settings);
  settings.defaults.rollout = ReadRollout(table, file);
  if (const toml::table* const policy = table.Table("policy")) {
    TableReader reader(file, "policy", *policy);
    ReadPolicy(reader, file, settings.defaults.policy);
    table.Fail(reader.Finish());
  }
  settings.defaults.policy.push_address = push_address;
  for (const toml::table* group : table.Tables("group")) {
    const absl::StatusOr<GroupSettings> taken = settings.Accept(ReadGroup(table, file, *group, settings.defaults));
    if (!taken.ok()) table.Complain("group", taken.status().message());
  }
  RETURN_IF_ERROR(table.Finish());
  return settings;
}

absl::StatusOr<Settings> ReadSettings(const std::string& file) {
  const absl::StatusOr<std::string> text = ReadFile(file, Privacy::kAnybody);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(absl::StrCat("there are no settings at ", file, ". `calsync init` makes them"));
  }
  RETURN_IF_ERROR(text.status());
  ASSIGN_OR_RETURN(Settings settings, ParseSettings(file, *text));
  RETURN_IF_ERROR(ReadRegistry(settings));
  return settings;
}

GroupConfig ConfigOf(const GroupSettings& group, const InstanceId& instance, const std::vector<SipKey>& keys) {
  GroupConfig config;
  config.id = group.id;
  config.instance = instance;
  config.keys = keys;
  config.policy = group.policy;
  config.directions = group.directions;
  for (const CalendarSettings& calendar : group.calendars) {
    config.calendars.push_back(
        {.key = calendar.key, .google_id = calendar.google_id, .name = calendar.name, .state = calendar.state});
  }
  for (const CalendarSettings& source : group.calendars) {
    for (const CalendarSettings& target : group.calendars) {
      if (source.key == target.key || (source.flow != Flow::kTarget && target.flow != Flow::kSource)) continue;
      config.EditPolicyFor(source.key, target.key).mirrors = false;
    }
  }
  return config;
}

std::vector<Overlap> OverlapsOf(const Settings& settings) {
  std::vector<Overlap> overlaps;
  absl::btree_map<std::pair<CalendarId, CalendarId>, GroupId> ways;
  for (const GroupSettings& group : settings.groups) {
    if (group.removing) continue;
    const GroupConfig config = ConfigOf(group, settings.instance, {});
    absl::btree_set<GroupId> told;
    for (const CalendarSettings& source : group.calendars) {
      for (const CalendarSettings& target : group.calendars) {
        const bool both = source.state == LinkState::kEnabled && target.state == LinkState::kEnabled;
        if (source.key == target.key || !both || !config.PolicyFor(source.key, target.key).mirrors) continue;
        const auto [way, is_new] = ways.try_emplace({source.google_id, target.google_id}, group.id);
        if (is_new || !told.insert(way->second).second) continue;
        overlaps.push_back({.group = way->second, .other = group.id, .source = source.google_id, .target = target.google_id});
      }
    }
  }
  return overlaps;
}

std::string FormatOverlap(const Overlap& overlap) {
  return absl::StrCat("the groups \"", overlap.group.text(), "\" and \"", overlap.other.text(), "\" both link ",
                      overlap.source.text(), " and ", overlap.target.text(),
                      ": each event there gets two blocks. Take the calendars out of one of the two, or one of the groups away");
}

std::string FormatKey(CalendarKey key) { return absl::StrFormat("%016x", key.value()); }

}  // namespace calsync::adapter
