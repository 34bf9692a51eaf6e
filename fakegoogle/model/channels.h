// Watch channels and the messages that they send (contract section 5).
//
// Messages are collected, in the order in which they were caused; delay and loss are the fault layer's business, delivery is the
// world's. Copyable; randomness comes from the seed alone.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_CHANNELS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_CHANNELS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/event.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/truth.h"

namespace calsync::fake {

// X-Goog-Resource-State.
enum class ResourceState : uint8_t { kSync, kExists, kNotExists };
absl::string_view Name(ResourceState state);  // "sync", "exists", "not_exists".

// What a channel watches: of a calendar, its events or who may do what with it; of an account, its list of calendars or settings.
enum class Collection : uint8_t { kEvents, kRules, kCalendarList, kSettings };

// One notification, as it would be posted. It says that something changed, and nothing else (C-82).
struct PushMessage {
  std::string address;
  ChannelId channel;
  std::string token;  // Empty: none was set.
  ResourceId resource;
  ResourceState state = ResourceState::kExists;
  uint64_t number = 0;
  absl::Time expiration;
  Collection collection = Collection::kEvents;
  CalendarId calendar;  // Empty for collections of an account.
  absl::Time made_at;
};

class Channels {
 public:
  explicit Channels(uint64_t seed) : random_(seed) {}

  // C-80, C-81, C-86: checks the request, opens the channel and sends `sync`. Access was checked by the caller.
  // `types`: only changes of events of these are announced (C-89); empty: of all.
  std::variant<Channel, ApiError> Watch(const WatchEvents& request, const std::vector<EventType>& types, const AccountId& account,
                                        ActorId actor, bool push_supported, const Knobs& knobs, absl::Time now);
  // C-88: nothing on success, else 404.
  std::variant<NoContent, ApiError> Stop(const StopChannel& request, const AccountId& account, ActorId actor, const Knobs& knobs,
                                         absl::Time now);
  // C-82: something visible changed on the calendar, an event of that type.
  void Announce(const CalendarId& calendar, EventType type, const Knobs& knobs, absl::Time now);
  // The same for the other collections. Of those of a calendar `account` is empty, of those of an account `calendar`.
  std::variant<Channel, ApiError> WatchOther(Collection collection, const WatchEvents& request, const AccountId& account,
                                             ActorId actor, const Knobs& knobs, absl::Time now);
  void AnnounceOther(Collection collection, const CalendarId& calendar, const AccountId& account, absl::Time now);
  // C-90: silently ends the channels that `account` has on `calendar` (an empty calendar: on all; an empty account: of all).
  void Kill(const AccountId& account, const CalendarId& calendar);
  // The same for all that this program opened with the account's grant.
  void KillThoseOf(const AccountId& account, ActorId actor);

  std::vector<PushMessage> TakeMessages();
  bool HasMessages() const { return !messages_.empty(); }
  // Channels that would send now; `calendar` empty: of all calendars.
  size_t CountLive(const CalendarId& calendar, absl::Time now) const;

 private:
  struct Watched {
    Collection collection = Collection::kEvents;
    CalendarId calendar;
    AccountId account;  // Of the calendar's collections: empty.
    friend auto operator<=>(const Watched&, const Watched&) = default;
  };
  struct Open {
    ChannelId id;
    AccountId account;
    ActorId actor;
    std::string address;
    std::string token;
    std::vector<EventType> types;  // Empty: all.
    ResourceId resource;
    absl::Time expiration;
    absl::Time silent_from;  // The expiration, or some time after a stop.
    bool stopped = false;
    uint64_t number = 1;
  };

  static ResourceId ResourceOf(const AccountId& account, const Watched& watched);
  std::variant<Channel, ApiError> Begin(const Watched& watched, const WatchEvents& request, const std::vector<EventType>& types,
                                        const AccountId& account, ActorId actor, const Knobs& knobs, absl::Time now);
  // The channels that are not over yet.
  std::vector<Open>& LiveOnes(const Watched& watched, absl::Time now);
  void Send(const Watched& watched, Open& open, absl::Time now);
  uint64_t Draw();

  uint64_t random_;
  absl::btree_map<Watched, std::vector<Open>> open_;
  // Ids are never free again (S-32). The value is what the channel watches.
  absl::btree_map<ChannelId, Watched> known_;
  std::vector<PushMessage> messages_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_CHANNELS_H_
