// Choices from a list: what a run recorded, or what a shrinker made of it.

#ifndef CALSYNC_SCENARIOS_SOURCES_RECORDED_H_
#define CALSYNC_SCENARIOS_SOURCES_RECORDED_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace calsync::sim {

class RecordedSource {
 public:
  explicit RecordedSource(std::vector<uint64_t> values) : values_(std::move(values)) {}

  // A missing value is 0; one that is too large counts as the largest: a list stays valid when choices are added or bounds
  // change.
  uint64_t Next(uint64_t bound) {
    if (next_ >= values_.size()) return 0;
    const uint64_t value = values_[next_++];
    return value < bound ? value : bound - 1;
  }

 private:
  std::vector<uint64_t> values_;
  size_t next_ = 0;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_RECORDED_H_
