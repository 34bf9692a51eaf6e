// An index of rows: four to nine bytes a row, since it holds row numbers alone and asks the rows for their keys.
//
// Open addressing with linear probing. Hashes come from the caller and must be the same in every run (L11). absl::flat_hash_set
// could do the same only with a hasher that points at the rows, and then a copy of the records would ask the rows of the
// original.

#ifndef CALSYNC_ENGINE_STATE_ROW_TABLE_H_
#define CALSYNC_ENGINE_STATE_ROW_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/check.h"

namespace calsync {

using RowIndex = uint32_t;

class RowTable {
 public:
  // The row with this hash for which `is_it(row)` holds.
  template <class IsIt>
  std::optional<RowIndex> Find(uint64_t hash, IsIt is_it) const {
    if (slots_.empty()) return std::nullopt;
    for (size_t i = Start(hash); slots_[i] != kFree; i = Next(i)) {
      if (slots_[i] != kErased && is_it(slots_[i])) return slots_[i];
    }
    return std::nullopt;
  }

  // Room for so many rows, so that it need not grow meanwhile.
  void Reserve(size_t rows) {
    CALSYNC_CHECK(live_ == 0);
    slots_.assign(SizeFor(rows), kFree);
    used_ = 0;
  }

  // REQUIRES: no row with an equal key is held. `hash_of(row)` gives the hash of a held row again, when the table grows.
  template <class HashOf>
  void Insert(uint64_t hash, RowIndex row, HashOf hash_of) {
    if ((used_ + 1) * 8 > slots_.size() * 7) Grow(hash_of);
    Place(hash, row);
  }

  // REQUIRES: the row is held under this hash.
  void Erase(uint64_t hash, RowIndex row) {
    CALSYNC_CHECK(!slots_.empty());
    size_t i = Start(hash);
    while (slots_[i] != row) {
      CALSYNC_CHECK(slots_[i] != kFree);
      i = Next(i);
    }
    slots_[i] = kErased;
    --live_;
  }

  // Puts `row` where `before` was. REQUIRES: both have this hash, and `before` is held.
  void Replace(uint64_t hash, RowIndex before, RowIndex row) {
    size_t i = Start(hash);
    while (slots_[i] != before) {
      CALSYNC_CHECK(slots_[i] != kFree);
      i = Next(i);
    }
    slots_[i] = row;
  }

  size_t allocated_bytes() const { return slots_.capacity() * sizeof(RowIndex); }

 private:
  static constexpr RowIndex kFree = ~RowIndex{0};
  static constexpr RowIndex kErased = kFree - 1;
  static constexpr size_t kSmallest = 8;

  size_t Start(uint64_t hash) const { return static_cast<size_t>(hash) & (slots_.size() - 1); }
  size_t Next(size_t i) const { return (i + 1) & (slots_.size() - 1); }

  static size_t SizeFor(size_t rows) {
    size_t size = kSmallest;
    while (rows * 8 > size * 6) size *= 2;
    return size;
  }

  void Place(uint64_t hash, RowIndex row) {
    size_t i = Start(hash);
    while (slots_[i] != kFree) i = Next(i);
    slots_[i] = row;
    ++used_;
    ++live_;
  }

  template <class HashOf>
  void Grow(HashOf hash_of) {
    std::vector<RowIndex> before(SizeFor(live_ + 1), kFree);
    before.swap(slots_);
    used_ = live_ = 0;
    for (const RowIndex row : before) {
      if (row != kFree && row != kErased) Place(hash_of(row), row);
    }
  }

  std::vector<RowIndex> slots_;  // A power of two of them.
  size_t used_ = 0;              // Not free: live or erased.
  size_t live_ = 0;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_ROW_TABLE_H_
