#include "engine/base/uuid.h"

#include <cstddef>

namespace calsync {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

bool IsHyphenPosition(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string FormatUuid(absl::uint128 value) {
  std::string text(36, '-');
  int shift = 124;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsHyphenPosition(i)) continue;
    text[i] = kDigits[static_cast<size_t>(absl::Uint128Low64((value >> shift) & 15))];
    shift -= 4;
  }
  return text;
}

std::optional<absl::uint128> ParseUuid(absl::string_view text) {
  if (text.size() != 36) return std::nullopt;
  absl::uint128 value = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsHyphenPosition(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = DigitValue(text[i]);
    if (digit < 0) return std::nullopt;
    value = (value << 4) | static_cast<unsigned>(digit);
  }
  return value;
}

absl::uint128 UuidV4From(absl::uint128 random) {
  const uint64_t high = (absl::Uint128High64(random) & ~uint64_t{0xf000}) | 0x4000;
  const uint64_t low = (absl::Uint128Low64(random) & ~(uint64_t{3} << 62)) | (uint64_t{2} << 62);
  return absl::MakeUint128(high, low);
}

}  // namespace calsync
