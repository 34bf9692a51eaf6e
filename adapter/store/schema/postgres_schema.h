// The tables of the database on PostgreSQL, as numbered steps. What was released is never edited: a change is another step.
//
// They say the same as those of SQLite (schema.h), with steps of their own: what each column is, and the laws as constraints.

#ifndef CALSYNC_ADAPTER_STORE_SCHEMA_POSTGRES_SCHEMA_H_
#define CALSYNC_ADAPTER_STORE_SCHEMA_POSTGRES_SCHEMA_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "adapter/store/postgres_connection.h"

namespace calsync::adapter {

absl::Span<const char* const> PostgresSteps();

// Carries out the steps that are missing, in one transaction, one process at a time. InvalidArgument if a newer version wrote it.
absl::Status MigratePostgres(PostgresConnection* connection, absl::Span<const char* const> steps);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_SCHEMA_POSTGRES_SCHEMA_H_
