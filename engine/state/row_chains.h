// An index of rows by a key that several may share: for each key the rows that bear it, in the order in which they came.
//
// Four bytes a row besides the table of first rows. Like RowTable it asks the caller for hashes, which must be the same in every
// run (L11).

#ifndef CALSYNC_ENGINE_STATE_ROW_CHAINS_H_
#define CALSYNC_ENGINE_STATE_ROW_CHAINS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/base/check.h"
#include "engine/state/row_table.h"

namespace calsync {

class RowChains {
 public:
  // The rows with the key. `is_it(row)`: whether a held row has it.
  template <class IsIt>
  Rows Find(uint64_t hash, IsIt is_it) const {
    Rows rows;
    const std::optional<RowIndex> first = heads_.Find(hash, is_it);
    for (RowIndex row = first.value_or(kNoRow); row != kNoRow; row = next_[row]) rows.push_back(row);
    return rows;
  }
  // False at the price of one look-up.
  template <class IsIt>
  bool Has(uint64_t hash, IsIt is_it) const {
    return heads_.Find(hash, is_it).has_value();
  }

  // REQUIRES: the row is not held. `is_it(row)`: whether a held row has the same key; `hash_of(row)`: the hash of its key.
  template <class IsIt, class HashOf>
  void Insert(uint64_t hash, RowIndex row, IsIt is_it, HashOf hash_of) {
    if (next_.size() <= row) next_.resize(row + 1, kNoRow);
    next_[row] = kNoRow;
    const std::optional<RowIndex> first = heads_.Find(hash, is_it);
    if (!first.has_value()) return heads_.Insert(hash, row, hash_of);
    RowIndex last = *first;
    while (next_[last] != kNoRow) last = next_[last];
    next_[last] = row;
  }

  // REQUIRES: the row is held under this hash. It may bear another key by now: `is_it` is asked of the others alone.
  template <class IsIt>
  void Erase(uint64_t hash, RowIndex row, IsIt is_it) {
    const std::optional<RowIndex> first = heads_.Find(hash, [&](RowIndex held) { return held == row || is_it(held); });
    CALSYNC_CHECK(first.has_value());
    if (*first != row) {
      RowIndex before = *first;
      while (next_[before] != row) before = next_[before];
      next_[before] = next_[row];
    } else if (next_[row] == kNoRow) {
      heads_.Erase(hash, row);
    } else {
      heads_.Replace(hash, row, next_[row]);
    }
    next_[row] = kNoRow;
  }

  size_t allocated_bytes() const { return heads_.allocated_bytes() + next_.size() * sizeof(RowIndex); }

 private:
  static constexpr RowIndex kNoRow = ~RowIndex{0};

  RowTable heads_;             // The first row of each key.
  std::deque<RowIndex> next_;  // By row: the next with the same key, or kNoRow. Grows without a copy.
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_ROW_CHAINS_H_
