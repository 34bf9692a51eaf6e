// Groups as TOML states them: a table [[group]] with its policy, calendars and directions, in the settings file or in the
// registry.

#ifndef CALSYNC_ADAPTER_CONFIG_GROUP_SETTINGS_H_
#define CALSYNC_ADAPTER_CONFIG_GROUP_SETTINGS_H_

#include <string>

#include "adapter/config/settings.h"
#include "adapter/config/table_reader.h"

namespace calsync::adapter {

// What is wrong with it goes to `parent`.
GroupSettings ReadGroup(TableReader& parent, const std::string& file, const toml::table& table, const GroupDefaults& defaults);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_GROUP_SETTINGS_H_
