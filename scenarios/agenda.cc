#include "scenarios/agenda.h"

#include <algorithm>

#include "engine/base/check.h"

namespace calsync::sim {

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

}  // namespace calsync::sim
