#include "scenarios/phases.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

using fake::FaultKind;

bool IsList(Phase phase) { return phase <= Phase::kFullWalkLater; }
bool IsDelta(Phase phase) { return phase == Phase::kDelta || phase == Phase::kDeltaLater; }
bool IsLaterPage(Phase phase) {
  return phase == Phase::kFirstWalkLater || phase == Phase::kDeltaLater || phase == Phase::kFullWalkLater;
}
bool IsChange(Phase phase) { return phase == Phase::kPatch || phase == Phase::kTag || phase == Phase::kDelete; }
bool IsWrite(Phase phase) { return IsChange(phase) || phase == Phase::kInsert || phase == Phase::kInsertAgain; }
bool IsOfCalls(Phase phase) { return static_cast<size_t>(phase) < kCallPhases; }

// What the fault layer draws for calls, or for what they see (fault_layer.cc says the same of requests).
bool CanBefallCall(FaultKind kind, Phase phase) {
  if (kind == FaultKind::kAppliedTwice || kind == FaultKind::kUsageLimit) return IsWrite(phase);
  if (kind == FaultKind::kTokenGone) return phase == Phase::kDelta;
  if (kind == FaultKind::kPageGone) return IsLaterPage(phase);
  if (kind == FaultKind::kFalseStale) return IsChange(phase);
  if (kind == FaultKind::kUnseenNew) return phase == Phase::kRead || IsChange(phase);
  if (kind == FaultKind::kPoorChannel) return phase == Phase::kWatch || phase == Phase::kRenewal;
  if (kind == FaultKind::kTagDropped) return phase == Phase::kTag;
  if (kind == FaultKind::kStaleList || kind == FaultKind::kSlowList) return IsList(phase) || phase == Phase::kAsk;
  if (kind == FaultKind::kHostileSkip || kind == FaultKind::kRepeatedRow) return IsDelta(phase);
  if (kind == FaultKind::kStaleGet) return phase == Phase::kRead;
  return kind < FaultKind::kEarlyNotice;
}

constexpr Mishap kOfOneProcess[] = {Mishap::kCrashBeforeCommit, Mishap::kCrashAfterCommit, Mishap::kCrashBetweenCalls,
                                    Mishap::kCrashAfterReply,   Mishap::kCrashInRecovery,  Mishap::kCommitFailed,
                                    Mishap::kCommitUnknown,     Mishap::kSlowCommit};
// Whenever it likes. What is left out is part of how a run is set up, of what an event is, or of runs with a system before or
// with several workers.
constexpr Mishap kOfAnyTime[] = {
    Mishap::kBlockDragged,      Mishap::kBlockRetitled,      Mishap::kBlockDeleted,    Mishap::kBlockUndeleted,
    Mishap::kBlockCopied,       Mishap::kBlockMoved,         Mishap::kGuestsInvited,   Mishap::kEventCopied,
    Mishap::kEventMoved,        Mishap::kEventUndeleted,     Mishap::kMeetingShared,   Mishap::kTagStripped,
    Mishap::kBlockStripped,     Mishap::kProgramCopied,      Mishap::kBlockFought,     Mishap::kCalendarAdded,
    Mishap::kCalendarDisabled,  Mishap::kCalendarEnabled,    Mishap::kCalendarRemoved, Mishap::kPolicyChanged,
    Mishap::kRoleLowered,       Mishap::kGrantRevoked,       Mishap::kUnshared,        Mishap::kDiskFull,
    Mishap::kDatabaseLost,      Mishap::kDatabaseRestored,   Mishap::kClockForward,    Mishap::kClockBack,
    Mishap::kAnswered,          Mishap::kZoneChanged,        Mishap::kMirrored,        Mishap::kSeriesMade,
    Mishap::kOccurrenceChanged, Mishap::kOccurrenceRestored, Mishap::kSeriesSplit,     Mishap::kRuleChanged,
    Mishap::kBlockSplit,        Mishap::kUnknownDeleted,     Mishap::kTagMangled,      Mishap::kSharedKey,
    Mishap::kSuspended};

bool CanBefallGroup(Mishap mishap, Phase phase) {
  if (mishap == Mishap::kCrashInRecovery) return phase == Phase::kCatchingUp;  // Its first step: nothing is in flight yet.
  if (BefallsOneProcess(mishap)) return phase != Phase::kDown;                 // It runs.
  return std::find(std::begin(kOfAnyTime), std::end(kOfAnyTime), mishap) != std::end(kOfAnyTime);
}

}  // namespace

absl::string_view Name(Phase phase) {
  static constexpr absl::string_view kNames[kPhases] = {"first walk, page 1",
                                                        "first walk, later",
                                                        "delta, page 1",
                                                        "delta, later",
                                                        "full walk, page 1",
                                                        "full walk, later",
                                                        "read",
                                                        "insert",
                                                        "insert again",
                                                        "patch",
                                                        "tag",
                                                        "delete",
                                                        "watch",
                                                        "renewal",
                                                        "stop",
                                                        "occurrence asked for",
                                                        "at rest",
                                                        "catching up",
                                                        "listing in flight",
                                                        "read in flight",
                                                        "insert in flight",
                                                        "patch in flight",
                                                        "tag in flight",
                                                        "delete in flight",
                                                        "watch in flight",
                                                        "process down"};
  return kNames[static_cast<size_t>(phase)];
}

std::string AdversityWords(size_t adversity) {
  if (adversity < fake::kFaultKinds) {
    const auto kind = static_cast<FaultKind>(adversity);
    return absl::StrCat(fake::CatalogueId(kind), " ", fake::Words(kind));
  }
  const auto mishap = static_cast<Mishap>(adversity - fake::kFaultKinds);
  return absl::StrCat(CatalogueId(mishap), " ", Words(mishap));
}

char FamilyLetter(size_t adversity) {
  if (adversity < fake::kFaultKinds) return fake::CatalogueId(static_cast<FaultKind>(adversity)).front();
  return CatalogueId(static_cast<Mishap>(adversity - fake::kFaultKinds)).front();
}

bool BefallsOneProcess(Mishap mishap) {
  return std::find(std::begin(kOfOneProcess), std::end(kOfOneProcess), mishap) != std::end(kOfOneProcess);
}

bool CanBefall(size_t adversity, Phase phase) {
  if (adversity < fake::kFaultKinds) {
    const auto kind = static_cast<FaultKind>(adversity);
    // A message is on its way whatever its engine does.
    if (kind >= FaultKind::kEarlyNotice) return !IsOfCalls(phase);
    return IsOfCalls(phase) && CanBefallCall(kind, phase);
  }
  return !IsOfCalls(phase) && CanBefallGroup(static_cast<Mishap>(adversity - fake::kFaultKinds), phase);
}

}  // namespace calsync::sim
