#include "fakegoogle/model/series.h"

#include <string>
#include <vector>

#include "fakegoogle/model/testing/series_desk.h"

namespace calsync::fake {
namespace {

TEST(OccurrenceIds, SayTheOriginalStart) {  // C-61
  EXPECT_EQ(OccurrenceId(EventId("abc"), EventTime::At(Utc(10, 12, 7)), false).text(), "abc_20261012T070000Z");
  EXPECT_EQ(OccurrenceId(EventId("abc"), EventTime::Date(absl::CivilDay(2026, 10, 12)), false).text(), "abc_20261012");
  const auto name = ParseOccurrenceId(EventId("_8l0_x_20261012T070000Z"));
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->base.text(), "_8l0_x");
  EXPECT_EQ(name->original.instant, Utc(10, 12, 7));
  for (const char* bad : {"abc", "abc_", "_20261012", "abc_20261312", "abc_20260230", "abc_20261012T070000",
                          "abc_20261012T250000Z", "abc_R20261012T070000", "abc_2026101x"}) {
    EXPECT_FALSE(ParseOccurrenceId(EventId(bad)).has_value()) << bad;
  }
}

TEST(OccurrenceIds, OfPartsAreTheOldSeriesOrTheirOwn) {  // K-20
  const EventId part = SplitId(EventId("abc"), EventTime::At(Utc(10, 12, 7)));
  EXPECT_EQ(part.text(), "abc_R20261012T070000");
  EXPECT_EQ(SplitId(part, EventTime::At(Utc(10, 26, 8))).text(), "abc_R20261026T080000") << "a part of a part";
  EXPECT_EQ(OccurrenceId(part, EventTime::At(Utc(10, 19, 7)), false).text(), "abc_20261019T070000Z");
  EXPECT_EQ(OccurrenceId(part, EventTime::At(Utc(10, 19, 7)), true).text(), "abc_R20261012T070000_20261019T070000Z");
}

TEST(Occurrence, IsShownAsTheSeriesHasIt) {  // C-61
  StandupDesk desk;
  const EventPtr second = desk.Get(kSecond);
  EXPECT_EQ(second->id, kSecond);
  EXPECT_EQ(second->etag, desk.master->etag);
  EXPECT_EQ(second->ical_uid, desk.master->ical_uid);
  EXPECT_EQ(second->status, EventStatus::kConfirmed);
  EXPECT_EQ(second->recurring_event_id, kStandup);
  EXPECT_TRUE(second->recurrence.empty());
  EXPECT_EQ(second->original_start.instant, Utc(6, 8, 7));
  EXPECT_EQ(second->start.instant, Utc(6, 8, 7));
  EXPECT_EQ(second->end.instant, Utc(6, 8, 7, 30));
  EXPECT_EQ(second->start.time_zone, "Europe/Zurich");
  EXPECT_EQ(second->summary, "Standup");
  EXPECT_EQ(second->private_properties, desk.master->private_properties);
  EXPECT_EQ(second->shared_properties, desk.master->shared_properties);
  EXPECT_EQ(desk.server.CountLive(kAda), 1u) << "reading makes nothing";
}

TEST(Occurrence, KeepsItsLocalHourWhenTheClocksChange) {  // C-60
  StandupDesk desk;
  EXPECT_EQ(desk.GetOutcome(EventId("standup_20261019T070000Z")), "ok");
  EXPECT_EQ(desk.GetOutcome(EventId("standup_20261026T080000Z")), "ok") << "winter begins on 25 October";
  EXPECT_EQ(desk.GetOutcome(EventId("standup_20261026T070000Z")), "404 notFound");
}

TEST(Occurrence, IsNotFoundUnlessTheRuleGivesIt) {  // C-61
  StandupDesk desk;
  desk.Insert(DaysOff());
  for (const char* id : {"standup_20260602T070000Z", "standup_20260525T070000Z", "standup_20260608", "standup_x",
                         "nobody_20260608T070000Z", "leave_20260602", "leave_20260601T000000Z"}) {
    EXPECT_EQ(desk.GetOutcome(EventId(id)), "404 notFound") << id;
    EXPECT_EQ(desk.Delete(EventId(id)), "404 notFound") << id;
  }
  EXPECT_EQ(desk.GetOutcome(EventId("leave_20260701")), "ok");
  EXPECT_EQ(desk.GetOutcome(kFirst), "ok");
}

TEST(Exception, IsMadeByAnyWriteAndHasAStateOfItsOwn) {  // C-62 C-61
  StandupDesk desk;
  EventPatch patch = TimePatch(Utc(6, 9, 12));
  patch.private_properties["tag"] = "2";
  const EventPtr moved = desk.Patch(kSecond, patch);
  EXPECT_EQ(moved->id, kSecond);
  EXPECT_NE(moved->etag, desk.master->etag);
  EXPECT_EQ(moved->original_start.instant, Utc(6, 8, 7)) << "it keeps its name";
  EXPECT_EQ(moved->start.instant, Utc(6, 9, 12));
  EXPECT_EQ(moved->start.time_zone, "Europe/Zurich");
  EXPECT_EQ(moved->sequence, 1);
  EXPECT_EQ(desk.Get(kStandup), desk.master) << "no other state";
  EXPECT_EQ(desk.Get(kFirst)->private_properties.at("tag"), "1");
  desk.Patch(kStandup, [] {
    EventPatch tag;
    tag.private_properties["tag"] = "3";
    return tag;
  }());
  EXPECT_EQ(desk.Get(kSecond)->private_properties.at("tag"), "2") << "properties are its own copy";
  EXPECT_EQ(desk.Get(kThird)->private_properties.at("tag"), "3");
  const EventTruth* truth = desk.server.TruthOf(kAda, kSecond);
  ASSERT_NE(truth, nullptr);
  EXPECT_EQ(truth->origin, Origin::kChanged);
}

TEST(Exception, CarriesWhatItReplacedIntoTheRecordOfWrites) {  // C-57 C-62
  StandupDesk desk;
  desk.server.ClearWrites();
  desk.Patch(kSecond, SummaryPatch("Retro"));
  ASSERT_EQ(desk.server.writes().size(), 1u);
  const WriteRecord& write = desk.server.writes()[0];
  EXPECT_EQ(write.kind, WriteKind::kPatched);
  ASSERT_NE(write.before, nullptr);
  EXPECT_EQ(write.before->summary, "Standup");
  EXPECT_EQ(write.before->id, kSecond);
}

TEST(Exception, IsMadeByAPutToo) {  // C-62 C-46
  StandupDesk desk;
  Event body = *desk.Get(kSecond);
  body.summary = "Retro";
  body.private_properties.clear();
  const EventPtr put = desk.Must(UpdateEvent{.calendar = kAda, .event = kSecond, .body = body});
  EXPECT_EQ(put->recurring_event_id, kStandup);
  EXPECT_EQ(put->original_start.instant, Utc(6, 8, 7));
  EXPECT_TRUE(put->private_properties.empty());
  body.recurrence = {"RRULE:FREQ=DAILY"};
  EXPECT_EQ(Outcome(desk.Call(UpdateEvent{.calendar = kAda, .event = kSecond, .body = body})), "400 invalid");
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, kThird, RulePatch({"RRULE:FREQ=DAILY"})})), "400 invalid");
}

