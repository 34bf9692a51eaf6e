#include "scenarios/laws/l10_isolation.h"

#include "absl/strings/str_cat.h"

namespace calsync::sim {

std::string CheckCallStaysHome(const GroupConfig& config, const Request& request) {
  const CalendarId* calendar = CalendarOf(request);
  if (calendar == nullptr) return "";
  for (const LinkedCalendar& linked : config.calendars) {
    if (linked.google_id == *calendar) return "";
  }
  return absl::StrCat("a call concerns ", calendar->text(), ", which is not linked to the group");
}

std::string CheckBlocksOfOthers(const EngineWrite& observed) {
  if (observed.nature == Nature::kUserEvent || observed.family < 0 || observed.family == observed.writer) return "";
  return absl::StrCat("wrote to ", observed.write->event.text(), " on ", observed.write->calendar.text(),
                      ", a block of another group or instance");
}

std::string CheckKeysOfOthers(const EngineWrite& observed, const Ghost& ghost) {
  const fake::WriteRecord& write = *observed.write;
  if (observed.nature != Nature::kUserEvent || observed.own_keys != OwnKeys::kOfGroup || write.before == nullptr) return "";
  for (const auto& [key, value] : write.after->private_properties) {
    const auto before = write.before->private_properties.find(key);
    if (before != write.before->private_properties.end() && before->second == value) continue;
    const FamilyNumber owner = ghost.OwnerOfKey(key);
    if (owner < 0 || owner == observed.writer) continue;
    return absl::StrCat("wrote ", key, " of ", write.event.text(), " on ", write.calendar.text(),
                        ", a key of another group or instance");
  }
  return "";
}

}  // namespace calsync::sim
