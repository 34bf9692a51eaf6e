#include "fakegoogle/faults/fault_plan.h"

#include <numeric>

#include "engine/base/check.h"

namespace calsync::fake {
namespace {

struct Row {
  FaultKind kind;
  absl::string_view id;
  absl::string_view words;
};

// In the order of FaultKind.
constexpr Row kRows[] = {
    {FaultKind::kRequestLost, "N1", "request lost"},
    {FaultKind::kResponseLost, "N2", "applied, answer lost"},
    {FaultKind::kLateAnswer, "N3", "late answer"},
    {FaultKind::kAppliedTwice, "N5", "applied twice"},
    {FaultKind::kUnreadable, "N6", "unreadable answer"},
    {FaultKind::kClog, "N7", "account clogged"},
    {FaultKind::kOutage, "N8", "outage"},
    {FaultKind::kNotSent, "N10", "not sent"},
    {FaultKind::kRateLimited, "V1", "rate limited"},
    {FaultKind::kUsageLimit, "V2", "usage limit"},
    {FaultKind::kErrorBefore, "V3", "server error, not applied"},
    {FaultKind::kErrorAfter, "V4", "server error, applied"},
    {FaultKind::kUnauthorized, "V5", "401 noise"},
    {FaultKind::kTokenGone, "V10", "sync token gone"},
    {FaultKind::kPageGone, "V11", "sync token gone between pages"},
    {FaultKind::kFalseStale, "C-104", "412 noise"},
    {FaultKind::kSlowList, "N9", "slow listing"},
    {FaultKind::kPoorChannel, "V22", "channel refused or short"},
    {FaultKind::kUnseenNew, "V6", "new event not visible"},
    {FaultKind::kStaleList, "C1", "stale list"},
    {FaultKind::kHostileSkip, "C2", "list skips a change"},
    {FaultKind::kStaleGet, "C3", "stale read"},
    {FaultKind::kRepeatedRow, "C6", "delta repeats a row"},
    {FaultKind::kTagDropped, "V17", "tag dropped silently"},
    {FaultKind::kEarlyNotice, "C8", "notification before visibility"},
    {FaultKind::kDropped, "W1", "notification dropped"},
    {FaultKind::kDoubled, "W2", "notification doubled"},
    {FaultKind::kDelayed, "W3", "notification delayed"},
    {FaultKind::kReordered, "W4", "notification overtaken"},
    {FaultKind::kStorm, "W5", "notification storm"},
    {FaultKind::kForged, "W9", "forged notification"},
    {FaultKind::kNotExists, "W12", "notification of no more"},
};

constexpr bool InOrder() {
  size_t at = 0;
  for (const Row& row : kRows) {
    if (static_cast<size_t>(row.kind) != at++) return false;
  }
  return at == kFaultKinds;
}
static_assert(InOrder());

const Row& RowOf(FaultKind kind) {
  const auto at = static_cast<size_t>(kind);
  CALSYNC_CHECK(at < kFaultKinds);
  return kRows[at];
}

}  // namespace

absl::string_view CatalogueId(FaultKind kind) { return RowOf(kind).id; }
absl::string_view Words(FaultKind kind) { return RowOf(kind).words; }

int64_t FaultCounts::total() const { return std::accumulate(by_kind.begin(), by_kind.end(), int64_t{0}); }

}  // namespace calsync::fake
