#include "fakegoogle/model/server.h"

#include <gtest/gtest.h>

#include <set>

#include "fakegoogle/model/errors.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::fake {
namespace {

// A busy day, as text: every reply's etags and tokens.
std::string Day(Desk& desk) {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    desk.now += absl::Seconds(i);
    const EventPtr event = desk.Insert(WithGuests(AnEvent(absl::StrCat("e", i)), {kBob.str()}));
    if (i % 3 == 0) desk.Delete(event->id);
    const auto [items, token] = desk.Walk({.calendar = i % 2 == 0 ? kAda : kBob}, i % 2 == 0 ? kAdaPerson : kBobPerson);
    absl::StrAppend(&text, event->id.text(), event->etag.text(), Rows(items), token.text(), "\n");
  }
  return text;
}

TEST(Server, IsAValue) {
  Desk desk;
  (void)Day(desk);
  Desk copy = desk;
  const std::string first = Day(copy);
  EXPECT_EQ(Day(desk), first) << "the copy's day did not touch the original";
  desk = copy;
  EXPECT_EQ(desk.server.CountLive(kBob), copy.server.CountLive(kBob));
}

TEST(Server, RepeatsItselfBySeed) {
  Desk one({}, 5), same({}, 5), other({}, 6);
  const std::string day = Day(one);
  EXPECT_EQ(Day(same), day);
  EXPECT_NE(Day(other), day);
}

TEST(Server, NeverRunsBackwards) {  // C-4
  Desk desk;
  const EventPtr a = desk.Insert(AnEvent());
  desk.now -= absl::Hours(1);
  const EventPtr b = desk.Insert(AnEvent());
  EXPECT_GE(*b->updated, *a->updated);
  EXPECT_LT(a->etag, b->etag);
}

TEST(Server, TellsTheTruthAndNeverThroughTheApi) {  // C-57
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent(), kAda, kEngine);
  desk.now += absl::Minutes(1);
  desk.Must(PatchEvent{kAda, event->id, SummaryPatch("x")});
  desk.now += absl::Minutes(1);
  desk.Delete(event->id, kAda, {kAdaAccount, {ActorKind::kProgram, 4}});
  const EventTruth& truth = *desk.server.TruthOf(kAda, event->id);
  EXPECT_EQ(truth.creator, kEngine.actor);
  EXPECT_EQ(ToString(truth.deleted_by), "program 4");
  EXPECT_EQ(truth.created_at, kStart);
  EXPECT_EQ(truth.deleted_at, kStart + absl::Minutes(2));
  const std::vector<WriteRecord>& writes = desk.server.writes();
  ASSERT_EQ(writes.size(), 3u);
  EXPECT_EQ(writes[0].kind, WriteKind::kInserted);
  EXPECT_EQ(writes[0].before, nullptr);
  EXPECT_EQ(writes[1].kind, WriteKind::kPatched);
  EXPECT_EQ(writes[1].actor, kAdaPerson.actor);
  EXPECT_EQ(writes[1].before->summary, "Dentist");
  EXPECT_EQ(writes[1].after->summary, "x");
  EXPECT_EQ(writes[2].kind, WriteKind::kDeleted);
  EXPECT_EQ(desk.Get(event->id)->creator.email, "ada@example.com") << "the same for every actor";
  desk.server.ClearWrites();
  EXPECT_TRUE(desk.server.writes().empty());
}

TEST(Server, WritesNothingDownThatItRefused) {  // C-110
  Desk desk;
  (void)desk.Call(InsertEvent{kAda, Event()});
  (void)desk.Call(DeleteEvent{kAda, EventId("nosuch")});
  EXPECT_TRUE(desk.server.writes().empty());
  EXPECT_EQ(desk.server.FindCalendar(kAda)->log_end(), 0u);
}

TEST(Plant, StoresWhatTheApiWouldRefuse) {  // C-17
  Desk desk;
  Event zero = AnEvent("zero");
  zero.end = zero.start;
  zero.type = EventType::kUnknown;
  const EventPtr planted = desk.server.Plant(kAda, zero, kAdaPerson.actor, desk.now);
  EXPECT_EQ(Rows(desk.Walk({.calendar = kAda}).first), "zero");
  EXPECT_FALSE(desk.Get(planted->id)->span().IsValid());
  EXPECT_EQ(desk.Get(planted->id)->type, EventType::kUnknown);
  EXPECT_EQ(desk.server.TruthOf(kAda, planted->id)->origin, Origin::kPlanted);
}

