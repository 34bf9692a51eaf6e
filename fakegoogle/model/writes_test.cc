#include <gtest/gtest.h>

#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

TEST(Insert, TakesAClientIdThatFitsTheAlphabet) {  // C-1
  const struct {
    const char* id;
    const char* want;
  } kRows[] = {
      {"abcde", "ok"},          {"0123456789abcdefghijklmnopqrstuv", "ok"},
      {"abcd", "400 invalid"},  {"abcdw", "400 invalid"},
      {"ABCDE", "400 invalid"}, {"abc_e", "400 invalid"},
  };
  Desk desk;
  for (const auto& row : kRows) {
    EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), row.id)})), row.want) << row.id;
  }
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), std::string(1025, 'a'))})), "400 invalid");
}

TEST(Insert, MakesIdsAndUids) {  // C-2 C-3
  Desk desk;
  const EventPtr plain = desk.Insert(AnEvent());
  EXPECT_EQ(plain->id.text().size(), 26u);
  EXPECT_EQ(plain->ical_uid.str(), plain->id.str() + "@google.com");
  Event foreign = AnEvent();
  foreign.ical_uid = ICalUid("A@x");
  EXPECT_EQ(desk.Insert(foreign)->id.text(), "_8507g");  // 41 40 78, five bits at a time.
}

TEST(Insert, FillsInWhatOnlyTheServerSays) {  // C-5 C-15 C-56
  Desk desk;
  desk.now = kStart + absl::Milliseconds(123) + absl::Microseconds(456);
  Event sent = AnEvent();
  sent.organizer.email = "mallory@example.com";
  sent.etag = Etag("\"1\"");
  const EventPtr event = desk.Insert(sent, kTeam);
  EXPECT_EQ(event->organizer, (Person{kTeam.str(), true}));
  EXPECT_EQ(event->creator, (Person{"ada@example.com", false}));
  EXPECT_EQ(event->created, kStart);
  EXPECT_EQ(event->updated, kStart + absl::Milliseconds(123));
  EXPECT_EQ(event->etag.text(), absl::StrCat("\"", 2 * absl::ToUnixMicros(desk.now), "\""));
  EXPECT_EQ(event, desk.Get(event->id, kTeam));
}

TEST(Insert, RefusesWhatIsNoEvent) {  // C-6 C-7 C-8
  const EventTime at = EventTime::At(kStart);
  const EventTime later = EventTime::At(kStart + absl::Hours(1));
  const EventTime day = EventTime::Date(absl::CivilDay(2026, 5, 4));
  const EventTime next_day = EventTime::Date(absl::CivilDay(2026, 5, 5));
  const struct {
    const char* name;
    EventTime start, end;
    const char* recurrence;
    const char* want;
  } kRows[] = {
      {"timed", at, later, "", "ok"},
      {"all-day", day, next_day, "", "ok"},
      {"zero length", at, at, "", "400 timeRangeEmpty"},
      {"backwards", later, at, "", "400 timeRangeEmpty"},
      {"zero days", day, day, "", "400 timeRangeEmpty"},
      {"mixed", day, later, "", "400 invalid"},
      {"nothing: the end is missed first", {}, {}, "", "400 required"},
      {"no start", {}, later, "", "400 required"},
      {"a series without zone", at, later, "RRULE:FREQ=DAILY", "400 required"},
      {"an all-day series needs none", day, next_day, "RRULE:FREQ=DAILY", "ok"},
      {"a line of another kind", day, next_day, "DTSTART:20260101", "400 invalid"},
  };
  Desk desk;
  for (const auto& row : kRows) {
    Event event;
    event.start = row.start;
    event.end = row.end;
    if (*row.recurrence != '\0') event.recurrence = {row.recurrence};
    EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, event})), row.want) << row.name;
  }
  const Reply reply = desk.Call(InsertEvent{kAda, Event()});
  EXPECT_EQ(std::get<ApiError>(reply).message, "Missing end time.");
}

TEST(Insert, NeverTakesAnIdTwice) {  // C-40
  Desk desk;
  desk.Insert(WithId(AnEvent(), "abcde"));
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")})), "409 duplicate");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kTeam, WithId(AnEvent(), "abcde")})), "ok") << "another calendar";
  desk.Delete(EventId("abcde"));
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")})), "409 duplicate") << "deleted";
  Event same_uid = AnEvent();
  same_uid.ical_uid = ICalUid("abcde@google.com");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, same_uid})), "409 duplicate") << "by iCalUID";
  desk.now += absl::Hours(24 * 31);
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")})), "409 duplicate") << "purged";
  desk.server.knobs().purged_id_free = true;  // K-21
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent("Again"), "abcde")})), "ok");
  EXPECT_EQ(desk.Get(EventId("abcde"))->summary, "Again");
}

