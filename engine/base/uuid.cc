#include "engine/base/uuid.h"

#include <cstddef>
#include <cstdint>

namespace calsync {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr size_t kLength = 36;
constexpr size_t kHyphens[] = {8, 13, 18, 23};
// Where the digits of each half of the value are.
struct Places {
  size_t of[2][16];
};
constexpr Places MakePlaces() {
  Places places{};
  size_t digit = 0;
  for (size_t i = 0; i < kLength; ++i) {
    if (i == kHyphens[0] || i == kHyphens[1] || i == kHyphens[2] || i == kHyphens[3]) continue;
    places.of[digit / 16][digit % 16] = i;
    ++digit;
  }
  return places;
}
constexpr Places kPlaces = MakePlaces();

// Of each character, 16 if it is no hexadecimal digit.
struct Values {
  unsigned char of[256];
};
constexpr Values MakeValues() {
  Values values{};
  for (unsigned char& value : values.of) value = 16;
  for (unsigned char i = 0; i < 16; ++i) {
    values.of[static_cast<unsigned char>(kDigits[i])] = i;
    if (i >= 10) values.of[static_cast<unsigned char>('A' + i - 10)] = i;
  }
  return values;
}
constexpr Values kValues = MakeValues();

}  // namespace

std::string FormatUuid(absl::uint128 value) {
  std::string text(kLength, '-');
  char* const out = text.data();
  const uint64_t halves[] = {absl::Uint128High64(value), absl::Uint128Low64(value)};
  for (size_t half = 0; half < 2; ++half) {
    for (size_t i = 0; i < 16; ++i) out[kPlaces.of[half][i]] = kDigits[(halves[half] >> (60 - 4 * i)) & 15];
  }
  return text;
}

std::optional<absl::uint128> ParseUuid(absl::string_view text) {
  if (text.size() != kLength) return std::nullopt;
  for (const size_t i : kHyphens) {
    if (text[i] != '-') return std::nullopt;
  }
  uint64_t halves[2] = {};
  unsigned all = 0;
  for (size_t half = 0; half < 2; ++half) {
    for (size_t i = 0; i < 16; ++i) {
      const unsigned digit = kValues.of[static_cast<unsigned char>(text[kPlaces.of[half][i]])];
      all |= digit;
      halves[half] = (halves[half] << 4) | (digit & 15);
    }
  }
  if (all >= 16) return std::nullopt;
  return absl::MakeUint128(halves[0], halves[1]);
}

absl::uint128 UuidV4From(absl::uint128 random) {
  const uint64_t high = (absl::Uint128High64(random) & ~uint64_t{0xf000}) | 0x4000;
  const uint64_t low = (absl::Uint128Low64(random) & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return absl::MakeUint128(high, low);
}

}  // namespace calsync
