#include "engine/base/packed_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/base/base32hex.h"

namespace calsync {
namespace {

constexpr size_t kHeader = 3;
constexpr size_t kLongest = 65535;
constexpr char kAlphabet[] = "0123456789abcdefghijklmnopqrstuv";

size_t CountOf(const char* bytes) {
  return static_cast<unsigned char>(bytes[0]) | (size_t{static_cast<unsigned char>(bytes[1])} << 8);
}
bool IsPacked(const char* bytes) { return bytes[2] == 1; }
size_t BodySize(size_t count, bool packed) { return packed ? (count * 5 + 7) / 8 : count; }
size_t SizeOf(const char* bytes) { return kHeader + BodySize(CountOf(bytes), IsPacked(bytes)); }

}  // namespace

PackedText::PackedText(absl::string_view text) {
  if (text.empty()) return;
  text = text.substr(0, kLongest);
  const bool packed = IsBase32Hex(text);
  bytes_ = std::make_unique<char[]>(kHeader + BodySize(text.size(), packed));
  bytes_[0] = static_cast<char>(text.size() & 0xff);
  bytes_[1] = static_cast<char>(text.size() >> 8);
  bytes_[2] = packed ? 1 : 0;
  if (packed) {
    const std::string filled = std::string(text) + std::string((8 - text.size() % 8) % 8, '0');
    const std::string body = *DecodeBase32Hex(filled);
    std::memcpy(bytes_.get() + kHeader, body.data(), BodySize(text.size(), true));
  } else {
    std::memcpy(bytes_.get() + kHeader, text.data(), text.size());
  }
}

PackedText::PackedText(const PackedText& other) { *this = other; }

PackedText& PackedText::operator=(const PackedText& other) {
  if (this == &other) return *this;
  if (other.bytes_ == nullptr) {
    bytes_.reset();
    return *this;
  }
  const size_t size = SizeOf(other.bytes_.get());
  bytes_ = std::make_unique<char[]>(size);
  std::memcpy(bytes_.get(), other.bytes_.get(), size);
  return *this;
}

std::string PackedText::ToString() const {
  if (bytes_ == nullptr) return "";
  const size_t count = CountOf(bytes_.get());
  const char* body = bytes_.get() + kHeader;
  if (!IsPacked(bytes_.get())) return std::string(body, count);
  std::string text(count, '\0');
  uint32_t pending = 0;
  int bits = 0;
  for (size_t i = 0; i < count; ++i) {
    if (bits < 5) {
      pending = (pending << 8) | static_cast<unsigned char>(*body++);
      bits += 8;
    }
    text[i] = kAlphabet[(pending >> (bits - 5)) & 31];
    bits -= 5;
  }
  return text;
}

bool PackedText::Equals(absl::string_view text) const {
  if (bytes_ == nullptr) return text.empty();
  if (CountOf(bytes_.get()) != text.size()) return false;
  const char* body = bytes_.get() + kHeader;
  if (!IsPacked(bytes_.get())) return std::memcmp(body, text.data(), text.size()) == 0;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    if (bits < 5) {
      pending = (pending << 8) | static_cast<unsigned char>(*body++);
      bits += 8;
    }
    if (kAlphabet[(pending >> (bits - 5)) & 31] != c) return false;
    bits -= 5;
  }
  return true;
}

size_t PackedText::allocated_bytes() const { return bytes_ == nullptr ? 0 : SizeOf(bytes_.get()); }

bool operator==(const PackedText& a, const PackedText& b) {
  if (a.bytes_ == nullptr || b.bytes_ == nullptr) return a.bytes_ == b.bytes_;
  const size_t size = SizeOf(a.bytes_.get());
  return size == SizeOf(b.bytes_.get()) && std::memcmp(a.bytes_.get(), b.bytes_.get(), size) == 0;
}

}  // namespace calsync
