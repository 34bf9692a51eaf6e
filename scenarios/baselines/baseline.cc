#include "scenarios/baselines/baseline.h"

#include "engine/base/check.h"
#include "scenarios/baselines/first_design.h"
#include "scenarios/baselines/text_marks.h"

namespace calsync::sim {

absl::string_view Name(EngineKind kind) {
  switch (kind) {
    case EngineKind::kCalsync:
      return "calsync";
    case EngineKind::kFirstDesign:
      return "first-design";
    case EngineKind::kTextMarks:
      return "text-marks";
  }
  return "?";
}

bool FindEngineKind(absl::string_view name, EngineKind& kind) {
  for (int i = 0; i < kEngineKinds; ++i) {
    if (name != Name(static_cast<EngineKind>(i))) continue;
    kind = static_cast<EngineKind>(i);
    return true;
  }
  return false;
}

AnyBaseline MakeBaseline(EngineKind kind, const GroupConfig& config, const GroupImage& stored, const SipKey& seed) {
  CALSYNC_CHECK(kind != EngineKind::kCalsync);
  if (kind == EngineKind::kFirstDesign) return AnyBaseline(std::make_unique<FirstDesign>(config, stored, seed));
  return AnyBaseline(std::make_unique<TextMarks>(config, stored, seed));
}

Policy PolicyOfFirstDesign(const Policy& drawn) {
  Policy policy;
  policy.title_template = "Busy - {summary}";
  policy.description_template = "Busy block for event from {calendar}";
  policy.poll_interval = drawn.poll_interval;
  policy.poll_interval_with_push = drawn.poll_interval_with_push;
  policy.full_walk_interval = drawn.full_walk_interval;
  policy.page_size = drawn.page_size;
  policy.push_address = drawn.push_address;
  policy.channel_ttl = drawn.channel_ttl;
  policy.breaker = drawn.breaker;
  return policy;
}

}  // namespace calsync::sim
