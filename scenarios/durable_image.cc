#include "scenarios/durable_image.h"

#include <algorithm>

namespace calsync::sim {

void DurableImage::Erase(const Place& place) {
  const auto found = rows_.find(place);
  if (found == rows_.end()) return;
  if (const auto held = by_id_.find(found->second.id); held != by_id_.end() && held->second == place) by_id_.erase(held);
  rows_.erase(found);
}

void DurableImage::Put(const Record& record) {
  Place place{record.calendar, EventId(record.event)};
  if (!record.id.empty()) by_id_[record.id] = place;
  // A baseline's second row for one event; ours have no ids but for events and blocks.
  if (record.kind == RecordKind::kSeen && !record.id.empty()) by_id_[record.id] = {record.calendar, EventId(record.master)};
  rows_[std::move(place)] = {.kind = record.kind,
                             .status = record.status,
                             .doomed = record.IsDoomed(),
                             .must_read = record.must_read,
                             .unanswered = record.IsBlock() && record.written != 0 && record.accepted == 0,
                             .fragment = record.kind == RecordKind::kSeen && record.seen_as == SeenAs::kFragment,
                             .alone = record.alone,
                             .generation = record.generation,
                             .id = record.id,
                             .source = record.source,
                             .etag = record.etag,
                             .updated_ms = record.updated_ms};
}

void DurableImage::PutCalendar(const CalendarRow& row) {
  auto found = std::find_if(channels_.begin(), channels_.end(), [&](const auto& entry) { return entry.first == row.key; });
  if (found == channels_.end()) found = channels_.insert(channels_.end(), {row.key, {}});
  const auto is_it = [](const ChannelRow& channel, const ChannelId& id) { return channel.id == id; };
  if (std::equal(row.channels.begin(), row.channels.end(), found->second.begin(), found->second.end(), is_it)) return;
  found->second.clear();
  for (const ChannelRow& channel : row.channels) found->second.push_back(channel.id);
}

void DurableImage::Apply(const Commit& commit) {
  for (const Place& place : commit.erased) Erase(place);
  for (const Record& record : commit.records) Put(record);
  for (const CalendarRow& row : commit.calendars) PutCalendar(row);
}

void DurableImage::Load(const GroupImage& image) {
  rows_.clear();
  by_id_.clear();
  channels_.clear();
  for (const Record& record : image.records) Put(record);
  for (const CalendarRow& row : image.calendars) PutCalendar(row);
}

const RowDigest* DurableImage::Find(CalendarKey calendar, const EventId& event) const {
  const auto found = rows_.find(Place{calendar, event});
  return found == rows_.end() ? nullptr : &found->second;
}

const Place* DurableImage::FindById(const CorrelationId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

bool DurableImage::HasChannel(CalendarKey calendar, const ChannelId& channel) const {
  for (const auto& [key, channels] : channels_) {
    if (key == calendar) return std::find(channels.begin(), channels.end(), channel) != channels.end();
  }
  return false;
}

CalendarKey DurableImage::CalendarOfChannel(const ChannelId& channel) const {
  for (const auto& [key, channels] : channels_) {
    if (std::find(channels.begin(), channels.end(), channel) != channels.end()) return key;
  }
  return CalendarKey();
}

}  // namespace calsync::sim
