#include "engine/base/base32hex.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace calsync {
namespace {

constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuv";

// Of each character, -1 if it is none of the alphabet.
struct Values {
  signed char of[256];
};
constexpr Values MakeValues() {
  Values values{};
  for (signed char& value : values.of) value = -1;
  for (size_t i = 0; i < 32; ++i) values.of[static_cast<unsigned char>(kAlphabet[i])] = static_cast<signed char>(i);
  return values;
}
constexpr Values kValues = MakeValues();

// Two characters for each ten bits.
struct Pairs {
  char of[1024][2];
};
constexpr Pairs MakePairs() {
  Pairs pairs{};
  for (size_t i = 0; i < 1024; ++i) {
    pairs.of[i][0] = kAlphabet[i / 32];
    pairs.of[i][1] = kAlphabet[i % 32];
  }
  return pairs;
}
constexpr Pairs kPairs = MakePairs();

int ValueOf(char c) { return kValues.of[static_cast<unsigned char>(c)]; }

}  // namespace

bool IsBase32Hex(absl::string_view text) {
  for (const char c : text) {
    if (ValueOf(c) < 0) return false;
  }
  return true;
}

std::string EncodeBase32Hex(absl::string_view bytes) {
  std::string text((bytes.size() * 8 + 4) / 5, '\0');
  EncodeBase32Hex(bytes, text.data());
  return text;
}

void EncodeBase32Hex(absl::string_view bytes, char* out) {
  // Five bytes are eight characters.
  for (; bytes.size() >= 5; bytes.remove_prefix(5), out += 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 5; ++i) word = (word << 8) | static_cast<unsigned char>(bytes[i]);
    for (size_t i = 0; i < 4; ++i) std::memcpy(out + 2 * i, kPairs.of[(word >> (10 * (3 - i))) & 1023], 2);
  }
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) *out++ = kAlphabet[(pending >> (bits - 5)) & 31];
  }
  if (bits > 0) *out = kAlphabet[(pending << (5 - bits)) & 31];
}

std::optional<std::string> DecodeBase32Hex(absl::string_view text) {
  std::string bytes(text.size() * 5 / 8, '\0');
  if (!DecodeBase32Hex(text, bytes.data())) return std::nullopt;
  return bytes;
}

bool DecodeBase32Hex(absl::string_view text, char* out) {
  // Eight characters are five bytes.
  for (; text.size() >= 8; text.remove_prefix(8), out += 5) {
    uint64_t word = 0;
    int all = 0;
    for (size_t i = 0; i < 8; ++i) {
      const int value = ValueOf(text[i]);
      all |= value;
      word = (word << 5) | static_cast<uint64_t>(value & 31);
    }
    if (all < 0) return false;
    for (size_t i = 0; i < 5; ++i) out[i] = static_cast<char>(static_cast<unsigned char>(word >> (8 * (4 - i))));
  }
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = ValueOf(c);
    if (value < 0) return false;
    pending = (pending << 5) | static_cast<uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      *out++ = static_cast<char>(static_cast<unsigned char>(pending >> (bits - 8)));
      bits -= 8;
    }
  }
  const bool leftover_is_zero = (pending & ((1u << bits) - 1)) == 0;
  return bits < 5 && leftover_is_zero;
}

}  // namespace calsync
