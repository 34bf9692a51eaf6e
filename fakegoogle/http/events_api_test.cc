// The API's face of events: JSON, parameters, headers. What becomes of events is the model's own tests' to hold.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::fake {
namespace {

using testing::HasSubstr;

TEST(EventsApi, TimesAreWrittenInTheZoneThatIsAskedFor) {  // C-9.
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  event["start"]["timeZone"] = "America/New_York";
  const std::string id = StringOf(desk.Insert(event), "id");
  const auto start = [&](const std::string& query) { return desk.Get(absl::StrCat(kEvents, "/", id, query))["start"]; };
  EXPECT_EQ(start("")["dateTime"], "2026-01-06T10:00:00+01:00");  // The calendar's.
  EXPECT_EQ(start("")["timeZone"], "America/New_York");           // The event's own stays.
  EXPECT_EQ(start("?timeZone=Asia%2FTokyo")["dateTime"], "2026-01-06T18:00:00+09:00");
  EXPECT_EQ(start("?timeZone=UTC")["dateTime"], "2026-01-06T09:00:00Z");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "/", id, "?timeZone=Mars/Olympus")), "400 invalidParameter");
}

TEST(EventsApi, DefaultsAreLeftOut) {  // C-16.
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  event["transparency"] = "opaque";
  event["visibility"] = "default";
  for (const char* name : {"guestsCanInviteOthers", "guestsCanSeeOtherGuests"}) event[name] = true;
  for (const char* name : {"anyoneCanAddSelf", "endTimeUnspecified"}) event[name] = false;
  event["attendees"] = Json::array({Json{{"email", "bob@example.com"}, {"optional", false}}});
  const Json made = desk.Insert(event);
  for (const char* name : {"transparency", "visibility", "description", "location", "recurrence", "extendedProperties",
                           "guestsCanModify", "privateCopy", "attendeesOmitted", "guestsCanInviteOthers",
                           "guestsCanSeeOtherGuests", "anyoneCanAddSelf", "endTimeUnspecified"}) {
    EXPECT_FALSE(made.contains(name)) << name;
  }
  EXPECT_FALSE(made["attendees"][0].contains("optional"));
  EXPECT_EQ(made["eventType"], "default");
  EXPECT_EQ(made["reminders"], (Json{{"useDefault", true}}));
  EXPECT_EQ(made["kind"], "calendar#event");
  EXPECT_EQ(made["status"], "confirmed");
}

TEST(EventsApi, TheLinkNamesEventAndCalendar) {
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  event["id"] = "lunch";
  // base64("lunch ada@example.com").
  EXPECT_EQ(desk.Insert(event)["htmlLink"], "https://www.google.com/calendar/event?eid=bHVuY2ggYWRhQGV4YW1wbGUuY29t");
}

TEST(EventsApi, EtagsAreHeadersToo) {  // C-4, C-44.
  FrontDesk desk;
  const Json made = desk.Insert(AnEventJson("Lunch"));
  EXPECT_EQ(desk.last.headers.Get("ETag"), StringOf(made, "etag"));
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  EXPECT_EQ(desk.Outcome("GET", path, Json(), {{"If-None-Match", StringOf(made, "etag")}}), "304");
  EXPECT_EQ(desk.last.body, "");
  EXPECT_EQ(desk.Outcome("GET", path, Json(), {{"If-None-Match", "\"1\""}}), "200");
  const std::string list = StringOf(desk.Get(kEvents), "etag");
  EXPECT_EQ(desk.Outcome("GET", kEvents, Json(), {{"If-None-Match", list}}), "304");
  EXPECT_EQ(desk.Outcome("PATCH", path, Json{{"summary", "x"}}, {{"If-Match", "\"1\""}}), "412 conditionNotMet");
  EXPECT_EQ(desk.Outcome("PATCH", path, Json{{"summary", "x"}}, {{"If-Match", StringOf(made, "etag")}}), "200");
  EXPECT_EQ(desk.Outcome("GET", kEvents, Json(), {{"If-None-Match", list}}), "200");
  EXPECT_EQ(desk.Outcome("DELETE", path, Json(), {{"If-Match", StringOf(made, "etag")}}), "412 conditionNotMet");
  EXPECT_EQ(desk.Outcome("DELETE", path, Json(), {{"If-Match", "*"}}), "204");
}

