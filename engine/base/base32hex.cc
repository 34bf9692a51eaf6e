#include "engine/base/base32hex.h"

#include <cstdint>

namespace calsync {
namespace {

constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuv";

int ValueOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'v') return c - 'a' + 10;
  return -1;
}

}  // namespace

bool IsBase32Hex(absl::string_view text) {
  for (const char c : text) {
    if (ValueOf(c) < 0) return false;
  }
  return true;
}

std::string EncodeBase32Hex(absl::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text.push_back(kAlphabet[(pending >> (bits - 5)) & 31]);
  }
  if (bits > 0) text.push_back(kAlphabet[(pending << (5 - bits)) & 31]);
  return text;
}

std::optional<std::string> DecodeBase32Hex(absl::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 5 / 8);
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = ValueOf(c);
    if (value < 0) return std::nullopt;
    pending = (pending << 5) | static_cast<uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bytes.push_back(static_cast<char>(static_cast<unsigned char>(pending >> (bits - 8))));
      bits -= 8;
    }
  }
  const bool leftover_is_zero = (pending & ((1u << bits) - 1)) == 0;
  if (bits >= 5 || !leftover_is_zero) return std::nullopt;
  return bytes;
}

}  // namespace calsync
