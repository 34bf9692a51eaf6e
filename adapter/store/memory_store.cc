#include "adapter/store/memory_store.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapter/store/columns.h"
#include "adapter/store/stored_time.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

// Only blocks claim their slot: a seen event may carry the certified id of a slot that another event holds.
bool ClaimsSlot(const Record& record) { return record.IsBlock() && !record.slot.empty(); }
bool ClaimsAlike(const Record& a, const Record& b) {
  return a.id == b.id && ClaimsSlot(a) == ClaimsSlot(b) && (!ClaimsSlot(a) || a.slot == b.slot);
}

// Gives each time among a row's columns the value that it would come back with from a file.
struct RoundTimes {
  template <class Field>
  void operator()(const char*, Field& field) const {
    if constexpr (std::is_same_v<Field, absl::Time>) field = AsStored(field);
  }
};

void RoundTimesOf(CalendarRow& row) {
  ForEachCalendarColumn(row, RoundTimes());
  for (ChannelRow& channel : row.channels) ForEachChannelColumn(channel, RoundTimes());
}

bool IsAbout(const AuditEntry& entry, const AuditQuery& query) {
  if (query.event.empty() && query.records.empty()) return true;
  if (!query.event.empty() && entry.event == query.event) return true;
  return !entry.record.empty() && std::find(query.records.begin(), query.records.end(), entry.record) != query.records.end();
}

}  // namespace

MemoryStore::RowPtr MemoryStore::Held::Take(const Place& place) {
  const auto found = rows.find(place);
  if (found == rows.end()) return nullptr;
  RowPtr row = std::move(found->second);
  rows.erase(found);
  if (!row->id.empty()) CALSYNC_CHECK(ids.erase(row->id) == 1);
  if (ClaimsSlot(*row)) CALSYNC_CHECK(slots.erase(row->slot) == 1);
  return row;
}

absl::Status MemoryStore::Held::Put(const Place& place, RowPtr row) {
  Take(place);
  if (ClaimsSlot(*row) && !slots.insert(row->slot).second) {
    return absl::AlreadyExistsError(absl::StrCat("two blocks for one slot, the second with correlation id ",
                                                 FormatUuid(row->id.value)));  // L2
  }
  if (!row->id.empty() && !ids.insert(row->id).second) {
    if (ClaimsSlot(*row)) slots.erase(row->slot);
    return absl::AlreadyExistsError(absl::StrCat("two rows with the correlation id ", FormatUuid(row->id.value)));
  }
  rows[place] = std::move(row);
  return absl::OkStatus();
}

bool MemoryStore::Held::ReplaceAlike(const std::vector<Record>& records) {
  absl::InlinedVector<RowPtr*, 8> held;
  for (const Record& record : records) {
    const auto found = rows.find(Place{record.calendar, EventId(record.event)});
    if (found == rows.end() || !ClaimsAlike(*found->second, record)) return false;
    held.push_back(&found->second);
  }
  for (size_t i = 0; i < records.size(); ++i) *held[i] = std::make_shared<const Record>(records[i]);
  return true;
}

absl::Status MemoryStore::Held::ApplyRecords(const Commit& commit) {
  // Most commits change rows that stay what they are for the rules, so that none can be broken.
  if (commit.erased.empty() && ReplaceAlike(commit.records)) return absl::OkStatus();

  absl::InlinedVector<Place, 8> places(commit.erased.begin(), commit.erased.end());
  for (const Record& record : commit.records) places.push_back({record.calendar, EventId(record.event)});

  // Everything that goes or is replaced goes first; then the rules judge the state after the commit, whatever its order.
  absl::InlinedVector<std::pair<Place, RowPtr>, 8> taken;
  for (const Place& place : places) {
    if (RowPtr row = Take(place); row != nullptr) taken.emplace_back(place, std::move(row));
  }
  absl::Status status;
  for (size_t i = 0; i < commit.records.size() && status.ok(); ++i) {
    status = Put(places[commit.erased.size() + i], std::make_shared<const Record>(commit.records[i]));
  }
  if (!status.ok()) {
    // Perhaps for a row that a later one replaces: that does not happen often, so only then it is looked for.
    for (const Place& place : places) Take(place);
    status = absl::OkStatus();
    for (const Record* const record : StandingRecords(commit)) {
      status = Put({record->calendar, EventId(record->event)}, std::make_shared<const Record>(*record));
      if (!status.ok()) break;
    }
  }
  if (!status.ok()) {
    for (const Place& place : places) Take(place);
    for (auto& [place, row] : taken) CALSYNC_CHECK(Put(place, std::move(row)).ok());
  }
  return status;
}

