PRAGMA application_id = 1130458195;
PRAGMA user_version = 5;
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
  errors INTEGER NOT NULL, time_zone TEXT NOT NULL DEFAULT '', walks_lost INTEGER NOT NULL DEFAULT 0, lists_rest_until INTEGER NOT NULL DEFAULT -9223372036854775808, had_events INTEGER NOT NULL DEFAULT -9223372036854775808, empty_walk INTEGER NOT NULL DEFAULT -9223372036854775808,
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
  expiration INTEGER NOT NULL, opened INTEGER NOT NULL DEFAULT -9223372036854775808,
  PRIMARY KEY (group_key, calendar, position),
  FOREIGN KEY (group_key, calendar) REFERENCES calendar
) STRICT, WITHOUT ROWID;
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
  reason TEXT NOT NULL, tentative INTEGER NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT 'none', colour INTEGER NOT NULL DEFAULT 0, keywords INTEGER NOT NULL DEFAULT 0, skips_told INTEGER NOT NULL DEFAULT 0, cover_went_s INTEGER NOT NULL DEFAULT 0, series TEXT NOT NULL DEFAULT '', master TEXT NOT NULL DEFAULT '', original INTEGER NOT NULL DEFAULT 0, original_all_day INTEGER NOT NULL DEFAULT 0, plain INTEGER NOT NULL DEFAULT 0, alone INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0, made_s INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (group_key, calendar, event)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_row_a_correlation_id ON record (group_key, correlation_id) WHERE correlation_id IS NOT NULL;
CREATE UNIQUE INDEX one_block_a_slot ON record (group_key, slot) WHERE kind = 'block' AND slot IS NOT NULL;
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
INSERT INTO sync_group VALUES (1, 'ann', 1, 1, 1, 1778000000000000000, 3, 0);
INSERT INTO calendar VALUES (1, 7, 'CPDAlvWDx70CEPDAlvWDx70CGAU=', 0, 1, 0, 0, 0, 'owner', 1778000000123000000, -9223372036854775808, 0, -9223372036854775808, -9223372036854775808, -9223372036854775808, 0, 0, 0, 12, 0, 0, 0, 'Europe/Berlin', 0, -9223372036854775808, 1778000000124000000, 1778000000125000000);
INSERT INTO channel VALUES (1, 7, 0, 'channel-1', 'secret', 'resource-1', 'live', 1778600000000000000, 1777995200000000000);
INSERT INTO record VALUES (1, 7, '6c5m1k0h74s3e', 'user_event', 'synced', 0, 0, 0, X'11112222333344449555666677778888', '"3181161784712000"', 1590580892356, 0, 0, 1778000000, 1778003600, 0, 'blocks', 'undecided', 'written', 0, 0, 0, -81985529216486896, '', NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 'none', 0, 0, 0, 0, 0, 0, '', 1, 'accepted', 5, 2147483649, 4294967295, 1778000000, '', '', 0, 0, 0, 0, 0, 4275878552);
INSERT INTO record VALUES (1, 9, 'cs0123456789abcdefghijklmnopqrstuv0123456789abc', 'block', 'created', 0, 0, 0, X'00000000000000050000000000000006', '', 0, 0, 0, 1778000000, 1778003600, 0, 'blocks', 'undecided', 'owed', 0, 0, 0, 0, '', X'11112222333344449555666677778888', X'00000000000000070000000000000008', 2, 3, 0, 0, 0, 0, 0, 'kept_edit', -1, 0, 0, 0, 0, 0, '', 0, 'none', 0, 0, 0, 0, '', '', 0, 0, 0, 0, 0, 1778000001);
INSERT INTO audit VALUES (1, 1, 1778000001000000000, 'block_created', 9, 'e1', X'00000000000000050000000000000006', 'for "work"');
