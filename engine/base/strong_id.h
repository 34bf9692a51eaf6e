// A text or number that names one kind of thing, and cannot be mistaken for the name of another.

#ifndef CALSYNC_ENGINE_BASE_STRONG_ID_H_
#define CALSYNC_ENGINE_BASE_STRONG_ID_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "engine/base/shared_text.h"

namespace calsync {

template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(absl::string_view text) : text_(text) {}
  explicit StrongId(SharedText text) : text_(std::move(text)) {}

  absl::string_view text() const { return text_.view(); }
  const SharedText& shared() const { return text_; }
  std::string str() const { return text_.ToString(); }
  bool empty() const { return text_.empty(); }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  template <class H>
  friend H AbslHashValue(H state, const StrongId& id) {
    return H::combine(std::move(state), id.text_);
  }

 private:
  SharedText text_;  // Opaque: never shown to people as if it meant something.
};

// The same for numbers. Zero means "none".
template <class Tag>
class StrongNumber {
 public:
  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(uint64_t value) : value_(value) {}

  constexpr uint64_t value() const { return value_; }
  constexpr bool empty() const { return value_ == 0; }

  friend constexpr auto operator<=>(const StrongNumber&, const StrongNumber&) = default;
  template <class H>
  friend H AbslHashValue(H state, const StrongNumber& id) {
    return H::combine(std::move(state), id.value_);
  }

 private:
  uint64_t value_ = 0;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_STRONG_ID_H_
