// A short text that is kept for a long time: one pointer, and base32hex texts (most event ids) at five bits a character.
//
// What a record holds instead of std::string, which costs 32 bytes before its first character. Immutable; compares by value.

#ifndef CALSYNC_ENGINE_BASE_PACKED_TEXT_H_
#define CALSYNC_ENGINE_BASE_PACKED_TEXT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace calsync {

class PackedText {
 public:
  PackedText() = default;
  // REQUIRES: at most 65,535 characters; longer texts are cut there.
  explicit PackedText(absl::string_view text);
  PackedText(const PackedText& other);
  PackedText& operator=(const PackedText& other);
  PackedText(PackedText&&) noexcept = default;
  PackedText& operator=(PackedText&&) noexcept = default;

  std::string ToString() const;
  size_t size() const;  // In characters.
  // Calls `use` with the characters, which live until it returns. Without an allocation, unless they are unusually many.
  template <class Use>
  auto With(Use use) const {
    char characters[kUsual];
    return size() <= kUsual ? use(CopyTo(characters)) : use(absl::string_view(ToString()));
  }
  bool empty() const { return bytes_ == nullptr; }
  bool Equals(absl::string_view text) const;
  size_t allocated_bytes() const;  // On the heap.

  friend bool operator==(const PackedText& a, const PackedText& b);

 private:
  static constexpr size_t kUsual = 256;

  // Writes size() characters to `out`, and returns them.
  absl::string_view CopyTo(char* out) const;

  // Two bytes of character count, little-endian; one byte: 1 if packed, else 0; then the packed or plain characters.
  std::unique_ptr<char[]> bytes_;  // Null when empty.
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_PACKED_TEXT_H_
