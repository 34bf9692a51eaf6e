// events.instances, and lists that expand series.

#include "fakegoogle/model/instances.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fakegoogle/model/testing/series_desk.h"

namespace calsync::fake {
namespace {

std::vector<std::string> SortedIds(const std::vector<EventPtr>& items) {
  std::vector<std::string> ids;
  for (const EventPtr& item : items) ids.push_back(Ids({item}));
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Four Mondays: the second is moved, the third cancelled.
struct FourDesk : StandupDesk {
  explicit FourDesk(Knobs knobs = {}) : StandupDesk(knobs, {"RRULE:FREQ=WEEKLY;COUNT=4"}) {
    Patch(kSecond, TimePatch(Utc(6, 20, 12)));
    Delete(kThird);
  }
};

TEST(Instances, AreTheOccurrencesAsTheyAreNow) {  // C-62 C-63
  FourDesk desk;
  const EventsPage page = desk.Instances({});
  ASSERT_EQ(Ids(page.items), "standup_20260601T070000Z, standup_20260608T070000Z, standup_20260622T070000Z");
  EXPECT_EQ(page.items[1]->start.instant, Utc(6, 20, 12));
  EXPECT_EQ(Ids(desk.Instances({.show_deleted = true}).items),
            "standup_20260601T070000Z, standup_20260608T070000Z, -standup_20260615T070000Z, standup_20260622T070000Z");
}

TEST(Instances, ComeInPages) {  // C-21
  FourDesk desk;
  const std::string all = Ids(desk.Instances({.show_deleted = true}).items);
  for (const int size : {1, 2, 3, 4, 5}) {
    EXPECT_EQ(Ids(desk.Instances({.max_results = size, .show_deleted = true}).items), all) << size;
  }
  const auto first = std::get<EventsPage>(desk.Call(ListInstances{.calendar = kAda, .event = kStandup, .max_results = 1}));
  ListInstances other{.calendar = kAda, .event = kStandup, .page_token = first.next_page_token, .max_results = 2};
  EXPECT_EQ(Outcome(desk.Call(other)), "400 invalid") << "another query";
  other = {.calendar = kAda, .event = kStandup, .page_token = PageToken("x")};
  EXPECT_EQ(Outcome(desk.Call(other)), "400 invalid");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda, .page_token = first.next_page_token, .max_results = 1})),
            "400 invalid");
  EXPECT_EQ(Outcome(desk.Call(ListInstances{.calendar = kAda, .event = kStandup, .max_results = 0})), "400 invalidParameter");
}

TEST(Instances, CanBeAskedForOne) {  // C-61
  FourDesk desk;
  const auto of = [&](absl::Time original, bool deleted = false) {
    return Ids(desk.Instances({.show_deleted = deleted, .original_start = EventTime::At(original)}).items);
  };
  EXPECT_EQ(of(Utc(6, 8, 7)), "standup_20260608T070000Z") << "though it was moved";
  EXPECT_EQ(of(Utc(6, 22, 7)), "standup_20260622T070000Z");
  EXPECT_EQ(of(Utc(6, 15, 7)), "");
  EXPECT_EQ(of(Utc(6, 15, 7), true), "-standup_20260615T070000Z");
  EXPECT_EQ(of(Utc(6, 16, 7), true), "");
}

TEST(Instances, LieInTheWindow) {  // C-20
  FourDesk desk;
  EXPECT_EQ(Ids(desk.Instances({.time_min = Utc(6, 1, 8)}).items), "standup_20260608T070000Z, standup_20260622T070000Z");
  EXPECT_EQ(Ids(desk.Instances({.time_min = Utc(6, 19, 0), .time_max = Utc(6, 21, 0)}).items), "standup_20260608T070000Z")
      << "where it was moved to";
  EXPECT_EQ(Ids(desk.Instances({.time_max = Utc(6, 8, 8)}).items), "standup_20260601T070000Z");
  ListInstances empty{.calendar = kAda, .event = kStandup, .time_min = Utc(6, 2, 0), .time_max = Utc(6, 2, 0)};
  EXPECT_EQ(Outcome(desk.Call(empty)), "400 timeRangeEmpty");
}

TEST(Instances, OfWhatIsNoSeriesAreNone) {
  FourDesk desk;
  const EventPtr single = desk.Insert(AnEvent());
  EXPECT_EQ(Ids(desk.Instances({.event = single->id}).items), "");
  EXPECT_EQ(Outcome(desk.Call(ListInstances{.calendar = kAda, .event = EventId("nobody")})), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(ListInstances{.calendar = CalendarId("nobody"), .event = kStandup})), "404 notFound");
}

