// Small files that only their owner may read, replaced as a whole.

#ifndef CALSYNC_ADAPTER_CONFIG_TIGHT_FILE_H_
#define CALSYNC_ADAPTER_CONFIG_TIGHT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace calsync::adapter {

// The folder and those above it, for the owner alone if they are made here.
absl::Status MakeFolder(const std::string& folder);

enum class Existing : uint8_t { kReplace, kRefuse };
// Durable when it returns: written beside it, synced, renamed. Mode 600. Errors: AlreadyExists, PermissionDenied,
// ResourceExhausted, Internal.
absl::Status WriteTightFile(const std::string& file, absl::string_view text, Existing existing);

// Adds to the end of a file that is there. Durable when it returns.
absl::Status AppendToFile(const std::string& file, absl::string_view text);

// Durable when it returns. NotFound if it is not there.
absl::Status RemoveFile(const std::string& file);

enum class Privacy : uint8_t { kAnybody, kOwnerOnly };
// NotFound; InvalidArgument if it is a folder or has no sane size; PermissionDenied, also if it has to be private and is not.
absl::StatusOr<std::string> ReadFile(const std::string& file, Privacy privacy);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_TIGHT_FILE_H_