TEST(EventsApi, WhatIsWrongWithABodyIsSaid) {  // C-6, C-7, C-8.
  FrontDesk desk;
  const auto with = [](const char* name, const Json& value) {
    Json event = AnEventJson("Lunch");
    event[name] = value;
    return event;
  };
  const struct {
    const char* name;
    Json body;
    const char* want;
    const char* message;
  } kRows[] = {
      {"nothing", Json::object(), "400 required", "Missing end time."},
      {"no start", Json{{"end", {{"date", "2026-01-06"}}}}, "400 required", "Missing start time."},
      {"no offset, no zone", with("start", {{"dateTime", "2026-01-06T09:00:00"}}), "400 required",
       "Missing time zone definition"},
      {"an unknown zone", with("start", {{"dateTime", "2026-01-06T09:00:00"}, {"timeZone", "Mars"}}), "400 invalid", "time zone"},
      {"no date", with("start", {{"date", "tomorrow"}}), "400 invalid", "Invalid Value"},
      {"a date of single digits", with("start", {{"date", "2026-1-6"}}), "400 invalid", "Invalid Value"},
      {"a date with a space", with("start", {{"date", " 2026-01-06"}}), "400 invalid", "Invalid Value"},
      {"an hour of one digit", with("start", {{"dateTime", "2026-01-06T9:00:00Z"}}), "400 invalid", "Invalid Value"},
      {"a time with a space", with("start", {{"dateTime", "2026-01-06T09:00:00Z "}}), "400 invalid", "Invalid Value"},
      {"a clock of single digits", with("start", {{"dateTime", "2026-1-6T9:0:0"}, {"timeZone", "Europe/Zurich"}}), "400 invalid",
       "Invalid Value"},
      {"both kinds", with("end", {{"date", "2026-01-07"}}), "400 invalid", "either both"},
      {"no length", with("end", {{"dateTime", "2026-01-06T10:00:00+01:00"}}), "400 timeRangeEmpty", "empty"},
      {"a number for a text", with("summary", 5), "400 invalid", "Invalid Value"},
      {"no such status", with("status", "maybe"), "400 invalid", "Invalid Value"},
      {"an id that is none", with("id", "UPPER"), "400 invalid", "Invalid resource id value."},
      {"reminders",
       with("reminders", {{"useDefault", false}, {"overrides", Json::array({Json{{"method", "fax"}, {"minutes", 1}}})}}),
       "400 invalid", "reminders"},
      {"reminders of both kinds",
       with("reminders", {{"useDefault", true}, {"overrides", Json::array({Json{{"method", "popup"}, {"minutes", 1}}})}}),
       "400 cannotUseDefaultRemindersAndSpecifyOverride", "default reminders and overrides at the same time"},
      {"a reminder at no time",
       with("reminders", {{"useDefault", false}, {"overrides", Json::array({Json{{"method", "popup"}}})}}), "400 invalid",
       "reminders"},
      {"a flag that is none", with("guestsCanInviteOthers", "no"), "400 invalid", "Invalid Value"},
      {"a text for an object", with("source", "https://example.com/"), "400 invalid", "Invalid Value"},
      {"an object for a list", with("attachments", Json::object()), "400 invalid", "Invalid Value"},
      {"a number in a list of objects", with("attachments", Json::array({5})), "400 invalid", "Invalid Value"},
      {"a number for a text within an object", with("source", {{"url", 5}}), "400 invalid", "Invalid Value"},
      {"a guest without address", with("attendees", Json::array({Json{{"displayName", "Bob"}}})), "400 required",
       "Missing attendee email."},
      {"a guest's address that is none", with("attendees", Json::array({Json{{"email", "bob"}}})), "400 invalid",
       "Invalid attendee email."},
      {"a guest's address with a space", with("attendees", Json::array({Json{{"email", "bob@example.com "}}})), "400 invalid",
       "Invalid attendee email."},
      {"a guest's name that is no text", with("attendees", Json::array({Json{{"email", "bob@example.com"}, {"displayName", 5}}})),
       "400 invalid", "Invalid Value"},
      {"a property that is no text", with("extendedProperties", {{"private", {{"a", 1}}}}), "400 invalid", "Invalid Value"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(desk.Outcome("POST", kEvents, row.body), row.want) << row.name;
    EXPECT_THAT(desk.last.body, HasSubstr(row.message)) << row.name;
  }
  EXPECT_EQ(Summaries(desk.Get(kEvents)), "");  // C-110.
  const std::string path = absl::StrCat(kEvents, "/", StringOf(desk.Insert(AnEventJson("Lunch")), "id"));
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"source", 5}}), "400 invalid");
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"source", nullptr}}), "200");
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"source", {{"title", "Mail"}, {"url", nullptr}}}}), "200");
  desk.last =
      desk.Send("POST", absl::StrCat("/calendar/v3/", kEvents), "{\"summary\":", {{"Authorization", "Bearer test-token"}});
  EXPECT_EQ(desk.last.status, 400);
  EXPECT_THAT(desk.last.body, HasSubstr("parseError"));
  const std::string deep(100'000, '[');
  desk.last = desk.Send("POST", absl::StrCat("/calendar/v3/", kEvents), deep, {{"Authorization", "Bearer test-token"}});
  EXPECT_EQ(desk.last.status, 400);
}

TEST(EventsApi, AClockWithoutOffsetIsReadInItsZone) {  // C-8.
  FrontDesk desk;
  const Json made = desk.Insert({{"start", {{"dateTime", "2026-07-01T09:00:00"}, {"timeZone", "America/New_York"}}},
                                 {"end", {{"dateTime", "2026-07-01T10:00:00"}, {"timeZone", "America/New_York"}}}});
  EXPECT_EQ(made["start"]["dateTime"], "2026-07-01T15:00:00+02:00");
}

TEST(EventsApi, YearsHaveFourDigits) {  // C-9: what is read can be written back.
  FrontDesk desk;
  const Json start{{"dateTime", "0999-07-01T09:00:00Z"}, {"timeZone", "UTC"}};
  const Json made = desk.Insert({{"start", start}, {"end", {{"dateTime", "0999-07-01T10:00:00Z"}, {"timeZone", "UTC"}}}});
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  EXPECT_EQ(desk.Get(absl::StrCat(path, "?timeZone=UTC"))["start"], start);
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"start", {{"timeZone", "Europe/Zurich"}}}}), "200");
  const Json days = desk.Insert({{"start", {{"date", "0800-12-25"}}}, {"end", {{"date", "0800-12-26"}}}});
  EXPECT_EQ(days["start"]["date"], "0800-12-25");
}

