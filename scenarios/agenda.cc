#include "scenarios/agenda.h"

#include <algorithm>

#include "engine/base/check.h"

namespace calsync::sim {

void Agenda::Put(absl::Time time, Happening happening) {
  if (IsUnderWay(happening)) ++under_way_;
  uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<uint32_t>(happenings_.size());
    happenings_.push_back(std::move(happening));
  } else {
    place = free_.back();
    free_.pop_back();
    happenings_[place] = std::move(happening);
  }
  heap_.push_back({time, count_++, place});
  std::push_heap(heap_.begin(), heap_.end());
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
