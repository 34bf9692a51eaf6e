#include <gtest/gtest.h>

#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

struct MeetingDesk : Desk {
  explicit MeetingDesk(Knobs knobs = {}) : Desk(knobs) {
    Event event = WithGuests(AnEvent("Meeting"), {kAda.str(), kBob.str()});
    event.private_properties = {{"tag", "ada"}};
    event.shared_properties = {{"room", "1"}};
    id = Insert(event)->id;
  }
  void Settle() {
    while (server.NextDue() < absl::InfiniteFuture()) {
      now = std::max(now, server.NextDue());
      server.AdvanceTo(now);
    }
  }
  ResponseStatus AnswerOf(const CalendarId& calendar, const std::string& email) {
    for (const Attendee& attendee : Get(id, calendar, calendar == kBob ? kBobPerson : kAdaPerson)->attendees) {
      if (attendee.email == email) return attendee.response;
    }
    ADD_FAILURE() << email << " is not invited";
    return ResponseStatus::kNeedsAction;
  }
  void Answer(ResponseStatus response) {
    EventPatch patch;
    patch.attendees = Get(id, kBob, kBobPerson)->attendees;
    for (Attendee& attendee : *patch.attendees) {
      if (attendee.self) attendee.response = response;
    }
    Must(PatchEvent{kBob, id, patch}, kBobPerson);
  }
  EventId id;
};

TEST(Copies, ArriveAfterTheDelayWithTheirOwnData) {  // C-13 C-3 C-11 C-15 C-57
  MeetingDesk desk;
  EXPECT_EQ(desk.server.NextDue(), kStart + absl::Seconds(2));
  EXPECT_EQ(desk.server.Find(kBob, desk.id), nullptr);
  desk.server.AdvanceTo(kStart + absl::Seconds(2));
  ASSERT_NE(desk.server.Find(kBob, desk.id), nullptr);
  const Event& copy = **desk.server.Find(kBob, desk.id);
  const EventPtr original = desk.Get(desk.id);
  EXPECT_EQ(copy.ical_uid, original->ical_uid);
  EXPECT_NE(copy.etag, original->etag);
  EXPECT_TRUE(copy.private_properties.empty());
  EXPECT_EQ(copy.shared_properties, original->shared_properties);
  EXPECT_EQ(copy.organizer, (Person{kAda.str(), false}));
  EXPECT_TRUE(copy.attendees[1].self);
  EXPECT_FALSE(copy.attendees[0].self);
  EXPECT_TRUE(copy.attendees[0].organizer);
  EXPECT_EQ(copy.own_response(), ResponseStatus::kNeedsAction);
  const EventTruth& truth = *desk.server.TruthOf(kBob, desk.id);
  EXPECT_EQ(truth.origin, Origin::kCopied);
  EXPECT_EQ(truth.creator, kAdaPerson.actor);
  EXPECT_EQ(truth.came_from, kAda);
}

TEST(Copies, FollowTheOrganizerInWhatIsShared) {  // C-13 C-30
  MeetingDesk desk;
  desk.Settle();
  EventPatch own;
  own.color_id = "5";
  own.transparency = Transparency::kTransparent;
  own.private_properties["tag"] = "bob";
  desk.Must(PatchEvent{kBob, desk.id, own}, kBobPerson);
  EXPECT_EQ(desk.server.NextDue(), absl::InfiniteFuture()) << "private data flows nowhere";
  EventPatch shared = SummaryPatch("Moved");
  shared.end = EventTime::At(kStart + absl::Hours(26));
  shared.color_id = "1";
  desk.Must(PatchEvent{kAda, desk.id, shared});
  desk.Settle();
  const EventPtr copy = desk.Get(desk.id, kBob, kBobPerson);
  EXPECT_EQ(copy->summary, "Moved");
  EXPECT_EQ(copy->sequence, 1);
  EXPECT_EQ(copy->color_id, "5");
  EXPECT_EQ(copy->transparency, Transparency::kTransparent);
  EXPECT_EQ(copy->private_properties.at("tag"), "bob");
}

TEST(Copies, SendTheAnswerBackAndNothingElse) {  // C-13 C-30
  MeetingDesk desk;
  desk.Settle();
  const SyncToken token = desk.Walk({.calendar = kAda}).second;
  desk.Answer(ResponseStatus::kDeclined);
  EXPECT_EQ(desk.AnswerOf(kAda, kBob.str()), ResponseStatus::kNeedsAction);
  desk.Settle();
  EXPECT_EQ(desk.AnswerOf(kAda, kBob.str()), ResponseStatus::kDeclined);
  EXPECT_EQ(desk.Get(desk.id)->sequence, 0);
  EXPECT_EQ(desk.Walk({.calendar = kAda, .sync_token = token}).first.size(), 1u);
  EXPECT_FALSE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled()) << "a declined meeting stays";
}