TEST(Exception, IsNotMadeByAWriteThatChangesNothingIfSoTurned) {  // K-7
  StandupDesk desk({.identical_write_changes = false});
  EXPECT_EQ(desk.Patch(kSecond, SummaryPatch("Standup"))->etag, desk.master->etag);
  EXPECT_EQ(desk.server.CountLive(kAda), 1u);
}

TEST(Exception, HonoursTheEtagOfTheSeriesAtFirst) {  // C-44
  StandupDesk desk;
  EXPECT_EQ(
      Outcome(desk.Call(PatchEvent{.calendar = kAda, .event = kSecond, .patch = SummaryPatch("x"), .if_match = Etag("\"1\"")})),
      "412 conditionNotMet");
  const EventPtr made =
      desk.Must(PatchEvent{.calendar = kAda, .event = kSecond, .patch = SummaryPatch("x"), .if_match = desk.master->etag});
  EXPECT_EQ(Outcome(desk.Call(
                PatchEvent{.calendar = kAda, .event = kSecond, .patch = SummaryPatch("y"), .if_match = desk.master->etag})),
            "412 conditionNotMet");
  desk.Must(PatchEvent{.calendar = kAda, .event = kSecond, .patch = SummaryPatch("y"), .if_match = made->etag});
}

TEST(CancelledOccurrence, LeavesTheRuleAlone) {  // C-63
  StandupDesk desk;
  EXPECT_EQ(desk.Delete(kSecond), "ok");
  EXPECT_EQ(desk.Patch(kThird, StatusPatch(EventStatus::kCancelled))->status, EventStatus::kCancelled);
  for (const EventId& id : {kSecond, kThird}) {
    const EventPtr gone = desk.Get(id);
    EXPECT_TRUE(gone->IsCancelled());
    EXPECT_EQ(gone->recurring_event_id, kStandup);
    EXPECT_EQ(desk.Delete(id), "410 deleted");
  }
  EXPECT_EQ(desk.Get(kStandup), desk.master);
  EXPECT_EQ(Ids(desk.Instances({.time_max = Utc(6, 23, 0)}).items), "standup_20260601T070000Z, standup_20260622T070000Z");
}

