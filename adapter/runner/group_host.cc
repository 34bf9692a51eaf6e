#include "adapter/runner/group_host.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {

absl::StatusOr<Outgoing> GroupHost::Start(const SipKey& seed, std::shared_ptr<const ZoneTable> zones, bool restored,
                                          absl::Time now) {
  CALSYNC_CHECK(!running());
  ASSIGN_OR_RETURN(LoadedGroup loaded, store_.Load(config_.id));
  epoch_ = loaded.epoch;
  // Known before anything is sent: a store that is older than this start is then seen to be.
  const bool older = epochs_.IsOlder(config_.id, epoch_) || loaded.may_be_older;
  if (recorder_ != nullptr) recorder_->OnStart(config_, loaded.image, seed);
  engine_.emplace(config_, std::move(loaded.image), seed);
  return Step(Started{.restored = restored || older, .zones = std::move(zones)}, now);
}

absl::StatusOr<Outgoing> GroupHost::Step(const Input& input, absl::Time now) {
  CALSYNC_CHECK(running());
  Outgoing out;
  Effects effects = engine_->Step(input, now);
  if (recorder_ != nullptr) recorder_->OnStep(config_.id, input, now, effects);
  for (Effect& effect : effects) {
    if (auto* commit = std::get_if<Commit>(&effect)) {
      CALSYNC_CHECK(out.calls.empty());  // Commits come first: whatever follows one waits until it is durable.
      if (absl::Status status = store_.Apply(config_.id, epoch_, *commit); !status.ok()) {
        Drop();
        return status;
      }
      epochs_.Trust(config_.id);
      out.commit = std::move(*commit);
    } else if (auto* call = std::get_if<ApiCall>(&effect)) {
      out.calls.push_back(std::move(*call));
    } else {
      out.timer = std::get<SetTimer>(effect).at;
    }
  }
  return out;
}

}  // namespace calsync::adapter
