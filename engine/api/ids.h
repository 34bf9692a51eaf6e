// The names that Google gives to things, one type each.

#ifndef CALSYNC_ENGINE_API_IDS_H_
#define CALSYNC_ENGINE_API_IDS_H_

#include "engine/base/strong_id.h"

namespace calsync {

using CalendarId = StrongId<struct CalendarIdTag>;  // Google's calendar id, an address; never an alias such as `primary`.
using EventId = StrongId<struct EventIdTag>;        // Unique within one calendar only (S-15).
using ICalUid = StrongId<struct ICalUidTag>;        // RFC 5545 UID, shared by all copies of a meeting.
using Etag = StrongId<struct EtagTag>;              // Quoted and opaque; new on every visible change (C-4).
using SyncToken = StrongId<struct SyncTokenTag>;    // Opaque.
using PageToken = StrongId<struct PageTokenTag>;    // Opaque.
using ChannelId = StrongId<struct ChannelIdTag>;    // Chosen by the watcher, never used twice (S-32).
using ResourceId = StrongId<struct ResourceIdTag>;  // One per (user, collection) (C-87).
using AccountId = StrongId<struct AccountIdTag>;    // The e-mail address that a grant belongs to.

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_IDS_H_
