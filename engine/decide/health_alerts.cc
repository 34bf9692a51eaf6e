// Figures and alerts: one look at the rows, then one function for each condition.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/decide/channels.h"
#include "engine/decide/evidence.h"
#include "engine/decide/health.h"
#include "engine/decide/listing.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

constexpr absl::Duration kNewFor = absl::Hours(24);
constexpr absl::Duration kNotSeen = absl::Hours(2);  // The first design's.

struct Look {
  const LiveGroup& group;
  absl::Time now;
  const AlertLimits& limits;
  GroupHealth& health;

  void Raise(AlertKind kind, CalendarKey calendar, absl::Time since, std::string words) const {
    health.alerts.push_back({kind, calendar, since, std::move(words)});
  }
};

// An exception of a series counts with its series, as long as that is there.
bool IsPartOfSeries(const LiveGroup& group, const Record& record) {
  if (!record.IsOccurrence()) return false;
  if (record.IsBlock()) return true;
  const std::optional<RowIndex> master = group.records.FindAt(record.calendar, record.master.view());
  if (!master.has_value() || group.records[*master].kind != RecordKind::kUserEvent) return false;
  return group.records[*master].IsLiveUserEvent() || !record.alone;  // It went with its series (C-68), or came back after that.
}

bool IsTracked(const LiveGroup& group, const Record& record) {
  const bool lives = record.IsLiveUserEvent() || record.MayBeLive() ||
                     (record.IsBlock() && (record.status == RecordStatus::kCreating || record.status == RecordStatus::kFailed));
  return lives && !IsPartOfSeries(group, record);
}

void CountRow(const Look& look, const Record& record, CalendarHealth& health) {
  if (!IsTracked(look.group, record)) return;
  Figures& figures = health.figures;
  const bool by_us = record.IsBlock();
  const bool is_new = absl::FromUnixSeconds(record.made_s) >= look.now - kNewFor;
  ++figures.total_events_tracked;
  ++(by_us ? figures.busy_blocks_tracked : figures.user_events_tracked);
  ++(by_us ? figures.events_created_by_us : figures.events_created_by_users);
  if (is_new) ++figures.events_created_24h;
  if (is_new && by_us) ++figures.busy_blocks_created_24h;
  if (health.last_pass < look.now - kNotSeen) ++figures.events_not_seen_recently;
  if (!by_us || record.status != RecordStatus::kCreating) return;
  ++figures.events_stuck_creating;
  if (absl::FromUnixSeconds(record.made_s) < look.now - look.limits.creating_for) ++health.creating_long;
}

void LookAtCalendars(const Look& look) {
  for (const LiveCalendar& calendar : look.group.calendars) {
    CalendarHealth health{.calendar = calendar.row.key};
    for (size_t kind = 0; kind < kOwedKinds; ++kind) health.queued[kind] = static_cast<int64_t>(calendar.ready[kind].size());
    health.calls = calendar.event_calls;
    health.last_pass = calendar.row.last_pass;
    for (const ChannelRow& channel : calendar.row.channels) {
      if (channel.status != ChannelStatus::kLive || channel.expiration <= look.now) continue;
      if (channel.expiration < health.channel_expires) continue;
      health.channel_opened = channel.opened;
      health.channel_expires = channel.expiration;
    }
    look.health.calendars.push_back(health);
  }
}

void LookAtRows(const Look& look) {
  const Records& records = look.group.records;
  for (RowIndex row = 0; row < records.size(); ++row) {
    for (CalendarHealth& health : look.health.calendars) {
      if (health.calendar == records[row].calendar) CountRow(look, records[row], health);
    }
  }
}

// ---- One function for each alert ----

void AlertStuckCreating(const Look& look) {
  int64_t stuck = 0;
  for (const CalendarHealth& calendar : look.health.calendars) stuck += calendar.creating_long;
  if (stuck <= look.limits.creating_max) return;
  look.Raise(AlertKind::kStuckCreating, CalendarKey(), absl::InfinitePast(),
             absl::StrCat(stuck, " blocks are being created for more than ", absl::ToInt64Minutes(look.limits.creating_for),
                          " minutes; `calsync audit --slots` says what each waits for"));
}

