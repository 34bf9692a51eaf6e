#include "fakegoogle/model/feed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fakegoogle/model/random.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

std::set<std::string> Summaries(const std::vector<EventPtr>& items) {
  std::set<std::string> summaries;
  for (const EventPtr& item : items) summaries.insert(item->summary);
  return summaries;
}

TEST(List, RefusesWrongParameters) {  // C-20 C-22 C-26 C-35
  Desk desk;
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  const SyncToken other = desk.Walk({.calendar = kTeam}).second;
  const struct {
    const char* name;
    ListEvents request;
    const char* want;
  } kRows[] = {
      {"plain", {.calendar = kAda}, "ok"},
      {"no such calendar", {.calendar = CalendarId("nobody")}, "404 notFound"},
      {"no results", {.calendar = kAda, .max_results = 0}, "400 invalidParameter"},
      {"too many are clamped", {.calendar = kAda, .max_results = 9999}, "ok"},
      {"empty window", {.calendar = kAda, .time_min = kStart, .time_max = kStart}, "400 timeRangeEmpty"},
      {"token", {.calendar = kAda, .sync_token = token}, "ok"},
      {"token and window", {.calendar = kAda, .sync_token = token, .time_min = kStart}, "400 badRequest"},
      {"token and end of window", {.calendar = kAda, .sync_token = token, .time_max = kStart}, "400 badRequest"},
      {"garbage", {.calendar = kAda, .sync_token = SyncToken("garbage")}, "400 invalid"},
      {"another calendar's", {.calendar = kAda, .sync_token = other}, "400 invalid"},
      {"garbage page", {.calendar = kAda, .page_token = PageToken("garbage")}, "400 invalid"},
      {"a sync token is no page token", {.calendar = kAda, .page_token = PageToken(token.str())}, "400 invalid"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Outcome(desk.Call(row.request)), row.want) << row.name;
  const Reply reply = desk.Call(ListEvents{.calendar = kAda, .sync_token = SyncToken("garbage")});
  EXPECT_EQ(std::get<ApiError>(reply).message, "Invalid sync token value.");
}

TEST(List, GivesPagesShortAndEmpty) {  // C-21
  Desk desk({.page_size = 2, .empty_page_every = 2});
  std::set<std::string> want;
  for (int i = 0; i < 7; ++i) want.insert(desk.Insert(AnEvent(absl::StrCat("e", i)))->summary);
  ListEvents request{.calendar = kAda};
  const EventsPage first = desk.Page(request);
  EXPECT_TRUE(first.items.empty());
  request.page_token = first.next_page_token;
  EXPECT_EQ(desk.Page(request).items.size(), 2u);
  const auto [items, token] = desk.Walk({.calendar = kAda});
  EXPECT_EQ(items.size(), 7u);
  EXPECT_EQ(Summaries(items), want);
}

TEST(List, SaysWhenTheCalendarChangedLast) {
  Desk desk;
  EXPECT_EQ(desk.Page({.calendar = kAda}).updated, std::nullopt);
  const EventPtr event = desk.Insert(AnEvent("e1"));
  desk.now += absl::Hours(1);
  EXPECT_EQ(desk.Page({.calendar = kAda}).updated, event->updated);
}

TEST(List, KeepsItsSeededOrder) {  // C-32
  const auto order = [](uint64_t seed, Knobs knobs) {
    Desk desk(knobs, seed);
    for (int i = 0; i < 12; ++i) desk.Insert(AnEvent(absl::StrCat("e", i)));
    const std::string first = Rows(desk.Walk({.calendar = kAda}).first);
    return std::pair(first, Rows(desk.Walk({.calendar = kAda}).first));
  };
  EXPECT_EQ(order(1, {}), order(1, {.page_size = 1}));
  EXPECT_EQ(order(1, {}).first, order(1, {}).second);
  EXPECT_NE(order(1, {}), order(2, {}));
  EXPECT_NE(order(1, {.alternating_order = true}).first, order(1, {.alternating_order = true}).second);
}

TEST(Delta, GivesEachChangedEventOnceInItsCurrentState) {  // C-23 C-28
  Desk desk;
  const EventPtr a = desk.Insert(AnEvent("A"));
  const EventPtr b = desk.Insert(AnEvent("B"));
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), "");
  for (const char* summary : {"A1", "A2", "A3"}) desk.Must(PatchEvent{kAda, a->id, SummaryPatch(summary)});
  const EventPtr c = desk.Insert(AnEvent("C"));
  desk.Delete(c->id);
  const auto [items, next] = desk.Walk({.calendar = kAda, .sync_token = token});
  EXPECT_EQ(Rows(items), absl::StrCat("A3, -", c->id.text())) << "created and deleted shows as an id that is gone";
  EXPECT_EQ(items[1]->summary, "");
  EXPECT_EQ(items[1]->start.kind, EventTime::Kind::kAbsent);
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = next}).first), "");
}

