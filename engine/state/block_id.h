// Event ids that certify themselves: `cs` + base32hex(128-bit slot hash, 32-bit generation, 64-bit MAC), 47 characters (C-1).
//
// A block's id is planned before its insert is sent, from stable keys only. So a repeated insert answers 409 and is adopted, a
// lost or restored database plans the same id again, and whatever bears such an id is ours or a copy of ours even with no tag and
// no record (L1). Ids of other groups and instances do not verify.

#ifndef CALSYNC_ENGINE_STATE_BLOCK_ID_H_
#define CALSYNC_ENGINE_STATE_BLOCK_ID_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "engine/api/ids.h"
#include "engine/base/siphash.h"
#include "engine/state/ids.h"

namespace calsync {

// What an id of ours says. `generation` counts from 1; 0 is a block of another system that we adopted, by its certificate.
struct CertifiedId {
  SlotHash slot;
  uint32_t generation = 0;
  friend bool operator==(const CertifiedId&, const CertifiedId&) = default;
};

class BlockIds {
 public:
  BlockIds() = default;
  // `instance_keys`: the first plans, all verify. REQUIRES: at least one.
  BlockIds(const std::vector<SipKey>& instance_keys, const GroupId& group);

  // The slot of (source, target) under the planning key.
  SlotHash SlotOf(CalendarKey source_calendar, absl::string_view source_event, CalendarKey target) const;
  // The same under every key, the planning one first: where a block may have been planned before a rotation.
  absl::InlinedVector<SlotHash, 2> SlotsOf(CalendarKey source_calendar, absl::string_view source_event, CalendarKey target) const;

  EventId Plan(const SlotHash& slot, uint32_t generation, CalendarKey target) const;

  // What `id` says if it was planned by us for `target`; nothing for every other text.
  std::optional<CertifiedId> Verify(absl::string_view id, CalendarKey target) const;

  // A certificate for a block that has an id of Google's own, since the system before this one made it: it proves, in the block's
  // tag, that we took over this very event for the slot. A copy has another id and a moved one another calendar: neither bears
  // it out. 39 characters.
  std::string AdoptionOf(const SlotHash& slot, CalendarKey target, absl::string_view event) const;
  std::optional<SlotHash> VerifyAdoption(absl::string_view certificate, CalendarKey target, absl::string_view event) const;

  // True for every text that looks like an id of some CalSync: certified by us or not.
  static bool HasShape(absl::string_view id);

 private:
  struct Keys {
    SipKey slot;
    SipKey mac;
    SipKey adoption;
  };
  std::vector<Keys> keys_;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_BLOCK_ID_H_
