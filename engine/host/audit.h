// Why something was done, skipped or given up: the trail that people read (L12). No titles, guests or descriptions in it.

#ifndef CALSYNC_ENGINE_HOST_AUDIT_H_
#define CALSYNC_ENGINE_HOST_AUDIT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/ids.h"
#include "engine/state/ids.h"

namespace calsync {

enum class AuditKind : uint8_t {
  kUserEventFound,
  kUserEventChanged,
  kUserEventGone,
  kUserEventBack,
  kNotBlocking,      // Skipped: free, declined, of a type that does not block.
  kSkippedByPolicy,  // In the directions that the detail names.
  kParked,           // Skipped: no valid time, a series, or refused by Google for good.
  kBlockPlanned,
  kBlockCreated,
  kBlockAdopted,  // Found under the planned id.
  kBlockRebound,  // Forgotten by the database, found again.
  kBlockUpdated,
  kBlockRestored,  // After a person's edit.
  kEditKept,
  kDeletionRespected,
  kBlockNoLongerDue,  // To be deleted; the detail says why.
  kBlockDeleted,
  kCopyOfBlockSeen,
  kMovedBlockRemoved,
  kExternalBlockSeen,
  kSurplusRemoved,
  kTagWritten,
  kTagGivenUp,
  kFightReported,  // Too many restores or recreations of one slot in a day.
  kCalendarReadOnly,
  kCalendarWritable,
  kCalendarUnreachable,
  kCalendarReachable,
  kSyncTokenDropped,
  kZoneChanged,  // Of a calendar.
  kSweepHeld,
  kChannelOpened,
  kChannelRefused,
  kBreakerOpened,
  kBreakerReset,
  kCallFailed,
  kConfigured,
  kTextMarkSeen,     // Skipped: only its text says that it is a block. The operator is asked.
  kLegacyAdopted,    // A block of the system before this one is a slot's from now on.
  kTextMarkSettled,  // The operator said what it is.
  kDetectionsDiffer,
};
inline constexpr int kAuditKinds = static_cast<int>(AuditKind::kDetectionsDiffer) + 1;

struct AuditEntry {
  absl::Time at;
  AuditKind kind = AuditKind::kCallFailed;
  CalendarKey calendar;  // Empty if about the group.
  EventId event;         // Empty if about the calendar.
  CorrelationId record;  // None if it has no record.
  std::string detail;    // In plain words; may be empty.
};

absl::string_view Name(AuditKind kind);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_HOST_AUDIT_H_
