#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::fake {
namespace {

using testing::HasSubstr;

// Bob too, and Ada's calendar "Work".
struct TwoPeople : FrontDesk {
  TwoPeople() {
    Control("accounts", {{"email", "bob@example.com"}});
    work = http::PercentEncode(StringOf(Get("users/me/calendarList")["items"][1], "id"));
  }
  void BeBob() { token = "test-token-bob@example.com"; }
  void BeAda() { token = "test-token"; }
  std::string work;
};

TEST(CalendarsApi, CalendarsComeChangeAndGo) {
  FrontDesk desk;
  EXPECT_EQ(desk.Outcome("POST", "calendars", Json::object()), "400 required");
  EXPECT_EQ(desk.Outcome("POST", "calendars", {{"summary", "Odd"}, {"description", true}}), "200");  // Found by front_fuzz.
  const Json made = desk.Call("POST", "calendars", {{"summary", "Club"}, {"timeZone", "Asia/Tokyo"}, {"description", "Ours"}});
  EXPECT_EQ(made["timeZone"], "Asia/Tokyo");
  EXPECT_EQ(made["description"], "Ours");
  const std::string path = absl::StrCat("calendars/", http::PercentEncode(StringOf(made, "id")));
  EXPECT_EQ(desk.Get(path), made);
  const Json patched = desk.Call("PATCH", path, {{"summary", "Choir"}, {"description", nullptr}});
  EXPECT_EQ(patched["summary"], "Choir");
  EXPECT_FALSE(patched.contains("description"));
  EXPECT_NE(patched["etag"], made["etag"]);
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"timeZone", "Mars"}}), "400 invalid");
  EXPECT_EQ(desk.Get(absl::StrCat(path, "/events"))["summary"], "Choir");
  EXPECT_EQ(desk.Outcome("DELETE", path), "204");
  EXPECT_EQ(desk.Outcome("GET", path), "404 notFound");
  EXPECT_EQ(desk.Outcome("DELETE", "calendars/primary"), "400 cannotDeletePrimaryCalendar");
}

TEST(CalendarsApi, APrimaryCalendarIsCleared) {
  FrontDesk desk;
  Json series = AnEventJson("Standup");
  series["recurrence"] = Json::array({"RRULE:FREQ=DAILY"});
  desk.Insert(series);
  desk.Insert(AnEventJson("Lunch"));
  EXPECT_EQ(desk.Outcome("POST", "calendars/primary/clear"), "204");
  EXPECT_EQ(Summaries(desk.Get("calendars/primary/events")), "");
}

TEST(CalendarsApi, TheListIsEachPersonsOwn) {  // Contract 1.6.
  TwoPeople desk;
  const Json list = desk.Get("users/me/calendarList");
  EXPECT_EQ(list["items"].size(), 3U);
  EXPECT_EQ(list["items"][0]["primary"], true);
  EXPECT_FALSE(list["items"][1].contains("primary"));
  const std::string entry = absl::StrCat("users/me/calendarList/", desk.work);
  EXPECT_EQ(desk.Call("PATCH", entry, {{"summaryOverride", "Job"}, {"hidden", true}})["summaryOverride"], "Job");
  EXPECT_EQ(desk.Get("users/me/calendarList")["items"].size(), 2U);  // Hidden ones are asked for.
  EXPECT_EQ(desk.Get("users/me/calendarList?showHidden=true")["items"].size(), 3U);
  const Json delta = desk.Get(absl::StrCat("users/me/calendarList?syncToken=", StringOf(list, "nextSyncToken")));
  ASSERT_EQ(delta["items"].size(), 1U);
  EXPECT_EQ(delta["items"][0]["hidden"], true);
  for (const Json& wrong : {Json{{"summaryOverride", 5}}, Json{{"hidden", "no"}}, Json{{"defaultReminders", "none"}}}) {
    EXPECT_EQ(desk.Outcome("PATCH", entry, wrong), "400 invalid") << wrong;
  }
  const Json reminders = Json::array({Json{{"method", "email"}, {"minutes", 5}}});
  desk.Call("PATCH", entry, {{"defaultReminders", reminders}});
  EXPECT_EQ(desk.Get(absl::StrCat("calendars/", desk.work, "/events"))["defaultReminders"], reminders);
  EXPECT_EQ(desk.Outcome("DELETE", entry), "204");
  EXPECT_EQ(desk.Outcome("GET", entry), "404 notFound");
  const Json gone = desk.Get(absl::StrCat("users/me/calendarList?syncToken=", StringOf(delta, "nextSyncToken")));
  EXPECT_EQ(gone["items"][0]["deleted"], true);
  EXPECT_EQ(desk.Outcome("POST", "users/me/calendarList", {{"id", *http::PercentDecode(desk.work)}}), "200");
  EXPECT_EQ(desk.Get("users/me/calendarList?maxResults=2")["items"].size(), 2U);
  EXPECT_TRUE(desk.Get("users/me/calendarList?maxResults=2").contains("nextPageToken"));
  EXPECT_EQ(desk.Outcome("GET", "users/me/calendarList?syncToken=garbage"), "400 invalid");
  desk.BeBob();
  EXPECT_EQ(desk.Get("users/me/calendarList")["items"].size(), 1U);
}

