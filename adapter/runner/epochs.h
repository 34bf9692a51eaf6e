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
  // never came to a commit: a crash must not make an old store look like a new one. Durable when it returns.
  absl::StatusOr<bool> IsOlder(const GroupId& group, int64_t epoch);
  // An engine that was told is on record in the store: from now on the store knows by itself.
  absl::Status Trust(const GroupId& group);

 private:
  explicit Epochs(std::string file) : file_(std::move(file)) {}

  struct Known {
    int64_t epoch = 0;
    bool in_doubt = false;
  };

  absl::Status Write(const GroupId& group, const Known& known);
  absl::Status Rewrite();

  std::string file_;
  absl::btree_map<GroupId, Known> known_;
  size_t lines_ = 0;  // In the file: it is appended to, and written anew when most of it is outdated.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_EPOCHS_H_
