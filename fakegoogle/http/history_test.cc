// A state that is taken elsewhere: whatever was given out there is good here, and nothing can be told apart.

#include "fakegoogle/http/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::fake {
namespace {

using testing::HasSubstr;

constexpr char kClub[] =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Club\r\nBEGIN:VEVENT\r\nUID:one@example.com\r\nDTSTART:20260107T090000Z\r\n"
    "DTEND:20260107T100000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Rehearsal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

Json ExportOf(FrontDesk& desk) {
  const Json state = desk.Ask("export");
  EXPECT_EQ(desk.last.status, 200) << desk.last.body;
  return state;
}

// The state goes over as text, as it would in a file.
void Take(FrontDesk& to, const Json& state) {
  const http::Response response = to.Send("POST", "/_fake/import", FormatJson(state));
  EXPECT_EQ(response.status, 200) << response.body;
}

// All that a fake says to a round of requests, faults and messages included.
std::string Interview(FrontDesk& desk) {
  std::string all;
  for (int i = 0; i < 40; ++i) {
    desk.Call("POST", kEvents, AnEventJson(absl::StrCat("Later ", i), 6 + i % 20));
    absl::StrAppend(&all, desk.last.status, desk.last.body, static_cast<int>(desk.last.ending), "\n");
    desk.Call("GET", absl::StrCat(kEvents, "?maxResults=7"));
    absl::StrAppend(&all, desk.last.status, desk.last.body, "\n");
    desk.Advance(absl::Seconds(7));
    for (const PushMessage& message : desk.front.TakeDue())
      absl::StrAppend(&all, message.channel.text(), " ", message.number, "\n");
  }
  for (const char* const what : {"state", "writes", "journal", "knobs"}) {
    desk.Ask(what);
    absl::StrAppend(&all, desk.last.body);
  }
  return all;
}

Json AWatch(const std::string& id) {
  return {{"id", id}, {"type", "web_hook"}, {"address", "http://127.0.0.1:1/hook"}, {"token", "s\xc3\xa9same"}};
}

TEST(History, AStateThatIsTakenElsewhereAnswersAlike) {
  Beginning beginning{.seed = 9, .calendars = {{.name = "Club", .ics = kClub}}, .faults = *FaultProfile("rough")};
  FrontDesk there({.beginning = beginning});
  there.Control("accounts", {{"email", "bob@example.com"}});
  there.Control("knobs", {{"tombstone", "details"}, {"sendsAfterStop", "10s"}});
  there.Control("faults", {{"rates", {{"W3", 500}}}});
  there.Call("POST", absl::StrCat(kEvents, "/watch"), AWatch("c1"));
  for (int i = 0; i < 60; ++i) {
    Json event = AnEventJson(absl::StrCat("Event \xc3\xbc ", i), 6 + i % 20);
    if (i % 5 == 0) event["attendees"] = Json::array({Json{{"email", "bob@example.com"}}});
    const Json made = there.Call("POST", kEvents, event);
    if (i % 7 == 0) there.Call("DELETE", absl::StrCat(kEvents, "/", StringOf(made, "id")));
    if (i % 3 == 0) there.front.TakeDue();
    there.Advance(absl::Milliseconds(700));
  }
  FrontDesk here;
  Take(here, ExportOf(there));
  EXPECT_EQ(here.front.Now(), there.front.Now());
  EXPECT_EQ(ExportOf(here), ExportOf(there));
  EXPECT_EQ(Interview(here), Interview(there));
}

TEST(History, WhatWasGivenOutStaysGood) {
  FrontDesk there;
  for (int i = 0; i < 5; ++i) there.Insert(AnEventJson(absl::StrCat("Event ", i), 6 + i));
  const Json event = there.Insert(AnEventJson("Lunch", 12));
  const std::string sync = StringOf(there.Get(kEvents), "nextSyncToken");
  const std::string page = StringOf(there.Get(absl::StrCat(kEvents, "?maxResults=2")), "nextPageToken");
  const Json channel = there.Call("POST", absl::StrCat(kEvents, "/watch"), AWatch("c1"));
  there.front.TakeDue();
  const std::string form =
      "grant_type=refresh_token&refresh_token=test-refresh-token&client_id=test-client&client_secret=test-secret";
  const http::Headers is_form{{"Content-Type", "application/x-www-form-urlencoded"}};
  const std::string token = StringOf(*ParseJson(there.Send("POST", "/token", form, is_form).body), "access_token");

  FrontDesk here;
  Take(here, ExportOf(there));
  EXPECT_TRUE(here.front.TakeDue().empty());  // Posted there; not again.
  const std::string lunch = absl::StrCat(kEvents, "/", StringOf(event, "id"));
  EXPECT_EQ(here.Outcome("PATCH", lunch, {{"summary", "Late lunch"}}, {{"If-Match", StringOf(event, "etag")}}), "200");  // C-44.
  EXPECT_EQ(Summaries(here.Get(absl::StrCat(kEvents, "?syncToken=", http::PercentEncode(sync)))), "Late lunch");         // C-25.
  EXPECT_EQ(here.Get(absl::StrCat(kEvents, "?maxResults=2&pageToken=", http::PercentEncode(page)))["items"].size(), 2U);
  const std::vector<PushMessage> messages = here.front.TakeDue();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].channel.text(), "c1");
  EXPECT_GT(messages[0].number, 1U);  // C-83.
  EXPECT_EQ(messages[0].token, "s\xc3\xa9same");
  EXPECT_EQ(here.Outcome("POST", "channels/stop", {{"id", "c1"}, {"resourceId", channel["resourceId"]}}), "204");  // C-88.
  EXPECT_EQ(here.Send("POST", "/token", form, is_form).status, 200);                                               // C-105.
  here.token = token;
  EXPECT_EQ(here.Outcome("GET", kEvents), "200");
  here.Advance(absl::Hours(2));
  EXPECT_EQ(here.Outcome("GET", kEvents), "401 authError");
}