TEST(Delta, MayBeAskedForAgainAndAgain) {  // C-25
  Desk desk;
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Insert(AnEvent("A"));
  const SyncToken later = desk.Walk({.calendar = kAda, .sync_token = token}).second;
  desk.Insert(AnEvent("B"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), "A, B");
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = later}).first), "B");
}

TEST(Delta, MayRepeatARowAtTheBoundary) {  // C-23
  Desk desk;
  const EventPtr a = desk.Insert(AnEvent("A"));
  desk.Insert(AnEvent("B"));
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Insert(AnEvent("C"));
  const ListEvents request{.calendar = kAda, .sync_token = token};
  EXPECT_EQ(Rows(desk.Page(request, kAdaPerson, {.repeat_boundary = true}).items), "B, C");
  desk.server.knobs().boundary_duplicates = true;
  EXPECT_EQ(Rows(desk.Page(request).items), "B, C");
}

TEST(Delta, MayLeaveOutARowUnderTheHostileKnob) {  // K-23
  Desk desk;
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Insert(AnEvent("A"));
  const EventsPage page = desk.Page({.calendar = kAda, .sync_token = token}, kAdaPerson, {.hostile_skip = true});
  EXPECT_TRUE(page.items.empty());
  EXPECT_TRUE(desk.server.bent());
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = page.next_sync_token}).first), "");
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda}).first), "A");
  desk.Page({.calendar = kAda, .sync_token = page.next_sync_token}, kAdaPerson, {.hostile_skip = true});
  EXPECT_FALSE(desk.server.bent()) << "there was no row to leave out";
}

TEST(SyncToken, DiesOfAgeOfUseOfRolesAndOnDemand) {  // C-26 K-14
  const char* const kGone = "410 fullSyncRequired";
  const auto token_of = [](Desk& desk) { return desk.Walk({.calendar = kAda}).second; };
  const auto use = [](Desk& desk, const SyncToken& token) {
    return Outcome(desk.Call(ListEvents{.calendar = kAda, .sync_token = token}));
  };
  {
    Desk desk;
    const SyncToken token = token_of(desk);
    desk.now += absl::Hours(24 * 30) - absl::Seconds(1);
    EXPECT_EQ(use(desk, token), "ok");
    desk.now += absl::Seconds(1);
    EXPECT_EQ(use(desk, token), kGone);
  }
  {
    Desk desk({.sync_token_uses = 2});
    const SyncToken token = token_of(desk);
    EXPECT_EQ(use(desk, token), "ok");
    EXPECT_EQ(use(desk, token), "ok");
    EXPECT_EQ(use(desk, token), kGone);
  }
  {
    Desk desk;
    const SyncToken token = token_of(desk);
    desk.server.SetRole(kAda, kBobAccount, AccessRole::kReader);
    EXPECT_EQ(use(desk, token), kGone);
    const SyncToken fresh = token_of(desk);
    desk.server.SetRole(kAda, kBobAccount, AccessRole::kReader);
    EXPECT_EQ(use(desk, fresh), "ok") << "no change of role";
    desk.server.ExpireSyncTokens(kAda);
    EXPECT_EQ(use(desk, fresh), kGone);
  }
  {
    Desk desk({.random_token_lifetime = true});
    const SyncToken token = token_of(desk);
    EXPECT_EQ(use(desk, token), "ok");
    desk.now += absl::Hours(24 * 30);
    EXPECT_EQ(use(desk, token), kGone);
  }
}

