#include "engine/decide/retry.h"

#include <algorithm>
#include <limits>

namespace calsync {
namespace {

constexpr int kDoublingsMax = 20;
constexpr absl::Duration kRowDelayMax = absl::Minutes(13);  // The longest Backoff with its jitter, and a second of rounding.
constexpr absl::Duration kFightDelayMax = absl::Hours(24);  // To the end of the day.

uint16_t DayOf(absl::Time now) { return static_cast<uint16_t>(absl::ToUnixSeconds(now) / 86400); }

}  // namespace

absl::Duration Backoff(int attempts, Bits& bits) {
  const absl::Duration doubled = kBackoffBase * (int64_t{1} << std::clamp(attempts - 1, 0, kDoublingsMax));
  const absl::Duration delay = std::min(doubled, kBackoffMax);
  constexpr uint64_t kSteps = 256;
  const absl::Duration jitter = delay / 4 * static_cast<int64_t>(bits.Below(kSteps)) / static_cast<int64_t>(kSteps);
  // A database keeps no less than that, and what it keeps must be what is known (seed 14140162).
  return delay + absl::Trunc(jitter, absl::Nanoseconds(1));
}

bool IsDue(absl::Time at, absl::Time now, absl::Duration delay_max) { return at <= now || at - now > delay_max; }

void RestCalls(LiveGroup& group, LiveCalendar& calendar, std::optional<absl::Duration> retry_after) {
  CalendarRow& row = group.Edit(calendar);
  row.failures = std::min(row.failures + 1, 1000);
  absl::Duration delay = Backoff(row.failures, group.bits);
  if (retry_after.has_value()) delay = std::max(delay, std::min(*retry_after, kRetryAfterMax));
  row.calls_rest_until = group.now + delay;
}

void CallsWork(LiveGroup& group, LiveCalendar& calendar) {
  if (calendar.row.failures == 0) return;
  CalendarRow& row = group.Edit(calendar);
  row.failures = 0;
  row.calls_rest_until = absl::InfinitePast();
}

void WritesWork(LiveGroup& group, LiveCalendar& calendar) {
  if (calendar.row.writes_rest_until != absl::InfinitePast()) group.Edit(calendar).writes_rest_until = absl::InfinitePast();
}

bool CallsMayLeave(const LiveGroup& group, const LiveCalendar& calendar) {
  return IsDue(calendar.row.calls_rest_until, group.now, kRetryAfterMax);
}

bool WritesMayLeave(const LiveGroup& group, const LiveCalendar& calendar) {
  return CanWrite(calendar.row.role) && !calendar.row.unreachable && !group.row.breaker_open &&
         IsDue(calendar.row.writes_rest_until, group.now, kUsageLimitRest);
}

bool RowIsDue(const LiveGroup& group, const Record& record) {
  return IsDue(absl::FromUnixSeconds(record.retry_s), group.now, FightIsOn(group, record) ? kFightDelayMax : kRowDelayMax);
}

void RestRow(LiveGroup& group, RowIndex row, int failures) {
  const int64_t until_s = absl::ToUnixSeconds(group.now + Backoff(failures, group.bits)) + 1;
  group.records.Change(row, [&](Record& record) { record.retry_s = until_s; });
}

void RetryLater(LiveGroup& group, RowIndex row) {
  group.records.Change(row, [](Record& record) {
    if (record.attempts < std::numeric_limits<uint8_t>::max()) ++record.attempts;
  });
  RestRow(group, row, group.records[row].attempts);
}

bool RetryWhileYoung(LiveGroup& group, RowIndex row) {
  if (group.records[row].attempts >= kYoungAttempts + kReadAttemptsMax) return false;
  group.records.Change(row, [](Record& record) { record.attempts = std::max(record.attempts, kYoungAttempts); });
  RetryLater(group, row);
  return true;
}

bool CountFight(LiveGroup& group, RowIndex block) {
  if (FightIsOn(group, group.records[block])) return false;
  const uint16_t today = DayOf(group.now);
  group.records.Change(block, [&](Record& record) {
    if (record.fight_day != today) record.fights = 0;
    record.fight_day = today;
    ++record.fights;
  });
  return true;
}

void TakeBackFight(LiveGroup& group, RowIndex block) {
  const Record& record = group.records[block];
  if (record.fight_day != DayOf(group.now) || record.fights == 0 || record.fights > kFightsPerDay) return;
  group.records.Change(block, [](Record& changed) { --changed.fights; });
}

bool FightIsOn(const LiveGroup& group, const Record& block) {
  return block.fight_day == DayOf(group.now) && block.fights >= kFightsPerDay;
}

void ReportFight(LiveGroup& group, RowIndex block) {
  if (RestsAfterFight(group, group.records[block])) return;  // Told already.
  group.records.Change(block, [&](Record& record) { record.retry_s = absl::ToUnixSeconds(EndOfDay(group.now)); });
  group.Audit(AuditKind::kFightReported, group.records[block], "restored too often today");
}

bool RestsAfterFight(const LiveGroup& group, const Record& block) {
  return FightIsOn(group, block) && absl::FromUnixSeconds(block.retry_s) == EndOfDay(group.now);
}

absl::Time EndOfDay(absl::Time now) { return absl::FromUnixSeconds((absl::ToUnixSeconds(now) / 86400 + 1) * 86400); }

}  // namespace calsync