TEST(CancelledOccurrence, ComesBackAsTheKnobSays) {  // K-8 C-49
  const struct {
    Knobs::CancelledWrite knob;
    const char* want;
  } kRows[] = {{Knobs::CancelledWrite::kRevives, "ok"},
               {Knobs::CancelledWrite::kForbidden403, "403 forbidden"},
               {Knobs::CancelledWrite::kNotFound404, "404 notFound"},
               {Knobs::CancelledWrite::kGone410, "410 deleted"}};
  for (const auto& row : kRows) {
    StandupDesk desk({.write_to_cancelled = row.knob});
    desk.Delete(kSecond);
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, kSecond, StatusPatch(EventStatus::kConfirmed)})), row.want);
  }
}

TEST(CancelledOccurrence, IsKeptAsLongAsItsSeries) {  // C-29
  StandupDesk desk({.sync_token_lifetime = absl::Hours(24 * 365)});
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Delete(kSecond);
  desk.now += absl::Hours(24 * 90);
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .sync_token = token}).first), "-standup_20260608T070000Z");
  desk.Delete(kStandup);
  desk.now += absl::Hours(24 * 90);
  EXPECT_EQ(desk.GetOutcome(kSecond), "404 notFound");
}

TEST(Lines, AreRefusedIfTheyCannotBeFollowed) {  // C-64 C-8
  const struct {
    std::vector<std::string> lines;
    const char* want;
  } kRows[] = {
      {{"RRULE:FREQ=DAILY"}, "ok"},
      {{"RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;WKST=SU;COUNT=3", "EXDATE;TZID=Europe/Zurich:20260608T090000"}, "ok"},
      {{"RDATE:20260605T070000Z"}, "ok"},
      {{"RRULE:FREQ=DAILY;UNTIL=20260605"}, "ok"},
      {{"DTSTART:20260601T070000Z", "RRULE:FREQ=DAILY"}, "400 invalid"},
      {{"DTEND:20260601T080000Z"}, "400 invalid"},
      {{"RRULE"}, "400 invalid"},
      {{"RRULE:FREQ=SOMETIMES"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260605T000000Z"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY;COUNT=0"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY;UNTIL=20269999"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY;UNTIL=20260605T250000Z"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY", "EXDATE:"}, "400 invalid"},
      {{"RRULE:FREQ=HOURLY"}, "400 invalid"},
      {{"rrule:freq=secondly;bymonth=2;bymonthday=30"}, "400 invalid"},
      {{"RRULEX:FREQ=DAILY"}, "400 invalid"},
      {{"EXDATE:yesterday"}, "400 invalid"},
      {{"RRULE:FREQ=DAILY", "RDATE;TZID=Mars/Olympus:20260605T070000"}, "400 invalid"},
  };
  for (const auto& row : kRows) {
    Desk desk;
    EXPECT_EQ(Outcome(desk.Call(InsertEvent{.calendar = kAda, .event = Standup(row.lines)})), row.want) << row.lines[0];
    const EventPtr single = desk.Insert(WithId(AnEvent(), "single"));
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, single->id, RulePatch(row.lines)})), row.want) << row.lines[0];
  }
}

TEST(Lines, NeedAZoneThatIsKnown) {  // C-8 C-64
  Desk desk;
  Event event = Standup();
  event.start.time_zone = "";
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{.calendar = kAda, .event = event})), "400 required");
  event.start.time_zone = "Mars/Olympus";
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{.calendar = kAda, .event = event})), "400 invalid");
  desk.Insert(Standup());
  EXPECT_EQ(desk.Must(PatchEvent{kAda, kStandup, TimePatch(Utc(6, 1, 8))})->start.time_zone, "Europe/Zurich")
      << "a patch without a zone keeps it";
}

