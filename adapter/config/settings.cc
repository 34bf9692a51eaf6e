#include "adapter/config/settings.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapter/config/policy_settings.h"
#include "adapter/config/table_reader.h"
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
  google.client_file = FromFolder(file, google.client_file);
  google.ca_file = FromFolder(file, google.ca_file);
  table.Fail(reader.Finish());
}

// The address to which Google posts; the receiver's own is where a proxy brings it.
std::string ReadWebhook(TableReader& table, const std::string& file, Settings& settings) {
  std::string address;
  const toml::table* const inner = table.Table("webhook");
  if (inner == nullptr) return address;
  TableReader reader(file, "webhook", *inner);
  reader.Text("listen", settings.listen);
  reader.Text("address", address);
  if (settings.listen.empty() && !address.empty())
    reader.Complain("address", "needs \"listen\" beside it: where shall it arrive?");
  if (!settings.listen.empty() && address.empty()) {
    reader.Complain("listen", "needs \"address\" beside it: the public https address that Google posts to");
  }
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

CalendarSettings ReadCalendar(TableReader& group, const std::string& file, const toml::table& table) {
  CalendarSettings calendar;
  std::string key;
  std::string account;
  std::string id;
  TableReader reader(file, "calendar", table);
  reader.Text("key", key);
  reader.Text("account", account);
  reader.Text("id", id);
  reader.Text("name", calendar.name);
  if (const auto state = reader.Word("state", {"enabled", "disabled", "removed"}))
    calendar.state = static_cast<LinkState>(*state);
  if (const auto flow = reader.Word("direction", {"both", "source", "target"})) calendar.flow = static_cast<Flow>(*flow);
  uint64_t number = 0;
  if (key.size() != 16 || !absl::SimpleHexAtoi(key, &number) || number == 0) {
    reader.Complain("key", "takes the 16 hexadecimal digits that `calsync calendars add` chose; never change them");
  }
  if (account.empty()) reader.Complain("account", "is missing: the address that logged in");
  if (id.empty() || id == "primary") reader.Complain("id", "takes Google's calendar id; `calsync calendars` lists them");
  calendar.key = CalendarKey(number);
  calendar.account = AccountId(account);
  calendar.google_id = CalendarId(id);
  if (calendar.name.empty()) calendar.name = id;
  group.Fail(reader.Finish());
  return calendar;
}

Direction ReadDirection(TableReader& parent, const std::string& file, const GroupSettings& group, const toml::table& table) {
  Direction direction{.source = CalendarKey(), .target = CalendarKey(), .policy = group.policy};
  TableReader reader(file, "direction", table);
  const auto find = [&](absl::string_view key) {
    std::string name;
    reader.Text(key, name);
    const CalendarSettings* const found = group.FindByName(name);
    if (found != nullptr) return found->key;
    reader.Complain(key, absl::StrCat("takes the name of a calendar of this group; \"", name, "\" is none"));
    return CalendarKey();
  };
  direction.source = find("from");
  direction.target = find("to");
  ReadDirectionPolicy(reader, file, direction.policy);
  parent.Fail(reader.Finish());
  return direction;
}

// How groups are switched over, some first: those in the share have one detection, the rest another.
struct Rollout {
  Detection detection = Detection::kUuid;
  Detection otherwise = Detection::kUuid;
  int64_t share = 100;  // Per cent.

  Detection For(const GroupId& group) const { return InShare(group, static_cast<int>(share)) ? detection : otherwise; }
};

Rollout ReadRollout(TableReader& table, const std::string& file) {
  Rollout rollout;
  const toml::table* const inner = table.Table("rollout");
  if (inner == nullptr) return rollout;
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

GroupSettings ReadGroup(TableReader& parent, const std::string& file, const toml::table& table, const Rollout& rollout) {
  GroupSettings group;
  std::string name;
  TableReader reader(file, "group", table);
  reader.Text("name", name);
  reader.Flag("paused", group.paused);
  constexpr absl::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (name.empty() || absl::string_view(name).find_first_not_of(kNameLetters) != absl::string_view::npos) {
    reader.Complain("name", "takes small letters, digits, \"-\", \"_\" and \".\"");
  }
  group.id = GroupId(name);
  group.policy.detection = rollout.For(group.id);
  if (const toml::table* const policy = reader.Table("policy")) {
    TableReader inner(file, "policy", *policy);
    ReadPolicy(inner, file, group.policy);
    reader.Fail(inner.Finish());
  }
  for (const toml::table* calendar : reader.Tables("calendar")) {
    CalendarSettings read = ReadCalendar(reader, file, *calendar);
    for (const CalendarSettings& other : group.calendars) {
      if (other.key == read.key) reader.Complain("calendar", absl::StrCat("has the key ", FormatKey(read.key), " twice"));
      if (other.google_id == read.google_id) {
        reader.Complain("calendar", absl::StrCat("\"", read.google_id.text(), "\" is linked twice; one of them has to go"));
      }
      if (other.name == read.name) reader.Complain("calendar", absl::StrCat("has the name \"", read.name, "\" twice"));
    }
    group.calendars.push_back(std::move(read));
  }
  for (const toml::table* direction : reader.Tables("direction")) {
    group.directions.push_back(ReadDirection(reader, file, group, *direction));
  }
  if (const absl::Status read = reader.Finish(); !read.ok()) {
    parent.Fail(read);
  } else if (const std::string problem = ConfigOf(group, {}, {}).Problem(); !problem.empty()) {
    parent.Complain("group", absl::StrCat("\"", name, "\": ", problem));
  }
  return group;
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

const GroupSettings* Settings::Find(const GroupId& group) const {
  for (const GroupSettings& known : groups) {
    if (known.id == group) return &known;
  }
  return nullptr;
}

absl::StatusOr<Settings> ParseSettings(const std::string& file, absl::string_view text) {
  toml::table parsed;
  try {
    parsed = toml::parse(std::string_view(text.data(), text.size()), file);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", error.source().begin.line, ": this is not TOML: ", std::string(error.description())));
  }
  Settings settings;
  settings.file = file;
  TableReader table(file, "", parsed);
  std::string instance;
  std::string state = "state";
  table.Text("instance", instance);
  table.Text("state", state);
  settings.state_folder = FromFolder(file, state);
  const std::optional<absl::uint128> id = ParseUuid(instance);
  if (!id || *id == 0) table.Complain("instance", "takes the UUID that `calsync init` chose; never change it");
  settings.instance = InstanceId{id.value_or(0)};
  ReadGoogle(table, file, settings.google);
  const std::string push_address = ReadWebhook(table, file, settings);
  ReadPage(table, file, settings.page);
  const Rollout rollout = ReadRollout(table, file);
  for (const toml::table* group : table.Tables("group")) {
    GroupSettings read = ReadGroup(table, file, *group, rollout);
    read.policy.push_address = push_address;
    if (settings.Find(read.id) != nullptr) table.Complain("group", absl::StrCat("\"", read.id.text(), "\" is there twice"));
    settings.groups.push_back(std::move(read));
  }
  RETURN_IF_ERROR(table.Finish());
  return settings;
}

absl::StatusOr<Settings> ReadSettings(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const std::string why = std::strerror(errno);
    if (errno != ENOENT) return absl::PermissionDeniedError(absl::StrCat("cannot read ", file, ": ", why));
    return absl::NotFoundError(absl::StrCat("there are no settings at ", file, ". `calsync init` makes them"));
  }
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return ParseSettings(file, text);
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

std::string FormatKey(CalendarKey key) { return absl::StrFormat("%016x", key.value()); }

}  // namespace calsync::adapter