TEST(Instances, OfADeletedSeriesAreAllCancelled) {  // C-68
  FourDesk desk;
  desk.Delete(kStandup);
  EXPECT_EQ(Ids(desk.Instances({}).items), "");
  for (const EventPtr& item : desk.Instances({.show_deleted = true}).items) EXPECT_TRUE(item->IsCancelled());
  EXPECT_EQ(desk.Instances({.show_deleted = true}).items.size(), 4u);
  desk.now += absl::Hours(24 * 31);
  EXPECT_EQ(Outcome(desk.Call(ListInstances{.calendar = kAda, .event = kStandup})), "404 notFound");
}

TEST(Instances, OfAnEndlessSeriesEndSomewhere) {  // C-33
  StandupDesk desk({.expansion_horizon = absl::Hours(24 * 30)});
  EXPECT_EQ(desk.Instances({}).items.size(), 4u);
  desk.server.knobs().expansion_horizon = absl::Hours(24 * 365);
  EXPECT_EQ(desk.Instances({}).items.size(), 52u);
}

TEST(Instances, LagAsListsDo) {  // C-34
  FourDesk desk;
  desk.now += absl::Hours(1);
  desk.server.SetListLag(kAda, absl::Minutes(1));
  desk.Delete(kFourth);
  EXPECT_EQ(desk.Instances({}).items.size(), 3u);
  desk.now += absl::Minutes(1);
  EXPECT_EQ(desk.Instances({}).items.size(), 2u);
}

// --- Lists.

TEST(SingleEvents, GiveEachOccurrenceOnce) {  // C-33
  FourDesk desk;
  desk.Insert(WithId(AnEvent("Lunch"), "lunch"));
  EXPECT_EQ(
      SortedIds(desk.Walk({.calendar = kAda, .single_events = true}).first),
      (std::vector<std::string>{"lunch", "standup_20260601T070000Z", "standup_20260608T070000Z", "standup_20260622T070000Z"}));
  EXPECT_EQ(SortedIds(desk.Walk({.calendar = kAda}).first),
            (std::vector<std::string>{"-standup_20260615T070000Z", "lunch", "standup", "standup_20260608T070000Z"}));
}

TEST(SingleEvents, ComeInPagesOfAnySize) {  // C-21 C-33
  for (const bool reversed : {false, true}) {
    FourDesk desk({.alternating_order = reversed});
    for (int i = 0; i < 3; ++i) desk.Insert(AnEvent(absl::StrCat("Lunch", i)));
    for (const int size : {1, 2, 3, 4, 5, 6, 7, 8}) {
      const auto [rows, token] = desk.Walk({.calendar = kAda, .max_results = size, .single_events = true});
      EXPECT_EQ(rows.size(), 6u) << size;
      EXPECT_EQ(SortedIds(rows).size(), 6u);
      std::vector<std::string> ids = SortedIds(rows);
      EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end()) << size;
    }
  }
}

TEST(SingleEvents, LieInTheWindow) {  // C-20
  FourDesk desk;
  const ListEvents query{.calendar = kAda, .single_events = true, .time_min = Utc(6, 1, 7, 30), .time_max = Utc(6, 22, 7)};
  EXPECT_EQ(Ids(desk.Walk(query).first), "standup_20260608T070000Z");
}

TEST(SingleEvents, ChangeOneByOneInDeltas) {  // C-23 C-33
  for (const int size : {1, 2, 250}) {
    FourDesk desk;
    const ListEvents query{.calendar = kAda, .max_results = size, .single_events = true};
    const auto since = [&](const SyncToken& token) {
      ListEvents delta = query;
      delta.sync_token = token;
      return desk.Walk(delta);
    };
    const SyncToken token = desk.Walk(query).second;
    desk.Patch(kStandup, RulePatch({"RRULE:FREQ=WEEKLY;INTERVAL=3;COUNT=2"}));
    const auto [rows, next] = since(token);
    EXPECT_EQ(SortedIds(rows), (std::vector<std::string>{"-standup_20260608T070000Z", "-standup_20260615T070000Z",
                                                         "standup_20260601T070000Z", "standup_20260622T070000Z"}))
        << "the moved one is no more, and the cancelled one is told again";
    desk.Patch(kStandup, RulePatch({"RRULE:FREQ=WEEKLY;INTERVAL=3;COUNT=1"}));
    const auto [fewer, later] = since(next);
    EXPECT_EQ(SortedIds(fewer), (std::vector<std::string>{"-standup_20260622T070000Z", "standup_20260601T070000Z"}));
    desk.Delete(kStandup);
    EXPECT_EQ(SortedIds(since(later).first), (std::vector<std::string>{"-standup_20260601T070000Z"}));
  }
}

