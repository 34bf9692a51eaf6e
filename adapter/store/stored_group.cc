#include "adapter/store/stored_group.h"

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/store/columns.h"
#include "adapter/store/stored_time.h"
#include "adapter/store/stored_words.h"
#include "engine/base/shared_text.h"
#include "engine/base/siphash.h"
#include "engine/base/status_macros.h"
#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

// Appends each column with its length, so that no two rows look alike.
class ColumnBytes {
 public:
  explicit ColumnBytes(std::string* bytes) : bytes_(bytes) {}

  template <class Field>
  void operator()(const char*, const Field& field) {
    if constexpr (std::is_enum_v<Field>) {
      Add(StoredWord(field));
    } else if constexpr (std::is_integral_v<Field>) {
      Add(absl::StrCat(static_cast<int64_t>(field)));
    } else {
      Add(TextOf(field));
    }
  }

 private:
  static std::string TextOf(absl::Time field) { return absl::StrCat(ToStoredTime(field)); }
  static std::string TextOf(const std::string& field) { return field; }
  static std::string TextOf(const SharedText& field) { return field.ToString(); }
  template <class Tag>
  static std::string TextOf(const StrongId<Tag>& field) {
    return std::string(field.text());
  }
  template <class Tag>
  static std::string TextOf(StrongNumber<Tag> field) {
    return absl::StrCat(field.value());
  }
  template <class Tag>
  static std::string TextOf(const Uuid<Tag>& field) {
    return FormatUuid(field.value);
  }
  void Add(absl::string_view column) { absl::StrAppend(bytes_, column.size(), ":", column); }

  std::string* bytes_;
};

}  // namespace

absl::StatusOr<StoredGroup> ReadStored(Store& store, const GroupId& group) {
  StoredGroup stored;
  ASSIGN_OR_RETURN(stored.epoch, store.Epoch(group));
  ASSIGN_OR_RETURN(stored.image, store.Peek(group));
  ASSIGN_OR_RETURN(stored.audit_count, store.AuditCount(group));
  ASSIGN_OR_RETURN(stored.audit, store.Audit(group, {.limit = std::numeric_limits<int64_t>::max()}));
  return stored;
}

absl::uint128 FingerprintOf(const StoredGroup& group) {
  std::string bytes = absl::StrCat(group.epoch, ",", group.audit_count, ",", group.image.calendars.size(), ",",
                                   group.image.records.size(), ",", group.audit.size());
  ColumnBytes columns(&bytes);
  ForEachGroupColumn(group.image.group, columns);
  for (const CalendarRow& row : group.image.calendars) {
    ForEachCalendarColumn(row, columns);
    absl::StrAppend(&bytes, row.channels.size());
    for (const ChannelRow& channel : row.channels) ForEachChannelColumn(channel, columns);
  }
  for (const Record& record : group.image.records) ForEachRecordColumn(record, columns);
  for (const AuditRow& row : group.audit) {
    absl::StrAppend(&bytes, row.number);
    ForEachAuditColumn(row.entry, columns);
  }
  return SipHash128({}, bytes);
}

absl::StatusOr<Copied> CopyGroup(Store& from, Store& to, const GroupId& group) {
  ASSIGN_OR_RETURN(const StoredGroup wanted, ReadStored(from, group));
  ASSIGN_OR_RETURN(const StoredGroup before, ReadStored(to, group));
  const absl::uint128 fingerprint = FingerprintOf(wanted);
  if (FingerprintOf(before) == fingerprint) return Copied::kBefore;
  RETURN_IF_ERROR(to.Put(group, wanted));
  ASSIGN_OR_RETURN(const StoredGroup after, ReadStored(to, group));
  if (FingerprintOf(after) == fingerprint) return Copied::kNow;
  return absl::DataLossError(absl::StrCat("group \"", group.text(), "\" is not the same after it was copied: ",
                                          after.image.records.size(), " of ", wanted.image.records.size(), " records and ",
                                          after.audit.size(), " of ", wanted.audit.size(), " entries of the trail are there"));
}

}  // namespace calsync::adapter