TEST(History, MachinesClocksGoOn) {
  absl::Time time = absl::FromUnixNanos(1'767'700'000'123'456'789);
  const auto clock = [&] { return time += absl::Nanoseconds(1700); };  // Another one at each reading.
  FrontDesk there({.beginning = {.calendars = {{.name = "Club", .ics = kClub}}}, .clock = clock});
  there.Call("POST", absl::StrCat(kEvents, "/watch"), AWatch("c1"));
  for (int i = 0; i < 20; ++i) {
    there.Insert(AnEventJson(absl::StrCat("Event ", i)));
    there.front.TakeDue();
  }
  there.front.set_root_url("http://127.0.0.1:9999/");
  there.Control("act", {{"as", "ada@example.com"}, {"do", "create"}, {"body", AnEventJson("Walk")}});
  const Json before = there.Get(kEvents)["items"];
  FrontDesk here({.clock = clock});
  const std::string own = here.front.root_url();
  Take(here, ExportOf(there));
  EXPECT_EQ(here.Get(kEvents)["items"], before);
  EXPECT_EQ(here.front.root_url(), own);
  FrontDesk further({.clock = clock});  // And from there to elsewhere.
  Take(further, ExportOf(here));
  EXPECT_EQ(further.Get(kEvents)["items"], before);
}

TEST(History, BytesOfAllKindsAreKept) {
  FrontDesk there;
  there.Send("POST", "/calendar/v3/calendars/primary/events", "\xff\xfe{", {{"Authorization", "Bearer \x80"}});
  there.Send("GET", "/calendar/v3/\xc3", "", {{"If-Match", "\xc3\x28"}});
  FrontDesk here;
  Take(here, ExportOf(there));
  EXPECT_EQ(ExportOf(here), ExportOf(there));
}

TEST(History, BeginsAnewWithAReset) {
  FrontDesk desk;
  const Json first = ExportOf(desk);
  desk.Insert(AnEventJson("Lunch"));
  EXPECT_NE(ExportOf(desk), first);
  desk.Control("reset", Json::object());
  EXPECT_EQ(ExportOf(desk), first);
}

TEST(History, LooksAndStrangersLeaveNoTrace) {
  FrontDesk desk;
  const Json first = ExportOf(desk);
  desk.Ask("state");
  desk.Ask("journal");
  desk.Send("POST", "/_fake/expire", R"({"calendar": "ada@example.com"})", {{"Origin", "http://elsewhere.example"}});
  desk.front.TakeDue();
  EXPECT_EQ(ExportOf(desk), first);
}

TEST(History, WhatCannotBeTakenUpChangesNothing) {
  FrontDesk desk;
  desk.Insert(AnEventJson("Lunch"));
  const Json good = ExportOf(desk);
  const auto with = [&](const char* name, const Json& value) {
    Json changed = good;
    changed[name] = value;
    return changed;
  };
  Json other_answers = good;
  other_answers["history"][0]["target"] = "/calendar/v3/calendars/nowhere/events";
  Json half = good;
  half["history"][0].erase("headers");
  const struct {
    Json state;
    const char* says;
  } kRows[] = {
      {Json::object(), "is no state of a fake"},
      {with("version", 2), "newer calsync: it has format 2, and this one reads format 1"},
      {with("version", "one"), "is broken: \"version\" cannot be read"},
      {with("clock", "real"), "was kept with --clock real, which this fake has not"},
      {with("clock", "sundial"), "is broken: \"clock\""},
      {with("beginning", Json::object()), "is broken: \"beginning\""},
      {half, "is broken: entry 1 of \"history\""},
      {other_answers, "answers differently"},
      {with("answers", "0000000000000000"), "answers differently"},
  };
  for (const auto& row : kRows) {
    const Json refused = desk.Control("import", row.state);
    EXPECT_EQ(desk.last.status, 400) << row.says;
    EXPECT_THAT(StringOf(refused["error"], "message"), HasSubstr(row.says));
    EXPECT_EQ(ExportOf(desk), good) << row.says;
  }
}

TEST(History, SavesWhereItIsToldTo) {
  FrontDesk nowhere;
  nowhere.Control("save", Json::object());
  EXPECT_EQ(nowhere.last.status, 409);
  Json saved;
  absl::Status outcome;
  FrontDesk desk({.keeps = [&](const Json& state) {
    saved = state;
    return outcome;
  }});
  desk.Insert(AnEventJson("Lunch"));
  desk.Control("save", Json::object());
  EXPECT_EQ(desk.last.status, 200);
  EXPECT_EQ(saved, ExportOf(desk));
  outcome = absl::InternalError("the disk is full");
  desk.Control("save", Json::object());
  EXPECT_EQ(desk.last.status, 500);
  EXPECT_THAT(desk.last.body, HasSubstr("the disk is full"));
}

}  // namespace
}  // namespace calsync::fake