TEST(Event, KeepsItsKnownFieldsThroughReadModifyWrite) {  // C-12 C-56
  Desk desk;
  Event event = AnEvent();
  event.location = "Room";
  event.description = "<b>x</b>";
  event.color_id = "4";
  event.visibility = Visibility::kConfidential;
  event.reminders = {.use_default = false, .overrides = {{"popup", 5}}};
  event.shared_properties = {{"a", "b"}};
  const EventPtr stored = desk.Insert(event);
  const EventPtr again = desk.Must(UpdateEvent{kAda, stored->id, *stored});
  EXPECT_EQ(again->color_id, "4");
  EXPECT_EQ(again->reminders, event.reminders);
  EXPECT_FALSE(Compare(*stored, *again).any);
  event.reminders.overrides = {{"pigeon", 5}};
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, event})), "400 invalid");
}

TEST(GetCalendar, TellsTheRole) {  // C-35
  Desk desk;
  desk.server.SetRole(kAda, kBobAccount, AccessRole::kUnknown);
  const auto own = std::get<CalendarListEntry>(desk.Call(GetCalendar{kAda}));
  EXPECT_EQ(own.access_role, AccessRole::kOwner);
  EXPECT_TRUE(own.primary);
  const auto bobs = std::get<CalendarListEntry>(desk.Call(GetCalendar{kAda}, kBobPerson));
  EXPECT_EQ(bobs.access_role, AccessRole::kUnknown);
  EXPECT_FALSE(bobs.primary);
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{kTeam}, kBobPerson)), "404 notFound");
}

TEST(DeleteCalendar, MakesEverything404) {  // C-35 C-90
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent(), kTeam);
  (void)desk.Call(WatchEvents{.calendar = kTeam, .channel = ChannelId("c"), .address = "https://x"});
  desk.server.DeleteCalendar(kTeam);
  for (const Request& request :
       std::initializer_list<Request>{ListEvents{.calendar = kTeam}, GetEvent{kTeam, event->id}, InsertEvent{kTeam, AnEvent()},
                                      DeleteEvent{kTeam, event->id}, GetCalendar{kTeam}}) {
    EXPECT_EQ(Outcome(desk.Call(request)), "404 notFound");
  }
  EXPECT_EQ(desk.server.CountLiveChannels(kTeam, desk.now), 0u);
  EXPECT_EQ(desk.server.Calendars(), (std::vector<CalendarId>{kAda, kBob}));
}

TEST(Grant, IsLookedAtFirst) {  // C-101
  Desk desk({.units_per_minute_per_account = 1});
  desk.server.SetGrant(kAdaAccount, Grant::kRevoked);
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{CalendarId("nobody")}, kEngine)), "401 authError");
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{kAda})), "ok") << "a person needs none";
  desk.server.SetGrant(kAdaAccount, Grant::kReadOnly);
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, AnEvent()}, kEngine)), "403 insufficientPermissions");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda}, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = CalendarId("nobody")}, kEngine)), "403 rateLimitExceeded")
      << "quota before access";
}

TEST(Quota, SlidesOverAMinuteAndChargesThreeForAPatch) {  // C-55 C-102
  Desk desk({.units_per_minute_per_account = 5});
  const EventPtr event = desk.Insert(AnEvent());
  const GetEvent get{kAda, event->id};
  const PatchEvent patch{kAda, event->id, SummaryPatch("x")};
  EXPECT_EQ(Outcome(desk.Call(get, kEngine)), "ok");
  desk.now += absl::Seconds(30);
  EXPECT_EQ(Outcome(desk.Call(patch, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(patch, kEngine)), "403 rateLimitExceeded");
  EXPECT_EQ(Outcome(desk.Call(get, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(get, kEngine)), "403 rateLimitExceeded");
  desk.now += absl::Seconds(30);
  EXPECT_EQ(Outcome(desk.Call(get, kEngine)), "ok") << "the first call has left the window";
  EXPECT_EQ(Outcome(desk.Call(get, kEngine)), "403 rateLimitExceeded");
  EXPECT_EQ(Outcome(desk.Call(get, {kAdaAccount, {ActorKind::kEngine, 1}})), "ok") << "another project";
  EXPECT_EQ(Outcome(desk.Call(get)), "ok") << "a person";
}

TEST(Quota, OfTheProjectCoversAllItsAccounts) {  // C-102
  Desk desk({.units_per_minute_per_project = 2});
  const Caller bob{kBobAccount, kEngine.actor};
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{kAda}, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{kBob}, bob)), "ok");
  EXPECT_EQ(Outcome(desk.Call(GetCalendar{kBob}, bob)), "403 rateLimitExceeded");
}

