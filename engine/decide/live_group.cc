#include "engine/decide/live_group.h"

#include <algorithm>

#include "engine/base/check.h"

namespace calsync {

LiveCalendar* LiveGroup::Find(CalendarKey key) {
  for (LiveCalendar& calendar : calendars) {
    if (calendar.row.key == key) return &calendar;
  }
  return nullptr;
}

const LiveCalendar* LiveGroup::Find(CalendarKey key) const {
  for (const LiveCalendar& calendar : calendars) {
    if (calendar.row.key == key) return &calendar;
  }
  return nullptr;
}

const LinkedCalendar& LiveGroup::Link(const LiveCalendar& calendar) const {
  const size_t index = static_cast<size_t>(&calendar - calendars.data());
  CALSYNC_CHECK(index < config.calendars.size());
  CALSYNC_CHECK(config.calendars[index].key == calendar.row.key);
  return config.calendars[index];
}

void LiveGroup::Audit(AuditKind kind, CalendarKey calendar, std::string detail) {
  audit.push_back({now, kind, calendar, EventId(), CorrelationId(), std::move(detail)});
}

void LiveGroup::Audit(AuditKind kind, const Record& record, std::string detail) {
  audit.push_back({now, kind, record.calendar, EventId(record.event), record.id, std::move(detail)});
}

void LiveGroup::MarkDirty(LiveCalendar& calendar, absl::Duration delay) {
  const absl::Time at = now + delay;
  calendar.list_at = calendar.dirty ? std::min(calendar.list_at, at) : at;
  calendar.dirty = true;
  calendar.touched = true;
}

bool IsEnabled(const LiveGroup& group, const LiveCalendar& calendar) { return group.Link(calendar).state == LinkState::kEnabled; }

}  // namespace calsync
