#include "adapter/runner/zones.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace calsync::adapter {

bool NeedsZones(const GroupConfig& config) {
  return config.policy.hours.has_value() ||
         std::any_of(config.directions.begin(), config.directions.end(),
                     [](const Direction& direction) { return direction.policy.hours.has_value(); });
}

std::shared_ptr<const ZoneTable> MachineZones() {
  const char* const given = std::getenv("TZDIR");
  const std::filesystem::path folder = given == nullptr || *given == '\0' ? "/usr/share/zoneinfo" : given;
  auto table = std::make_shared<ZoneTable>();
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().lexically_relative(folder).string();
    if (at->is_directory(error)) {
      // The same zones once more, counted in other ways.
      if (name == "posix" || name == "right") at.disable_recursion_pending();
      continue;
    }
    absl::TimeZone zone;
    if (absl::StrContains(name, '.') || !absl::LoadTimeZone(name, &zone)) continue;  // Tables beside the zones.
    (*table)[name] = RulesOf(zone);
  }
  return table;
}

}  // namespace calsync::adapter