TEST(Insert, MayNotSeeACollisionAtOnce) {  // C-41 K-5
  Desk desk({.collision_unseen_for = absl::Seconds(10)});
  const EventPtr first = desk.Insert(WithId(AnEvent("First"), "abcde"));
  const EventPtr second = desk.Insert(WithId(AnEvent("Second"), "abcde"));
  EXPECT_EQ(second->summary, "Second");
  EXPECT_NE(first->etag, second->etag);
  desk.now += absl::Seconds(10);
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")})), "409 duplicate");
}

TEST(Insert, TellsWhoseReplyWasLostThatItIsThere) {  // C-42 C-110
  Desk desk;
  (void)desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")}, kEngine);  // The reply is lost.
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, WithId(AnEvent(), "abcde")}, kEngine)), "409 duplicate");
  EXPECT_EQ(desk.server.CountLive(kAda), 1u);
}

TEST(Properties, AreDroppedAndCutWithoutAWord) {  // C-10
  Desk desk;
  Event event = AnEvent();
  event.private_properties = {
      {std::string(44, 'k'), "kept"}, {std::string(45, 'k'), "dropped"}, {"long", std::string(1030, 'v')}};
  const EventPtr stored = desk.Insert(event);
  EXPECT_EQ(stored->private_properties.size(), 2u);
  EXPECT_EQ(stored->private_properties.at("long").size(), 1024u);
  EventPatch patch;
  patch.private_properties[std::string(45, 'p')] = "dropped";
  patch.private_properties["umlauts"] = std::string(1024, 'a') + "\xc3\xa4";
  patch.private_properties["long"] = std::nullopt;
  const EventPtr patched = desk.Must(PatchEvent{kAda, stored->id, patch});
  EXPECT_EQ(patched->private_properties, (PropertyMap{{std::string(44, 'k'), "kept"}, {"umlauts", std::string(1024, 'a')}}));
}

TEST(Properties, HaveABudgetOverAllCopies) {  // C-11 K-18
  for (const bool silent : {false, true}) {
    Desk desk({.tag_budget_silent = silent, .propagation_delay = absl::ZeroDuration()});
    const EventPtr event = desk.Insert(WithGuests(AnEvent(), {kBob.str()}));
    EventPatch many;
    for (int i = 0; i < 290; ++i) many.private_properties[absl::StrCat("k", i)] = "v";
    desk.Must(PatchEvent{kBob, event->id, many}, kBobPerson);  // A stranger uses it up.
    EventPatch tag;
    for (int i = 0; i < 11; ++i) tag.private_properties[absl::StrCat("tag", i)] = "v";
    const Reply reply = desk.Call(PatchEvent{kAda, event->id, tag}, kEngine);
    EXPECT_EQ(Outcome(reply), silent ? "ok" : "400 invalid");
    EXPECT_TRUE(desk.Get(event->id)->private_properties.empty());
  }
}

TEST(Patch, MergesAndDeletesAndReplacesLists) {  // C-45
  Desk desk;
  Event event = WithGuests(AnEvent(), {"x@example.com", "y@example.com"});
  event.location = "Room 1";
  event.private_properties = {{"a", "1"}, {"b", "2"}};
  const EventPtr before = desk.Insert(event);
  EventPatch patch = SummaryPatch("Doctor");
  patch.private_properties = {{"a", std::nullopt}, {"c", "3"}};
  patch.attendees = std::vector<Attendee>{{.email = "z@example.com"}};
  const EventPtr after = desk.Must(PatchEvent{kAda, before->id, patch});
  EXPECT_EQ(after->summary, "Doctor");
  EXPECT_EQ(after->location, "Room 1");
  EXPECT_EQ(after->private_properties, (PropertyMap{{"b", "2"}, {"c", "3"}}));
  ASSERT_EQ(after->attendees.size(), 1u);
  EXPECT_EQ(before->summary, "Dentist") << "versions are immutable";
}

TEST(Patch, LeavesEverythingWhenTheResultIsInvalid) {  // C-45 C-110
  Desk desk;
  const EventPtr before = desk.Insert(AnEvent());
  EventPatch patch = SummaryPatch("Doctor");
  patch.end = before->start;
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, before->id, patch})), "400 timeRangeEmpty");
  EXPECT_EQ(desk.Get(before->id), before);
}

