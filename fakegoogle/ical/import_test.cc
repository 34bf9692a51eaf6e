#include "fakegoogle/ical/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace calsync::ical {
namespace {

using ::testing::HasSubstr;

constexpr char kBerlin[] =
    "BEGIN:VTIMEZONE\r\nTZID:Berlin of ours\r\n"
    "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19700329T020000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
    "BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19701025T030000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

std::string CalendarOfEvents(const std::vector<std::string>& events) {
  std::string text =
      absl::StrCat("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nX-WR-CALNAME:ann@example.org\r\n", kBerlin);
  for (const std::string& event : events) absl::StrAppend(&text, "BEGIN:VEVENT\r\n", event, "END:VEVENT\r\n");
  return absl::StrCat(text, "END:VCALENDAR\r\n");
}

ImportedCalendar Read(const std::vector<std::string>& events, const ImportOptions& options = {}) {
  absl::StatusOr<ImportedCalendar> calendar = ReadCalendar(CalendarOfEvents(events), "test.ics", options);
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  const ImportReport& report = calendar->report;
  EXPECT_EQ(report.read, report.taken + report.AllLeftOut());
  EXPECT_EQ(report.read, static_cast<int>(events.size()));
  EXPECT_EQ(report.events, static_cast<int>(calendar->events.size()));
  return *std::move(calendar);
}

// Spans and UIDs, one line each.
std::string Shown(const ImportedCalendar& calendar) {
  std::vector<std::string> lines;
  for (const Event& event : calendar.events) lines.push_back(absl::StrCat(FormatSpan(event.span()), " ", event.ical_uid.str()));
  return absl::StrJoin(lines, "\n");
}

constexpr char kTeamEveryWeek[] =
    "UID:w@x\r\nSUMMARY:Team\r\nDTSTART;TZID=Berlin of ours:20260316T100000\r\nDTEND;TZID=Berlin of ours:20260316T110000\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=3\r\n";

TEST(Import, ReadsASingleEventWithAllThatMatters) {
  const ImportedCalendar calendar =
      Read({"UID:a@x\r\nSUMMARY:Dentist\\, upstairs\r\nDESCRIPTION:Bring\r\n  the card\r\nLOCATION:Here\r\nDTSTART;TZID=Berlin "
            "of ours:20260504T100000\r\n"
            "DTEND:20260504T083000Z\r\nSTATUS:TENTATIVE\r\nTRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n"
            "ATTENDEE;PARTSTAT=DECLINED:mailto:Ann@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\r\n"});
  ASSERT_EQ(calendar.events.size(), 1u);
  const Event& event = calendar.events[0];
  EXPECT_EQ(FormatSpan(event.span()), "2026-05-04T08:00:00Z/2026-05-04T08:30:00Z");
  EXPECT_EQ(event.start.time_zone, "Berlin of ours");
  EXPECT_EQ(event.summary, "Dentist, upstairs");
  EXPECT_EQ(event.description, "Bring the card");
  EXPECT_EQ(event.location, "Here");
  EXPECT_EQ(event.status, EventStatus::kTentative);
  EXPECT_EQ(event.transparency, Transparency::kTransparent);
  EXPECT_EQ(event.visibility, Visibility::kPrivate);
  EXPECT_EQ(event.ical_uid.str(), "a@x");
  ASSERT_EQ(event.attendees.size(), 2u);
  EXPECT_TRUE(event.attendees[0].self);
  EXPECT_EQ(event.own_response(), ResponseStatus::kDeclined);
  EXPECT_EQ(event.attendees[1].response, ResponseStatus::kAccepted);
  EXPECT_TRUE(event.id.empty());
}

TEST(Import, ReadsTimesInEveryForm) {
  const struct {
    const char* name;
    const char* times;
    const char* want;
  } kRows[] = {
      {"all-day", "DTSTART;VALUE=DATE:20260504\r\nDTEND;VALUE=DATE:20260506\r\n", "2026-05-04/2026-05-06"},
      {"all-day without an end lasts a day", "DTSTART;VALUE=DATE:20260504\r\n", "2026-05-04/2026-05-05"},
      {"a duration", "DTSTART:20260504T080000Z\r\nDURATION:PT90M\r\n", "2026-05-04T08:00:00Z/2026-05-04T09:30:00Z"},
      {"winter time", "DTSTART;TZID=Berlin of ours:20260104T100000\r\nDURATION:PT1H\r\n",
       "2026-01-04T09:00:00Z/2026-01-04T10:00:00Z"},
      {"no zone: the calendar's own", "DTSTART:20260504T080000\r\nDURATION:PT1H\r\n",
       "2026-05-04T08:00:00Z/2026-05-04T09:00:00Z"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Shown(Read({absl::StrCat("UID:a\r\n", row.times)})), absl::StrCat(row.want, " a")) << row.name;
  }
}

TEST(Import, LeavesOutWithAReason) {
  const struct {
    LeftOut reason;
    const char* event;
  } kRows[] = {
      {LeftOut::kCancelled, "UID:a\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n"},
      {LeftOut::kCancelled,
       "UID:a\r\nRECURRENCE-ID:20260504T080000Z\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n"},
      {LeftOut::kNoStart, "UID:a\r\nDTEND:20260504T080000Z\r\n"},
      {LeftOut::kNoLength, "UID:a\r\nDTSTART:20260504T080000Z\r\n"},
      {LeftOut::kNoLength, "UID:a\r\nDTSTART:20260504T080000Z\r\nDTEND:20260504T070000Z\r\n"},
      {LeftOut::kMixedTimes, "UID:a\r\nDTSTART:20260504T080000Z\r\nDTEND;VALUE=DATE:20260505\r\n"},
      {LeftOut::kUnknownZone, "UID:a\r\nDTSTART;TZID=Atlantis:20260504T080000\r\nDURATION:PT1H\r\n"},
      {LeftOut::kUnreadable, "UID:a\r\nDTSTART:tomorrow\r\nDURATION:PT1H\r\n"},
      {LeftOut::kUnreadable, "UID:a\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=SOMETIMES\r\n"},
      {LeftOut::kNothingLeft,
       "UID:a\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=1\r\nEXDATE:20260504T080000Z\r\n"},
      {LeftOut::kFromHereOn,
       "UID:a\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260504T080000Z\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\n"},
  };
  for (const auto& row : kRows) {
    const ImportedCalendar calendar = Read({row.event});
    EXPECT_EQ(calendar.report.left_out[static_cast<size_t>(row.reason)], 1) << row.event;
    EXPECT_EQ(calendar.report.taken, 0) << row.event;
  }
}

TEST(Import, MakesSingleEventsOfASeries) {
  const ImportedCalendar calendar = Read({kTeamEveryWeek});
  EXPECT_EQ(Shown(calendar),
            "2026-03-16T09:00:00Z/2026-03-16T10:00:00Z w_20260316T090000Z@x\n"
            "2026-03-23T09:00:00Z/2026-03-23T10:00:00Z w_20260323T090000Z@x\n"
            "2026-03-30T08:00:00Z/2026-03-30T09:00:00Z w_20260330T080000Z@x");
  EXPECT_EQ(calendar.report.series, 1);
  EXPECT_EQ(calendar.report.capped_series, 0);
}

TEST(Import, TakesNoMoreOfASeriesThanStated) {
  const ImportedCalendar calendar =
      Read({kTeamEveryWeek, "UID:w@x\r\nRECURRENCE-ID:20260330T080000Z\r\nDTSTART:20260330T150000Z\r\nDURATION:PT1H\r\n"},
           {.occurrences_max = 2});
  EXPECT_EQ(calendar.report.events, 2);
  EXPECT_EQ(calendar.report.capped_series, 1);
  EXPECT_EQ(calendar.report.left_out[static_cast<size_t>(LeftOut::kBeyondMax)], 1);
}

TEST(Import, ChangedOccurrencesReplaceAndCancelledOnesRemove) {
  const ImportedCalendar calendar = Read({
      "UID:w@x\r\nRECURRENCE-ID:20260316T090000Z\r\nDTSTART:20260317T090000Z\r\nDURATION:PT2H\r\n",  // Comes before its series.
      kTeamEveryWeek,
      "UID:w@x\r\nRECURRENCE-ID;TZID=Berlin of "
      "ours:20260323T100000\r\nDTSTART:20260323T090000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\n",
  });
  EXPECT_EQ(Shown(calendar),
            "2026-03-17T09:00:00Z/2026-03-17T11:00:00Z w_20260316T090000Z@x\n"
            "2026-03-30T08:00:00Z/2026-03-30T09:00:00Z w_20260330T080000Z@x");
  EXPECT_EQ(calendar.report.taken, 3);
}

TEST(Import, AChangedOccurrenceWithoutItsSeriesStandsByItself) {
  EXPECT_EQ(Shown(Read({"UID:q@x\r\nRECURRENCE-ID:20260316T090000Z\r\nDTSTART:20260317T090000Z\r\nDURATION:PT1H\r\n"})),
            "2026-03-17T09:00:00Z/2026-03-17T10:00:00Z q_20260316T090000Z@x");
  // The same if the series does not (any more) have that occurrence.
  EXPECT_EQ(Read({kTeamEveryWeek, "UID:w@x\r\nRECURRENCE-ID:20260317T090000Z\r\nDTSTART:20260317T090000Z\r\nDURATION:PT1H\r\n"})
                .report.events,
            4);
}

TEST(Import, OfTwoWithOneUidTheHigherSequenceCounts) {
  const ImportedCalendar calendar = Read({
      "UID:a\r\nSEQUENCE:1\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\n",
      "UID:a\r\nSEQUENCE:2\r\nDTSTART:20260504T090000Z\r\nDURATION:PT1H\r\n",
      "UID:a\r\nSEQUENCE:2\r\nDTSTART:20260504T100000Z\r\nDURATION:PT1H\r\n",
  });
  EXPECT_EQ(Shown(calendar), "2026-05-04T09:00:00Z/2026-05-04T10:00:00Z a");
  EXPECT_EQ(calendar.report.left_out[static_cast<size_t>(LeftOut::kDuplicate)], 2);
}

TEST(Import, EventsWithoutUidAreEachTheirOwn) {
  EXPECT_EQ(
      Read({"DTSTART:20260504T080000Z\r\nDURATION:PT1H\r\n", "DTSTART:20260504T080000Z\r\nDURATION:PT1H\r\n"}).report.events, 2);
}

TEST(Import, AlarmsAndTasksAreNoEvents) {
  const absl::StatusOr<ImportedCalendar> calendar = ReadCalendar(
      "BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:t\nEND:VTODO\nBEGIN:VEVENT\nUID:a\nDTSTART:20260504T080000Z\nDTEND:20260504T090000Z\n"
      "BEGIN:VALARM\nTRIGGER:-PT10M\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
      "test.ics");
  ASSERT_TRUE(calendar.ok());
  EXPECT_EQ(calendar->report.read, 1);
  EXPECT_EQ(calendar->report.events, 1);
}

TEST(Import, SaysWhatIsWrongWithAFile) {
  const struct {
    const char* text;
    const char* want;
  } kRows[] = {
      {"", "x.ics is not an iCalendar file: it is empty"},
      {"<html>", "x.ics is not an iCalendar file: it does not start with BEGIN:VCALENDAR"},
      {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", "x.ics is broken off: the VEVENT that begins at line 2 has no end"},
      {"BEGIN:VCALENDAR\nEND:VEVENT\n", "x.ics is broken: line 2 ends a VEVENT that is not open"},
      {"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VEVENT\n", "x.ics is broken: line 3 begins a VEVENT outside of every VCALENDAR"},
  };
  for (const auto& row : kRows) EXPECT_EQ(ReadCalendar(row.text, "x.ics").status().message(), row.want);
  const absl::Status missing = ReadCalendarFile("/nowhere/x.ics").status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("cannot read /nowhere/x.ics: No such file"));
}

constexpr ImportOptions kKeep{.keep_series = true};
constexpr char kMaster[] = "_et07g";  // The id that the server gives to a series of the UID "w@x".

TEST(ImportOfSeries, KeepsThemWithTheirChangedAndCancelledOccurrences) {  // C-2 C-61
  const ImportedCalendar calendar =
      Read({kTeamEveryWeek,
            "UID:w@x\r\nSUMMARY:Retro\r\nRECURRENCE-ID;TZID=Berlin of ours:20260323T100000\r\nDTSTART:20260324T090000Z\r\n"
            "DURATION:PT2H\r\n",
            "UID:w@x\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20260330T080000Z\r\nDTSTART:20260330T080000Z\r\nDURATION:PT1H\r\n"},
           kKeep);
  ASSERT_EQ(calendar.events.size(), 3u);
  const Event& master = calendar.events[0];
  EXPECT_EQ(master.id.text(), kMaster);
  EXPECT_EQ(master.ical_uid.text(), "w@x");
  EXPECT_EQ(master.recurrence, (std::vector<std::string>{"RRULE:FREQ=WEEKLY;COUNT=3"}));
  EXPECT_EQ(master.start.time_zone, "Europe/Berlin") << "its clock agrees with the file's";
  const Event& changed = calendar.events[1];
  EXPECT_EQ(changed.id.text(), absl::StrCat(kMaster, "_20260323T090000Z"));
  EXPECT_EQ(changed.recurring_event_id.text(), kMaster);
  EXPECT_EQ(FormatSpan(SpanOf(changed.original_start, EventTime::At(changed.original_start.instant + absl::Hours(1)))),
            "2026-03-23T09:00:00Z/2026-03-23T10:00:00Z");
  EXPECT_EQ(FormatSpan(changed.span()), "2026-03-24T09:00:00Z/2026-03-24T11:00:00Z");
  EXPECT_EQ(changed.summary, "Retro");
  EXPECT_TRUE(calendar.events[2].IsCancelled());
  EXPECT_EQ(calendar.events[2].id.text(), absl::StrCat(kMaster, "_20260330T080000Z"));
  EXPECT_EQ(calendar.report.taken, 3);
  EXPECT_EQ(calendar.report.series, 1);
  EXPECT_EQ(calendar.report.exceptions, 2);
}

TEST(ImportOfSeries, KeepsExceptionsThatNoSeriesGives) {  // C-70
  const ImportedCalendar calendar =
      Read({"UID:q@x\r\nRECURRENCE-ID:20260316T090000Z\r\nDTSTART:20260317T090000Z\r\nDURATION:PT1H\r\n",
            "UID:q@x\r\nSTATUS:CANCELLED\r\nRECURRENCE-ID:20260323T090000Z\r\nDTSTART:20260323T090000Z\r\nDURATION:PT1H\r\n",
            kTeamEveryWeek, "UID:w@x\r\nRECURRENCE-ID:20260317T090000Z\r\nDTSTART:20260317T100000Z\r\nDURATION:PT1H\r\n"},
           kKeep);
  ASSERT_EQ(calendar.events.size(), 3u);
  EXPECT_TRUE(calendar.events[0].IsSeriesMaster());
  EXPECT_TRUE(calendar.events[1].IsOccurrence());
  EXPECT_TRUE(calendar.events[2].IsOccurrence());
  EXPECT_EQ(calendar.report.left_out[static_cast<size_t>(LeftOut::kCancelled)], 1) << "of no series: nothing to say";
}

TEST(ImportOfSeries, FindsZonesThatGoogleKnows) {  // S-20 S-34
  const struct {
    const char* zone;
    const char* want;
  } kRows[] = {
      {"America/New_York", "America/New_York"},
      {"W. Europe Standard Time", "Europe/Berlin"},
      {"pacific standard time", "America/Los_Angeles"},
      {"/freeassociation.sourceforge.net/Europe/London", "Europe/London"},
      {"/mozilla.org/20050126_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
      {"Berlin of ours", "Europe/Berlin"},
  };
  for (const auto& row : kRows) {
    const std::string zone = absl::StrCat("BEGIN:VTIMEZONE\r\nTZID:", row.zone,
                                          "\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\n"
                                          "TZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n");
    const std::string text = absl::StrCat("BEGIN:VCALENDAR\r\n", absl::string_view(row.zone) == "Berlin of ours" ? kBerlin : zone,
                                          "BEGIN:VEVENT\r\nUID:z\r\nDTSTART;TZID=", row.zone,
                                          ":20260504T100000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nEXDATE;TZID=", row.zone,
                                          ":20260505T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    const absl::StatusOr<ImportedCalendar> calendar = ReadCalendar(text, "test.ics", kKeep);
    ASSERT_TRUE(calendar.ok());
    ASSERT_EQ(calendar->events.size(), 1u) << row.zone;
    EXPECT_EQ(calendar->events[0].start.time_zone, row.want);
    EXPECT_EQ(calendar->events[0].recurrence[1], absl::StrCat("EXDATE;TZID=", row.want, ":20260505T100000"));
  }
}

TEST(ImportOfSeries, LeavesOutWhatGoogleWouldRefuse) {  // C-64
  const struct {
    const char* event;
    LeftOut want;
  } kRows[] = {
      {"UID:a\r\nDTSTART;TZID=Nowhere:20260504T080000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\n", LeftOut::kUnknownZone},
      {"UID:a\r\nDTSTART:20260504T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=1\r\nEXDATE:20260504T080000Z\r\n",
       LeftOut::kNothingLeft},
      {"UID:a\r\nDTSTART:20260504T080000Z\r\nDURATION:PT0S\r\nRRULE:FREQ=DAILY\r\n", LeftOut::kNoLength},
  };
  for (const auto& row : kRows) {
    const ImportedCalendar calendar = Read({row.event}, kKeep);
    EXPECT_EQ(calendar.report.left_out[static_cast<size_t>(row.want)], 1) << row.event;
    EXPECT_TRUE(calendar.events.empty());
  }
}

TEST(ImportOfSeries, ReadsTheSamplesThatComeWithTheProject) {
  for (const char* name : {"office.ics", "family.ics", "fairs.ics"}) {
    const absl::StatusOr<ImportedCalendar> calendar = ReadCalendarFile(absl::StrCat("scenarios/samples/", name), kKeep);
    ASSERT_TRUE(calendar.ok()) << calendar.status();
    const ImportReport& report = calendar->report;
    EXPECT_EQ(report.read, report.taken + report.AllLeftOut()) << name;
    EXPECT_EQ(report.taken, report.events) << "one event for each VEVENT";
  }
}

TEST(Import, ReadsTheSamplesThatComeWithTheProject) {
  for (const char* name : {"office.ics", "family.ics", "fairs.ics"}) {
    const absl::StatusOr<ImportedCalendar> calendar = ReadCalendarFile(absl::StrCat("scenarios/samples/", name));
    ASSERT_TRUE(calendar.ok()) << calendar.status();
    EXPECT_GT(calendar->report.taken, 0) << name;
    EXPECT_EQ(calendar->report.read, calendar->report.taken + calendar->report.AllLeftOut()) << name;
  }
}

}  // namespace
}  // namespace calsync::ical