TEST(SyncToken, MayDieBetweenTwoPages) {  // C-27
  Desk desk({.page_size = 1});
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Insert(AnEvent("A"));
  desk.Insert(AnEvent("B"));
  ListEvents delta{.calendar = kAda, .sync_token = token};
  delta.page_token = desk.Page(delta).next_page_token;
  ListEvents full{.calendar = kAda};
  full.page_token = desk.Page(full).next_page_token;
  ASSERT_TRUE(delta.page_token && full.page_token);
  desk.server.ExpireSyncTokens(kAda);
  EXPECT_EQ(Outcome(desk.Call(delta)), "410 fullSyncRequired");
  EXPECT_EQ(Outcome(desk.Call(full)), "400 invalid");
}

TEST(PageToken, NeedsTheSameRequest) {  // C-20
  Desk desk({.page_size = 1});
  desk.Insert(AnEvent("A"));
  desk.Insert(AnEvent("B"));
  ListEvents request{.calendar = kAda};
  request.page_token = desk.Page(request).next_page_token;
  EXPECT_EQ(Outcome(desk.Call(request)), "ok");
  ListEvents other = request;
  other.show_deleted = true;
  EXPECT_EQ(Outcome(desk.Call(other)), "400 invalid");
  other = request;
  other.time_min = kStart;
  EXPECT_EQ(Outcome(desk.Call(other)), "400 invalid");
}

TEST(SyncToken, AndOtherParametersFollowTheKnob) {  // K-3
  const struct {
    Knobs::Parameters knob;
    const char* want;
  } kRows[] = {{Knobs::Parameters::kAnswered, "ok"},
               {Knobs::Parameters::kGone410, "410 fullSyncRequired"},
               {Knobs::Parameters::kBadRequest400, "400 badRequest"}};
  for (const auto& row : kRows) {
    Desk desk({.changed_parameters = row.knob});
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda, .sync_token = token})), "ok");
    EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda, .sync_token = token, .max_results = 5})), row.want);
  }
}

TEST(Window, BoundsTheFullListAndWhatTheTokenRemembers) {  // C-20 K-2
  const struct {
    Knobs::Window knob;
    const char* want;
  } kRows[] = {{Knobs::Window::kRemembered, "in 2"},
               {Knobs::Window::kIgnored, "early 2, in 2, late 2"},
               {Knobs::Window::kOnlyTimeMax, "early 2, in 2"}};
  for (const auto& row : kRows) {
    Desk desk({.window_under_token = row.knob});
    desk.Insert(AnEvent("early", 1));
    desk.Insert(AnEvent("in", 10));
    desk.Insert(AnEvent("late", 20));
    const auto [items, token] =
        desk.Walk({.calendar = kAda, .time_min = kStart + absl::Hours(5), .time_max = kStart + absl::Hours(15)});
    EXPECT_EQ(Rows(items), "in");
    desk.Insert(AnEvent("early 2", 1));
    desk.Insert(AnEvent("in 2", 10));
    desk.Insert(AnEvent("late 2", 20));
    EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), row.want);
  }
}

TEST(Window, ShowsWhatLeftIt) {  // C-23
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent("in", 10));
  const SyncToken token = desk.Walk({.calendar = kAda, .time_max = kStart + absl::Hours(15)}).second;
  EventPatch patch;
  patch.start = EventTime::At(kStart + absl::Hours(20));
  patch.end = EventTime::At(kStart + absl::Hours(21));
  desk.Must(PatchEvent{kAda, event->id, patch});
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), "in");
}

TEST(Window, PlacesDaysInTheCalendarsZone) {  // C-20
  Desk desk;
  desk.server.SetTimeZone(kAda, "Etc/GMT-10", absl::FixedTimeZone(10 * 3600));
  Event day;
  day.summary = "day";
  day.start = EventTime::Date(absl::CivilDay(2026, 6, 1));
  day.end = EventTime::Date(absl::CivilDay(2026, 6, 2));
  desk.Insert(day);
  const absl::Time ends = absl::FromCivil(absl::CivilDay(2026, 6, 2), absl::FixedTimeZone(10 * 3600));
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .time_min = ends}).first), "");
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .time_min = ends - absl::Seconds(1)}).first), "day");
}

