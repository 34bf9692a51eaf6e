// Seeded randomness (SplitMix64): one number of state, the same everywhere.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_RANDOM_H_
#define CALSYNC_FAKEGOOGLE_MODEL_RANDOM_H_

#include <cstdint>

namespace calsync::fake {

inline uint64_t Mix64(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Advances the state and draws from it.
inline uint64_t NextRandom(uint64_t& state) { return Mix64(state += 0x9e3779b97f4a7c15); }

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_RANDOM_H_