TEST(Lines, ThatBreakTheStandardAreStoredAndRead) {  // C-69
  const struct {
    const char* name;
    std::vector<std::string> lines;
    int want;  // Occurrences until the end of June.
  } kRows[] = {
      {"UNTIL as a date for a timed series", {"RRULE:FREQ=DAILY;UNTIL=20260604"}, 4},
      {"EXDATE as a date for a timed series", {"RRULE:FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:20260602"}, 3},
      {"RDATE as a date for a timed series", {"RDATE;VALUE=DATE:20260605"}, 2},
      {"a line that nobody can read", {"RRULE:FREQ=SOMETIMES", "RRULE:FREQ=DAILY;COUNT=3"}, 3},
      {"nothing that anybody can read", {"RRULE:FREQ=SOMETIMES"}, 1},
      {"a rule by the hour", {"RRULE:FREQ=HOURLY;INTERVAL=12;COUNT=3"}, 3},
      {"minutes of a day that never comes", {"RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30"}, 1},
      {"a yearly rule with a day and no month", {"RRULE:FREQ=YEARLY;BYMONTHDAY=1"}, 1},
  };
  for (const auto& row : kRows) {
    StandupDesk desk;
    desk.server.Plant(kAda, Standup(row.lines), kAdaPerson.actor, desk.now);
    EXPECT_EQ(desk.Instances({.time_max = Utc(7, 1, 0)}).items.size(), static_cast<size_t>(row.want)) << row.name;
  }
}

// Exceptions after their series moved from Monday to Tuesday: a changed one and a cancelled one.
TEST(Reanchoring, TreatsExceptionsAsTheKnobSays) {  // C-65 K-11
  const struct {
    Knobs::Stranded knob;
    const char* delta;
    const char* list;
    const char* get;
  } kRows[] = {
      {Knobs::Stranded::kDropped, "-standup_20260608T070000Z, standup", "standup", "404 notFound"},
      {Knobs::Stranded::kOrphans, "standup", "-standup_20260615T070000Z, standup, standup_20260608T070000Z", "ok"},
      {Knobs::Stranded::kCancelled, "-standup_20260608T070000Z, standup",
       "-standup_20260608T070000Z, -standup_20260615T070000Z, standup", "ok"},
  };
  for (const auto& row : kRows) {
    StandupDesk desk({.stranded_exceptions = row.knob});
    desk.Patch(kSecond, SummaryPatch("Retro"));
    desk.Delete(kThird);
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    desk.Patch(kStandup, TimePatch(Utc(6, 2, 7)));
    const auto sorted = [](std::vector<EventPtr> items) {
      std::sort(items.begin(), items.end(), [](const EventPtr& a, const EventPtr& b) {
        return std::pair(!a->IsCancelled(), a->id) < std::pair(!b->IsCancelled(), b->id);
      });
      return Ids(items);
    };
    EXPECT_EQ(sorted(desk.Walk({.calendar = kAda, .sync_token = token}).first), row.delta);
    EXPECT_EQ(sorted(desk.Walk({.calendar = kAda}).first), row.list);
    EXPECT_EQ(desk.GetOutcome(kSecond), row.get);
    EXPECT_EQ(desk.GetOutcome(EventId("standup_20260609T070000Z")), "ok") << "named by the new start";
    EXPECT_EQ(desk.GetOutcome(kFourth), "404 notFound");
  }
}

TEST(Reanchoring, GivesDroppedOccurrencesAnewWhenTheRuleDoes) {  // K-11
  StandupDesk desk;
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Patch(kStandup, TimePatch(Utc(6, 2, 7)));
  desk.Patch(kStandup, TimePatch(Utc(6, 1, 7)));
  EXPECT_EQ(desk.Get(kSecond)->summary, "Standup");
  EXPECT_EQ(desk.Patch(kSecond, SummaryPatch("Review"))->summary, "Review");
  EXPECT_EQ(desk.Get(kSecond)->summary, "Review");
}

TEST(Reanchoring, KeepsExceptionsThatAreStillGiven) {  // C-65
  StandupDesk desk;
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Patch(kFourth, SummaryPatch("Review"));
  desk.Patch(kStandup, RulePatch({"RRULE:FREQ=WEEKLY;COUNT=3"}));
  EXPECT_EQ(desk.Get(kSecond)->summary, "Retro");
  EXPECT_EQ(desk.GetOutcome(kFourth), "404 notFound");
}

TEST(Reanchoring, HappensWhenTheZoneChanges) {  // C-65
  StandupDesk desk;
  EventPatch patch;
  patch.start = EventTime::At(Utc(6, 1, 7), "America/New_York");
  const EventPtr changed = desk.Patch(kStandup, patch);
  EXPECT_EQ(changed->sequence, 1);
  EXPECT_EQ(desk.GetOutcome(EventId("standup_20261026T070000Z")), "ok") << "America's clocks change a week later";
  EXPECT_EQ(desk.GetOutcome(EventId("standup_20261102T080000Z")), "ok");
}

