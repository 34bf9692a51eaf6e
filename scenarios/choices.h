// The one interface of decisions: whatever a run leaves open is decided by Choose(), and by nothing else.
//
// Choice 0 is always the benign one: nothing bad happens, first in the queue, shortest delay, smallest scope. So deleting and
// zeroing choices is shrinking, and every list of numbers is a valid run. Streams are separate, so that a decision more in one
// family does not reshuffle the others; the recording is one, in the order in which the choices were made, and says which of them
// belong together. A value: a copy goes on independently.

#ifndef CALSYNC_SCENARIOS_CHOICES_H_
#define CALSYNC_SCENARIOS_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "scenarios/sources/bytes.h"
#include "scenarios/sources/enumerated.h"
#include "scenarios/sources/recorded.h"
#include "scenarios/sources/seed.h"
#include "scenarios/sources/stream.h"

namespace calsync::sim {

// One decision, as it was made.
struct Choice {
  Stream stream = Stream::kTopology;
  uint64_t bound = 1;
  uint64_t value = 0;
  std::string label;
  size_t span = 0;  // Of the recording's spans.
  friend bool operator==(const Choice&, const Choice&) = default;
};

// Choices that belong together: what a turn of an actor is, and when it comes; or what befalls one step of the world.
struct ChoiceSpan {
  std::string what;  // "set up", "people", "stripper" … or "step".
  int number = 0;
  friend bool operator==(const ChoiceSpan&, const ChoiceSpan&) = default;
};

class Choices {
 public:
  // Always 0.
  Choices() = default;
  static Choices FromSeed(uint64_t seed);
  // Each label of a stream gets its own values in their order: a choice more or less of one label shifts none of the others. A
  // missing one is 0; one that is too large counts as the largest.
  static Choices FromRecording(const std::vector<Choice>& recording);
  // Fixed-width reads from the front; when the bytes are used up, 0.
  static Choices FromBytes(absl::Span<const uint8_t> bytes);
  // For exhaustive search, which says what is chosen (see sources/enumerated.h); 0 until then.
  static Choices Enumerated();

  // In [0, bound). `label` says what is decided, for recordings. REQUIRES: bound > 0.
  uint64_t Choose(Stream stream, uint64_t bound, absl::string_view label) {
    ++count_;
    if (kind_ == Kind::kSeed && !recording_on_) return bound <= 1 ? 0 : seed_.Next(stream, bound);
    return ChooseSlowly(stream, bound, label);
  }
  // True with probability `per_mille` / 1000; choice 0 is false. Draws nothing when the rate is 0.
  bool Happens(Stream stream, int per_mille, absl::string_view label) {
    if (per_mille <= 0) return false;
    if (per_mille >= 1000) return true;
    if (kind_ == Kind::kEnumerated) return Choose(stream, 2, label) == 1;
    return Choose(stream, 1000, label) >= static_cast<uint64_t>(1000 - per_mille);
  }

  // How many choices were made.
  uint64_t count() const { return count_; }
  void StartRecording() {
    recording_on_ = true;
    spans_ = {{"set up", 0}};
  }
  const std::vector<Choice>& recording() const { return recording_; }
  // What is chosen from now on belongs together, and to all else of this name and number.
  void BeginSpan(absl::string_view what, int number) {
    if (recording_on_) spans_.push_back({std::string(what), number});
  }
  const std::vector<ChoiceSpan>& spans() const { return spans_; }

  // REQUIRES: Enumerated().
  EnumeratedSource& enumerated() { return std::get<EnumeratedSource>(other_); }

 private:
  enum class Kind : uint8_t { kBenign, kSeed, kRecorded, kBytes, kEnumerated };

  uint64_t ChooseSlowly(Stream stream, uint64_t bound, absl::string_view label);

  Kind kind_ = Kind::kBenign;
  bool recording_on_ = false;
  uint64_t count_ = 0;
  SeedSource seed_;
  std::variant<std::monostate, RecordedSource, BytesSource, EnumeratedSource> other_;
  std::vector<Choice> recording_;
  std::vector<ChoiceSpan> spans_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_CHOICES_H_