// Contract 2.3: single, master, exception, cancelled exception of a live and of a deleted series. Each series has four days; the
// second is changed, the third of the live one is cancelled.
struct SeriesDesk : Desk {
  explicit SeriesDesk(Knobs knobs = {}) : Desk(knobs) {
    const auto plant = [&](const char* id, const char* master, bool cancelled) {
      Event event = WithId(AnEvent(id), id);
      if (*master == '\0') {
        if (id[0] != 's') event.recurrence = {"RRULE:FREQ=DAILY;COUNT=4"};
      } else {
        event.recurring_event_id = EventId(master);
        const absl::Duration days = absl::Hours(24) * (id[std::string(id).size() - 1] - '0');
        event.original_start = EventTime::At(event.start.instant + days, "UTC");
        event.start.instant += days;
        event.end.instant += days;
      }
      if (cancelled) event.status = EventStatus::kCancelled;
      server.Plant(kAda, event, kAdaPerson.actor, now);
    };
    plant("single", "", false);
    plant("sgone", "", true);
    plant("live", "", false);
    plant("live_1", "live", false);
    plant("live_2", "live", true);
    plant("dead", "", true);
    plant("dead_1", "dead", false);
  }
  std::set<std::string> Ids(bool show_deleted, bool single_events) {
    std::set<std::string> ids;
    for (const EventPtr& item : Walk({.calendar = kAda, .show_deleted = show_deleted, .single_events = single_events}).first) {
      ids.insert(item->id.str());
    }
    return ids;
  }
};

TEST(Cancelled, ShowsInAFullListAsTheTableSays) {  // C-28 C-32 K-22
  using Ids = std::set<std::string>;
  SeriesDesk desk;
  EXPECT_EQ(desk.Ids(false, false), (Ids{"single", "live", "live_1", "live_2"}));
  EXPECT_EQ(desk.Ids(false, true), (Ids{"single", "live_1", "live_20260529T202640Z", "live_20260601T202640Z"}));
  EXPECT_EQ(desk.Ids(true, false), (Ids{"single", "sgone", "live", "live_1", "live_2", "dead", "dead_1"}));
  EXPECT_EQ(desk.Ids(true, true),
            (Ids{"single", "sgone", "live_1", "live_2", "dead_1", "live_20260529T202640Z", "live_20260601T202640Z",
                 "dead_20260529T202640Z", "dead_20260531T202640Z", "dead_20260601T202640Z"}));
  desk.server.knobs().cancelled_occurrences_left_out = true;
  EXPECT_EQ(desk.Ids(false, false), (Ids{"single", "live", "live_1"}));
  EXPECT_EQ(desk.Ids(true, false), (Ids{"single", "sgone", "live", "live_1", "dead", "dead_1"})) << "whatever was asked for";
  desk.server.knobs().cancelled_occurrences_left_out = false;
  desk.server.knobs().tombstone = Knobs::Tombstone::kDeltaOnly;
  EXPECT_EQ(desk.Ids(true, false), (Ids{"single", "live", "live_1", "live_2"}));
}

TEST(Cancelled, KeepsMasterAndOriginalStartInItsStub) {  // C-28
  SeriesDesk desk;
  for (const EventPtr& item : desk.Walk({.calendar = kAda}).first) {
    if (!item->IsCancelled()) continue;
    EXPECT_EQ(item->recurring_event_id.text(), "live");
    EXPECT_EQ(item->original_start.kind, EventTime::Kind::kDateTime);
    EXPECT_EQ(item->summary, "");
  }
}

TEST(Cancelled, IsAStubOrDetailed) {  // C-28 K-15
  for (const bool detailed : {false, true}) {
    Desk desk({.tombstone = detailed ? Knobs::Tombstone::kDetails : Knobs::Tombstone::kStub});
    const SyncToken token = desk.Walk({.calendar = kAda, .show_deleted = true}).second;
    const EventPtr event = desk.Insert(AnEvent());
    desk.Delete(event->id);
    const auto delta = desk.Walk({.calendar = kAda, .sync_token = token, .show_deleted = true}).first;
    ASSERT_EQ(delta.size(), 1u);
    EXPECT_EQ(delta[0]->summary, detailed ? "Dentist" : "");
    EXPECT_EQ(desk.Walk({.calendar = kAda, .sync_token = token}).first[0]->summary, "") << "not without showDeleted";
  }
}

