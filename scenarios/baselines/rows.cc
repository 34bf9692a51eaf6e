#include "scenarios/baselines/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/uuid.h"

namespace calsync::sim {

EventStates::EventStates(const GroupImage& stored) {
  for (const Record& record : stored.records) {
    const Place place{record.calendar, EventId(record.event)};
    if (!record.id.empty()) places_[record.id] = place;
    rows_[place] = record;
  }
}

const Record* EventStates::FindById(const CorrelationId& id) const {
  const auto place = places_.find(id);
  return place == places_.end() ? nullptr : &rows_.at(place->second);
}

const Record* EventStates::FindAt(CalendarKey calendar, const EventId& event) const {
  const auto found = rows_.find(Place{calendar, event});
  return found == rows_.end() ? nullptr : &found->second;
}

void EventStates::AddUserEvent(Record record) {
  if (FindAt(record.calendar, EventId(record.event)) != nullptr) {
    record.kind = RecordKind::kSeen;
    record.status = RecordStatus::kSeen;
    record.seen_as = SeenAs::kFragment;  // Of what `master` says.
    record.master = record.event;
    record.event = SharedText(absl::StrCat(record.event.view(), "#", FormatUuid(record.id.value)));
  }
  Put(std::move(record));
}

EventId EventStates::AddBlock(Record record) {
  record.event = SharedText(absl::StrCat("creating-", FormatUuid(record.id.value)));
  EventId place(record.event);
  Put(std::move(record));
  return place;
}

void EventStates::Settle(const CorrelationId& block, const Event& made, absl::Time now) {
  const auto place = places_.find(block);
  if (place == places_.end()) return;
  Record record = rows_.at(place->second);
  Erase(place->second);
  record.event = made.id.shared();
  record.status = RecordStatus::kCreated;
  record.span = made.span();
  record.seen_s = absl::ToUnixSeconds(now);
  Put(std::move(record));
}

void EventStates::See(const CorrelationId& id, absl::Time now) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  Record& record = rows_.at(place->second);
  // To the hour: nobody reads it more exactly, and a database that is written at each look makes runs slow.
  if (absl::ToUnixSeconds(now) - record.seen_s < 3600 && record.seen_s <= absl::ToUnixSeconds(now)) return;
  record.seen_s = absl::ToUnixSeconds(now);
  changed_[place->second] = true;
}

void EventStates::Delete(const CorrelationId& id) {
  const auto place = places_.find(id);
  if (place == places_.end()) return;
  const Place at = place->second;
  Erase(at);
}

void EventStates::FailStuck(absl::Time before) {
  for (auto& [place, record] : rows_) {
    if (record.status != RecordStatus::kCreating || record.made_s >= absl::ToUnixSeconds(before)) continue;
    record.status = RecordStatus::kFailed;
    changed_[place] = true;
  }
}

void EventStates::TakeChanges(Commit& commit) {
  for (const auto& [place, erased] : erased_) commit.erased.push_back(place);
  for (const auto& [place, changed] : changed_) commit.records.push_back(rows_.at(place));
  erased_.clear();
  changed_.clear();
}

void EventStates::Put(Record record) {
  const Place place{record.calendar, EventId(record.event)};
  places_[record.id] = place;
  erased_.erase(place);
  changed_[place] = true;
  rows_[place] = std::move(record);
}

void EventStates::Erase(Place place) {
  places_.erase(rows_.at(place).id);
  rows_.erase(place);
  changed_.erase(place);
  erased_[place] = true;
}

}  // namespace calsync::sim
