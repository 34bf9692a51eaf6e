#include "engine/base/uuid.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/base/little_endian.h"

namespace calsync {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr size_t kHyphens[] = {8, 13, 18, 23};
// Where the digits of each half of the value are.
struct Places {
  size_t of[2][16];
};
constexpr Places MakePlaces() {
  Places places{};
  size_t digit = 0;
  for (size_t i = 0; i < kUuidLength; ++i) {
    if (i == kHyphens[0] || i == kHyphens[1] || i == kHyphens[2] || i == kHyphens[3]) continue;
    places.of[digit / 16][digit % 16] = i;
    ++digit;
  }
  return places;
}
constexpr Places kPlaces = MakePlaces();

// Sixteen characters in two numbers, so that each operation below does two at once.
using Words = uint64_t __attribute__((vector_size(16)));

constexpr uint64_t EachByte(uint64_t byte) { return byte * 0x0101010101010101u; }

uint64_t Load4And4(const char* first, const char* second) {
  char both[8];
  std::memcpy(both, first, 4);
  std::memcpy(both + 4, second, 4);
  return Load64(both);
}

// The 32 bits that each eight hexadecimal digits mean, the first byte lowest; bits of `bad` are set if one of them is none. All
// bytes are looked at together: in each, adding a constant carries into the highest bit exactly if it is at least what that
// stands for.
inline __attribute__((always_inline)) Words DigitsOf(Words text, Words& bad) {
  const uint64_t high = EachByte(0x80);
  const Words ascii = text & ~high;
  const Words folded = ascii | EachByte(0x20);
  const Words digit = (ascii + EachByte(0x80 - '0')) & ~(ascii + EachByte(0x7f - '9')) & high;
  const Words letter = (folded + EachByte(0x80 - 'a')) & ~(folded + EachByte(0x7f - 'f')) & high;
  bad |= (text & high) | ((digit | letter) ^ high);
  const Words is_letter = letter >> 7;
  Words value = (ascii & EachByte(0x0f)) + (is_letter << 3) + is_letter;
  value = ((value << 4) | (value >> 8)) & 0x00ff00ff00ff00ffu;
  value = (value | (value >> 8)) & 0x0000ffff0000ffffu;
  return (value | (value >> 16)) & 0xffffffffu;
}

}  // namespace

std::string FormatUuid(absl::uint128 value) {
  std::string text(kUuidLength, '-');
  char* const out = text.data();
  const uint64_t halves[] = {absl::Uint128High64(value), absl::Uint128Low64(value)};
  for (size_t half = 0; half < 2; ++half) {
    for (size_t i = 0; i < 16; ++i) out[kPlaces.of[half][i]] = kDigits[(halves[half] >> (60 - 4 * i)) & 15];
  }
  return text;
}

std::optional<absl::uint128> ParseUuid(absl::string_view text) {
  if (text.size() != kUuidLength) return std::nullopt;
  for (const size_t i : kHyphens) {
    if (text[i] != '-') return std::nullopt;
  }
  const char* const at = text.data();
  Words bad = {0, 0};
  const Words high = DigitsOf(Words{Load64(at), Load4And4(at + 9, at + 14)}, bad);
  const Words low = DigitsOf(Words{Load4And4(at + 19, at + 24), Load64(at + 28)}, bad);
  if ((bad[0] | bad[1]) != 0) return std::nullopt;
  return absl::MakeUint128(__builtin_bswap64(high[0] | (high[1] << 32)), __builtin_bswap64(low[0] | (low[1] << 32)));
}

absl::uint128 UuidV4From(absl::uint128 random) {
  const uint64_t high = (absl::Uint128High64(random) & ~uint64_t{0xf000}) | 0x4000;
  const uint64_t low = (absl::Uint128Low64(random) & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return absl::MakeUint128(high, low);
}

}  // namespace calsync
