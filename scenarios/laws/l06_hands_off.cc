#include "scenarios/laws/l06_hands_off.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

using fake::WriteKind;

// Keys that differ, in either direction.
std::set<std::string> ChangedKeys(const PropertyMap& before, const PropertyMap& after) {
  std::set<std::string> changed;
  for (const auto& [key, value] : before) {
    const auto now = after.find(key);
    if (now == after.end() || now->second != value) changed.insert(key);
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) changed.insert(key);
  }
  return changed;
}

bool SameTime(const EventTime& a, const EventTime& b) {
  return a.kind == b.kind && a.date == b.date && a.instant == b.instant && a.time_zone == b.time_zone;
}

}  // namespace

bool OnlyOurKeyDiffers(const Event& before, const Event& after, OwnKeys own) {
  if (before.id != after.id || before.ical_uid != after.ical_uid || before.status != after.status || before.type != after.type ||
      before.transparency != after.transparency || before.visibility != after.visibility ||
      before.recurrence != after.recurrence || before.summary != after.summary || before.description != after.description ||
      before.location != after.location || before.color_id != after.color_id || before.organizer != after.organizer ||
      before.creator != after.creator || before.attendees != after.attendees ||
      before.shared_properties != after.shared_properties || before.reminders != after.reminders ||
      !SameTime(before.start, after.start) || !SameTime(before.end, after.end)) {
    return false;
  }
  const std::set<std::string> changed = ChangedKeys(before.private_properties, after.private_properties);
  if (changed.empty()) return true;
  if (own == OwnKeys::kOfFirstDesign) {
    return std::all_of(changed.begin(), changed.end(), [](const std::string& key) { return absl::StartsWith(key, "calsync_"); });
  }
  return changed.size() == 1 && absl::StartsWith(*changed.begin(), "calsync.");
}

namespace {

// Nothing but its guests went.
bool OnlyGuestsLeft(const Event& before, const Event& after) {
  Event uninvited = before;
  uninvited.attendees = after.attendees;
  return after.attendees.empty() && before.private_properties == after.private_properties && OnlyOurKeyDiffers(uninvited, after);
}

}  // namespace

std::string CheckHandsOff(const EngineWrite& observed) {
  const fake::WriteRecord& write = *observed.write;
  const std::string where = absl::StrCat(write.event.text(), " on ", write.calendar.text());
  if (write.mails > 0) return absl::StrCat("guests of ", where, " were notified");
  if (write.kind == WriteKind::kInserted) {
    return write.after->attendees.empty() ? "" : absl::StrCat(where, " was inserted with guests");
  }
  // What it took over stays its own for calls that had left when its database was lost (legacy seed 4117099).
  const bool taken_over = observed.taken_by == observed.writer && observed.nature != Nature::kUserEvent;
  const bool own_block = taken_over || (observed.nature == Nature::kBlock && observed.family == observed.writer);
  const bool deleted = write.after->IsCancelled() && write.before != nullptr && !write.before->IsCancelled();
  // Unlike a block that a person moved, a guest's copy is left alone: Google cancels it when its block has no guests any more.
  if (observed.of_guest && observed.nature == Nature::kCopyOfBlock && !taken_over) {
    return absl::StrCat(deleted ? "deleted " : "changed ", where, ", a guest's copy of a block");
  }
  if (deleted) {
    if (observed.made_by == observed.writer && observed.nature != Nature::kUserEvent) return "";
    if (taken_over) return "";
    return absl::StrCat("deleted ", where, ", which no engine of this group made");
  }
  // An occurrence of a block may come back with its source's; a block never does.
  if (write.kind == WriteKind::kRevived && own_block && write.after->IsOccurrence()) return "";
  if (write.kind == WriteKind::kRevived) return absl::StrCat("brought back ", where, ", which somebody had deleted");
  if (own_block) return "";
  // Guests leave a block that a person moved before it is deleted where it landed.
  if (observed.nature == Nature::kCopyOfBlock && observed.made_by == observed.writer &&
      OnlyGuestsLeft(*write.before, *write.after)) {
    return "";
  }
  if (observed.nature != Nature::kUserEvent) return absl::StrCat("changed ", where, ", a copy of a block or a block of others");
  if (write.before == nullptr || !OnlyOurKeyDiffers(*write.before, *write.after, observed.own_keys)) {
    return absl::StrCat("changed more than its own key on ", where);
  }
  return "";
}

std::string CheckTakenOver(const Ghost& ghost, const Spot& block, const Spot& source) {
  const GhostEvent* truth = ghost.Find(block);
  if (truth == nullptr) return absl::StrCat("takes over ", block.event.text(), ", which never existed");
  if (!truth->legacy || truth->nature == Nature::kUserEvent) {
    return absl::StrCat("takes over ", block.event.text(), ", which is no block of the system before");
  }
  if (source.calendar < 0) return "";
  const GhostEvent* shown = ghost.FindOrSeries(source);
  if (shown == nullptr || shown->nature != Nature::kUserEvent || source.calendar == block.calendar) {
    return absl::StrCat("takes over ", block.event.text(), " for ", source.event.text(),
                        ", which is no event of a person elsewhere");
  }
  return "";
}

}  // namespace calsync::sim
