#include "engine/state/records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/siphash.h"

namespace calsync {
namespace {

template <class Map, class Key>
std::optional<RowIndex> Lookup(const Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

// A fixed key: place hashes never leave the process, and 128 bits leave no room for chance.
constexpr SipKey kPlaceKey{0x63616c73796e6321, 0x706c616365732e2e};

}  // namespace

Records::Records(std::vector<Record> stored) {
  rows_.reserve(stored.size());
  by_place_.reserve(stored.size());
  for (Record& record : stored) Add(std::move(record));
  TakeChanges();
}

std::optional<RowIndex> Records::FindAt(CalendarKey calendar, absl::string_view event) const {
  return Lookup(by_place_, PlaceHash(calendar, event));
}

std::optional<RowIndex> Records::FindById(const CorrelationId& id) const { return Lookup(by_id_, id); }

std::optional<RowIndex> Records::FindBlock(const CorrelationId& source, CalendarKey target) const {
  return Lookup(by_source_, std::make_pair(source, target));
}

std::optional<RowIndex> Records::FindSlot(const SlotHash& slot) const { return Lookup(by_slot_, slot); }

std::vector<RowIndex> Records::WithICalHash(uint64_t ical_hash) const {
  std::vector<RowIndex> twins;
  const std::optional<RowIndex> first = Lookup(by_ical_, ical_hash);
  for (RowIndex row = first.value_or(kNoRow); row != kNoRow; row = rows_[row].next_twin) twins.push_back(row);
  return twins;
}

RowIndex Records::Add(Record record) {
  const RowIndex row = static_cast<RowIndex>(rows_.size());
  const bool placed = by_place_.emplace(PlaceHash(record.calendar, record.event.ToString()), row).second;
  CALSYNC_CHECK(placed);  // One row a place.
  rows_.push_back({std::move(record), kNoRow, false});
  Index(row, KeysOf(rows_[row].record));
  MarkChanged(row);
  return row;
}

void Records::Move(RowIndex row, const EventId& event) {
  Record& record = rows_[row].record;
  const std::string old_event = record.event.ToString();
  if (old_event == event.text()) return;
  by_place_.erase(PlaceHash(record.calendar, old_event));
  const bool placed = by_place_.emplace(PlaceHash(record.calendar, event.text()), row).second;
  CALSYNC_CHECK(placed);
  erased_.push_back({record.calendar, EventId(old_event)});
  record.event = PackedText(event.text());
  MarkChanged(row);
}

void Records::Replace(RowIndex row, Record record) {
  CALSYNC_CHECK(record.calendar == rows_[row].record.calendar);
  CALSYNC_CHECK(record.event == rows_[row].record.event);
  Change(row, [&](Record& held) { held = std::move(record); });
}

RecordChanges Records::TakeChanges() {
  RecordChanges changes;
  changes.erased.swap(erased_);
  changes.records.reserve(changed_.size());
  for (const RowIndex row : changed_) {
    rows_[row].changed = false;
    changes.records.push_back(rows_[row].record);
  }
  changed_.clear();
  return changes;
}

Records::Keys Records::KeysOf(const Record& record) {
  Keys keys;
  keys.id = record.id;
  if (record.IsBlock()) {
    keys.source = record.source;
    keys.source_target = record.calendar;
    keys.slot = record.slot;
  }
  if (record.kind == RecordKind::kUserEvent) keys.ical_hash = record.ical_hash;
  return keys;
}

absl::uint128 Records::PlaceHash(CalendarKey calendar, absl::string_view event) {
  return SipHash128({kPlaceKey.k0 ^ calendar.value(), kPlaceKey.k1}, event);
}

void Records::Index(RowIndex row, const Keys& keys) {
  if (!keys.id.empty()) CALSYNC_CHECK(by_id_.emplace(keys.id, row).second);
  if (!keys.source.empty()) {
    CALSYNC_CHECK(by_source_.emplace(std::make_pair(keys.source, keys.source_target), row).second);  // L2
  }
  if (!keys.slot.empty()) CALSYNC_CHECK(by_slot_.emplace(keys.slot, row).second);  // L2
  if (keys.ical_hash != 0) {
    const auto [first, inserted] = by_ical_.emplace(keys.ical_hash, row);
    rows_[row].next_twin = kNoRow;
    if (!inserted) {
      RowIndex last = first->second;
      while (rows_[last].next_twin != kNoRow) last = rows_[last].next_twin;
      rows_[last].next_twin = row;
    }
  }
}

void Records::Unindex(RowIndex row, const Keys& keys) {
  if (!keys.id.empty()) by_id_.erase(keys.id);
  if (!keys.source.empty()) by_source_.erase(std::make_pair(keys.source, keys.source_target));
  if (!keys.slot.empty()) by_slot_.erase(keys.slot);
  if (keys.ical_hash != 0) {
    const auto first = by_ical_.find(keys.ical_hash);
    CALSYNC_CHECK(first != by_ical_.end());
    if (first->second == row) {
      if (rows_[row].next_twin == kNoRow) {
        by_ical_.erase(first);
      } else {
        first->second = rows_[row].next_twin;
      }
    } else {
      RowIndex before = first->second;
      while (rows_[before].next_twin != row) before = rows_[before].next_twin;
      rows_[before].next_twin = rows_[row].next_twin;
    }
    rows_[row].next_twin = kNoRow;
  }
}

void Records::AfterChange(RowIndex row, const Keys& before) {
  const Keys after = KeysOf(rows_[row].record);
  if (!(after == before)) {
    Unindex(row, before);
    Index(row, after);
  }
  MarkChanged(row);
}

void Records::MarkChanged(RowIndex row) {
  if (rows_[row].changed) return;
  rows_[row].changed = true;
  changed_.push_back(row);
}

std::string Records::Verify() const {
  for (RowIndex row = 0; row < rows_.size(); ++row) {
    const Record& record = rows_[row].record;
    const auto wrong = [&](absl::string_view what) {
      return absl::StrCat("row ", row, " (", Name(record.kind), ", ", Name(record.status), "): ", what);
    };
    if (FindAt(record.calendar, record.event.ToString()) != row) return wrong("is not found at its place");
    const Keys keys = KeysOf(record);
    if (!keys.id.empty() && FindById(keys.id) != row) return wrong("is not found by its correlation id");
    if (!keys.slot.empty() && FindSlot(keys.slot) != row) return wrong("is not the only block of its slot");  // L2
    if (!keys.source.empty() && FindBlock(keys.source, record.calendar) != row) return wrong("shares its source");
    switch (record.kind) {
      case RecordKind::kUserEvent:
        if (record.id.empty()) return wrong("has no correlation id");
        if (record.status != RecordStatus::kSynced && record.status != RecordStatus::kGone) return wrong("bad status");
        break;
      case RecordKind::kBlock: {
        if (record.id.empty()) return wrong("has no correlation id");
        if (record.slot.empty()) return wrong("has no slot");
        if (record.generation == 0 || record.generation > record.highest) return wrong("has a bad generation");
        if (record.status == RecordStatus::kSynced || record.status == RecordStatus::kGone ||
            record.status == RecordStatus::kSeen) {
          return wrong("bad status");
        }
        if (record.source == record.id) return wrong("is its own source");  // L1
        const std::optional<RowIndex> source = FindById(record.source);
        if (!record.source.empty() && !source.has_value()) return wrong("has a source without record");
        if (source.has_value() && rows_[*source].record.kind != RecordKind::kUserEvent) {
          return wrong("has a source that is no user event");  // L1
        }
        if (source.has_value() && rows_[*source].record.calendar == record.calendar) {
          return wrong("lies on the calendar of its source");
        }
        break;
      }
      case RecordKind::kSeen:
        if (!record.id.empty()) return wrong("is seen only and has a correlation id");
        if (record.status != RecordStatus::kSeen) return wrong("bad status");
        break;
    }
  }
  return "";
}

size_t Records::MemoryUsed() const {
  // A slot of an Abseil flat map costs its value and one control byte, whether it is used or not.
  const auto map_bytes = [](const auto& map) {
    return map.capacity() * (sizeof(typename std::decay_t<decltype(map)>::value_type) + 1);
  };
  size_t bytes = (rows_.capacity() - rows_.size()) * sizeof(Row) + rows_.size() * (sizeof(Row) - sizeof(Record));
  for (const Row& row : rows_) bytes += MemoryOf(row.record);
  return bytes + map_bytes(by_place_) + map_bytes(by_id_) + map_bytes(by_source_) + map_bytes(by_slot_) + map_bytes(by_ical_);
}

}  // namespace calsync