TEST(Master, HandsItsTextDownWhereNothingOverridesIt) {  // C-65
  StandupDesk desk;
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Patch(kThird, TimePatch(Utc(6, 16, 9)));
  EventPatch patch = SummaryPatch("Daily");
  patch.location = "Room 1";
  patch.end = EventTime::At(Utc(6, 1, 8));
  desk.Patch(kStandup, patch);
  EXPECT_EQ(desk.Get(kSecond)->summary, "Retro");
  EXPECT_EQ(desk.Get(kSecond)->location, "Room 1");
  EXPECT_EQ(desk.Get(kSecond)->end.instant, Utc(6, 8, 8)) << "it keeps the hours of the series";
  EXPECT_EQ(desk.Get(kThird)->summary, "Daily");
  EXPECT_EQ(desk.Get(kThird)->end.instant, Utc(6, 16, 9, 30)) << "it has hours of its own";
}

TEST(Master, BecomesASingleEventAndASeriesAgain) {  // C-65
  StandupDesk desk({.stranded_exceptions = Knobs::Stranded::kCancelled});
  desk.Patch(kSecond, SummaryPatch("Retro"));
  const EventPtr single = desk.Patch(kStandup, RulePatch({}));
  EXPECT_FALSE(single->IsSeriesMaster());
  EXPECT_TRUE(desk.Get(kSecond)->IsCancelled());
  EXPECT_EQ(desk.GetOutcome(kThird), "404 notFound");
  EXPECT_TRUE(desk.Patch(kStandup, RulePatch({"RRULE:FREQ=WEEKLY"}))->IsSeriesMaster());
  EXPECT_EQ(desk.GetOutcome(kThird), "ok");
}

TEST(Master, TakesItsOccurrencesWithIt) {  // C-68 K-19
  for (const bool all : {false, true}) {
    StandupDesk desk({.deleted_series_lists_exceptions = all});
    desk.Patch(kSecond, SummaryPatch("Retro"));
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    desk.Delete(kStandup);
    EXPECT_EQ(desk.Walk({.calendar = kAda, .sync_token = token}).first.size(), all ? 2u : 1u);
    EXPECT_EQ(Ids(desk.Walk({.calendar = kAda}).first), "");
    EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .single_events = true}).first), "");
    EXPECT_TRUE(desk.Get(kSecond)->IsCancelled());
    EXPECT_TRUE(desk.Get(kThird)->IsCancelled());
    EXPECT_EQ(desk.Delete(kThird), "410 deleted");
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, kSecond, StatusPatch(EventStatus::kConfirmed)})), "403 forbidden");
    EXPECT_EQ(desk.server.CountLive(kAda), 0u);
  }
}

TEST(Master, BringsItsOccurrencesBack) {  // C-49 C-68
  StandupDesk desk;
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Delete(kThird);
  desk.Delete(kStandup);
  desk.Patch(kStandup, StatusPatch(EventStatus::kConfirmed));
  EXPECT_FALSE(desk.Get(kSecond)->IsCancelled());
  EXPECT_EQ(desk.Get(kSecond)->summary, "Retro");
  EXPECT_TRUE(desk.Get(kThird)->IsCancelled()) << "it was cancelled before";
  EXPECT_FALSE(desk.Get(kFourth)->IsCancelled());
}

TEST(Visibility, GetsStricterForTheWholeSeries) {  // Contract 1.2, C-14.
  StandupDesk desk;
  desk.Patch(kThird, SummaryPatch("Retro"));
  EventPatch strict;
  strict.visibility = Visibility::kPrivate;
  desk.Patch(kSecond, strict);
  EXPECT_EQ(desk.Get(kStandup)->visibility, Visibility::kPrivate);
  EXPECT_EQ(desk.Get(kThird)->visibility, Visibility::kPrivate);
  EXPECT_EQ(desk.Get(kFourth)->visibility, Visibility::kPrivate);
  EventPatch lax;
  lax.visibility = Visibility::kPublic;
  EXPECT_EQ(desk.Patch(kSecond, lax)->visibility, Visibility::kPrivate) << "a laxer occurrence is ignored";
  EXPECT_EQ(desk.Patch(kStandup, lax)->visibility, Visibility::kPublic);
  EXPECT_EQ(desk.Get(kSecond)->visibility, Visibility::kPublic);
}

