// L7 durable, S9: at most one owner writes. Of several workers that share a database the records explain only what their present
// owner sends, so no call that changes something leaves while one of another owner may be under way for the same group, and no
// commit but the owner's is stored (docs/decisions/0041-*). By true time, and by the table of leases itself: what a worker
// believes does not count.

#ifndef CALSYNC_SCENARIOS_LAWS_ONE_OWNER_H_
#define CALSYNC_SCENARIOS_LAWS_ONE_OWNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/host/input.h"

namespace calsync::sim {

// Whether the request changes anything at Google.
bool ChangesSomething(const Request& request);

// What left for one sync group. Leases are numbers, 0 is nobody's.
class OneOwner {
 public:
  // A call that changes something leaves, and is over at the latest then.
  std::string CheckLeaving(CallId call, uint64_t lease, absl::Time now, absl::Time over_by);
  // Its answer came.
  void Answered(CallId call);
  // The operator began anew with another database: what left before is nobody's.
  void Forget() { under_way_.clear(); }

 private:
  struct Sent {
    CallId call;
    uint64_t lease = 0;
    absl::Time over_by;
  };
  std::vector<Sent> under_way_;
};

// A commit was stored.
std::string CheckCommitOfOwner(uint64_t by, uint64_t owner);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_ONE_OWNER_H_
