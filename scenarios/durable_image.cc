#include "scenarios/durable_image.h"

#include <algorithm>

namespace calsync::sim {

void DurableImage::Erase(CalendarKey calendar, const std::string& event) {
  const auto found = rows_.find(std::make_pair(calendar, event));
  if (found == rows_.end()) return;
  if (const auto place = by_id_.find(found->second.id); place != by_id_.end()) {
    if (place->second.calendar == calendar && place->second.event.str() == event) by_id_.erase(place);
  }
  rows_.erase(found);
}

void DurableImage::Put(const Record& record) {
  std::string event = record.event.ToString();
  if (!record.id.empty()) by_id_[record.id] = Place{record.calendar, EventId(event)};
  rows_[std::make_pair(record.calendar, std::move(event))] = {
      .kind = record.kind, .status = record.status, .doomed = record.IsDoomed(), .id = record.id, .source = record.source};
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
  for (const Place& place : commit.erased) Erase(place.calendar, place.event.str());
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

const RowDigest* DurableImage::Find(CalendarKey calendar, absl::string_view event) const {
  const auto found = rows_.find(std::make_pair(calendar, std::string(event)));
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
