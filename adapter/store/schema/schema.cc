#include "adapter/store/schema/schema.h"

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

// Conventions. Booleans are 0 and 1; enumerators are words (stored_words.h); times are nanoseconds since 1970 (stored_time.h);
// numbers of 64 bits without sign, as calendar keys and fingerprints are, are stored as the signed number of the same bits;
// UUIDs and slot hashes are 16 bytes, most significant first, or NULL for none; an absent text is empty.
constexpr const char* kSqliteSteps[] = {
    // 1: everything.
    R"sql(
CREATE TABLE sync_group (
  group_key INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL UNIQUE,
  owner_epoch INTEGER NOT NULL,   -- Raised by whoever takes the group over; commits of an older one are refused.
  audit_count INTEGER NOT NULL,   -- Entries ever appended to its audit trail.
  breaker_open INTEGER NOT NULL,
  window_start INTEGER NOT NULL,
  window_writes INTEGER NOT NULL,
  window_explained INTEGER NOT NULL
) STRICT;

CREATE TABLE calendar (
  group_key INTEGER NOT NULL REFERENCES sync_group,
  calendar INTEGER NOT NULL,      -- Its stable key in the configuration.
  sync_token TEXT NOT NULL,
  listing_query INTEGER NOT NULL,
  walked INTEGER NOT NULL,
  restored INTEGER NOT NULL,
  sweep_held INTEGER NOT NULL,
  unreachable INTEGER NOT NULL,
  role TEXT NOT NULL,
  last_pass INTEGER NOT NULL,
  last_full_walk INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  calls_rest_until INTEGER NOT NULL,
  writes_rest_until INTEGER NOT NULL,
  watch_refused_until INTEGER NOT NULL,
  calendars_processed INTEGER NOT NULL,
  events_processed INTEGER NOT NULL,
  user_events_found INTEGER NOT NULL,
  busy_blocks_created INTEGER NOT NULL,
  our_events_skipped INTEGER NOT NULL,
  external_events_skipped INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (group_key, calendar)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel (
  group_key INTEGER NOT NULL,
  calendar INTEGER NOT NULL,
  position INTEGER NOT NULL,      -- Within the calendar, from 0.
  channel_id TEXT NOT NULL,
  token TEXT NOT NULL,            -- Secret.
  resource TEXT NOT NULL,
  status TEXT NOT NULL,
  expiration INTEGER NOT NULL,
  PRIMARY KEY (group_key, calendar, position),
  FOREIGN KEY (group_key, calendar) REFERENCES calendar
) STRICT, WITHOUT ROWID;

-- Clustered by place: a listing's rows lie together, and the order is the one in which a group is loaded.
CREATE TABLE record (
  group_key INTEGER NOT NULL REFERENCES sync_group,
  calendar INTEGER NOT NULL,
  event TEXT NOT NULL,            -- Google's event id; of a block, of its current generation.
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  must_read INTEGER NOT NULL,
  absent INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  correlation_id BLOB CHECK (length(correlation_id) = 16),
  etag TEXT NOT NULL,
  updated_ms INTEGER NOT NULL,
  seen_s INTEGER NOT NULL,
  retry_s INTEGER NOT NULL,
  span_start INTEGER NOT NULL,
  span_end INTEGER NOT NULL,
  all_day INTEGER NOT NULL,
  blocking TEXT NOT NULL,
  seen_as TEXT NOT NULL,
  tag TEXT NOT NULL,
  tag_attempts INTEGER NOT NULL,
  organizer_self INTEGER NOT NULL,
  text_is_private INTEGER NOT NULL,
  ical_hash INTEGER NOT NULL,
  summary TEXT NOT NULL,
  source BLOB CHECK (length(source) = 16),
  slot BLOB CHECK (length(slot) = 16),
  generation INTEGER NOT NULL,
  highest INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  ambiguous INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  tagged INTEGER NOT NULL,
  guests INTEGER NOT NULL,
  hold TEXT NOT NULL,
  held_for INTEGER NOT NULL,
  written INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  actual INTEGER NOT NULL,
  fights INTEGER NOT NULL,
  fight_day INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (group_key, calendar, event)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_row_a_correlation_id ON record (group_key, correlation_id) WHERE correlation_id IS NOT NULL;
CREATE UNIQUE INDEX one_block_a_slot ON record (group_key, slot) WHERE kind = 'block' AND slot IS NOT NULL;  -- L2

CREATE TABLE audit (
  group_key INTEGER NOT NULL REFERENCES sync_group,
  number INTEGER NOT NULL,        -- Within the group, from 1.
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  calendar INTEGER NOT NULL,      -- 0 if about the group.
  event TEXT NOT NULL,
  record BLOB CHECK (length(record) = 16),
  detail TEXT NOT NULL,
  PRIMARY KEY (group_key, number)
) STRICT, WITHOUT ROWID;
)sql",
    // 2: what policies ask for. It was not kept of the events that are known: all are to be shown again, as if they were new.
    R"sql(
ALTER TABLE calendar ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN tentative INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN answer TEXT NOT NULL DEFAULT 'none';
ALTER TABLE record ADD COLUMN colour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN keywords INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN skips_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN cover_went_s INTEGER NOT NULL DEFAULT 0;
UPDATE record SET etag = '', updated_ms = 0 WHERE kind = 'user_event' AND status = 'synced';
UPDATE calendar AS c SET sync_token = '';
)sql",
    // 3: series. What was parked as one is read anew, and all calendars are walked in full: what they hold of series was not
    // kept.
    R"sql(
ALTER TABLE record ADD COLUMN series TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN master TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN original INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN original_all_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;
UPDATE record SET blocking = 'no_time', must_read = 1 WHERE blocking = 'series_not_yet';
UPDATE calendar AS c SET sync_token = '';
)sql",
    // 4: how often in a row a listing was broken off, and how long listings rest for it.
    R"sql(
