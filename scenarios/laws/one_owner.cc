#include "scenarios/laws/one_owner.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"

namespace calsync::sim {

bool ChangesSomething(const Request& request) {
  return IsEventWrite(request) || std::holds_alternative<WatchEvents>(request) || std::holds_alternative<StopChannel>(request);
}

std::string OneOwner::CheckLeaving(CallId call, uint64_t lease, absl::Time now, absl::Time over_by) {
  under_way_.erase(std::remove_if(under_way_.begin(), under_way_.end(), [&](const Sent& sent) { return sent.over_by <= now; }),
                   under_way_.end());
  const auto another = std::find_if(under_way_.begin(), under_way_.end(), [&](const Sent& sent) { return sent.lease != lease; });
  const bool two = another != under_way_.end();
  const absl::Duration left = two ? another->over_by - now : absl::ZeroDuration();
  under_way_.push_back({call, lease, over_by});
  if (!two) return "";
  return absl::StrCat("two owners write: a call of one leaves while one of another may be under way for ",
                      absl::FormatDuration(left), " more");
}

void OneOwner::Answered(CallId call) {
  under_way_.erase(std::remove_if(under_way_.begin(), under_way_.end(), [&](const Sent& sent) { return sent.call == call; }),
                   under_way_.end());
}

std::string CheckCommitOfOwner(uint64_t by, uint64_t owner) {
  if (by != 0 && by == owner) return "";
  return absl::StrCat("the database took a commit of a worker that does not own the group: it is ",
                      owner == 0 ? "nobody's" : "another's");
}

}  // namespace calsync::sim
