#include "engine/decide/channels.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/base/siphash.h"
#include "engine/base/uuid.h"
#include "engine/decide/passes.h"
#include "engine/decide/retry.h"
#include "engine/decide/writing.h"

namespace calsync {
namespace {

constexpr int kRenewFraction = 10;  // Renewed when a tenth of its life is left.

bool WantsChannel(const LiveGroup& group, const LiveCalendar& calendar) {
  return !group.config.policy.push_address.empty() && IsEnabled(group, calendar) && !calendar.row.unreachable &&
         calendar.row.walked && IsDue(calendar.row.watch_refused_until, group.now, kChannelRefusedAgainAfter);
}

const ChannelRow* Fresh(const LiveGroup& group, const CalendarRow& row) {
  for (const ChannelRow& channel : row.channels) {
    if (channel.status == ChannelStatus::kLive && RenewalOf(group, channel) > group.now) return &channel;
  }
  return nullptr;
}

ChannelRow* FindChannel(CalendarRow& row, const ChannelId& id) {
  for (ChannelRow& channel : row.channels) {
    if (channel.id == id) return &channel;
  }
  return nullptr;
}

// How long it takes says nothing about how much of a guess was right (W9).
bool SameSecret(absl::string_view held, absl::string_view told) {
  unsigned different = held.size() == told.size() ? 0 : 1;
  for (size_t i = 0; i < told.size(); ++i) {
    different |= static_cast<unsigned char>(told[i]) ^ static_cast<unsigned char>(i < held.size() ? held[i] : 0);
  }
  return different == 0;
}

void Erase(LiveGroup& group, LiveCalendar& calendar, const ChannelId& id) {
  auto& channels = group.Edit(calendar).channels;
  channels.erase(std::remove_if(channels.begin(), channels.end(), [&](const ChannelRow& row) { return row.id == id; }),
                 channels.end());
}

void ForgetExpired(LiveGroup& group, LiveCalendar& calendar) {
  const auto expired = [&](const ChannelRow& channel) { return channel.expiration <= group.now; };
  auto& channels = calendar.row.channels;
  if (std::none_of(channels.begin(), channels.end(), expired)) return;
  calendar.changed = true;
  channels.erase(std::remove_if(channels.begin(), channels.end(), expired), channels.end());
}

bool IsOpenedAsConfigured(const LiveGroup& group, const LiveCalendar& calendar, const ChannelRow& channel) {
  const std::vector<SipKey>& keys = group.config.keys;
  const absl::string_view drawn = channel.token.view().substr(0, kUuidLength);
  return std::any_of(keys.begin(), keys.end(), [&](const SipKey& key) {
    return channel.token.Equals(ChannelToken(drawn, key, group.config, group.Link(calendar).google_id));
  });
}

void Open(LiveGroup& group, LiveCalendar& calendar) {
  ChannelRow channel;
  channel.id = ChannelId(FormatUuid(UuidV4From(group.bits.Next128())));
  const std::string drawn = FormatUuid(group.bits.Next128());
  channel.token = SharedText(ChannelToken(drawn, group.config.keys.front(), group.config, group.Link(calendar).google_id));
  const Policy& policy = group.config.policy;
  channel.expiration = group.now + policy.channel_ttl;
  WatchEvents watch{group.Link(calendar).google_id, channel.id, policy.push_address, channel.token.ToString(),
                    policy.channel_ttl};
  CallInFlight call{.purpose = CallInFlight::Purpose::kWatch, .calendar = calendar.row.key};
  call.channel = channel.id;
  CalendarRow& row = group.Edit(calendar);
  row.channels.push_back(std::move(channel));
  row.watch_refused_until = group.now + kChannelOpenedAgainAfter;
  calendar.channel_call = true;
  MakeCall(group, std::move(call), std::move(watch));
}

void Stop(LiveGroup& group, LiveCalendar& calendar, const ChannelRow& channel) {
  CallInFlight call{.purpose = CallInFlight::Purpose::kStop, .calendar = calendar.row.key};
  call.channel = channel.id;
  calendar.channel_call = true;
  MakeCall(group, std::move(call), StopChannel{channel.id, channel.resource});
}

// The answer to its watch call was lost: it may live, and have come to be as late as now. Its id cannot be used again, and
// without its resource id it can only be outlived (S-32).
void Outlive(const LiveGroup& group, ChannelRow& channel) {
  channel.status = ChannelStatus::kStopping;
  channel.expiration = group.now + group.config.policy.channel_ttl;
}

void Supersede(const LiveGroup& group, LiveCalendar& calendar, const ChannelRow* fresh) {
  for (ChannelRow& channel : calendar.row.channels) {
    const bool keep = fresh != nullptr && channel.id == fresh->id;
    if (keep || channel.status == ChannelStatus::kStopping) continue;
    calendar.changed = true;
    if (channel.status == ChannelStatus::kPlanned) {  // Its watch call was not answered, or not yet.
      Outlive(group, channel);
    } else {
      channel.status = ChannelStatus::kStopping;
    }
  }
}

const ChannelRow* NextToStop(const CalendarRow& row) {
  for (const ChannelRow& channel : row.channels) {
    if (channel.status == ChannelStatus::kStopping && !channel.resource.empty()) return &channel;
  }
  return nullptr;
}

void Tend(LiveGroup& group, LiveCalendar& calendar) {
  if (calendar.channel_call) return;
  ForgetExpired(group, calendar);
  if (!CallsMayLeave(group, calendar)) return;
  const bool wants = WantsChannel(group, calendar);
  const ChannelRow* fresh = wants ? Fresh(group, calendar.row) : nullptr;
  if (wants && fresh == nullptr) return Open(group, calendar);
  // The new one lives: overlap ends. A channel that nobody wants ends too, if it can be told.
  if (fresh != nullptr || group.config.policy.push_address.empty() || !IsEnabled(group, calendar)) {
    Supersede(group, calendar, fresh);
  }
  if (const ChannelRow* channel = NextToStop(calendar.row)) Stop(group, calendar, ChannelRow(*channel));
}

void OnWatched(LiveGroup& group, LiveCalendar& calendar, const Channel& answer) {
  CallsWork(group, calendar);
  ChannelRow* channel = FindChannel(calendar.row, answer.id);
  if (channel == nullptr) return;
  calendar.changed = true;
  if (answer.expiration <= group.now) {  // By our clock it was born dead: it can be neither used nor renewed.
    group.Audit(AuditKind::kChannelRefused, calendar.row.key, "expires in the past: is the clock right?");
    calendar.row.watch_refused_until = group.now + kChannelRefusedAgainAfter;
    return Erase(group, calendar, answer.id);
  }
  channel->resource = answer.resource;
  channel->expiration = answer.expiration;                  // Perhaps shorter than asked (V22).
  if (channel->status == ChannelStatus::kStopping) return;  // Superseded meanwhile; now it can be stopped.
  channel->status = ChannelStatus::kLive;
  channel->opened = group.now;
  group.Audit(AuditKind::kChannelOpened, calendar.row.key);
  group.MarkDirty(calendar, absl::ZeroDuration());  // What changed before the channel lived was announced to nobody.
}

void OnWatchFailure(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const ApiError& error) {
  ++group.Edit(calendar).counters.errors;
  const Failure failure = FailureOf(CallKind::kWatch, error);
  ChannelRow* channel = FindChannel(calendar.row, call.channel);
  const bool superseded = channel != nullptr && channel->status == ChannelStatus::kStopping;
  switch (failure) {
    case Failure::kAmbiguous:
      if (channel != nullptr) Outlive(group, *channel);
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kRefusedForNow:  // None came to be: asked for again as soon as calls may leave.
      Erase(group, calendar, call.channel);
      group.Edit(calendar).watch_refused_until = absl::InfinitePast();
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kUsageLimit:
      Erase(group, calendar, call.channel);
      return RestCalls(group, calendar, error.retry_after);
    case Failure::kIdTaken:
    case Failure::kStale:
    case Failure::kGone:
    case Failure::kNotFound:
    case Failure::kNoAccess:
    case Failure::kForbidden:
    case Failure::kSyncTokenInvalid:
    case Failure::kRejected:
      Erase(group, calendar, call.channel);
      if (superseded) return;  // The next one is of another calendar.
      group.Edit(calendar).watch_refused_until = group.now + kChannelRefusedAgainAfter;
      group.Audit(AuditKind::kChannelRefused, calendar.row.key, absl::StrCat(error.code, " ", error.reason));
      return;
  }
}

void OnStopped(LiveGroup& group, LiveCalendar& calendar, const CallInFlight& call, const Reply& reply) {
  const ApiError* error = std::get_if<ApiError>(&reply);
  if (error != nullptr) {
    ++group.Edit(calendar).counters.errors;
    const Failure failure = FailureOf(CallKind::kStop, *error);
    if (failure == Failure::kRefusedForNow || failure == Failure::kAmbiguous) {
      return RestCalls(group, calendar, error->retry_after);  // Asked again: stopping twice is harmless.
    }
  }
  Erase(group, calendar, call.channel);
}

}  // namespace

void TendChannels(LiveGroup& group) {
  for (LiveCalendar& calendar : group.calendars) {
    if (!calendar.IsSteady(group.now)) Tend(group, calendar);
  }
}

std::string ChannelToken(absl::string_view drawn, const SipKey& key, const GroupConfig& config, const CalendarId& calendar) {
  FieldBytes fields;
  fields.Text(drawn).Text(config.id.text()).Text(calendar.text()).Text(config.policy.push_address);
  return absl::StrCat(drawn, FormatUuid(SipHash128(DeriveKey(key, "channel token"), fields.bytes())));
}

absl::Time RenewalOf(const LiveGroup& group, const ChannelRow& channel) {
  // A tenth of what was asked for may be more than all that was given (V22), a while before the answer came.
  const absl::Duration given = channel.expiration - channel.opened + kCallDeadline;
  const absl::Duration life = std::min(group.config.policy.channel_ttl, given);
  return channel.expiration - absl::Seconds(absl::ToInt64Seconds(life) / kRenewFraction);
}

absl::Time NextTending(const LiveGroup& group, const LiveCalendar& calendar) {
  if (calendar.channel_call) return absl::InfiniteFuture();
  absl::Time next = absl::InfiniteFuture();
  bool has_fresh = false;
  for (const ChannelRow& channel : calendar.row.channels) {
    next = std::min(next, channel.expiration);
    const absl::Time renewal = RenewalOf(group, channel);
    // One that is past waits for the calendar, not for a time.
    if (channel.status != ChannelStatus::kLive || renewal <= group.now) continue;
    next = std::min(next, renewal);
    has_fresh = true;
  }
  const bool wishes = !group.config.policy.push_address.empty() && !has_fresh;
  if (wishes && calendar.row.watch_refused_until > group.now) next = std::min(next, calendar.row.watch_refused_until);
  return next;
}

void SupersedeChannels(LiveGroup& group, LiveCalendar& calendar) {
  Supersede(group, calendar, nullptr);
  group.Edit(calendar).watch_refused_until = absl::InfinitePast();
}

void SupersedeChannelsOfBefore(LiveGroup& group, LiveCalendar& calendar) {
  const auto is_of_before = [&](const ChannelRow& channel) {
    return channel.status != ChannelStatus::kStopping && !IsOpenedAsConfigured(group, calendar, channel);
  };
  const std::vector<ChannelRow>& channels = calendar.row.channels;
  if (std::any_of(channels.begin(), channels.end(), is_of_before)) SupersedeChannels(group, calendar);
}

void OnChannelReply(LiveGroup& group, const CallInFlight& call, const Reply& reply) {
  LiveCalendar* calendar = group.Find(call.calendar);
  CALSYNC_CHECK(calendar != nullptr);
  calendar->channel_call = false;
  if (call.purpose == CallInFlight::Purpose::kStop) return OnStopped(group, *calendar, call, reply);
  const ApiError not_a_channel{.transport = Transport::kUnreadable};
  std::visit(Overloaded{
                 [&](const Channel& channel) { OnWatched(group, *calendar, channel); },
                 [&](const ApiError& error) { OnWatchFailure(group, *calendar, call, error); },
                 [&](const EventsPage&) { OnWatchFailure(group, *calendar, call, not_a_channel); },
                 [&](const EventPtr&) { OnWatchFailure(group, *calendar, call, not_a_channel); },
                 [&](const NoContent&) { OnWatchFailure(group, *calendar, call, not_a_channel); },
                 [&](const CalendarListEntry&) { OnWatchFailure(group, *calendar, call, not_a_channel); },
             },
             reply);
}

void OnNotification(LiveGroup& group, const Notification& notification) {
  for (LiveCalendar& calendar : group.calendars) {
    const ChannelRow* channel = FindChannel(calendar.row, notification.channel);
    if (channel == nullptr) continue;
    if (!SameSecret(channel->token.view(), notification.token)) break;
    if (notification.state == ResourceState::kSync) return;  // The channel says hello; nothing changed.
    if (!IsEnabled(group, calendar)) return;
    calendar.notified = true;
    calendar.recheck = 0;  // Each has its own lag.
    NoteTelling(group, &calendar);
    return group.MarkDirty(calendar, kNotificationDelay);
  }
  ++group.forged_notifications;  // Unknown, long stopped, or forged: inert (S-6).
  NoteTelling(group, nullptr);
}

bool HasLiveChannel(const CalendarRow& calendar, absl::Time now) {
  return std::any_of(calendar.channels.begin(), calendar.channels.end(), [&](const ChannelRow& channel) {
    return channel.status == ChannelStatus::kLive && channel.expiration > now;
  });
}

}  // namespace calsync
