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

// 0 is no span.
uint64_t HashOfSpan(const TimeSpan& span) {
  const uint64_t hash =
      Mixer(span.all_day ? 1 : 0).Number(static_cast<uint64_t>(span.start)).Number(static_cast<uint64_t>(span.end)).state();
  return hash == 0 ? 1 : hash;
}

}  // namespace

Records::Records(std::vector<Record> stored) {
  const auto blocks = std::count_if(stored.begin(), stored.end(), [](const Record& record) { return record.IsBlock(); });
  Reserve(stored.size(), static_cast<size_t>(blocks));
  for (Record& record : stored) Add(std::move(record));
  for (const RowIndex row : changed_) changed_rows_[row] = false;  // Nothing of it is news.
  changed_.clear();
}

uint64_t Records::PlaceHashOf(RowIndex row) const { return HashOfPlace(RowAt(row).calendar, RowAt(row).event.view()); }
uint64_t Records::IdHashOf(RowIndex row) const { return HashOfId(RowAt(row).id.value); }
uint64_t Records::SlotHashOf(RowIndex row) const { return HashOfId(RowAt(row).slot.value); }
uint64_t Records::SourceHashOf(RowIndex row) const {
  const Record& record = RowAt(row);
  return HashOfSource(record.source, record.calendar, record.IsOccurrence());
}

void Records::Reserve(size_t rows, size_t blocks) {
  by_place_.Reserve(size() + rows, [&](RowIndex row) { return PlaceHashOf(row); });
  by_id_.Reserve(size() + rows, [&](RowIndex row) { return IdHashOf(row); });
  by_source_.Reserve(by_source_.size() + blocks, [&](RowIndex row) { return SourceHashOf(row); });
  by_slot_.Reserve(by_slot_.size() + blocks, [&](RowIndex row) { return SlotHashOf(row); });
}

std::optional<RowIndex> Records::FindAt(CalendarKey calendar, absl::string_view event) const {
  return FindAt(AheadAt(calendar, event), calendar, event);
}

std::optional<RowIndex> Records::FindAt(const Ahead& ahead, CalendarKey calendar, absl::string_view event) const {
  return by_place_.Find(ahead.hash,
                        [&](RowIndex row) { return RowAt(row).calendar == calendar && RowAt(row).event.Equals(event); });
}

std::optional<RowIndex> Records::FindById(const CorrelationId& id) const {
  if (id.empty()) return std::nullopt;
  return by_id_.Find(HashOfId(id.value), [&](RowIndex row) { return RowAt(row).id == id; });
}

std::optional<RowIndex> Records::FindSource(const CorrelationId& source, CalendarKey target, bool occurrence) const {
  if (source.empty()) return std::nullopt;
  return by_source_.Find(HashOfSource(source, target, occurrence), [&](RowIndex row) {
    const Record& record = RowAt(row);
    return record.source == source && record.calendar == target && record.IsOccurrence() == occurrence;
  });
}

std::optional<RowIndex> Records::FindBlock(const CorrelationId& source, CalendarKey target) const {
  return FindSource(source, target, /*occurrence=*/false);
}

Rows Records::BlocksOf(const CorrelationId& source) const {
  Rows blocks;
  for (const auto& [calendar, tally] : tallies_) {
    if (const auto block = FindBlock(source, calendar)) blocks.push_back(*block);
  }
  return blocks;
}

std::optional<RowIndex> Records::FindOccurrenceOfBlock(const CorrelationId& source, CalendarKey target) const {
  return FindSource(source, target, /*occurrence=*/true);
}

std::optional<RowIndex> Records::FindSlot(const SlotHash& slot) const {
  return by_slot_.Find(HashOfId(slot.value), [&](RowIndex row) { return RowAt(row).slot == slot; });
}

Records::Ahead Records::AheadAt(CalendarKey calendar, absl::string_view event) {
  return {Key::kPlace, HashOfPlace(calendar, event)};
}
Records::Ahead Records::AheadOf(const CorrelationId& id) { return {Key::kId, HashOfId(id.value)}; }
Records::Ahead Records::AheadOf(const SlotHash& slot) { return {Key::kSlot, HashOfId(slot.value)}; }

