// What was going on when something went wrong: the columns of the fault x phase matrix, and which cells of it there can be.
//
// What befalls a call is told by what the call was; what befalls a message, a process or a calendar, by what its engine had under
// way. One moment may have several of the latter.

#ifndef CALSYNC_SCENARIOS_PHASES_H_
#define CALSYNC_SCENARIOS_PHASES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "fakegoogle/faults/fault_plan.h"
#include "scenarios/result.h"

namespace calsync::sim {

enum class Phase : uint8_t {
  // What a call is.
  kFirstWalk,       // A full walk of a calendar that was never walked, its first page …
  kFirstWalkLater,  // … and any other.
  kDelta,           // From a sync token.
  kDeltaLater,
  kFullWalk,  // A full walk of a calendar that was walked before.
  kFullWalkLater,
  kRead,
  kInsert,
  kInsertAgain,  // The same insert once more.
  kPatch,        // Of a block.
  kTag,
  kDelete,
  kWatch,
  kRenewal,  // A watch beside a channel that lives.
  kStop,
  kAsk,  // For the occurrences of a series.
  // What an engine has under way.
  kAtRest,      // Nothing, and it caught up.
  kCatchingUp,  // It started, and has not come to rest since.
  kListing,
  kReading,
  kInserting,
  kPatching,
  kTagging,
  kDeleting,
  kWatching,
  kDown,  // It does not run.
};
inline constexpr size_t kPhases = static_cast<size_t>(Phase::kDown) + 1;
inline constexpr size_t kCallPhases = static_cast<size_t>(Phase::kAsk) + 1;
absl::string_view Name(Phase phase);  // "first walk, page 1"
inline constexpr uint32_t Bit(Phase phase) { return uint32_t{1} << static_cast<uint32_t>(phase); }

// Everything that may go wrong, by one number: kinds of the fault layer, then mishaps of the world.
inline constexpr size_t kAdversities = fake::kFaultKinds + kMishaps;
inline constexpr size_t AdversityOf(fake::FaultKind kind) { return static_cast<size_t>(kind); }
inline constexpr size_t AdversityOf(Mishap mishap) { return fake::kFaultKinds + static_cast<size_t>(mishap); }
std::string AdversityWords(size_t adversity);  // "N1 request lost"
// The letter of its family in the catalogue: N, V, C, W, U, A, K, P, D, T, G, I.
char FamilyLetter(size_t adversity);

// It befalls a process in the middle of a step: the one that steps, and no other.
bool BefallsOneProcess(Mishap mishap);
// True if the adversity can befall a call, a message or an engine in that phase.
bool CanBefall(size_t adversity, Phase phase);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_PHASES_H_