TEST(SingleEvents, TellWhenASingleEventBecomesASeriesAndBack) {  // C-23
  for (const int size : {1, 250}) {
    Desk desk;
    const EventPtr event = desk.Insert(WithId(AnEvent("Lunch"), "lunch"));
    const ListEvents query{.calendar = kAda, .max_results = size, .single_events = true};
    const SyncToken token = desk.Walk(query).second;
    desk.Must(PatchEvent{kAda, event->id, RulePatch({"RRULE:FREQ=DAILY;COUNT=2"})});
    ListEvents delta = query;
    delta.sync_token = token;
    const auto [rows, next] = desk.Walk(delta);
    EXPECT_EQ(SortedIds(rows), (std::vector<std::string>{"-lunch", "lunch_20260529T202640Z", "lunch_20260530T202640Z"}));
    desk.Must(PatchEvent{kAda, event->id, RulePatch({})});
    delta.sync_token = next;
    EXPECT_EQ(SortedIds(desk.Walk(delta).first),
              (std::vector<std::string>{"-lunch_20260529T202640Z", "-lunch_20260530T202640Z", "lunch"}));
  }
}

TEST(SingleEvents, AreWhatFreeBusyReadersGet) {  // C-37
  FourDesk desk;
  desk.server.SetRole(kAda, kBobAccount, AccessRole::kFreeBusyReader);
  const auto [rows, token] = desk.Walk({.calendar = kAda}, kBobPerson);
  EXPECT_EQ(rows.size(), 3u);
  desk.Delete(kFourth);
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .sync_token = token}, kBobPerson).first), "-standup_20260622T070000Z");
}

TEST(Instances, SayWhetherTheyAreBehindTheirSeries) {  // K-23
  StandupDesk desk;
  desk.now += absl::Minutes(1);
  desk.Patch(kSecond, SummaryPatch("Long standup"));
  desk.now += absl::Minutes(1);
  desk.Insert(AnEvent());  // That is no matter of the series.
  const auto bent = [&](absl::Duration lag) {
    desk.Call(ListInstances{.calendar = kAda, .event = kStandup}, kEngine, {.list_lag = lag});
    return desk.server.bent();
  };
  EXPECT_FALSE(bent(absl::ZeroDuration()));
  EXPECT_FALSE(bent(absl::Seconds(30)));
  EXPECT_TRUE(bent(absl::Seconds(90)));
  EXPECT_TRUE(bent(absl::Hours(1))) << "the series was not there yet";
}

TEST(Masters, AreInTheWindowIfAnOccurrenceIs) {  // C-20
  StandupDesk desk;
  desk.Insert(DaysOff({"RRULE:FREQ=DAILY;COUNT=2"}));
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .time_min = Utc(7, 1, 0)}).first), "standup");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .time_min = Utc(6, 2, 0), .time_max = Utc(6, 8, 0)}).first), "leave");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .time_min = Utc(6, 3, 0), .time_max = Utc(6, 8, 0)}).first), "");
}

TEST(Zones, OfACalendarPlaceItsDays) {  // C-20
  Desk desk;
  desk.Insert(DaysOff());
  const ListEvents query{.calendar = kAda, .single_events = true, .time_min = Utc(6, 30, 12), .time_max = Utc(6, 30, 23)};
  EXPECT_EQ(Ids(desk.Walk(query).first), "") << "in UTC, July begins later";
  absl::TimeZone auckland;
  ASSERT_TRUE(absl::LoadTimeZone("Pacific/Auckland", &auckland));
  desk.server.SetTimeZone(kAda, "Pacific/Auckland", auckland);
  EXPECT_EQ(Ids(desk.Walk(query).first), "leave_20260701");
  EXPECT_EQ(desk.Page({.calendar = kAda}).time_zone, "Pacific/Auckland");
  const ListInstances instances{
      .calendar = kAda, .event = EventId("leave"), .time_min = Utc(6, 30, 12), .time_max = Utc(6, 30, 23)};
  EXPECT_EQ(Ids(std::get<EventsPage>(desk.Call(instances)).items), "leave_20260701");
}

}  // namespace
}  // namespace calsync::fake
