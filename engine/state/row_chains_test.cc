#include "engine/state/row_chains.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace calsync {
namespace {

// Against the obvious: a list of rows for each key. All keys share two hashes, so that chains of different keys meet.
RC_GTEST_PROP(RowChains, HoldTheRowsOfEachKeyInTheOrderOfTheirComing, ()) {
  std::map<RowIndex, int> key_of;
  std::map<int, Rows> expected;
  RowChains chains;
  const auto hash = [](int key) { return static_cast<uint64_t>(key % 2); };
  const auto has = [&](int key) {
    return [&key_of, key](RowIndex row) { return key_of.contains(row) && key_of.at(row) == key; };
  };
  RowIndex next = 0;
  for (int step = 0; step < 60; ++step) {
    const int key = *rc::gen::inRange(0, 5);
    Rows& rows = expected[key];
    if (!rows.empty() && *rc::gen::inRange(0, 3) == 0) {
      const size_t at = *rc::gen::inRange<size_t>(0, rows.size());
      const RowIndex row = rows[at];
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
      key_of.erase(row);  // It bears another key by now.
      chains.Erase(hash(key), row, has(key));
    } else {
      chains.Insert(hash(key), next, has(key), [&](RowIndex held) { return hash(key_of.at(held)); });
      key_of[next] = key;
      rows.push_back(next++);
    }
    for (const auto& [each, held] : expected) {
      RC_ASSERT(chains.Find(hash(each), has(each)) == held);
      RC_ASSERT(chains.Has(hash(each), has(each)) == !held.empty());
    }
  }
}

}  // namespace
}  // namespace calsync