const RowTable& Records::IndexOf(Key key) const {
  switch (key) {
    case Key::kPlace:
      return by_place_;
    case Key::kId:
      return by_id_;
    case Key::kSlot:
      return by_slot_;
  }
  return by_place_;
}

void Records::PrefetchIndex(const Ahead& ahead) const { IndexOf(ahead.key).Prefetch(ahead.hash); }

void Records::PrefetchRows(absl::Span<const Ahead> aheads) const {
  for (const Ahead& ahead : aheads) PrefetchRow(ahead);
  for (const Ahead& ahead : aheads) PrefetchText(ahead);
}

void Records::PrefetchRow(const Ahead& ahead) const {
  const std::optional<RowIndex> row = IndexOf(ahead.key).Candidate(ahead.hash);
  if (!row.has_value()) return;
  const Record& record = RowAt(*row);
  __builtin_prefetch(&record);
  if (ahead.key == Key::kSlot) __builtin_prefetch(&record.slot);
  if (ahead.key == Key::kSlot) __builtin_prefetch(&record.highest);
}

void Records::PrefetchText(const Ahead& ahead) const {
  if (ahead.key != Key::kPlace) return;
  const std::optional<RowIndex> row = by_place_.Candidate(ahead.hash);
  if (row.has_value()) __builtin_prefetch(RowAt(*row).event.view_hint());
}

Records::Tally Records::TallyOf(CalendarKey calendar) const {
  for (const auto& [key, tally] : tallies_) {
    if (key == calendar) return tally;
  }
  return {};
}

void Records::Count(CalendarKey calendar, const Tally& before, const Tally& after) {
  if (before == after) return;
  auto at = std::find_if(tallies_.begin(), tallies_.end(), [&](const auto& entry) { return entry.first == calendar; });
  if (at == tallies_.end()) at = tallies_.insert(at, {calendar, Tally()});
  at->second.blocks += after.blocks - before.blocks;
  at->second.certain_user_events += after.certain_user_events - before.certain_user_events;
}

Rows Records::CreatedBlocksAt(const TimeSpan& span) const {
  const uint64_t hash = HashOfSpan(span);
  Rows rows = by_span_.Find(hash, [&](RowIndex row) { return KeysOf(RowAt(row)).span_hash == hash; });
  rows.erase(std::remove_if(rows.begin(), rows.end(), [&](RowIndex row) { return !(RowAt(row).span == span); }), rows.end());
  return rows;
}

uint64_t Records::MeetingOf(const Record& user_event) {
  if (user_event.ical_hash == 0 || !user_event.IsOccurrence()) return user_event.ical_hash;
  const uint64_t mixed = user_event.ical_hash ^ (static_cast<uint64_t>(user_event.original) * 0x9e3779b97f4a7c15u + 1);
  return mixed == 0 ? 1 : mixed;
}

Rows Records::OfMeeting(uint64_t meeting) const {
  return by_ical_.Find(meeting, [&](RowIndex row) { return KeysOf(RowAt(row)).ical_hash == meeting; });
}

Rows Records::WithMaster(CalendarKey calendar, absl::string_view master) const {
  return by_master_.Find(HashOfPlace(calendar, master),
                         [&](RowIndex row) { return RowAt(row).calendar == calendar && RowAt(row).master.Equals(master); });
}

bool Records::HasWithMaster(CalendarKey calendar, absl::string_view master) const {
  return by_master_.Has(HashOfPlace(calendar, master),
                        [&](RowIndex row) { return RowAt(row).calendar == calendar && RowAt(row).master.Equals(master); });
}

RowIndex Records::Add(Record record) {
  const RowIndex row = static_cast<RowIndex>(changed_rows_.size());
  if (row % kBlockRows == 0) blocks_.emplace_back();
  RowAt(row) = std::move(record);
  changed_rows_.push_back(false);
  IndexPlace(row);
  Index(row, KeysOf(RowAt(row)), Keys());
  MarkChanged(row);
  return row;
}

