// RETURN_IF_ERROR and ASSIGN_OR_RETURN, which Debian's Abseil does not have.

#ifndef CALSYNC_ENGINE_BASE_STATUS_MACROS_H_
#define CALSYNC_ENGINE_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define CALSYNC_CONCAT_INNER_(a, b) a##b
#define CALSYNC_CONCAT_(a, b) CALSYNC_CONCAT_INNER_(a, b)

#define RETURN_IF_ERROR(expression)                                           \
  do {                                                                        \
    if (absl::Status calsync_status_ = (expression); !calsync_status_.ok()) { \
      return calsync_status_;                                                 \
    }                                                                         \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): `target` may be a declaration.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_IMPL_(CALSYNC_CONCAT_(calsync_statusor_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_IMPL_(result, target, expression) \
  auto result = (expression);                              \
  if (!result.ok()) return result.status();                \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // CALSYNC_ENGINE_BASE_STATUS_MACROS_H_
