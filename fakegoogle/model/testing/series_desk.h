// For tests: a weekly series on a clock that changes, and short words for its occurrences.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_TESTING_SERIES_DESK_H_
#define CALSYNC_FAKEGOOGLE_MODEL_TESTING_SERIES_DESK_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {

inline absl::Time Utc(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, month, day, hour, minute), absl::UTCTimeZone());
}

// Mondays at nine in Zurich (07:00 UTC in summer) for half an hour, from 2026-06-01 on.
inline Event Standup(std::vector<std::string> lines = {"RRULE:FREQ=WEEKLY"}) {
  Event event;
  event.id = EventId("standup");
  event.summary = "Standup";
  event.start = EventTime::At(Utc(6, 1, 7), "Europe/Zurich");
  event.end = EventTime::At(Utc(6, 1, 7, 30), "Europe/Zurich");
  event.recurrence = std::move(lines);
  event.private_properties = {{"tag", "1"}};
  event.shared_properties = {{"team", "red"}};
  return event;
}

// Days off: each first of the month, from 2026-06-01 on.
inline Event DaysOff(std::vector<std::string> lines = {"RRULE:FREQ=MONTHLY"}) {
  Event event;
  event.id = EventId("leave");
  event.summary = "Off";
  event.start = EventTime::Date(absl::CivilDay(2026, 6, 1));
  event.end = EventTime::Date(absl::CivilDay(2026, 6, 2));
  event.recurrence = std::move(lines);
  return event;
}

inline const EventId kStandup("standup");
inline const EventId kFirst("standup_20260601T070000Z");
inline const EventId kSecond("standup_20260608T070000Z");
inline const EventId kThird("standup_20260615T070000Z");
inline const EventId kFourth("standup_20260622T070000Z");

inline EventPatch RulePatch(std::vector<std::string> lines) {
  EventPatch patch;
  patch.recurrence = std::move(lines);
  return patch;
}

inline EventPatch TimePatch(absl::Time start, absl::Duration length = absl::Minutes(30)) {
  EventPatch patch;
  patch.start = EventTime::At(start);
  patch.end = EventTime::At(start + length);
  return patch;
}

struct StandupDesk : Desk {
  explicit StandupDesk(Knobs knobs = {}, std::vector<std::string> lines = {"RRULE:FREQ=WEEKLY"}) : Desk(knobs) {
    master = Insert(Standup(std::move(lines)));
  }
  EventPtr Patch(const EventId& id, const EventPatch& patch, const CalendarId& calendar = kAda) {
    return Must(PatchEvent{calendar, id, patch});
  }
  std::string GetOutcome(const EventId& id, const CalendarId& calendar = kAda) { return Outcome(Call(GetEvent{calendar, id})); }
  EventsPage Instances(ListInstances request, const Caller& caller = kAdaPerson) {
    if (request.calendar.empty()) request.calendar = kAda;
    if (request.event.empty()) request.event = kStandup;
    EventsPage all;
    for (int pages = 0; pages < 1000; ++pages) {
      const Reply reply = Call(request, caller);
      const auto* page = std::get_if<EventsPage>(&reply);
      EXPECT_NE(page, nullptr) << Outcome(reply);
      if (page == nullptr) return all;
      all.items.insert(all.items.end(), page->items.begin(), page->items.end());
      if (!page->next_page_token) return all;
      EXPECT_FALSE(page->next_sync_token.has_value());
      request.page_token = page->next_page_token;
    }
    ADD_FAILURE() << "instances without an end";
    return all;
  }

  EventPtr master;
};

// "standup_20260601T070000Z, -standup_20260608T070000Z", in the order of the rows or of the ids.
inline std::string Ids(const std::vector<EventPtr>& items) {
  std::string text;
  for (const EventPtr& item : items) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", item->IsCancelled() ? "-" : "", item->id.text());
  }
  return text;
}

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_TESTING_SERIES_DESK_H_
