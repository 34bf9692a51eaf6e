#include "engine/state/record.h"

#include "engine/base/check.h"

namespace calsync {
namespace {

using S = RecordStatus;
using E = RecordEvent;

constexpr Transition kLifecycle[] = {
    // A user event.
    {S::kSeen, E::kDiscovered, S::kSynced},
    {S::kSynced, E::kVanished, S::kGone},
    {S::kGone, E::kReappeared, S::kSynced},
    // A block.
    {S::kSeen, E::kPlanned, S::kCreating},
    {S::kSeen, E::kForgottenFound, S::kCreated},
    {S::kSeen, E::kAdopted, S::kCreated},
    {S::kSeen, E::kRemoved, S::kDeleted},  // A tombstone of ours, met after the database was lost.
    {S::kCreating, E::kConfirmed, S::kCreated},
    {S::kCreating, E::kRefused, S::kFailed},
    {S::kCreating, E::kNoLongerDue, S::kDeleting},
    {S::kCreating, E::kVanished, S::kDeleted},
    {S::kCreating, E::kRemoved, S::kDeleted},          // An occurrence of a block: cancelled, or its series has it no more.
    {S::kCreating, E::kNextGeneration, S::kCreating},  // The planned id is taken by something that cannot be adopted.
    {S::kCreated, E::kConfirmed, S::kCreated},
    {S::kCreated, E::kNoLongerDue, S::kDeleting},
    {S::kCreated, E::kVanished, S::kDeleted},
    {S::kCreated, E::kRemoved, S::kDeleted},
    {S::kDeleting, E::kRemoved, S::kDeleted},
    {S::kDeleted, E::kNextGeneration, S::kCreating},
    {S::kDeleted, E::kReappeared, S::kCreated},
    {S::kDeleted, E::kAdopted, S::kCreated},
    {S::kCreating, E::kAdopted, S::kCreated},      // It was planned, and never asked for.
    {S::kDeleted, E::kNoLongerDue, S::kDeleting},  // Live again, and nobody wants it: the delete is finished.
    {S::kFailed, E::kPlanned, S::kCreating},
    {S::kFailed, E::kConfirmed, S::kCreated},
    {S::kFailed, E::kNoLongerDue, S::kDeleting},
    {S::kDeleted, E::kReanchored, S::kCreating},  // An occurrence of a block whose series was made anew.
};

}  // namespace

absl::Span<const Transition> Lifecycle() { return kLifecycle; }

RecordStatus Follow(RecordStatus from, RecordEvent event) {
  for (const Transition& row : kLifecycle) {
    if (row.from == from && row.event == event) return row.to;
  }
  CALSYNC_CHECK(false && "no such transition in the lifecycle of records");
  return from;
}

bool Record::MayBeLive() const {
  return kind == RecordKind::kBlock && (status == S::kCreated || status == S::kDeleting || (status == S::kCreating && sent));
}

bool Record::IsDoomed() const {
  if (kind == RecordKind::kBlock) return status == S::kDeleting;
  return kind == RecordKind::kSeen && (seen_as == SeenAs::kSurplusBlock || seen_as == SeenAs::kMovedBlock);
}

size_t MemoryOf(const Record& record) {
  return sizeof record + record.event.allocated_bytes() + record.etag.allocated_bytes() + record.series.allocated_bytes() +
         record.master.allocated_bytes() + record.summary.allocated_bytes() + record.reason.allocated_bytes();
}

absl::string_view Name(RecordKind kind) {
  switch (kind) {
    case RecordKind::kUserEvent:
      return "user event";
    case RecordKind::kBlock:
      return "busy block";
    case RecordKind::kSeen:
      return "seen";
  }
  return "?";
}

absl::string_view Name(RecordStatus status) {
  switch (status) {
    case S::kSynced:
      return "synced";
    case S::kGone:
      return "gone";
    case S::kCreating:
      return "creating";
    case S::kCreated:
      return "created";
    case S::kDeleting:
      return "deleting";
    case S::kDeleted:
      return "deleted";
    case S::kFailed:
      return "failed";
    case S::kSeen:
      return "seen";
  }
  return "?";
}

absl::string_view Name(Blocking blocking) {
  switch (blocking) {
    case Blocking::kBlocks:
      return "blocks";
    case Blocking::kFree:
      return "free";
    case Blocking::kDeclined:
      return "declined";
    case Blocking::kTypeNotBusy:
      return "type not busy";
    case Blocking::kNoTime:
      return "no valid time";
  }
  return "?";
}

absl::string_view Name(Hold hold) {
  switch (hold) {
    case Hold::kNone:
      return "none";
    case Hold::kRespectedDeletion:
      return "respected deletion";
    case Hold::kKeptEdit:
      return "kept edit";
    case Hold::kParked:
      return "parked";
  }
  return "?";
}

absl::string_view Name(SeenAs seen_as) {
  switch (seen_as) {
    case SeenAs::kUndecided:
      return "undecided";
    case SeenAs::kCopyOfBlock:
      return "copy of a block";
    case SeenAs::kExternalBlock:
      return "external block";
    case SeenAs::kSurplusBlock:
      return "surplus block";
    case SeenAs::kMovedBlock:
      return "moved block";
    case SeenAs::kFragment:
      return "fragment of a block";
    case SeenAs::kTextMarked:
      return "text-marked";
    case SeenAs::kNoSuchEvent:
      return "no such event";
  }
  return "?";
}

}  // namespace calsync
