// UUIDs (RFC 9562) as 128-bit values. A correlation id is a version 4 UUID.

#ifndef CALSYNC_ENGINE_BASE_UUID_H_
#define CALSYNC_ENGINE_BASE_UUID_H_

#include <compare>
#include <optional>
#include <string>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

namespace calsync {

template <class Tag>
struct Uuid {
  absl::uint128 value = 0;  // Zero means "none".

  bool empty() const { return value == 0; }
  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend bool operator<(const Uuid& a, const Uuid& b) { return a.value < b.value; }
  template <class H>
  friend H AbslHashValue(H state, const Uuid& id) {
    return H::combine(std::move(state), absl::Uint128High64(id.value), absl::Uint128Low64(id.value));
  }
};

// 8-4-4-4-12 lower-case hexadecimal digits.
inline constexpr size_t kUuidLength = 36;
std::string FormatUuid(absl::uint128 value);

// The value of a UUID in that form (upper case accepted), or nothing.
std::optional<absl::uint128> ParseUuid(absl::string_view text);

// `random` with the version (4) and variant bits of a random UUID set.
absl::uint128 UuidV4From(absl::uint128 random);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_UUID_H_
