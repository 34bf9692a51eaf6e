#include "adapter/lease/lease_keeper.h"

#include <algorithm>

namespace calsync::adapter {

absl::Duration LeaseRules::BeatEvery() const { return std::clamp(lease / 10, absl::Milliseconds(200), absl::Seconds(3)); }

void LeaseKeeper::Held(WorkerId worker, absl::Time asked) {
  worker_ = worker;
  ends_ = asked + rules_.lease - rules_.Slack();
}

bool LeaseKeeper::MayCall(WorkerId worker, absl::Time now, absl::Duration lasts) const {
  return !worker.empty() && worker == worker_ && now + lasts < ends_;
}

}  // namespace calsync::adapter
