#include "adapter/trace/recorder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/trace/value_json.h"

namespace calsync::adapter {
namespace {

constexpr size_t kHeldMax = 1000;  // Steps. A calendar that cannot be read would hold all.

// What follows from texts or holds some: each engine makes its own.
constexpr const char* kOfTexts[] = {"heldFor", "written", "accepted", "actual", "reason"};

// An effect without that.
Json Comparable(const Effect& effect) {
  Json json = JsonOf(effect);
  const auto commit = json.find("commit");
  if (commit == json.end()) return json;
  if (const auto records = commit->find("records"); records != commit->end()) {
    for (Json& record : *records) {
      for (const char* key : kOfTexts) record.erase(key);
    }
  }
  if (const auto audit = commit->find("audit"); audit != commit->end()) {
    for (Json& entry : *audit) entry.erase("detail");
  }
  return json;
}

// "effect 1, /commit/records/0/keywords"; empty: they are the same.
std::string WhereTheyPart(Redaction& redaction, const Effects& effects, const Effects& others) {
  for (size_t i = 0; i < std::max(effects.size(), others.size()); ++i) {
    const Json real = i < effects.size() ? Comparable(redaction.Of(effects[i])) : Json();
    const Json other = i < others.size() ? Comparable(others[i]) : Json();
    if (real == other) continue;
    const Json parts = Json::diff(real, other);
    return absl::StrCat("effect ", i + 1, ", ", parts.empty() ? "" : parts[0].value("path", ""));
  }
  return "";
}

std::string FileName(absl::string_view text) {
  std::string name;
  for (const char c : text) name.push_back(absl::ascii_isalnum(c) || c == '-' ? c : '_');
  return name.substr(0, 60);
}

// The group's files that there are besides the one that was just made, the oldest first. Numbers of processes tell nothing: in a
// container each start has the same one.
std::deque<std::string> FilesBefore(const std::string& folder, const GroupId& group, const std::string& made) {
  constexpr size_t kMoment = 16;  // "20260504T080000Z".
  const std::string prefix = absl::StrCat(FileName(group.text()), "-");
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, prefix) || !absl::ConsumeSuffix(&rest, ".trace") || rest.size() <= kMoment) continue;
    const std::vector<absl::string_view> numbers = absl::StrSplit(rest.substr(kMoment), '-');  // "", process, file.
    uint64_t number = 0;
    const bool is_ours = rest[8] == 'T' && rest[kMoment - 1] == 'Z' && numbers.size() == 3 && numbers[0].empty() &&
                         absl::SimpleAtoi(numbers[1], &number) && absl::SimpleAtoi(numbers[2], &number);
    if (is_ours) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  std::deque<std::string> paths;
  for (const std::string& name : names) {
    if (std::string path = absl::StrCat(folder, "/", name); path != made) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

struct Recorder::File {
  File(std::string at, int opened) : path(std::move(at)), descriptor(opened) {}
  ~File() { close(descriptor); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path;
  int descriptor;
  int64_t bytes = 0;
  RecordingLines lines;
  absl::btree_set<std::string> zones;  // Whose rules it has.
};

struct Recorder::Group {
  GroupId id;
  std::unique_ptr<Redaction> redaction;
  std::optional<Snapshot> snapshot;  // Of an engine that was not started yet.
  std::optional<Engine> other;       // None: the recording waits for the next start.
  std::shared_ptr<const ZoneTable> zones;
  std::unique_ptr<File> file;
  std::deque<std::string> paths;  // Of all its files, the oldest first.

  // Until each calendar was walked, steps are held: what they have may be explained by what another calendar has (LookAhead).
  struct Held {
    Input input;
    absl::Time now;
    Effects effects;
  };
  std::deque<Held> held;
  absl::btree_set<CalendarKey> not_walked;
};

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Open(RecorderOptions options) {
  if (mkdir(options.folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make the folder for recordings, ", options.folder, ": ", std::strerror(errno)));
  }
  if (access(options.folder.c_str(), W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write recordings to ", options.folder, ": ", std::strerror(errno), ". --record takes a folder"));
  }
  return std::unique_ptr<Recorder>(new Recorder(std::move(options)));
}

Recorder::Recorder(RecorderOptions options) : options_(std::move(options)) {}

Recorder::~Recorder() = default;

void Recorder::OnStart(const GroupConfig& config, const GroupImage& image, const SipKey& seed) {
  if (failed_) return;
  std::unique_ptr<Group>& group = groups_[config.id];
  if (group == nullptr) group = std::make_unique<Group>();
  TakeHeld(*group);
  if (failed_) return;
  group->id = config.id;
  group->not_walked.clear();
  for (const LinkedCalendar& calendar : config.calendars) {
    if (calendar.state == LinkState::kEnabled) group->not_walked.insert(calendar.key);
  }
  for (const CalendarRow& row : image.calendars) {
    if (row.walked && !row.restored) group->not_walked.erase(row.key);
  }
  group->redaction = std::make_unique<Redaction>(config, options_.texts, options_.random);
  group->snapshot = Snapshot{group->redaction->config(), group->redaction->Image(image), seed};
  group->other.reset();
}

void Recorder::OnStep(const GroupId& id, const Input& input, absl::Time now, const Effects& effects) {
  const auto found = groups_.find(id);
  if (failed_ || found == groups_.end()) return;
  Group& group = *found->second;
  const auto* started = std::get_if<Started>(&input);
  if (started == nullptr && !group.other.has_value() && group.held.empty()) return;
  group.redaction->LookAhead(input, effects);
  if (started != nullptr && started->restored) {
    for (const LinkedCalendar& calendar : group.redaction->config().calendars) {
      if (calendar.state == LinkState::kEnabled) group.not_walked.insert(calendar.key);
    }
  }
  for (const Effect& effect : effects) {
    const auto* commit = std::get_if<Commit>(&effect);
    if (commit == nullptr) continue;
    for (const CalendarRow& row : commit->calendars) {
      if (row.walked && !row.restored) group.not_walked.erase(row.key);
    }
  }
  group.held.push_back({input, now, effects});
  if (group.not_walked.empty() || group.held.size() >= kHeldMax) TakeHeld(group);
}

void Recorder::TakeHeld(Group& group) {
  for (const Group::Held& held : std::exchange(group.held, {})) Take(group, held.input, held.now, held.effects);
}

void Recorder::Take(Group& group, const Input& input, absl::Time now, const Effects& effects) {
  if (failed_) return;
  if (const auto* started = std::get_if<Started>(&input)) {
    if (!group.snapshot.has_value() || !Begin(group, *started, now)) return;
  }
  if (!group.other.has_value()) return;
  const auto* command = std::get_if<OperatorCommand>(&input);
  const auto* changed = command == nullptr ? nullptr : std::get_if<calsync::Reconfigure>(command);
  if (changed != nullptr && !group.redaction->Covers(changed->config)) {
    return Pause(group, "the settings changed what texts mean, or the calendars", now);
  }
  const Input given = group.redaction->Of(input);
  const Effects others = group.other->Step(given, now);
  group.redaction->Learn(effects, others);
  if (const std::string where = WhereTheyPart(*group.redaction, effects, others); !where.empty()) {
    return Pause(group, absl::StrCat("a text decided in a way that its pseudonym does not keep (", where, ")"), now);
  }
  std::string lines = NewZones(group, ZonesIn(given));
  absl::StrAppend(&lines, group.file->lines.Step(given, now, others));
  if (!HasRoom(group, lines)) {
    const std::string why = absl::StrCat("its file has ", options_.bytes_max >> 20, " MiB, as large as one may be");
    WarnOfPause(group, why);
    return EndFile(group, why, now);
  }
  Append(group, lines);
}

// The rules of those that the file does not have yet.
std::string Recorder::NewZones(Group& group, const std::vector<std::string>& zones) {
  std::string lines;
  for (const std::string& zone : zones) {
    if (group.zones == nullptr || !group.zones->contains(zone) || !group.file->zones.insert(zone).second) continue;
    absl::StrAppend(&lines, RecordingLines::Zone(zone, group.zones->at(zone)));
  }
  return lines;
}

// A file that has room for the snapshot, and the snapshot in it.
bool Recorder::Begin(Group& group, const Started& started, absl::Time now) {
  Snapshot snapshot = *std::exchange(group.snapshot, std::nullopt);
  snapshot.zones = started.zones != nullptr;
  group.zones = started.zones;
  if (group.file != nullptr && group.file->bytes > options_.bytes_max / 2) EndFile(group, "goes on in another file", now);
  if (failed_) return false;
  if (group.file == nullptr && !OpenFile(group, now)) return false;
  std::string lines = group.file->bytes > 0 ? "" : RecordingLines::Header(snapshot.config, options_.texts);
  absl::StrAppend(&lines, NewZones(group, ZonesIn(snapshot.image)));
  absl::StrAppend(&lines, group.file->lines.Start(snapshot, now));
  if (!HasRoom(group, lines)) {
    options_.warn(absl::StrCat("the group ", group.id.text(), " is not recorded: its rows alone need ", lines.size() >> 20,
                               " MiB, and a file may have ", options_.bytes_max >> 20, ". --record-max gives it more"));
    EndFile(group, "the rows of the group are larger than a file may be", now);
    return false;
  }
  if (!Append(group, lines)) return false;
  group.other.emplace(std::move(snapshot.config), std::move(snapshot.image), snapshot.seed);
  return true;
}

bool Recorder::OpenFile(Group& group, absl::Time now) {
  const std::string path =
      absl::StrCat(options_.folder, "/", FileName(group.id.text()), "-",
                   absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()), "-", getpid(), "-", ++files_, ".trace");
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    Fail(path, errno);
    return false;
  }
  group.file = std::make_unique<File>(path, descriptor);
  if (group.paths.empty()) group.paths = FilesBefore(options_.folder, group.id, path);
  group.paths.push_back(path);
  while (group.paths.size() > std::max<size_t>(options_.files_max, 1)) {
    unlink(group.paths.front().c_str());
    group.paths.pop_front();
  }
  return true;
}

// The whole of it or nothing.
bool Recorder::Append(Group& group, absl::string_view lines) {
  File& file = *group.file;
  for (absl::string_view left = lines; !left.empty();) {
    const ssize_t wrote = write(file.descriptor, left.data(), left.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      const int error = wrote == 0 ? ENOSPC : errno;
      const bool cut = ftruncate(file.descriptor, file.bytes) == 0;
      Fail(file.path, cut ? error : errno);
      return false;
    }
    left.remove_prefix(static_cast<size_t>(wrote));
  }
  file.bytes += static_cast<int64_t>(lines.size());
  return true;
}

bool Recorder::HasRoom(const Group& group, absl::string_view lines) const {
  constexpr int64_t kForTheEnd = 1024;
  return group.file->bytes + static_cast<int64_t>(lines.size()) + kForTheEnd <= options_.bytes_max;
}

void Recorder::WarnOfPause(const Group& group, absl::string_view why) const {
  options_.warn(absl::StrCat("the recording of the group ", group.id.text(), " pauses: ", why,
                             ". It goes on when its engine is started again; the sync is not touched"));
}

void Recorder::Pause(Group& group, absl::string_view why, absl::Time now) {
  WarnOfPause(group, why);
  group.other.reset();
  Append(group, group.file->lines.Mishap(absl::StrCat("the recording pauses: ", why), now));
}

void Recorder::EndFile(Group& group, absl::string_view why, absl::Time now) {
  group.other.reset();
  if (group.file != nullptr) Append(group, group.file->lines.End(why, now));
  group.file.reset();
}

void Recorder::Fail(absl::string_view file, int error) {
  if (std::exchange(failed_, true)) return;
  options_.warn(absl::StrCat("recording ends: cannot write ", file, ": ", std::strerror(error),
                             ". What it has until here stays good; the sync goes on"));
  // Nothing of it is of use any more, least of all the files: it may have been their number that was too large.
  for (const auto& [id, group] : groups_) {
    group->other.reset();
    group->snapshot.reset();
    group->zones.reset();
    group->held.clear();
    group->file.reset();
  }
}

void Recorder::Close(absl::Time now) {
  for (const auto& [id, group] : groups_) {
    TakeHeld(*group);
    if (!failed_) EndFile(*group, "stopped", now);
    group->other.reset();
  }
  failed_ = true;  // Nothing more.
}

}  // namespace calsync::adapter
