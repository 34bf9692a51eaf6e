// Folds fields into 64 bits, fast, and the same on every machine and in every run (L11).
//
// For digests of runs and for look-up tables: nobody who chooses what it folds gains by a collision. What is stored, or certifies
// something, is SipHash's (siphash.h).

#ifndef CALSYNC_ENGINE_BASE_MIXER_H_
#define CALSYNC_ENGINE_BASE_MIXER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

namespace calsync {

class Mixer {
 public:
  Mixer() = default;
  explicit Mixer(uint64_t seed) : state_(seed) {}

  Mixer& Number(uint64_t word) {
    constexpr uint64_t kOdd = 0x9e3779b97f4a7c15u;
    state_ = (state_ ^ word) * kOdd;
    state_ ^= state_ >> 29;
    return *this;
  }
  Mixer& Number128(absl::uint128 value) { return Number(absl::Uint128High64(value)).Number(absl::Uint128Low64(value)); }
  Mixer& Text(absl::string_view text) {
    Number(text.size());
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) Number(BigEndian(at));
    if (left == 0) return *this;
    if (text.size() >= 8) return Number(BigEndian(at + left - 8) & ((uint64_t{1} << (8 * left)) - 1));
    uint64_t word = 0;
    for (; left > 0; --left) word = (word << 8) | static_cast<unsigned char>(*at++);
    return Number(word);
  }
  uint64_t state() const { return state_; }

 private:
  // The eight bytes at `at`, the first one highest.
  static uint64_t BigEndian(const char* at) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
  }

  uint64_t state_ = 0;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_MIXER_H_
