// The tables of the database, as numbered steps. What was released is never edited: a change is another step at the end.
//
// PRAGMA user_version holds the number of steps that were carried out, PRAGMA application_id that the file is ours at all.

#ifndef CALSYNC_ADAPTER_STORE_SCHEMA_SCHEMA_H_
#define CALSYNC_ADAPTER_STORE_SCHEMA_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "adapter/store/sqlite_connection.h"

namespace calsync::adapter {

constexpr int64_t kApplicationId = 0x43616c53;  // "CalS".

// All steps; step n leads to version n, counted from 1.
absl::Span<const char* const> SchemaSteps();

// Changes nothing. InvalidArgument if the file is another program's, or of a newer version than the steps lead to.
absl::Status CheckIsOurs(SqliteConnection* connection, absl::Span<const char* const> steps);

// Carries out the steps that are missing, all in one transaction. REQUIRES: CheckIsOurs(), and foreign keys are off, so that a
// step may replace a table; they are checked before the transaction ends.
absl::Status Migrate(SqliteConnection* connection, absl::Span<const char* const> steps);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_SCHEMA_SCHEMA_H_
