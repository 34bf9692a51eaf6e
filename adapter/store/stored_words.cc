#include "adapter/store/stored_words.h"

namespace calsync::adapter {

absl::string_view StoredWord(RecordKind value) {
  switch (value) {
    case RecordKind::kUserEvent:
      return "user_event";
    case RecordKind::kBlock:
      return "block";
    case RecordKind::kSeen:
      return "seen";
  }
  return "";
}

absl::string_view StoredWord(RecordStatus value) {
  switch (value) {
    case RecordStatus::kSynced:
      return "synced";
    case RecordStatus::kGone:
      return "gone";
    case RecordStatus::kCreating:
      return "creating";
    case RecordStatus::kCreated:
      return "created";
    case RecordStatus::kDeleting:
      return "deleting";
    case RecordStatus::kDeleted:
      return "deleted";
    case RecordStatus::kFailed:
      return "failed";
    case RecordStatus::kSeen:
      return "seen";
  }
  return "";
}

absl::string_view StoredWord(Blocking value) {
  switch (value) {
    case Blocking::kBlocks:
      return "blocks";
    case Blocking::kFree:
      return "free";
    case Blocking::kDeclined:
      return "declined";
    case Blocking::kTypeNotBusy:
      return "type_not_busy";
    case Blocking::kNoTime:
      return "no_time";
  }
  return "";
}

absl::string_view StoredWord(Answer value) {
  switch (value) {
    case Answer::kNone:
      return "none";
    case Answer::kNeedsAction:
      return "needs_action";
    case Answer::kDeclined:
      return "declined";
    case Answer::kTentative:
      return "tentative";
    case Answer::kAccepted:
      return "accepted";
  }
  return "";
}

absl::string_view StoredWord(TagState value) {
  switch (value) {
    case TagState::kOwed:
      return "owed";
    case TagState::kWritten:
      return "written";
    case TagState::kGivenUp:
      return "given_up";
  }
  return "";
}

absl::string_view StoredWord(Hold value) {
  switch (value) {
    case Hold::kNone:
      return "none";
    case Hold::kRespectedDeletion:
      return "respected_deletion";
    case Hold::kKeptEdit:
      return "kept_edit";
    case Hold::kParked:
      return "parked";
  }
  return "";
}

absl::string_view StoredWord(SeenAs value) {
  switch (value) {
    case SeenAs::kUndecided:
      return "undecided";
    case SeenAs::kCopyOfBlock:
      return "copy_of_block";
    case SeenAs::kExternalBlock:
      return "external_block";
    case SeenAs::kSurplusBlock:
      return "surplus_block";
    case SeenAs::kMovedBlock:
      return "moved_block";
    case SeenAs::kFragment:
      return "fragment";
    case SeenAs::kTextMarked:
      return "text_marked";
    case SeenAs::kNoSuchEvent:
      return "no_such_event";
  }
  return "";
}

absl::string_view StoredWord(AccessRole value) {
  switch (value) {
    case AccessRole::kNone:
      return "none";
    case AccessRole::kFreeBusyReader:
      return "free_busy_reader";
    case AccessRole::kReader:
      return "reader";
    case AccessRole::kWriterWithoutPrivateAccess:
      return "writer_without_private_access";
    case AccessRole::kWriter:
      return "writer";
    case AccessRole::kOwner:
      return "owner";
    case AccessRole::kUnknown:
      return "unknown";
  }
  return "";
}

absl::string_view StoredWord(ChannelStatus value) {
  switch (value) {
    case ChannelStatus::kPlanned:
      return "planned";
    case ChannelStatus::kLive:
      return "live";
    case ChannelStatus::kStopping:
      return "stopping";
  }
  return "";
}

absl::string_view StoredWord(AuditKind value) {
  switch (value) {
    case AuditKind::kUserEventFound:
      return "user_event_found";
    case AuditKind::kUserEventChanged:
      return "user_event_changed";
    case AuditKind::kUserEventGone:
      return "user_event_gone";
    case AuditKind::kUserEventBack:
      return "user_event_back";
    case AuditKind::kNotBlocking:
      return "not_blocking";
    case AuditKind::kSkippedByPolicy:
      return "skipped_by_policy";
    case AuditKind::kParked:
      return "parked";
    case AuditKind::kBlockPlanned:
      return "block_planned";
    case AuditKind::kBlockCreated:
      return "block_created";
    case AuditKind::kBlockAdopted:
      return "block_adopted";
    case AuditKind::kBlockRebound:
      return "block_rebound";
    case AuditKind::kBlockUpdated:
      return "block_updated";
    case AuditKind::kBlockRestored:
      return "block_restored";
    case AuditKind::kEditKept:
      return "edit_kept";
    case AuditKind::kDeletionRespected:
      return "deletion_respected";
    case AuditKind::kBlockNoLongerDue:
      return "block_no_longer_due";
    case AuditKind::kBlockDeleted:
      return "block_deleted";
    case AuditKind::kCopyOfBlockSeen:
      return "copy_of_block_seen";
    case AuditKind::kMovedBlockRemoved:
      return "moved_block_removed";
    case AuditKind::kExternalBlockSeen:
      return "external_block_seen";
    case AuditKind::kSurplusRemoved:
      return "surplus_removed";
    case AuditKind::kTagWritten:
      return "tag_written";
    case AuditKind::kTagGivenUp:
      return "tag_given_up";
    case AuditKind::kFightReported:
      return "fight_reported";
    case AuditKind::kCalendarReadOnly:
      return "calendar_read_only";
    case AuditKind::kCalendarWritable:
      return "calendar_writable";
    case AuditKind::kCalendarUnreachable:
      return "calendar_unreachable";
    case AuditKind::kCalendarReachable:
      return "calendar_reachable";
    case AuditKind::kSyncTokenDropped:
      return "sync_token_dropped";
    case AuditKind::kZoneChanged:
      return "zone_changed";
    case AuditKind::kSweepHeld:
      return "sweep_held";
    case AuditKind::kChannelOpened:
      return "channel_opened";
    case AuditKind::kChannelRefused:
      return "channel_refused";
    case AuditKind::kBreakerOpened:
      return "breaker_opened";
    case AuditKind::kBreakerReset:
      return "breaker_reset";
    case AuditKind::kCallFailed:
      return "call_failed";
    case AuditKind::kConfigured:
      return "configured";
    case AuditKind::kTextMarkSeen:
      return "text_mark_seen";
    case AuditKind::kLegacyAdopted:
      return "legacy_adopted";
    case AuditKind::kTextMarkSettled:
      return "text_mark_settled";
    case AuditKind::kDetectionsDiffer:
      return "detections_differ";
  }
  return "";
}

}  // namespace calsync::adapter
