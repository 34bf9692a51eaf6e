#include "adapter/config/group_settings.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapter/config/policy_settings.h"

namespace calsync::adapter {
namespace {

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

}  // namespace

GroupSettings ReadGroup(TableReader& parent, const std::string& file, const toml::table& table, const GroupDefaults& defaults) {
  GroupSettings group{.policy = defaults.policy};
  std::string name;
  TableReader reader(file, "group", table);
  reader.Text("name", name);
  reader.Flag("paused", group.paused);
  reader.Flag("removing", group.removing);
  reader.Text("delegate", group.delegate);
  if (!IsGroupName(name)) reader.Complain("name", absl::StrCat("takes ", kGroupNameRule));
  group.id = GroupId(name);
  if (defaults.rollout.has_value()) group.policy.detection = defaults.rollout->For(group.id);
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

}  // namespace calsync::adapter
