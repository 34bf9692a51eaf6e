// How one field becomes one column of PostgreSQL, and back. To be walked along the lists of columns.h.
//
// Booleans are boolean; numbers have the narrowest type that holds them, those of 64 bits without sign the bits of a bigint;
// words (stored_words.h) are text; times are bigint (stored_time.h); UUIDs and slot hashes are uuid, NULL for none. Texts of
// Google and of people are bytea: they are compared by byte, and may hold what no text of PostgreSQL does.
//
// Reading trusts nothing: a column of another width, a number out of its field's range or a word without an enumerator is a
// problem that names the column, never a guess.

#ifndef CALSYNC_ADAPTER_STORE_POSTGRES_COLUMNS_H_
#define CALSYNC_ADAPTER_STORE_POSTGRES_COLUMNS_H_

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/store/column_names.h"
#include "adapter/store/postgres_connection.h"
#include "adapter/store/stored_time.h"
#include "adapter/store/stored_words.h"
#include "engine/base/shared_text.h"
#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {

// The bytes of the column that holds such a number.
template <std::integral Number>
constexpr int ColumnWidth() {
  if (std::is_same_v<Number, bool>) return 1;
  if (std::numeric_limits<Number>::max() <= uint64_t{std::numeric_limits<int16_t>::max()}) return 2;
  if (std::numeric_limits<Number>::max() <= uint64_t{std::numeric_limits<int32_t>::max()}) return 4;
  return 8;
}

// Adds the fields that it is called with, one after the other.
class PostgresBinder {
 public:
  explicit PostgresBinder(PostgresValues* values) : values_(values) {}

  template <std::integral Number>
  void operator()(const char*, Number field) {
    if constexpr (ColumnWidth<Number>() == 1) values_->AddBoolean(field);
    if constexpr (ColumnWidth<Number>() == 2) values_->AddSmall(static_cast<int16_t>(field));
    if constexpr (ColumnWidth<Number>() == 4) values_->AddInteger(static_cast<int32_t>(field));
    if constexpr (ColumnWidth<Number>() == 8) values_->AddBig(static_cast<int64_t>(field));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char*, Enum field) { values_->AddBytes(StoredWord(field)); }
  void operator()(const char*, absl::Time field) { values_->AddBig(ToStoredTime(field)); }
  void operator()(const char*, const std::string& field) { values_->AddBytes(field); }
  void operator()(const char*, const SharedText& field) { values_->AddBytes(field.view()); }
  template <class Tag>
  void operator()(const char*, const StrongId<Tag>& field) {
    values_->AddBytes(field.text());
  }
  template <class Tag>
  void operator()(const char*, StrongNumber<Tag> field) {
    values_->AddBig(static_cast<int64_t>(field.value()));
  }
  template <class Tag>
  void operator()(const char*, const Uuid<Tag>& field) {
    if (field.empty()) {
      values_->AddNull();
    } else {
      values_->AddBytes(ToBytes(field.value));
    }
  }

 private:
  PostgresValues* values_;
};

// Fills the fields that it is called with from the columns of a row.
class PostgresReader {
 public:
  PostgresReader(const PostgresRows* rows, int row, int first_column) : rows_(rows), row_(row), column_(first_column) {}

  // What is wrong with the first column that could not be read; empty if nothing is.
  const std::string& problem() const { return problem_; }

  template <std::integral Number>
  void operator()(const char* name, Number& field) {
    if (!Expect(name, ColumnWidth<Number>())) return;
    if constexpr (std::is_same_v<Number, bool>) {
      field = rows_->Bytes(row_, column_++)[0] != 0;
    } else {
      const int64_t stored = rows_->Number(row_, column_++);
      if constexpr (sizeof(Number) < sizeof(int64_t)) {
        if (stored < int64_t{std::numeric_limits<Number>::min()} || stored > int64_t{std::numeric_limits<Number>::max()}) {
          return Report(name, absl::StrCat(stored, " is out of range"));
        }
      }
      field = static_cast<Number>(stored);
    }
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char* name, Enum& field) {
    const absl::string_view word = Bytes(name);
    const std::optional<Enum> value = FromStoredWord<Enum>(word);
    if (!value.has_value()) return Report(name, absl::StrCat("\"", word, "\" is not known"));
    field = *value;
  }
  void operator()(const char* name, absl::Time& field) {
    if (Expect(name, sizeof(int64_t))) field = FromStoredTime(rows_->Number(row_, column_++));
  }
  void operator()(const char* name, std::string& field) { field = std::string(Bytes(name)); }
  void operator()(const char* name, SharedText& field) { field = SharedText(Bytes(name)); }
  template <class Tag>
  void operator()(const char* name, StrongId<Tag>& field) {
    field = StrongId<Tag>(std::string(Bytes(name)));
  }
  template <class Tag>
  void operator()(const char* name, StrongNumber<Tag>& field) {
    if (Expect(name, sizeof(int64_t))) field = StrongNumber<Tag>(static_cast<uint64_t>(rows_->Number(row_, column_++)));
  }
  template <class Tag>
  void operator()(const char* name, Uuid<Tag>& field) {
    field = {};
    if (rows_->IsNull(row_, column_)) {
      ++column_;
    } else if (Expect(name, 16)) {
      field.value = FromBytes(rows_->Bytes(row_, column_++));
    }
  }

 private:
  absl::string_view Bytes(const char* name) {
    if (rows_->IsNull(row_, column_)) Report(name, "is missing");
    return rows_->Bytes(row_, column_++);
  }
  bool Expect(const char* name, size_t width) {
    if (!rows_->IsNull(row_, column_) && rows_->Bytes(row_, column_).size() == width) return true;
    Report(name, "is of another type");
    ++column_;
    return false;
  }
  void Report(const char* name, absl::string_view what) {
    if (problem_.empty()) problem_ = absl::StrCat(name, ": ", what);
  }

  const PostgresRows* rows_;
  int row_;
  int column_;
  std::string problem_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_POSTGRES_COLUMNS_H_
