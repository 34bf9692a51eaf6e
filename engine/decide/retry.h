// How long to wait, how often to try, and when to give up. Every bound of the engine's patience in one place.

#ifndef CALSYNC_ENGINE_DECIDE_RETRY_H_
#define CALSYNC_ENGINE_DECIDE_RETRY_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "engine/decide/live_group.h"
#include "engine/host/bits.h"

namespace calsync {

inline constexpr absl::Duration kBackoffBase = absl::Seconds(1);
inline constexpr absl::Duration kBackoffMax = absl::Minutes(10);
inline constexpr absl::Duration kRetryAfterMax = absl::Hours(1);               // Longer wishes of Google are cut to this.
inline constexpr absl::Duration kUsageLimitRest = absl::Hours(1);              // S-27: writes rest, then one alone is tried.
inline constexpr absl::Duration kCallDeadline = absl::Minutes(2);              // A reply that is later counts as lost.
inline constexpr absl::Duration kNotificationDelay = absl::Milliseconds(500);  // Collapses bursts (contract 5.2).
inline constexpr absl::Duration kTagDelay = absl::Seconds(30);                 // After discovery (S-30).
// An empty delta after a notification is asked for again: visibility lags (S-7). Then it is left to the poll.
inline constexpr absl::Duration kRecheckDelays[] = {absl::Seconds(2), absl::Seconds(30), absl::Seconds(120)};
inline constexpr size_t kRechecks = sizeof kRecheckDelays / sizeof kRecheckDelays[0];
inline constexpr absl::Duration kRecheckDelayMax = kRecheckDelays[kRechecks - 1];
// Channels of a shorter life cost more than the polls between them.
inline constexpr absl::Duration kChannelOpenedAgainAfter = absl::Minutes(30);
// A calendar that refuses push (S-22) is asked again.
inline constexpr absl::Duration kChannelRefusedAgainAfter = absl::Hours(6);
inline constexpr int32_t kUnauthorizedMax = 6;  // Failures in a row, the last 401: a listing tells whether the grant is lost.
inline constexpr uint8_t kTagAttemptsMax = 3;   // For the life of a user event (S-2).
inline constexpr uint8_t kFightsPerDay = 10;    // Restores and recreations of one slot.
inline constexpr uint8_t kGivenUp = kFightsPerDay + 1;  // Record::fights of a slot in which a deletion ended a fight.
inline constexpr uint8_t kReadAttemptsMax = 4;          // Reads that answer 404 for something young (V6).
inline constexpr uint8_t kYoungAttempts = 5;            // … which begin as patiently as a sixth attempt.
inline constexpr uint8_t kReadsInVain = 10;  // Refused so often in a row, more than lags take, a read is not waited for.
inline constexpr uint8_t kRefusalsMax = 5;   // 403 on a calendar that claims to be writable.
static_assert(kReadsInVain > kYoungAttempts + kReadAttemptsMax);
inline constexpr absl::Duration kYoung = absl::Minutes(10);  // A 404 may be a lag until then (S-7).

// After `attempts` failures in a row: doubling from kBackoffBase to kBackoffMax, plus up to a quarter of jitter. Non-decreasing
// in `attempts` but for jitter at the cap.
absl::Duration Backoff(int attempts, Bits& bits);

// True if `at` has come. A due time further off than `delay_max` is due too: the wall clock was set back.
bool IsDue(absl::Time at, absl::Time now, absl::Duration delay_max);

// A call for the calendar failed in a way that says nothing about the event: all its calls wait.
void RestCalls(LiveGroup& group, LiveCalendar& calendar, std::optional<absl::Duration> retry_after);
// A call succeeded.
void CallsWork(LiveGroup& group, LiveCalendar& calendar);
// Google carried out a write.
void WritesWork(LiveGroup& group, LiveCalendar& calendar);
bool CallsMayLeave(const LiveGroup& group, const LiveCalendar& calendar);
bool WritesMayLeave(const LiveGroup& group, const LiveCalendar& calendar);

// True if the row's own call need not wait any longer.
bool RowIsDue(const LiveGroup& group, const Record& record);
// The row's own call waits as after so many failures in a row.
void RestRow(LiveGroup& group, RowIndex row, int failures);
// The row's own call failed, and is tried again later.
void RetryLater(LiveGroup& group, RowIndex row);
// What was answered may lag behind what is known: asked again, with the patience that lags need. False if they do not last as
// long.
bool RetryWhileYoung(LiveGroup& group, RowIndex row);

// Counts one more restore or recreation of the block's slot today. False if the day's bound is reached: it must not happen.
bool CountFight(LiveGroup& group, RowIndex block);
// What was counted last did not happen, for Google refused it for a reason of its own.
void TakeBackFight(LiveGroup& group, RowIndex block);
// True if the day's bound is reached.
bool FightIsOn(const LiveGroup& group, const Record& block);
// Until the next day in UTC a slot that is fought over is left alone.
void ReportFight(LiveGroup& group, RowIndex block);
// True while it is, for that was reported.
bool RestsAfterFight(const LiveGroup& group, const Record& block);
// When the present day ends, in UTC.
absl::Time EndOfDay(absl::Time now);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_RETRY_H_
