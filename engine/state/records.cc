#include "engine/state/records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/mixer.h"

namespace calsync {
namespace {

// These hashes never leave the process, and a collision costs one comparison.
uint64_t HashOfPlace(CalendarKey calendar, absl::string_view event) { return Mixer(calendar.value()).Text(event).state(); }

// UUIDs, slot hashes and iCalUID hashes are random in all their bits already.
uint64_t HashOfId(absl::uint128 id) { return absl::Uint128Low64(id) ^ (absl::Uint128High64(id) * 0x9e3779b97f4a7c15u); }
uint64_t HashOfSource(const CorrelationId& source, CalendarKey target, bool occurrence) {
  return HashOfId(source.value) + target.value() * 0x9e3779b97f4a7c15u + (occurrence ? 1 : 0);
}

}  // namespace

Records::Records(std::vector<Record> stored) {
  by_place_.Reserve(stored.size());
  by_id_.Reserve(stored.size());
  for (Record& record : stored) Add(std::move(record));
  for (const RowIndex row : changed_) rows_[row].changed = false;  // Nothing of it is news.
  changed_.clear();
}

std::optional<RowIndex> Records::FindAt(CalendarKey calendar, absl::string_view event) const {
  return by_place_.Find(HashOfPlace(calendar, event), [&](RowIndex row) {
    return rows_[row].record.calendar == calendar && rows_[row].record.event.Equals(event);
  });
}

std::optional<RowIndex> Records::FindById(const CorrelationId& id) const {
  if (id.empty()) return std::nullopt;
  return by_id_.Find(HashOfId(id.value), [&](RowIndex row) { return rows_[row].record.id == id; });
}

std::optional<RowIndex> Records::FindSource(const CorrelationId& source, CalendarKey target, bool occurrence) const {
  if (source.empty()) return std::nullopt;
  return by_source_.Find(HashOfSource(source, target, occurrence), [&](RowIndex row) {
    const Record& record = rows_[row].record;
    return record.source == source && record.calendar == target && record.IsOccurrence() == occurrence;
  });
}

std::optional<RowIndex> Records::FindBlock(const CorrelationId& source, CalendarKey target) const {
  return FindSource(source, target, /*occurrence=*/false);
}

std::optional<RowIndex> Records::FindOccurrenceOfBlock(const CorrelationId& source, CalendarKey target) const {
  return FindSource(source, target, /*occurrence=*/true);
}

std::optional<RowIndex> Records::FindSlot(const SlotHash& slot) const {
  return by_slot_.Find(HashOfId(slot.value), [&](RowIndex row) { return rows_[row].record.slot == slot; });
}

uint64_t Records::MeetingOf(const Record& user_event) {
  if (user_event.ical_hash == 0 || !user_event.IsOccurrence()) return user_event.ical_hash;
  const uint64_t mixed = user_event.ical_hash ^ (static_cast<uint64_t>(user_event.original) * 0x9e3779b97f4a7c15u + 1);
  return mixed == 0 ? 1 : mixed;
}

std::vector<RowIndex> Records::OfMeeting(uint64_t meeting) const {
  return by_ical_.Find(meeting, [&](RowIndex row) { return KeysOf(rows_[row].record).ical_hash == meeting; });
}

std::vector<RowIndex> Records::WithMaster(CalendarKey calendar, absl::string_view master) const {
  return by_master_.Find(HashOfPlace(calendar, master), [&](RowIndex row) {
    return rows_[row].record.calendar == calendar && rows_[row].record.master.Equals(master);
  });
}

bool Records::HasWithMaster(CalendarKey calendar, absl::string_view master) const {
  return by_master_.Has(HashOfPlace(calendar, master), [&](RowIndex row) {
    return rows_[row].record.calendar == calendar && rows_[row].record.master.Equals(master);
  });
}

RowIndex Records::Add(Record record) {
  const RowIndex row = static_cast<RowIndex>(rows_.size());
  rows_.push_back({std::move(record), false});
  IndexPlace(row);
  Index(row, KeysOf(rows_[row].record));
  MarkChanged(row);
  return row;
}

void Records::IndexPlace(RowIndex row) {
  const auto hash_of = [&](RowIndex held) {
    const Record& other = rows_[held].record;
    return HashOfPlace(other.calendar, other.event.view());
  };
  const Record& record = rows_[row].record;
  CALSYNC_CHECK(!FindAt(record.calendar, record.event.view()).has_value());  // One row a place.
  by_place_.Insert(HashOfPlace(record.calendar, record.event.view()), row, hash_of);
}

void Records::Move(RowIndex row, const EventId& event) {
  Record& record = rows_[row].record;
  if (record.event == event.shared()) return;
  by_place_.Erase(HashOfPlace(record.calendar, record.event.view()), row);
  erased_.push_back({record.calendar, EventId(record.event)});
  record.event = event.shared();
  IndexPlace(row);
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
    keys.source_occurrence = record.IsOccurrence();
    keys.slot = record.slot;
  }
  if (record.kind == RecordKind::kUserEvent) keys.ical_hash = MeetingOf(record);
  if (!record.master.empty()) keys.master_hash = HashOfPlace(record.calendar, record.master.view());
  return keys;
}

