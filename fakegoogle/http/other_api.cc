// freebusy.query, settings.*, colors.get, and how quickAdd reads a sentence.

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/ical/expand.h"
#include "fakegoogle/model/errors.h"

namespace calsync::fake {
namespace {

constexpr int64_t kFreeBusyMax = 50;
constexpr absl::Duration kFreeBusyLongest = absl::Hours(24 * 92);

struct Setting {
  const char* id;
  const char* value;
};
constexpr Setting kSettings[] = {{"autoAddHangouts", "false"},
                                 {"dateFieldOrder", "DMY"},
                                 {"defaultEventLength", "60"},
                                 {"format24HourTime", "true"},
                                 {"hideInvitations", "false"},
                                 {"hideWeekends", "false"},
                                 {"locale", "en"},
                                 {"remindOnRespondedEventsOnly", "false"},
                                 {"showDeclinedEvents", "true"},
                                 {"timezone", ""},  // Of the primary calendar.
                                 {"useKeyboardShortcuts", "true"},
                                 {"weekStart", "1"}};

constexpr const char* kCalendarColors[] = {"#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46",
                                           "#42d692", "#16a765", "#7bd148", "#b3dc6c", "#fbe983", "#fad165",
                                           "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7", "#9a9cff", "#b99aff",
                                           "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2"};
constexpr const char* kEventColors[] = {"#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878",
                                        "#46d6db", "#e1e1e1", "#5484ed", "#51b749", "#dc2127"};

Json Palette(absl::Span<const char* const> colors) {
  Json json = Json::object();
  for (size_t i = 0; i < colors.size(); ++i) {
    json[absl::StrCat(i + 1)] = {{"background", colors[i]}, {"foreground", "#1d1d1d"}};
  }
  return json;
}

struct Interval {
  absl::Time start;
  absl::Time end;
};

// Apart from each other, in order.
std::vector<Interval> Merged(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(), [](const Interval& a, const Interval& b) { return a.start < b.start; });
  std::vector<Interval> merged;
  for (const Interval& one : intervals) {
    if (!merged.empty() && one.start <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, one.end);
    } else {
      merged.push_back(one);
    }
  }
  return merged;
}

std::string Rfc3339(absl::Time time, const absl::TimeZone& zone) {
  return absl::FormatTime(zone == absl::UTCTimeZone() ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%S%Ez", time, zone);
}

// "9", "9:30", "9am", "12:30pm": minutes since midnight.
std::optional<int> ParseClock(absl::string_view word) {
  std::string lower = absl::AsciiStrToLower(word);
  absl::string_view text = lower;
  const bool pm = absl::ConsumeSuffix(&text, "pm");
  const bool am = !pm && absl::ConsumeSuffix(&text, "am");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  int hour = 0;
  int minute = 0;
  const bool plain = parts.size() == 1 && (am || pm);
  if (!plain && parts.size() != 2) return std::nullopt;
  if (!absl::SimpleAtoi(parts[0], &hour) || (!plain && (parts[1].size() != 2 || !absl::SimpleAtoi(parts[1], &minute)))) {
    return std::nullopt;
  }
  if (hour < 0 || minute < 0 || minute > 59 || hour > (am || pm ? 12 : 23)) return std::nullopt;
  if (am || pm) hour = hour % 12 + (pm ? 12 : 0);
  return hour * 60 + minute;
}

}  // namespace

Json ColorsJson() {
  return {{"kind", "calendar#colors"},
          {"updated", "2012-02-14T00:00:00.000Z"},
          {"calendar", Palette(kCalendarColors)},
          {"event", Palette(kEventColors)}};
}

Answer Api::SettingsMethod(Call& call) {
  if (std::optional<Answer> refused = Admit(call, false)) return *std::move(refused);
  if (call.method->id == "colors.get") return Answer::Of(ColorsJson());
  const CalendarId* const primary = model_.FindPrimary(call.caller().account);
  const Calendar* const calendar = primary == nullptr ? nullptr : model_.FindCalendar(*primary);
  Listing listing;
  if (call.method->id == "settings.list") {
    const uint64_t changes = calendar == nullptr ? 0 : calendar->zone_changes();
    if (std::optional<Answer> wrong = ReadListing(call, changes, listing)) return *std::move(wrong);
  }
  Json items = Json::array();
  for (const Setting& setting : kSettings) {
    std::string value = setting.value;
    const bool can_change = value.empty();  // The zone alone.
    if (can_change && calendar != nullptr) value = calendar->setup().time_zone;
    if (listing.since && (!can_change || *listing.since == listing.end)) continue;
    items.push_back({{"kind", "calendar#setting"}, {"etag", "\"0\""}, {"id", setting.id}, {"value", value}});
  }
  if (call.method->id == "settings.list") return Listed(call, listing, "calendar#settings", std::move(items));
  for (Json& item : items) {
    if (item["id"] == call.path.at("setting")) return Answer::Of(std::move(item));
  }
  return ToAnswer(ErrorId::kNotFound);
}

