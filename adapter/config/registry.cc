#include "adapter/config/registry.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/config/group_settings.h"
#include "adapter/config/table_reader.h"
#include "adapter/config/tight_file.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

constexpr char kFolder[] = "groups";
constexpr absl::string_view kEnding = ".toml";
constexpr size_t kLooks = 64;  // Each time.

// By the names of files. Other files (an editor's, one half written) are not looked at. A folder that is not there has none.
absl::StatusOr<std::vector<GroupId>> FilesIn(const std::string& folder) {
  std::vector<GroupId> groups;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name[0] == '.' || !absl::EndsWith(name, kEnding)) continue;
    groups.emplace_back(name.substr(0, name.size() - kEnding.size()));
  }
  if (!error || error == std::errc::no_such_file_or_directory) return groups;
  const bool is_denied = error == std::errc::permission_denied;
  return absl::Status(is_denied ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kInternal,
                      absl::StrCat("cannot look into ", folder, ", where groups lie: ", error.message()));
}

}  // namespace

std::string RegistryFolder(const std::string& settings_file) {
  return (std::filesystem::absolute(settings_file).parent_path() / kFolder).string();
}

std::string RegistryFile(const std::string& settings_file, const GroupId& group) {
  return absl::StrCat(RegistryFolder(settings_file), "/", group.text(), kEnding);
}

absl::StatusOr<GroupSettings> ParseGroupFile(const std::string& file, absl::string_view text, const GroupDefaults& defaults) {
  ASSIGN_OR_RETURN(const toml::table parsed, ParseToml(file, text));
  TableReader table(file, "", parsed);
  const std::vector<const toml::table*> groups = table.Tables("group");
  if (groups.size() != 1) table.Complain("group", "is there once in a file of the registry, as [[group]]");
  GroupSettings group;
  if (!groups.empty()) group = ReadGroup(table, file, *groups[0], defaults);
  const std::string name = std::filesystem::path(file).stem().string();
  if (group.id.text() != name) table.Complain("group", absl::StrCat("must have the name \"", name, "\", as its file"));
  group.in_registry = true;
  RETURN_IF_ERROR(table.Finish());
  return group;
}

absl::StatusOr<GroupSettings> ReadGroupFile(const std::string& settings_file, const GroupId& group,
                                            const GroupDefaults& defaults) {
  const std::string file = RegistryFile(settings_file, group);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file, Privacy::kAnybody));
  return ParseGroupFile(file, text, defaults);
}

absl::Status ReadRegistry(Settings& settings) {
  ASSIGN_OR_RETURN(const std::vector<GroupId> groups, FilesIn(RegistryFolder(settings.file)));
  for (const GroupId& group : groups) {
    absl::StatusOr<GroupSettings> read = ReadGroupFile(settings.file, group, settings.defaults);
    if (read.ok()) read = settings.Accept(*std::move(read));
    if (!read.ok()) settings.broken[group] = read.status();
  }
  return absl::OkStatus();
}

RegistryWatch::Stamp RegistryWatch::StampOf(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return {};
  return {.changed = about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec, .size = about.st_size, .inode = about.st_ino};
}

std::vector<GroupId> RegistryWatch::Changed() {
  std::vector<GroupId> changed;
  if (const Stamp now = StampOf(folder_); !(now == folder_stamp_)) {
    folder_stamp_ = now;
    LookAtAll(changed);
    return changed;
  }
  auto at = files_.upper_bound(last_);
  for (size_t left = kLooks; left > 0 && at != files_.end(); --left, ++at) {
    last_ = at->first;
    const Stamp now = StampOf(absl::StrCat(folder_, "/", last_.text(), kEnding));
    if (now == at->second) continue;
    at->second = now;
    changed.push_back(last_);
  }
  if (at == files_.end()) {  // A change in the very moment of the last look bears the same time.
    last_ = GroupId();
    LookAtAll(changed);
  }
  return changed;
}

void RegistryWatch::LookAtAll(std::vector<GroupId>& changed) {
  const absl::StatusOr<std::vector<GroupId>> groups = FilesIn(folder_);
  if (!groups.ok()) {  // Nothing is known to be gone: the next look is at all of them again.
    folder_stamp_ = Stamp();
    return;
  }
  absl::btree_map<GroupId, Stamp> found;
  for (const GroupId& group : *groups) {
    const Stamp now = StampOf(absl::StrCat(folder_, "/", group.text(), kEnding));
    const auto known = files_.find(group);
    if (known == files_.end() || !(known->second == now)) changed.push_back(group);
    found[group] = now;
  }
  for (const auto& [group, stamp] : files_) {
    if (!found.contains(group)) changed.push_back(group);
  }
  files_ = std::move(found);
}

}  // namespace calsync::adapter