TEST(EventsApi, PatchesMergeWithinObjects) {  // C-45.
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  event["location"] = "Here";
  event["extendedProperties"] = {{"private", {{"a", "1"}, {"b", "2"}}}, {"shared", {{"c", "3"}}}};
  event["reminders"] = {{"useDefault", false}, {"overrides", Json::array({Json{{"method", "popup"}, {"minutes", 5}}})}};
  const std::string path = absl::StrCat(kEvents, "/", StringOf(desk.Insert(event), "id"));
  Json patched =
      desk.Call("PATCH", path, {{"location", nullptr}, {"extendedProperties", {{"private", {{"a", nullptr}, {"d", "4"}}}}}});
  EXPECT_FALSE(patched.contains("location"));
  EXPECT_EQ(patched["extendedProperties"], (Json{{"private", {{"b", "2"}, {"d", "4"}}}, {"shared", {{"c", "3"}}}}));
  EXPECT_EQ(patched["reminders"]["overrides"][0]["minutes"], 5);
  patched = desk.Call("PATCH", path, {{"end", {{"dateTime", "2026-01-06T12:00:00+01:00"}}}});
  EXPECT_EQ(patched["end"]["timeZone"], "Europe/Zurich");
  EXPECT_EQ(patched["sequence"], 2);  // The location went, the end moved.
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"start", nullptr}}), "400 required");
  EXPECT_EQ(desk.Outcome("PATCH", path, {{"start", {{"date", "2026-01-06"}}}}), "400 invalid");  // The end is still a time.
  patched =
      desk.Call("PATCH", path, {{"start", {{"date", "2026-01-06"}, {"dateTime", nullptr}}}, {"end", {{"date", "2026-01-07"}}}});
  EXPECT_EQ(patched["start"], (Json{{"date", "2026-01-06"}}));
  patched = desk.Call("PATCH", path, {{"extendedProperties", {{"private", nullptr}}}, {"reminders", nullptr}});
  EXPECT_EQ(patched["extendedProperties"], (Json{{"shared", {{"c", "3"}}}}));
  EXPECT_EQ(patched["reminders"], (Json{{"useDefault", true}}));
}

TEST(EventsApi, AZeroThatIsSaidIsALowerSequence) {  // C-47, K-6.
  FrontDesk desk;
  const std::string path = absl::StrCat(kEvents, "/", StringOf(desk.Insert(AnEventJson("Lunch")), "id"));
  Json body = AnEventJson("Dinner");
  body["sequence"] = 0;
  EXPECT_EQ(desk.Outcome("PUT", path, body), "200");
  EXPECT_EQ(desk.Call("PATCH", path, {{"location", "Here"}})["sequence"], 1);
  EXPECT_EQ(desk.Outcome("PUT", path, body), "400 invalid");
  EXPECT_THAT(desk.last.body, HasSubstr("Invalid sequence value."));
  body.erase("sequence");
  EXPECT_EQ(desk.Call("PUT", path, body)["sequence"], 2);  // Left out: the location went, which counts.
}

