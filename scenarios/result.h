// What came out of a run.

#ifndef CALSYNC_SCENARIOS_RESULT_H_
#define CALSYNC_SCENARIOS_RESULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/host/audit.h"
#include "fakegoogle/faults/fault_plan.h"

namespace calsync::sim {

// The laws of the design. kEngine: one of the engine's own invariants (Verify()) does not hold.
enum class Law : uint8_t { kEngine, kL1, kL2, kL3, kL4, kL5, kL6, kL7, kL8, kL9, kL10, kL11, kL12 };
inline constexpr size_t kLaws = 13;
absl::string_view ShortName(Law law);  // "L1"
absl::string_view Name(Law law);       // "no cascade"

struct Violation {
  Law law = Law::kEngine;
  std::string message;  // In plain words.
  uint64_t step = 0;
  absl::Time time;
};

// What the world and its actors did to the run, by kind; counted when it takes effect. What befell calls and messages is counted
// by the fake's fault layer.
enum class Mishap : uint8_t {
  kBlockDragged,      // U3
  kBlockRetitled,     // U5
  kBlockDeleted,      // U4
  kBlockUndeleted,    // U13
  kBlockCopied,       // U6
  kBlockMoved,        // U9
  kGuestsInvited,     // U5: to a block.
  kEventCopied,       // U7, U8
  kEventMoved,        // U9
  kEventUndeleted,    // U13
  kMeetingShared,     // U16
  kOddEvent,          // U14, U19
  kEqualSlot,         // U17
  kTagStripped,       // A1
  kBlockStripped,     // A2
  kProgramCopied,     // A7
  kBlockFought,       // A4
  kSecondInstance,    // I1
  kClone,             // I2, D8
  kCalendarAdded,     // G1
  kCalendarDisabled,  // G2
  kCalendarEnabled,
  kCalendarRemoved,     // G1
  kPolicyChanged,       // G4
  kRoleLowered,         // T5
  kGrantRevoked,        // T3
  kUnshared,            // T6
  kRejectedEvent,       // V14, V16
  kCrashBeforeCommit,   // P1
  kCrashAfterCommit,    // P2
  kCrashBetweenCalls,   // P3
  kCrashAfterReply,     // P4
  kCrashInRecovery,     // P5
  kCommitFailed,        // D1, D2
  kCommitUnknown,       // D3
  kDiskFull,            // D10
  kDatabaseLost,        // D7
  kDatabaseRestored,    // D6
  kClockForward,        // K1
  kClockBack,           // K2
  kSkew,                // K3
  kAnswered,            // U15
  kOddKind,             // U15, V16: out of office, birthday, of a kind of the future …
  kZoneChanged,         // U18
  kMirrored,            // A5
  kSeriesMade,          // U10
  kOccurrenceChanged,   // U10
  kOccurrenceRestored,  // U10
  kSeriesSplit,         // U11
  kRuleChanged,         // U12
  kBlockSplit,          // U5, U11
  kLegacyBlock,         // G5: made by the system before CalSync …
  kLegacyTouched,       // … touched by people …
  kDetectionSwitched,   // … and how blocks are known …
  kMigrated,            // … the move …
  kMarkSettled,         // … and the operator's word.
  kStoodStill,          // P7: a worker, for a moment or for longer than its lease.
  kWorkerKilled,        // I4: one of several …
  kWorkerStopped,       // P8: … in good order …
  kWorkerDrained,       // I4: … or told to hand over.
  kDatabaseAway,        // D2: for all workers.
  kBeatLost,            // I4: or its answer.
  kWorkerClocks,        // K7
  kUnknownDeleted,      // A6: a program deletes what it does not know.
  kTagMangled,          // A8
  kSharedKey,           // A10
  kSuspended,           // K6
  kCrashLoop,           // P6
  kSlowCommit,          // D9
  kRedelivered,         // W11
};
inline constexpr size_t kMishaps = static_cast<size_t>(Mishap::kRedelivered) + 1;
absl::string_view CatalogueId(Mishap mishap);  // "U3".
absl::string_view Words(Mishap mishap);        // "block dragged".

// Kinds of calls, in the order of calsync::Request's alternatives.
inline constexpr size_t kRequestKinds = 12;
absl::string_view RequestName(size_t kind);  // "list", "get", "insert" …

// What became of events, as the engines' audit says it, in the order of calsync::AuditKind.
inline constexpr size_t kAuditKinds = static_cast<size_t>(calsync::kAuditKinds);

struct Counts {
  uint64_t steps = 0;  // Items of the agenda.
  uint64_t engine_steps = 0;
  uint64_t decisions = 0;    // Choices and engine steps.
  uint64_t user_events = 0;  // Made by people and programs.
  uint64_t user_actions = 0;
  uint64_t blocks_created = 0;  // By ground truth.
  uint64_t event_writes = 0;    // That engines committed at Google.
  uint64_t commits = 0;
  uint64_t crashes = 0;
  uint64_t rest_checks = 0;  // How often all laws were checked at rest.
  uint64_t busy_pieces = 0;  // Pieces of busy time that were compared, minute for minute, where no policy leaves out any.
  uint64_t breaker_trips = 0;
  uint64_t slots_due = 0;  // At the last rest check.
  std::array<uint64_t, kRequestKinds> calls = {};
  std::array<uint64_t, kMishaps> mishaps = {};
  fake::FaultCounts faults;                         // Of calls and messages.
  std::array<uint64_t, kAuditKinds> verdicts = {};  // By AuditKind.

  Counts& operator+=(const Counts& other);
  // Both kinds, by catalogue id and in words; those that did not occur left out.
  std::vector<std::pair<std::string, uint64_t>> Adversities() const;
};

// One line of a trace.
struct TraceLine {
  enum class Kind : uint8_t {
    kMishap,  // Something befell the world, or somebody did something that is more than one change.
    kStep,    // An engine was given an input, and answered with effects.
    kPeople,  // An event was changed by a person or a program …
    kGoogle,  // … by an engine, or by Google itself.
    kLaw,     // A law was broken.
  };
  absl::Time at;
  std::string place;  // A calendar's name, "engine", "engine 2", "operator", "world".
  std::string what;   // All of it; of a step the input, then the effects.
  uint64_t step = 0;
  Kind kind = Kind::kMishap;
  uint64_t hash = 0;  // Over all that was decided and done before.
  // Of a step.
  std::string input;
  std::vector<std::string> effects;
  uint64_t digest = 0;  // Of everything in the effects upon which the host acts.
};

struct RunResult {
  std::optional<Violation> violation;
  absl::uint128 hash = 0;  // Over decisions, effects, replies and the final store (L11).
  Counts counts;
  absl::Duration settle_time = absl::ZeroDuration();  // The longest.
  absl::Duration simulated = absl::ZeroDuration();
  bool vacuous = false;          // No block was ever made, or the breaker stayed open.
  std::vector<TraceLine> trace;  // Only if it was asked for.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_RESULT_H_
