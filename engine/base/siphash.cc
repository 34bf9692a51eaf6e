#include "engine/base/siphash.h"

#include <cstddef>

#include "engine/base/little_endian.h"

namespace calsync {
namespace {

uint64_t Rotate(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

// Up to eight bytes, little-endian.
uint64_t LoadTail(const char* at, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return word;
}

struct Sip {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1, v1 = Rotate(v1, 13), v1 ^= v0, v0 = Rotate(v0, 32);
    v2 += v3, v3 = Rotate(v3, 16), v3 ^= v2;
    v0 += v3, v3 = Rotate(v3, 21), v3 ^= v0;
    v2 += v1, v1 = Rotate(v1, 17), v1 ^= v2, v2 = Rotate(v2, 32);
  }
  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
  uint64_t Squeeze() {
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// Inline: its four words stay in registers for who squeezes them.
[[gnu::always_inline]] inline Sip Absorbed(const SipKey& key, absl::string_view bytes, bool wide) {
  Sip sip{key.k0 ^ 0x736f6d6570736575u, key.k1 ^ 0x646f72616e646f6du, key.k0 ^ 0x6c7967656e657261u, key.k1 ^ 0x7465646279746573u};
  if (wide) sip.v1 ^= 0xee;
  const size_t whole = bytes.size() / 8 * 8;
  const size_t left = bytes.size() - whole;
  for (size_t i = 0; i < whole; i += 8) sip.Absorb(Load64(bytes.data() + i));
  uint64_t tail = 0;
  if (left > 0) tail = whole == 0 ? LoadTail(bytes.data(), left) : Load64(bytes.data() + bytes.size() - 8) >> (8 * (8 - left));
  sip.Absorb((uint64_t{bytes.size()} << 56) | tail);
  return sip;
}

}  // namespace

uint64_t SipHash64(const SipKey& key, absl::string_view bytes) {
  Sip sip = Absorbed(key, bytes, /*wide=*/false);
  sip.v2 ^= 0xff;
  return sip.Squeeze();
}

absl::uint128 SipHash128(const SipKey& key, absl::string_view bytes) {
  Sip sip = Absorbed(key, bytes, /*wide=*/true);
  sip.v2 ^= 0xee;
  const uint64_t low = sip.Squeeze();
  sip.v1 ^= 0xdd;
  return absl::MakeUint128(sip.Squeeze(), low);
}

SipKey DeriveKey(const SipKey& key, absl::string_view purpose) {
  const absl::uint128 derived = SipHash128(key, purpose);
  return {absl::Uint128Low64(derived), absl::Uint128High64(derived)};
}

char* FieldBytes::GrowFar(size_t count) {
  if (more_.empty()) more_.assign(usual_, size_);
  more_.resize(size_ + count);
  char* const at = more_.data() + size_;
  size_ += count;
  return at;
}

}  // namespace calsync