TEST(EventsApi, MembersOutsideTheVocabularySurvive) {  // C-12, C-58.
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  event["source"] = {{"title", "Mail"}, {"url", "https://example.com/"}};
  event["guestsCanInviteOthers"] = false;
  event["madeUp"] = "x";
  event["conferenceData"] = {{"notes", "dial in"}};
  Json made = desk.Insert(event);
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  EXPECT_EQ(made["source"]["title"], "Mail");
  EXPECT_EQ(made["guestsCanInviteOthers"], false);
  EXPECT_FALSE(made.contains("madeUp"));
  EXPECT_FALSE(made.contains("conferenceData"));  // Nobody opted in.
  EXPECT_EQ(desk.Get(path), made);
  made = desk.Call("PATCH", absl::StrCat(path, "?conferenceDataVersion=1"), {{"conferenceData", {{"notes", "dial in"}}}});
  EXPECT_EQ(made["conferenceData"]["notes"], "dial in");
  EXPECT_EQ(made["source"]["title"], "Mail");
  made = desk.Call("PUT", path, AnEventJson("Dinner"));
  EXPECT_FALSE(made.contains("source"));
  EXPECT_EQ(made["conferenceData"]["notes"], "dial in");  // Out of reach without opting in.
}

TEST(EventsApi, WhatOnlyTheServerSetsIsNotForClients) {  // C-12, C-58.
  FrontDesk desk;
  Json event = AnEventJson("Lunch");
  for (const char* name : {"hangoutLink", "eventLabelId"}) event[name] = "x";
  event["locked"] = true;
  const Json made = desk.Insert(event);
  for (const char* name : {"hangoutLink", "eventLabelId", "locked"}) EXPECT_FALSE(made.contains(name)) << name;
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  const std::string labelled = absl::StrCat(path, "?eventLabelVersion=1");
  EXPECT_EQ(desk.Call("PATCH", labelled, {{"eventLabelId", "7"}})["eventLabelId"], "7");
  EXPECT_EQ(desk.Call("PATCH", path, {{"colorId", "3"}})["colorId"], "3");
  EXPECT_EQ(desk.Call("PATCH", labelled, {{"colorId", "4"}})["colorId"], "3");  // [D]: then it is not heeded.
  EXPECT_EQ(desk.Call("PUT", labelled, AnEventJson("Lunch"))["colorId"], "3");
  EXPECT_EQ(desk.Call("PATCH", labelled, {{"eventLabelId", "7"}})["eventLabelId"], "7");
  EXPECT_FALSE(desk.Call("PATCH", labelled, {{"eventLabelId", ""}}).contains("eventLabelId"));
  desk.Control("plant",
               {{"calendar", "ada@example.com"},
                {"body", {{"id", "locked"}, {"start", event["start"]}, {"end", event["end"]}}},
                {"extras", {{"locked", true}, {"hangoutLink", "https://meet.example.com/a"}, {"source", {{"title", "x"}}}}}});
  const Json put = desk.Call("PUT", absl::StrCat(kEvents, "/locked"), AnEventJson("Dinner"));
  EXPECT_EQ(put["locked"], true);
  EXPECT_EQ(put["hangoutLink"], "https://meet.example.com/a");
  EXPECT_FALSE(put.contains("source"));
}

TEST(EventsApi, MembersOutsideTheVocabularyAreKeptWhateverBecomesOfTheAnswer) {  // C-12, C-110.
  FrontDesk desk;
  const Json calendars = desk.Get("users/me/calendarList");
  const std::string work = http::PercentEncode(StringOf(calendars["items"][1], "id"));
  Json event = AnEventJson("Lunch");
  event["source"] = {{"title", "Mail"}, {"url", "https://example.com/"}};
  for (const char* const fault : {"V4", "N5", "N2"}) {  // An error after the fact; carried out twice; no answer.
    event["id"] = absl::StrCat("lunch", absl::AsciiStrToLower(fault));
    const std::string id = StringOf(event, "id");
    desk.Control("faults", {{"rates", {{fault, 1000}}}});
    desk.Call("POST", kEvents, event);
    desk.Control("faults", {{"clear", true}});
    EXPECT_EQ(desk.Get(absl::StrCat(kEvents, "/", id))["source"]["title"], "Mail") << fault;
    desk.Control("faults", {{"rates", {{fault, 1000}}}});
    desk.Call("PATCH", absl::StrCat(kEvents, "/", id), {{"source", {{"title", "Post"}}}});
    desk.Call("POST", absl::StrCat(kEvents, "/", id, "/move?destination=", work));
    desk.Control("faults", {{"clear", true}});
    EXPECT_EQ(desk.Get(absl::StrCat("calendars/", work, "/events/", id))["source"]["title"], "Post") << fault;
  }
}