TEST(CalendarsApi, RulesSayWhoMayDoWhat) {  // C-35, C-50.
  TwoPeople desk;
  const std::string events = absl::StrCat("calendars/", desk.work, "/events");
  const std::string rules = absl::StrCat("calendars/", desk.work, "/acl");
  desk.BeBob();
  EXPECT_EQ(desk.Outcome("GET", events), "404 notFound");
  EXPECT_EQ(desk.Outcome("GET", rules), "404 notFound");
  desk.BeAda();
  const Json rule = desk.Call("POST", rules, {{"role", "reader"}, {"scope", {{"type", "user"}, {"value", "bob@example.com"}}}});
  EXPECT_EQ(rule["id"], "user:bob@example.com");
  desk.BeBob();
  EXPECT_EQ(desk.Get(events)["accessRole"], "reader");
  EXPECT_EQ(desk.Outcome("POST", events, AnEventJson("x")), "403 requiredAccessLevel");
  EXPECT_EQ(desk.Outcome("GET", rules), "403 forbidden");
  desk.BeAda();
  EXPECT_EQ(desk.Call("PATCH", absl::StrCat(rules, "/user:bob@example.com"), {{"role", "writer"}})["role"], "writer");
  EXPECT_EQ(desk.Get(rules)["items"].size(), 2U);
  desk.BeBob();
  EXPECT_EQ(desk.Outcome("POST", events, AnEventJson("x")), "200");
  desk.BeAda();
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat(rules, "/user:bob@example.com")), "204");
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat(rules, "/user:bob@example.com")), "404 notFound");
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat(rules, "/user:ada@example.com")), "403 cannotChangeOwnAcl");
  desk.BeBob();
  EXPECT_EQ(desk.Outcome("GET", events), "404 notFound");
}

TEST(CalendarsApi, EtagsAreConditionsHereToo) {  // C-44.
  TwoPeople desk;
  const std::string rules = absl::StrCat("calendars/", desk.work, "/acl");
  desk.Call("POST", rules, {{"role", "reader"}, {"scope", {{"type", "user"}, {"value", "bob@example.com"}}}});
  const struct {
    std::string path;
    Json change;
  } kRows[] = {{absl::StrCat("calendars/", desk.work), {{"description", "Ours"}}},
               {absl::StrCat("users/me/calendarList/", desk.work), {{"selected", false}}},
               {absl::StrCat(rules, "/user:bob@example.com"), {{"role", "writer"}}}};
  for (const auto& row : kRows) {
    const std::string etag = StringOf(desk.Get(row.path), "etag");
    EXPECT_EQ(desk.Outcome("GET", row.path, Json(), {{"If-None-Match", etag}}), "304") << row.path;
    EXPECT_EQ(desk.last.body, "");
    EXPECT_EQ(desk.Outcome("PATCH", row.path, row.change, {{"If-Match", "\"1\""}}), "412 conditionNotMet") << row.path;
    EXPECT_EQ(desk.Outcome("PATCH", row.path, row.change, {{"If-Match", etag}}), "200") << row.path;
    EXPECT_EQ(desk.Outcome("GET", row.path, Json(), {{"If-None-Match", etag}}), "200") << row.path;
    EXPECT_EQ(desk.Outcome("DELETE", row.path, Json(), {{"If-Match", etag}}), "412 conditionNotMet") << row.path;
    EXPECT_EQ(desk.Outcome("PATCH", row.path, row.change, {{"If-Match", "*"}}), "200") << row.path;
  }
  for (const std::string& list : {rules, std::string("users/me/calendarList")}) {
    EXPECT_EQ(desk.Outcome("GET", list, Json(), {{"If-None-Match", StringOf(desk.Get(list), "etag")}}), "304") << list;
  }
}

