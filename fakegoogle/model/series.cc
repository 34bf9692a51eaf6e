#include "fakegoogle/model/series.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace calsync::fake {
namespace {

constexpr size_t kDateSize = 8;   // 20261012
constexpr size_t kTimeSize = 15;  // 20261012T070000

// The digits of `text`, or -1.
int Number(absl::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The civil time that "20261012" or "20261012T070000" spells, if it exists.
std::optional<absl::CivilSecond> ParseStamp(absl::string_view text) {
  if (text.size() != kDateSize && (text.size() != kTimeSize || text[kDateSize] != 'T')) return std::nullopt;
  const int year = Number(text.substr(0, 4)), month = Number(text.substr(4, 2)), day = Number(text.substr(6, 2));
  int hour = 0, minute = 0, second = 0;
  if (text.size() == kTimeSize) {
    hour = Number(text.substr(9, 2)), minute = Number(text.substr(11, 2)), second = Number(text.substr(13, 2));
  }
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  const bool exists = civil.month() == month && civil.day() == day && civil.hour() == hour && civil.minute() == minute &&
                      civil.second() == second;
  if (!exists) return std::nullopt;
  return civil;
}

template <class T>
void Follow(const T& old_value, const T& new_value, T& own) {
  if (own == old_value) own = new_value;
}

}  // namespace

std::optional<OccurrenceName> ParseOccurrenceId(const EventId& id) {
  const absl::string_view text = id.text();
  const size_t at = text.rfind('_');
  if (at == absl::string_view::npos || at == 0) return std::nullopt;
  absl::string_view stamp = text.substr(at + 1);
  const bool timed = stamp.size() == kTimeSize + 1 && stamp.back() == 'Z';
  if (timed) stamp.remove_suffix(1);
  if (!timed && stamp.size() != kDateSize) return std::nullopt;
  const std::optional<absl::CivilSecond> civil = ParseStamp(stamp);
  if (!civil) return std::nullopt;
  return OccurrenceName{
      EventId(std::string(text.substr(0, at))),
      timed ? EventTime::At(absl::FromCivil(*civil, absl::UTCTimeZone()), "UTC") : EventTime::Date(absl::CivilDay(*civil))};
}

std::string StampOf(const EventTime& original) {
  if (original.kind == EventTime::Kind::kDate) {
    return absl::FormatTime("%Y%m%d", absl::FromCivil(original.date, absl::UTCTimeZone()), absl::UTCTimeZone());
  }
  return absl::FormatTime("%Y%m%dT%H%M%SZ", original.instant, absl::UTCTimeZone());
}

EventId OccurrenceId(const EventId& master, const EventTime& original, bool derived) {
  const absl::string_view base = derived ? master.text() : BaseOfSplit(master.text());
  return EventId(absl::StrCat(base, "_", StampOf(original)));
}

absl::string_view BaseOfSplit(absl::string_view master) {
  const size_t at = master.rfind("_R");
  if (at == absl::string_view::npos || at == 0 || !ParseStamp(master.substr(at + 2))) return master;
  return master.substr(0, at);
}

EventId SplitId(const EventId& master, const EventTime& original) {
  absl::string_view base = BaseOfSplit(master.text());
  std::string stamp = StampOf(original);
  if (stamp.back() == 'Z') stamp.pop_back();
  return EventId(absl::StrCat(base, "_R", stamp));
}

OriginalKey KeyOf(const EventTime& original) {
  if (original.kind == EventTime::Kind::kDate) return {.all_day = true, .value = original.date - kEpochDay};
  return {.all_day = false, .value = absl::ToUnixSeconds(original.instant)};
}

EventTime OriginalOf(const TimeSpan& span, const Event& master) {
  if (span.all_day) return EventTime::Date(kEpochDay + span.start);
  return EventTime::At(absl::FromUnixSeconds(span.start), master.start.time_zone);
}

Event MakeOccurrence(const Event& master, const TimeSpan& span, EventId id) {
  Event occurrence = master;
  occurrence.id = std::move(id);
  occurrence.recurrence.clear();
  occurrence.recurring_event_id = master.id;
  occurrence.original_start = OriginalOf(span, master);
  occurrence.start = occurrence.original_start;
  occurrence.end =
      span.all_day ? EventTime::Date(kEpochDay + span.end) : EventTime::At(absl::FromUnixSeconds(span.end), master.end.time_zone);
  return occurrence;
}

void Inherit(const Event& old_master, const Event& new_master, const std::optional<TimeSpan>& old_span,
             const std::optional<TimeSpan>& new_span, Event& exception) {
  Follow(old_master.summary, new_master.summary, exception.summary);
  Follow(old_master.description, new_master.description, exception.description);
  Follow(old_master.location, new_master.location, exception.location);
  Follow(old_master.color_id, new_master.color_id, exception.color_id);
  Follow(old_master.transparency, new_master.transparency, exception.transparency);
  Follow(old_master.attendees, new_master.attendees, exception.attendees);
  Follow(old_master.guests_can_modify, new_master.guests_can_modify, exception.guests_can_modify);
  Follow(old_master.organizer, new_master.organizer, exception.organizer);
  Follow(old_master.reminders, new_master.reminders, exception.reminders);
  if (!exception.IsCancelled() && !old_master.IsCancelled() && !new_master.IsCancelled()) {
    Follow(old_master.status, new_master.status, exception.status);
  }
  if (old_master.visibility != new_master.visibility) {
    Follow(old_master.visibility, new_master.visibility, exception.visibility);
    if (Strictness(exception.visibility) < Strictness(new_master.visibility)) exception.visibility = new_master.visibility;
  }
  if (old_span && new_span && exception.span() == *old_span && *old_span != *new_span) {  // Only the length differs.
    exception.start = StartOf(*new_span);
    exception.end = EndOf(*new_span);
    exception.start.time_zone = new_master.start.time_zone;
    exception.end.time_zone = new_master.end.time_zone;
  }
}

int Strictness(Visibility visibility) {
  switch (visibility) {
    case Visibility::kPublic:
      return 0;
    case Visibility::kDefault:
      return 1;
    case Visibility::kPrivate:
      return 2;
    case Visibility::kConfidential:
      return 3;
  }
  return 0;
}

}  // namespace calsync::fake
