#include "fakegoogle/model/tokens.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "absl/strings/escaping.h"
#include "engine/base/check.h"

namespace calsync::fake {
namespace {

constexpr size_t kChecksumSize = 8;
constexpr uint8_t kReversed = 1;
constexpr uint8_t kHasMin = 2;
constexpr uint8_t kHasMax = 4;
constexpr uint8_t kExtension = 8;
constexpr uint8_t kHasWithin = 16;

// Little-endian.
class Writer {
 public:
  template <class T>
  void Put(T value) {
    CALSYNC_CHECK(size_ + sizeof(T) <= sizeof bytes_);
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(bytes_ + size_, &value, sizeof(T));
    } else {
      for (size_t i = 0; i < sizeof(T); ++i) {
        bytes_[size_ + i] = static_cast<char>(static_cast<unsigned char>(static_cast<uint64_t>(value) >> (8 * i)));
      }
    }
    size_ += sizeof(T);
  }
  absl::string_view bytes() const { return absl::string_view(bytes_, size_); }

 private:
  char bytes_[96];
  size_t size_ = 0;
};

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T Get() {
    if (bytes_.size() < sizeof(T)) {
      failed_ = true;
      return T{};
    }
    T value{};
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&value, bytes_.data(), sizeof(T));
    } else {
      uint64_t bits = 0;
      for (size_t i = 0; i < sizeof(T); ++i) bits |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[i])) << (8 * i);
      value = static_cast<T>(bits);
    }
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  bool done() const { return !failed_ && bytes_.empty(); }

 private:
  absl::string_view bytes_;
  bool failed_ = false;
};

}  // namespace

TokenMint::TokenMint(uint64_t seed) : key_(DeriveKey({seed, 0x746f6b656e73}, "tokens")) {}

std::string TokenMint::Make(const TokenBody& body) const {
  Writer token;
  const auto flags =
      static_cast<uint8_t>((body.reversed ? kReversed : 0) | (body.time_min ? kHasMin : 0) | (body.time_max ? kHasMax : 0) |
                           (body.extension ? kExtension : 0) | (body.within ? kHasWithin : 0));
  token.Put(static_cast<uint8_t>(body.kind));
  token.Put(flags);
  token.Put(body.calendar);
  token.Put(body.epoch);
  token.Put(body.fingerprint);
  token.Put(body.made_at);
  token.Put(body.from);
  if (body.time_min) token.Put(*body.time_min);
  if (body.time_max) token.Put(*body.time_max);
  if (body.kind != TokenBody::Kind::kSync) {
    token.Put(body.until);
    token.Put(body.place);
    token.Put(body.place_entry);
    token.Put(body.page);
    if (body.within) token.Put(*body.within);
    token.Put(body.parent);
  }
  token.Put(SipHash64(key_, token.bytes()));
  return absl::Base64Escape(token.bytes());
}

std::optional<TokenMint::Opened> TokenMint::Open(absl::string_view token) const {
  std::string bytes;
  if (!absl::Base64Unescape(token, &bytes) || bytes.size() <= kChecksumSize) return std::nullopt;
  const absl::string_view all = bytes;
  const absl::string_view content = all.substr(0, all.size() - kChecksumSize);
  Opened opened;
  opened.checksum = Reader(all.substr(content.size())).Get<uint64_t>();
  if (opened.checksum != SipHash64(key_, content)) return std::nullopt;

  Reader reader(content);
  TokenBody& body = opened.body;
  body.kind = static_cast<TokenBody::Kind>(reader.Get<uint8_t>());
  const auto flags = reader.Get<uint8_t>();
  body.reversed = (flags & kReversed) != 0;
  body.extension = (flags & kExtension) != 0;
  body.calendar = reader.Get<uint32_t>();
  body.epoch = reader.Get<uint32_t>();
  body.fingerprint = reader.Get<uint32_t>();
  body.made_at = reader.Get<int64_t>();
  body.from = reader.Get<uint32_t>();
  if ((flags & kHasMin) != 0) body.time_min = reader.Get<int64_t>();
  if ((flags & kHasMax) != 0) body.time_max = reader.Get<int64_t>();
  if (body.kind != TokenBody::Kind::kSync) {
    body.until = reader.Get<uint32_t>();
    body.place = reader.Get<uint64_t>();
    body.place_entry = reader.Get<uint32_t>();
    body.page = reader.Get<uint32_t>();
    if ((flags & kHasWithin) != 0) body.within = reader.Get<int64_t>();
    body.parent = reader.Get<uint64_t>();
  }
  if (!reader.done()) return std::nullopt;
  return opened;
}

}  // namespace calsync::fake
