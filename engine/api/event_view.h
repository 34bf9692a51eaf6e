// What classification looks at of an event, as views into whatever holds it: an Event, or the bytes of an answer.
//
// Texts that are absent are empty. Nothing here owns anything.

#ifndef CALSYNC_ENGINE_API_EVENT_VIEW_H_
#define CALSYNC_ENGINE_API_EVENT_VIEW_H_

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/api/event.h"

namespace calsync {

// Private properties with another beginning are none of any CalSync: whoever makes a view may leave them out.
inline constexpr absl::string_view kTagKeyPrefix = "calsync";
inline bool IsTagKey(absl::string_view key) { return absl::StartsWith(key, kTagKeyPrefix); }

struct PropertyView {
  absl::string_view first;  // The key. Named as in PropertyMap, so that one function reads both.
  absl::string_view second;
};

struct EventView {
  absl::string_view id;
  absl::string_view ical_uid;
  absl::string_view master;                         // recurringEventId: not empty for an occurrence.
  absl::string_view summary;                        // Looked at only if the policy heeds marks (engine/decide/legacy.h).
  absl::string_view description;                    // Likewise.
  absl::Span<const PropertyView> tag_properties{};  // Private ones whose key IsTagKey; each key once.
  bool cancelled = false;

  bool IsOccurrence() const { return !master.empty(); }
};

// A version of an event, as views (EventVersion).
struct VersionView {
  absl::string_view id;
  absl::string_view etag;
};

// Of all but the tag properties, which lie elsewhere in an Event.
EventView ViewOf(const Event& event);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_API_EVENT_VIEW_H_
