// An index of rows: five to fourteen bytes a row, since it holds row numbers and a byte of each hash, and asks the rows for their
// keys.
//
// Open addressing with linear probing over the bytes: a look-up for what is not there touches one cache line and no row. Hashes
// come from the caller and must be the same in every run (L11). absl::flat_hash_set could do the same only with a hasher that
// points at the rows, and then a copy of the records would ask the rows of the original.

#ifndef CALSYNC_ENGINE_STATE_ROW_TABLE_H_
#define CALSYNC_ENGINE_STATE_ROW_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "engine/base/check.h"

namespace calsync {

using RowIndex = uint32_t;
// What a look-up found: mostly none or a few.
using Rows = absl::InlinedVector<RowIndex, 8>;

class RowTable {
 public:
  // The row with this hash for which `is_it(row)` holds.
  template <class IsIt>
  std::optional<RowIndex> Find(uint64_t hash, IsIt is_it) const {
    if (marks_.empty()) return std::nullopt;
    const uint8_t mark = MarkOf(hash);
    for (size_t i = Start(hash); marks_[i] != kFree; i = Next(i)) {
      if (marks_[i] == mark && is_it(rows_[i])) return rows_[i];
    }
    return std::nullopt;
  }

  // Asks for the memory that Find will look at first. No more than a hint.
  void Prefetch(uint64_t hash) const {
    if (marks_.empty()) return;
    const size_t i = Start(hash);
    __builtin_prefetch(&marks_[i]);
    __builtin_prefetch(&rows_[i]);
  }
  // The row that Find would ask about first, if any: to prefetch that.
  std::optional<RowIndex> Candidate(uint64_t hash) const {
    return Find(hash, [](RowIndex) { return true; });
  }

  // Room for so many rows in all, so that it need not grow meanwhile: growing asks each held row for its hash again.
  template <class HashOf>
  void Reserve(size_t rows, HashOf hash_of) {
    if (rows * 8 > rows_.size() * 7) Resize(SizeFor(rows), hash_of);
  }

  // REQUIRES: no row with an equal key is held. `hash_of(row)` gives the hash of a held row again, when the table grows.
  template <class HashOf>
  void Insert(uint64_t hash, RowIndex row, HashOf hash_of) {
    if ((used_ + 1) * 8 > rows_.size() * 7) Resize(SizeFor(live_ + 1), hash_of);
    Place(hash, row);
  }

  // REQUIRES: the row is held under this hash.
  void Erase(uint64_t hash, RowIndex row) {
    marks_[SlotOf(hash, row)] = kErased;
    --live_;
  }

  // Puts `row` where `before` was. REQUIRES: both have this hash, and `before` is held.
  void Replace(uint64_t hash, RowIndex before, RowIndex row) { rows_[SlotOf(hash, before)] = row; }

  size_t size() const { return live_; }
  size_t allocated_bytes() const { return rows_.capacity() * sizeof(RowIndex) + marks_.capacity(); }

 private:
  static constexpr uint8_t kFree = 0;
  static constexpr uint8_t kErased = 1;
  static constexpr size_t kSmallest = 8;

  // Of bits that Start looks at only in tables larger than any.
  static uint8_t MarkOf(uint64_t hash) { return static_cast<uint8_t>(2 + (hash >> 32) % 254); }
  size_t Start(uint64_t hash) const { return static_cast<size_t>(hash) & (marks_.size() - 1); }
  size_t Next(size_t i) const { return (i + 1) & (marks_.size() - 1); }

  static size_t SizeFor(size_t rows) {
    size_t size = kSmallest;
    while (rows * 8 > size * 6) size *= 2;
    return size;
  }

  size_t SlotOf(uint64_t hash, RowIndex row) const {
    CALSYNC_CHECK(!marks_.empty());
    const uint8_t mark = MarkOf(hash);
    size_t i = Start(hash);
    while (marks_[i] != mark || rows_[i] != row) {
      CALSYNC_CHECK(marks_[i] != kFree);
      i = Next(i);
    }
    return i;
  }

  void Clear(size_t size) {
    marks_.assign(size, kFree);
    rows_.assign(size, 0);
    used_ = live_ = 0;
  }

  void Place(uint64_t hash, RowIndex row) {
    size_t i = Start(hash);
    while (marks_[i] != kFree) i = Next(i);
    marks_[i] = MarkOf(hash);
    rows_[i] = row;
    ++used_;
    ++live_;
  }

  template <class HashOf>
  void Resize(size_t size, HashOf hash_of) {
    std::vector<uint8_t> marks;
    std::vector<RowIndex> rows;
    marks.swap(marks_);
    rows.swap(rows_);
    Clear(size);
    for (size_t i = 0; i < marks.size(); ++i) {
      if (marks[i] != kFree && marks[i] != kErased) Place(hash_of(rows[i]), rows[i]);
    }
  }

  std::vector<uint8_t> marks_;  // A power of two of them: free, erased, or a byte of the hash …
  std::vector<RowIndex> rows_;  // … of this row.
  size_t used_ = 0;             // Not free: live or erased.
  size_t live_ = 0;
};

}  // namespace calsync

#endif  // CALSYNC_ENGINE_STATE_ROW_TABLE_H_