TEST(Visibility, HidesOccurrencesFromThoseWhoMayNotSeeThem) {  // C-14
  StandupDesk desk;
  EventPatch strict;
  strict.visibility = Visibility::kPrivate;
  desk.Patch(kStandup, strict);
  desk.Patch(kSecond, SummaryPatch("Dismissal"));
  for (const AccessRole role : {AccessRole::kReader, AccessRole::kWriterWithoutPrivateAccess, AccessRole::kUnknown}) {
    desk.server.SetRole(kAda, kBobAccount, role);
    for (const EventId& id : {kStandup, kSecond, kThird}) {
      const EventPtr seen = desk.Get(id, kAda, kBobPerson);
      EXPECT_EQ(seen->summary, "");
      EXPECT_TRUE(seen->private_properties.empty());
      EXPECT_TRUE(seen->span().IsValid());
    }
    for (const EventPtr& item : desk.Instances({.time_max = Utc(7, 1, 0)}, kBobPerson).items) EXPECT_EQ(item->summary, "");
    const std::string want = role == AccessRole::kWriterWithoutPrivateAccess ? "403 forbidden" : "403 requiredAccessLevel";
    EXPECT_EQ(desk.Delete(kThird, kAda, kBobPerson), want);
    EXPECT_EQ(desk.Delete(kSecond, kAda, kBobPerson), want);
  }
}

TEST(TypeRules, HoldForOccurrences) {  // C-52
  Desk desk;
  Event birthday = DaysOff({"RRULE:FREQ=YEARLY"});
  birthday.type = EventType::kBirthday;
  birthday.visibility = Visibility::kPrivate;
  birthday.transparency = Transparency::kTransparent;
  desk.Insert(birthday);
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, EventId("leave_20270601"), SummaryPatch("Ada")})), "ok");
  EventPatch tag;
  tag.private_properties["tag"] = "1";
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, EventId("leave_20270601"), tag})), "400 eventTypeRestriction");
}

// --- Splits.

TEST(Split, IsOneActOfAPerson) {  // C-66
  StandupDesk desk;
  desk.now += absl::Hours(1);
  EventPatch change = SummaryPatch("Daily");
  const Reply reply = desk.server.SplitSeries(kAda, kStandup, EventTime::At(Utc(6, 15, 7)), change, kAdaPerson.actor, desk.now);
  ASSERT_EQ(Outcome(reply), "ok");
  const EventPtr part = std::get<EventPtr>(reply);
  EXPECT_EQ(part->id.text(), "standup_R20260615T070000");
  EXPECT_EQ(part->ical_uid.text(), "standup_R20260615T070000@google.com");
  EXPECT_EQ(part->created, desk.master->created);
  EXPECT_EQ(part->private_properties, desk.master->private_properties) << "the tag is copied";
  EXPECT_EQ(part->shared_properties, desk.master->shared_properties);
  EXPECT_EQ(part->recurrence, (std::vector<std::string>{"RRULE:FREQ=WEEKLY"}));
  EXPECT_EQ(part->start.instant, Utc(6, 15, 7));
  EXPECT_EQ(part->summary, "Daily");
  const EventPtr rest = desk.Get(kStandup);
  EXPECT_EQ(rest->recurrence, (std::vector<std::string>{"RRULE:FREQ=WEEKLY;UNTIL=20260615T065959Z"}));
  EXPECT_EQ(rest->summary, "Standup");
  EXPECT_EQ(Ids(desk.Instances({}).items), "standup_20260601T070000Z, standup_20260608T070000Z");
  EXPECT_EQ(desk.server.TruthOf(kAda, part->id)->split_from, kStandup);
  EXPECT_EQ(desk.server.TruthOf(kAda, part->id)->origin, Origin::kSplit);
}

TEST(Split, DividesTheCountAndTheDates) {  // C-66
  const struct {
    std::vector<std::string> lines;
    std::vector<std::string> before;
    std::vector<std::string> after;
  } kRows[] = {
      {{"RRULE:FREQ=WEEKLY;COUNT=5"}, {"RRULE:FREQ=WEEKLY;COUNT=2"}, {"RRULE:FREQ=WEEKLY;COUNT=3"}},
      {{"RRULE:FREQ=WEEKLY;UNTIL=20260701T000000Z;INTERVAL=1"},
       {"RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20260615T065959Z"},
       {"RRULE:FREQ=WEEKLY;UNTIL=20260701T000000Z;INTERVAL=1"}},
      {{"RRULE:FREQ=WEEKLY", "EXDATE:20260608T070000Z,20260622T070000Z", "RDATE:20260603T070000Z"},
       {"RRULE:FREQ=WEEKLY;UNTIL=20260615T065959Z", "EXDATE:20260608T070000Z", "RDATE:20260603T070000Z"},
       {"RRULE:FREQ=WEEKLY", "EXDATE:20260622T070000Z"}},
  };
  for (const auto& row : kRows) {
    StandupDesk desk({}, row.lines);
    std::vector<EventPtr> whole = desk.Instances({}).items;
    const Reply reply = desk.server.SplitSeries(kAda, kStandup, EventTime::At(Utc(6, 15, 7)), {}, kAdaPerson.actor, desk.now);
    ASSERT_EQ(Outcome(reply), "ok");
    EXPECT_EQ(desk.Get(kStandup)->recurrence, row.before);
    EXPECT_EQ(std::get<EventPtr>(reply)->recurrence, row.after);
    std::vector<EventPtr> parts = desk.Instances({}).items;
    const std::vector<EventPtr> second = desk.Instances({.event = std::get<EventPtr>(reply)->id}).items;
    parts.insert(parts.end(), second.begin(), second.end());
    EXPECT_EQ(Ids(parts), Ids(whole)) << "no occurrence is lost, none comes twice";
  }
}

