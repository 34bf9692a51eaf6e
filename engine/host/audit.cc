#include "engine/host/audit.h"

namespace calsync {

absl::string_view Name(AuditKind kind) {
  switch (kind) {
    case AuditKind::kUserEventFound:
      return "user event found";
    case AuditKind::kUserEventChanged:
      return "user event changed";
    case AuditKind::kUserEventGone:
      return "user event gone";
    case AuditKind::kUserEventBack:
      return "user event back";
    case AuditKind::kNotBlocking:
      return "does not block";
    case AuditKind::kSkippedByPolicy:
      return "skipped by policy";
    case AuditKind::kParked:
      return "parked";
    case AuditKind::kBlockPlanned:
      return "block planned";
    case AuditKind::kBlockCreated:
      return "block created";
    case AuditKind::kBlockAdopted:
      return "block adopted";
    case AuditKind::kBlockRebound:
      return "block rebound";
    case AuditKind::kBlockUpdated:
      return "block updated";
    case AuditKind::kBlockRestored:
      return "block restored";
    case AuditKind::kEditKept:
      return "edit kept";
    case AuditKind::kDeletionRespected:
      return "deletion respected";
    case AuditKind::kBlockNoLongerDue:
      return "block no longer due";
    case AuditKind::kBlockDeleted:
      return "block deleted";
    case AuditKind::kCopyOfBlockSeen:
      return "copy of a block seen";
    case AuditKind::kMovedBlockRemoved:
      return "moved block removed";
    case AuditKind::kExternalBlockSeen:
      return "external block seen";
    case AuditKind::kSurplusRemoved:
      return "surplus block removed";
    case AuditKind::kTagWritten:
      return "tag written";
    case AuditKind::kTagGivenUp:
      return "tag given up";
    case AuditKind::kFightReported:
      return "fight reported";
    case AuditKind::kCalendarReadOnly:
      return "calendar read-only";
    case AuditKind::kCalendarWritable:
      return "calendar writable";
    case AuditKind::kCalendarUnreachable:
      return "calendar unreachable";
    case AuditKind::kCalendarReachable:
      return "calendar reachable";
    case AuditKind::kSyncTokenDropped:
      return "sync token dropped";
    case AuditKind::kZoneChanged:
      return "zone changed";
    case AuditKind::kSweepHeld:
      return "sweep held";
    case AuditKind::kChannelOpened:
      return "channel opened";
    case AuditKind::kChannelRefused:
      return "channel refused";
    case AuditKind::kBreakerOpened:
      return "breaker opened";
    case AuditKind::kBreakerReset:
      return "breaker reset";
    case AuditKind::kCallFailed:
      return "call failed";
    case AuditKind::kConfigured:
      return "configured";
    case AuditKind::kTextMarkSeen:
      return "text-marked event seen";
    case AuditKind::kLegacyAdopted:
      return "block of another system adopted";
    case AuditKind::kTextMarkSettled:
      return "text-marked event settled";
    case AuditKind::kDetectionsDiffer:
      return "detections differ";
  }
  return "?";
}

}  // namespace calsync
