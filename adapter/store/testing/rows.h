// Rows with every field filled, and rows as text: for tests that store something and look whether it came back.

#ifndef CALSYNC_ADAPTER_STORE_TESTING_ROWS_H_
#define CALSYNC_ADAPTER_STORE_TESTING_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"
#include "engine/host/audit.h"
#include "engine/state/group.h"
#include "engine/state/ids.h"
#include "engine/state/record.h"

namespace calsync::adapter {

// The groups and calendars that tests of stores speak of.
inline const GroupId kAnn("ann");
inline const GroupId kBob("bob");
inline constexpr CalendarKey kWork(7);
inline constexpr CalendarKey kHome(9);

// Random numbers that are the same everywhere: SplitMix64 (Steele, Lea, Flood 2014).
class TestBits {
 public:
  explicit TestBits(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  uint64_t Below(uint64_t bound) { return Next() % bound; }  // REQUIRES: bound > 0.
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

// Every field at random, the odd values often: extreme numbers, infinite times, texts that are empty, with zero bytes, no UTF-8.
// Such rows need not make sense; a store does not judge that.
Record RandomRecord(TestBits* bits);
CalendarRow RandomCalendar(TestBits* bits);
GroupRow RandomGroup(TestBits* bits);
AuditEntry RandomAudit(TestBits* bits);

// Plain valid rows.
Record UserEventAt(CalendarKey calendar, const std::string& event, absl::uint128 id);
Record BlockAt(CalendarKey calendar, const std::string& event, absl::uint128 id, absl::uint128 slot);

// "calendar=7 event="e1" kind=block …": every column.
std::string Print(const Record& record);
std::string Print(const CalendarRow& row);
std::string Print(const GroupRow& row);
std::string Print(const AuditEntry& entry);
// One line a row.
std::string Print(const GroupImage& image);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_TESTING_ROWS_H_