void MemoryStore::Held::ApplyCalendars(const Commit& commit) {
  for (const CalendarRow& row : commit.calendars) {
    auto at = std::lower_bound(calendars.begin(), calendars.end(), row.key,
                               [](const CalendarRow& held, CalendarKey key) { return held.key < key; });
    if (at != calendars.end() && at->key == row.key) {
      *at = row;  // Into the room that its texts have already.
    } else {
      at = calendars.insert(at, row);
    }
    RoundTimesOf(*at);
  }
  if (commit.group.has_value()) {
    group = *commit.group;
    ForEachGroupColumn(group, RoundTimes());
  }
}

void MemoryStore::Held::AppendAudit(const Commit& commit, int64_t kept) {
  for (const AuditEntry& entry : commit.audit) {
    ++audit_count;
    if (kept <= 0) continue;
    if (static_cast<int64_t>(audit.size()) >= kept) audit.pop_front();
    audit.push_back(entry);
    ForEachAuditColumn(audit.back(), RoundTimes());
  }
}

GroupImage MemoryStore::Held::Image() const {
  GroupImage image{.group = group, .calendars = calendars};
  image.records.reserve(rows.size());
  for (const auto& [place, row] : rows) image.records.push_back(*row);
  return image;
}

absl::StatusOr<LoadedGroup> MemoryStore::Load(const GroupId& group) {
  Held& held = groups_[group];
  ++held.epoch;
  return LoadedGroup{.image = held.Image(), .epoch = held.epoch};
}

absl::Status MemoryStore::Apply(const GroupId& group, int64_t epoch, const Commit& commit) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return AnotherOwner(group, epoch, 0);
  if (found->second.epoch != epoch) return AnotherOwner(group, epoch, found->second.epoch);
  Held& held = found->second;
  RETURN_IF_ERROR(held.ApplyRecords(commit));  // The only part that can fail, so it goes first.
  held.ApplyCalendars(commit);
  held.AppendAudit(commit, options_.audit_kept);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> MemoryStore::Epoch(const GroupId& group) {
  const auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.epoch;
}

absl::StatusOr<GroupImage> MemoryStore::Peek(const GroupId& group) {
  const auto found = groups_.find(group);
  return found == groups_.end() ? GroupImage() : found->second.Image();
}

absl::StatusOr<std::vector<GroupId>> MemoryStore::Groups() {
  std::vector<GroupId> groups;
  for (const auto& [group, held] : groups_) groups.push_back(group);
  return groups;
}

absl::Status MemoryStore::Forget(const GroupId& group) {
  groups_.erase(group);
  return absl::OkStatus();
}

absl::Status MemoryStore::Put(const GroupId& group, const StoredGroup& stored) {
  Held held;
  held.epoch = stored.epoch;
  const Commit all{.records = stored.image.records, .calendars = stored.image.calendars, .group = stored.image.group};
  RETURN_IF_ERROR(held.ApplyRecords(all));
  held.ApplyCalendars(all);
  held.audit_count = stored.audit_count;
  for (const AuditRow& row : stored.audit) held.audit.push_back(row.entry);
  for (AuditEntry& entry : held.audit) ForEachAuditColumn(entry, RoundTimes());
  groups_[group] = std::move(held);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AuditRow>> MemoryStore::Audit(const GroupId& group, const AuditQuery& query) {
  CALSYNC_CHECK(query.limit >= 1);
  std::vector<AuditRow> newest_first;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return newest_first;
  int64_t number = found->second.audit_count;
  const std::deque<AuditEntry>& audit = found->second.audit;
  for (auto entry = audit.rbegin(); entry != audit.rend() && number > query.after; ++entry, --number) {
    if (static_cast<int64_t>(newest_first.size()) == query.limit) break;
    if (entry->at >= query.since && IsAbout(*entry, query)) newest_first.push_back({number, *entry});
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

absl::StatusOr<int64_t> MemoryStore::AuditCount(const GroupId& group) {
  const auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.audit_count;
}

}  // namespace calsync::adapter