void Records::IndexPlace(RowIndex row) {
  const Record& record = RowAt(row);
  const Ahead ahead = AheadAt(record.calendar, record.event.view());
  CALSYNC_CHECK(!FindAt(ahead, record.calendar, record.event.view()).has_value());  // One row a place.
  by_place_.Insert(ahead.hash, row, [&](RowIndex held) { return PlaceHashOf(held); });
}

void Records::Move(RowIndex row, const EventId& event) {
  Record& record = RowAt(row);
  if (record.event == event.shared()) return;
  by_place_.Erase(HashOfPlace(record.calendar, record.event.view()), row);
  erased_.push_back({record.calendar, EventId(record.event)});
  record.event = event.shared();
  IndexPlace(row);
  MarkChanged(row);
}

void Records::Exchange(RowIndex row, RowIndex other) {
  CALSYNC_CHECK(RowAt(row).calendar == RowAt(other).calendar);
  if (row == other) return;
  for (const RowIndex each : {row, other}) by_place_.Erase(PlaceHashOf(each), each);
  std::swap(RowAt(row).event, RowAt(other).event);
  for (const RowIndex each : {row, other}) {
    IndexPlace(each);
    MarkChanged(each);
  }
}

void Records::Replace(RowIndex row, Record record) {
  CALSYNC_CHECK(record.calendar == RowAt(row).calendar);
  CALSYNC_CHECK(record.event == RowAt(row).event);
  Change(row, [&](Record& held) { held = std::move(record); });
}