TEST(EventsApi, AnIdThatIsUsedAgainIsAnotherEvent) {  // K-21, C-12.
  FrontDesk desk;
  desk.front.model().knobs().purged_id_free = true;
  Json event = AnEventJson("Lunch");
  event["id"] = "lunch";
  event["conferenceData"] = {{"notes", "dial in"}};
  const std::string with_conference = absl::StrCat(kEvents, "?conferenceDataVersion=1");
  EXPECT_EQ(desk.Call("POST", with_conference, event)["conferenceData"]["notes"], "dial in");
  EXPECT_EQ(desk.Outcome("DELETE", absl::StrCat(kEvents, "/lunch")), "204");
  desk.Advance(absl::Hours(24 * 31));
  event.erase("conferenceData");
  EXPECT_FALSE(desk.Insert(event).contains("conferenceData"));
}

TEST(EventsApi, NamesAndCommentsOfGuestsSurvive) {  // C-12.
  FrontDesk desk;
  Json event = AnEventJson("Party");
  event["attendees"] =
      Json::array({Json{{"email", "bob@example.com"}, {"displayName", "Bob"}, {"comment", "Late"}, {"additionalGuests", 2}},
                   Json{{"email", "eve@example.com"}}});
  const Json made = desk.Insert(event);
  EXPECT_EQ(made["attendees"][0], (Json{{"email", "bob@example.com"},
                                        {"responseStatus", "needsAction"},
                                        {"displayName", "Bob"},
                                        {"comment", "Late"},
                                        {"additionalGuests", 2}}));
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  EXPECT_EQ(desk.Call("PATCH", path, {{"summary", "x"}})["attendees"], made["attendees"]);
  const Json other = desk.Call("PATCH", path, {{"attendees", Json::array({Json{{"email", "bob@example.com"}}})}});
  EXPECT_FALSE(other["attendees"][0].contains("displayName"));  // The list is replaced as a whole.
}

TEST(EventsApi, SomeTypesAreMadeWithAnObjectOfTheirOwn) {  // C-52.
  FrontDesk desk;
  const auto typed = [](const char* type, const char* properties) {
    Json event = AnEventJson("Here");
    event["eventType"] = type;
    if (properties != nullptr) event[properties] = Json::object();
    if (std::string(type) == "workingLocation") event.update({{"visibility", "public"}, {"transparency", "transparent"}});
    return event;
  };
  const struct {
    const char* type;
    const char* properties;
    const char* want;
  } kRows[] = {{"workingLocation", nullptr, "400 malformedWorkingLocationEvent"},
               {"default", "workingLocationProperties", "400 malformedWorkingLocationEvent"},
               {"focusTime", nullptr, "400 malformedFocusTimeEvent"},
               {"outOfOffice", nullptr, "400 malformedOutOfOfficeEvent"},
               {"workingLocation", "workingLocationProperties", "200"},
               {"focusTime", "focusTimeProperties", "200"},
               {"outOfOffice", "outOfOfficeProperties", "200"},
               {"default", nullptr, "200"}};
  for (const auto& row : kRows) EXPECT_EQ(desk.Outcome("POST", kEvents, typed(row.type, row.properties)), row.want) << row.type;
}

TEST(EventsApi, SomethingNewIsShownWhenToldTo) {  // C-17.
  FrontDesk desk;
  Json body = AnEventJson("Odd");
  body["eventType"] = "hologram";
  desk.Control("plant", {{"calendar", "ada@example.com"}, {"body", body}, {"extras", {{"asyncOperation", {{"done", false}}}}}});
  ASSERT_EQ(desk.last.status, 200) << desk.last.body;
  desk.last = desk.Send("GET", "/calendar/v3/calendars/primary/events?access_token=test-token");
  EXPECT_THAT(desk.last.body, HasSubstr("\"eventType\": \"somethingNew\""));
  EXPECT_THAT(desk.last.body, HasSubstr("asyncOperation"));
}

