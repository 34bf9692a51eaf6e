// A text that many hold and nobody changes: one pointer, and a copy shares the characters.
//
// What ids and records are made of: most of them are handed on far more often than they are made. Compares by value, by byte.
// Copies may live on several threads.

#ifndef CALSYNC_ENGINE_BASE_SHARED_TEXT_H_
#define CALSYNC_ENGINE_BASE_SHARED_TEXT_H_

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace calsync {

class SharedText {
 public:
  SharedText() = default;
  explicit SharedText(absl::string_view text) : held_(text.empty() ? nullptr : Make(text)) {}
  SharedText(const SharedText& other) : held_(other.held_) {
    if (held_ != nullptr) held_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  SharedText(SharedText&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  SharedText& operator=(const SharedText& other) {
    if (held_ != other.held_) SharedText(other).swap(*this);
    return *this;
  }
  SharedText& operator=(SharedText&& other) noexcept {
    SharedText(std::move(other)).swap(*this);
    return *this;
  }
  ~SharedText() {
    if (held_ != nullptr) Release(held_);
  }
  void swap(SharedText& other) noexcept { std::swap(held_, other.held_); }

  // Lives as long as any copy does.
  absl::string_view view() const {
    return held_ == nullptr ? absl::string_view() : absl::string_view(CharactersOf(held_), held_->size);
  }
  const void* view_hint() const { return held_; }  // Where its memory begins: to prefetch it.
  std::string ToString() const { return std::string(view()); }
  bool empty() const { return held_ == nullptr; }
  bool Equals(absl::string_view text) const { return view() == text; }
  size_t allocated_bytes() const { return held_ == nullptr ? 0 : sizeof(Held) + held_->size; }  // On the heap, shared or not.

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.held_ == b.held_ || a.view() == b.view(); }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
    return a.held_ == b.held_ ? std::strong_ordering::equal : a.view().compare(b.view()) <=> 0;
  }
  template <class H>
  friend H AbslHashValue(H state, const SharedText& text) {
    return H::combine(std::move(state), text.view());
  }

 private:
  struct Held {  // The characters follow.
    std::atomic<uint32_t> holders;
    uint32_t size;
  };

  static Held* Make(absl::string_view text);
  static void Destroy(Held* held);
  static const char* CharactersOf(const Held* held) { return reinterpret_cast<const char*>(held + 1); }
  static void Release(Held* held) {
    // Who holds it alone needs no locked instruction to know that nobody else will.
    if (held->holders.load(std::memory_order_acquire) == 1 || held->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      Destroy(held);
    }
  }

  Held* held_ = nullptr;  // Null when empty.
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_SHARED_TEXT_H_
