#include "fakegoogle/model/channels.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/siphash.h"
#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/random.h"

namespace calsync::fake {
namespace {

constexpr size_t kChannelIdMax = 64;
constexpr size_t kTokenMax = 256;
constexpr uint64_t kGapMax = 1000;

bool IsChannelId(absl::string_view id) {
  if (id.empty() || id.size() > kChannelIdMax) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::string_view("-_+/=").find(c) != absl::string_view::npos;
  });
}

// C-80.
std::optional<ApiError> CheckRequest(const WatchEvents& request, const Knobs& knobs) {
  if (!IsChannelId(request.channel.text()) || request.token.size() > kTokenMax) return Error(ErrorId::kInvalidChannel);
  if (request.ttl <= absl::ZeroDuration()) return Error(ErrorId::kInvalidTtl);
  const bool plain = absl::StartsWithIgnoreCase(request.address, "http://") && !knobs.webhooks_need_https;
  if (!plain && !absl::StartsWithIgnoreCase(request.address, "https://")) return Error(ErrorId::kWebhookNotHttps);
  return std::nullopt;
}

absl::Time WholeMillis(absl::Time time) { return absl::FromUnixMillis(absl::ToUnixMillis(time)); }  // C-80: as it is told.

}  // namespace

absl::string_view Name(ResourceState state) {
  switch (state) {
    case ResourceState::kSync:
      return "sync";
    case ResourceState::kExists:
      return "exists";
    case ResourceState::kNotExists:
      return "not_exists";
  }
  return "?";
}

// C-87: the same for all channels of one user on one collection.
ResourceId Channels::ResourceOf(const AccountId& account, const Watched& watched) {
  FieldBytes bytes;
  bytes.Text(account.text()).Text(watched.calendar.text());
  if (watched.collection != Collection::kEvents) bytes.Number(static_cast<uint64_t>(watched.collection));
  return ResourceId(absl::StrFormat("r%016x", SipHash64({1, 2}, bytes.bytes())));
}

uint64_t Channels::Draw() { return NextRandom(random_); }

std::variant<Channel, ApiError> Channels::Watch(const WatchEvents& request, const std::vector<EventType>& types,
                                                const AccountId& account, ActorId actor, bool push_supported, const Knobs& knobs,
                                                absl::Time now) {
  if (std::optional<ApiError> wrong = CheckRequest(request, knobs)) return *std::move(wrong);
  if (!push_supported) return Error(ErrorId::kPushNotSupported);
  return Begin({.collection = Collection::kEvents, .calendar = request.calendar, .account = {}}, request, types, account, actor,
               knobs, now);
}

std::variant<Channel, ApiError> Channels::WatchOther(Collection collection, const WatchEvents& request, const AccountId& account,
                                                     ActorId actor, const Knobs& knobs, absl::Time now) {
  if (std::optional<ApiError> wrong = CheckRequest(request, knobs)) return *std::move(wrong);
  Watched watched{.collection = collection, .calendar = request.calendar, .account = {}};
  if (request.calendar.empty()) watched.account = account;
  return Begin(watched, request, {}, account, actor, knobs, now);
}

std::variant<Channel, ApiError> Channels::Begin(const Watched& watched, const WatchEvents& request,
                                                const std::vector<EventType>& types, const AccountId& account, ActorId actor,
                                                const Knobs& knobs, absl::Time now) {
  if (!known_.emplace(request.channel, watched).second) return Error(ErrorId::kChannelIdNotUnique);
  Open open{.id = request.channel,
            .account = account,
            .actor = actor,
            .address = request.address,
            .token = request.token,
            .types = types,
            .resource = ResourceOf(account, watched),
            .expiration = WholeMillis(now + std::min(request.ttl, knobs.channel_lifetime_max))};
  open.silent_from = open.expiration;
  messages_.push_back({.address = open.address,
                       .channel = open.id,
                       .token = open.token,
                       .resource = open.resource,
                       .state = ResourceState::kSync,
                       .number = 1,
                       .expiration = open.expiration,
                       .collection = watched.collection,
                       .calendar = watched.calendar,
                       .made_at = now});
  Channel channel{.id = open.id, .resource = open.resource, .expiration = open.expiration};
  open_[watched].push_back(std::move(open));
  return channel;
}

std::variant<NoContent, ApiError> Channels::Stop(const StopChannel& request, const AccountId& account, ActorId actor,
                                                 const Knobs& knobs, absl::Time now) {
  const auto known = known_.find(request.channel);
  if (known == known_.end()) return Error(ErrorId::kNotFound);
  std::vector<Open>& channels = open_[known->second];
  const auto found = std::find_if(channels.begin(), channels.end(), [&](const Open& open) {
    return open.id == request.channel && open.resource == request.resource && open.account == account && open.actor == actor &&
           !open.stopped && now < open.expiration;
  });
  if (found == channels.end()) return Error(ErrorId::kNotFound);
  found->stopped = true;
  found->silent_from = std::min(found->expiration, now + knobs.sends_after_stop);
  return NoContent();
}

std::vector<Channels::Open>& Channels::LiveOnes(const Watched& watched, absl::Time now) {
  static auto& none = *new std::vector<Open>();
  const auto found = open_.find(watched);
  if (found == open_.end()) return none;
  std::erase_if(found->second, [&](const Open& open) { return open.silent_from <= now; });
  return found->second;
}

void Channels::Send(const Watched& watched, Open& open, absl::Time now) {
  open.number += 1 + Draw() % kGapMax;  // C-83.
  messages_.push_back({.address = open.address,
                       .channel = open.id,
                       .token = open.token,
                       .resource = open.resource,
                       .state = ResourceState::kExists,
                       .number = open.number,
                       .expiration = open.expiration,
                       .collection = watched.collection,
                       .calendar = watched.calendar,
                       .made_at = now});
}

void Channels::Announce(const CalendarId& calendar, EventType type, const Knobs& knobs, absl::Time now) {
  const Watched watched{.collection = Collection::kEvents, .calendar = calendar, .account = {}};
  for (Open& open : LiveOnes(watched, now)) {
    if (!open.types.empty()) {  // C-89.
      const bool wanted = std::find(open.types.begin(), open.types.end(), type) != open.types.end();
      if (!wanted || knobs.typed_channels_silent) continue;
    }
    Send(watched, open, now);
  }
}

void Channels::AnnounceOther(Collection collection, const CalendarId& calendar, const AccountId& account, absl::Time now) {
  const Watched watched{.collection = collection, .calendar = calendar, .account = account};
  for (Open& open : LiveOnes(watched, now)) Send(watched, open, now);
}

void Channels::Kill(const AccountId& account, const CalendarId& calendar) {
  for (auto& [of, channels] : open_) {
    if (!calendar.empty() && of.calendar != calendar) continue;
    std::erase_if(channels, [&](const Open& open) { return account.empty() || open.account == account; });
  }
}

void Channels::KillThoseOf(const AccountId& account, ActorId actor) {
  for (auto& [of, channels] : open_) {
    std::erase_if(channels, [&](const Open& open) { return open.account == account && open.actor == actor; });
  }
}

std::vector<PushMessage> Channels::TakeMessages() { return std::exchange(messages_, {}); }

size_t Channels::CountLive(const CalendarId& calendar, absl::Time now) const {
  size_t count = 0;
  for (const auto& [of, channels] : open_) {
    if (!calendar.empty() && of.calendar != calendar) continue;
    for (const Open& open : channels) count += now < open.silent_from;
  }
  return count;
}

}  // namespace calsync::fake