void AlertWebhookSlow(const Look& look) {
  const Telling* slowest = nullptr;
  absl::Duration longest = look.limits.webhook_max;
  for (const Telling& telling : look.group.passes.tellings) {
    if (!telling.IsUnderWay() && telling.settled < look.now - look.limits.webhook_shown) continue;
    const absl::Duration took = (telling.IsUnderWay() ? look.now : telling.settled) - telling.arrived;
    if (took <= longest) continue;
    longest = took;
    slowest = &telling;
  }
  if (slowest == nullptr) return;
  look.Raise(AlertKind::kWebhookSlow, slowest->calendar, slowest->arrived,
             absl::StrCat("what a notification brought ", slowest->IsUnderWay() ? "takes" : "took", " ",
                          absl::ToInt64Milliseconds(longest) / 1000, ".", absl::ToInt64Milliseconds(longest) / 100 % 10, " s",
                          slowest->error.empty() ? "" : absl::StrCat("; the last call that failed: ", slowest->error)));
}

// An event that was shown since the walk, by a read or a listing: it was the walk that was wrong. Or that is one only since: the
// walk showed what waited for the operator's word (legacy seed 17307198).
bool WasShownSince(const LiveGroup& group, CalendarKey calendar, absl::Time walk) {
  for (RowIndex row = 0; row < group.records.size(); ++row) {
    const Record& record = group.records[row];
    if (record.calendar != calendar || !record.IsLiveUserEvent() || record.must_read || record.absent) continue;
    const bool is_one_since = record.made_s >= absl::ToUnixSeconds(walk) && record.made_s <= absl::ToUnixSeconds(group.now);
    if (is_one_since || WasSeenSince(group, record, walk)) return true;
  }
  return false;
}

void AlertNoUserEvents(const Look& look) {
  for (const LiveCalendar& calendar : look.group.calendars) {
    const CalendarRow& row = calendar.row;
    if (!IsEnabled(look.group, calendar) || row.empty_walk == absl::InfinitePast()) continue;
    if (look.now - row.had_events > look.limits.lately || WasShownSince(look.group, row.key, row.empty_walk)) continue;
    look.Raise(AlertKind::kNoUserEvents, row.key, row.empty_walk,
               "a full walk shows no event of a person, and there were some in the last days. If that is right, nothing is to be "
               "done");
  }
}

void AlertFailedPasses(const Look& look) {
  const int64_t minute = absl::ToUnixSeconds(look.now) / 60;
  for (const PassLog::Minute& counted : look.group.passes.minutes) {
    if (counted.minute <= minute - look.limits.failed_minutes) continue;
    look.health.passes += counted.passes;
    look.health.passes_failed += counted.failed;
  }
  const int64_t failed = look.health.passes_failed;
  if (failed < look.limits.failed_min) return;
  if (static_cast<double>(failed) <= look.limits.failed_share * static_cast<double>(look.health.passes)) return;
  look.Raise(AlertKind::kFailedPasses, CalendarKey(), absl::InfinitePast(),
             absl::StrCat(failed, " of the ", look.health.passes, " listings of the last ", look.limits.failed_minutes,
                          " minutes failed; `calsync status` says how"));
}

void AlertSilence(const Look& look) {
  for (const LiveCalendar& calendar : look.group.calendars) {
    const CalendarRow& row = calendar.row;
    if (!IsEnabled(look.group, calendar) || row.unreachable) continue;
    const Policy& policy = look.group.config.policy;
    const absl::Duration interval = HasLiveChannel(row, look.now) ? policy.poll_interval_with_push : policy.poll_interval;
    // Intervals vary by a quarter. Before the first listing, silence counts from the start of this engine; so it does if the last
    // one was by a clock that was set back since.
    const absl::Time passed = row.last_pass > look.now ? absl::InfinitePast() : row.last_pass;
    const absl::Time heard = std::max(passed, look.group.counts_from);
    const absl::Duration allowed = look.limits.silent_polls * interval * 1.25 + look.limits.silent_slack;
    if (heard == absl::InfinitePast() || look.now - heard <= allowed) continue;
    look.Raise(AlertKind::kSilence, row.key, passed,
               row.last_pass == absl::InfinitePast()
                   ? "it was never read; `calsync status` and `calsync doctor` say more"
                   : "it was not read for long; `calsync status` and `calsync doctor` say more");
  }
}

void AlertAccess(const Look& look, absl::Span<const CalendarKey> grants_lost) {
  const auto is_lost = [&](CalendarKey key) {
    return std::find(grants_lost.begin(), grants_lost.end(), key) != grants_lost.end();
  };
  for (const LiveCalendar& calendar : look.group.calendars) {
    if (!calendar.row.unreachable || !IsEnabled(look.group, calendar) || is_lost(calendar.row.key)) continue;
    look.Raise(
        AlertKind::kUnreachable, calendar.row.key, calendar.row.last_pass,
        "Google does not let us read it: no access, or it is gone. Its blocks stay as they are; `calsync accounts` says more");
  }
  for (const LiveCalendar& calendar : look.group.calendars) {
    if (!IsEnabled(look.group, calendar) || !is_lost(calendar.row.key)) continue;
    look.Raise(AlertKind::kGrantLost, calendar.row.key, calendar.row.last_pass,
               "Google does not accept its account's grant any more. Its blocks stay as they are; `calsync login` renews it");
  }
}