TEST(Copies, KeepALocalEditUntilTheOrganizersNextChange) {  // C-13 S-16
  MeetingDesk desk;
  desk.Settle();
  desk.Must(PatchEvent{kBob, desk.id, SummaryPatch("Bob's name for it")}, kBobPerson);
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id)->summary, "Meeting");
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->summary, "Bob's name for it");
  EventPatch patch;
  patch.location = "Room 2";
  desk.Must(PatchEvent{kAda, desk.id, patch});
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->summary, "Meeting");
}

TEST(Copies, MayRefuseWritesOfSharedFields) {  // C-51
  EventPatch property;
  property.private_properties["tag"] = "1";
  const struct {
    Knobs::GuestWrite knob;
    const char *put, *patch, *own;
  } kRows[] = {
      {Knobs::GuestWrite::kLocal, "ok", "ok", "ok"},
      {Knobs::GuestWrite::kPutRefused403, "403 forbiddenForNonOrganizer", "ok", "ok"},
      {Knobs::GuestWrite::kRefused403, "403 forbiddenForNonOrganizer", "403 forbiddenForNonOrganizer", "ok"},
  };
  for (const auto& row : kRows) {
    MeetingDesk desk({.guest_write = row.knob});
    desk.Settle();
    const EventPtr copy = desk.Get(desk.id, kBob, kBobPerson);
    EXPECT_EQ(Outcome(desk.Call(UpdateEvent{kBob, desk.id, *copy}, kBobPerson)), row.put);
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kBob, desk.id, SummaryPatch("x")}, kBobPerson)), row.patch);
    EXPECT_EQ(Outcome(desk.Call(PatchEvent{kBob, desk.id, property}, kBobPerson)), row.own);
    desk.Answer(ResponseStatus::kAccepted);
  }
}

TEST(Copies, GoWithTheMeetingAndComeBackWithIt) {  // C-13
  MeetingDesk desk;
  desk.Settle();
  desk.Delete(desk.id);
  desk.Settle();
  EXPECT_TRUE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled());
  EXPECT_EQ(desk.server.TruthOf(kBob, desk.id)->deleted_by, kAdaPerson.actor);
  desk.Must(PatchEvent{kAda, desk.id, StatusPatch(EventStatus::kConfirmed)});
  desk.Settle();
  EXPECT_FALSE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled());
}

TEST(Copies, GoWhenTheGuestIsUninvited) {  // C-13
  MeetingDesk desk;
  desk.Settle();
  EventPatch patch;
  patch.attendees = std::vector<Attendee>();
  desk.Must(PatchEvent{kAda, desk.id, patch});
  desk.Settle();
  EXPECT_TRUE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled());
}

TEST(Copies, ThatAGuestDeletedStayAway) {  // C-13
  MeetingDesk desk;
  desk.Settle();
  EXPECT_EQ(desk.Delete(desk.id, kBob, kBobPerson), "ok");
  desk.Must(PatchEvent{kAda, desk.id, SummaryPatch("Moved")});
  desk.Settle();
  EXPECT_TRUE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled());
  EXPECT_FALSE(desk.Get(desk.id)->IsCancelled());
}

TEST(Copies, FollowAMoveOfTheMeeting) {  // C-53 C-13
  MeetingDesk desk;
  desk.Settle();
  desk.Must(MoveEvent{kAda, desk.id, kTeam});
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->organizer.email, kTeam.str());
  EXPECT_FALSE(desk.Get(desk.id)->IsCancelled()) << "the old organizer was a guest, and stays one";
  EXPECT_FALSE(desk.Get(desk.id)->organizer.self);
  desk.Must(PatchEvent{kTeam, desk.id, SummaryPatch("Moved")});
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id)->summary, "Moved");
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->summary, "Moved");
}

TEST(Copies, CauseSecondVersionsWithTheirOwnNotifications) {  // C-59 S-30
  MeetingDesk desk({.second_change_after = absl::Seconds(5)});
  (void)desk.Call(WatchEvents{.calendar = kAda, .channel = ChannelId("c"), .address = "https://x"});
  (void)desk.server.TakeMessages();
  const Etag first = desk.Get(desk.id)->etag;
  desk.server.AdvanceTo(kStart + absl::Seconds(5));
  EXPECT_NE(desk.Get(desk.id)->etag, first);
  EXPECT_EQ(desk.server.TakeMessages().size(), 1u);
  EXPECT_EQ(desk.server.writes().back().kind, WriteKind::kTouched);
  EXPECT_EQ(desk.server.writes().back().actor, ActorId());
}

}  // namespace
}  // namespace calsync::fake
