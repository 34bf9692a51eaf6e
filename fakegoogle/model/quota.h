// Quotas: units in a sliding minute, for each project and for each project and account (C-102), and usage limits (C-103).

#ifndef CALSYNC_FAKEGOOGLE_MODEL_QUOTA_H_
#define CALSYNC_FAKEGOOGLE_MODEL_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"
#include "fakegoogle/model/knobs.h"
#include "fakegoogle/model/truth.h"

namespace calsync::fake {

// C-55: a patch costs three units, everything else one.
int64_t UnitsOf(const Request& request);

class Quota {
 public:
  // Charges the call, or says why it is refused. A call that a minute's quota refuses is not charged; one that only the usage
  // limit refuses (C-103) has come through to the calendar, as any other that is refused there, and is. People are not counted.
  std::optional<ApiError> Charge(const AccountId& account, ActorId actor, const Request& request, const Knobs& knobs,
                                 absl::Time now);
  // C-103: event writes of the account are refused from now on until `until`; reads go on.
  void SetUsageLimit(const AccountId& account, absl::Time until) { limited_until_[account] = until; }

 private:
  // The charges of the last minute, oldest first.
  class Minute {
   public:
    int64_t Sum(absl::Time now);
    void Add(absl::Time now, int64_t units);

   private:
    std::vector<std::pair<absl::Time, int64_t>> charges_;
    size_t first_ = 0;
    int64_t sum_ = 0;
  };

  absl::btree_map<ActorId, Minute> projects_;
  absl::btree_map<std::pair<ActorId, AccountId>, Minute> accounts_;
  absl::btree_map<AccountId, absl::Time> limited_until_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_QUOTA_H_