TEST(Split, OfDaysIsByDate) {  // C-66
  Desk desk;
  desk.Insert(DaysOff());
  const EventTime august = EventTime::Date(absl::CivilDay(2026, 8, 1));
  const Reply reply = desk.server.SplitSeries(kAda, EventId("leave"), august, {}, kAdaPerson.actor, desk.now);
  ASSERT_EQ(Outcome(reply), "ok");
  EXPECT_EQ(std::get<EventPtr>(reply)->id.text(), "leave_R20260801");
  EXPECT_EQ(desk.Get(EventId("leave"))->recurrence[0], "RRULE:FREQ=MONTHLY;UNTIL=20260731");
  EXPECT_EQ(desk.Get(EventId("leave_20260901"))->recurring_event_id.text(), "leave_R20260801");
}

TEST(Split, GivesLaterExceptionsToTheNewSeries) {  // C-66 K-20
  for (const bool derived : {false, true}) {
    StandupDesk desk({.split_ids_derived = derived});
    desk.Patch(kSecond, SummaryPatch("Retro"));
    desk.Patch(kFourth, SummaryPatch("Review"));
    const EventId fifth("standup_20260629T070000Z");
    desk.Delete(fifth);
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    const Reply reply = desk.server.SplitSeries(kAda, kStandup, EventTime::At(Utc(6, 15, 7)), {}, kAdaPerson.actor, desk.now);
    ASSERT_EQ(Outcome(reply), "ok");
    const EventId part = std::get<EventPtr>(reply)->id;
    const std::string base = derived ? "standup_R20260615T070000" : "standup";
    EXPECT_EQ(desk.Get(kSecond)->recurring_event_id, kStandup);
    const EventPtr moved = desk.Get(EventId(base + "_20260622T070000Z"));
    EXPECT_EQ(moved->recurring_event_id, part);
    EXPECT_EQ(moved->summary, "Review");
    EXPECT_EQ(moved->original_start.instant, Utc(6, 22, 7));
    EXPECT_TRUE(desk.Get(EventId(base + "_20260629T070000Z"))->IsCancelled());
    EXPECT_EQ(desk.Get(EventId(base + "_20260706T070000Z"))->recurring_event_id, part);
    if (derived) {
      EXPECT_EQ(desk.GetOutcome(kFourth), "404 notFound");
    }
    std::vector<std::string> ids;
    for (const EventPtr& row : desk.Walk({.calendar = kAda, .sync_token = token}).first) ids.push_back(Ids({row}));
    std::sort(ids.begin(), ids.end());
    const std::vector<std::string> want =
        derived ? std::vector<std::string>{"-standup_20260622T070000Z", "-standup_R20260615T070000_20260629T070000Z", "standup",
                                           "standup_R20260615T070000", "standup_R20260615T070000_20260622T070000Z"}
                : std::vector<std::string>{"-standup_20260629T070000Z", "standup", "standup_20260622T070000Z",
                                           "standup_R20260615T070000"};
    EXPECT_EQ(ids, want) << "each visible change is told";
  }
}

TEST(Split, OfAPartMakesAnotherPart) {  // C-66 K-20
  StandupDesk desk;
  const auto split = [&](const EventId& id, absl::Time at) {
    return desk.server.SplitSeries(kAda, id, EventTime::At(at), {}, kAdaPerson.actor, desk.now);
  };
  const EventId first = std::get<EventPtr>(split(kStandup, Utc(6, 15, 7)))->id;
  const EventId second = std::get<EventPtr>(split(first, Utc(6, 29, 7)))->id;
  EXPECT_EQ(second.text(), "standup_R20260629T070000");
  EXPECT_EQ(desk.Get(kFirst)->recurring_event_id, kStandup);
  EXPECT_EQ(desk.Get(kFourth)->recurring_event_id, first);
  EXPECT_EQ(desk.Get(EventId("standup_20260706T070000Z"))->recurring_event_id, second);
}