TEST(CalendarsApi, PrivateEventsAreHiddenFromReaders) {  // C-14, C-15.
  TwoPeople desk;
  Json secret = AnEventJson("Secret");
  secret["visibility"] = "private";
  desk.Insert(secret, desk.work);
  desk.Control("role", {{"calendar", *http::PercentDecode(desk.work)}, {"account", "bob@example.com"}, {"role", "reader"}});
  desk.BeBob();
  const Json row = desk.Get(absl::StrCat("calendars/", desk.work, "/events"))["items"][0];
  for (const char* name : {"summary", "creator", "htmlLink", "reminders"}) EXPECT_FALSE(row.contains(name)) << name;
  EXPECT_EQ(row["visibility"], "private");
  EXPECT_TRUE(row.contains("start"));
}

TEST(CalendarsApi, InvitationsArriveAndAnswersComeBack) {  // C-13.
  TwoPeople desk;
  Json meeting = AnEventJson("Meeting");
  meeting["attendees"] = Json::array({Json{{"email", "bob@example.com"}}});
  const std::string id = StringOf(desk.Insert(meeting), "id");
  const std::string path = absl::StrCat("calendars/primary/events/", id);
  desk.BeBob();
  EXPECT_EQ(desk.Outcome("GET", path), "404 notFound");
  desk.Advance(absl::Seconds(5));
  const Json copy = desk.Get(path);
  EXPECT_EQ(copy["iCalUID"], absl::StrCat(id, "@google.com"));
  EXPECT_EQ(copy["attendees"][0]["self"], true);
  EXPECT_FALSE(copy["organizer"].contains("self"));
  desk.Control("act", {{"as", "bob@example.com"}, {"do", "accept"}, {"event", id}});
  EXPECT_EQ(desk.last.status, 200) << desk.last.body;
  desk.Advance(absl::Seconds(5));
  desk.BeAda();
  EXPECT_EQ(desk.Get(path)["attendees"][0]["responseStatus"], "accepted");
}

TEST(CalendarsApi, AnOmittedGuestIsNotLost) {  // Contract 1.3.
  TwoPeople desk;
  Json meeting = AnEventJson("Meeting");
  meeting["attendees"] =
      Json::array({Json{{"email", "ada@example.com"}}, Json{{"email", "bob@example.com"}, {"displayName", "Bob"}}});
  const std::string event = absl::StrCat("calendars/primary/events/", StringOf(desk.Insert(meeting), "id"));
  const Json own = Json::array({Json{{"email", "ada@example.com"}, {"responseStatus", "declined"}}});
  const Json patched = desk.Call("PATCH", event, {{"attendeesOmitted", true}, {"attendees", own}});
  ASSERT_EQ(patched["attendees"].size(), 2U);
  EXPECT_EQ(patched["attendees"][0]["responseStatus"], "declined");
  EXPECT_EQ(patched["attendees"][1]["displayName"], "Bob");
  Json whole = AnEventJson("Meeting");
  whole["attendeesOmitted"] = true;
  whole["attendees"] = own;
  EXPECT_EQ(desk.Call("PUT", event, whole)["attendees"][1]["displayName"], "Bob");
  EXPECT_EQ(desk.Call("PATCH", event, {{"attendees", own}})["attendees"].size(), 1U);  // The whole list.
}

TEST(OtherApi, BusyTimesAreMergedAndDeclinedOnesLeftOut) {
  TwoPeople desk;
  desk.Insert(AnEventJson("One"));
  Json overlapping = AnEventJson("Two");
  overlapping["start"]["dateTime"] = "2026-01-06T10:30:00+01:00";
  overlapping["end"]["dateTime"] = "2026-01-06T11:30:00+01:00";
  desk.Insert(overlapping);
  Json day{{"summary", "Off"}, {"start", {{"date", "2026-01-08"}}}, {"end", {{"date", "2026-01-09"}}}};
  desk.Insert(day);
  const Json query{{"timeMin", "2026-01-05T00:00:00Z"},
                   {"timeMax", "2026-01-10T00:00:00Z"},
                   {"timeZone", "Europe/Zurich"},
                   {"items", Json::array({Json{{"id", "primary"}}, Json{{"id", "bob@example.com"}}})}};
  const Json calendars = desk.Call("POST", "freeBusy", query)["calendars"];
  EXPECT_EQ(calendars["primary"]["busy"],
            Json::array({Json{{"start", "2026-01-06T10:00:00+01:00"}, {"end", "2026-01-06T11:30:00+01:00"}},
                         Json{{"start", "2026-01-08T00:00:00+01:00"}, {"end", "2026-01-09T00:00:00+01:00"}}}));
  EXPECT_EQ(calendars["bob@example.com"]["errors"][0]["reason"], "notFound");
  Json short_query = query;
  short_query["calendarExpansionMax"] = 1;
  const Json cut = desk.Call("POST", "freeBusy", short_query)["calendars"];
  EXPECT_FALSE(cut["primary"].contains("errors"));
  EXPECT_EQ(cut["bob@example.com"]["errors"][0]["reason"], "tooManyCalendarsRequested");
  short_query["calendarExpansionMax"] = "many";
  EXPECT_EQ(desk.Outcome("POST", "freeBusy", short_query), "400 invalid");
  Json long_query = query;
  long_query["timeMax"] = "2026-09-10T00:00:00Z";
  EXPECT_EQ(desk.Outcome("POST", "freeBusy", long_query), "400 timeRangeTooLong");
}