TEST(EventsApi, ListsTakeFiltersAndOrders) {  // C-20, C-31, C-38.
  FrontDesk desk;
  Json dentist = AnEventJson("Dentist", 9);
  dentist["extendedProperties"]["private"] = {{"tag", "a=b"}};
  desk.Insert(dentist);
  desk.Advance(absl::Seconds(1));
  desk.Insert(AnEventJson("Lunch", 7));
  desk.Advance(absl::Seconds(1));
  Json off{{"summary", "Off"}, {"start", {{"date", "2026-01-08"}}}, {"end", {{"date", "2026-01-09"}}}};
  desk.Insert(off);
  const auto list = [&](const std::string& query) { return Summaries(desk.Get(absl::StrCat(kEvents, "?", query))); };
  EXPECT_EQ(list("singleEvents=true&orderBy=startTime"), "Lunch, Off, Dentist");
  EXPECT_EQ(list("orderBy=updated"), "Dentist, Lunch, Off");
  EXPECT_EQ(list("q=lunch"), "Lunch");
  EXPECT_EQ(list("privateExtendedProperty=tag%3Da%3Db"), "Dentist");
  EXPECT_EQ(list("privateExtendedProperty=tag%3Da"), "");
  EXPECT_EQ(list("timeMin=2026-01-08T23:30:00Z"), "Dentist");  // The day is over in Zurich.
  EXPECT_EQ(list("timeMax=2026-01-07T09:30:00Z"), "Lunch");
  EXPECT_EQ(list("eventTypes=focusTime"), "");
  EXPECT_EQ(list("updatedMin=2026-01-05T09:00:00Z"), "");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?orderBy=startTime")), "400 badRequest");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?orderBy=size")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?maxResults=0")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?maxResults=many")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?maxAttendees=0")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?eventTypes=nap&eventTypes=default")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?eventTypes=somethingNew")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?alt=xml")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?alt=json&maxResults=99999")), "200");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "?sendUpdates=some"), AnEventJson("x")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "?conferenceDataVersion=2"), AnEventJson("x")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", "users/me/calendarList?minAccessRole=none"), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?singleEvents=yes")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?timeMin=2026-01-06T10:00:00")), "400 invalidParameter");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?timeMin=2026-01-06T10:00:00Z&timeMax=2026-01-06T10:00:00Z")),
            "400 timeRangeEmpty");
}

TEST(EventsApi, NothingGoesBesideASyncToken) {  // C-22, C-26.
  FrontDesk desk;
  const std::string token = http::PercentEncode(StringOf(desk.Get(kEvents), "nextSyncToken"));
  for (const char* query :
       {"q=x", "iCalUID=x", "orderBy=updated", "privateExtendedProperty=a%3Db", "sharedExtendedProperty=a%3Db",
        "timeMin=2026-01-01T00:00:00Z", "timeMax=2027-01-01T00:00:00Z", "updatedMin=2026-01-05T00:00:00Z", "showDeleted=false"}) {
    EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?syncToken=", token, "&", query)), "400 badRequest") << query;
  }
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?syncToken=", token)), "200");
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?syncToken=abc")), "400 invalid");
  desk.Control("expire", {{"calendar", "ada@example.com"}});
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?syncToken=", token)), "410 fullSyncRequired");
  EXPECT_THAT(desk.last.body, HasSubstr("\"location\": \"syncToken\""));
}

TEST(EventsApi, FieldsAreSelected) {  // C-36.
  FrontDesk desk;
  const std::string id = StringOf(desk.Insert(AnEventJson("Lunch")), "id");
  const Json page = desk.Get(absl::StrCat(kEvents, "?fields=kind,items(id,start/timeZone)"));
  EXPECT_EQ(page, (Json{{"kind", "calendar#events"},
                        {"items", Json::array({Json{{"id", id}, {"start", {{"timeZone", "Europe/Zurich"}}}}})}}));
  EXPECT_EQ(desk.Get(absl::StrCat(kEvents, "?fields=kind,items(id,start/timeZone)")), page) << "the second time";
  EXPECT_EQ(desk.Get(absl::StrCat(kEvents, "?fields="))["items"], desk.Get(kEvents)["items"]);
  for (const char* bad : {"items(", "nothing", "items(nothing)", "items/id/x", ",", "kind,", "items("}) {
    EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?fields=", bad)), "400 invalidParameter") << bad;
  }
  // Each method's responses have members of their own.
  EXPECT_EQ(desk.Get(absl::StrCat(kEvents, "/", id, "?fields=id")), Json({{"id", id}}));
  EXPECT_EQ(desk.Outcome("GET", absl::StrCat(kEvents, "?fields=id")), "400 invalidParameter");
}

TEST(EventsApi, OnlySoManyGuestsAreShown) {
  FrontDesk desk;
  Json event = AnEventJson("Party");
  for (const char* who : {"ada@example.com", "bob@example.com", "eve@example.com"})
    event["attendees"].push_back({{"email", who}});
  const std::string path = absl::StrCat(kEvents, "/", StringOf(desk.Insert(event), "id"));
  const Json few = desk.Get(absl::StrCat(path, "?maxAttendees=1"));
  EXPECT_EQ(few["attendees"].size(), 1U);
  EXPECT_EQ(few["attendees"][0]["email"], "ada@example.com");
  EXPECT_EQ(few["attendeesOmitted"], true);
  EXPECT_EQ(desk.Get(path)["attendees"].size(), 3U);
}

