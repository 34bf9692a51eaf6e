// What a person chose about their installation: one TOML file, read once, then values.
//
// Here lives what must outlive the database: the instance's id, the groups, and a stable key for each linked calendar. Secrets
// are elsewhere (secrets.h): the file may be shown to others.

#ifndef CALSYNC_ADAPTER_CONFIG_SETTINGS_H_
#define CALSYNC_ADAPTER_CONFIG_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
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
  GroupId id{};
  bool in_registry = false;  // In a file of its own (registry.h).
  bool paused = false;       // Nothing is asked and nothing written until it is lifted; what exists stays.
  bool removing = false;     // Its blocks are taken away, then it is taken out of the settings.
  // The service account that acts for those of its accounts that have no grant of their own: whose key is in the vault by its
  // address. Empty: none does.
  std::string delegate;
  std::vector<CalendarSettings> calendars;
  Policy policy;
  std::vector<Direction> directions;  // As written, before the calendars' flows are added.

  const CalendarSettings* Find(CalendarKey key) const;
  const CalendarSettings* FindByName(absl::string_view name) const;  // By name, else by Google's id.
};

// How groups are switched over, some first: those in the share have one detection, the rest another.
struct Rollout {
  Detection detection = Detection::kUuid;
  Detection otherwise = Detection::kUuid;
  int64_t share = 100;  // Per cent.

  Detection For(const GroupId& group) const { return InShare(group, static_cast<int>(share)) ? detection : otherwise; }
};

// What holds for every group that does not say otherwise.
struct GroupDefaults {
  Policy policy;
  std::optional<Rollout> rollout;
};

// Where Google is. The defaults are the real one; `calsync fake serve` is another.
struct GoogleSettings {
  std::string client_file;  // The JSON that Google's console gives for a client; empty: none yet.
  std::string api_root = "https://www.googleapis.com/calendar/v3/";
  std::string authorization_uri = "https://accounts.google.com/o/oauth2/v2/auth";
  std::string token_uri = "https://oauth2.googleapis.com/token";
  std::string ca_file;  // Trusted instead of the system's; empty: the system's.
  // What may leave in any minute: of the project's quota, and of each account's. 0: what Google allows who asked for no more.
  int64_t units_per_minute = 0;
  int64_t units_per_minute_and_account = 0;
  friend bool operator==(const GoogleSettings&, const GoogleSettings&) = default;
};

// Where notifications arrive.
struct WebhookSettings {
  std::string listen;       // "127.0.0.1:8086"; empty: nowhere, calendars are polled.
  std::string certificate;  // PEM, with its chain; empty: a proxy in front ends TLS.
  std::string key;          // PEM, readable by its owner alone.
  friend bool operator==(const WebhookSettings&, const WebhookSettings&) = default;
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
  std::string store;         // "postgres://…": the database is there; empty: it is a file in the state's folder.
  GoogleSettings google;
  WebhookSettings webhook;
  PageSettings page;
  absl::Duration lease = absl::Seconds(60);  // Of a worker, where several share a database.
  int64_t rows_max = 300'000;                // In memory, of all groups together.
  GroupDefaults defaults;
  std::vector<GroupSettings>
      groups;  // Of this file and of the registry, in the order of their names. By Accept, Leave and KeepBroken alone.
  absl::btree_map<GroupId, absl::Status>
      broken;  // Files of the registry that cannot be understood: these groups do not run, or as before.

  const GroupSettings* Find(const GroupId& group) const;
  // Takes a group in; one of the registry replaces what was known of it. InvalidArgument if it is there twice.
  absl::StatusOr<GroupSettings> Accept(GroupSettings group);
  void Leave(const GroupId& group);
  // For a process that reads all of it again: a group whose file is broken now stays as it was (docs/decisions/0034-*).
  void KeepBroken(const Settings& before);
};

inline constexpr absl::string_view kGroupNameRule = "small letters, digits, \"-\", \"_\" and \".\", but no \".\" at first";
bool IsGroupName(absl::string_view name);

// Reads the text of a settings file. Relative paths in it are taken from the folder of `file`. Errors: InvalidArgument with file,
// line, what is wrong and what would be right; unknown keys are errors, since they are misspelt ones.
absl::StatusOr<Settings> ParseSettings(const std::string& file, absl::string_view text);
// The same of a file, with the registry beside it. NotFound if there is none. A registry that cannot be looked into is an error:
// taken for an empty one it would end every group.
absl::StatusOr<Settings> ReadSettings(const std::string& file);

// Two groups that both mirror the same way between the same two calendars: each event there gets a block of either.
struct Overlap {
  GroupId group;
  GroupId other;
  CalendarId source;  // The first that was found.
  CalendarId target;
};
// Each pair of groups once, in the order of their names; of more than two that overlap, each with the first.
std::vector<Overlap> OverlapsOf(const Settings& settings);
std::string FormatOverlap(const Overlap& overlap);

// What the engine gets: flows have become directions, and the group's keys are of this group alone. REQUIRES: keys.
GroupConfig ConfigOf(const GroupSettings& group, const InstanceId& instance, const std::vector<SipKey>& keys);

// "c0ffee…", 16 digits.
std::string FormatKey(CalendarKey key);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_SETTINGS_H_
