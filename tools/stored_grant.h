// A grant as it lies, sealed, in the vault: JSON.

#ifndef CALSYNC_TOOLS_STORED_GRANT_H_
#define CALSYNC_TOOLS_STORED_GRANT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/google/grant.h"

namespace calsync::tools {

// The text is a secret.
std::string FormatGrant(const adapter::Grant& grant);
// DataLoss for what FormatGrant never wrote.
absl::StatusOr<adapter::Grant> ParseGrant(absl::string_view text);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_STORED_GRANT_H_
