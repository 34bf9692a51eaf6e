#include "engine/state/policy.h"

#include "absl/strings/match.h"

namespace calsync {

bool NeedsSummary(const DirectionPolicy& policy) {
  return absl::StrContains(policy.title_template, "{summary}") || absl::StrContains(policy.description_template, "{summary}");
}

}  // namespace calsync
