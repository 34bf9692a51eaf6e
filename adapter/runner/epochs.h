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

  int64_t Known(const GroupId& group) const;
  // Durable when it returns. A lower epoch than the known one counts as much: what follows is known from there.
  absl::Status Note(const GroupId& group, int64_t epoch);

 private:
  explicit Epochs(std::string file) : file_(std::move(file)) {}

  absl::Status Rewrite();

  std::string file_;
  absl::btree_map<GroupId, int64_t> known_;
  size_t lines_ = 0;  // In the file: it is appended to, and written anew when most of it is outdated.
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_EPOCHS_H_
