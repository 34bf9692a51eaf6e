// For tests: a server with two accounts, and one line for each call.

#ifndef CALSYNC_FAKEGOOGLE_MODEL_TESTING_DESK_H_
#define CALSYNC_FAKEGOOGLE_MODEL_TESTING_DESK_H_

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

inline const CalendarId kAda("ada@example.com");  // The primary calendars of two accounts,
inline const CalendarId kBob("bob@example.com");
inline const CalendarId kTeam("team@group.example.com");  // and a second calendar of Ada's.
inline const AccountId kAdaAccount("ada@example.com");
inline const AccountId kBobAccount("bob@example.com");
inline const Caller kAdaPerson{kAdaAccount, {ActorKind::kPerson, 1}};
inline const Caller kBobPerson{kBobAccount, {ActorKind::kPerson, 2}};
inline const Caller kEngine{kAdaAccount, {ActorKind::kEngine, 0}};
inline const absl::Time kStart = absl::FromUnixSeconds(1'780'000'000);

// An event of half an hour, `hours` after kStart.
inline Event AnEvent(const std::string& summary = "Dentist", int hours = 24) {
  Event event;
  event.summary = summary;
  event.start = EventTime::At(kStart + absl::Hours(hours), "UTC");
  event.end = EventTime::At(kStart + absl::Hours(hours) + absl::Minutes(30), "UTC");
  return event;
}

inline Event WithId(Event event, const std::string& id) {
  event.id = EventId(id);
  return event;
}

inline Event WithGuests(Event event, const std::vector<std::string>& emails) {
  for (const std::string& email : emails) event.attendees.push_back({.email = email});
  return event;
}

inline EventPatch SummaryPatch(const std::string& summary) {
  EventPatch patch;
  patch.summary = summary;
  return patch;
}

inline EventPatch StatusPatch(EventStatus status) {
  EventPatch patch;
  patch.status = status;
  return patch;
}

// "409 duplicate" for an error, "ok" for anything else.
inline std::string Outcome(const Reply& reply) {
  const auto* error = std::get_if<ApiError>(&reply);
  return error == nullptr ? "ok" : absl::StrCat(error->code, " ", error->reason);
}

// A server with Ada's two calendars and Bob's, and a clock that the test moves.
struct Desk {
  explicit Desk(Knobs knobs = {}, uint64_t seed = 7) : server(knobs, seed) {
    server.AddAccount(kAdaAccount);
    server.AddAccount(kBobAccount);
    server.AddCalendar({.id = kAda, .owner = kAdaAccount, .primary = true});
    server.AddCalendar({.id = kTeam, .owner = kAdaAccount});
    server.AddCalendar({.id = kBob, .owner = kBobAccount, .primary = true});
  }

  Reply Call(const Request& request, const Caller& caller = kAdaPerson, const Conditions& conditions = {}) {
    return server.Handle(caller, request, now, conditions);
  }
  // The same for calls that must give an event; null and a failure if they do not.
  EventPtr Must(const Request& request, const Caller& caller = kAdaPerson) {
    const Reply reply = Call(request, caller);
    const auto* event = std::get_if<EventPtr>(&reply);
    EXPECT_NE(event, nullptr) << Outcome(reply);
    return event == nullptr ? nullptr : *event;
  }
  EventPtr Insert(const Event& event, const CalendarId& calendar = kAda, const Caller& caller = kAdaPerson) {
    return Must(InsertEvent{.calendar = calendar, .event = event}, caller);
  }
  EventPtr Get(const EventId& id, const CalendarId& calendar = kAda, const Caller& caller = kAdaPerson) {
    return Must(GetEvent{.calendar = calendar, .event = id}, caller);
  }
  std::string Delete(const EventId& id, const CalendarId& calendar = kAda, const Caller& caller = kAdaPerson) {
    return Outcome(Call(DeleteEvent{.calendar = calendar, .event = id}, caller));
  }
  EventsPage Page(const ListEvents& request, const Caller& caller = kAdaPerson, const Conditions& conditions = {}) {
    const Reply reply = Call(request, caller, conditions);
    const auto* page = std::get_if<EventsPage>(&reply);
    EXPECT_NE(page, nullptr) << Outcome(reply);
    return page == nullptr ? EventsPage() : *page;
  }
  // All pages, and the token of the last.
  std::pair<std::vector<EventPtr>, SyncToken> Walk(ListEvents request, const Caller& caller = kAdaPerson) {
    std::vector<EventPtr> items;
    for (int pages = 0; pages < 1000; ++pages) {
      EventsPage page = Page(request, caller);
      items.insert(items.end(), page.items.begin(), page.items.end());
      EXPECT_NE(page.next_page_token.has_value(), page.next_sync_token.has_value());  // C-21.
      if (!page.next_page_token) return {items, page.next_sync_token.value_or(SyncToken())};
      request.page_token = page.next_page_token;
    }
    ADD_FAILURE() << "a walk without an end";
    return {items, SyncToken()};
  }

  Server server;
  absl::Time now = kStart;
};

// "Dentist, Lunch", cancelled ones as "-id", in the order of the rows.
inline std::string Rows(const std::vector<EventPtr>& items) {
  std::string text;
  for (const EventPtr& item : items) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", item->IsCancelled() ? absl::StrCat("-", item->id.text()) : item->summary);
  }
  return text;
}

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_MODEL_TESTING_DESK_H_
