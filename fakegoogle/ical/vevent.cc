#include "fakegoogle/ical/vevent.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::ical {
namespace {

// The text of a property as the file has it, escapes included; empty if there is none.
std::string RawValue(icalproperty* property) {
  const char* value = property == nullptr ? nullptr : icalproperty_get_value_as_string(property);
  return value == nullptr ? "" : value;
}

std::string RawValue(icalcomponent* component, icalproperty_kind kind) {
  return RawValue(icalcomponent_get_first_property(component, kind));
}

std::string TextOrEmpty(const char* text) { return text == nullptr ? "" : text; }

std::string ZoneParameter(icalproperty* property) {
  icalparameter* parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
  return parameter == nullptr ? "" : TextOrEmpty(icalparameter_get_tzid(parameter));
}

}  // namespace

std::string ExtraValue(icalcomponent* component, absl::string_view name) {
  for (icalproperty* property = icalcomponent_get_first_property(component, ICAL_X_PROPERTY); property != nullptr;
       property = icalcomponent_get_next_property(component, ICAL_X_PROPERTY)) {
    if (absl::EqualsIgnoreCase(TextOrEmpty(icalproperty_get_x_name(property)), name))
      return TextOrEmpty(icalproperty_get_x(property));
  }
  return "";
}

VeventReader::VeventReader(icalcomponent* calendar)
    : calendar_(calendar), owner_(ExtraValue(calendar, "X-WR-CALNAME")), zone_(ExtraValue(calendar, "X-WR-TIMEZONE")) {
  if (zone_.empty() || !InstantOf(absl::CivilSecond(), zone_).has_value()) zone_ = "UTC";
}

std::optional<absl::Time> VeventReader::InstantOf(absl::CivilSecond local, absl::string_view zone) const {
  if (zone == "UTC") return absl::FromCivil(local, absl::UTCTimeZone());
  icaltimezone* rules = icalcomponent_get_timezone(calendar_, std::string(zone).c_str());
  if (rules == nullptr) return MachineZones(local, zone);
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(local.year());
  time.month = local.month();
  time.day = local.day();
  time.hour = local.hour();
  time.minute = local.minute();
  time.second = local.second();
  int is_daylight = 0;
  const int offset = icaltimezone_get_utc_offset(rules, &time, &is_daylight);
  return absl::FromCivil(local, absl::UTCTimeZone()) - absl::Seconds(offset);
}

std::optional<absl::Time> VeventReader::InstantOf(const WrittenTime& time) const {
  return time.Instant([this](absl::CivilSecond local, absl::string_view zone) { return InstantOf(local, zone); });
}

std::optional<WrittenTime> VeventReader::ReadTime(icalproperty* property) const {
  const std::string zone = ZoneParameter(property);
  return ParseWrittenTime(RawValue(property), zone.empty() ? zone_ : zone);
}

Entry VeventReader::Read(icalcomponent* component) const {
  Entry entry;
  entry.event.ical_uid = ICalUid(TextOrEmpty(icalcomponent_get_uid(component)));
  entry.event.summary = TextOrEmpty(icalcomponent_get_summary(component));
  entry.event.description = TextOrEmpty(icalcomponent_get_description(component));
  entry.event.location = TextOrEmpty(icalcomponent_get_location(component));
  const std::string status = RawValue(component, ICAL_STATUS_PROPERTY);
  entry.cancelled = absl::EqualsIgnoreCase(status, "CANCELLED");
  if (absl::EqualsIgnoreCase(status, "TENTATIVE")) entry.event.status = EventStatus::kTentative;
  if (absl::EqualsIgnoreCase(RawValue(component, ICAL_TRANSP_PROPERTY), "TRANSPARENT")) {
    entry.event.transparency = Transparency::kTransparent;
  }
  const std::string privacy = RawValue(component, ICAL_CLASS_PROPERTY);
  if (absl::EqualsIgnoreCase(privacy, "PUBLIC")) entry.event.visibility = Visibility::kPublic;
  if (absl::EqualsIgnoreCase(privacy, "PRIVATE")) entry.event.visibility = Visibility::kPrivate;
  if (absl::EqualsIgnoreCase(privacy, "CONFIDENTIAL")) entry.event.visibility = Visibility::kConfidential;
  ReadAttendees(component, entry.event);
  if (icalproperty* sequence = icalcomponent_get_first_property(component, ICAL_SEQUENCE_PROPERTY); sequence != nullptr) {
    entry.sequence = icalproperty_get_sequence(sequence);
  }
  entry.left_out = ReadTimes(component, entry);
  if (entry.cancelled && !entry.occurrence.has_value()) entry.left_out = LeftOut::kCancelled;
  return entry;
}

