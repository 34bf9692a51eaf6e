// What can go wrong between a program and Google, how often, and for how long. The catalogue's ids are kept (simulation.md).

#ifndef CALSYNC_FAKEGOOGLE_FAULTS_FAULT_PLAN_H_
#define CALSYNC_FAKEGOOGLE_FAULTS_FAULT_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::fake {

enum class FaultKind : uint8_t {
  // Of calls: at most one of these for each.
  kRequestLost,   // N1: never reached the server; no answer, or a reset.
  kResponseLost,  // N2: applied; no answer, or a reset.
  kLateAnswer,    // N3: applied; the answer comes when the caller has given up, perhaps tried again.
  kAppliedTwice,  // N5: a layer in between repeats the write; the answer is the second one's.
  kUnreadable,    // N6: a body that is truncated or HTML; applied or not.
  kClog,          // N7: all calls of the account hang for a while, then go on.
  kOutage,        // N8: nothing works for a while, for anybody.
  kNotSent,       // N10: refused connection; certainly not sent.
  kRateLimited,   // V1: 403 in both spellings, or 429; not applied.
  kUsageLimit,    // V2: 403 quotaExceeded for all event writes of the account for hours; reads go on (C-103).
  kErrorBefore,   // V3: 5xx, not applied.
  kErrorAfter,    // V4: 5xx, applied.
  kUnauthorized,  // V5: 401 noise; not applied.
  kTokenGone,     // V10: 410 on a list with a sync token.
  kPageGone,      // V11: 410 on a later page of a walk.
  kFalseStale,    // C-104: 412 without reason; not applied.
  kSlowList,      // N9: a page of a listing takes long, while others write.
  kPoorChannel,   // V22: no channel this time, or one that ends long before it was asked to.
  // Of what a call sees: at most one of these for each, besides the above.
  kUnseenNew,    // V6: 404 on an event that was just created.
  kStaleList,    // C1: a list as of some time ago, its token too.
  kHostileSkip,  // C2, K-23: a delta leaves a row out, and its token moves on.
  kStaleGet,     // C3.
  kRepeatedRow,  // C6: a delta repeats a row that was seen.
  kTagDropped,   // V17: a tag is written, answered 200, and not kept.
  // Of notifications: at most one of these for each.
  kEarlyNotice,  // C8: comes before lists show the change.
  kDropped,      // W1: one, or all for a while.
  kDoubled,      // W2.
  kDelayed,      // W3: up to hours.
  kReordered,    // W4: overtaken by later ones.
  kStorm,        // W5: many at once.
  kForged,       // W9: besides the genuine one, another that nobody should believe.
  kNotExists,    // W12: it says that what is watched is no more.
};
inline constexpr size_t kFaultKinds = static_cast<size_t>(FaultKind::kNotExists) + 1;

absl::string_view CatalogueId(FaultKind kind);  // "N1".
absl::string_view Words(FaultKind kind);        // "request lost".

// A rate for each kind, and the sizes of what they do. The default is a perfect world.
struct FaultPlan {
  // Per mille of the calls or messages that a kind applies to. The sum over the kinds of one call should stay below 1000.
  std::array<int, kFaultKinds> per_mille = {};
  int& operator[](FaultKind kind) { return per_mille[static_cast<size_t>(kind)]; }
  int operator[](FaultKind kind) const { return per_mille[static_cast<size_t>(kind)]; }

  // For exhaustive search: each kind with a rate above 0 is one branch, whatever the rate.
  bool enumerate = false;

  // A call's way there and back, in steps between these; different steps let calls overtake each other (N4).
  absl::Duration latency_min = absl::Milliseconds(50);
  absl::Duration latency_max = absl::Milliseconds(50);
  // A message's way.
  absl::Duration notice_after = absl::Milliseconds(500);

  // Upper bounds; the actual size is drawn, evenly on a logarithmic scale.
  absl::Duration late_max = absl::Minutes(10);        // N3, after the usual latency.
  absl::Duration twice_max = absl::Seconds(30);       // N5, between the two.
  absl::Duration clog_max = absl::Minutes(10);        // N7.
  absl::Duration outage_max = absl::Hours(6);         // N8.
  absl::Duration usage_limit_max = absl::Hours(12);   // V2.
  absl::Duration unseen_max = absl::Minutes(1);       // V6.
  absl::Duration list_lag_max = absl::Minutes(10);    // C1, C8.
  absl::Duration get_lag_max = absl::Minutes(1);      // C3.
  absl::Duration slow_list_max = absl::Seconds(25);   // N9: within what a caller waits for.
  absl::Duration channel_life_max = absl::Hours(24);  // V22.
  absl::Duration silence_max = absl::Hours(6);        // W1.
  absl::Duration notice_delay_max = absl::Hours(3);   // W3.
  absl::Duration reorder_max = absl::Minutes(1);      // W4.
  int storm_size = 20;                                // W5.
};

// How often each kind has struck.
struct FaultCounts {
  std::array<int64_t, kFaultKinds> by_kind = {};
  int64_t& operator[](FaultKind kind) { return by_kind[static_cast<size_t>(kind)]; }
  int64_t operator[](FaultKind kind) const { return by_kind[static_cast<size_t>(kind)]; }
  int64_t total() const;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_FAULTS_FAULT_PLAN_H_