// The numbers of the messages that came, by channel.
std::string Announced(FrontDesk& desk) {
  std::string text;
  for (const PushMessage& message : desk.front.TakeDue())
    absl::StrAppend(&text, message.channel.text(), ":", Name(message.state), " ");
  return text;
}

TEST(Channels, OtherCollectionsAreWatchedToo) {  // C-82, C-87, C-88.
  TwoPeople desk;
  const auto watch = [&](const std::string& path, const std::string& id) {
    return desk.Call("POST", path, {{"id", id}, {"type", "web_hook"}, {"address", "http://127.0.0.1:1/"}});
  };
  const std::string rules = absl::StrCat("calendars/", desk.work, "/acl");
  const Json of_rules = watch(absl::StrCat(rules, "/watch"), "rules");
  const Json of_list = watch("users/me/calendarList/watch", "list");
  const Json of_settings = watch("users/me/settings/watch", "settings");
  EXPECT_THAT(StringOf(of_rules, "resourceUri"), testing::EndsWith("/acl?alt=json"));
  EXPECT_THAT(StringOf(of_list, "resourceUri"), testing::EndsWith("users/me/calendarList?alt=json"));
  EXPECT_THAT(StringOf(of_settings, "resourceUri"), testing::EndsWith("users/me/settings?alt=json"));
  EXPECT_NE(of_list["resourceId"], of_settings["resourceId"]);
  EXPECT_EQ(Announced(desk), "rules:sync list:sync settings:sync ");
  desk.Insert(AnEventJson("Lunch"));
  EXPECT_EQ(Announced(desk), "");  // Events are another collection.
  desk.Call("POST", rules, {{"role", "reader"}, {"scope", {{"type", "user"}, {"value", "bob@example.com"}}}});
  EXPECT_EQ(Announced(desk), "rules:exists ");  // And it is Bob's list that changed.
  desk.Call("PATCH", absl::StrCat("users/me/calendarList/", desk.work), {{"colorId", "3"}});
  EXPECT_EQ(Announced(desk), "list:exists ");
  desk.Call("PATCH", "calendars/primary", {{"timeZone", "Europe/Paris"}});
  EXPECT_EQ(Announced(desk), "settings:exists ");
  desk.Call("PATCH", "calendars/primary", {{"timeZone", "Europe/Paris"}});
  EXPECT_EQ(Announced(desk), "");  // C-91.
  EXPECT_EQ(desk.Outcome("DELETE", "users/me/calendarList/primary"), "400 invalid");
  EXPECT_EQ(Announced(desk), "");  // C-91, C-110: nothing was changed.
  EXPECT_EQ(desk.Outcome("POST", "channels/stop", {{"id", "list"}, {"resourceId", of_rules["resourceId"]}}), "404 notFound");
  EXPECT_EQ(desk.Outcome("POST", "channels/stop", {{"id", "list"}, {"resourceId", of_list["resourceId"]}}), "204");
  desk.Call("PATCH", absl::StrCat("users/me/calendarList/", desk.work), {{"colorId", "4"}});
  EXPECT_EQ(Announced(desk), "");
  desk.BeBob();
  watch(absl::StrCat(rules, "/watch"), "bobs");
  EXPECT_EQ(desk.last.status, 403);  // Rules are the owners' business.
}

