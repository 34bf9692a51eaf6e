// The words in which a settings file states a policy.

#ifndef CALSYNC_ADAPTER_CONFIG_POLICY_SETTINGS_H_
#define CALSYNC_ADAPTER_CONFIG_POLICY_SETTINGS_H_

#include "adapter/config/table_reader.h"
#include "engine/state/policy.h"

namespace calsync::adapter {

// What a direction and a group share: title, visibility, which events block, horizon, what people do to blocks.
void ReadDirectionPolicy(TableReader& table, const std::string& file, DirectionPolicy& policy);
// All of a group's.
void ReadPolicy(TableReader& table, const std::string& file, Policy& policy);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_CONFIG_POLICY_SETTINGS_H_
