#include "scenarios/laws/l10_isolation.h"

#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "scenarios/laws/one_owner.h"

namespace calsync::sim {

std::string CheckCallStaysHome(const GroupConfig& config, const Request& request) {
  const CalendarId* calendar = CalendarOf(request);
  if (calendar == nullptr) return "";
  for (const LinkedCalendar& linked : config.calendars) {
    if (linked.google_id == *calendar) return "";
  }
  return absl::StrCat("a call concerns ", calendar->text(), ", which is not linked to the group");
}

std::string CheckConsent(const GroupConfig& config, const Request& request, const RowDigest* row) {
  const CalendarId* calendar = CalendarOf(request);
  if (calendar == nullptr) return "";
  const auto linked = std::find_if(config.calendars.begin(), config.calendars.end(),
                                   [&](const LinkedCalendar& one) { return one.google_id == *calendar; });
  if (linked == config.calendars.end() || linked->state == LinkState::kEnabled) return "";
  const bool cleans = std::holds_alternative<DeleteEvent>(request) || (row != nullptr && row->doomed);
  if (cleans || !ChangesSomething(request)) return "";
  return absl::StrCat("something is changed on ", calendar->text(), ", which the operator took out, and it does not clean it");
}

std::string CheckBlocksOfOthers(const EngineWrite& observed) {
  if (observed.nature == Nature::kUserEvent || observed.family < 0 || observed.family == observed.writer) return "";
  return absl::StrCat("wrote to ", observed.write->event.text(), " on ", observed.write->calendar.text(),
                      ", a block of another group or instance");
}

std::string CheckKeysOfOthers(const EngineWrite& observed, const Ghost& ghost) {
  const fake::WriteRecord& write = *observed.write;
  if (observed.nature != Nature::kUserEvent || observed.own_keys != OwnKeys::kOfGroup || write.before == nullptr) return "";
  const auto is_of_others = [&](const std::string& key) {
    const FamilyNumber owner = ghost.OwnerOfKey(key);
    return owner >= 0 && owner != observed.writer;
  };
  const auto breach = [&](absl::string_view did, const std::string& key) {
    return absl::StrCat(did, " ", key, " of ", write.event.text(), " on ", write.calendar.text(),
                        ", a key of another group or instance");
  };
  for (const auto& [key, value] : write.after->private_properties) {
    const auto before = write.before->private_properties.find(key);
    if (before != write.before->private_properties.end() && before->second == value) continue;
    if (is_of_others(key)) return breach("wrote", key);
  }
  for (const auto& [key, value] : write.before->private_properties) {
    if (!write.after->private_properties.contains(key) && is_of_others(key)) return breach("removed", key);
  }
  return "";
}

}  // namespace calsync::sim
