// Numbers from bytes, the first byte lowest, on every machine.

#ifndef CALSYNC_ENGINE_BASE_LITTLE_ENDIAN_H_
#define CALSYNC_ENGINE_BASE_LITTLE_ENDIAN_H_

#include <bit>
#include <cstdint>
#include <cstring>

namespace calsync {

// The inverse is itself.
inline uint64_t Little(uint64_t word) { return std::endian::native == std::endian::little ? word : __builtin_bswap64(word); }

// Eight bytes as one number. They need not be aligned.
inline uint64_t Load64(const char* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return Little(word);
}

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_LITTLE_ENDIAN_H_