void VeventReader::ReadAttendees(icalcomponent* component, Event& event) const {
  for (icalproperty* property = icalcomponent_get_first_property(component, ICAL_ATTENDEE_PROPERTY); property != nullptr;
       property = icalcomponent_get_next_property(component, ICAL_ATTENDEE_PROPERTY)) {
    Attendee attendee;
    const std::string address = TextOrEmpty(icalproperty_get_attendee(property));
    attendee.email = absl::AsciiStrToLower(absl::StartsWithIgnoreCase(address, "mailto:") ? address.substr(7) : address);
    attendee.self = absl::EqualsIgnoreCase(attendee.email, owner_);
    if (icalparameter* answer = icalproperty_get_first_parameter(property, ICAL_PARTSTAT_PARAMETER); answer != nullptr) {
      const icalparameter_partstat partstat = icalparameter_get_partstat(answer);
      if (partstat == ICAL_PARTSTAT_ACCEPTED) attendee.response = ResponseStatus::kAccepted;
      if (partstat == ICAL_PARTSTAT_DECLINED) attendee.response = ResponseStatus::kDeclined;
      if (partstat == ICAL_PARTSTAT_TENTATIVE) attendee.response = ResponseStatus::kTentative;
    }
    event.attendees.push_back(std::move(attendee));
  }
}

std::optional<LeftOut> VeventReader::ReadTimes(icalcomponent* component, Entry& entry) const {
  // libical drops a property that it cannot read and leaves a note instead.
  for (icalproperty* property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY); property != nullptr;
       property = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
    const std::string note = TextOrEmpty(icalproperty_get_xlicerror(property));
    for (absl::string_view decisive : {"DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}) {
      if (absl::StrContains(note, decisive)) return LeftOut::kUnreadable;
    }
  }
  icalproperty* start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
  if (start == nullptr) return LeftOut::kNoStart;
  const std::optional<WrittenTime> start_time = ReadTime(start);
  if (!start_time.has_value()) return LeftOut::kUnreadable;
  entry.start = *start_time;
  if (icalproperty* named = icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY); named != nullptr) {
    entry.occurrence = ReadTime(named);
    if (!entry.occurrence.has_value()) return LeftOut::kUnreadable;
    entry.from_here_on = icalproperty_get_first_parameter(named, ICAL_RANGE_PARAMETER) != nullptr;
  }
  ReadLines(component, entry);
  return ReadLength(component, entry);
}

std::optional<LeftOut> VeventReader::ReadLength(icalcomponent* component, Entry& entry) const {
  const std::optional<absl::Time> begin = InstantOf(entry.start);
  if (!begin.has_value()) return LeftOut::kUnknownZone;
  entry.length = entry.start.is_date ? absl::Hours(24) : absl::ZeroDuration();
  if (icalproperty* end = icalcomponent_get_first_property(component, ICAL_DTEND_PROPERTY); end != nullptr) {
    const std::optional<WrittenTime> end_time = ReadTime(end);
    if (!end_time.has_value()) return LeftOut::kUnreadable;
    if (end_time->is_date != entry.start.is_date) return LeftOut::kMixedTimes;
    const std::optional<absl::Time> finish = InstantOf(*end_time);
    if (!finish.has_value()) return LeftOut::kUnknownZone;
    entry.length = *finish - *begin;
  } else if (icalproperty* duration = icalcomponent_get_first_property(component, ICAL_DURATION_PROPERTY); duration != nullptr) {
    entry.length = absl::Seconds(icaldurationtype_as_int(icalproperty_get_duration(duration)));
    if (entry.start.is_date && absl::Trunc(entry.length, absl::Hours(24)) != entry.length) return LeftOut::kMixedTimes;
  }
  if (entry.length <= absl::ZeroDuration()) return LeftOut::kNoLength;
  return std::nullopt;
}

void VeventReader::ReadLines(icalcomponent* component, Entry& entry) {
  const struct {
    icalproperty_kind kind;
    const char* name;
  } kLines[] = {{ICAL_RRULE_PROPERTY, "RRULE"},
                {ICAL_EXRULE_PROPERTY, "EXRULE"},
                {ICAL_RDATE_PROPERTY, "RDATE"},
                {ICAL_EXDATE_PROPERTY, "EXDATE"}};
  for (const auto& line : kLines) {
    for (icalproperty* property = icalcomponent_get_first_property(component, line.kind); property != nullptr;
         property = icalcomponent_get_next_property(component, line.kind)) {
      const std::string zone = ZoneParameter(property);
      const std::string value = RawValue(property);
      entry.lines.push_back(absl::StrCat(line.name, zone.empty() ? "" : ";TZID=", zone,
                                         absl::StrContains(value, '/') && zone.empty() ? ";VALUE=PERIOD" : "", ":", value));
    }
  }
  // A period needs its parameter wherever its zone stands.
  for (std::string& line : entry.lines) {
    if (absl::StartsWith(line, "RDATE;TZID") && absl::StrContains(line.substr(line.find(':')), '/')) {
      line.insert(5, ";VALUE=PERIOD");
    }
  }
}

}  // namespace calsync::ical
