// Watch channels: opened, renewed with overlap, stopped, outlived. Contract section 5.1.
//
// A channel's row is durable before its watch call leaves, since its first message may come before the answer (W6). Ids and
// tokens are fresh for each channel (S-32). A message that does not name a channel of ours and its token is inert (W9).

#ifndef CALSYNC_ENGINE_DECIDE_CHANNELS_H_
#define CALSYNC_ENGINE_DECIDE_CHANNELS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/ids.h"
#include "engine/base/siphash.h"
#include "engine/decide/live_group.h"
#include "engine/host/input.h"
#include "engine/state/group.h"

namespace calsync {

// Opens, renews and stops what is due, one call a calendar at a time; forgets what expired.
void TendChannels(LiveGroup& group);
// When TendChannels has something to do next.
absl::Time NextTending(const LiveGroup& group, const LiveCalendar& calendar);
// When the channel's successor is opened.
absl::Time RenewalOf(const LiveGroup& group, const ChannelRow& channel);

// The calendar's channels tell nothing any more: it is another one of Google's from now on, or notifications are posted
// elsewhere. They end, also one that is being opened, and others are opened.
void SupersedeChannels(LiveGroup& group, LiveCalendar& calendar);

// The same at a start, if that happened while no engine ran.
void SupersedeChannelsOfBefore(LiveGroup& group, LiveCalendar& calendar);

// The secret of a channel: a UUID that was drawn for it, and a seal over what it is opened for, the calendar of Google's and the
// address. No column tells that of a stored channel. Who knows the engine's seed does not know the seal: a recording holds the
// one, and no keys.
std::string ChannelToken(absl::string_view drawn, const SipKey& key, const GroupConfig& config, const CalendarId& calendar);

void OnChannelReply(LiveGroup& group, const CallInFlight& call, const Reply& reply);
void OnNotification(LiveGroup& group, const Notification& notification);

bool HasLiveChannel(const CalendarRow& calendar, absl::Time now);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_DECIDE_CHANNELS_H_
