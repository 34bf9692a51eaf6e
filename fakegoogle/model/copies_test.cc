#include <gtest/gtest.h>

#include "fakegoogle/model/testing/series_desk.h"

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

TEST(Copies, KeepTheGuestsOwnStatus) {  // C-13 C-51
  MeetingDesk desk({.guest_write = Knobs::GuestWrite::kRefused403});
  desk.Settle();
  desk.Must(
      PatchEvent{
          .calendar = kBob, .event = desk.id, .patch = StatusPatch(EventStatus::kTentative), .send_updates = SendUpdates::kAll},
      kBobPerson);
  EXPECT_EQ(desk.server.MailsBy(kBobPerson.actor), 0);
  EXPECT_EQ(desk.server.NextDue(), absl::InfiniteFuture());
  desk.Must(PatchEvent{kAda, desk.id, SummaryPatch("Moved")});
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->summary, "Moved");
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->status, EventStatus::kTentative);
  EXPECT_EQ(desk.Get(desk.id)->status, EventStatus::kConfirmed);
  desk.Delete(desk.id);
  desk.Settle();
  EXPECT_TRUE(desk.Get(desk.id, kBob, kBobPerson)->IsCancelled());
  desk.Must(PatchEvent{kAda, desk.id, StatusPatch(EventStatus::kConfirmed)});
  desk.Settle();
  EXPECT_EQ(desk.Get(desk.id, kBob, kBobPerson)->status, EventStatus::kConfirmed) << "it comes back as the organizer's";
}

TEST(Copies, ComeWithTheOrganizersStatus) {  // C-13
  Desk desk;
  Event event = WithGuests(AnEvent("Meeting"), {kAda.str(), kBob.str()});
  event.status = EventStatus::kTentative;
  const EventId id = desk.Insert(event)->id;
  desk.server.AdvanceTo(desk.server.NextDue());
  ASSERT_NE(desk.server.Find(kBob, id), nullptr);
  EXPECT_EQ((*desk.server.Find(kBob, id))->status, EventStatus::kTentative);
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

// --- Series.

// Ada's weekly meeting with Bob, propagated.
struct SeriesMeetingDesk : StandupDesk {
  explicit SeriesMeetingDesk(bool bob_is_invited = true, Knobs knobs = {}) : StandupDesk(knobs) {
    if (bob_is_invited) Patch(kStandup, Guests({"bob@example.com"}));
    Wait();
  }
  static EventPatch Guests(const std::vector<std::string>& emails) {
    EventPatch patch;
    patch.attendees.emplace();
    for (const std::string& email : emails) patch.attendees->push_back({.email = email});
    return patch;
  }
  static EventPatch Answer(ResponseStatus answer) {
    EventPatch patch;
    patch.attendees = {{.email = "bob@example.com", .response = answer}};
    return patch;
  }
  EventPtr PatchBobs(const EventId& id, const EventPatch& patch) { return Must(PatchEvent{kBob, id, patch}, kBobPerson); }
  EventPtr Bobs(const EventId& id) { return Get(id, kBob, kBobPerson); }
  void Wait() {
    now += absl::Minutes(1);
    server.AdvanceTo(now);
  }
};

TEST(CopiesOfSeries, AreSeriesAndFollow) {  // C-13
  SeriesMeetingDesk desk;
  EXPECT_TRUE(desk.Bobs(kStandup)->IsSeriesMaster());
  EXPECT_EQ(desk.Bobs(kStandup)->private_properties.size(), 0u);
  EXPECT_EQ(desk.Bobs(kSecond)->recurring_event_id, kStandup);
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Delete(kThird);
  desk.Wait();
  EXPECT_EQ(desk.Bobs(kSecond)->summary, "Retro");
  EXPECT_TRUE(desk.Bobs(kThird)->IsCancelled());
  EXPECT_FALSE(desk.Bobs(kFourth)->IsCancelled());
  desk.Patch(kStandup, TimePatch(Utc(6, 2, 7)));
  desk.Wait();
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kBob, kSecond}, kBobPerson)), "404 notFound") << "K-11 holds for copies too";
  desk.Delete(kStandup);
  desk.Wait();
  EXPECT_EQ(desk.server.CountLive(kBob), 0u);
}

TEST(CopiesOfSeries, KeepTheGuestsOwnStatus) {  // C-13
  SeriesMeetingDesk desk;
  desk.PatchBobs(kStandup, StatusPatch(EventStatus::kTentative));
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Wait();
  EXPECT_EQ(desk.Bobs(kSecond)->summary, "Retro");
  EXPECT_EQ(desk.Bobs(kSecond)->status, EventStatus::kTentative);
  EXPECT_EQ(desk.Get(kSecond)->status, EventStatus::kConfirmed);
}

TEST(CopiesOfSeries, ComeWithTheExceptionsThatThereAre) {  // C-13
  SeriesMeetingDesk desk(false);
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Delete(kThird);
  desk.Patch(kStandup, SeriesMeetingDesk::Guests({"bob@example.com"}));
  desk.Wait();
  EXPECT_EQ(desk.Bobs(kSecond)->summary, "Retro");
  EXPECT_TRUE(desk.Bobs(kThird)->IsCancelled());
}

