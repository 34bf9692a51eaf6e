#include "engine/decide/wake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/decide/channels.h"
#include "engine/decide/listing.h"
#include "engine/decide/retry.h"

namespace calsync {
namespace {

absl::Time DueAt(const LiveGroup& group, const LiveCalendar& calendar) {
  if (!CallsMayLeave(group, calendar)) return calendar.row.calls_rest_until;  // Whatever it wants waits for that.
  absl::Time due = std::min(NextListing(group, calendar), NextTending(group, calendar));
  if (calendar.row.writes_rest_until > group.now) due = std::min(due, calendar.row.writes_rest_until);
  return due;
}

// The first time at which an answer that depends on `now` may be another one.
absl::Time SteadyUntil(const LiveGroup& group, const LiveCalendar& calendar, absl::Time due) {
  absl::Time until = due;
  const CalendarRow& row = calendar.row;
  const std::pair<absl::Time, absl::Duration> times[] = {{row.calls_rest_until, kRetryAfterMax},
                                                         {row.writes_rest_until, kUsageLimitRest},
                                                         {row.watch_refused_until, kChannelRefusedAgainAfter},
                                                         {row.lists_rest_until, kRetryAfterMax},
                                                         {calendar.list_at, kRecheckDelayMax}};
  for (const auto& [at, delay_max] : times) {
    if (at <= group.now) continue;
    // What lies too far ahead counts as due (IsDue), until it does not lie too far ahead any more: not worth telling when.
    if (at - group.now > delay_max) return absl::InfinitePast();
    until = std::min(until, at);
  }
  for (const ChannelRow& channel : row.channels) {
    until = std::min(until, channel.expiration);
    const absl::Time renewal = RenewalOf(group, channel);
    if (renewal > group.now) until = std::min(until, renewal);
  }
  return until;
}

}  // namespace

absl::Time NoteWakes(LiveGroup& group) {
  absl::Time next = absl::InfiniteFuture();
  for (LiveCalendar& calendar : group.calendars) {
    if (!calendar.IsSteady(group.now)) {
      calendar.due = DueAt(group, calendar);
      calendar.steady_until = SteadyUntil(group, calendar, calendar.due);
      // What changed in this step, perhaps after it was looked at, is looked at once more in the next.
      calendar.touched = calendar.changed;
    }
    next = std::min(next, calendar.due);
  }
  return next;
}

void TouchAll(LiveGroup& group) {
  for (LiveCalendar& calendar : group.calendars) calendar.touched = true;
}

std::string VerifyWakes(const LiveGroup& group) {
  for (const LiveCalendar& calendar : group.calendars) {
    if (!calendar.IsSteady(group.now)) continue;
    const absl::Time due = DueAt(group, calendar);
    if (due != calendar.due) {
      return absl::StrCat("calendar ", calendar.row.key.value(), " is due at ", absl::FormatTime(due), ", not at the noted ",
                          absl::FormatTime(calendar.due));
    }
  }
  return "";
}

}  // namespace calsync