TEST(Quota, SaysNoAsTheKnobSays) {  // C-102 K-16
  const struct {
    Knobs::QuotaAnswer knob;
    const char* want;
  } kRows[] = {{Knobs::QuotaAnswer::kRateLimit403, "403 rateLimitExceeded"},
               {Knobs::QuotaAnswer::kUserRateLimit403, "403 userRateLimitExceeded"},
               {Knobs::QuotaAnswer::kTooManyRequests429, "429 rateLimitExceeded"}};
  for (const auto& row : kRows) {
    Desk desk({.quota_answer = row.knob, .quota_retry_after = absl::Seconds(7), .units_per_minute_per_account = 1});
    (void)desk.Call(GetCalendar{kAda}, kEngine);
    const Reply reply = desk.Call(GetCalendar{kAda}, kEngine);
    EXPECT_EQ(Outcome(reply), row.want);
    EXPECT_EQ(std::get<ApiError>(reply).retry_after, absl::Seconds(7));
  }
}

TEST(UsageLimit, StopsWritesAndNotReads) {  // C-103
  Desk desk;
  const EventPtr event = desk.Insert(AnEvent());
  desk.server.SetUsageLimit(kAdaAccount, kStart + absl::Hours(3));
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, AnEvent()}, kEngine)), "403 quotaExceeded");
  EXPECT_EQ(Outcome(desk.Call(DeleteEvent{kAda, event->id}, kEngine)), "403 quotaExceeded");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda}, kEngine)), "ok");
  desk.now = kStart + absl::Hours(3);
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, AnEvent()}, kEngine)), "ok");
}

TEST(UsageLimit, RefusesWhatHasBeenCharged) {  // C-102 C-103
  Desk desk({.units_per_minute_per_account = 2});
  desk.server.SetUsageLimit(kAdaAccount, kStart + absl::Hours(3));
  EXPECT_EQ(Outcome(desk.Call(InsertEvent{kAda, AnEvent()}, kEngine)), "403 quotaExceeded");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda}, kEngine)), "ok");
  EXPECT_EQ(Outcome(desk.Call(ListEvents{.calendar = kAda}, kEngine)), "403 rateLimitExceeded");
}

TEST(Errors, AreTheContractsRows) {  // C-100
  const struct {
    ErrorId id;
    int code;
    const char *domain, *reason, *message;
  } kRows[] = {
      {ErrorId::kTimeRangeEmpty, 400, "calendar", "timeRangeEmpty", "The specified time range is empty."},
      {ErrorId::kAuthError, 401, "global", "authError", "Invalid Credentials"},
      {ErrorId::kUserRateLimit, 403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"},
      {ErrorId::kUsageLimit, 403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded."},
      {ErrorId::kRequiredAccessLevel, 403, "calendar", "requiredAccessLevel", "You need to have writer access to this calendar."},
      {ErrorId::kForbiddenForNonOrganizer, 403, "calendar", "forbiddenForNonOrganizer",
       "Shared properties can only be changed by the organizer of the event."},
      {ErrorId::kNotFound, 404, "global", "notFound", "Not Found"},
      {ErrorId::kDuplicate, 409, "global", "duplicate", "The requested identifier already exists."},
      {ErrorId::kFullSyncRequired, 410, "calendar", "fullSyncRequired",
       "Sync token is no longer valid, a full sync is required."},
      {ErrorId::kDeleted, 410, "global", "deleted", "Resource has been deleted"},
      {ErrorId::kConditionNotMet, 412, "global", "conditionNotMet", "Precondition Failed"},
      {ErrorId::kTooManyRequests, 429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"},
      {ErrorId::kBackendError, 500, "global", "backendError", "Backend Error"},
  };
  for (const auto& row : kRows) {
    const ApiError error = Error(row.id);
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.domain, row.domain);
    EXPECT_EQ(error.reason, row.reason);
    EXPECT_EQ(error.message, row.message);
  }
  for (const ErrorId id : AllErrors()) EXPECT_GE(Error(id).code, 400);
}

}  // namespace
}  // namespace calsync::fake
