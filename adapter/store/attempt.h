// What could not be done, before why.

#ifndef CALSYNC_ADAPTER_STORE_ATTEMPT_H_
#define CALSYNC_ADAPTER_STORE_ATTEMPT_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace calsync::adapter {

// An error says first what was attempted ("cannot put group \"ann\""); anything else is as it was.
inline absl::Status While(absl::string_view attempt, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(attempt, ": ", status.message()));
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_ATTEMPT_H_