TEST(Split, IsRefusedWhereThereIsNothingToSplit) {  // C-66
  StandupDesk desk;
  const auto outcome = [&](const EventId& id, absl::Time at) {
    return Outcome(desk.server.SplitSeries(kAda, id, EventTime::At(at), {}, kAdaPerson.actor, desk.now));
  };
  EXPECT_EQ(outcome(kStandup, Utc(6, 1, 7)), "400 invalid") << "from the first on is all of it";
  EXPECT_EQ(outcome(kStandup, Utc(6, 2, 7)), "400 invalid") << "no such occurrence";
  EXPECT_EQ(outcome(EventId("nobody"), Utc(6, 8, 7)), "404 notFound");
  desk.Delete(kStandup);
  EXPECT_EQ(outcome(kStandup, Utc(6, 8, 7)), "400 invalid");
}

TEST(Split, ByTwoCallsHasAStateBetween) {  // C-67
  StandupDesk desk;
  desk.Patch(kStandup, RulePatch({"RRULE:FREQ=WEEKLY;UNTIL=20260614T000000Z"}));
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .single_events = true}).first).find("20260615"), std::string::npos);
  Event rest = Standup();
  rest.id = EventId("standup2");
  rest.start = EventTime::At(Utc(6, 15, 7), "Europe/Zurich");
  rest.end = EventTime::At(Utc(6, 15, 7, 30), "Europe/Zurich");
  desk.Insert(rest);
  EXPECT_EQ(desk.Get(EventId("standup2_20260615T070000Z"))->recurring_event_id.text(), "standup2");
}

// --- Moves and imports.

TEST(MoveOfASeries, TakesItsExceptionsAlong) {  // C-53 K-10
  StandupDesk desk({.move_keeps_private = false});
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Delete(kThird);
  EXPECT_EQ(Outcome(desk.Call(MoveEvent{kAda, kSecond, kTeam})), "400 cannotChangeOrganizerOfInstance");
  EXPECT_EQ(Outcome(desk.Call(MoveEvent{kAda, kFourth, kTeam})), "400 cannotChangeOrganizerOfInstance");
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Must(MoveEvent{kAda, kStandup, kTeam});
  EXPECT_EQ(desk.Get(kSecond, kTeam)->summary, "Retro");
  EXPECT_EQ(desk.Get(kSecond, kTeam)->organizer.email, kTeam.str());
  EXPECT_TRUE(desk.Get(kSecond, kTeam)->private_properties.empty());
  EXPECT_TRUE(desk.Get(kThird, kTeam)->IsCancelled());
  EXPECT_EQ(desk.Get(kFourth, kTeam)->recurring_event_id, kStandup);
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda, .sync_token = token}).first), "-standup");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda}).first), "");
  EXPECT_EQ(desk.GetOutcome(kFourth), "404 notFound") << "the stub gives nothing";
}

TEST(MoveOfASeries, LeavesAGuestOfOneOccurrenceThatOne) {  // C-53 C-70 (seed 2001960)
  StandupDesk desk;
  EventPatch guests;
  guests.attendees = {{.email = kAda.str()}};
  desk.Patch(kSecond, guests);
  desk.Must(MoveEvent{kAda, kStandup, kTeam});
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda}).first), "");
  desk.Must(PatchEvent{kTeam, kSecond, SummaryPatch("Retro")});
  desk.now += absl::Minutes(1);
  desk.server.AdvanceTo(desk.now);
  EXPECT_EQ(desk.Get(kSecond)->summary, "Retro");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda}).first), "standup_20260608T070000Z") << "a full listing shows what is there";
}

TEST(MoveOfASeries, TakesItsExceptionsAlongAlsoWhenItHasLostItsRule) {  // C-53 K-11 (legacy seed 4492)
  StandupDesk desk({.stranded_exceptions = Knobs::Stranded::kOrphans});
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Patch(kStandup, RulePatch({}));
  ASSERT_EQ(desk.GetOutcome(kSecond), "ok") << "what was changed outlives the rule";
  desk.Must(MoveEvent{kAda, kStandup, kTeam});
  EXPECT_EQ(desk.Get(kSecond, kTeam)->summary, "Retro");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kAda}).first), "");
}

TEST(ImportOfASeries, ReanchorsWhenItComesAgain) {  // C-54 C-65
  Desk desk;
  Event body = Standup();
  body.id = EventId();
  body.ical_uid = ICalUid("series@elsewhere");
  const EventPtr made = desk.Must(ImportEvent{kAda, body});
  const EventId second(made->id.str() + "_20260608T070000Z");
  desk.Must(PatchEvent{kAda, second, SummaryPatch("Retro")});
  body.recurrence = {"RRULE:FREQ=WEEKLY;COUNT=1"};
  desk.Must(ImportEvent{kAda, body});
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kAda, second})), "404 notFound");
}

}  // namespace
}  // namespace calsync::fake
