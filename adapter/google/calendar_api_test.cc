#include "adapter/google/calendar_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapter/google/event_json.h"
#include "adapter/http/target.h"
#include "engine/base/overloaded.h"
#include "fakegoogle/http/fields.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/http/methods.h"

namespace calsync::adapter {
namespace {

using testing::HasSubstr;

constexpr char kBase[] = "/calendar/v3/";
const CalendarId kCalendar("en.usa#holiday@group.v.calendar.google.com");
const EventId kEvent("e1/2");
const absl::Time kNow = absl::FromUnixSeconds(1'767'600'000);  // 2026-01-05T08:00:00Z.

// "PATCH /calendars/…?a=b", without the selector and the base.
std::string Line(const Request& request) {
  const http::Request made = RequestOf(request, kBase);
  const http::Target target = *http::ParseTarget(made.target);
  std::vector<std::string> parameters;
  for (const auto& [name, value] : target.query.pairs()) {
    if (name != "fields" && name != "prettyPrint") parameters.push_back(absl::StrCat(name, "=", value));
  }
  std::string line = absl::StrCat(made.method, " ", target.path.substr(sizeof kBase - 1));
  for (size_t i = 0; i < parameters.size(); ++i) absl::StrAppend(&line, i == 0 ? "?" : "&", parameters[i]);
  if (const std::string* const etag = made.headers.Find("If-Match")) absl::StrAppend(&line, " if ", *etag);
  return line;
}

std::vector<Request> AllKinds() {
  PatchEvent patch{kCalendar, kEvent};
  patch.patch.summary = "x";
  return {ListEvents{kCalendar},
          GetEvent{kCalendar, kEvent},
          InsertEvent{kCalendar},
          patch,
          UpdateEvent{kCalendar, kEvent},
          DeleteEvent{kCalendar, kEvent},
          MoveEvent{kCalendar, kEvent, CalendarId("d")},
          ImportEvent{kCalendar},
          WatchEvents{kCalendar, ChannelId("c")},
          StopChannel{ChannelId("c"), ResourceId("r")},
          GetCalendar{kCalendar},
          ListInstances{kCalendar, kEvent}};
}

TEST(RequestOf, EachKindIsAMethodOfTheDiscoveryDocument) {
  const char* const kMethods[] = {"events.list",   "events.get",    "events.insert",    "events.patch",
                                  "events.update", "events.delete", "events.move",      "events.import",
                                  "events.watch",  "channels.stop", "calendarList.get", "events.instances"};
  const std::vector<Request> requests = AllKinds();
  ASSERT_EQ(requests.size(), std::variant_size_v<Request>);
  for (size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(requests[i].index(), i);
    const http::Request made = RequestOf(requests[i], kBase);
    const http::Target target = *http::ParseTarget(made.target);
    const std::vector<std::string> below(target.segments.begin() + 2, target.segments.end());
    const std::optional<fake::Route> route = fake::FindRoute(made.method, below);
    ASSERT_TRUE(route.has_value() && route->method != nullptr) << made.method << " " << made.target;
    EXPECT_EQ(route->method->id, kMethods[i]);
    // Every parameter is one of the method's or common to all, and the selector names what its answer has (C-20, C-36).
    for (const auto& [name, value] : target.query.pairs()) {
      if (name == "prettyPrint") continue;
      if (name != "fields") {
        EXPECT_NE(route->method->FindParameter(name), nullptr) << kMethods[i] << " " << name;
        continue;
      }
      const std::optional<fake::FieldTree> selector = fake::ParseFields(value);
      ASSERT_TRUE(selector.has_value()) << value;
      EXPECT_EQ(fake::UnknownField(*selector, route->method->response), "");
    }
    EXPECT_EQ(made.headers.Find("Content-Type") != nullptr, !made.body.empty());
    EXPECT_EQ(made.headers.Find("Authorization"), nullptr);
  }
}

TEST(RequestOf, IdsAreEncodedAndParametersSaidOnlyWhereMeant) {  // C-20, C-22, C-44, C-109.
  constexpr char kAt[] = "calendars/en.usa%23holiday%40group.v.calendar.google.com/events";
  PatchEvent patch{kCalendar, kEvent, {}, Etag("\"7\"")};
  const struct {
    Request request;
    std::string want;
  } kRows[] = {
      {ListEvents{kCalendar}, absl::StrCat("GET ", kAt, "?maxResults=250&singleEvents=false")},
      {ListEvents{.calendar = kCalendar,
                  .sync_token = SyncToken("C=&/"),
                  .page_token = PageToken("p"),
                  .max_results = 9999,
                  .show_deleted = true,
                  .single_events = true},
       absl::StrCat("GET ", kAt, "?maxResults=2500&singleEvents=true&showDeleted=true&syncToken=C=&/&pageToken=p")},
      {ListEvents{.calendar = kCalendar, .max_results = 0, .time_min = kNow, .time_max = kNow + absl::Hours(1)},
       absl::StrCat("GET ", kAt, "?maxResults=1&singleEvents=false&timeMin=2026-01-05T08:00:00Z&timeMax=2026-01-05T09:00:00Z")},
      {GetEvent{kCalendar, kEvent}, absl::StrCat("GET ", kAt, "/e1%2F2")},
      {InsertEvent{kCalendar}, absl::StrCat("POST ", kAt, "?sendUpdates=none")},
      {patch, absl::StrCat("PATCH ", kAt, "/e1%2F2?sendUpdates=none if \"7\"")},
      {UpdateEvent{.calendar = kCalendar, .event = kEvent, .send_updates = SendUpdates::kAll},
       absl::StrCat("PUT ", kAt, "/e1%2F2?sendUpdates=all")},
      {DeleteEvent{kCalendar, kEvent, Etag("\"7\"")}, absl::StrCat("DELETE ", kAt, "/e1%2F2?sendUpdates=none if \"7\"")},
      {MoveEvent{kCalendar, kEvent, CalendarId("d@e")},
       absl::StrCat("POST ", kAt, "/e1%2F2/move?destination=d@e&sendUpdates=none")},
      {ImportEvent{kCalendar}, absl::StrCat("POST ", kAt, "/import")},
      {WatchEvents{kCalendar}, absl::StrCat("POST ", kAt, "/watch")},
      {StopChannel{}, "POST channels/stop"},
      {GetCalendar{kCalendar}, "GET users/me/calendarList/en.usa%23holiday%40group.v.calendar.google.com"},
      {ListInstances{.calendar = kCalendar, .event = kEvent, .original_start = EventTime::Date(absl::CivilDay(2026, 1, 6))},
       absl::StrCat("GET ", kAt, "/e1%2F2/instances?maxResults=250&originalStart=2026-01-06")},
      {ListInstances{.calendar = kCalendar,
                     .event = kEvent,
                     .page_token = PageToken("p"),
                     .show_deleted = true,
                     .original_start = EventTime::At(kNow)},
       absl::StrCat("GET ", kAt,
                    "/e1%2F2/instances?maxResults=250&showDeleted=true&originalStart=2026-01-05T08:00:00Z&pageToken=p")},
  };
  for (const auto& row : kRows) EXPECT_EQ(Line(row.request), row.want);
}

TEST(RequestOf, AListingAsksForAllThatIsReadOfAPage) {  // C-36: what the selector leaves out does not come.
  fake::Json page{{"kind", "calendar#events"},   {"accessRole", "reader"},
                  {"timeZone", "Europe/Zurich"}, {"updated", "2026-01-05T08:00:00.000Z"},
                  {"nextPageToken", "p"},        {"nextSyncToken", "s"},
                  {"items", fake::Json::array()}};
  const http::Target target = *http::ParseTarget(RequestOf(ListEvents{kCalendar}, kBase).target);
  fake::SelectFields(*fake::ParseFields(target.query.Get("fields")), page);
  const absl::StatusOr<EventsPage> read = ReadEventsPage(page.dump());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->access_role, AccessRole::kReader);
  EXPECT_EQ(read->time_zone, "Europe/Zurich");
  EXPECT_EQ(read->updated, kNow);
  EXPECT_EQ(read->next_page_token, PageToken("p"));
  EXPECT_EQ(read->next_sync_token, SyncToken("s"));
}

TEST(RequestOf, AnImportHasNoId) {  // C-54.
  ImportEvent import{kCalendar};
  import.event.id = EventId("chosen");
  import.event.ical_uid = ICalUid("uid");
  EXPECT_THAT(RequestOf(import, kBase).body, testing::Not(HasSubstr("chosen")));
}

// "event e", "404 notFound", "unreadable 200".
std::string Summary(const Reply& reply) {
  return std::visit(Overloaded{
                        [](const EventsPage& page) { return absl::StrCat("page of ", page.items.size()); },
                        [](const EventPtr& event) { return absl::StrCat("event ", event->id.text()); },
                        [](const NoContent&) { return std::string("nothing"); },
                        [](const Channel& channel) { return absl::StrCat("channel ", channel.id.text()); },
                        [](const CalendarListEntry& entry) { return absl::StrCat("calendar ", entry.id.text()); },
                        [](const ApiError& error) {
                          if (error.transport == Transport::kUnreadable) return absl::StrCat("unreadable ", error.code);
                          return absl::StrCat(error.code, " ", error.reason);
                        },
                    },
                    reply);
}

TEST(ReplyOf, EachKindReadsItsOwnAnswer) {
  constexpr char kEventBody[] = R"({"id":"e"})";
  constexpr char kPageBody[] = R"({"kind":"calendar#events","items":[{"id":"e"}]})";
  const char* const kBodies[] = {kPageBody,  kEventBody,        kEventBody,
                                 kEventBody, kEventBody,        "",
                                 kEventBody, kEventBody,        R"({"id":"c","resourceId":"r","expiration":"1"})",
                                 "",         R"({"id":"a@b"})", kPageBody};
  const char* const kWants[] = {"page of 1", "event e", "event e",   "event e", "event e",      "nothing",
                                "event e",   "event e", "channel c", "nothing", "calendar a@b", "page of 1"};
  const std::vector<Request> requests = AllKinds();
  for (size_t i = 0; i < requests.size(); ++i) {
    const bool is_empty = kBodies[i][0] == 0;
    EXPECT_EQ(Summary(ReplyOf(requests[i], {.status = is_empty ? 204 : 200, .body = kBodies[i]}, kNow)), kWants[i]);
    if (is_empty) {
      EXPECT_EQ(Summary(ReplyOf(requests[i], {.status = 200, .body = "\n"}, kNow)), "nothing");
    }
    EXPECT_EQ(Summary(ReplyOf(requests[i], {.status = 200, .body = "<html>"}, kNow)), "unreadable 200");  // C-104.
  }
}

TEST(ReplyOf, OnlyGooglesWordIsTakenForGoogles) {
  const auto error = [](int status, const std::string& body) {
    return Summary(ReplyOf(GetEvent{}, {.status = status, .body = body}, kNow));
  };
  constexpr char kNotFound[] =
      R"({"error":{"errors":[{"domain":"global","reason":"notFound"}],"code":404,"message":"Not Found"}})";
  EXPECT_EQ(error(404, kNotFound), "404 notFound");
  EXPECT_EQ(error(404, "<html>Not Found</html>"), "unreadable 404");  // A proxy's.
  EXPECT_EQ(error(404, ""), "unreadable 404");
  EXPECT_EQ(error(410, R"({"error":{}})"), "unreadable 410");
  EXPECT_EQ(error(302, kNotFound), "unreadable 302");  // A login page of the place that lends the line.
  EXPECT_EQ(error(502, "<html>"), "502 ");
  EXPECT_EQ(error(503, ""), "503 ");
  EXPECT_EQ(FailureOf(CallKind::kDelete, std::get<ApiError>(ReplyOf(DeleteEvent{}, {.status = 404, .body = ""}, kNow))),
            Failure::kAmbiguous);
}

TEST(ErrorOf, NoAnswerSaysWhatMayHaveHappened) {
  const auto transport = [](http::NoAnswer::Kind kind) { return ErrorOf(http::NoAnswer{kind, "why"}).transport; };
  EXPECT_EQ(transport(http::NoAnswer::Kind::kNotSent), Transport::kNotSent);
  EXPECT_EQ(transport(http::NoAnswer::Kind::kTimeout), Transport::kTimeout);
  EXPECT_EQ(transport(http::NoAnswer::Kind::kCut), Transport::kReset);
  EXPECT_EQ(transport(http::NoAnswer::Kind::kUnreadable), Transport::kUnreadable);
}

TEST(ParseRetryAfter, SecondsAndDates) {
  EXPECT_EQ(ParseRetryAfter("30", kNow), absl::Seconds(30));
  EXPECT_EQ(ParseRetryAfter("Mon, 05 Jan 2026 08:01:00 GMT", kNow), absl::Minutes(1));
  EXPECT_EQ(ParseRetryAfter("Mon, 05 Jan 2026 07:00:00 GMT", kNow), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("-5", kNow), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("999999999999", kNow), absl::Hours(24));
  EXPECT_EQ(ParseRetryAfter("soon", kNow), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("", kNow), std::nullopt);
  EXPECT_EQ(ErrorOf(http::Response{.status = 429, .headers = {{"retry-after", "7"}}}, kNow).retry_after, absl::Seconds(7));
}

TEST(ListCalendarsRequest, IsAMethodOfTheDiscoveryDocument) {
  const http::Request made = ListCalendarsRequest(kBase, PageToken("p"));
  const http::Target target = *http::ParseTarget(made.target);
  EXPECT_EQ(target.query.Get("pageToken"), "p");
  EXPECT_EQ(fake::UnknownField(*fake::ParseFields(target.query.Get("fields")), "CalendarList"), "");
}

}  // namespace
}  // namespace calsync::adapter