TEST(EventsApi, MovesImportsAndSentences) {  // C-53, C-54.
  FrontDesk desk;
  const std::string id = StringOf(desk.Insert(AnEventJson("Lunch")), "id");
  const Json calendars = desk.Get("users/me/calendarList");
  const std::string work = http::PercentEncode(StringOf(calendars["items"][1], "id"));
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "/", id, "/move")), "400 required");
  const Json moved = desk.Call("POST", absl::StrCat(kEvents, "/", id, "/move?destination=", work));
  EXPECT_EQ(moved["id"], id);
  EXPECT_EQ(desk.Get(absl::StrCat("calendars/", work, "/events/", id))["summary"], "Lunch");
  EXPECT_EQ(desk.Get(absl::StrCat(kEvents, "/", id))["status"], "cancelled");
  Json imported = AnEventJson("Imported");
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "/import"), imported), "400 required");
  imported["iCalUID"] = "x@y";
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(kEvents, "/import"), imported), "200");
  const Json quick = desk.Call("POST", absl::StrCat(kEvents, "/quickAdd?text=Lunch+with+Bob+tomorrow+at+12:30-13:15"));
  EXPECT_EQ(quick["summary"], "Lunch with Bob");
  EXPECT_EQ(quick["start"]["dateTime"], "2026-01-06T12:30:00+01:00");
  EXPECT_EQ(quick["end"]["dateTime"], "2026-01-06T13:15:00+01:00");
}

TEST(EventsApi, GuestsSeeTheOthersIfTheOrganizerLetsThem) {  // Contract 1.3.
  FrontDesk desk;
  desk.Control("accounts", {{"email", "bob@example.com"}});
  Json event = AnEventJson("Review");
  for (const char* guest : {"bob@example.com", "eve@example.org"}) event["attendees"].push_back({{"email", guest}});
  event["guestsCanSeeOtherGuests"] = false;
  const Json made = desk.Insert(event);
  EXPECT_EQ(made["attendees"].size(), 2u);
  const std::string path = absl::StrCat(kEvents, "/", StringOf(made, "id"));
  const auto copy = [&] {
    desk.token = "test-token-bob@example.com";
    const Json json = desk.Get(path);
    desk.token = "test-token";
    return json;
  };
  desk.Advance(absl::Seconds(3));
  EXPECT_EQ(copy()["attendeesOmitted"], true);
  ASSERT_EQ(copy()["attendees"].size(), 1u);
  EXPECT_EQ(copy()["attendees"][0]["email"], "bob@example.com");
  desk.Call("PATCH", path, {{"guestsCanSeeOtherGuests", true}});
  EXPECT_EQ(copy()["attendees"].size(), 2u);
}

TEST(EventsApi, WatchRequestsAreChecked) {  // C-80, C-86.
  FrontDesk desk;
  const std::string path = absl::StrCat(kEvents, "/watch");
  const Json good{{"id", "c1"}, {"type", "web_hook"}, {"address", "http://127.0.0.1:9/x"}, {"params", {{"ttl", "3600"}}}};
  const Json channel = desk.Call("POST", path, good);
  EXPECT_EQ(channel["expiration"], "1767603600000");  // Text, in milliseconds.
  EXPECT_FALSE(channel.contains("token"));
  EXPECT_EQ(desk.Outcome("POST", path, good), "400 channelIdNotUnique");
  const auto with = [&](const char* name, const Json& value) {
    Json body = good;
    body["id"] = absl::StrCat("c-", name);
    body[name] = value;
    return body;
  };
  EXPECT_EQ(desk.Outcome("POST", path, with("type", "pigeon")), "400 invalid");
  EXPECT_EQ(desk.Outcome("POST", path, with("address", "nowhere")), "400 push.webhookUrlUnauthorized");
  EXPECT_EQ(desk.Outcome("POST", path, with("params", {{"ttl", "-1"}})), "400 invalid");
  EXPECT_EQ(desk.Outcome("POST", path, with("expiration", 1767600001000)), "200");
  EXPECT_EQ(desk.Outcome("POST", "calendars/nobody@example.com/events/watch", with("token", "t")), "404 notFound");
  const Json holidays = desk.Control("calendars", {{"account", "ada@example.com"}, {"summary", "Holidays"}, {"push", false}});
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat("calendars/", StringOf(holidays, "id"), "/events/watch"), with("token", "t")),
            "400 pushNotSupportedForRequestedResource");
  desk.front.model().knobs().webhooks_need_https = true;
  EXPECT_EQ(desk.Outcome("POST", path, with("token", "t")), "400 push.webhookUrlNotHttps");
  EXPECT_THAT(desk.last.body, HasSubstr("WebHook callback must be HTTPS: http://127.0.0.1:9/x"));
  desk.front.model().knobs().webhooks_need_https = false;
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(path, "?eventTypes=focusTime"), with("token", "typed")), "200");  // C-89.
  EXPECT_EQ(desk.Outcome("POST", absl::StrCat(path, "?eventTypes=nap"), with("token", "typed")), "400 invalidParameter");
  const std::vector<PushMessage> due = desk.front.TakeDue();
  ASSERT_EQ(due.size(), 3U);
  desk.Insert(AnEventJson("Lunch"));
  EXPECT_EQ(desk.front.TakeDue().size(), 2U);
  EXPECT_EQ(due[0].state, ResourceState::kSync);
  EXPECT_EQ(desk.Outcome("POST", "channels/stop", {{"id", "c1"}, {"resourceId", "x"}}), "404 notFound");
  EXPECT_EQ(desk.Outcome("POST", "channels/stop", {{"id", "c1"}, {"resourceId", channel["resourceId"]}}), "204");
}