TEST(Update, ClearsWhatItLeavesOut) {  // C-46
  Desk desk;
  Event event = AnEvent();
  event.location = "Room 1";
  event.color_id = "3";
  event.private_properties = {{"tag", "1"}};
  event.shared_properties = {{"tag", "2"}};
  const EventPtr before = desk.Insert(event);
  const EventPtr after = desk.Must(UpdateEvent{kAda, before->id, AnEvent()});
  EXPECT_TRUE(after->private_properties.empty());
  EXPECT_TRUE(after->shared_properties.empty());
  EXPECT_EQ(after->location, "");
  EXPECT_EQ(after->color_id, "");
  EXPECT_EQ(after->id, before->id);
  EXPECT_EQ(after->created, before->created);
  EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kAda, before->id, Event()})), "400 required");
}

TEST(Versions, MoveAsTheTableSays) {  // C-4 C-5 C-30 C-91 K-4
  EventPatch time, text, property, reminders;
  time.end = EventTime::At(kStart + absl::Hours(25));
  text.summary = "Doctor";
  property.private_properties["k"] = "v";
  reminders.reminders = Reminders{.use_default = false};
  const struct {
    const char* name;
    EventPatch patch;
    bool updated_moves;
    int sequence;
    bool in_delta_when_k4_is_off;
  } kRows[] = {
      {"time", time, true, 1, true},
      {"text", text, true, 0, true},
      {"private property", property, true, 0, true},
      {"reminders", reminders, false, 0, false},
  };
  for (const bool reminders_in_delta : {true, false}) {
    for (const auto& row : kRows) {
      Desk desk({.reminders_in_delta = reminders_in_delta});
      const EventPtr before = desk.Insert(AnEvent());
      const SyncToken token = desk.Walk({.calendar = kAda}).second;
      (void)desk.Call(WatchEvents{.calendar = kAda, .channel = ChannelId("c"), .address = "https://x"});
      (void)desk.server.TakeMessages();
      desk.now += absl::Seconds(1);
      const EventPtr after = desk.Must(PatchEvent{kAda, before->id, row.patch});
      EXPECT_NE(after->etag, before->etag) << row.name;
      EXPECT_EQ(after->updated != before->updated, row.updated_moves) << row.name;
      EXPECT_EQ(after->sequence, row.sequence) << row.name;
      const bool visible = reminders_in_delta || row.in_delta_when_k4_is_off;
      EXPECT_EQ(desk.Walk({.calendar = kAda, .sync_token = token}).first.size(), visible ? 1u : 0u) << row.name;
      EXPECT_EQ(desk.server.TakeMessages().size(), visible ? 1u : 0u) << row.name;
      EXPECT_EQ(desk.Get(before->id), after) << row.name;
    }
  }
}

TEST(Versions, GrowStrictlyWithinOneInstant) {  // C-4
  Desk desk;
  const EventPtr a = desk.Insert(AnEvent());
  const EventPtr b = desk.Insert(AnEvent(), kTeam);
  const EventPtr c = desk.Must(PatchEvent{kAda, a->id, SummaryPatch("x")});
  EXPECT_LT(a->etag, b->etag);
  EXPECT_LT(b->etag, c->etag);
}

TEST(Versions, OfAWriteThatChangesNothing) {  // K-7 C-91
  for (const bool changes : {true, false}) {
    Desk desk({.identical_write_changes = changes});
    const EventPtr before = desk.Insert(AnEvent());
    const EventPtr after = desk.Must(PatchEvent{kAda, before->id, SummaryPatch("Dentist")});
    EXPECT_EQ(after->etag != before->etag, changes);
    EXPECT_EQ(desk.server.writes().size(), changes ? 2u : 1u);
  }
}

TEST(IfMatch, IsExact) {  // C-44
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  const Etag old = event->etag;
  const EventPtr now = desk.Must(PatchEvent{kAda, event->id, SummaryPatch("x"), old});
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, event->id, SummaryPatch("y"), old})), "412 conditionNotMet");
  EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kAda, event->id, AnEvent(), old})), "412 conditionNotMet");
  EXPECT_EQ(Outcome(desk.Call(DeleteEvent{kAda, event->id, old})), "412 conditionNotMet");
  EXPECT_EQ(desk.Get(event->id), now);
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, event->id, SummaryPatch("y"), Etag("*")})), "ok");
  EXPECT_EQ(Outcome(desk.Call(DeleteEvent{kAda, event->id, desk.Get(event->id)->etag})), "ok");
}