void AlertStopped(const Look& look) {
  for (const LiveCalendar& calendar : look.group.calendars) {
    // One that lies further off than writes ever rest is of a clock that was set back: one is tried (seed 1105).
    const bool rests = !IsDue(calendar.row.writes_rest_until, look.now, kUsageLimitRest);
    if (!rests || calendar.row.unreachable || !CanWrite(calendar.row.role)) continue;
    look.Raise(AlertKind::kQuotaFrozen, calendar.row.key, absl::InfinitePast(),
               "Google refused to write: a usage limit, or no right to. Writes rest for up to an hour, then one is tried");
  }
  if (look.group.row.breaker_open) {
    look.Raise(AlertKind::kBreakerOpen, CalendarKey(), absl::InfinitePast(),
               absl::StrCat("all writes stopped: ", look.group.row.window_writes, " were made, and people's changes explain ",
                            look.group.row.window_explained, ". Look at `calsync audit`; `calsync resume` goes on"));
  }
  for (const LiveCalendar& calendar : look.group.calendars) {
    if (!calendar.row.sweep_held) continue;
    look.Raise(AlertKind::kSweepHeld, calendar.row.key, calendar.row.last_full_walk,
               "much of it is missing at once, and nothing is removed for it; `calsync calendars confirm NAME` if that is right");
  }
}

void AlertDetectionsDiffer(const Look& look) {
  if (look.now - look.group.detections_differed > look.limits.differ_shown) return;
  look.Raise(AlertKind::kDetectionsDiffer, CalendarKey(), look.group.detections_differed,
             absl::StrCat("ids and texts disagree about what is a block: ", look.group.blocks_by_text_alone,
                          " by their text alone, ", look.group.blocks_by_ids_alone,
                          " by ids alone, since the start. Ids decide; `calsync migrate` lists what to settle"));
}

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
  total_events_tracked += other.total_events_tracked;
  user_events_tracked += other.user_events_tracked;
  busy_blocks_tracked += other.busy_blocks_tracked;
  events_created_by_us += other.events_created_by_us;
  events_created_by_users += other.events_created_by_users;
  events_created_24h += other.events_created_24h;
  busy_blocks_created_24h += other.busy_blocks_created_24h;
  events_stuck_creating += other.events_stuck_creating;
  events_not_seen_recently += other.events_not_seen_recently;
  return *this;
}

GroupHealth HealthOf(const LiveGroup& group, absl::Time now, absl::Span<const CalendarKey> grants_lost,
                     const AlertLimits& limits) {
  CALSYNC_CHECK(limits.failed_minutes <= kWindowMax);
  GroupHealth health;
  health.agenda = static_cast<int64_t>(group.agenda.size());
  health.calls = group.calls.size();
  health.breaker_open = group.row.breaker_open;
  health.window_writes = group.row.window_writes;
  health.window_explained = group.row.window_explained;
  health.forged_notifications = group.forged_notifications;
  const Look look{group, now, limits, health};
  LookAtCalendars(look);
  LookAtRows(look);
  AlertStuckCreating(look);
  AlertWebhookSlow(look);
  AlertNoUserEvents(look);
  AlertFailedPasses(look);
  AlertSilence(look);
  AlertAccess(look, grants_lost);
  AlertStopped(look);
  AlertDetectionsDiffer(look);
  return health;
}

absl::string_view Name(AlertKind kind) {
  switch (kind) {
    case AlertKind::kStuckCreating:
      return "stuck_creating";
    case AlertKind::kWebhookSlow:
      return "webhook_slow";
    case AlertKind::kNoUserEvents:
      return "no_user_events";
    case AlertKind::kFailedPasses:
      return "failed_passes";
    case AlertKind::kSilence:
      return "silence";
    case AlertKind::kUnreachable:
      return "unreachable";
    case AlertKind::kGrantLost:
      return "grant_lost";
    case AlertKind::kQuotaFrozen:
      return "quota_frozen";
    case AlertKind::kBreakerOpen:
      return "breaker_open";
    case AlertKind::kSweepHeld:
      return "sweep_held";
    case AlertKind::kDetectionsDiffer:
      return "detections_differ";
  }
  return "?";
}

}  // namespace calsync
