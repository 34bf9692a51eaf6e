// What a person may choose about their sync group. Design section 3, "User events that do not block", "People touch blocks",
// "Content".

#ifndef CALSYNC_ENGINE_STATE_POLICY_H_
#define CALSYNC_ENGINE_STATE_POLICY_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace calsync {

enum class OnBlockEdited : uint8_t { kRestore, kKeep };
enum class OnBlockDeleted : uint8_t { kRespect, kRecreate };
enum class TagUserEvents : uint8_t { kLazy, kOff };

struct Policy {
  // `{summary}` and `{calendar}` stand for the source's title and its calendar's name; all else is literal. A private or
  // confidential source never shows its text (L9): `{summary}` is then replaced by "Busy".
  std::string title_template = "Busy";
  std::string description_template;
  OnBlockEdited on_block_edited = OnBlockEdited::kRestore;
  OnBlockDeleted on_block_deleted = OnBlockDeleted::kRespect;
  TagUserEvents tag_user_events = TagUserEvents::kLazy;
  absl::Duration horizon_ahead = absl::Hours(24 * 365 * 2);  // Gates creation only.

  // How Google is asked.
  absl::Duration poll_interval = absl::Minutes(5);          // Without a live channel.
  absl::Duration poll_interval_with_push = absl::Hours(6);  // With one: messages are lost now and then (contract 5.2).
  absl::Duration full_walk_interval = absl::Hours(24 * 7);  // Repairs what deltas missed (K-23).
  int page_size = 250;                                      // 1…2500.

  // Where Google posts notifications; empty: no channels, polling alone.
  std::string push_address;
  absl::Duration channel_ttl = absl::Hours(24 * 7);

  // The circuit breaker. Off only in tests that prove the laws do not lean on it.
  bool breaker = true;

  friend bool operator==(const Policy&, const Policy&) = default;
};

// True if blocks made under the policy need the source's title.
bool NeedsSummary(const Policy& policy);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_POLICY_H_
