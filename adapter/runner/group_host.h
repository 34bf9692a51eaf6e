// The host of one sync group: its engine between the store and the calls. One input in; out comes what may leave as soon as what
// was decided is durable (L7): when the store's batch and the epochs were flushed, which many groups share.
//
// It does no I/O but the store's. Whatever goes wrong with the store ends the engine: a new one is built from what is stored.

#ifndef CALSYNC_ADAPTER_RUNNER_GROUP_HOST_H_
#define CALSYNC_ADAPTER_RUNNER_GROUP_HOST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/runner/epochs.h"
#include "adapter/store/store.h"
#include "adapter/trace/recorder.h"
#include "engine/engine.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "engine/state/group.h"
#include "engine/state/zones.h"

namespace calsync::adapter {

// What a step lets out, once its commit is durable.
struct Outgoing {
  Commit commit;  // For who tells people.
  std::vector<ApiCall> calls;
  std::optional<absl::Time> timer;  // Replaces the one before.
};

class GroupHost {
 public:
  // `recorder`: hears what the engine is given and answers; null: nobody does.
  GroupHost(GroupConfig config, Store& store, Epochs& epochs, Recorder* recorder = nullptr)
      : config_(std::move(config)), store_(store), epochs_(epochs), recorder_(recorder) {}

  const GroupConfig& config() const { return config_; }
  bool running() const { return engine_.has_value(); }
  // Null unless running.
  const Engine* engine() const { return engine_.has_value() ? &*engine_ : nullptr; }
  // True if nothing would be lost by dropping the engine: it waits for nothing but its timer.
  bool MayRest() const { return !engine_.has_value() || engine_->calls_in_flight() == 0; }

  // Takes the group over and starts an engine. REQUIRES: not running. `seed` is fresh for every start.
  absl::StatusOr<Outgoing> Start(const SipKey& seed, std::shared_ptr<const ZoneTable> zones, bool restored, absl::Time now);
  // REQUIRES: running. After an error it is not running any more.
  absl::StatusOr<Outgoing> Step(const Input& input, absl::Time now);
  // For the engines that are started from now on; a running one is told by an input (Reconfigure).
  void SetConfig(GroupConfig config) { config_ = std::move(config); }
  void Drop() { engine_.reset(); }

 private:
  GroupConfig config_;
  Store& store_;
  Epochs& epochs_;
  Recorder* recorder_;
  int64_t epoch_ = 0;
  std::optional<Engine> engine_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_GROUP_HOST_H_
