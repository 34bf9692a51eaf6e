#include <gtest/gtest.h>

#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

TEST(Move, KeepsTheIdAndLeavesAStub) {  // C-53 C-3 C-57 S-29
  Desk desk;
  Event sent = AnEvent();
  sent.private_properties = {{"tag", "1"}};
  const EventPtr before = desk.Insert(sent, kAda, kEngine);
  const SyncToken here = desk.Walk({.calendar = kAda}).second;
  const SyncToken there = desk.Walk({.calendar = kTeam}).second;
  const EventPtr moved = desk.Must(MoveEvent{kAda, before->id, kTeam});
  EXPECT_EQ(moved->id, before->id);
  EXPECT_EQ(moved->ical_uid, before->ical_uid);
  EXPECT_EQ(moved->organizer, (Person{kTeam.str(), true}));
  EXPECT_EQ(moved->private_properties, before->private_properties);
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda, .sync_token = here}).first), "-" + before->id.str());
  EXPECT_EQ(Rows(desk.Walk({.calendar = kTeam, .sync_token = there}).first), "Dentist");
  EXPECT_EQ(desk.Get(before->id)->summary, "") << "only the id is left";
  EXPECT_EQ(Outcome(desk.Call(PatchEvent{kAda, before->id, StatusPatch(EventStatus::kConfirmed)})), "403 forbidden");

  const EventTruth& truth = *desk.server.TruthOf(kTeam, before->id);
  EXPECT_EQ(truth.creator, kEngine.actor);
  EXPECT_EQ(truth.brought_by, kAdaPerson.actor);
  EXPECT_EQ(truth.origin, Origin::kMoved);
  EXPECT_EQ(truth.came_from, kAda);
  EXPECT_EQ(desk.server.TruthOf(kAda, before->id)->deleted_by, kAdaPerson.actor);
}

TEST(Move, GoesThereAndBack) {  // C-53
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  desk.Must(MoveEvent{kAda, event->id, kTeam});
  desk.Must(MoveEvent{kTeam, event->id, kAda});
  EXPECT_EQ(desk.Get(event->id)->summary, "Dentist");
  EXPECT_TRUE(desk.Get(event->id, kTeam)->IsCancelled());
}

TEST(Move, MayDropPrivateProperties) {  // K-10
  Desk desk({.move_keeps_private = false});
  Event sent = AnEvent();
  sent.private_properties = {{"tag", "1"}};
  EXPECT_TRUE(desk.Must(MoveEvent{kAda, desk.Insert(sent)->id, kTeam})->private_properties.empty());
}

TEST(Move, IsRefusedWhereItMakesNoSense) {  // C-53
  Desk desk;
  Event occurrence = WithId(AnEvent(), "m_1");
  occurrence.recurring_event_id = EventId("m");
  desk.server.Plant(kAda, occurrence, kAdaPerson.actor, desk.now);
  Event focus = AnEvent();
  focus.type = EventType::kFocusTime;
  const EventPtr special = desk.Insert(focus);
  const EventPtr plain = desk.Insert(WithId(AnEvent(), "plain"));
  desk.Insert(WithId(AnEvent(), "plain"), kTeam);
  const struct {
    const char* name;
    MoveEvent request;
    const char* want;
  } kRows[] = {
      {"unknown", {kAda, EventId("nosuch"), kTeam}, "404 notFound"},
      {"occurrence", {kAda, EventId("m_1"), kTeam}, "400 cannotChangeOrganizerOfInstance"},
      {"special type", {kAda, special->id, kTeam}, "400 eventTypeRestriction"},
      {"to itself", {kAda, plain->id, kAda}, "400 cannotChangeOrganizer"},
      {"the id is taken there", {kAda, plain->id, kTeam}, "409 duplicate"},
      {"no access there", {kAda, plain->id, kBob}, "404 notFound"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Outcome(desk.Call(row.request)), row.want) << row.name;
  desk.server.SetRole(kBob, kAdaAccount, AccessRole::kReader);
  EXPECT_EQ(Outcome(desk.Call(MoveEvent{kAda, plain->id, kBob})), "403 requiredAccessLevel");
}

Event Imported(const std::string& uid) {
  Event event = AnEvent("Imported");
  event.ical_uid = ICalUid(uid);
  return event;
}

TEST(Import, NeedsAUidAndNoId) {  // C-54 C-2
  Desk desk;
  Event with_id = WithId(Imported("u@x"), "abcde");
  Event foreign = Imported("u2@x");
  foreign.organizer.email = "boss@example.org";
  Event invited = WithGuests(foreign, {kAda.str()});
  Event no_end = Imported("u3@x");
  no_end.end = EventTime();
  Event special = Imported("u4@x");
  special.type = EventType::kOutOfOffice;
  const struct {
    const char* name;
    Event event;
    const char* want;
  } kRows[] = {
      {"plain", Imported("u@x"), "ok"},
      {"with an id", with_id, "400 invalid"},
      {"without a UID", AnEvent(), "400 required"},
      {"neither organizer nor attendee", foreign, "400 participantIsNeitherOrganizerNorAttendee"},
      {"attendee", invited, "ok"},
      {"without an end", no_end, "400 required"},
      {"special type", special, "400 eventTypeRestriction"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Outcome(desk.Call(ImportEvent{kAda, row.event})), row.want) << row.name;
  const EventPtr copy = *desk.server.Find(kAda, IdForUid(ICalUid("u2@x")));
  EXPECT_TRUE(copy->private_copy);
  EXPECT_EQ(copy->organizer, (Person{"boss@example.org", false}));
  EXPECT_EQ(desk.server.TruthOf(kAda, copy->id)->origin, Origin::kImported);
  EXPECT_EQ(desk.server.MailsBy(kAdaPerson.actor), 0);
}

TEST(Import, OfAKnownUidFollowsTheKnob) {  // C-54 K-9
  const struct {
    Knobs::Reimport knob;
    const char* want;
  } kRows[] = {{Knobs::Reimport::kUpdates, "ok"},
               {Knobs::Reimport::kConflict409, "409 duplicate"},
               {Knobs::Reimport::kSequence400, "400 invalid"}};
  for (const auto& row : kRows) {
    Desk desk({.known_uid_import = row.knob});
    const EventPtr first = desk.Must(ImportEvent{kAda, Imported("u@x")});
    desk.Delete(first->id);
    EXPECT_EQ(Outcome(desk.Call(ImportEvent{kAda, Imported("u@x")})), row.want);
    EXPECT_EQ(desk.Get(first->id)->IsCancelled(), row.knob != Knobs::Reimport::kUpdates);
  }
}

}  // namespace
}  // namespace calsync::fake