TEST(CalendarsApi, RulesAndSettingsHaveSyncTokens) {  // C-25, C-26.
  TwoPeople desk;
  const std::string rules = absl::StrCat("calendars/", desk.work, "/acl");
  const std::string settings = "users/me/settings";
  const auto since = [](const std::string& path, const Json& page) {
    return absl::StrCat(path, "?syncToken=", StringOf(page, "nextSyncToken"));
  };
  const Json first = desk.Get(rules);
  desk.Call("POST", rules, {{"role", "reader"}, {"scope", {{"type", "user"}, {"value", "bob@example.com"}}}});
  const Json second = desk.Get(since(rules, first));
  ASSERT_EQ(second["items"].size(), 1U);
  EXPECT_EQ(second["items"][0]["role"], "reader");
  desk.Outcome("DELETE", absl::StrCat(rules, "/user:bob@example.com"));
  EXPECT_EQ(desk.Get(since(rules, second))["items"][0]["role"], "none");
  EXPECT_EQ(desk.Get(since(rules, first))["items"].size(), 1U);  // Each once, as it is now.
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(since(rules, first), "&showDeleted=false")), "400 badRequest");
  EXPECT_EQ(desk.Outcome("GET", since("users/me/calendarList", first)), "400 invalid");  // Of another list.

  const Json all = desk.Get(settings);
  EXPECT_EQ(desk.Get(since(settings, all))["items"].size(), 0U);
  desk.Call("PATCH", "calendars/primary", {{"timeZone", "Europe/Paris"}});
  const Json changed = desk.Get(since(settings, all));
  ASSERT_EQ(changed["items"].size(), 1U);
  EXPECT_EQ(changed["items"][0]["value"], "Europe/Paris");
  const Json page = desk.Get("users/me/settings?maxResults=5");
  EXPECT_EQ(page["items"].size(), 5U);
  EXPECT_FALSE(page.contains("nextSyncToken"));
  const Json next = desk.Get(absl::StrCat("users/me/settings?maxResults=5&pageToken=", StringOf(page, "nextPageToken")));
  EXPECT_NE(next["items"][0], page["items"][0]);
  desk.Advance(absl::Hours(24 * 31));
  for (const std::string& path : {since(rules, first), since(settings, all)}) {
    EXPECT_EQ(desk.Outcome("GET", path), "410 fullSyncRequired") << path;
  }
}

TEST(CalendarsApi, AdministratorsTransferCalendars) {
  TwoPeople desk;
  const std::string transfer =
      absl::StrCat("calendars/", desk.work, "/transferOwnership?newDataOwner=bob@example.com&useAdminAccess=");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(transfer, "true")), "403 forbidden");
  desk.Control("administrators", {{"account", "ada@example.com"}});
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(transfer, "false")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("POST", "calendars/primary/transferOwnership?newDataOwner=bob@example.com&useAdminAccess=true"),
            "400 invalid");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(transfer, "true")), "204");
  EXPECT_EQ(desk.Get(absl::StrCat("calendars/", desk.work))["dataOwner"], "bob@example.com");
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat("calendars/", desk.work)), "403 forbidden");
  desk.BeBob();
  EXPECT_EQ(desk.Get(absl::StrCat("users/me/calendarList/", desk.work))["accessRole"], "owner");
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat("calendars/", desk.work)), "204");
}

TEST(OtherApi, SettingsAndColours) {
  FrontDesk desk;
  EXPECT_EQ(desk.Get("users/me/settings/timezone")["value"], "Europe/Zurich");
  EXPECT_GT(desk.Get("users/me/settings")["items"].size(), 5U);
  EXPECT_EQ(desk.Outcome("GET", "users/me/settings/nothing"), "404 notFound");
  EXPECT_EQ(desk.Get("colors")["event"].size(), 11U);
}

TEST(OtherApi, SentencesBecomeEvents) {
  const absl::TimeZone zone = absl::FixedTimeZone(3600);
  const absl::Time now = absl::FromCivil(absl::CivilMinute(2026, 1, 5, 9, 20), zone);
  const struct {
    const char* text;
    const char* summary;
    const char* span;
  } kRows[] = {
      {"Call mum", "Call mum", "2026-01-05T09:00:00Z/2026-01-05T10:00:00Z"},
      {"Gym at 7pm", "Gym", "2026-01-05T18:00:00Z/2026-01-05T19:00:00Z"},
      {"Flight 2026-02-03 6:15", "Flight", "2026-02-03T05:15:00Z/2026-02-03T06:15:00Z"},
      {"Night 22:00-2:00", "Night", "2026-01-05T21:00:00Z/2026-01-06T01:00:00Z"},
      {"Holiday on 2026-03-01", "Holiday", "2026-03-01/2026-03-02"},
      {"Meet 10 people", "Meet 10 people", "2026-01-05T09:00:00Z/2026-01-05T10:00:00Z"},
  };
  for (const auto& row : kRows) {
    const Event event = QuickEvent(row.text, now, "Etc/GMT-1", zone);
    EXPECT_EQ(event.summary, row.summary) << row.text;
    EXPECT_EQ(FormatSpan(event.span()), row.span) << row.text;
  }
}

}  // namespace
}  // namespace calsync::fake