TEST(Cancelled, IsPurgedInTheEnd) {  // C-29 K-15
  Desk desk({.sync_token_lifetime = absl::Hours(24 * 365)});
  const EventPtr event = desk.Insert(AnEvent());
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Delete(event->id);
  desk.now += absl::Hours(24 * 30) - absl::Seconds(1);
  EXPECT_EQ(desk.Walk({.calendar = kAda, .show_deleted = true}).first.size(), 1u);
  EXPECT_EQ(desk.Walk({.calendar = kAda, .sync_token = token}).first.size(), 1u);
  desk.now += absl::Seconds(1);
  EXPECT_EQ(desk.Walk({.calendar = kAda, .show_deleted = true}).first.size(), 0u);
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda, .sync_token = token})), "410 fullSyncRequired")
      << "a delta that can no longer tell of the deletion says so";
}

TEST(Cancelled, SeriesMayReportItsExceptions) {  // K-19
  for (const bool all : {false, true}) {
    SeriesDesk desk({.deleted_series_lists_exceptions = all});
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    desk.Delete(EventId("live"));
    EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), all ? "-live, -live_1" : "-live");
  }
}

TEST(Roles, GiveFreeBusyReadersSingleEventsWithoutDetails) {  // C-37 C-14
  SeriesDesk desk;
  desk.server.SetRole(kAda, kBobAccount, AccessRole::kFreeBusyReader);
  const EventsPage page = desk.Page({.calendar = kAda}, kBobPerson);
  EXPECT_EQ(page.access_role, AccessRole::kFreeBusyReader);
  EXPECT_EQ(page.items.size(), 4u);
  for (const EventPtr& item : page.items) {
    EXPECT_EQ(item->summary, "");
    EXPECT_FALSE(item->IsSeriesMaster());
    EXPECT_TRUE(item->span().IsValid());
  }
}

TEST(Lag, MakesListsStaleWhileGetsAreCurrent) {  // C-34 K-12
  Desk desk;
  desk.server.SetListLag(kAda, absl::Minutes(1));
  const EventPtr old = desk.Insert(AnEvent("old"));
  desk.now += absl::Minutes(2);
  const auto [first, token] = desk.Walk({.calendar = kAda});
  EXPECT_EQ(Rows(first), "old");
  desk.Must(PatchEvent{kAda, old->id, SummaryPatch("new")});
  const EventPtr fresh = desk.Insert(AnEvent("fresh"));
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda}).first), "old");
  EXPECT_EQ(desk.Get(old->id)->summary, "new");
  const auto [delta, behind] = desk.Walk({.calendar = kAda, .sync_token = token});
  EXPECT_EQ(Rows(delta), "");
  desk.now += absl::Minutes(1);
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = behind}).first), "new, fresh") << "nothing was skipped";
  desk.Delete(fresh->id);
  EXPECT_EQ(Summaries(desk.Walk({.calendar = kAda}).first), (std::set<std::string>{"fresh", "new"}))
      << "still listed after its deletion";
}

TEST(Lag, OfAGetIsACondition) {  // C-34
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent("old"));
  desk.now += absl::Minutes(1);
  desk.Must(PatchEvent{kAda, event->id, SummaryPatch("new")});
  const GetEvent get{kAda, event->id};
  EXPECT_EQ(std::get<EventPtr>(desk.Call(get, kEngine, {.get_lag = absl::Seconds(30)}))->summary, "old");
  EXPECT_EQ(Outcome(desk.Call(get, kEngine, {.get_lag = absl::Hours(1)})), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(get, kEngine, {.unseen_for = absl::Hours(1)})), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(get, kEngine, {.unseen_for = absl::Seconds(60)})), "ok");
}

TEST(Lag, IsToldWhereItMakesADifference) {  // K-23
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent("old"));
  desk.now += absl::Minutes(1);
  desk.Must(PatchEvent{kAda, event->id, SummaryPatch("new")});
  desk.now += absl::Minutes(1);
  const auto bent = [&](const Request& request, const Conditions& conditions) {
    desk.Call(request, kEngine, conditions);
    return desk.server.bent();
  };
  const Request get = GetEvent{kAda, event->id};
  EXPECT_TRUE(bent(get, {.get_lag = absl::Seconds(90)}));
  EXPECT_TRUE(bent(get, {.get_lag = absl::Hours(1)})) << "it was not there yet";
  EXPECT_FALSE(bent(get, {.get_lag = absl::Seconds(30)})) << "it has not changed since";
  EXPECT_FALSE(bent(GetEvent{kAda, EventId("nobodys")}, {.get_lag = absl::Hours(1)}));
  const Request patch = PatchEvent{kAda, event->id, SummaryPatch("newer")};
  for (const Request& request : {get, patch, Request(DeleteEvent{kAda, event->id})}) {
    EXPECT_TRUE(bent(request, {.unseen_for = absl::Hours(1)}));
  }
  EXPECT_FALSE(bent(get, {.unseen_for = absl::Minutes(1)})) << "it is older";
  EXPECT_FALSE(bent(ListEvents{.calendar = kAda}, {.list_lag = absl::Hours(1)})) << "its token skips nothing";
}