TEST(Sequence, NeverGoesDown) {  // C-47 K-6
  for (const bool omitted_is_zero : {false, true}) {
    Desk desk({.omitted_sequence_is_zero = omitted_is_zero});
    Event event = AnEvent();
    event.sequence = 5;
    const EventPtr before = desk.Insert(event);
    EXPECT_EQ(before->sequence, 5);
    event.sequence = 4;
    EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kAda, before->id, event})), "400 invalid");
    event.sequence = 0;
    EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kAda, before->id, event})), omitted_is_zero ? "400 invalid" : "ok");
    event.sequence = 9;
    EXPECT_EQ(desk.Must(UpdateEvent{kAda, before->id, event})->sequence, 9);
  }
}

TEST(Sequence, IsPatchedUpwardsAlone) {  // C-45 C-47
  for (const bool identical_changes : {false, true}) {
    Desk desk({.identical_write_changes = identical_changes});
    const EventPtr before = desk.Insert(AnEvent());
    EventPatch patch;
    patch.sequence = 3;
    patch.guests_can_modify = true;
    const EventPtr after = desk.Must(PatchEvent{kAda, before->id, patch});
    EXPECT_EQ(after->sequence, 3);
    EXPECT_TRUE(after->guests_can_modify);
    patch = {};
    patch.sequence = 2;
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, before->id, patch})), "400 invalid");
    patch.sequence = 4;  // Alone: that is a change, too.
    EXPECT_EQ(desk.Must(PatchEvent{kAda, before->id, patch})->sequence, 4);
  }
}

TEST(Delete, TellsWhatItFound) {  // C-48 C-43
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  EXPECT_EQ(desk.Delete(EventId("nosuchevent")), "404 notFound");
  EXPECT_EQ(desk.Delete(event->id), "ok");
  EXPECT_EQ(desk.Delete(event->id), "410 deleted");
  const EventPtr cancelled = desk.Get(event->id);
  EXPECT_TRUE(cancelled->IsCancelled());
  EXPECT_EQ(cancelled->summary, "Dentist");
  desk.now += absl::Hours(24 * 30);
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kAda, event->id})), "404 notFound") << "purged";
  EXPECT_EQ(desk.Delete(event->id), "404 notFound");
  desk.server.knobs().purged_is_410 = true;
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kAda, event->id})), "410 deleted");
  EXPECT_EQ(desk.Delete(event->id), "410 deleted");
}

TEST(Revive, FollowsTheKnob) {  // C-49 K-8
  const struct {
    Knobs::CancelledWrite knob;
    const char* want;
  } kRows[] = {
      {Knobs::CancelledWrite::kRevives, "ok"},
      {Knobs::CancelledWrite::kForbidden403, "403 forbidden"},
      {Knobs::CancelledWrite::kNotFound404, "404 notFound"},
      {Knobs::CancelledWrite::kGone410, "410 deleted"},
  };
  for (const auto& row : kRows) {
    Desk desk({.write_to_cancelled = row.knob});
    const EventPtr event = desk.Insert(AnEvent());
    desk.Delete(event->id);
    const SyncToken token = desk.Walk({.calendar = kAda}).second;
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, event->id, StatusPatch(EventStatus::kConfirmed)})), row.want);
    if (row.knob != Knobs::CancelledWrite::kRevives) continue;
    const EventPtr revived = desk.Get(event->id);
    EXPECT_FALSE(revived->IsCancelled());
    EXPECT_EQ(revived->created, event->created);
    EXPECT_EQ(revived->ical_uid, event->ical_uid);
    EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = token}).first), "Dentist");
  }
}

TEST(Revive, EndsWithTheAgeOfTheTombstone) {  // K-8
  Desk desk({.revive_within = absl::Hours(1)});
  const EventPtr event = desk.Insert(AnEvent());
  desk.Delete(event->id);
  desk.now += absl::Hours(2);
  EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kAda, event->id, AnEvent()})), "403 forbidden");
}

TEST(Revive, IsNotWhatAPatchWithoutStatusDoes) {  // C-49
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  desk.Delete(event->id);
  EXPECT_TRUE(desk.Must(PatchEvent{kAda, event->id, SummaryPatch("x")})->IsCancelled());
}

TEST(Cancelling, IsDeletion) {  // C-48
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  desk.Must(PatchEvent{kAda, event->id, StatusPatch(EventStatus::kCancelled)});
  EXPECT_EQ(desk.server.writes().back().kind, WriteKind::kDeleted);
  EXPECT_EQ(desk.Delete(event->id), "410 deleted");
}

