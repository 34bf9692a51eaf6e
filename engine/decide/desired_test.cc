#include "engine/decide/desired.h"

#include <gtest/gtest.h>  // Must come before RapidCheck's.
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/testing/builders.h"
#include "engine/testing/matchers.h"

namespace calsync {
namespace {

DueVerdict DueOn(const LiveGroup& group, RowIndex source, const char* target) {
  return DueOf(group, source, *group.Find(KeyOf(target)));
}

// ---- Which slots are due ----

// Each row changes one thing about a group in which the slot (work/e1, home) is due.
TEST(Due, ASlotIsDueUnlessOneOfTheListedReasonsSpeaksAgainstIt) {  // L3
  const struct {
    const char* name;
    void (*change)(LiveGroup&);
    Due due;
    DueReason reason;
  } kRows[] = {
      {"nothing", [](LiveGroup&) {}, Due::kYes, DueReason::kBlocks},
      {"source calendar disabled", [](LiveGroup& g) { g.config.calendars[0].state = LinkState::kDisabled; }, Due::kNo,
       DueReason::kCalendarDisabled},
      {"target removed", [](LiveGroup& g) { g.config.calendars[1].state = LinkState::kRemoved; }, Due::kNo,
       DueReason::kCalendarDisabled},
      {"source gone", [](LiveGroup& g) { g.records.Change(0, [](Record& r) { r.status = RecordStatus::kGone; }); }, Due::kNo,
       DueReason::kSourceGone},
      {"source in doubt", [](LiveGroup& g) { g.records.Change(0, [](Record& r) { r.must_read = true; }); }, Due::kFrozen,
       DueReason::kSourceInDoubt},
      {"source not found by a read", [](LiveGroup& g) { g.records.Change(0, [](Record& r) { r.absent = true; }); }, Due::kFrozen,
       DueReason::kSourceInDoubt},
      {"source's calendar unreachable", [](LiveGroup& g) { g.calendars[0].row.unreachable = true; }, Due::kFrozen,
       DueReason::kSourceUnreachable},
      {"source's calendar free/busy only", [](LiveGroup& g) { g.calendars[0].row.role = AccessRole::kFreeBusyReader; },
       Due::kFrozen, DueReason::kSourceUnreachable},
      {"source free", [](LiveGroup& g) { g.records.Change(0, [](Record& r) { r.blocking = Blocking::kFree; }); }, Due::kNo,
       DueReason::kNotBlocking},
      {"direction not mirrored", [](LiveGroup& g) { g.config.EditPolicyFor(KeyOf("work"), KeyOf("home")).mirrors = false; },
       Due::kNo, DueReason::kNotMirrored},
      {"the other direction not mirrored",
       [](LiveGroup& g) { g.config.EditPolicyFor(KeyOf("home"), KeyOf("work")).mirrors = false; }, Due::kYes, DueReason::kBlocks},
      {"skipped by the direction's policy",
       [](LiveGroup& g) {
         g.config.EditPolicyFor(KeyOf("work"), KeyOf("home")).tentative = false;
         g.records.Change(0, [](Record& r) { r.tentative = true; });
       },
       Due::kNo, DueReason::kSkipped},
      {"it was over an hour ago, and the horizon reaches back for two",
       [](LiveGroup& g) {
         g.config.policy.horizon_back = absl::Hours(2);
         g.now = At("2026-05-04T11:30:00Z");
       },
       Due::kYes, DueReason::kBlocks},
      {"it was over before the horizon's reach back",
       [](LiveGroup& g) {
         g.config.policy.horizon_back = absl::Minutes(30);
         g.now = At("2026-05-04T11:30:00Z");
       },
       Due::kIfItExists, DueReason::kHorizon},
      {"target unreachable", [](LiveGroup& g) { g.calendars[1].row.unreachable = true; }, Due::kFrozen,
       DueReason::kTargetUnreachable},
      {"target read-only", [](LiveGroup& g) { g.calendars[1].row.role = AccessRole::kReader; }, Due::kFrozen,
       DueReason::kTargetReadOnly},
      {"target without private access", [](LiveGroup& g) { g.calendars[1].row.role = AccessRole::kWriterWithoutPrivateAccess; },
       Due::kFrozen, DueReason::kTargetReadOnly},
      {"target with a role that nobody knows", [](LiveGroup& g) { g.calendars[1].row.role = AccessRole::kUnknown; }, Due::kFrozen,
       DueReason::kTargetReadOnly},
      {"target whose role was not told yet",
       [](LiveGroup& g) {
         g.calendars[1].row.role = AccessRole::kUnknown;
         g.calendars[1].row.walked = false;
       },
       Due::kYes, DueReason::kBlocks},
      {"source read-only", [](LiveGroup& g) { g.calendars[0].row.role = AccessRole::kReader; }, Due::kYes, DueReason::kBlocks},
      {"it is over", [](LiveGroup& g) { g.now += absl::Hours(3); }, Due::kIfItExists, DueReason::kHorizon},
      {"it is going on", [](LiveGroup& g) { g.now = At("2026-05-04T10:29:59Z"); }, Due::kYes, DueReason::kBlocks},
      {"it is beyond the horizon", [](LiveGroup& g) { g.config.policy.horizon_ahead = absl::Hours(1); }, Due::kIfItExists,
       DueReason::kHorizon},
  };
  for (const auto& row : kRows) {
    LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1")});
    row.change(group);
    EXPECT_THAT(DueOn(group, 0, "home"), IsDueFor(row.due, row.reason)) << row.name;
  }
}

// The copies of one meeting lie on work and home; team has none.
std::vector<Record> OneMeetingTwice() {
  return {UserEvent({.id = "k1", .at = "work/m1", .ical_uid = "m@x"}),
          UserEvent({.id = "k2", .at = "home/m1", .ical_uid = "m@x"})};
}

TEST(Due, OneMeetingOnTwoCalendarsGivesOneBlockOnTheThird) {  // S-15
  const LiveGroup group = ALiveGroup(AConfig({"work", "home", "team"}), OneMeetingTwice());
  EXPECT_THAT(DueOn(group, 0, "home"), IsDueFor(Due::kNo, DueReason::kTwin));
  EXPECT_THAT(DueOn(group, 1, "work"), IsDueFor(Due::kNo, DueReason::kTwin));
  EXPECT_THAT(DueOn(group, 0, "team"), IsDueFor(Due::kYes, DueReason::kBlocks));  // The lowest calendar's copy is the source.
  EXPECT_THAT(DueOn(group, 1, "team"), IsDueFor(Due::kNo, DueReason::kTwin));
}

TEST(Due, ACopyThatDoesNotBlockCoversNothing) {
  const struct {
    const char* name;
    void (*change)(LiveGroup&);
  } kRows[] = {
      {"declined there", [](LiveGroup& g) { g.records.Change(1, [](Record& r) { r.blocking = Blocking::kDeclined; }); }},
      {"deleted there", [](LiveGroup& g) { g.records.Change(1, [](Record& r) { r.status = RecordStatus::kGone; }); }},
      {"at another time there", [](LiveGroup& g) { g.records.Change(1, [](Record& r) { r.span.end += 60; }); }},
      {"another meeting", [](LiveGroup& g) { g.records.Change(1, [](Record& r) { r.ical_hash = HashOf("n@x"); }); }},
  };
  for (const auto& row : kRows) {
    LiveGroup group = ALiveGroup(AConfig({"work", "home", "team"}), OneMeetingTwice());
    row.change(group);
    EXPECT_THAT(DueOn(group, 0, "home"), IsDueFor(Due::kYes, DueReason::kBlocks)) << row.name;
    EXPECT_THAT(DueOn(group, 0, "team"), IsDueFor(Due::kYes, DueReason::kBlocks)) << row.name;
  }
}

TEST(Due, ACopyThatMayNotBlockThereByPolicyIsNotTheSource) {
  LiveGroup group = ALiveGroup(AConfig({"work", "home", "team"}), OneMeetingTwice());
  group.config.EditPolicyFor(KeyOf("work"), KeyOf("team")).mirrors = false;
  EXPECT_THAT(DueOn(group, 0, "team"), IsDueFor(Due::kNo, DueReason::kNotMirrored));
  EXPECT_THAT(DueOn(group, 1, "team"), IsDueFor(Due::kYes, DueReason::kBlocks));  // The next lowest is.
  EXPECT_THAT(DueOn(group, 1, "work"), IsDueFor(Due::kNo, DueReason::kTwin));     // It lies there all the same.
}

// Seed 500785: a copy from which nothing is mirrored moves away, and its twin is a source by itself again.
TEST(MirrorsDiffer, TimesCountEvenIfNothingIsMirroredFromThere) {
  LiveGroup group = ALiveGroup(AConfig(), {});
  group.config.EditPolicyFor(KeyOf("work"), KeyOf("home")).mirrors = false;
  const Record before = UserEvent("k1", "work/e1");
  Record after = before;
  EXPECT_FALSE(MirrorsDiffer(group, before, after));
  after.tentative = true;
  EXPECT_FALSE(MirrorsDiffer(group, before, after));
  after.span.end += 60;
  EXPECT_TRUE(MirrorsDiffer(group, before, after));
}

TEST(Due, TheClockAloneBringsWhatIsBeyondTheHorizon) {
  LiveGroup group = ALiveGroup(AConfig(), {UserEvent("k1", "work/e1")});  // At ten.
  group.config.policy.horizon_ahead = absl::Hours(1);
  EXPECT_EQ(DueOn(group, 0, "home").again_s, absl::ToUnixSeconds(At("2026-05-04T09:00:00Z")));
  group.now = At("2026-05-04T09:00:00Z");
  EXPECT_THAT(DueOn(group, 0, "home"), IsDueFor(Due::kYes, DueReason::kBlocks));
}

// A series whose rule is over, and an occurrence that a person moved to the future.
std::vector<Record> ASeriesThatIsOver(bool alone) {
  Record master = UserEvent("k1", "work/e1");
  master.series = SharedText(PackSeries(SeriesText{"Europe/Berlin", {"RRULE:FREQ=DAILY;UNTIL=20260506T000000Z"}}));
  Record occurrence = UserEvent("k2", "work/e1_20260505T100000Z");
  occurrence.master = master.event;
  occurrence.original = master.span.start + 24 * 60 * 60;
  occurrence.span.start += 20 * 24 * 60 * 60;
  occurrence.span.end += 20 * 24 * 60 * 60;
  occurrence.alone = alone;
  return {std::move(master), std::move(occurrence)};
}

TEST(Due, WhatStandsAloneKeepsNoSeriesFromBeingOver) {  // Seed 1916 with two workers.
  for (const bool alone : {false, true}) {
    LiveGroup group = ALiveGroup(AConfig(), ASeriesThatIsOver(alone));
    group.now += absl::Hours(24 * 10);
    EXPECT_THAT(DueOn(group, 0, "home"),
                alone ? IsDueFor(Due::kIfItExists, DueReason::kHorizon) : IsDueFor(Due::kYes, DueReason::kBlocks));
    EXPECT_THAT(DueOn(group, 1, "home"),
                alone ? IsDueFor(Due::kYes, DueReason::kBlocks) : IsDueFor(Due::kNo, DueReason::kPartOfSeries));
  }
}

TEST(Due, ADisabledCalendarsCopyCoversNothing) {
  LiveGroup group = ALiveGroup(AConfig({"work", "home", "team"}), OneMeetingTwice());
  group.config.calendars[0].state = LinkState::kDisabled;
  EXPECT_THAT(DueOn(group, 1, "team"), IsDueFor(Due::kYes, DueReason::kBlocks));
}

// ---- What makes busy ----

TEST(Blocking, FollowsStatusTransparencyResponseAndType) {  // S-17
  const struct {
    const char* name;
    void (*change)(Event&);
    Blocking want;
  } kRows[] = {
      {"a plain event", [](Event&) {}, Blocking::kBlocks},
      {"tentative", [](Event& e) { e.status = EventStatus::kTentative; }, Blocking::kBlocks},
      {"free", [](Event& e) { e.transparency = Transparency::kTransparent; }, Blocking::kFree},
      {"declined by the owner",
       [](Event& e) { e.attendees = {{.email = "ann", .response = ResponseStatus::kDeclined, .self = true}}; },
       Blocking::kDeclined},
      {"declined by somebody else", [](Event& e) { e.attendees = {{.email = "bob", .response = ResponseStatus::kDeclined}}; },
       Blocking::kBlocks},
      {"not answered yet", [](Event& e) { e.attendees = {{.email = "ann", .self = true}}; }, Blocking::kBlocks},
      {"working location", [](Event& e) { e.type = EventType::kWorkingLocation; }, Blocking::kTypeNotBusy},
      {"birthday", [](Event& e) { e.type = EventType::kBirthday; }, Blocking::kTypeNotBusy},
      {"out of office", [](Event& e) { e.type = EventType::kOutOfOffice; }, Blocking::kBlocks},
      {"focus time", [](Event& e) { e.type = EventType::kFocusTime; }, Blocking::kBlocks},
      {"from mail", [](Event& e) { e.type = EventType::kFromGmail; }, Blocking::kBlocks},
      {"of a type of the future", [](Event& e) { e.type = EventType::kUnknown; }, Blocking::kBlocks},
      {"of no length (S-14)", [](Event& e) { e.end = e.start; }, Blocking::kNoTime},
      {"of negative length", [](Event& e) { std::swap(e.start, e.end); }, Blocking::kNoTime},
      {"without an end", [](Event& e) { e.end = EventTime(); }, Blocking::kNoTime},
      {"a series", [](Event& e) { e.recurrence = {"RRULE:FREQ=DAILY"}; }, Blocking::kBlocks},
      {"an occurrence", [](Event& e) { e.recurring_event_id = EventId("m"); }, Blocking::kBlocks},
      {"all-day",
       [](Event& e) {
         e.start = EventTime::Date(absl::CivilDay(2026, 5, 4));
         e.end = EventTime::Date(absl::CivilDay(2026, 5, 5));
       },
       Blocking::kBlocks},
  };
  for (const auto& row : kRows) {
    Event event = EventOf({});
    row.change(event);
    EXPECT_EQ(BlockingOf(event), row.want) << row.name;
  }
}

// ---- Content ----

LiveGroup WithTemplates(std::string title, std::string description) {
  GroupConfig config = AConfig();
  config.policy.title_template = std::move(title);
  config.policy.description_template = std::move(description);
  config.calendars[0].name = "Work of Ann";
  return ALiveGroup(config, {});
}

Record Titled(const char* title) {
  Record source = UserEvent("k1", "work/e1");
  source.summary = SharedText(title);
  return source;
}

TEST(Content, FollowsTheTemplates) {
  const LiveGroup group = WithTemplates("Busy - {summary}", "From {calendar}, {summary}; {nothing}");
  const BlockContent content = ContentFor(group, Titled("Dentist"), KeyOf("home"));
  EXPECT_EQ(content.summary, "Busy - Dentist");
  EXPECT_EQ(content.description, "From Work of Ann, Dentist; {nothing}");
  EXPECT_EQ(content.span, Titled("Dentist").span);
}

TEST(Content, ByDefaultSaysBusyAndNothingElse) {  // L9
  const BlockContent content = ContentFor(ALiveGroup(AConfig(), {}), Titled("Dentist"), KeyOf("home"));
  EXPECT_EQ(content.summary, "Busy");
  EXPECT_EQ(content.description, "");
}

TEST(Content, NeverShowsTheTextOfAPrivateSource) {  // L9
  Record source = Titled("Dentist");
  source.text_is_private = true;
  const BlockContent content = ContentFor(WithTemplates("Busy - {summary}", "{summary}"), source, KeyOf("home"));
  EXPECT_EQ(content.summary, "Busy - Busy");
  EXPECT_EQ(content.description, "Busy");
}

TEST(Content, ATitleWithBracesIsNotATemplate) {
  const BlockContent content = ContentFor(WithTemplates("{summary}", ""), Titled("{calendar}"), KeyOf("home"));
  EXPECT_EQ(content.summary, "{calendar}");
}

// ---- Fingerprints ----

Event BlockShowing(const BlockContent& content) {
  Event block;
  block.start = StartOf(content.span);
  block.end = EndOf(content.span);
  block.summary = content.summary;
  block.description = content.description;
  block.visibility = content.visibility;
  block.recurrence = content.series.lines;
  if (!block.recurrence.empty()) block.start.time_zone = content.series.time_zone;
  return block;
}

const BlockContent kContent{{1777888800, 1777890600, false}, "Busy", "From Work"};

TEST(Fingerprint, OfWhatWeWroteEqualsThatOfItsContentHoweverItIsSpelt) {  // S-13
  const struct {
    const char* name;
    void (*spell)(Event&);
  } kRows[] = {
      {"as it was written", [](Event&) {}},
      {"another zone", [](Event& e) { e.start.time_zone = "Europe/Zurich"; }},
      {"white space stripped", [](Event& e) { e.summary = " Busy\n"; }},
      {"trailing line breaks", [](Event& e) { e.description = "From Work\n\n"; }},
      {"reminders of the calendar",
       [](Event& e) {
         e.reminders = {true, {}};
       }},
      {"another colour", [](Event& e) { e.color_id = "7"; }},
      {"a tag", [](Event& e) { e.private_properties = BlockTag("b1"); }},
      {"a new version", [](Event& e) { e.etag = Etag("\"9\""); }},
      {"sequence", [](Event& e) { e.sequence = 7; }},
  };
  for (const auto& row : kRows) {
    Event block = BlockShowing(kContent);
    row.spell(block);
    EXPECT_EQ(FingerprintOf(block), FingerprintOf(kContent)) << row.name;
  }
}

TEST(Fingerprint, OfASeriesOrAPublicBlockEqualsThatOfItsContent) {  // Else each is written anew after a lost database.
  BlockContent content = kContent;
  content.visibility = Visibility::kPublic;
  EXPECT_EQ(FingerprintOf(BlockShowing(content)), FingerprintOf(content));
  content.series = {"Europe/Berlin", {"RRULE:FREQ=DAILY"}};
  EXPECT_EQ(FingerprintOf(BlockShowing(content)), FingerprintOf(content));
}

TEST(Fingerprint, DiffersForEveryDrift) {
  std::set<uint64_t> met = {FingerprintOf(kContent)};
  const struct {
    const char* name;
    void (*edit)(Event&);
  } kRows[] = {
      {"retitled", [](Event& e) { e.summary = "Holiday"; }},
      {"described", [](Event& e) { e.description = "x"; }},
      {"moved", [](Event& e) { e.start.instant += absl::Minutes(5); }},
      {"longer", [](Event& e) { e.end.instant += absl::Minutes(5); }},
      {"all-day",
       [](Event& e) {
         e.start = EventTime::Date(absl::CivilDay(2026, 5, 4));
         e.end = EventTime::Date(absl::CivilDay(2026, 5, 5));
       }},
      {"free", [](Event& e) { e.transparency = Transparency::kTransparent; }},
      {"public", [](Event& e) { e.visibility = Visibility::kPublic; }},
      {"of default visibility", [](Event& e) { e.visibility = Visibility::kDefault; }},
      {"tentative", [](Event& e) { e.status = EventStatus::kTentative; }},
      {"repeated", [](Event& e) { e.recurrence = {"RRULE:FREQ=DAILY"}; }},
      {"repeated otherwise", [](Event& e) { e.recurrence = {"RRULE:FREQ=WEEKLY"}; }},
  };
  for (const auto& row : kRows) {
    Event block = BlockShowing(kContent);
    row.edit(block);
    EXPECT_TRUE(met.insert(FingerprintOf(block)).second) << row.name;
  }
}

TEST(Fingerprint, OfASourceChangesWithItsMirroredFieldsAlone) {
  const Record before = Titled("Dentist");
  const LiveGroup busy = WithTemplates("Busy", "");
  const LiveGroup titled = WithTemplates("Busy - {summary}", "");
  const auto changes = [&](const LiveGroup& group, void (*change)(Record&)) {
    Record after = before;
    change(after);
    return MirroredFingerprint(group, after, KeyOf("home")) != MirroredFingerprint(group, before, KeyOf("home"));
  };
  for (const LiveGroup& group : {busy, titled}) {
    EXPECT_FALSE(changes(group, [](Record& r) { r.etag = SharedText("\"9\""); }));
    EXPECT_FALSE(changes(group, [](Record& r) { r.seen_s = 9; }));
    EXPECT_TRUE(changes(group, [](Record& r) { r.span.start += 60; }));
    EXPECT_TRUE(changes(group, [](Record& r) { r.span.all_day = true; }));
  }
  EXPECT_FALSE(changes(busy, [](Record& r) { r.summary = SharedText("Doctor"); }));  // Blocks do not show it.
  EXPECT_TRUE(changes(titled, [](Record& r) { r.summary = SharedText("Doctor"); }));
  EXPECT_TRUE(changes(titled, [](Record& r) { r.text_is_private = true; }));
  LiveGroup quiet = titled;  // The direction has a policy of its own, which does not show it.
  quiet.config.EditPolicyFor(before.calendar, KeyOf("home")).title_template = "Busy";
  EXPECT_FALSE(changes(quiet, [](Record& r) { r.summary = SharedText("Doctor"); }));
}

TEST(Fingerprint, IsNeverZero) {  // Zero means "never written".
  EXPECT_NE(FingerprintOf(BlockContent()), 0u);
  EXPECT_NE(FingerprintOf(Event()), 0u);
  EXPECT_EQ(HashOf(""), 0u);
  EXPECT_NE(HashOf("m@x"), 0u);
}

RC_GTEST_PROP(Fingerprint, IsEqualForEqualNormalForms,
              (const std::string& summary, const std::string& description, int64_t start)) {
  const BlockContent content{{start % 1000000000, start % 1000000000 + 60, false}, summary, description};
  Event block = BlockShowing(content);
  block.summary = " " + summary + "\t";
  block.description = description + "\n";
  RC_ASSERT(FingerprintOf(block) == FingerprintOf(content));
}

}  // namespace
}  // namespace calsync
