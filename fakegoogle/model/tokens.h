// Sync tokens and page tokens: what they say, and their opaque spelling (C-21).
//
// A token carries its whole meaning, with a keyed checksum; no table of them is kept, and nobody can make one up. The alphabet is
// unsafe in URLs on purpose.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_TOKENS_H_
#define CALSYNC_FAKEGOOGLE_MODEL_TOKENS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "engine/base/siphash.h"

namespace calsync::fake {

// Times are microseconds since the Unix epoch; positions are those of the calendar's log.
struct TokenBody {
  enum class Kind : uint8_t { kSync = 1, kFullPage = 2, kDeltaPage = 3, kInstancesPage = 4, kSearchPage = 5 };
  Kind kind = Kind::kSync;
  bool reversed = false;     // Full pages: from the last row to the first.
  bool extension = false;    // Delta pages: they go on from a full walk (WalkView::kExtending).
  uint32_t calendar = 0;     // Its number in the server.
  uint32_t epoch = 0;        // Calendar::token_epoch when it was made.
  uint32_t fingerprint = 0;  // Of the query's other parameters (K-3).
  int64_t made_at = 0;
  uint32_t from = 0;  // Sync: where the next delta starts. Pages: where that of the walk started, 0 for a full walk.
  std::optional<int64_t> time_min;  // Sync: what is remembered of the window (K-2). Pages: the window in force.
  std::optional<int64_t> time_max;
  // Pages only.
  uint32_t until = 0;        // The view at the walk's first page.
  uint64_t place = 0;        // Full: the order key of the last entry seen. Delta: the next position.
  uint32_t place_entry = 0;  // Full: that entry, or kNone before the first.
  uint32_t page = 0;         // How many pages came before.
  // Among the occurrences of a series (C-33): the last one that was given, by its original start. Then the place's entry or
  // position is not done.
  std::optional<int64_t> within;
  uint64_t parent = 0;  // Checksum of the sync token that began the walk; 0: a full walk.
  friend bool operator==(const TokenBody&, const TokenBody&) = default;
};

class TokenMint {
 public:
  explicit TokenMint(uint64_t seed);

  std::string Make(const TokenBody& body) const;

  struct Opened {
    TokenBody body;
    uint64_t checksum = 0;  // Names this token.
  };
  // Nothing if the text is not a token of this mint.
  std::optional<Opened> Open(absl::string_view token) const;

  // Counts a use of the token and says how often it had been used before.
  int CountUse(uint64_t checksum) { return uses_[checksum]++; }
  // Numbers full walks: 0, 1, ….
  uint64_t NextWalk() { return walks_++; }

 private:
  SipKey key_;
  absl::btree_map<uint64_t, int> uses_;  // Only while uses are limited.
  uint64_t walks_ = 0;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_TOKENS_H_
