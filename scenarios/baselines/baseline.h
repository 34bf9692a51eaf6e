// Another engine in the place of ours: an algorithm that is known to fail, carried out faithfully, so that the laws can show
// where.
//
// It speaks the engine's language, inputs in and effects out, to the same host, store and fake. It does nothing else that an
// engine does: the oracles read its rows through an engine that only looks at them (host.h).

#ifndef CALSYNC_SCENARIOS_BASELINES_BASELINE_H_
#define CALSYNC_SCENARIOS_BASELINES_BASELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/ids.h"
#include "engine/base/siphash.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"

namespace calsync::sim {

enum class EngineKind : uint8_t {
  kCalsync,
  kFirstDesign,  // The first design of this system, as it was written down.
  kTextMarks,    // What came before it: blocks are known by their texts.
};
inline constexpr int kEngineKinds = 3;
absl::string_view Name(EngineKind kind);  // "calsync", "first-design", "text-marks".
bool FindEngineKind(absl::string_view name, EngineKind& kind);

class Baseline {
 public:
  virtual ~Baseline() = default;
  virtual std::unique_ptr<Baseline> Clone() const = 0;

  virtual Effects Step(const Input& input, absl::Time now) = 0;
  virtual size_t calls_in_flight() const = 0;
  // What it still does or waits for, in words; empty if nothing but its timers.
  virtual std::string Unsettled() const = 0;
  // Google chooses the ids of what it inserts: under which id the row lies that explains the insert until then. Empty: none.
  virtual EventId PlaceOf(CallId call) const = 0;
};

// A value that holds one, or none: a copy is another that goes on independently.
class AnyBaseline {
 public:
  AnyBaseline() = default;
  explicit AnyBaseline(std::unique_ptr<Baseline> held) : held_(std::move(held)) {}
  AnyBaseline(const AnyBaseline& other) : held_(other.held_ == nullptr ? nullptr : other.held_->Clone()) {}
  AnyBaseline(AnyBaseline&&) = default;
  AnyBaseline& operator=(const AnyBaseline& other) {
    if (this != &other) held_ = other.held_ == nullptr ? nullptr : other.held_->Clone();
    return *this;
  }
  AnyBaseline& operator=(AnyBaseline&&) = default;
  Baseline* get() const { return held_.get(); }

 private:
  std::unique_ptr<Baseline> held_;
};

// REQUIRES: not kCalsync.
AnyBaseline MakeBaseline(EngineKind kind, const GroupConfig& config, const GroupImage& stored, const SipKey& seed);

// The policy under which all three can be compared: what the first design wrote into blocks, for every event, in all directions.
Policy PolicyOfFirstDesign(const Policy& drawn);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_BASELINES_BASELINE_H_
