// Choices from a list: what a run recorded, or what a shrinker made of it.
//
// A value is found by its stream, its label, and the how-manieth of them it is, not by its place in the whole list. So a list
// stays good when a choice is added to the world or taken from it, and leaving out an action shifts only what is called the same.

#ifndef CALSYNC_SCENARIOS_SOURCES_RECORDED_H_
#define CALSYNC_SCENARIOS_SOURCES_RECORDED_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "scenarios/sources/stream.h"

namespace calsync::sim {

class RecordedSource {
 public:
  void Add(Stream stream, absl::string_view label, uint64_t value) {
    queues_[static_cast<size_t>(stream)][label].values.push_back(value);
  }

  // A missing value is 0; one that is too large counts as the largest.
  uint64_t Next(Stream stream, absl::string_view label, uint64_t bound) {
    const auto found = queues_[static_cast<size_t>(stream)].find(label);
    if (found == queues_[static_cast<size_t>(stream)].end() || found->second.next >= found->second.values.size()) return 0;
    const uint64_t value = found->second.values[found->second.next++];
    return value < bound ? value : bound - 1;
  }

 private:
  struct Queue {
    std::vector<uint64_t> values;
    size_t next = 0;
  };
  std::array<absl::flat_hash_map<std::string, Queue>, kStreams> queues_;  // Look-ups only.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_RECORDED_H_
