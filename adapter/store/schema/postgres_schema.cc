#include "adapter/store/schema/postgres_schema.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

// Conventions: postgres_columns.h. Names of groups are compared by byte, as everywhere.
constexpr const char* kPostgresSteps[] = {
    // 1: everything that SQLite has.
    R"sql(
CREATE TABLE sync_group (
  group_key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id text COLLATE "C" NOT NULL UNIQUE,
  owner_epoch bigint NOT NULL,    -- Raised by whoever takes the group over; commits of an older one are refused.
  audit_count bigint NOT NULL,    -- Entries ever appended to its audit trail.
  breaker_open boolean NOT NULL,
  window_start bigint NOT NULL,
  window_writes bigint NOT NULL,
  window_explained bigint NOT NULL
) WITH (fillfactor = 50);         -- A row changes with every commit, in place if there is room.

CREATE TABLE calendar (
  group_key bigint NOT NULL REFERENCES sync_group,
  calendar bigint NOT NULL,       -- Its stable key in the configuration.
  sync_token bytea NOT NULL,
  listing_query bigint NOT NULL,
  walked boolean NOT NULL,
  restored boolean NOT NULL,
  sweep_held boolean NOT NULL,
  unreachable boolean NOT NULL,
  role text NOT NULL,
  time_zone bytea NOT NULL,
  last_pass bigint NOT NULL,
  last_full_walk bigint NOT NULL,
  failures integer NOT NULL,
  calls_rest_until bigint NOT NULL,
  writes_rest_until bigint NOT NULL,
  walks_lost integer NOT NULL,
  lists_rest_until bigint NOT NULL,
  watch_refused_until bigint NOT NULL,
  had_events bigint NOT NULL,
  empty_walk bigint NOT NULL,
  calendars_processed bigint NOT NULL,
  events_processed bigint NOT NULL,
  user_events_found bigint NOT NULL,
  busy_blocks_created bigint NOT NULL,
  our_events_skipped bigint NOT NULL,
  external_events_skipped bigint NOT NULL,
  errors bigint NOT NULL,
  PRIMARY KEY (group_key, calendar)
) WITH (fillfactor = 50);

CREATE TABLE channel (
  group_key bigint NOT NULL,
  calendar bigint NOT NULL,
  position bigint NOT NULL,       -- Within the calendar, from 0.
  channel_id bytea NOT NULL,
  token bytea NOT NULL,           -- Secret.
  resource bytea NOT NULL,
  status text NOT NULL,
  expiration bigint NOT NULL,
  opened bigint NOT NULL,
  PRIMARY KEY (group_key, calendar, position),
  FOREIGN KEY (group_key, calendar) REFERENCES calendar
);

-- What is unique is judged at the end of a commit: its rows may exchange it in any order.
CREATE TABLE record (
  group_key bigint NOT NULL REFERENCES sync_group,
  calendar bigint NOT NULL,
  event bytea NOT NULL,           -- Google's event id; of a block, of its current generation.
  kind text NOT NULL,
  status text NOT NULL,
  must_read boolean NOT NULL,
  absent boolean NOT NULL,
  attempts smallint NOT NULL,
  correlation_id uuid,
  etag bytea NOT NULL,
  updated_ms bigint NOT NULL,
  seen_s bigint NOT NULL,
  retry_s bigint NOT NULL,
  span_start bigint NOT NULL,
  span_end bigint NOT NULL,
  all_day boolean NOT NULL,
  series bytea NOT NULL,
  master bytea NOT NULL,
  original bigint NOT NULL,
  original_all_day boolean NOT NULL,
  plain boolean NOT NULL,
  alone boolean NOT NULL,
  cancelled boolean NOT NULL,
  blocking text NOT NULL,
  seen_as text NOT NULL,
  tag text NOT NULL,
  tag_attempts smallint NOT NULL,
  organizer_self boolean NOT NULL,
  text_is_private boolean NOT NULL,
  tentative boolean NOT NULL,
  answer text NOT NULL,
  colour smallint NOT NULL,
  keywords bigint NOT NULL,
  skips_told bigint NOT NULL,
  cover_went_s bigint NOT NULL,
  ical_hash bigint NOT NULL,
  summary bytea NOT NULL,
  source uuid,
  slot uuid,
  generation bigint NOT NULL,
  highest bigint NOT NULL,
  sent boolean NOT NULL,
  ambiguous boolean NOT NULL,
  taken boolean NOT NULL,
  tagged boolean NOT NULL,
  guests boolean NOT NULL,
  hold text NOT NULL,
  held_for bigint NOT NULL,
  written bigint NOT NULL,
  accepted bigint NOT NULL,
  actual bigint NOT NULL,
  fights smallint NOT NULL,
  fight_day integer NOT NULL,
  made_s bigint NOT NULL,
  reason bytea NOT NULL,
  claims uuid GENERATED ALWAYS AS (CASE WHEN kind = 'block' THEN slot END) STORED,
  PRIMARY KEY (group_key, calendar, event),
  CONSTRAINT one_row_a_correlation_id UNIQUE (group_key, correlation_id) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT one_block_a_slot UNIQUE (group_key, claims) DEFERRABLE INITIALLY DEFERRED  -- L2
) WITH (fillfactor = 80);

CREATE TABLE audit (
  group_key bigint NOT NULL REFERENCES sync_group,
  number bigint NOT NULL,         -- Within the group, from 1.
  at bigint NOT NULL,
  kind text NOT NULL,
  calendar bigint NOT NULL,       -- 0 if about the group.
  event bytea NOT NULL,
  record uuid,
  detail bytea NOT NULL,
  PRIMARY KEY (group_key, number)
);

-- The first word of every commit: refuses it unless the epoch is the present one, holds the group's row so that nobody takes it
-- over meanwhile, and counts the entries of the trail that the commit brings.
CREATE FUNCTION calsync_fence(key bigint, epoch bigint, entries bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF entries > 0 THEN
    UPDATE sync_group SET audit_count = audit_count + entries WHERE group_key = key AND owner_epoch = epoch;
  ELSE
    PERFORM 1 FROM sync_group WHERE group_key = key AND owner_epoch = epoch FOR SHARE;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another owner took the group over' USING ERRCODE = 'CS001';
  END IF;
END $$;
)sql",
    // 2: several workers. A worker's lease is one row; while it is there, nobody else owns its groups.
    R"sql(
CREATE TABLE worker (
  worker bigint PRIMARY KEY,      -- Random, of one life of one process.
  name text NOT NULL,             -- For people.
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz NOT NULL,     -- From then on another worker may take the row away.
  draining boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

ALTER TABLE sync_group ADD COLUMN owner bigint REFERENCES worker ON DELETE SET NULL;  -- Nobody, or a process without leases.
ALTER TABLE sync_group ADD COLUMN timeline bigint NOT NULL DEFAULT 0;  -- Of the server, when it was last committed to; 0: never.
CREATE INDEX groups_of_a_worker ON sync_group (owner);
-- A group may be known before anybody loads it.
ALTER TABLE sync_group
  ALTER owner_epoch SET DEFAULT 0, ALTER audit_count SET DEFAULT 0, ALTER breaker_open SET DEFAULT false,
  ALTER window_start SET DEFAULT -9223372036854775808, ALTER window_writes SET DEFAULT 0, ALTER window_explained SET DEFAULT 0;

-- What came for a group at a process that does not own it: a notification each channel, and orders.
CREATE TABLE dirty (
  group_key bigint NOT NULL REFERENCES sync_group ON DELETE CASCADE,
  channel_id bytea NOT NULL,
  token bytea NOT NULL,
  PRIMARY KEY (group_key, channel_id)
);
CREATE TABLE letter (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_key bigint NOT NULL REFERENCES sync_group ON DELETE CASCADE,
  words text NOT NULL
);

DROP FUNCTION calsync_fence(bigint, bigint, bigint);
-- As before, and refuses whoever does not own the group: once a lease was taken away, its worker writes nothing.
CREATE FUNCTION calsync_fence(key bigint, epoch bigint, entries bigint, by_worker bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF entries > 0 THEN
    UPDATE sync_group SET audit_count = audit_count + entries
    WHERE group_key = key AND owner_epoch = epoch AND owner IS NOT DISTINCT FROM by_worker;
  ELSE
    PERFORM 1 FROM sync_group WHERE group_key = key AND owner_epoch = epoch AND owner IS NOT DISTINCT FROM by_worker FOR SHARE;
  END IF;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another owner took the group over' USING ERRCODE = 'CS001';
  END IF;
END $$;
)sql",
    // 3: what each worker says of itself, for `calsync status` and `metrics` on any machine.
    R"sql(
ALTER TABLE worker ADD COLUMN report text NOT NULL DEFAULT '';
)sql",
};

