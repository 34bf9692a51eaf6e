#include "engine/state/group.h"

namespace calsync {

const LinkedCalendar* GroupConfig::Find(CalendarKey key) const {
  for (const LinkedCalendar& calendar : calendars) {
    if (calendar.key == key) return &calendar;
  }
  return nullptr;
}

Counters& Counters::operator+=(const Counters& other) {
  calendars_processed += other.calendars_processed;
  events_processed += other.events_processed;
  user_events_found += other.user_events_found;
  busy_blocks_created += other.busy_blocks_created;
  our_events_skipped += other.our_events_skipped;
  external_events_skipped += other.external_events_skipped;
  errors += other.errors;
  return *this;
}

}  // namespace calsync
