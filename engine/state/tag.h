// What CalSync writes into `extendedProperties.private`, and how it reads it back.
//
// A tag is a witness, never a proof: people copy it with an event, programs strip it (S-1, S-2). Keys are at most 44 characters
// and values at most 1024, or Google drops or cuts them silently (C-10).

#ifndef CALSYNC_ENGINE_STATE_TAG_H_
#define CALSYNC_ENGINE_STATE_TAG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/event.h"
#include "engine/api/event_view.h"
#include "engine/state/ids.h"

namespace calsync {

inline constexpr int kTagVersion = 1;

// What the tags of one event say to one (instance, group).
enum class TagVerdict : uint8_t {
  kNone,            // No tag of any CalSync.
  kOurBlock,        // Block keys with our instance id, or unreadable ones that nobody else can claim.
  kForeignBlock,    // Block keys of another instance.
  kOurUserEvent,    // Our user key, readable: `correlation_id` is set.
  kUnreadableUser,  // Our user key with a value that we cannot read.
  kForeignUser,     // Only user keys of other instances or groups.
};

struct TagReading {
  TagVerdict verdict = TagVerdict::kNone;
  std::optional<CorrelationId> correlation_id;  // kOurBlock (if readable) and kOurUserEvent.
};

class Tags {
 public:
  Tags() = default;
  Tags(const InstanceId& instance, const GroupId& group);

  TagReading Read(const PropertyMap& private_properties) const;
  TagReading Read(absl::Span<const PropertyView> tag_properties) const;

  // The five properties of a block. `source` is the source's correlation id: no tag holds a Google id or an address (L9).
  PropertyMap ForBlock(const CorrelationId& block, const CorrelationId& source) const;
  // True if the properties hold exactly ForBlock(block, source), besides others.
  bool HasBlockTag(const PropertyMap& private_properties, const CorrelationId& block, const CorrelationId& source) const;

  // The further property of a block that was adopted from another system, see BlockIds::AdoptionOf; empty if there is none.
  static absl::string_view AdoptionIn(const PropertyMap& private_properties);
  static absl::string_view AdoptionIn(absl::Span<const PropertyView> tag_properties);
  static constexpr char kAdoptionKey[] = "calsync_adopted";

  // The one key that we own on a user event, `calsync.<8 hex>`, and its value for a correlation id.
  const std::string& user_key() const { return user_key_; }
  std::string UserValue(const CorrelationId& user_event) const;

 private:
  template <class Properties>
  TagReading ReadAny(const Properties& properties) const;

  std::string instance_;  // As text.
  std::string user_key_;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_TAG_H_