// So that only one process brings a database up to date: any number that other programs hardly use.
constexpr int64_t kMigrationLock = 0x43616c5379636e;

absl::StatusOr<int64_t> ReadVersion(PostgresConnection* connection) {
  ASSIGN_OR_RETURN(const std::vector<PostgresRows> rows,
                   connection->Run({{"SELECT version FROM calsync_schema", {}}}, PostgresConnection::Ends::kNothing));
  return rows[0].size() == 0 ? 0 : rows[0].Number(0, 0);
}

absl::Status CarryOut(PostgresConnection* connection, absl::Span<const char* const> steps) {
  const int64_t wanted = static_cast<int64_t>(steps.size());
  RETURN_IF_ERROR(connection->Execute(absl::StrCat("SELECT pg_advisory_xact_lock(", kMigrationLock, ")")));
  RETURN_IF_ERROR(connection->Execute("CREATE TABLE IF NOT EXISTS calsync_schema (version bigint NOT NULL)"));
  ASSIGN_OR_RETURN(const int64_t version, ReadVersion(connection));
  if (version > wanted) {
    return absl::InvalidArgumentError(absl::StrCat("database ", connection->name(), ": it has version ", version,
                                                   ", and this program knows versions up to ", wanted,
                                                   ". A newer program wrote it: use that one. Nothing was changed."));
  }
  for (int64_t step = version; step < wanted; ++step) RETURN_IF_ERROR(connection->Execute(steps[static_cast<size_t>(step)]));
  return connection->Execute(absl::StrCat("DELETE FROM calsync_schema; INSERT INTO calsync_schema VALUES (", wanted, ")"));
}

}  // namespace

absl::Span<const char* const> PostgresSteps() { return kPostgresSteps; }

absl::Status MigratePostgres(PostgresConnection* connection, absl::Span<const char* const> steps) {
  // Without a lock: the usual start.
  ASSIGN_OR_RETURN(
      const std::vector<PostgresRows> rows,
      connection->Run({{"SELECT to_regclass('calsync_schema') IS NOT NULL", {}}}, PostgresConnection::Ends::kNothing));
  if (rows[0].Bytes(0, 0)[0] != 0) {
    ASSIGN_OR_RETURN(const int64_t version, ReadVersion(connection));
    if (version == static_cast<int64_t>(steps.size())) return absl::OkStatus();
  }
  RETURN_IF_ERROR(connection->Execute("BEGIN"));
  absl::Status status = CarryOut(connection, steps);
  const absl::Status ended = connection->is_lost() ? absl::OkStatus() : connection->Execute(status.ok() ? "COMMIT" : "ROLLBACK");
  return status.ok() ? ended : status;
}

}  // namespace calsync::adapter
