#include "scenarios/baselines/served.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/overloaded.h"
#include "engine/base/uuid.h"

namespace calsync::sim {
namespace {

// Channels of a shorter life cost more than the rounds between them.
constexpr absl::Duration kOpenedAgainAfter = absl::Minutes(30);

}  // namespace

ServedBaseline::ServedBaseline(const GroupConfig& config, const GroupImage& stored, const SipKey& seed)
    : config_(config), states_(stored), bits_(seed), calendars_(stored.calendars) {
  call_nonce_ = bits_.Next64() << 20;
}

CalendarRow& ServedBaseline::RowOf(CalendarKey key) {
  changed_calendars_.push_back(key);
  for (CalendarRow& row : calendars_) {
    if (row.key == key) return row;
  }
  calendars_.push_back({.key = key});
  return calendars_.back();
}

const LinkedCalendar* ServedBaseline::Enabled(CalendarKey key) const {
  const LinkedCalendar* linked = config_.Find(key);
  return linked != nullptr && linked->state == LinkState::kEnabled ? linked : nullptr;
}

std::vector<CalendarKey> ServedBaseline::AllEnabled() const {
  std::vector<CalendarKey> keys;
  for (const LinkedCalendar& linked : config_.calendars) {
    if (linked.state == LinkState::kEnabled) keys.push_back(linked.key);
  }
  return keys;
}

std::vector<CalendarKey> ServedBaseline::TargetsOf(CalendarKey source) const {
  std::vector<CalendarKey> keys = AllEnabled();
  keys.erase(std::remove(keys.begin(), keys.end(), source), keys.end());
  return keys;
}

Event ServedBaseline::PlainBlock() {
  Event block;
  block.visibility = Visibility::kPrivate;
  block.transparency = Transparency::kOpaque;
  block.reminders.use_default = false;
  return block;
}

void ServedBaseline::Call(HandlerNumber handler, Request request, EventId place) {
  const CallId id(call_nonce_ + ++calls_made_);
  Flight flight{.handler = handler, .place = std::move(place), .channel = ChannelId()};
  if (const auto* watch = std::get_if<WatchEvents>(&request)) flight.channel = watch->channel;
  calls_[id] = std::move(flight);
  outbox_.push_back({id, std::make_shared<const Request>(std::move(request))});
}

EventId ServedBaseline::PlaceOf(CallId call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? EventId() : found->second.place;
}

// A channel lives as long as it was asked for; the next one is opened a tenth of that before. Nobody stops the old one.
void ServedBaseline::OpenChannels() {
  if (config_.policy.push_address.empty()) return;
  for (const CalendarKey key : AllEnabled()) {
    CalendarRow& row = RowOf(key);
    std::erase_if(row.channels, [&](const ChannelRow& channel) { return channel.expiration <= now_; });
    ChannelRow channel{.id = ChannelId(FormatUuid(UuidV4From(bits_.Next128()))), .token = SharedText("calsync")};
    row.channels.push_back(channel);
    Call(0, WatchEvents{.calendar = Enabled(key)->google_id,
                        .channel = channel.id,
                        .address = config_.policy.push_address,
                        .token = "calsync",
                        .ttl = config_.policy.channel_ttl});
  }
  next_channels_ = now_ + std::max(config_.policy.channel_ttl * 0.9, kOpenedAgainAfter);
}

void ServedBaseline::OnChannel(const Flight& flight, const Reply& reply) {
  for (const CalendarRow& held : calendars_) {
    const auto is_it = [&](const ChannelRow& channel) { return channel.id == flight.channel; };
    if (std::none_of(held.channels.begin(), held.channels.end(), is_it)) continue;
    CalendarRow& row = RowOf(held.key);
    const auto channel = std::find_if(row.channels.begin(), row.channels.end(), is_it);
    if (const auto* opened = std::get_if<Channel>(&reply)) {
      channel->status = ChannelStatus::kLive;
      channel->resource = opened->resource;
      channel->expiration = opened->expiration;
    } else {
      row.channels.erase(channel);
    }
    return;
  }
}

Effects ServedBaseline::Step(const Input& input, absl::Time now) {
  now_ = now;
  std::visit(Overloaded{
                 [&](const Started&) {
                   for (const CalendarKey key : AllEnabled()) {
                     CalendarRow& row = RowOf(key);
                     row.role = AccessRole::kWriter;
                     row.walked = true;
                   }
                   OpenChannels();
                   next_schedule_ = now_;
                 },
                 [&](const Notification& message) {
                   // Whoever knows the channel's name is believed, and every message counts, the first one too.
                   for (const CalendarRow& row : calendars_) {
                     const bool named = std::any_of(row.channels.begin(), row.channels.end(),
                                                    [&](const ChannelRow& channel) { return channel.id == message.channel; });
                     if (named && Enabled(row.key) != nullptr) return Begin(++handlers_made_, {row.key});
                   }
                 },
                 [&](const ApiReply& reply) {
                   const auto found = calls_.find(reply.call);
                   if (found == calls_.end()) return;
                   const Flight flight = found->second;
                   calls_.erase(found);
                   return flight.handler == 0 ? OnChannel(flight, reply.reply) : OnAnswer(flight.handler, reply.reply);
                 },
                 [&](const TimerFired&) { next_schedule_ = std::min(next_schedule_, now_); },  // Whatever the clock shows.
                 [&](const OperatorCommand& command) {
                   if (const auto* changed = std::get_if<Reconfigure>(&command)) {
                     config_ = changed->config;
                     for (const CalendarKey key : AllEnabled()) {
                       CalendarRow& row = RowOf(key);
                       row.role = AccessRole::kWriter;
                       row.walked = true;
                     }
                     OpenChannels();
                     next_schedule_ = now_;
                   }
                 },
             },
             input);
  if (now_ >= next_channels_ && next_channels_ > absl::InfinitePast()) OpenChannels();
  const bool push = !config_.policy.push_address.empty();
  const absl::Duration interval = push ? config_.policy.poll_interval_with_push : config_.policy.poll_interval;
  next_schedule_ = std::min(next_schedule_, now_ + interval);  // The clock may have been set back.
  if (now_ >= next_schedule_) {
    next_schedule_ = now_ + interval;
    Begin(++handlers_made_, AllEnabled());
  }

  Effects effects;
  Commit commit;
  states_.TakeChanges(commit);
  std::sort(changed_calendars_.begin(), changed_calendars_.end());
  changed_calendars_.erase(std::unique(changed_calendars_.begin(), changed_calendars_.end()), changed_calendars_.end());
  for (const CalendarKey key : std::exchange(changed_calendars_, {})) {
    commit.calendars.push_back(RowOf(key));
  }
  changed_calendars_.clear();
  if (!commit.IsEmpty()) effects.push_back(std::move(commit));
  for (ApiCall& call : std::exchange(outbox_, {})) effects.push_back(std::move(call));
  const absl::Time due = next_channels_ > absl::InfinitePast() ? std::min(next_schedule_, next_channels_) : next_schedule_;
  effects.push_back(SetTimer{due});
  return effects;
}

}  // namespace calsync::sim