TEST(EventsApi, NoMessageComesAfterItsChannelsEnd) {  // C-84.
  FrontDesk desk;
  desk.front.api().faults().plan()[FaultKind::kDelayed] = 1000;
  desk.front.api().faults().plan().notice_delay_max = absl::Minutes(10);
  const Json channel{{"id", "c1"}, {"type", "web_hook"}, {"address", "http://127.0.0.1:9/x"}, {"params", {{"ttl", "60"}}}};
  desk.Call("POST", absl::StrCat(kEvents, "/watch"), channel);
  for (int i = 0; i < 30; ++i) desk.Insert(AnEventJson("Lunch"));
  desk.front.TakeDue();  // Here it is drawn how late they are.
  desk.Advance(absl::Seconds(59));
  EXPECT_GT(desk.front.TakeDue().size(), 0U);
  desk.Advance(absl::Minutes(20));
  EXPECT_EQ(desk.front.TakeDue().size(), 0U);
}

TEST(EventsApi, RulesThatCannotBeFollowedAreRefusedInGooglesWords) {  // C-64.
  FrontDesk desk;
  for (const char* rule : {"FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;INTERVAL=999999", "FREQ=DAILY;COUNT=4294967297",
                           "FREQ=DAILY;BYHOUR=9,10;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4", "FREQ=HOURLY"}) {
    Json event = AnEventJson("Standup");
    event["recurrence"] = Json::array({absl::StrCat("RRULE:", rule)});
    Json answer = desk.Call("POST", kEvents, event);
    EXPECT_EQ(answer["error"]["code"], 400) << rule;
    EXPECT_EQ(answer["error"]["message"], "Invalid recurrence rule.") << rule;
  }
}

TEST(EventsApi, ManyRulesAtOnceAnswerLikeThemselves) {  // C-56: what a write says is what a get says.
  FrontDesk desk;
  Json event = AnEventJson("Standup");
  event["recurrence"] = Json::array({"RRULE:FREQ=WEEKLY"});
  const std::string id = StringOf(desk.Insert(event), "id");
  const std::string path = absl::StrCat(kEvents, "/", id, "_20260113T090000Z");
  const Json patched = desk.Call("PATCH", path, {{"summary", "Late"}});
  EXPECT_EQ(desk.Get(path), patched);
  EXPECT_EQ(patched["recurringEventId"], id);
  EXPECT_EQ(patched["originalStartTime"]["dateTime"], "2026-01-13T10:00:00+01:00");
  const Json instances = desk.Get(
      absl::StrCat(kEvents, "/", id, "/instances?timeMax=2026-01-21T00:00:00Z&originalStart=2026-01-13T10:00:00%2B01:00"));
  EXPECT_EQ(Summaries(instances), "Late");
  EXPECT_EQ(desk.Outcome("DELETE", path), "204");
  const Json rows = desk.Get(absl::StrCat(kEvents, "?orderBy=updated"));
  EXPECT_EQ(Summaries(rows), "Standup, -");
  EXPECT_FALSE(rows["items"][1].contains("summary"));  // C-28: a stub.
  EXPECT_EQ(rows["items"][1]["recurringEventId"], id);
}

}  // namespace
}  // namespace calsync::fake