TEST(Walk, ShowsChangesDuringItAsTheKnobSays) {  // C-24
  const struct {
    Knobs::WalkView knob;
    const char *walk, *next;
  } kRows[] = {{Knobs::WalkView::kFrozen, "A, B", "B2, A2"},
               {Knobs::WalkView::kLive, "A, B2", "B2, A2"},
               {Knobs::WalkView::kExtending, "A, B2, A2", ""}};
  for (const auto& row : kRows) {
    Desk desk({.page_size = 1, .walk_view = row.knob});
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    const EventPtr a = desk.Insert(AnEvent("A"));
    const EventPtr b = desk.Insert(AnEvent("B"));
    ListEvents request{.calendar = kAda, .sync_token = token};
    EventsPage page = desk.Page(request);
    std::vector<EventPtr> items = page.items;
    desk.Must(PatchEvent{kAda, b->id, SummaryPatch("B2")});
    desk.Must(PatchEvent{kAda, a->id, SummaryPatch("A2")});
    request.page_token = page.next_page_token;
    const auto [rest, next] = desk.Walk(request);
    items.insert(items.end(), rest.begin(), rest.end());
    EXPECT_EQ(Rows(items), row.walk);
    EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = next}).first), row.next);
  }
}

// A client that walks, then follows deltas, while others write between any two of its calls, must end with what is there.
TEST(Walk, NeverLosesAChange) {  // C-23 C-24 C-34
  for (uint64_t seed = 0; seed < 400; ++seed) {
    uint64_t random = seed;
    const auto draw = [&](uint64_t bound) { return NextRandom(random) % bound; };
    Knobs knobs;
    knobs.page_size = static_cast<int>(draw(4));
    knobs.empty_page_every = draw(3) == 0 ? 2 : 0;
    knobs.walk_view = static_cast<Knobs::WalkView>(draw(3));
    knobs.boundary_duplicates = draw(2) == 1;
    knobs.alternating_order = draw(2) == 1;
    knobs.identical_write_changes = draw(2) == 1;
    knobs.list_lag = absl::Seconds(static_cast<int64_t>(draw(3) * 20));
    Desk desk(knobs, seed);
    std::vector<EventId> ids;
    const auto write_something = [&] {
      desk.now += absl::Seconds(static_cast<int64_t>(draw(20)));
      if (ids.empty() || draw(3) == 0) {
        ids.push_back(desk.Insert(AnEvent(absl::StrCat("e", ids.size())))->id);
      } else if (const EventId& id = ids[draw(ids.size())]; draw(3) == 0) {
        (void)desk.Delete(id);
      } else {
        desk.Must(PatchEvent{kAda, id, StatusPatch(EventStatus::kConfirmed)});
      }
    };
    std::map<EventId, Etag> copy;
    std::optional<SyncToken> token;
    const auto sync = [&](bool writes) {
      ListEvents request{.calendar = kAda, .sync_token = token};
      while (true) {
        const EventsPage page = desk.Page(request);
        for (const EventPtr& item : page.items) {
          if (item->IsCancelled()) {
            copy.erase(item->id);
          } else {
            copy[item->id] = item->etag;
          }
        }
        if (writes && draw(2) == 0) write_something();
        request.page_token = page.next_page_token;
        if (page.next_sync_token) {
          token = page.next_sync_token;
          return;
        }
      }
    };
    for (int i = 0; i < 5; ++i) write_something();
    for (int i = 0; i < 12; ++i) {
      write_something();
      sync(true);
    }
    desk.now += absl::Minutes(5);
    sync(false);
    std::map<EventId, Etag> truth;
    desk.server.ForEachLive(kAda, [&](const EventPtr& event) { truth[event->id] = event->etag; });
    ASSERT_EQ(copy, truth) << "seed " << seed;
  }
}

}  // namespace
}  // namespace calsync::fake
