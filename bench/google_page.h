// Groups, and pages of their events as Google writes them, by seed: what the hot path is measured with.
//
// A page is of one calendar. 40 % of its events are untagged and not on record, 35 % our own blocks, 20 % tracked events of
// people, 5 % others (cancelled, occurrences, blocks of another instance). An event takes 1.7 kB on average: guests, links and
// conference data that nobody here reads are most of it.

#ifndef CALSYNC_BENCH_GOOGLE_PAGE_H_
#define CALSYNC_BENCH_GOOGLE_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/state/record.h"
#include "engine/state/records.h"
#include "engine/testing/builders.h"

namespace calsync::bench {

// A group with so many calendars, the first of them "work".
GroupConfig ConfigOfCalendars(size_t calendars);

// Five calendars; user events on the first, each with blocks on the others, and the other way round.
struct PagedGroup {
  explicit PagedGroup(size_t size);

  Knowledge knowledge() const { return group.With(records); }
  CalendarKey calendar() const { return group.config.calendars.front().key; }

  TestGroup group;
  Records records;
  std::vector<RowIndex> tracked;  // User events on the page's calendar …
  std::vector<RowIndex> blocks;   // … and our blocks there.
};

// The rows of such a group, in the order in which a store gives them.
std::vector<Record> RecordsOfCalendars(const TestGroup& group, size_t count);

// So many pages of `events` each. Pages of one group and seed are always the same.
std::vector<std::string> GooglePages(const PagedGroup& group, size_t pages, size_t events, uint64_t seed);

// So many pages of `events` each that show what is on record, unchanged: one row after the other, a quarter of them events of
// people, the rest our blocks. No event is on two of them as long as there are enough.
std::vector<std::string> UnchangedPages(const PagedGroup& group, size_t pages, size_t events);

}  // namespace calsync::bench

#endif  // CALSYNC_BENCH_GOOGLE_PAGE_H_
