#include "adapter/store/column_names.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapter/store/columns.h"
#include "engine/base/check.h"

namespace calsync::adapter {

std::string ToBytes(absl::uint128 value) {
  std::string bytes(16, '\0');
  for (size_t i = 0; i < 16; ++i) {
    bytes[15 - i] = static_cast<char>(absl::Uint128Low64(value >> static_cast<int>(8 * i)) & 0xff);
  }
  return bytes;
}

absl::uint128 FromBytes(absl::string_view bytes) {
  CALSYNC_CHECK(bytes.size() == 16);
  absl::uint128 value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

std::string ColumnNames::NumberedFrom(int first) const {
  std::string numbered;
  for (int i = 0; i < count_; ++i) absl::StrAppend(&numbered, i == 0 ? "$" : ", $", first + i);
  return numbered;
}

ColumnNames GroupColumns() {
  ColumnNames names;
  const GroupRow row;
  ForEachGroupColumn(row, names);
  return names;
}

ColumnNames CalendarColumns() {
  ColumnNames names;
  const CalendarRow row;
  ForEachCalendarColumn(row, names);
  return names;
}

ColumnNames ChannelColumns() {
  ColumnNames names;
  const ChannelRow row;
  ForEachChannelColumn(row, names);
  return names;
}

ColumnNames RecordColumns() {
  ColumnNames names;
  const Record row;
  ForEachRecordColumn(row, names);
  return names;
}

ColumnNames AuditColumns() {
  ColumnNames names;
  const AuditEntry row;
  ForEachAuditColumn(row, names);
  return names;
}

namespace {

bool IsUpperHalf(CalendarKey key) { return static_cast<int64_t>(key.value()) < 0; }

template <class Row, class KeyOf>
void LowerHalfFirst(std::vector<Row>* rows, KeyOf key_of) {
  const auto first_lower =
      std::partition_point(rows->begin(), rows->end(), [&](const Row& row) { return IsUpperHalf(key_of(row)); });
  std::rotate(rows->begin(), first_lower, rows->end());
}

}  // namespace

void OrderByUnsignedKey(GroupImage* image) {
  LowerHalfFirst(&image->calendars, [](const CalendarRow& row) { return row.key; });
  LowerHalfFirst(&image->records, [](const Record& record) { return record.calendar; });
}

}  // namespace calsync::adapter
