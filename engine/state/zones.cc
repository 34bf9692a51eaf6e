#include "engine/state/zones.h"

#include <algorithm>
#include <iterator>

#include "absl/time/civil_time.h"

namespace calsync {

ZoneRules RulesOf(const absl::TimeZone& zone) {
  const absl::Time from = absl::UnixEpoch();
  const absl::Time to = absl::FromCivil(absl::CivilDay(2100, 1, 1), absl::UTCTimeZone());
  ZoneRules rules{.first_offset_s = zone.At(from).offset};
  absl::TimeZone::CivilTransition change;
  for (absl::Time at = from; zone.NextTransition(at, &change);) {
    at = absl::FromCivil(change.to, zone);
    // A jump back shows the time twice: the later moment is the change.
    const absl::TimeZone::TimeInfo info = zone.At(change.to);
    if (info.kind == absl::TimeZone::TimeInfo::REPEATED) at = info.trans;
    if (at >= to) break;
    const int offset = zone.At(at).offset;
    const int before = rules.changes.empty() ? rules.first_offset_s : rules.changes.back().offset_s;
    if (offset != before) rules.changes.push_back({absl::ToUnixSeconds(at), offset});
  }
  return rules;
}

int64_t OffsetAt(const ZoneRules& rules, int64_t unix_s) {
  const auto next = std::upper_bound(rules.changes.begin(), rules.changes.end(), unix_s,
                                     [](int64_t at, const ZoneRules::Change& change) { return at < change.at_s; });
  return next == rules.changes.begin() ? rules.first_offset_s : std::prev(next)->offset_s;
}

}  // namespace calsync