TEST(Roles, DecideWhoMayWrite) {  // C-35 C-50 C-14
  const struct {
    AccessRole role;
    const char *get, *get_private, *write, *write_private;
  } kRows[] = {
      {AccessRole::kNone, "404", "404", "404 notFound", "404 notFound"},
      {AccessRole::kFreeBusyReader, "", "", "403 requiredAccessLevel", "403 requiredAccessLevel"},
      {AccessRole::kReader, "Open", "", "403 requiredAccessLevel", "403 requiredAccessLevel"},
      {AccessRole::kUnknown, "Open", "", "403 requiredAccessLevel", "403 requiredAccessLevel"},
      {AccessRole::kWriterWithoutPrivateAccess, "Open", "", "ok", "403 forbidden"},
      {AccessRole::kWriter, "Open", "Secret", "ok", "ok"},
      {AccessRole::kOwner, "Open", "Secret", "ok", "ok"},
  };
  for (const auto& row : kRows) {
    Desk desk;
    Event secret = AnEvent("Secret");
    secret.visibility = Visibility::kPrivate;
    secret.private_properties = {{"tag", "1"}};
    const EventPtr open = desk.Insert(AnEvent("Open"));
    const EventPtr hidden = desk.Insert(secret);
    desk.server.SetRole(kAda, kBobAccount, row.role);
    const auto summary = [&](const EventId& id) -> std::string {
      const Reply reply = desk.Call(GetEvent{kAda, id}, kBobPerson);
      if (const auto* event = std::get_if<EventPtr>(&reply)) return (*event)->summary;
      return absl::StrCat(std::get<ApiError>(reply).code);
    };
    EXPECT_EQ(summary(open->id), row.get);
    EXPECT_EQ(summary(hidden->id), row.get_private);
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, open->id, SummaryPatch("x")}, kBobPerson)), row.write);
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, hidden->id, SummaryPatch("x")}, kBobPerson)), row.write_private);
    EXPECT_EQ(Outcome(desk.Call(DeleteEvent{kAda, hidden->id}, kBobPerson)), row.write_private);
  }
}

TEST(Types, HaveRules) {  // C-52
  Desk desk;
  Event birthday;
  birthday.type = EventType::kBirthday;
  birthday.start = EventTime::Date(absl::CivilDay(2026, 5, 4));
  birthday.end = EventTime::Date(absl::CivilDay(2026, 5, 5));
  birthday.visibility = Visibility::kPrivate;
  birthday.transparency = Transparency::kTransparent;
  birthday.recurrence = {"RRULE:FREQ=YEARLY"};
  Event gmail = AnEvent();
  gmail.type = EventType::kFromGmail;
  Event focus = AnEvent();
  focus.type = EventType::kFocusTime;
  Event place = AnEvent();
  place.type = EventType::kWorkingLocation;
  Event future = AnEvent();
  future.type = EventType::kUnknown;
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, birthday})), "ok");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, gmail})), "400 eventTypeRestriction");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, future})), "400 eventTypeRestriction");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, focus})), "ok");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kTeam, focus})), "400 malformedFocusTimeEvent");
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, place})), "400 malformedWorkingLocationEvent");

  EventPatch tag;
  tag.private_properties["k"] = "v";
  const EventPtr born = desk.Insert(birthday);
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, born->id, tag})), "400 eventTypeRestriction");
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, born->id, SummaryPatch("Ada")})), "ok");
  const EventPtr mail = desk.server.Plant(kAda, gmail, ActorId(), desk.now);
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, mail->id, tag})), "ok");
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, mail->id, SummaryPatch("x")})), "400 eventTypeRestriction");
}

TEST(Mails, AreCountedForWhoCausedThem) {  // C-57 S-33
  const struct {
    SendUpdates send;
    bool always;
    int want;
  } kRows[] = {{SendUpdates::kAll, false, 2},
               {SendUpdates::kExternalOnly, false, 1},
               {SendUpdates::kNone, false, 0},
               {SendUpdates::kNone, true, 2}};
  for (const auto& row : kRows) {
    Desk desk({.insert_always_mails = row.always});
    const Event event = WithGuests(AnEvent(), {kBob.str(), "stranger@example.org"});
    (void)desk.Call(InsertEvent{kAda, event, row.send}, kEngine);
    EXPECT_EQ(desk.server.MailsBy(kEngine.actor), row.want);
    EXPECT_EQ(desk.server.writes().back().mails, row.want);
  }
}

}  // namespace
}  // namespace calsync::fake
