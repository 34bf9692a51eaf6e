// The highest owner epoch that each group's database was ever seen with, kept beside the configuration and apart from the
// database: a database below it is older than what was once known (restored, or lost), and the engine is told so (Started).

#ifndef CALSYNC_ADAPTER_RUNNER_EPOCHS_H_
#define CALSYNC_ADAPTER_RUNNER_EPOCHS_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

class Epochs {
 public:
  // Reads the file, which need not be there. Errors: InvalidArgument with the line, PermissionDenied.
  static absl::StatusOr<Epochs> Open(std::string file);
  // Known to nobody but this process: for runs that must leave nothing behind.
  Epochs() = default;

  // The store was loaded with this epoch. True if it is older than what was known, or was at a start before this one whose engine
  // never came to a commit: a crash must not make an old store look like a new one. On record by Flush().
  bool IsOlder(const GroupId& group, int64_t epoch);
  // An engine that was told is on record in the store, or will be before Flush(): from then on the store knows by itself.
  void Trust(const GroupId& group);

  // Makes durable what was said since, with one sync of the disk for many groups. To be called when the store has what it speaks
  // of, and before anything is sent. After an error nothing of it counts.
  absl::Status Flush();
  // What was said since does not count.
  void Discard() { said_.clear(); }

 private:
  explicit Epochs(std::string file) : file_(std::move(file)) {}

  struct Known {
    int64_t epoch = 0;
    bool in_doubt = false;
  };
  using ByGroup = absl::btree_map<GroupId, Known>;

  Known Latest(const GroupId& group) const;
  absl::Status Write(const ByGroup& said);

  std::string file_;
  ByGroup known_;
  ByGroup said_;  // Since the last Flush().
  // In the file: it is appended to, and written anew when most of it is outdated. 0: it ends in the middle of a line, perhaps, so
  // that what is appended would be part of that.
  size_t lines_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_EPOCHS_H_
