// The engine's only source of randomness, seeded by its host. Same seed, same bits (L11).
//
// SipHash in counter mode under a 128-bit key: unpredictable to who does not know the seed, since channel tokens are drawn from
// it.

#ifndef CALSYNC_ENGINE_HOST_BITS_H_
#define CALSYNC_ENGINE_HOST_BITS_H_

#include <cstdint>

#include "absl/numeric/int128.h"
#include "engine/base/siphash.h"

namespace calsync {

class Bits {
 public:
  Bits() = default;
  explicit Bits(const SipKey& seed) : seed_(seed) {}

  absl::uint128 Next128();
  uint64_t Next64() { return absl::Uint128Low64(Next128()); }
  // Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return Next64() % bound; }

 private:
  SipKey seed_;
  uint64_t counter_ = 0;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_HOST_BITS_H_
