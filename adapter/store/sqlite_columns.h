// How one field becomes one column of SQLite, and back. To be walked along the lists of columns.h.
//
// Reading trusts nothing: a column of another type, a number out of its field's range or a word without an enumerator is a
// problem that names the column, never a guess.

#ifndef CALSYNC_ADAPTER_STORE_SQLITE_COLUMNS_H_
#define CALSYNC_ADAPTER_STORE_SQLITE_COLUMNS_H_

#include <sqlite3.h>

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
#include "adapter/store/sqlite_connection.h"
#include "adapter/store/stored_time.h"
#include "adapter/store/stored_words.h"
#include "engine/base/shared_text.h"
#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {

// Binds the fields that it is called with, one after the other.
class ColumnBinder {
 public:
  ColumnBinder(SqliteQuery* query, int first_position) : query_(query), position_(first_position) {}

  template <std::integral Number>  // Booleans too. 64 bits without sign keep their bits.
  void operator()(const char*, Number field) {
    query_->BindInteger(position_++, static_cast<int64_t>(field));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char*, Enum field) { query_->BindText(position_++, StoredWord(field)); }
  void operator()(const char*, absl::Time field) { query_->BindInteger(position_++, ToStoredTime(field)); }
  void operator()(const char*, const std::string& field) { query_->BindText(position_++, field); }
  void operator()(const char*, const SharedText& field) { query_->BindText(position_++, field.view()); }
  template <class Tag>
  void operator()(const char*, const StrongId<Tag>& field) {
    query_->BindText(position_++, field.text());
  }
  template <class Tag>
  void operator()(const char*, StrongNumber<Tag> field) {
    query_->BindInteger(position_++, static_cast<int64_t>(field.value()));
  }
  template <class Tag>
  void operator()(const char*, const Uuid<Tag>& field) {
    if (field.empty()) return query_->BindNull(position_++);
    query_->BindBlob(position_++, ToBytes(field.value));
  }

 private:
  SqliteQuery* query_;
  int position_;
};

// Fills the fields that it is called with from the columns of the query's current row.
class ColumnReader {
 public:
  ColumnReader(const SqliteQuery* query, int first_column) : query_(query), column_(first_column) {}

  // What is wrong with the first column that could not be read; empty if nothing is.
  const std::string& problem() const { return problem_; }

  template <std::integral Number>
  void operator()(const char* name, Number& field) {
    if (!Expect(name, SQLITE_INTEGER)) return;
    const int64_t stored = query_->Integer(column_++);
    if constexpr (sizeof(Number) < sizeof(int64_t)) {
      if (stored < static_cast<int64_t>(std::numeric_limits<Number>::min()) ||
          stored > static_cast<int64_t>(std::numeric_limits<Number>::max())) {
        return Report(name, absl::StrCat(stored, " is out of range"));
      }
    }
    field = static_cast<Number>(stored);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char* name, Enum& field) {
    if (!Expect(name, SQLITE_TEXT)) return;
    const absl::string_view word = query_->Text(column_++);
    const std::optional<Enum> value = FromStoredWord<Enum>(word);
    if (!value.has_value()) return Report(name, absl::StrCat("\"", word, "\" is not known"));
    field = *value;
  }
  void operator()(const char* name, absl::Time& field) {
    if (Expect(name, SQLITE_INTEGER)) field = FromStoredTime(query_->Integer(column_++));
  }
  void operator()(const char* name, std::string& field) {
    if (Expect(name, SQLITE_TEXT)) field = std::string(query_->Text(column_++));
  }
  void operator()(const char* name, SharedText& field) {
    if (Expect(name, SQLITE_TEXT)) field = SharedText(query_->Text(column_++));
  }
  template <class Tag>
  void operator()(const char* name, StrongId<Tag>& field) {
    if (Expect(name, SQLITE_TEXT)) field = StrongId<Tag>(std::string(query_->Text(column_++)));
  }
  template <class Tag>
  void operator()(const char* name, StrongNumber<Tag>& field) {
    if (Expect(name, SQLITE_INTEGER)) field = StrongNumber<Tag>(static_cast<uint64_t>(query_->Integer(column_++)));
  }
  template <class Tag>
  void operator()(const char* name, Uuid<Tag>& field) {
    field = {};
    if (query_->TypeOf(column_) == SQLITE_NULL) {
      ++column_;
      return;
    }
    if (!Expect(name, SQLITE_BLOB)) return;
    const absl::string_view bytes = query_->Blob(column_++);
    if (bytes.size() != 16) return Report(name, absl::StrCat("has ", bytes.size(), " bytes instead of 16"));
    field.value = FromBytes(bytes);
  }

 private:
  bool Expect(const char* name, int type) {
    if (query_->TypeOf(column_) == type) return true;
    Report(name, "is of another type");
    ++column_;
    return false;
  }
  void Report(const char* name, absl::string_view what) {
    if (problem_.empty()) problem_ = absl::StrCat(name, ": ", what);
  }

  const SqliteQuery* query_;
  int column_;
  std::string problem_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_STORE_SQLITE_COLUMNS_H_
