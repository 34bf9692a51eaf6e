// One VEVENT of a file as it is written: fields, times with their zones, recurrence lines, and why it has to be left out.

#ifndef CALSYNC_FAKEGOOGLE_ICAL_VEVENT_H_
#define CALSYNC_FAKEGOOGLE_ICAL_VEVENT_H_

#include <libical/ical.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/api/event.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/ical/import.h"

namespace calsync::ical {

// The value of an X- property of the calendar; empty if it has none.
std::string ExtraValue(icalcomponent* component, absl::string_view name);

// One VEVENT as read: what is left to decide needs the others of its UID.
struct Entry {
  Event event;  // Without times.
  WrittenTime start;
  absl::Duration length;
  std::optional<WrittenTime> occurrence;  // RECURRENCE-ID.
  bool from_here_on = false;
  std::vector<std::string> lines;
  bool cancelled = false;
  int64_t sequence = 0;
  std::optional<LeftOut> left_out;
};

class VeventReader {
 public:
  // The calendar must outlive it.
  explicit VeventReader(icalcomponent* calendar);

  // On whose clock times without a zone are meant: the calendar's; UTC if it names none, or one that nobody knows.
  const std::string& time_zone() const { return zone_; }

  // The file's own rules first: they are the same on every machine.
  std::optional<absl::Time> InstantOf(absl::CivilSecond local, absl::string_view zone) const;
  std::optional<absl::Time> InstantOf(const WrittenTime& time) const;
  Entry Read(icalcomponent* component) const;

 private:
  // A time without a zone is meant on the calendar's own clock.
  std::optional<WrittenTime> ReadTime(icalproperty* property) const;
  // The calendar that an export of one person's primary calendar belongs to bears the person's address as its name.
  void ReadAttendees(icalcomponent* component, Event& event) const;
  std::optional<LeftOut> ReadTimes(icalcomponent* component, Entry& entry) const;
  std::optional<LeftOut> ReadLength(icalcomponent* component, Entry& entry) const;
  static void ReadLines(icalcomponent* component, Entry& entry);

  icalcomponent* calendar_;
  std::string owner_;  // The calendar's name.
  std::string zone_;
};

}  // namespace calsync::ical

#endif  // CALSYNC_FAKEGOOGLE_ICAL_VEVENT_H_
