#include "engine/state/policy.h"

#include "absl/strings/match.h"

namespace calsync {

bool NeedsSummary(const DirectionPolicy& policy) {
  return absl::StrContains(policy.title_template, "{summary}") || absl::StrContains(policy.description_template, "{summary}");
}

bool HeedsMarks(const Policy& policy) { return policy.detection != Detection::kUuid; }

bool ComparesMarks(const Policy& policy) { return policy.compare_detection || policy.detection == Detection::kText; }

absl::string_view Name(Detection detection) {
  switch (detection) {
    case Detection::kUuid:
      return "uuid";
    case Detection::kHybrid:
      return "hybrid";
    case Detection::kText:
      return "text";
  }
  return "?";
}

}  // namespace calsync