Answer Api::QueryFreeBusy(Call& call) {
  if (std::optional<Answer> refused = Admit(call, false)) return *std::move(refused);
  const std::optional<absl::Time> from = ParseInstant(StringOf(call.body, "timeMin"));
  const std::optional<absl::Time> to = ParseInstant(StringOf(call.body, "timeMax"));
  if (!from) return Refusal("Missing or invalid timeMin.", "required", "timeMin");
  if (!to) return Refusal("Missing or invalid timeMax.", "required", "timeMax");
  if (*from >= *to) return ToAnswer(ErrorId::kTimeRangeEmpty);
  if (*to - *from > kFreeBusyLongest) return Refusal("The requested time range is too long.", "timeRangeTooLong", "timeMax");
  absl::TimeZone zone = absl::UTCTimeZone();
  if (const std::string name = StringOf(call.body, "timeZone"); !name.empty()) {
    const std::optional<absl::TimeZone> found = ical::MachineZone(name);
    if (!found) return Refusal("Invalid time zone.", "invalid", "timeZone");
    zone = *found;
  }
  const Json* const items = Member(call.body, "items");
  Json calendars = Json::object();
  const Json* const wanted = Member(call.body, "calendarExpansionMax");
  if (wanted != nullptr && !wanted->is_number_integer()) return ToAnswer(ErrorId::kInvalidValue);
  const int64_t most = wanted == nullptr ? kFreeBusyMax : std::clamp<int64_t>(wanted->get<int64_t>(), 0, kFreeBusyMax);
  int64_t count = 0;
  if (items != nullptr && items->is_array()) {
    for (const Json& item : *items) {
      const std::string name = StringOf(item, "id");
      const CalendarId* const primary = name == "primary" ? model_.FindPrimary(call.caller().account) : nullptr;
      const CalendarId id = primary != nullptr ? *primary : CalendarId(name);
      Json& entry = calendars[name];
      const bool too_many = ++count > most;
      if (too_many || RoleOn(call, id) == AccessRole::kNone) {
        const char* const reason = too_many ? "tooManyCalendarsRequested" : "notFound";
        entry = {{"errors", Json::array({Json{{"domain", "global"}, {"reason", reason}}})}, {"busy", Json::array()}};
        continue;
      }
      // Whether somebody declined is seen by the owner alone.
      const CalendarSetup& setup = model_.FindCalendar(id)->setup();
      const Caller owner{setup.owner, {ActorKind::kPerson, 0}};
      ListEvents list{.calendar = id, .max_results = 2500, .single_events = true, .time_min = *from, .time_max = *to};
      std::vector<Interval> busy;
      while (true) {
        const Reply reply = model_.Handle(owner, list, call.now);
        const auto* const page = std::get_if<EventsPage>(&reply);
        if (page == nullptr) break;
        for (const EventPtr& event : page->items) {
          const bool free = event->IsCancelled() || event->transparency == Transparency::kTransparent ||
                            event->own_response() == ResponseStatus::kDeclined;
          if (free) continue;
          const Interval one{absl::FromUnixMicros(MicrosOf(event->start, setup.zone)),
                             absl::FromUnixMicros(MicrosOf(event->end, setup.zone))};
          busy.push_back({std::max(one.start, *from), std::min(one.end, *to)});
        }
        if (!page->next_page_token) break;
        list.page_token = page->next_page_token;
      }
      entry["busy"] = Json::array();
      for (const Interval& one : Merged(std::move(busy))) {
        entry["busy"].push_back({{"start", Rfc3339(one.start, zone)}, {"end", Rfc3339(one.end, zone)}});
      }
    }
  }
  return Answer::Of({{"kind", "calendar#freeBusy"},
                     {"timeMin", FormatMillis(*from)},
                     {"timeMax", FormatMillis(*to)},
                     {"calendars", std::move(calendars)}});
}

Event QuickEvent(absl::string_view text, absl::Time now, const std::string& zone_name, const absl::TimeZone& zone) {
  absl::CivilDay day(absl::ToCivilDay(now, zone));
  bool has_day = false;
  std::optional<int> start;
  std::optional<int> end;
  std::vector<std::string> words;
  for (const absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty())) {
    const std::string lower = absl::AsciiStrToLower(word);
    absl::CivilDay date;
    const std::vector<std::string> range = absl::StrSplit(word, absl::MaxSplits('-', 1));
    if (lower == "today" || lower == "tomorrow") {
      if (lower == "tomorrow") ++day;
      has_day = true;
    } else if (word.size() == 10 && absl::ParseCivilTime(word, &date)) {
      day = date;
      has_day = true;
    } else if (!start && range.size() == 2 && ParseClock(range[0]) && ParseClock(range[1])) {
      start = ParseClock(range[0]);
      end = ParseClock(range[1]);
    } else if (!start && ParseClock(word)) {
      start = ParseClock(word);
    } else {
      words.emplace_back(word);
    }
  }
  while (!words.empty() && (words.back() == "at" || words.back() == "on")) words.pop_back();
  Event event;
  event.summary = absl::StrJoin(words, " ");
  if (!start && has_day) {
    event.start = EventTime::Date(day);
    event.end = EventTime::Date(day + 1);
    return event;
  }
  const absl::CivilMinute next_hour(absl::CivilHour(absl::ToCivilHour(now, zone)) + 1);
  const absl::CivilMinute from = start ? absl::CivilMinute(day) + *start : next_hour;
  absl::CivilMinute until = from + 60;
  if (end) until = absl::CivilMinute(day) + *end;
  if (until <= from) until += 24 * 60;
  event.start = EventTime::At(absl::FromCivil(from, zone), zone_name);
  event.end = EventTime::At(absl::FromCivil(until, zone), zone_name);
  return event;
}

}  // namespace calsync::fake
