#include "scenarios/ghost.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "engine/base/check.h"

namespace calsync::sim {
namespace {

bool IsEngine(const fake::ActorId& actor) { return actor.kind == fake::ActorKind::kEngine; }

bool IsPrivate(const Event& event) {
  return event.visibility == Visibility::kPrivate || event.visibility == Visibility::kConfidential;
}

}  // namespace

void Ghost::SetFamily(uint32_t actor, FamilyNumber family) {
  if (families_.size() <= actor) families_.resize(actor + 1, -1);
  families_[actor] = family;
  if (blocks_inserted_.size() <= static_cast<size_t>(family)) blocks_inserted_.resize(static_cast<size_t>(family) + 1, 0);
}

FamilyNumber Ghost::FamilyOf(const fake::ActorId& actor) const {
  if (!IsEngine(actor) || actor.number >= families_.size()) return -1;
  return families_[actor.number];
}

void Ghost::Claim(FamilyNumber family, const Spot& block, const Spot& source) { claims_[block] = {family, source}; }

Spot Ghost::ClaimedFor(const Spot& block) const {
  const auto found = claims_.find(block);
  return found == claims_.end() ? Spot{} : found->second.second;
}

void Ghost::Declare(const Spot& spot, Nature nature) { declared_[spot] = nature; }

void Ghost::DeclareLegacy(const Spot& block, const Spot& source) {
  GhostEvent& event = events_.at(block);
  event.nature = Nature::kLegacyBlock;
  event.source = source;
  event.legacy = true;
}

void Ghost::Adopt(FamilyNumber family, const Spot& block, const Spot& source, bool live, absl::Time now) {
  GhostEvent& event = events_.at(block);
  CALSYNC_CHECK(event.legacy);
  event.nature = Nature::kBlock;
  event.family = event.taken_by = family;
  if (source.calendar >= 0) event.source = source;
  if (live) return;
  GhostSlot& slot = slots_[SlotKey{family, event.source, block.calendar}];
  slot.deleted_at = now;
  slot.touches.push_back(now);
}

void Ghost::Take(FamilyNumber family, const Spot& block) {
  if (const auto found = events_.find(block); found != events_.end() && found->second.legacy) found->second.taken_by = family;
}

bool Ghost::IsMarked(const Event& event) {
  return absl::StartsWith(event.summary, "Busy -") || absl::StartsWith(event.description, "Busy block for event from ");
}

bool Ghost::MirroredDiffers(const Event& before, const Event& after) {
  return before.status != after.status || before.transparency != after.transparency ||
         before.own_response() != after.own_response() || before.type != after.type || !(before.span() == after.span()) ||
         before.summary != after.summary || IsPrivate(before) != IsPrivate(after) || before.recurrence != after.recurrence;
}

void Ghost::Observe(const fake::WriteRecord& write, int calendar, int came_from) {
  CALSYNC_CHECK(calendar >= 0);
  const Spot spot{calendar, write.event};
  const bool by_engine = IsEngine(write.actor);
  if (!by_engine) ++foreign_writes_;
  if (last_changes_.size() <= static_cast<size_t>(calendar)) last_changes_.resize(static_cast<size_t>(calendar) + 1);
  std::vector<absl::Time>& last_changes = last_changes_[static_cast<size_t>(calendar)];
  const auto writer = static_cast<size_t>(FamilyOf(write.actor) + 1);
  if (last_changes.size() <= writer) last_changes.resize(writer + 1, absl::InfinitePast());
  last_changes[writer] = write.time;

  if (by_engine && write.before != nullptr) {
    for (const auto& [key, value] : write.after->private_properties) {
      if (!write.before->private_properties.contains(key)) owners_of_keys_.try_emplace(key, FamilyOf(write.actor));
    }
  }

  const auto [found, fresh] = events_.try_emplace(spot);
  if (fresh) {
    // It is what it was elsewhere, what its maker says it is, or what its maker is.
    GhostEvent event;
    event.number = static_cast<uint32_t>(events_.size());
    const GhostEvent* before = came_from >= 0 ? Find(came_from, write.event) : nullptr;
    if (before != nullptr) {
      event.nature = before->nature == Nature::kUserEvent ? Nature::kUserEvent : Nature::kCopyOfBlock;
      event.family = before->family;
      event.source = before->source;
      event.residue = before->residue;
      event.legacy = before->legacy;
      event.taken_by = before->taken_by;
      // Of an adopted block only a tag, which may have been lost, tells whose it is (L6).
      if (before->nature == Nature::kBlock && before->part_of.empty() && !before->legacy) {
        event.moved_from = came_from;
        event.moved_at = write.time;
      }
    }
    if (const auto declared = declared_.find(spot); declared != declared_.end()) {
      event.nature = declared->second;
      declared_.erase(declared);
    }
    // An exception is what its series is, and so is a part that was split off.
    EventId series = write.after->recurring_event_id;
    if (const size_t cut = write.event.text().find("_R"); series.empty() && cut != absl::string_view::npos) {
      series = EventId(std::string(write.event.text().substr(0, cut)));
      event.fragment = true;
    }
    const GhostEvent* whole = series.empty() ? nullptr : Find(calendar, series);
    if (whole != nullptr) {
      event.nature = whole->nature;
      event.family = whole->family;
      event.source = whole->source;
      event.residue = whole->residue;
      event.part_of = series;
      event.was_public = whole->was_public;
      event.rejected = whole->rejected;
      event.legacy = whole->legacy;
      event.taken_by = whole->taken_by;
      ++exceptions_[Spot{calendar, series}];
    } else if (by_engine && before == nullptr) {
      event.nature = Nature::kBlock;
      event.family = FamilyOf(write.actor);
      if (event.family >= 0) ++blocks_inserted_[static_cast<size_t>(event.family)];
      if (const auto claim = claims_.find(spot); claim != claims_.end()) event.source = claim->second.second;
    }
    events_[spot] = std::move(event);
  }
  // A block that comes home again is a block again; try_emplace found it.
  GhostEvent& event = events_[spot];
  if (write.before == nullptr || MirroredDiffers(*write.before, *write.after)) {
    event.mirrored_at = write.time;
    if (!event.part_of.empty() && !event.fragment) {
      if (const auto series = events_.find(Spot{calendar, event.part_of}); series != events_.end()) {
        series->second.mirrored_at = write.time;
      }
    }
  }
  if (!write.after->IsCancelled() && !IsPrivate(*write.after)) event.was_public = true;
  if (!write.after->IsCancelled() && IsMarked(*write.after)) event.was_marked = true;

  const auto exceptions = exceptions_.find(spot);
  if (!by_engine && exceptions != exceptions_.end()) exceptions_shaken_ += exceptions->second;

  if (event.nature == Nature::kBlock && !by_engine) {
    ++foreign_block_touches_;
    if (!write.after->IsCancelled() && write.before != nullptr && write.before->IsCancelled()) event.revived = true;
    if (event.source.calendar >= 0) {
      GhostSlot& slot = slots_[SlotKey{event.family, event.source, calendar}];
      if (!event.part_of.empty()) {
        slot.part_touched_at = write.time;
        slot.touches.push_back(write.time);
        return;
      }
      const bool was_live = write.before != nullptr && !write.before->IsCancelled();
      if (write.after->IsCancelled()) {
        if (was_live) slot.deleted_at = write.time;
      } else if (!was_live) {
        slot.undeleted_at = write.time;
      } else {
        slot.edited_at = write.time;
      }
      slot.touches.push_back(write.time);
    }
  }
}

const GhostEvent* Ghost::Find(int calendar, const EventId& event) const {
  const auto found = events_.find(Spot{calendar, event});
  return found == events_.end() ? nullptr : &found->second;
}

const GhostEvent* Ghost::FindOrSeries(int calendar, const Event& event) const {
  const GhostEvent* found = Find(calendar, event.id);
  return found != nullptr || event.recurring_event_id.empty() ? found : Find(calendar, event.recurring_event_id);
}

const GhostEvent* Ghost::FindOrSeries(const Spot& spot) const {
  const GhostEvent* found = Find(spot);
  const size_t stamp = spot.event.text().rfind('_');
  if (found != nullptr || stamp == absl::string_view::npos || stamp == 0) return found;
  return Find(spot.calendar, EventId(std::string(spot.event.text().substr(0, stamp))));
}

GhostEvent* Ghost::FindForChange(const Spot& spot) {
  const auto found = events_.find(spot);
  return found == events_.end() ? nullptr : &found->second;
}

const GhostSlot* Ghost::FindSlot(const SlotKey& key) const {
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : &found->second;
}

FamilyNumber Ghost::OwnerOfKey(const std::string& key) const {
  const auto owner = owners_of_keys_.find(key);
  return owner == owners_of_keys_.end() ? -1 : owner->second;
}

absl::Time Ghost::LastChangeByOthers(int calendar, FamilyNumber family) const {
  absl::Time last = absl::InfinitePast();
  if (static_cast<size_t>(calendar) >= last_changes_.size()) return last;
  const std::vector<absl::Time>& changes = last_changes_[static_cast<size_t>(calendar)];
  for (size_t writer = 0; writer < changes.size(); ++writer) {
    if (writer != static_cast<size_t>(family + 1)) last = std::max(last, changes[writer]);
  }
  return last;
}

uint64_t Ghost::blocks_inserted(FamilyNumber family) const {
  return static_cast<size_t>(family) < blocks_inserted_.size() ? blocks_inserted_[static_cast<size_t>(family)] : 0;
}

}  // namespace calsync::sim
