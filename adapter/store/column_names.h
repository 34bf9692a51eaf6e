// The columns of columns.h as SQL lists them, and what both databases store alike.

#ifndef CALSYNC_ADAPTER_STORE_COLUMN_NAMES_H_
#define CALSYNC_ADAPTER_STORE_COLUMN_NAMES_H_

#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/state/group.h"

namespace calsync::adapter {

// The 16 bytes of a number, most significant first.
std::string ToBytes(absl::uint128 value);
absl::uint128 FromBytes(absl::string_view bytes);  // REQUIRES: 16 bytes.

class ColumnNames {
 public:
  template <class Field>
  void operator()(const char* name, const Field&) {
    absl::StrAppend(&names_, names_.empty() ? "" : ", ", name);
    absl::StrAppend(&parameters_, parameters_.empty() ? "?" : ", ?");
    absl::StrAppend(&assignments_, assignments_.empty() ? "" : ", ", name, " = excluded.", name);
    ++count_;
  }
  const std::string& names() const { return names_; }              // "a, b"
  const std::string& parameters() const { return parameters_; }    // "?, ?"
  const std::string& assignments() const { return assignments_; }  // "a = excluded.a, b = excluded.b"
  std::string NumberedFrom(int first) const;                       // "$3, $4"
  int count() const { return count_; }

 private:
  std::string names_;
  std::string parameters_;
  std::string assignments_;
  int count_ = 0;
};
ColumnNames GroupColumns();
ColumnNames CalendarColumns();
ColumnNames ChannelColumns();
ColumnNames RecordColumns();
ColumnNames AuditColumns();

// Databases order calendar keys as signed numbers, in which those of the upper half come first. This puts calendars and records
// into the order of store.h.
void OrderByUnsignedKey(GroupImage* image);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_COLUMN_NAMES_H_