void Records::Index(RowIndex row, const Keys& keys) {
  if (!keys.id.empty()) {
    CALSYNC_CHECK(!FindById(keys.id).has_value());
    by_id_.Insert(HashOfId(keys.id.value), row, [&](RowIndex held) { return HashOfId(rows_[held].record.id.value); });
  }
  if (!keys.source.empty()) {
    CALSYNC_CHECK(!FindSource(keys.source, keys.source_target, keys.source_occurrence).has_value());  // L2
    by_source_.Insert(HashOfSource(keys.source, keys.source_target, keys.source_occurrence), row, [&](RowIndex held) {
      const Record& record = rows_[held].record;
      return HashOfSource(record.source, record.calendar, record.IsOccurrence());
    });
  }
  if (!keys.slot.empty()) {
    CALSYNC_CHECK(!FindSlot(keys.slot).has_value());  // L2
    by_slot_.Insert(HashOfId(keys.slot.value), row, [&](RowIndex held) { return HashOfId(rows_[held].record.slot.value); });
  }
  if (keys.ical_hash != 0) {
    by_ical_.Insert(
        keys.ical_hash, row, [&](RowIndex held) { return KeysOf(rows_[held].record).ical_hash == keys.ical_hash; },
        [&](RowIndex held) { return MeetingOf(rows_[held].record); });
  }
  if (keys.master_hash != 0) {
    by_master_.Insert(
        keys.master_hash, row, [&](RowIndex held) { return KeysOf(rows_[held].record).master_hash == keys.master_hash; },
        [&](RowIndex held) { return KeysOf(rows_[held].record).master_hash; });
  }
}

void Records::Unindex(RowIndex row, const Keys& keys) {
  if (!keys.id.empty()) by_id_.Erase(HashOfId(keys.id.value), row);
  if (!keys.source.empty()) by_source_.Erase(HashOfSource(keys.source, keys.source_target, keys.source_occurrence), row);
  if (!keys.slot.empty()) by_slot_.Erase(HashOfId(keys.slot.value), row);
  if (keys.ical_hash != 0) {
    by_ical_.Erase(keys.ical_hash, row, [&](RowIndex held) { return KeysOf(rows_[held].record).ical_hash == keys.ical_hash; });
  }
  if (keys.master_hash != 0) {
    by_master_.Erase(keys.master_hash, row,
                     [&](RowIndex held) { return KeysOf(rows_[held].record).master_hash == keys.master_hash; });
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
    if (FindAt(record.calendar, record.event.view()) != row) return wrong("is not found at its place");
    const Keys keys = KeysOf(record);
    if (!keys.id.empty() && FindById(keys.id) != row) return wrong("is not found by its correlation id");
    if (!keys.slot.empty() && FindSlot(keys.slot) != row) return wrong("is not the only block of its slot");  // L2
    if (!keys.source.empty() && FindSource(keys.source, record.calendar, keys.source_occurrence) != row) {
      return wrong("shares its source");
    }
    if (record.IsOccurrence() && record.IsMaster()) return wrong("is both an occurrence and a master");
    switch (record.kind) {
      case RecordKind::kUserEvent:
        if (record.id.empty()) return wrong("has no correlation id");
        if (record.status != RecordStatus::kSynced && record.status != RecordStatus::kGone) return wrong("bad status");
        break;
      case RecordKind::kBlock: {
        if (record.id.empty()) return wrong("has no correlation id");
        if (record.slot.empty()) return wrong("has no slot");
        if ((record.generation == 0 && record.IsOccurrence()) || record.generation > record.highest)
          return wrong("has a bad generation");
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
  size_t bytes = rows_.size() * (sizeof(Row) - sizeof(Record));
  for (const Row& row : rows_) bytes += MemoryOf(row.record);
  for (const RowTable* index : {&by_place_, &by_id_, &by_source_, &by_slot_}) bytes += index->allocated_bytes();
  for (const RowChains* index : {&by_ical_, &by_master_}) bytes += index->allocated_bytes();
  return bytes;
}

}  // namespace calsync
