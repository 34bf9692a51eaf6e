// What each slot of a group is, and why; and sources with their blocks as a picture.

#ifndef CALSYNC_TOOLS_AUDIT_SLOTS_H_
#define CALSYNC_TOOLS_AUDIT_SLOTS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "adapter/config/settings.h"
#include "engine/engine.h"

namespace calsync::tools {

// The slots of the event that `what` names (see adapter/page/story.h), or of all live events of people if it is empty. One object
// for each:
// {group, event, correlation_id, calendar, what, slots: [{calendar, standing, why, until?, block, block_correlation_id,
// status}]}.
nlohmann::ordered_json SlotsOf(const adapter::GroupSettings& group, const Engine& engine, const std::string& what);
// The same for people.
std::string SlotsText(const nlohmann::ordered_json& events);

// A digraph in Graphviz's DOT: a cluster for each calendar, an arrow from each event to each of its blocks. Without titles.
std::string GraphOf(const adapter::GroupSettings& group, const Engine& engine, const std::string& what);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_AUDIT_SLOTS_H_
