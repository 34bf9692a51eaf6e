// The registry: groups that lie in files of their own, one each, in the folder "groups" beside the settings. For many people:
// what changes is one small file, and one that is wrong stops no other group (L10). docs/decisions/0034-*
//
// "groups/ann.toml" says what the settings file would say of the group, [[group]] and all, and nothing else.

#ifndef CALSYNC_ADAPTER_CONFIG_REGISTRY_H_
#define CALSYNC_ADAPTER_CONFIG_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/config/settings.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

std::string RegistryFolder(const std::string& settings_file);
std::string RegistryFile(const std::string& settings_file, const GroupId& group);

// The text of one file. Errors: InvalidArgument with file, line, what is wrong and what would be right.
absl::StatusOr<GroupSettings> ParseGroupFile(const std::string& file, absl::string_view text, const GroupDefaults& defaults);
// The same of the file in which the group lies. NotFound if there is none.
absl::StatusOr<GroupSettings> ReadGroupFile(const std::string& settings_file, const GroupId& group,
                                            const GroupDefaults& defaults);

// Adds the groups of the registry to those of the settings file. What is wrong with some of them is in `settings.broken`. Errors:
// PermissionDenied or Internal if it cannot be told which groups there are.
absl::Status ReadRegistry(Settings& settings);

// What has changed in the registry, for a process that runs. A file that is put in place, replaced or taken away is noticed at
// once; one that is written where it lies, within some seconds for each thousand files: not all are looked at each time.
class RegistryWatch {
 public:
  explicit RegistryWatch(std::string folder) : folder_(std::move(folder)) { Changed(); }

  // Groups whose files are new, other or gone since the last time; none while the folder cannot be looked into.
  std::vector<GroupId> Changed();

 private:
  struct Stamp {
    int64_t changed = 0;  // Nanoseconds.
    int64_t size = 0;
    uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp StampOf(const std::string& path);  // Zeros if there is nothing.
  void LookAtAll(std::vector<GroupId>& changed);

  std::string folder_;
  Stamp folder_stamp_;
  absl::btree_map<GroupId, Stamp> files_;
  GroupId last_;  // That was looked at.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_REGISTRY_H_
