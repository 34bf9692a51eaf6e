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

// Two characters for each ten bits.
struct Pairs {
  char characters[1024][2];
};
constexpr Pairs MakePairs() {
  Pairs pairs{};
  for (size_t i = 0; i < 1024; ++i) {
    pairs.characters[i][0] = kAlphabet[i >> 5];
    pairs.characters[i][1] = kAlphabet[i & 31];
  }
  return pairs;
}
constexpr Pairs kPairs = MakePairs();

// The characters that packed bytes stand for.
void Unpack(const char* body, size_t count, char* out) {
  const auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(body[i])}; };
  for (; count >= 8; count -= 8, body += 5, out += 8) {
    const uint64_t bits = (byte(0) << 32) | (byte(1) << 24) | (byte(2) << 16) | (byte(3) << 8) | byte(4);
    for (size_t pair = 0; pair < 4; ++pair) std::memcpy(out + 2 * pair, kPairs.characters[(bits >> (30 - 10 * pair)) & 1023], 2);
  }
  uint32_t pending = 0;
  int bits = 0;
  for (size_t i = 0; i < count; ++i) {
    if (bits < 5) {
      pending = (pending << 8) | static_cast<unsigned char>(*body++);
      bits += 8;
    }
    out[i] = kAlphabet[(pending >> (bits - 5)) & 31];
    bits -= 5;
  }
}

// The bytes that stand for base32hex characters; the last one is filled with zeros.
void Pack(absl::string_view text, char* out) {
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    pending = (pending << 5) | static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    bits += 5;
    if (bits >= 8) {
      *out++ = static_cast<char>(static_cast<unsigned char>(pending >> (bits - 8)));
      bits -= 8;
    }
  }
  if (bits > 0) *out = static_cast<char>(static_cast<unsigned char>(pending << (8 - bits)));
}

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
    Pack(text, bytes_.get() + kHeader);
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

size_t PackedText::size() const { return bytes_ == nullptr ? 0 : CountOf(bytes_.get()); }

absl::string_view PackedText::CopyTo(char* out) const {
  if (bytes_ == nullptr) return absl::string_view(out, 0);
  const size_t count = CountOf(bytes_.get());
  const char* body = bytes_.get() + kHeader;
  if (IsPacked(bytes_.get())) {
    Unpack(body, count, out);
  } else {
    std::memcpy(out, body, count);
  }
  return absl::string_view(out, count);
}

std::string PackedText::ToString() const {
  std::string text(size(), '\0');
  CopyTo(text.data());
  return text;
}

bool PackedText::Equals(absl::string_view text) const {
  if (bytes_ == nullptr) return text.empty();
  if (CountOf(bytes_.get()) != text.size()) return false;
  const char* body = bytes_.get() + kHeader;
  if (!IsPacked(bytes_.get())) return std::memcmp(body, text.data(), text.size()) == 0;
  constexpr size_t kPiece = 64;  // A multiple of eight: pieces begin at whole bytes.
  char piece[kPiece];
  for (; !text.empty(); body += kPiece * 5 / 8) {
    const size_t count = std::min(kPiece, text.size());
    Unpack(body, count, piece);
    if (std::memcmp(piece, text.data(), count) != 0) return false;
    text.remove_prefix(count);
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
