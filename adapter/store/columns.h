// The columns of every row, named once: reading, writing, comparing and filling all walk these lists.
//
// Each list takes its struct apart completely, so a field that is added to the engine does not compile here until it has a
// column, and a step of the schema that adds it.

#ifndef CALSYNC_ADAPTER_STORE_COLUMNS_H_
#define CALSYNC_ADAPTER_STORE_COLUMNS_H_

#include "engine/host/audit.h"
#include "engine/state/group.h"
#include "engine/state/record.h"

namespace calsync::adapter {

// Calls column(name, field) for each column of the row, always in the same order. `Row` is a Record or const Record, and so on.
template <class Row, class Column>
void ForEachRecordColumn(Row& row, Column&& column) {
  auto& [kind, status, must_read, absent, attempts, blocking, seen_as, tag, tag_attempts, organizer_self, text_is_private,
         tentative, answer, colour, fight_day, id, calendar, event, etag, updated_ms, seen_s, retry_s, span, series, master,
         original, original_all_day, plain, alone, cancelled, keywords, skips_told, made_s, cover_went_s, ical_hash, source, slot,
         summary, generation, highest, sent, ambiguous, taken, tagged, guests, hold, fights, held_for, written, accepted, actual,
         reason] = row;
  auto& [span_start, span_end, all_day] = span;
  column("calendar", calendar);  // The place first: rows that cannot be read are named by it.
  column("event", event);
  column("kind", kind);
  column("status", status);
  column("must_read", must_read);
  column("absent", absent);
  column("attempts", attempts);
  column("correlation_id", id);
  column("etag", etag);
  column("updated_ms", updated_ms);
  column("seen_s", seen_s);
  column("retry_s", retry_s);
  column("span_start", span_start);
  column("span_end", span_end);
  column("all_day", all_day);
  column("series", series);
  column("master", master);
  column("original", original);
  column("original_all_day", original_all_day);
  column("plain", plain);
  column("alone", alone);
  column("cancelled", cancelled);
  column("blocking", blocking);
  column("seen_as", seen_as);
  column("tag", tag);
  column("tag_attempts", tag_attempts);
  column("organizer_self", organizer_self);
  column("text_is_private", text_is_private);
  column("tentative", tentative);
  column("answer", answer);
  column("colour", colour);
  column("keywords", keywords);
  column("skips_told", skips_told);
  column("cover_went_s", cover_went_s);
  column("ical_hash", ical_hash);
  column("summary", summary);
  column("source", source);
  column("slot", slot);
  column("generation", generation);
  column("highest", highest);
  column("sent", sent);
  column("ambiguous", ambiguous);
  column("taken", taken);
  column("tagged", tagged);
  column("guests", guests);
  column("hold", hold);
  column("held_for", held_for);
  column("written", written);
  column("accepted", accepted);
  column("actual", actual);
  column("fights", fights);
  column("fight_day", fight_day);
  column("made_s", made_s);
  column("reason", reason);
}

// All but the channels, which are rows of their own.
template <class Row, class Column>
void ForEachCalendarColumn(Row& row, Column&& column) {
  auto& [key, sync_token, query, walked, restored, sweep_held, unreachable, role, time_zone, last_pass, last_full_walk, failures,
         calls_rest_until, writes_rest_until, walks_lost, lists_rest_until, watch_refused_until, had_events, empty_walk, channels,
         counters] = row;
  auto& [calendars_processed, events_processed, user_events_found, busy_blocks_created, our_events_skipped,
         external_events_skipped, errors] = counters;
  static_cast<void>(channels);
  column("calendar", key);
  column("sync_token", sync_token);
  column("listing_query", query);
  column("walked", walked);
  column("restored", restored);
  column("sweep_held", sweep_held);
  column("unreachable", unreachable);
  column("role", role);
  column("time_zone", time_zone);
  column("last_pass", last_pass);
  column("last_full_walk", last_full_walk);
  column("failures", failures);
  column("calls_rest_until", calls_rest_until);
  column("writes_rest_until", writes_rest_until);
  column("walks_lost", walks_lost);
  column("lists_rest_until", lists_rest_until);
  column("watch_refused_until", watch_refused_until);
  column("had_events", had_events);
  column("empty_walk", empty_walk);
  column("calendars_processed", calendars_processed);
  column("events_processed", events_processed);
  column("user_events_found", user_events_found);
  column("busy_blocks_created", busy_blocks_created);
  column("our_events_skipped", our_events_skipped);
  column("external_events_skipped", external_events_skipped);
  column("errors", errors);
}

template <class Row, class Column>
void ForEachChannelColumn(Row& row, Column&& column) {
  auto& [id, token, resource, status, expiration, opened] = row;
  column("channel_id", id);
  column("token", token);
  column("resource", resource);
  column("status", status);
  column("expiration", expiration);
  column("opened", opened);
}

template <class Row, class Column>
void ForEachGroupColumn(Row& row, Column&& column) {
  auto& [breaker_open, window_start, window_writes, window_explained] = row;
  column("breaker_open", breaker_open);
  column("window_start", window_start);
  column("window_writes", window_writes);
  column("window_explained", window_explained);
}

template <class Row, class Column>
void ForEachAuditColumn(Row& row, Column&& column) {
  auto& [at, kind, calendar, event, record, detail] = row;
  column("at", at);
  column("kind", kind);
  column("calendar", calendar);
  column("event", event);
  column("record", record);
  column("detail", detail);
}

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_COLUMNS_H_
