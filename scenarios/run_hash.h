// The hash of a run: what was decided, done and stored, in order (L11). Not for keeping: only two runs of one program are
// compared.

#ifndef CALSYNC_SCENARIOS_RUN_HASH_H_
#define CALSYNC_SCENARIOS_RUN_HASH_H_

#include <cstdint>
#include <cstring>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

namespace calsync::sim {

class RunHash {
 public:
  void Add(uint64_t value) {
    low_ = Mix(low_ ^ value);
    high_ = Mix(high_ + value * 0x9e3779b97f4a7c15 + low_);
  }
  void Add(absl::string_view text) {
    Add(text.size());
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, text.data() + at, 8);
      Add(word);
    }
    uint64_t rest = 0;
    if (at < text.size()) std::memcpy(&rest, text.data() + at, text.size() - at);
    Add(rest);
  }
  absl::uint128 value() const { return absl::MakeUint128(high_, low_); }

 private:
  static constexpr uint64_t Mix(uint64_t x) {
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    return x ^ (x >> 32);
  }

  uint64_t low_ = 0x243f6a8885a308d3;
  uint64_t high_ = 0x13198a2e03707344;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_RUN_HASH_H_
