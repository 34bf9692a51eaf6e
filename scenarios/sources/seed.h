// Choices from a 64-bit seed: SplitMix64 (Steele, Lea, Flood 2014), one state a stream. The same on every machine (L11).

#ifndef CALSYNC_SCENARIOS_SOURCES_SEED_H_
#define CALSYNC_SCENARIOS_SOURCES_SEED_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "scenarios/sources/stream.h"

namespace calsync::sim {

class SeedSource {
 public:
  SeedSource() = default;
  explicit SeedSource(uint64_t seed) {
    for (size_t i = 0; i < kStreams; ++i) states_[i] = Mix(seed + kGamma * (i + 1)) ^ (i << 56);
  }

  // In [0, bound); nearly uniform. REQUIRES: bound > 1.
  uint64_t Next(Stream stream, uint64_t bound) {
    uint64_t& state = states_[static_cast<size_t>(stream)];
    state += kGamma;
    const uint64_t bits = Mix(state);
    if (bound <= (uint64_t{1} << 32)) return ((bits >> 32) * bound) >> 32;
    return bits % bound;
  }

 private:
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;

  static constexpr uint64_t Mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  std::array<uint64_t, kStreams> states_ = {};
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_SEED_H_
