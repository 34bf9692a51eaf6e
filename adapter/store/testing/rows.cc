#include "adapter/store/testing/rows.h"

#include <concepts>
#include <iterator>
#include <limits>
#include <type_traits>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapter/store/columns.h"
#include "adapter/store/stored_words.h"
#include "engine/base/base32hex.h"
#include "engine/base/shared_text.h"
#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

// Fills the field of a column at random.
class RandomColumn {
 public:
  explicit RandomColumn(TestBits* bits) : bits_(bits) {}

  void operator()(const char*, bool& field) const { field = bits_->OneIn(2); }
  template <std::integral Number>
  void operator()(const char*, Number& field) const {
    const Number kOdd[] = {0, 1, std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max()};
    field = bits_->OneIn(3) ? kOdd[bits_->Below(std::size(kOdd))] : static_cast<Number>(bits_->Next());
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char*, Enum& field) const {
    uint64_t count = 0;
    while (!StoredWord(static_cast<Enum>(count)).empty()) ++count;
    field = static_cast<Enum>(bits_->Below(count));
  }
  void operator()(const char*, absl::Time& field) const {
    const absl::Time kOdd[] = {absl::InfinitePast(), absl::InfiniteFuture(), absl::UnixEpoch(), absl::FromUnixNanos(-1),
                               absl::FromUnixSeconds(1778000000)};
    field = bits_->OneIn(2) ? kOdd[bits_->Below(std::size(kOdd))]
                            : absl::FromUnixNanos(static_cast<int64_t>(bits_->Next() / 2) - (int64_t{1} << 62));
  }
  void operator()(const char*, std::string& field) const { field = Text(); }
  void operator()(const char*, SharedText& field) const { field = SharedText(Text()); }
  template <class Tag>
  void operator()(const char*, StrongId<Tag>& field) const {
    field = StrongId<Tag>(Text());
  }
  template <class Tag>
  void operator()(const char*, StrongNumber<Tag>& field) const {
    field = StrongNumber<Tag>(bits_->Next());
  }
  template <class Tag>
  void operator()(const char*, Uuid<Tag>& field) const {
    field.value = bits_->OneIn(4) ? absl::uint128(0) : absl::MakeUint128(bits_->Next(), bits_->Next());
  }

 private:
  std::string Text() const {
    std::string bytes;
    for (uint64_t left = bits_->Below(40); left > 0; --left) bytes.push_back(static_cast<char>(bits_->Next()));
    switch (bits_->Below(4)) {
      case 0:
        return "";
      case 1:
        return bytes;
      case 2:
        return absl::StrCat("J\xc3\xb6rg's \"plan\"\n", bits_->Below(1000));
      default:
        return EncodeBase32Hex(bytes);
    }
  }

  TestBits* bits_;
};

// Appends " name=value".
class PrintedColumn {
 public:
  explicit PrintedColumn(std::string* out) : out_(out) {}

  template <std::integral Number>
  void operator()(const char* name, Number field) const {
    absl::StrAppend(out_, " ", name, "=", field);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char* name, Enum field) const { absl::StrAppend(out_, " ", name, "=", StoredWord(field)); }
  void operator()(const char* name, absl::Time field) const {
    absl::StrAppend(out_, " ", name, "=", absl::FormatTime(field, absl::UTCTimeZone()));
  }
  void operator()(const char* name, const std::string& field) const {
    absl::StrAppend(out_, " ", name, "=\"", absl::CHexEscape(field), "\"");
  }
  void operator()(const char* name, const SharedText& field) const { (*this)(name, field.ToString()); }
  template <class Tag>
  void operator()(const char* name, const StrongId<Tag>& field) const {
    (*this)(name, field.str());
  }
  template <class Tag>
  void operator()(const char* name, StrongNumber<Tag> field) const {
    (*this)(name, field.value());
  }
  template <class Tag>
  void operator()(const char* name, const Uuid<Tag>& field) const {
    absl::StrAppend(out_, " ", name, "=", field.empty() ? "none" : FormatUuid(field.value));
  }

 private:
  std::string* out_;
};

}  // namespace

uint64_t TestBits::Next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Record RandomRecord(TestBits* bits) {
  Record record;
  ForEachRecordColumn(record, RandomColumn(bits));
  return record;
}

CalendarRow RandomCalendar(TestBits* bits) {
  CalendarRow row;
  ForEachCalendarColumn(row, RandomColumn(bits));
  for (uint64_t left = bits->Below(4); left > 0; --left) {
    ForEachChannelColumn(row.channels.emplace_back(), RandomColumn(bits));
  }
  return row;
}

GroupRow RandomGroup(TestBits* bits) {
  GroupRow row;
  ForEachGroupColumn(row, RandomColumn(bits));
  return row;
}

AuditEntry RandomAudit(TestBits* bits) {
  AuditEntry entry;
  ForEachAuditColumn(entry, RandomColumn(bits));
  return entry;
}

Record UserEventAt(CalendarKey calendar, const std::string& event, absl::uint128 id) {
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = RecordStatus::kSynced;
  record.id = {id};
  record.calendar = calendar;
  record.event = SharedText(event);
  record.span = {.start = 1778000000, .end = 1778003600};
  return record;
}

Record BlockAt(CalendarKey calendar, const std::string& event, absl::uint128 id, absl::uint128 slot) {
  Record record = UserEventAt(calendar, event, id);
  record.kind = RecordKind::kBlock;
  record.status = RecordStatus::kCreating;
  record.slot = {slot};
  record.generation = 1;
  record.highest = 1;
  return record;
}

std::string Print(const Record& record) {
  std::string out = "record";
  ForEachRecordColumn(record, PrintedColumn(&out));
  return out;
}

std::string Print(const CalendarRow& row) {
  std::string out = "calendar";
  ForEachCalendarColumn(row, PrintedColumn(&out));
  for (const ChannelRow& channel : row.channels) {
    absl::StrAppend(&out, "\n  channel");
    ForEachChannelColumn(channel, PrintedColumn(&out));
  }
  return out;
}

std::string Print(const GroupRow& row) {
  std::string out = "group";
  ForEachGroupColumn(row, PrintedColumn(&out));
  return out;
}

std::string Print(const AuditEntry& entry) {
  std::string out = "audit";
  ForEachAuditColumn(entry, PrintedColumn(&out));
  return out;
}

std::string Print(const GroupImage& image) {
  std::string out = Print(image.group) + "\n";
  for (const CalendarRow& row : image.calendars) absl::StrAppend(&out, Print(row), "\n");
  for (const Record& record : image.records) absl::StrAppend(&out, Print(record), "\n");
  return out;
}

}  // namespace calsync::adapter