TEST(CopiesOfSeries, MayBeOfOneOccurrenceAlone) {  // C-70
  SeriesMeetingDesk desk(false);
  desk.Patch(kSecond, SeriesMeetingDesk::Guests({"bob@example.com"}));
  desk.Wait();
  const EventPtr alone = desk.Bobs(kSecond);
  EXPECT_EQ(alone->recurring_event_id, kStandup);
  EXPECT_EQ(alone->original_start.instant, Utc(6, 8, 7));
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kBob, kStandup}, kBobPerson)), "404 notFound");
  EXPECT_EQ(Outcome(desk.Call(GetEvent{kBob, kThird}, kBobPerson)), "404 notFound");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kBob}, kBobPerson).first), "standup_20260608T070000Z");
  EXPECT_EQ(Ids(desk.Walk({.calendar = kBob, .single_events = true}, kBobPerson).first), "standup_20260608T070000Z");
  desk.Delete(kStandup);
  desk.Wait();
  EXPECT_EQ(desk.server.CountLive(kBob), 0u) << "the organizer's deletion reaches it";
}

TEST(CopiesOfSeries, MayBeOfOneOccurrenceOnceTheSeriesIsWithdrawn) {  // C-70
  SeriesMeetingDesk desk;
  desk.Patch(kSecond, SeriesMeetingDesk::Guests({}));
  desk.Wait();
  desk.Patch(kStandup, SeriesMeetingDesk::Guests({}));
  desk.Wait();
  EXPECT_EQ(desk.server.CountLive(kBob), 0u);
  desk.Patch(kSecond, SeriesMeetingDesk::Guests({"bob@example.com"}));
  desk.Wait();
  EXPECT_FALSE(desk.Bobs(kSecond)->IsCancelled());
  EXPECT_EQ(desk.server.CountLive(kBob), 1u);
  EXPECT_EQ(Ids(desk.Walk({.calendar = kBob}, kBobPerson).first), "standup_20260608T070000Z");
}

TEST(CopiesOfSeries, LoseAnOccurrenceToWhichOneIsNotInvited) {  // C-13
  SeriesMeetingDesk desk;
  desk.Patch(kSecond, SeriesMeetingDesk::Guests({}));
  desk.Wait();
  EXPECT_TRUE(desk.Bobs(kSecond)->IsCancelled());
  EXPECT_FALSE(desk.Bobs(kThird)->IsCancelled());
  desk.Patch(kSecond, SeriesMeetingDesk::Guests({"bob@example.com"}));
  desk.Wait();
  EXPECT_FALSE(desk.Bobs(kSecond)->IsCancelled());
}

TEST(CopiesOfSeries, SendAnswersForOneOccurrence) {  // C-13 C-30
  SeriesMeetingDesk desk;
  const EventPtr bobs = desk.PatchBobs(kSecond, SeriesMeetingDesk::Answer(ResponseStatus::kDeclined));
  EXPECT_EQ(bobs->own_response(), ResponseStatus::kDeclined);
  EXPECT_NE(desk.Bobs(kThird)->own_response(), ResponseStatus::kDeclined);
  desk.Wait();
  ASSERT_EQ(desk.Get(kSecond)->attendees.size(), 1u);
  EXPECT_EQ(desk.Get(kSecond)->attendees[0].response, ResponseStatus::kDeclined);
  EXPECT_EQ(desk.Get(kThird)->attendees[0].response, ResponseStatus::kNeedsAction);
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Wait();
  EXPECT_EQ(desk.Bobs(kSecond)->summary, "Retro");
  EXPECT_EQ(desk.Bobs(kSecond)->own_response(), ResponseStatus::kDeclined);
}

TEST(CopiesOfSeries, ThatAGuestRemovedStayAway) {  // C-13
  SeriesMeetingDesk desk;
  desk.Delete(kSecond, kBob, kBobPerson);
  desk.Patch(kSecond, SummaryPatch("Retro"));
  desk.Wait();
  EXPECT_TRUE(desk.Bobs(kSecond)->IsCancelled());
  desk.Delete(kStandup, kBob, kBobPerson);
  desk.Patch(kThird, SummaryPatch("Review"));
  desk.Wait();
  EXPECT_EQ(desk.server.CountLive(kBob), 0u);
  EXPECT_EQ(desk.server.CountLive(kAda), 3u) << "the organizer's stay";
}

TEST(CopiesOfSeries, AreSplitWithThem) {  // C-66
  for (const bool derived : {false, true}) {
    SeriesMeetingDesk desk(true, {.split_ids_derived = derived});
    desk.Patch(kFourth, SummaryPatch("Review"));
    desk.Wait();
    const Reply reply = desk.server.SplitSeries(kAda, kStandup, EventTime::At(Utc(6, 15, 7)), {}, kAdaPerson.actor, desk.now);
    ASSERT_EQ(Outcome(reply), "ok");
    desk.Wait();
    const EventId part = std::get<EventPtr>(reply)->id;
    EXPECT_EQ(desk.Bobs(part)->recurrence, (std::vector<std::string>{"RRULE:FREQ=WEEKLY"}));
    const EventId fourth(derived ? part.str() + "_20260622T070000Z" : kFourth.str());
    EXPECT_EQ(desk.Bobs(fourth)->summary, "Review");
    EXPECT_EQ(desk.Bobs(fourth)->recurring_event_id, part);
    EXPECT_EQ(Outcome(desk.server.SplitSeries(kBob, part, EventTime::At(Utc(6, 29, 7)), {}, kBobPerson.actor, desk.now)),
              "403 forbiddenForNonOrganizer");
  }
}

}  // namespace
}  // namespace calsync::fake
