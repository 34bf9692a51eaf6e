// What a running CalSync was given and what it answered, as lines of a trace; and the same once more, offline.
//
// A recording holds all that decides: the snapshot that an engine was built from, its seed, and every input. So a repetition
// needs nothing else and is compared byte by byte. docs/trace-format.md is the promise.

#ifndef CALSYNC_ADAPTER_TRACE_RECORDING_H_
#define CALSYNC_ADAPTER_TRACE_RECORDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/trace/pseudonyms.h"
#include "engine/base/mixer.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"

namespace calsync::adapter {

// What an engine is built from.
struct Snapshot {
  GroupConfig config;
  GroupImage image;
  SipKey seed;
  bool zones = false;  // Whether it is given the rules of zones.
};

// Makes the lines of one file, each with its line feed.
class RecordingLines {
 public:
  static std::string Header(const GroupConfig& config, Texts texts);
  // The engine begins anew: a line for the snapshot, and one for each record.
  std::string Start(const Snapshot& snapshot, absl::Time at);
  static std::string Zone(absl::string_view name, const ZoneRules& rules);
  // `given` is JsonOf(input).
  std::string Step(const Input& input, absl::Time at, const Effects& effects);
  // Something befell the recording.
  std::string Mishap(absl::string_view what, absl::Time at) const;
  std::string End(absl::string_view why, absl::Time at) const;

  uint64_t steps() const { return steps_; }

 private:
  uint64_t steps_ = 0;
  Mixer hash_;
};

// The zones whose rules an engine may ask for because of this.
std::vector<std::string> ZonesIn(const Input& input);
std::vector<std::string> ZonesIn(const GroupImage& image);

struct RecordingDifference {
  uint64_t step = 0;
  std::string what;  // "effect 2", "the digest", …
  std::string recorded;
  std::string repeated;
};

struct ReplayedRecording {
  uint64_t starts = 0;  // Engines that were built.
  uint64_t steps = 0;
  std::vector<std::string> mishaps;  // What the recorder said of gaps.
  std::string end;                   // Why it ended; empty: it broke off.
  std::optional<RecordingDifference> difference;
};

// Gives snapshots and inputs to engines and compares each step's line, to the byte. Ends at the first difference. Errors name the
// file and the line. What follows the last line feed, if it broke off, is passed over.
absl::StatusOr<ReplayedRecording> ReplayRecording(absl::string_view text, absl::string_view name);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_RECORDING_H_
