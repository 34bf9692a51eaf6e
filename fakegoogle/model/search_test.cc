#include "fakegoogle/model/search.h"

#include <gtest/gtest.h>

#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/testing/series_desk.h"

namespace calsync::fake {
namespace {

// The ids of all pages.
std::string Search(Desk& desk, SearchEvents request, int page_size = 250) {
  request.list.calendar = kAda;
  request.list.max_results = page_size;
  std::vector<EventPtr> all;
  for (int pages = 0; pages < 100; ++pages) {
    const Reply reply = desk.server.Search(kEngine, request, desk.now);
    if (const auto* error = std::get_if<ApiError>(&reply)) return error->reason;
    const EventsPage& page = std::get<EventsPage>(reply);
    EXPECT_FALSE(page.next_sync_token.has_value());
    all.insert(all.end(), page.items.begin(), page.items.end());
    if (!page.next_page_token) break;
    request.list.page_token = page.next_page_token;
  }
  return Ids(all);
}

struct SearchDesk : Desk {
  SearchDesk() {
    Event dentist = WithId(AnEvent("Dentist", 30), "aaaaa");
    dentist.private_properties = {{"colour", "red"}, {"size", "1"}};
    Insert(dentist);
    now += absl::Minutes(1);
    Event lunch = WithId(AnEvent("Lunch with Bob", 24), "bbbbb");
    lunch.location = "At the dentist's";
    lunch.private_properties = {{"colour", "red"}};
    lunch.shared_properties = {{"team", "blue"}};
    Insert(lunch);
    now += absl::Minutes(1);
    Insert(WithId(AnEvent("Run", 27), "ccccc"));
  }
};

TEST(Search, OrdersByStartOrByChange) {  // C-20.
  SearchDesk desk;
  EXPECT_EQ(Search(desk, {.list = {.single_events = true}, .order = SearchOrder::kStartTime}), "bbbbb, ccccc, aaaaa");
  EXPECT_EQ(Search(desk, {.list = {.single_events = true}, .order = SearchOrder::kStartTime}, 1), "bbbbb, ccccc, aaaaa");
  EXPECT_EQ(Search(desk, {.order = SearchOrder::kStartTime}), "badRequest");
  EXPECT_EQ(Search(desk, {.order = SearchOrder::kUpdated}), "aaaaa, bbbbb, ccccc");
  desk.now += absl::Minutes(1);
  desk.Must(PatchEvent{kAda, EventId("aaaaa"), SummaryPatch("Dentist!")});
  EXPECT_EQ(Search(desk, {.order = SearchOrder::kUpdated}, 2), "bbbbb, ccccc, aaaaa");
}

TEST(Search, FindsWordsInAnyField) {
  SearchDesk desk;
  EXPECT_EQ(Search(desk, {.order = SearchOrder::kUpdated, .text = "DENTIST"}), "aaaaa, bbbbb");
  EXPECT_EQ(Search(desk, {.text = "bob dentist"}), "bbbbb");
  EXPECT_EQ(Search(desk, {.text = "nobody"}), "");
}

TEST(Search, FiltersByPropertiesUnderBothReadings) {  // C-31, K-1.
  SearchDesk desk;
  const SearchEvents two{.order = SearchOrder::kUpdated, .private_properties = {{"colour", "red"}, {"size", "1"}}};
  EXPECT_EQ(Search(desk, two), "aaaaa");
  desk.server.knobs().any_property_matches = true;
  EXPECT_EQ(Search(desk, two), "aaaaa, bbbbb");
  EXPECT_EQ(Search(desk, {.private_properties = {{"colour", "red"}}, .shared_properties = {{"team", "blue"}}}), "bbbbb");
  EXPECT_EQ(Search(desk, {.private_properties = {{"colour", "Red"}}}), "");
}

TEST(Search, UpdatedMinShowsDeletionsToo) {  // C-38.
  SearchDesk desk;
  const absl::Time since = desk.now + absl::Seconds(30);
  desk.now += absl::Minutes(1);
  desk.Call(DeleteEvent{kAda, EventId("bbbbb")});
  EXPECT_EQ(Search(desk, {.updated_min = since}), "-bbbbb");
  desk.now += absl::Hours(24 * 29);
  EXPECT_EQ(Search(desk, {.updated_min = since}), "updatedMinTooLongAgo");
}

TEST(Search, AUidFindsTheSeriesAndItsExceptions) {
  StandupDesk desk;
  desk.Patch(kSecond, SummaryPatch("Late"));
  EXPECT_EQ(Search(desk, {.order = SearchOrder::kUpdated, .ical_uid = DefaultUid(kStandup)}),
            "standup, standup_20260608T070000Z");
}

TEST(Search, LaterPagesShowTheCalendarAsItWas) {
  SearchDesk desk;
  SearchEvents request{.list = {.calendar = kAda, .max_results = 2}, .order = SearchOrder::kUpdated};
  const EventsPage first = std::get<EventsPage>(desk.server.Search(kEngine, request, desk.now));
  EXPECT_EQ(Ids(first.items), "aaaaa, bbbbb");
  desk.now += absl::Minutes(1);
  desk.Insert(WithId(AnEvent("New"), "ddddd"));
  request.list.page_token = first.next_page_token;
  const EventsPage second = std::get<EventsPage>(desk.server.Search(kEngine, request, desk.now));
  EXPECT_EQ(Ids(second.items), "ccccc");
  request.text = "else";  // Another search.
  EXPECT_EQ(std::get<ApiError>(desk.server.Search(kEngine, request, desk.now)).message,
            Error(ErrorId::kInvalidPageToken).message);
}

}  // namespace
}  // namespace calsync::fake