RecordChanges Records::TakeChanges() {
  RecordChanges changes;
  changes.erased.swap(erased_);
  changes.records.reserve(changed_.size());
  for (const RowIndex row : changed_) {
    changed_rows_[row] = false;
    changes.records.push_back(RowAt(row));
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
  if (record.IsBlock() && record.status == RecordStatus::kCreated) keys.span_hash = HashOfSpan(record.span);
  keys.tally.blocks = record.IsBlock() ? 1 : 0;
  keys.tally.certain_user_events = record.IsLiveUserEvent() && !record.must_read && !record.absent ? 1 : 0;
  keys.adoption = record.generation == 0 && (record.IsBlock() || (record.kind == RecordKind::kSeen && !record.slot.empty()));
  if (!record.master.empty()) keys.master_hash = HashOfPlace(record.calendar, record.master.view());
  return keys;
}

void Records::Index(RowIndex row, const Keys& keys, const Keys& before) {
  if (!keys.id.empty() && !(keys.id == before.id)) {
    CALSYNC_CHECK(!FindById(keys.id).has_value());
    by_id_.Insert(HashOfId(keys.id.value), row, [&](RowIndex held) { return IdHashOf(held); });
  }
  if (!keys.source.empty() && !keys.SameSource(before)) {
    CALSYNC_CHECK(!FindSource(keys.source, keys.source_target, keys.source_occurrence).has_value());  // L2
    by_source_.Insert(HashOfSource(keys.source, keys.source_target, keys.source_occurrence), row,
                      [&](RowIndex held) { return SourceHashOf(held); });
  }
  if (!keys.slot.empty() && !(keys.slot == before.slot)) {
    CALSYNC_CHECK(!FindSlot(keys.slot).has_value());  // L2
    by_slot_.Insert(HashOfId(keys.slot.value), row, [&](RowIndex held) { return SlotHashOf(held); });
  }
  const auto chain = [&](RowChains& chains, uint64_t Keys::*hash) {
    if (keys.*hash == 0 || keys.*hash == before.*hash) return;
    chains.Insert(
        keys.*hash, row, [&](RowIndex held) { return KeysOf(RowAt(held)).*hash == keys.*hash; },
        [&](RowIndex held) { return KeysOf(RowAt(held)).*hash; });
  };
  chain(by_ical_, &Keys::ical_hash);
  chain(by_master_, &Keys::master_hash);
  chain(by_span_, &Keys::span_hash);
  Count(RowAt(row).calendar, before.tally, keys.tally);
  if (keys.adoption && !before.adoption) ++adoptions_;
  if (!keys.adoption && before.adoption) --adoptions_;
}

void Records::Unindex(RowIndex row, const Keys& keys, const Keys& after) {
  if (!keys.id.empty() && !(keys.id == after.id)) by_id_.Erase(HashOfId(keys.id.value), row);
  if (!keys.source.empty() && !keys.SameSource(after)) {
    by_source_.Erase(HashOfSource(keys.source, keys.source_target, keys.source_occurrence), row);
  }
  if (!keys.slot.empty() && !(keys.slot == after.slot)) by_slot_.Erase(HashOfId(keys.slot.value), row);
  const auto unchain = [&](RowChains& chains, uint64_t Keys::*hash) {
    if (keys.*hash == 0 || keys.*hash == after.*hash) return;
    chains.Erase(keys.*hash, row, [&](RowIndex held) { return KeysOf(RowAt(held)).*hash == keys.*hash; });
  };
  unchain(by_ical_, &Keys::ical_hash);
  unchain(by_master_, &Keys::master_hash);
  unchain(by_span_, &Keys::span_hash);
}

void Records::AfterChange(RowIndex row, const Keys& before) {
  const Keys after = KeysOf(RowAt(row));
  if (!(after == before)) {
    Unindex(row, before, after);
    Index(row, after, before);
  }
  MarkChanged(row);
}

void Records::MarkChanged(RowIndex row) {
  if (changed_rows_[row]) return;
  changed_rows_[row] = true;
  changed_.push_back(row);
}

std::string Records::Verify() const {
  Records counted;  // Its tallies alone.
  size_t adoptions = 0;
  for (RowIndex row = 0; row < size(); ++row) {
    const Record& record = RowAt(row);
    counted.Count(record.calendar, Tally(), KeysOf(record).tally);
    adoptions += KeysOf(record).adoption ? 1 : 0;
    const auto wrong = [&](absl::string_view what) {
      return absl::StrCat("row ", row, " (", Name(record.kind), ", ", Name(record.status), "): ", what);
    };
    if (FindAt(record.calendar, record.event.view()) != row) return wrong("is not found at its place");
    const Keys keys = KeysOf(record);
    if (!keys.id.empty() && FindById(keys.id) != row) return wrong("is not found by its correlation id");
    // That each is found, and once, is asked by a test: here it would cost more than all else.
    const auto has_its_times = [&](RowIndex held) { return RowAt(held).span == record.span; };
    if (keys.span_hash != 0 && !by_span_.Has(keys.span_hash, has_its_times)) return wrong("is not found by its times");
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
        if (source.has_value() && RowAt(*source).kind != RecordKind::kUserEvent) {
          return wrong("has a source that is no user event");  // L1
        }
        if (source.has_value() && RowAt(*source).calendar == record.calendar) {
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
  if (adoptions != adoptions_) return absl::StrCat(adoptions, " adoptions, and ", adoptions_, " were counted");
  for (const auto& [calendar, tally] : tallies_) {
    if (!(tally == counted.TallyOf(calendar))) return absl::StrCat("calendar ", calendar.value(), " is tallied wrongly");
  }
  return "";
}

size_t Records::MemoryUsed() const {
  size_t bytes = changed_rows_.capacity() / 8 + (blocks_.size() * kBlockRows - size()) * sizeof(Record);
  for (RowIndex row = 0; row < size(); ++row) bytes += MemoryOf(RowAt(row));
  for (const RowTable* index : {&by_place_, &by_id_, &by_source_, &by_slot_}) bytes += index->allocated_bytes();
  for (const RowChains* index : {&by_ical_, &by_master_, &by_span_}) bytes += index->allocated_bytes();
  return bytes;
}

}  // namespace calsync
