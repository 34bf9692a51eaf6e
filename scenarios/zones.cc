#include "scenarios/zones.h"

#include <algorithm>

#include "engine/base/check.h"

namespace calsync::sim {
namespace {

absl::TimeZone Load(const std::string& name) {
  absl::TimeZone zone;
  CALSYNC_CHECK(absl::LoadTimeZone(name, &zone));
  return zone;
}

}  // namespace

const std::vector<std::string>& ZoneNames() {
  static const auto& names = *new std::vector<std::string>{
      "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Honolulu"};
  return names;
}

const std::vector<std::string>& SeriesZoneNames() {
  static const auto& names = *new std::vector<std::string>{"UTC", "Europe/Zurich", "America/New_York", "Asia/Tokyo"};
  return names;
}

bool FindZone(absl::string_view name, absl::TimeZone& zone) {
  static const auto& zones = *[] {
    auto* loaded = new std::vector<absl::TimeZone>();
    for (const std::string& known : ZoneNames()) loaded->push_back(Load(known));
    return loaded;
  }();
  const auto found = std::find(ZoneNames().begin(), ZoneNames().end(), name);
  if (found == ZoneNames().end()) return false;
  zone = zones[static_cast<size_t>(found - ZoneNames().begin())];
  return true;
}

std::shared_ptr<const ZoneTable> KnownZones() {
  static const auto& table = *new std::shared_ptr<const ZoneTable>([] {
    ZoneTable rules;
    for (const auto* names : {&ZoneNames(), &SeriesZoneNames()}) {
      for (const std::string& name : *names) rules[name] = RulesOf(Load(name));
    }
    return std::make_shared<const ZoneTable>(std::move(rules));
  }());
  return table;
}

}  // namespace calsync::sim
