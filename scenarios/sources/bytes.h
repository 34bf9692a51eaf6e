// Choices from bytes, for libFuzzer: two bytes each, from the front, so that inserting, deleting and copying bytes inserts,
// deletes and copies decisions.

#ifndef CALSYNC_SCENARIOS_SOURCES_BYTES_H_
#define CALSYNC_SCENARIOS_SOURCES_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace calsync::sim {

class BytesSource {
 public:
  static constexpr size_t kWidth = 2;

  explicit BytesSource(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}

  // 0 when the bytes are used up. Bounds above 65,536 are stretched over.
  uint64_t Next(uint64_t bound) {
    if (bound <= 1 || next_ + kWidth > bytes_.size()) return 0;
    const uint64_t value = static_cast<uint64_t>(bytes_[next_]) | static_cast<uint64_t>(bytes_[next_ + 1]) << 8;
    next_ += kWidth;
    constexpr uint64_t kRange = uint64_t{1} << (8 * kWidth);
    return bound <= kRange ? value % bound : value * (bound / kRange);
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t next_ = 0;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_BYTES_H_
