// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash, the same on every machine and in every run.
//
// Used for slot hashes and their certificates, for look-up keys, and for fingerprints of mirrored fields. Never std::hash or
// absl::Hash in anything that is stored or decides: those differ from run to run (L11).

#ifndef CALSYNC_ENGINE_BASE_SIPHASH_H_
#define CALSYNC_ENGINE_BASE_SIPHASH_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

namespace calsync {

struct SipKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
  friend bool operator==(const SipKey&, const SipKey&) = default;
};

uint64_t SipHash64(const SipKey& key, absl::string_view bytes);
absl::uint128 SipHash128(const SipKey& key, absl::string_view bytes);

// A key for one purpose, derived from another key. Distinct purposes give independent keys.
SipKey DeriveKey(const SipKey& key, absl::string_view purpose);

// Collects fields into bytes so that no two different lists of fields give the same bytes: texts are length-prefixed,
// numbers are eight bytes, little-endian.
class FieldBytes {
 public:
  FieldBytes& Text(absl::string_view text) {
    Number(text.size());
    char* const at = Grow(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return *this;
  }
  FieldBytes& Number(uint64_t value) {
    if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
    std::memcpy(Grow(sizeof value), &value, sizeof value);
    return *this;
  }
  FieldBytes& Number128(absl::uint128 value) { return Number(absl::Uint128High64(value)).Number(absl::Uint128Low64(value)); }
  absl::string_view bytes() const { return more_.empty() ? absl::string_view(usual_, size_) : more_; }

 private:
  static constexpr size_t kUsual = 256;  // What is hashed is short.

  // Room for so many bytes more.
  char* Grow(size_t count) {
    if (size_ + count > kUsual) return GrowFar(count);
    char* const at = usual_ + size_;
    size_ += count;
    return at;
  }
  char* GrowFar(size_t count);

  char usual_[kUsual];
  size_t size_ = 0;   // Of all bytes.
  std::string more_;  // All of them, once they are more than usual.
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_SIPHASH_H_
