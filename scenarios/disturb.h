// A scenario once more with one thing gone wrong in it: the first time that it can, the second, the third … until it no longer
// can (as SQLite's tests do with failing allocations). Sampling finds the likely places; this misses none.
//
// The scenario's own expectations are not judged: what goes wrong changes its trace. What must hold are the laws, at each step
// and when all has come to rest. A scenario that does not come to rest by itself has nothing to say here.
//
// It ends between two places if it is told to: a large scenario has thousands of them.

#ifndef CALSYNC_SCENARIOS_DISTURB_H_
#define CALSYNC_SCENARIOS_DISTURB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "scenarios/script.h"

namespace calsync::sim {

enum class Disturbance : uint8_t {
  kCrashBeforeCommit,  // P1
  kCrashAfterCommit,   // P2
  kCrashBetweenCalls,  // P3
  kCrashAfterReply,    // P4
  kRequestLost,        // N1: a timeout, and nothing happened.
  kReplyLost,          // N2: a timeout, and it happened.
  kErrorBefore,        // V3: 503, and nothing happened.
  kErrorAfter,         // V4: 503, and it happened.
};
inline constexpr size_t kDisturbances = static_cast<size_t>(Disturbance::kErrorAfter) + 1;
absl::string_view Name(Disturbance disturbance);  // "crash before a commit".

struct DisturbedRun {
  bool struck = false;  // Else there is no such place.
  bool rested = false;  // It came to rest.
  bool cloned = false;  // Two engines share an identity in it.
  std::string broken;   // The law and how, in words; empty if all held.
  std::vector<std::string> story;
};
// At the nth place, from 0, of the engine of that instance. Negative: undisturbed.
DisturbedRun RunDisturbed(const Script& script, Disturbance disturbance, int instance, int nth);

struct DisturbedPlace {
  Disturbance disturbance = Disturbance::kCrashBeforeCommit;
  int instance = 0;
  int nth = 0;
  DisturbedRun run;
};
// How far it came.
enum class Reach : uint8_t { kNowhere, kInPart, kWhole };
absl::string_view Name(Reach reach);  // "not at all", "in part", "whole".

struct Disturbed {
  Reach reach = Reach::kNowhere;
  // Why none of its places is judged, in words; empty if they are. It does not come to rest by itself, or breaks a law so, or two
  // engines share an identity in it, which they were never meant to: what one of them lost sight of the other may have.
  std::string unjudged;
  uint64_t places = 0;
  std::vector<DisturbedPlace> broken;

  bool judged() const { return reach != Reach::kNowhere && unjudged.empty(); }
};
// At every place, as long as `goes_on`, which is asked before each, says so.
Disturbed DisturbEverywhere(const Script& script, const std::function<bool()>& goes_on);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_DISTURB_H_