ALTER TABLE calendar ADD COLUMN walks_lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calendar ADD COLUMN lists_rest_until INTEGER NOT NULL DEFAULT -9223372036854775808;
)sql",
    // 5: what the figures and alerts ask for. Of rows that are known it was not kept; they count as old.
    R"sql(
ALTER TABLE record ADD COLUMN made_s INTEGER NOT NULL DEFAULT 1;
ALTER TABLE calendar ADD COLUMN had_events INTEGER NOT NULL DEFAULT -9223372036854775808;
ALTER TABLE calendar ADD COLUMN empty_walk INTEGER NOT NULL DEFAULT -9223372036854775808;
ALTER TABLE channel ADD COLUMN opened INTEGER NOT NULL DEFAULT -9223372036854775808;
)sql",
};

struct Identity {
  int64_t application = 0;
  int64_t version = 0;
  bool empty = false;  // Nothing was ever created in it.
};

absl::StatusOr<Identity> ReadIdentity(SqliteConnection* connection) {
  Identity identity;
  ASSIGN_OR_RETURN(identity.application, connection->ReadInteger("PRAGMA application_id"));
  ASSIGN_OR_RETURN(identity.version, connection->ReadInteger("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t objects, connection->ReadInteger("SELECT count(*) FROM sqlite_schema"));
  identity.empty = objects == 0 && identity.application == 0 && identity.version == 0;
  return identity;
}

absl::Status Judge(const SqliteConnection& connection, const Identity& identity, size_t versions) {
  if (identity.empty) return absl::OkStatus();
  if (identity.application != kApplicationId || identity.version < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("database ", connection.path(), ": it belongs to another program. Name another file, or move it away."));
  }
  if (identity.version > static_cast<int64_t>(versions)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "database ", connection.path(), ": it has version ", identity.version, ", and this program knows versions up to ",
        versions, ". A newer program wrote it: use that one, or restore a backup from before the upgrade. Nothing was changed."));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const char* const> SchemaSteps() { return kSqliteSteps; }

absl::Status CheckIsOurs(SqliteConnection* connection, absl::Span<const char* const> steps) {
  ASSIGN_OR_RETURN(const Identity identity, ReadIdentity(connection));
  return Judge(*connection, identity, steps.size());
}

absl::Status Migrate(SqliteConnection* connection, absl::Span<const char* const> steps) {
  const int64_t wanted = static_cast<int64_t>(steps.size());
  ASSIGN_OR_RETURN(const int64_t found, connection->ReadInteger("PRAGMA user_version"));
  if (found == wanted) return absl::OkStatus();  // Without a lock: the usual start.

  ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(connection, SqliteTransaction::Kind::kWrite));
  ASSIGN_OR_RETURN(const Identity identity, ReadIdentity(connection));  // Another process may have been faster.
  RETURN_IF_ERROR(Judge(*connection, identity, steps.size()));
  for (int64_t version = identity.version; version < wanted; ++version) {
    RETURN_IF_ERROR(connection->Execute(steps[static_cast<size_t>(version)]));
  }
  RETURN_IF_ERROR(connection->Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId).c_str()));
  RETURN_IF_ERROR(connection->Execute(absl::StrCat("PRAGMA user_version = ", wanted).c_str()));
  ASSIGN_OR_RETURN(const int64_t orphans, connection->ReadInteger("SELECT count(*) FROM pragma_foreign_key_check"));
  if (orphans != 0) {
    return absl::DataLossError(absl::StrCat("database ", connection->path(), ": upgrading it from version ", identity.version,
                                            " leaves ", orphans, " rows without the row they belong to. Nothing was changed."));
  }
  return transaction.Commit();
}

}  // namespace calsync::adapter
