#include "adapter/google/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/host/bits.h"
#include "fakegoogle/http/event_json.h"
#include "fakegoogle/http/fields.h"

namespace calsync::adapter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const CalendarId kOwnCalendar("ada@example.com");

// --- Events as the fake writes them, drawn at random.

template <class T>
T OneOf(Bits& bits, const std::vector<T>& values) {
  return values[bits.Below(values.size())];
}

std::string AText(Bits& bits) {
  return OneOf<std::string>(
      bits, {"", "Lunch", "Zürich \"Küche\"\n\t\\", "日本語 🎉", "<b>bold</b>", std::string("nul\0inside", 10), "a/b?c&d=e"});
}

EventTime ATime(Bits& bits, bool is_date) {
  const auto day = static_cast<int>(bits.Below(20'000));
  if (is_date) return EventTime::Date(absl::CivilDay(1990, 1, 1) + day);
  return EventTime::At(absl::FromUnixSeconds(day * int64_t{86'400} + static_cast<int64_t>(bits.Below(86'400))),
                       OneOf<std::string>(bits, {"", "UTC", "Europe/Zurich", "America/St_Johns"}));
}

Event AnyEvent(Bits& bits) {
  Event event;
  event.id = EventId(absl::StrCat("event", bits.Below(1000)));
  event.etag = Etag(absl::StrCat("\"", bits.Next64(), "\""));
  event.ical_uid = ICalUid(absl::StrCat(event.id.text(), "@google.com"));
  event.status = OneOf(bits, std::vector{EventStatus::kConfirmed, EventStatus::kTentative, EventStatus::kCancelled});
  event.type = static_cast<EventType>(bits.Below(static_cast<uint64_t>(EventType::kUnknown) + 1));
  event.transparency = OneOf(bits, std::vector{Transparency::kOpaque, Transparency::kTransparent});
  event.visibility = static_cast<Visibility>(bits.Below(4));
  event.created = absl::FromUnixSeconds(static_cast<int64_t>(bits.Below(2'000'000'000)));
  event.updated = absl::FromUnixMillis(static_cast<int64_t>(bits.Below(2'000'000'000'000)));
  event.sequence = static_cast<int64_t>(bits.Below(20));
  const bool is_date = bits.Below(2) == 0;
  event.start = ATime(bits, is_date);
  event.end = ATime(bits, is_date);
  if (bits.Below(3) == 0) event.recurrence = {"RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE;TZID=Europe/Zurich:20260105T100000"};
  if (bits.Below(3) == 0) {
    event.recurring_event_id = EventId("master");
    event.original_start = ATime(bits, bits.Below(2) == 0);
  }
  event.summary = AText(bits);
  event.description = AText(bits);
  event.location = AText(bits);
  event.color_id = OneOf<std::string>(bits, {"", "7"});
  event.creator = {"ada@example.com", true};
  event.organizer = {"bob@example.com", bits.Below(2) == 0};
  for (uint64_t i = bits.Below(4); i > 0; --i) {
    event.attendees.push_back({.email = absl::StrCat("guest", i, "@example.com"),
                               .response = static_cast<ResponseStatus>(bits.Below(4)),
                               .self = bits.Below(2) == 0});
  }
  for (uint64_t i = bits.Below(4); i > 0; --i) event.private_properties[absl::StrCat("key", i)] = AText(bits);
  event.shared_properties["shared"] = "x";
  event.reminders = {false, {{"popup", 10}}};
  return event;
}

bool SameTime(const EventTime& one, const EventTime& other) {
  return one.kind == other.kind && one.date == other.date && one.instant == other.instant && one.time_zone == other.time_zone;
}

// Every field that the engine reads: scenarios/wire_test.cc finds one that is missing here.
void ExpectSame(const Event& read, const Event& want) {
  EXPECT_EQ(read.id, want.id);
  EXPECT_EQ(read.etag, want.etag);
  EXPECT_EQ(read.ical_uid, want.ical_uid);
  EXPECT_EQ(read.status, want.status);
  EXPECT_EQ(read.type, want.type);
  EXPECT_EQ(read.transparency, want.transparency);
  EXPECT_EQ(read.visibility, want.visibility);
  EXPECT_EQ(read.created, want.created);
  EXPECT_EQ(read.updated, want.updated);
  EXPECT_EQ(read.sequence, want.sequence);
  EXPECT_TRUE(SameTime(read.start, want.start));
  EXPECT_TRUE(SameTime(read.end, want.end));
  EXPECT_EQ(read.recurrence, want.recurrence);
  EXPECT_EQ(read.recurring_event_id, want.recurring_event_id);
  EXPECT_TRUE(SameTime(read.original_start, want.original_start));
  EXPECT_EQ(read.summary, want.summary);
  EXPECT_EQ(read.description, want.description);
  EXPECT_EQ(read.color_id, want.color_id);
  EXPECT_EQ(read.organizer.self, want.organizer.self);
  ASSERT_EQ(read.attendees.size(), want.attendees.size());
  for (size_t i = 0; i < read.attendees.size(); ++i) {
    EXPECT_EQ(read.attendees[i].self, want.attendees[i].self);
    EXPECT_EQ(read.attendees[i].response, want.attendees[i].response);
  }
  EXPECT_EQ(read.private_properties, want.private_properties);
}

TEST(ReadEvent, WhatTheFakeWritesIsReadAsItWas) {  // C-9, C-16, C-36.
  const fake::FieldTree selector = *fake::ParseFields(kEventFields);
  EXPECT_EQ(fake::UnknownField(selector, "Event"), "");
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    Bits bits(SipKey{seed, 1});
    const Event event = AnyEvent(bits);
    const fake::EventStyle style{.zone = absl::FixedTimeZone(static_cast<int>(bits.Below(28)) * 3600 - 14 * 3600)};
    fake::Json json = fake::EventToJson(event, kOwnCalendar, style);
    const absl::StatusOr<EventPtr> whole = ReadEvent(fake::FormatJson(json));
    ASSERT_TRUE(whole.ok()) << whole.status();
    ExpectSame(**whole, event);
    fake::SelectFields(selector, json);
    const absl::StatusOr<EventPtr> selected = ReadEvent(fake::FormatJson(json, true));
    ASSERT_TRUE(selected.ok()) << selected.status();
    ExpectSame(**selected, event);
    if (HasFailure()) return;
  }
}

TEST(ReadEvent, AStubIsEnough) {  // C-28, S-3.
  const absl::StatusOr<EventPtr> event = ReadEvent(R"({"kind":"calendar#event","etag":"\"1\"","id":"e","status":"cancelled"})");
  ASSERT_TRUE(event.ok());
  EXPECT_TRUE((*event)->IsCancelled());
  EXPECT_EQ((*event)->start.kind, EventTime::Kind::kAbsent);
}

TEST(ReadEvent, NewWordsReadAsTheCarefulChoice) {  // C-17.
  const absl::StatusOr<EventPtr> event = ReadEvent(
      R"({"id":"e","status":"postponed","eventType":"nap","transparency":"hazy","visibility":"veiled",
          "attendees":[{"self":true,"responseStatus":"perhaps"}],"news":{"deep":[1,{"er":null}]}})");
  ASSERT_TRUE(event.ok());
  EXPECT_EQ((*event)->status, EventStatus::kConfirmed);
  EXPECT_EQ((*event)->type, EventType::kUnknown);
  EXPECT_EQ((*event)->transparency, Transparency::kOpaque);
  EXPECT_EQ((*event)->visibility, Visibility::kPrivate);  // L9.
  EXPECT_EQ((*event)->own_response(), ResponseStatus::kNeedsAction);
  EXPECT_EQ(AccessRoleOf("overlord"), AccessRole::kUnknown);  // S-22.
  EXPECT_EQ(AccessRoleOf(""), AccessRole::kUnknown);
}

TEST(ReadEvent, WhatIsOddCostsThatMuchAndNoMore) {  // S-14, S-20.
  constexpr char kGood[] = R"("start":{"dateTime":"2026-01-06T10:00:00+01:00"},"end":{"dateTime":"2026-01-06T11:00:00+01:00"})";
  const struct {
    const char* name;
    std::string members;
    bool has_time;
  } kRows[] = {
      {"plain", kGood, true},
      {"a start that is no time", R"("start":{"dateTime":"tomorrow"},"end":{"dateTime":"2026-01-06T11:00:00+01:00"})", false},
      {"a time without offset", R"("start":{"dateTime":"2026-01-06T10:00:00"},"end":{"dateTime":"2026-01-06T11:00:00"})", false},
      {"the end of time", R"("start":{"dateTime":"infinite-past"},"end":{"dateTime":"infinite-future"})", false},
      {"a year too far", R"("start":{"date":"12026-01-06"},"end":{"date":"12026-01-07"})", false},
      {"no such day", R"("start":{"date":"2026-02-30"},"end":{"date":"2026-03-01"})", false},
      {"times of two kinds", R"("start":{"date":"2026-01-06"},"end":{"dateTime":"2026-01-06T11:00:00Z"})", false},
      {"a start that is a text", R"("start":"2026-01-06","end":{"date":"2026-01-07"})", false},
      {"a line that is a number", absl::StrCat(kGood, R"(,"recurrence":["RRULE:FREQ=DAILY",7])"), false},
      {"lines that are a text", absl::StrCat(kGood, R"(,"recurrence":"RRULE:FREQ=DAILY")"), false},
      {"no lines", absl::StrCat(kGood, R"(,"recurrence":null)"), true},
      {"a master that is a number", absl::StrCat(kGood, R"(,"recurringEventId":7)"), false},
      {"guests that are a text", absl::StrCat(kGood, R"(,"attendees":"all")"), true},
      {"properties that are a list", absl::StrCat(kGood, R"(,"extendedProperties":{"private":[1]})"), true},
      {"updated that is no time", absl::StrCat(kGood, R"(,"updated":"now")"), true},
      {"a summary that is a number", absl::StrCat(kGood, R"(,"summary":7)"), true},
  };
  for (const auto& row : kRows) {
    const absl::StatusOr<EventPtr> event = ReadEvent(absl::StrCat(R"({"id":"e",)", row.members, "}"));
    ASSERT_TRUE(event.ok()) << row.name;
    EXPECT_EQ((*event)->span().IsValid(), row.has_time) << row.name;
  }
  const absl::StatusOr<EventPtr> event =
      ReadEvent(R"({"id":"e","attendees":[7,{"self":"yes"}],"extendedProperties":{"private":{"a":"1","b":2,"c":null}}})");
  EXPECT_THAT((*event)->attendees, SizeIs(2));  // Somebody is invited, whoever it is.
  EXPECT_EQ((*event)->private_properties, (PropertyMap{{"a", "1"}}));
}

TEST(ReadEvent, WhatIsNoEventIsUnreadable) {
  for (const char* const body : {"", "{", "[]", "null", "7", "<!DOCTYPE html>", R"({"id":"e")", R"({"id":7})",
                                 R"({"kind":"calendar#event"})", R"({"id":"e"} {"id":"f"})", "{\"id\":\"\xff\"}"}) {
    EXPECT_EQ(ReadEvent(body).status().code(), absl::StatusCode::kDataLoss) << body;
  }
  std::string deep(5000, '[');
  EXPECT_FALSE(ReadEvent(absl::StrCat(R"({"id":"e","x":)", deep)).ok());
  EXPECT_FALSE(ReadEvent(absl::StrCat(R"({"id":"e","x":)", deep, std::string(5000, ']'), "}")).ok());
}

// --- Pages.

TEST(ReadEventsPage, AllThatAPageSays) {
  const absl::StatusOr<EventsPage> page = ReadEventsPage(
      R"({"kind":"calendar#events","accessRole":"reader","timeZone":"Europe/Zurich","updated":"2026-05-04T08:00:00.250Z",
          "nextSyncToken":"CPD=","items":[{"id":"a"},{"id":"b"}]})");
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->items, SizeIs(2));
  EXPECT_EQ(page->access_role, AccessRole::kReader);
  EXPECT_EQ(page->time_zone, "Europe/Zurich");
  EXPECT_EQ(page->updated, absl::FromUnixMillis(1777881600250));
  EXPECT_EQ(page->next_sync_token, SyncToken("CPD="));
  EXPECT_FALSE(page->next_page_token.has_value());
  const absl::StatusOr<EventsPage> empty = ReadEventsPage(R"({"kind":"calendar#events","nextPageToken":"p"})");
  ASSERT_TRUE(empty.ok());
  EXPECT_THAT(empty->items, IsEmpty());
  EXPECT_EQ(empty->access_role, AccessRole::kUnknown);  // Nothing is written where it is not known that one may.
}

TEST(ReadEventsPage, ARowWithoutAnIdLosesNothingSilently) {  // L12.
  const auto page = [](const std::string& row) {
    return ReadEventsPage(
        absl::StrCat(R"({"kind":"calendar#events","nextSyncToken":"t","items":[{"id":"a"},)", row, R"(,{"id":"c"}]})"));
  };
  EXPECT_TRUE(page(R"({"id":"b","start":7})").ok());
  EXPECT_THAT(std::string(page(R"({"summary":"A secret"})").status().message()),
              testing::StrEq("row 1 of a list of events: an event has no id"));
  EXPECT_EQ(page("7").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(page("null").status().code(), absl::StatusCode::kDataLoss);
}

TEST(ReadEventsPage, WhatIsNoPageIsUnreadable) {
  for (const char* const body :
       {"", "{}", "<html>", R"({"kind":"calendar#event","id":"e"})", R"({"kind":"calendar#events","items":7})"}) {
    EXPECT_EQ(ReadEventsPage(body).status().code(), absl::StatusCode::kDataLoss) << body;
  }
}

// --- Writing.

TEST(WriteEvent, GoogleReadsWhatWasMeant) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Bits bits(SipKey{seed, 2});
    Event event = AnyEvent(bits);
    if (event.type == EventType::kUnknown) event.type = EventType::kDefault;
    const std::variant<Event, ApiError> heard = fake::EventFromJson(*fake::ParseJson(WriteEvent(event)));
    ASSERT_TRUE(std::holds_alternative<Event>(heard)) << std::get<ApiError>(heard).message;
    const Event& read = std::get<Event>(heard);
    EXPECT_EQ(read.id, event.id);
    EXPECT_EQ(FormatSpan(read.span()), FormatSpan(event.span()));
    EXPECT_EQ(read.start.time_zone, event.start.time_zone);
    EXPECT_EQ(read.recurrence, event.recurrence);
    EXPECT_EQ(read.summary, event.summary);
    EXPECT_EQ(read.description, event.description);
    EXPECT_EQ(read.location, event.location);
    EXPECT_EQ(read.color_id, event.color_id);
    EXPECT_EQ(read.status, event.status);
    EXPECT_EQ(read.type, event.type);
    EXPECT_EQ(read.transparency, event.transparency);
    EXPECT_EQ(read.visibility, event.visibility);
    EXPECT_EQ(read.attendees.size(), event.attendees.size());
    EXPECT_EQ(read.private_properties, event.private_properties);
    EXPECT_EQ(read.shared_properties, event.shared_properties);
    EXPECT_EQ(read.reminders, event.reminders);
    if (HasFailure()) return;
  }
}

TEST(WriteEvent, ABlockIsWrittenLikeThis) {
  Event block;
  block.id = EventId("cs0123");
  block.start = EventTime::At(absl::FromUnixSeconds(1'767'690'000), "UTC");
  block.end = EventTime::At(absl::FromUnixSeconds(1'767'693'600), "UTC");
  block.summary = "Busy";
  block.visibility = Visibility::kPrivate;
  block.reminders = {false, {}};
  block.private_properties = {{"calsync_type", "busy_block"}};
  EXPECT_EQ(WriteEvent(block),
            R"({"id":"cs0123","start":{"dateTime":"2026-01-06T09:00:00Z","timeZone":"UTC"},)"
            R"("end":{"dateTime":"2026-01-06T10:00:00Z","timeZone":"UTC"},"summary":"Busy","visibility":"private",)"
            R"("extendedProperties":{"private":{"calsync_type":"busy_block"}},"reminders":{"useDefault":false,"overrides":[]}})");
  block.summary = "no UTF-8: \xff";
  EXPECT_THAT(WriteEvent(block), HasSubstr("no UTF-8: \xEF\xBF\xBD"));
}

TEST(WritePatch, WhatIsNotNamedIsNotSaid) {  // C-45.
  EXPECT_EQ(WritePatch({}), "{}");
  EventPatch patch;
  patch.start = EventTime::Date(absl::CivilDay(2026, 1, 6));
  patch.end = EventTime::At(absl::FromUnixSeconds(1'767'690'000));
  patch.attendees.emplace();
  patch.recurrence.emplace();
  patch.summary = "";
  patch.private_properties = {{"a", "1"}, {"b", std::nullopt}};
  EXPECT_EQ(
      WritePatch(patch),
      R"({"start":{"date":"2026-01-06","dateTime":null,"timeZone":null},"end":{"dateTime":"2026-01-06T09:00:00Z","date":null},)"
      R"("recurrence":[],"summary":"","attendees":[],"extendedProperties":{"private":{"a":"1","b":null}}})");
}

TEST(WritePatch, GoogleReadsWhatWasMeant) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    Bits bits(SipKey{seed, 3});
    const Event before = AnyEvent(bits);
    const Event wanted = AnyEvent(bits);
    EventPatch patch;
    patch.status = wanted.status;
    patch.start = wanted.start;
    patch.end = wanted.end;
    if (bits.Below(2) == 0) patch.recurrence = wanted.recurrence;
    if (bits.Below(2) == 0) patch.summary = wanted.summary;
    if (bits.Below(2) == 0) patch.attendees = wanted.attendees;
    if (bits.Below(2) == 0) patch.reminders = wanted.reminders;
    if (bits.Below(2) == 0) patch.visibility = wanted.visibility;
    if (bits.Below(2) == 0) patch.guests_can_modify = wanted.guests_can_modify;
    if (bits.Below(2) == 0) patch.sequence = static_cast<int64_t>(bits.Below(100));
    patch.private_properties = {{"key1", std::nullopt}, {"new", "x"}};
    const std::variant<EventPatch, ApiError> heard = fake::PatchFromJson(*fake::ParseJson(WritePatch(patch)), before);
    ASSERT_TRUE(std::holds_alternative<EventPatch>(heard)) << std::get<ApiError>(heard).message;
    const EventPatch& read = std::get<EventPatch>(heard);
    EXPECT_EQ(read.status, patch.status);
    EXPECT_EQ(FormatSpan(SpanOf(*read.start, *read.end)), FormatSpan(wanted.span()));
    EXPECT_EQ(read.recurrence, patch.recurrence);
    EXPECT_EQ(read.summary, patch.summary);
    EXPECT_EQ(read.attendees.has_value(), patch.attendees.has_value());
    EXPECT_EQ(read.reminders, patch.reminders);
    EXPECT_EQ(read.visibility, patch.visibility);
    EXPECT_EQ(read.guests_can_modify, patch.guests_can_modify);
    EXPECT_EQ(read.sequence, patch.sequence);
    EXPECT_EQ(read.private_properties, patch.private_properties);
    EXPECT_EQ(read.description, std::nullopt);
    if (HasFailure()) return;
  }
}

TEST(Dates, AreWrittenWithFourDigitsOfTheYear) {  // C-9
  for (const absl::CivilDay day : {absl::CivilDay(2026, 5, 4), absl::CivilDay(800, 12, 25), absl::CivilDay(1, 1, 1)}) {
    Event event;
    event.start = EventTime::Date(day);
    event.end = EventTime::Date(day + 1);
    const std::variant<Event, ApiError> heard = fake::EventFromJson(*fake::ParseJson(WriteEvent(event)));
    ASSERT_TRUE(std::holds_alternative<Event>(heard)) << WriteEvent(event);
    EXPECT_EQ(std::get<Event>(heard).start.date, day);
  }
  EXPECT_EQ(FormatDate(absl::CivilDay(800, 12, 25)), "0800-12-25");
  EXPECT_EQ(FormatInstant(absl::FromCivil(absl::CivilDay(800, 12, 25), absl::UTCTimeZone())), "0800-12-25T00:00:00Z");
}

TEST(Instants, AreReadWithAnyOffsetAndWrittenInUtc) {
  EXPECT_EQ(FormatInstant(*ParseInstant("2026-05-04T10:00:00+02:00")), "2026-05-04T08:00:00Z");
  EXPECT_EQ(FormatInstant(*ParseInstant("2026-05-04T08:00:00.999Z")), "2026-05-04T08:00:00Z");
  for (const char* const text :
       {"", "2026-05-04", "2026-05-04T10:00:00", "infinite-future", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseInstant(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace calsync::adapter
