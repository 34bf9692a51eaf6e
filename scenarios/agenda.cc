#include "scenarios/agenda.h"

#include <algorithm>

#include "engine/base/check.h"

namespace calsync::sim {

absl::string_view Name(ActorTurn::Who who) {
  switch (who) {
    case ActorTurn::Who::kPeople:
      return "people";
    case ActorTurn::Who::kStripper:
      return "stripper";
    case ActorTurn::Who::kCopier:
      return "copier";
    case ActorTurn::Who::kFighter:
      return "fighter";
    case ActorTurn::Who::kAdministrator:
      return "administrator";
    case ActorTurn::Who::kAccess:
      return "access";
    case ActorTurn::Who::kMishap:
      return "mishap";
    case ActorTurn::Who::kPolicy:
      return "policy";
    case ActorTurn::Who::kZone:
      return "zone";
    case ActorTurn::Who::kLegacy:
      return "migration";
    case ActorTurn::Who::kMirror:
      return "mirror";
    case ActorTurn::Who::kWorker:
      return "worker";
    case ActorTurn::Who::kCleaner:
      return "cleaner";
    case ActorTurn::Who::kMangler:
      return "mangler";
  }
  return "?";
}

Happening& Agenda::Reserve(absl::Time time) {
  uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<uint32_t>(happenings_.size());
    happenings_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  heap_.push_back({time, count_++, place});
  std::push_heap(heap_.begin(), heap_.end());
  return happenings_[place];
}

Happening Agenda::Take() {
  CALSYNC_CHECK(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end());
  const uint32_t place = heap_.back().place;
  heap_.pop_back();
  free_.push_back(place);
  Happening happening = std::move(happenings_[place]);
  if (IsUnderWay(happening)) --under_way_;
  return happening;
}

std::vector<Agenda::Entry> Agenda::InOrder() const {
  std::vector<Entry> entries = heap_;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return b < a; });
  return entries;
}

std::pair<absl::Time, Happening> Agenda::TakeUnderWay(size_t which) {
  CALSYNC_CHECK(which < under_way_);
  for (const Entry& entry : InOrder()) {
    if (!IsUnderWay(happenings_[entry.place]) || which-- > 0) continue;
    heap_.erase(std::find_if(heap_.begin(), heap_.end(), [&](const Entry& other) { return other.place == entry.place; }));
    std::make_heap(heap_.begin(), heap_.end());
    free_.push_back(entry.place);
    --under_way_;
    return {entry.time, std::move(happenings_[entry.place])};
  }
  CALSYNC_CHECK(false);
  return {};
}

void Agenda::ForEach(absl::FunctionRef<void(absl::Time, const Happening&)> visit) const {
  for (const Entry& entry : InOrder()) visit(entry.time, happenings_[entry.place]);
}

}  // namespace calsync::sim
