// What a person chose about their installation: one TOML file, read once, then values.
//
// Here lives what must outlive the database: the instance's id, the groups, and a stable key for each linked calendar. Secrets
// are elsewhere (secrets.h): the file may be shown to others.

#ifndef CALSYNC_ADAPTER_CONFIG_SETTINGS_H_
#define CALSYNC_ADAPTER_CONFIG_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/ids.h"
#include "engine/base/siphash.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/policy.h"

namespace calsync::adapter {

// Which way events go through a calendar. A shorthand: directions say the same, pair by pair.
enum class Flow : uint8_t {
  kBoth,
  kSource,  // Its events block elsewhere; it gets no blocks.
  kTarget,  // It gets blocks; its events block nowhere.
};

struct CalendarSettings {
  CalendarKey key;  // Random, for ever. 16 hexadecimal digits in the file.
  AccountId account;
  CalendarId google_id;
  std::string name;
  LinkState state = LinkState::kEnabled;
  Flow flow = Flow::kBoth;
};

struct GroupSettings {
  GroupId id;
  bool paused = false;  // Nothing is asked and nothing written until it is lifted; what exists stays.
  std::vector<CalendarSettings> calendars;
  Policy policy;
  std::vector<Direction> directions;  // As written, before the calendars' flows are added.

  const CalendarSettings* Find(CalendarKey key) const;
  const CalendarSettings* FindByName(absl::string_view name) const;  // By name, else by Google's id.
};

// Where Google is. The defaults are the real one; `calsync fake serve` is another.
struct GoogleSettings {
  std::string client_file;  // The JSON that Google's console gives for a client; empty: none yet.
  std::string api_root = "https://www.googleapis.com/calendar/v3/";
  std::string authorization_uri = "https://accounts.google.com/o/oauth2/v2/auth";
  std::string token_uri = "https://oauth2.googleapis.com/token";
  std::string ca_file;  // Trusted instead of the system's; empty: the system's.
};

// The page on which a running CalSync shows how it is, with /healthz and /metrics.
struct PageSettings {
  std::string listen;   // On this machine alone, "127.0.0.1:8087"; empty: no page.
  bool titles = false;  // Show and search titles of events: whoever uses this machine can read the page.
  friend bool operator==(const PageSettings&, const PageSettings&) = default;
};

struct Settings {
  std::string file;  // This file, for messages and for who edits it.
  InstanceId instance;
  std::string state_folder;  // Database, grants, locks. Absolute.
  GoogleSettings google;
  std::string listen;  // Where notifications arrive, "127.0.0.1:8086"; empty: none, polling alone.
  PageSettings page;
  std::vector<GroupSettings> groups;

  const GroupSettings* Find(const GroupId& group) const;
};

// Reads the text of a settings file. Relative paths in it are taken from the folder of `file`. Errors: InvalidArgument with file,
// line, what is wrong and what would be right; unknown keys are errors, since they are misspelt ones.
absl::StatusOr<Settings> ParseSettings(const std::string& file, absl::string_view text);
// The same of a file. NotFound if there is none.
absl::StatusOr<Settings> ReadSettings(const std::string& file);

// What the engine gets: flows have become directions, and the group's keys are of this group alone. REQUIRES: keys.
GroupConfig ConfigOf(const GroupSettings& group, const InstanceId& instance, const std::vector<SipKey>& keys);

// "c0ffee…", 16 digits.
std::string FormatKey(CalendarKey key);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_SETTINGS_H_
