// The client against the fake, over the wire: every kind of call, every kind of trouble.

#include "adapter/google/google_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "adapter/google/testing/fake_google.h"
#include "adapter/google/testing/key_pair.h"
#include "adapter/http/server.h"
#include "adapter/http/target.h"
#include "adapter/http/testing/tls_server.h"
#include "engine/api/failure.h"

namespace calsync::adapter {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Event AnEvent(const std::string& id, const std::string& summary, int day = 6) {
  Event event;
  event.id = EventId(id);
  event.summary = summary;
  event.start = EventTime::At(absl::FromUnixSeconds(1'767'600'000) + absl::Hours(24 * (day - 5)), "Europe/Zurich");
  event.end = EventTime::At(event.start.instant + absl::Hours(1), "Europe/Zurich");
  return event;
}

// "503 backendError", "not sent", "cut": an error in words; "" of anything else.
std::string Words(const Reply& reply) {
  const auto* const error = std::get_if<ApiError>(&reply);
  if (error == nullptr) return "";
  switch (error->transport) {
    case Transport::kAnswered:
      return absl::StrCat(error->code, " ", error->reason);
    case Transport::kNotSent:
      return error->code == 0 ? "not sent" : absl::StrCat("not sent, ", error->code);
    case Transport::kTimeout:
      return "timeout";
    case Transport::kReset:
      return "cut";
    case Transport::kUnreadable:
      return "unreadable";
  }
  return "?";
}

class GoogleClientTest : public testing::Test {
 protected:
  GoogleClientTest() { Renew({}); }

  // A client anew, with connections of its own.
  void Renew(GoogleOptions options, std::optional<Grant> grant = StaticTokenGrant{Secret("test-token")}) {
    options.api_root = absl::StrCat(google_.url(), "calendar/v3/");
    if (options.token_endpoint == GoogleOptions().token_endpoint) options.token_endpoint = absl::StrCat(google_.url(), "token");
    if (!options.clock) options.clock = [this] { return google_.Now(); };
    client_ = std::make_unique<GoogleClient>(loop_, std::move(options));
    if (grant) client_->SetGrant(kAda, *grant);
  }

  // Answers when they come, in order.
  void Send(Request request, const AccountId& account = kAda) {
    client_->Send(account, std::make_shared<const Request>(std::move(request)),
                  [this](Reply reply) { replies_.push_back(std::move(reply)); });
  }
  Reply Do(Request request, const AccountId& account = kAda) {
    const size_t before = replies_.size();
    Send(std::move(request), account);
    EXPECT_EQ(replies_.size(), before);  // Never from within Send.
    EXPECT_TRUE(google_.Until([&] { return replies_.size() > before; }));
    if (replies_.size() <= before) return ApiError{.message = "no answer at all"};
    if (const auto* const error = std::get_if<ApiError>(&replies_.back())) ExpectNoSecret(error->message);
    return replies_.back();
  }
  template <class T>
  T Get(Request request) {
    const Reply reply = Do(std::move(request));
    const T* const got = std::get_if<T>(&reply);
    EXPECT_NE(got, nullptr) << Words(reply);
    return got == nullptr ? T() : *got;
  }
  Event Insert(const std::string& id, const std::string& summary, int day = 6) {
    const auto made = Get<EventPtr>(InsertEvent{kPrimary, AnEvent(id, summary, day)});
    return made == nullptr ? Event() : *made;
  }
  static void ExpectNoSecret(const std::string& text) {
    for (const char* const secret : {"test-token", "test-secret", "test-refresh-token", "ya29."})
      EXPECT_THAT(text, Not(HasSubstr(secret)));
  }

  http::Loop loop_;
  FakeGoogle google_{loop_};
  std::unique_ptr<GoogleClient> client_;
  std::vector<Reply> replies_;
};

// --- Every kind of call.

TEST_F(GoogleClientTest, ListsPageByPageThenWhatChanged) {  // C-21, C-23.
  for (int i = 0; i < 5; ++i) Insert(absl::StrCat("event", i), absl::StrCat("Event ", i), 6 + i);
  ListEvents list{.calendar = kPrimary, .max_results = 2, .show_deleted = true};
  std::vector<std::string> seen;
  std::optional<SyncToken> token;
  for (int pages = 1; !token; ++pages) {
    ASSERT_LE(pages, 5);
    const auto page = Get<EventsPage>(list);
    EXPECT_EQ(page.access_role, AccessRole::kOwner);
    EXPECT_EQ(page.time_zone, "Europe/Zurich");
    for (const EventPtr& event : page.items) seen.push_back(event->summary);
    list.page_token = page.next_page_token;
    token = page.next_sync_token;
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("Event 0", "Event 1", "Event 2", "Event 3", "Event 4"));
  Get<NoContent>(DeleteEvent{kPrimary, EventId("event3")});
  list.page_token.reset();
  list.sync_token = token;
  const auto delta = Get<EventsPage>(list);
  ASSERT_THAT(delta.items, SizeIs(1));
  EXPECT_EQ(delta.items[0]->id, EventId("event3"));
  EXPECT_TRUE(delta.items[0]->IsCancelled());
  list.sync_token = SyncToken("nonsense");
  EXPECT_EQ(Words(Do(list)), "400 invalid");
  google_.Control("expire", {{"calendar", kPrimary.str()}});
  list.sync_token = delta.next_sync_token;
  EXPECT_EQ(Words(Do(list)), "410 fullSyncRequired");  // C-26.
}

TEST_F(GoogleClientTest, OfAListingWhatIsKnownIsNotRead) {
  const Event known = Insert("event1", "Known");
  Insert("event2", "New");
  client_->Send(
      kAda, std::make_shared<const Request>(ListEvents{.calendar = kPrimary, .show_deleted = true}),
      [this](Reply reply) { replies_.push_back(std::move(reply)); }, nullptr,
      [&](absl::Span<const VersionView> shown) {
        std::vector<std::optional<EventVersion>> answers(shown.size());
        for (size_t i = 0; i < shown.size(); ++i) {
          if (shown[i].id == known.id.text() && shown[i].etag == known.etag.text()) answers[i] = {known.id, known.etag};
        }
        return answers;
      });
  const size_t before = replies_.size();
  ASSERT_TRUE(google_.Until([&] { return replies_.size() > before; }));
  const auto* const page = std::get_if<EventsPage>(&replies_.back());
  ASSERT_NE(page, nullptr);
  ASSERT_THAT(page->items, SizeIs(1));
  EXPECT_EQ(page->items[0]->summary, "New");
  ASSERT_THAT(page->unread, SizeIs(1));
  EXPECT_EQ(page->unread[0].version.id, known.id);
  EXPECT_TRUE(page->next_sync_token.has_value());
}

TEST_F(GoogleClientTest, WhatMayNotLeaveAnyMoreIsNotSent) {  // P7
  bool may_leave = true;
  int asked = 0;
  const auto insert = [&](const std::string& id) {
    const size_t before = replies_.size();
    client_->Send(
        kAda, std::make_shared<const Request>(InsertEvent{kPrimary, AnEvent(id, "Busy")}),
        [this](Reply reply) { replies_.push_back(std::move(reply)); },
        [&] {
          ++asked;
          return may_leave;
        });
    may_leave = id == "event1";  // Only what is so when it leaves counts.
    EXPECT_TRUE(google_.Until([&] { return replies_.size() > before; }));
    return Words(replies_.back());
  };
  EXPECT_EQ(insert("event1"), "");
  EXPECT_EQ(insert("event2"), "not sent");
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event2")})), "404 notFound");
}

TEST_F(GoogleClientTest, AnInsertIsKnownByItsId) {  // C-40.
  const Event made = Insert("blockid", "Busy");
  EXPECT_EQ(made.id, EventId("blockid"));
  EXPECT_FALSE(made.etag.empty());
  EXPECT_EQ(Words(Do(InsertEvent{kPrimary, AnEvent("blockid", "Busy")})), "409 duplicate");
  EXPECT_EQ(Words(Do(InsertEvent{kPrimary, AnEvent("No Id!", "Busy")})), "400 invalid");  // C-1.
}

TEST_F(GoogleClientTest, APatchChangesWhatItNamesIfTheEtagFits) {  // C-44, C-45.
  const Event made = Insert("event1", "Before");
  EventPatch patch;
  patch.summary = "After";
  patch.start = EventTime::Date(absl::CivilDay(2026, 1, 7));
  patch.end = EventTime::Date(absl::CivilDay(2026, 1, 8));
  patch.private_properties = {{"calsync_id", "x"}, {"other", "y"}};
  const auto after = Get<EventPtr>(PatchEvent{kPrimary, EventId("event1"), patch, made.etag});
  EXPECT_EQ(after->summary, "After");
  EXPECT_EQ(FormatSpan(after->span()), "2026-01-07/2026-01-08");
  EXPECT_EQ(after->private_properties, (PropertyMap{{"calsync_id", "x"}, {"other", "y"}}));
  EXPECT_EQ(Words(Do(PatchEvent{kPrimary, EventId("event1"), patch, made.etag})), "412 conditionNotMet");
  EventPatch back;
  back.start = AnEvent("", "", 6).start;
  back.end = AnEvent("", "", 6).end;
  back.private_properties = {{"other", std::nullopt}};
  const auto timed = Get<EventPtr>(PatchEvent{kPrimary, EventId("event1"), back, after->etag});
  EXPECT_EQ(FormatSpan(timed->span()), FormatSpan(AnEvent("", "", 6).span()));
  EXPECT_EQ(timed->private_properties, (PropertyMap{{"calsync_id", "x"}}));
}

TEST_F(GoogleClientTest, DeletedUnknownAndCancelledAreToldApart) {  // C-43, C-48.
  const Event made = Insert("event1", "Lunch");
  EXPECT_EQ(Words(Do(DeleteEvent{kPrimary, EventId("event1"), Etag("\"1\"")})), "412 conditionNotMet");
  Get<NoContent>(DeleteEvent{kPrimary, EventId("event1"), made.etag});
  EXPECT_EQ(Words(Do(DeleteEvent{kPrimary, EventId("event1")})), "410 deleted");
  EXPECT_EQ(Words(Do(DeleteEvent{kPrimary, EventId("nothing")})), "404 notFound");
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("nothing")})), "404 notFound");
  EXPECT_TRUE(Get<EventPtr>(GetEvent{kPrimary, EventId("event1")})->IsCancelled());
}

TEST_F(GoogleClientTest, ChannelsBeginAndEnd) {  // C-80, C-88.
  const WatchEvents watch{kPrimary, ChannelId("channel-1"), "https://127.0.0.1:1/hook", "token", absl::Hours(24)};
  const auto channel = Get<Channel>(watch);
  EXPECT_EQ(channel.id, watch.channel);
  EXPECT_EQ(channel.expiration, google_.Now() + absl::Hours(24));
  EXPECT_EQ(Words(Do(watch)), "400 channelIdNotUnique");
  Get<NoContent>(StopChannel{channel.id, channel.resource});
  EXPECT_EQ(Words(Do(StopChannel{channel.id, channel.resource})), "404 notFound");
}

TEST_F(GoogleClientTest, CalendarsTellTheirRole) {
  const auto entry = Get<CalendarListEntry>(GetCalendar{CalendarId("primary")});
  EXPECT_EQ(entry.id, kPrimary);
  EXPECT_EQ(entry.time_zone, "Europe/Zurich");
  EXPECT_EQ(entry.access_role, AccessRole::kOwner);
  EXPECT_TRUE(entry.primary);
  EXPECT_EQ(Words(Do(GetCalendar{CalendarId("en.usa#holiday@group.v.calendar.google.com")})), "404 notFound");  // C-109.
}

TEST_F(GoogleClientTest, OccurrencesAreListed) {  // C-61.
  Event series = AnEvent("series1", "Daily");
  series.recurrence = {"RRULE:FREQ=DAILY;COUNT=5"};
  EXPECT_EQ(Get<EventPtr>(InsertEvent{kPrimary, series})->recurrence, series.recurrence);
  ListInstances list{.calendar = kPrimary, .event = EventId("series1"), .max_results = 3};
  const auto first = Get<EventsPage>(list);
  EXPECT_THAT(first.items, SizeIs(3));
  EXPECT_EQ(first.items[0]->recurring_event_id, series.id);
  list.page_token = first.next_page_token;
  const auto second = Get<EventsPage>(list);
  EXPECT_THAT(second.items, SizeIs(2));
  EXPECT_FALSE(second.next_page_token.has_value());
  list.page_token.reset();
  list.original_start = second.items[0]->original_start;
  const auto one = Get<EventsPage>(list);
  ASSERT_THAT(one.items, SizeIs(1));
  EXPECT_EQ(one.items[0]->id, second.items[0]->id);
}

TEST_F(GoogleClientTest, TheCallsThatTheEngineNeverMakesWorkToo) {  // C-46, C-53, C-54.
  const Event made = Insert("event1", "Before");
  Event body = made;
  body.summary = "After";
  EXPECT_EQ(Get<EventPtr>(UpdateEvent{kPrimary, made.id, body, made.etag})->summary, "After");
  const CalendarId work = google_.front().model().Calendars()[1];
  EXPECT_EQ(Get<EventPtr>(MoveEvent{kPrimary, made.id, work})->id, made.id);
  Event import = AnEvent("", "Imported");
  import.ical_uid = ICalUid("uid-1@elsewhere");
  EXPECT_EQ(Get<EventPtr>(ImportEvent{kPrimary, import})->ical_uid, import.ical_uid);
}

TEST_F(GoogleClientTest, AllCalendarsAreListed) {
  for (int i = 0; i < 300; ++i) google_.front().api().AddCalendar(kAda, absl::StrCat("Calendar ", i), "UTC");
  std::optional<absl::StatusOr<std::vector<CalendarListEntry>>> listed;
  client_->ListCalendars(kAda, [&](absl::StatusOr<std::vector<CalendarListEntry>> calendars) { listed = std::move(calendars); });
  ASSERT_TRUE(google_.Until([&] { return listed.has_value(); }));
  ASSERT_TRUE(listed->ok()) << listed->status();
  EXPECT_THAT(**listed, SizeIs(303));
  EXPECT_EQ(std::count_if((*listed)->begin(), (*listed)->end(), [](const CalendarListEntry& one) { return one.primary; }), 1);
}

// --- Every kind of trouble.

TEST_F(GoogleClientTest, TroubleOnTheLineIsToldByWhatMayHaveHappened) {  // C-104.
  const struct {
    const char* name;
    fake::Json how;
    const char* want;
  } kRows[] = {
      {"cut", {{"ending", "cut"}}, "cut"},
      {"cut after it was done", {{"ending", "cut"}, {"applied", true}}, "cut"},
      {"half a body", {{"ending", "truncated"}, {"applied", true}}, "unreadable"},
      {"500", {{"status", 500}}, "500 backendError"},
      {"502, a page of HTML", {{"status", 502}}, "502 "},
      {"503", {{"status", 503}}, "503 backendError"},
      {"429", {{"status", 429}}, "429 rateLimitExceeded"},
      {"too fast, as 403", {{"status", 403}, {"reason", "userRateLimitExceeded"}}, "403 userRateLimitExceeded"},
      {"used up", {{"status", 403}, {"reason", "quotaExceeded"}}, "403 quotaExceeded"},
      {"read-only", {{"status", 403}, {"reason", "requiredAccessLevel"}}, "403 requiredAccessLevel"},
      {"false 412", {{"status", 412}}, "412 conditionNotMet"},
  };
  int number = 0;
  for (const auto& row : kRows) {
    Renew({});  // On a kept connection, libcurl would repeat what was cut.
    google_.Next("events.insert", row.how);
    EXPECT_EQ(Words(Do(InsertEvent{kPrimary, AnEvent(absl::StrCat("trouble", number++), "x")})), row.want) << row.name;
  }
}

TEST_F(GoogleClientTest, WhatWasCutOnAKeptConnectionIsRepeatedAndMeetsItself) {  // C-42.
  Insert("event1", "x");
  google_.Next("events.insert", {{"ending", "cut"}, {"applied", true}});
  EXPECT_EQ(Words(Do(InsertEvent{kPrimary, AnEvent("event2", "y")})), "409 duplicate");
}

TEST_F(GoogleClientTest, NoAnswerInTimeIsATimeout) {
  Renew({.call_timeout = absl::Milliseconds(100)});
  google_.Next("events.get", {{"ending", "never"}});
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "timeout");
  EXPECT_EQ(client_->in_flight(), 0U);
}

TEST_F(GoogleClientTest, NobodyThereIsNotSent) {
  GoogleOptions options;
  options.api_root = "http://127.0.0.1:1/calendar/v3/";
  client_ = std::make_unique<GoogleClient>(loop_, options);
  client_->SetGrant(kAda, StaticTokenGrant{Secret("test-token")});
  EXPECT_EQ(client_->health(kAda).unreachable, "");
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "not sent");
  EXPECT_THAT(client_->health(kAda).unreachable, testing::StartsWith("not sent: "));
}

TEST_F(GoogleClientTest, RetryAfterIsPassedOnAndTheAccountRests) {  // C-102.
  google_.front().model().knobs().units_per_minute_per_account = 5;
  google_.front().model().knobs().quota_retry_after = absl::Seconds(30);
  Insert("event1", "x");
  EventPatch patch;
  patch.summary = "y";
  Get<EventPtr>(PatchEvent{kPrimary, EventId("event1"), patch});
  const Reply refused = Do(PatchEvent{kPrimary, EventId("event1"), patch});
  EXPECT_EQ(Words(refused), "403 rateLimitExceeded");
  EXPECT_EQ(std::get<ApiError>(refused).retry_after, absl::Seconds(30));
  google_.front().model().knobs().units_per_minute_per_account = 1000;
  const size_t before = replies_.size();
  Send(GetEvent{kPrimary, EventId("event1")});
  EXPECT_FALSE(google_.Until([&, until = absl::Now() + absl::Milliseconds(50)] {
    return replies_.size() > before || absl::Now() > until;
  }) && replies_.size() > before);
  google_.Advance(absl::Seconds(35));
  Send(GetEvent{kPrimary, EventId("event1")});
  EXPECT_TRUE(google_.Until([&] { return replies_.size() == before + 2; }));
}

TEST_F(GoogleClientTest, ACallThatCannotLeaveInTimeIsNotSent) {
  PacingLimits limits;
  limits.account = {.per_minute = 1, .burst = 1};
  Renew({.wait_max = absl::Seconds(20), .limits = limits});
  Insert("event1", "x");
  Send(GetEvent{kPrimary, EventId("event1")});
  google_.Advance(absl::Seconds(21));
  Send(GetEvent{kPrimary, EventId("event1")});
  ASSERT_TRUE(google_.Until([&] { return replies_.size() == 2; }));
  EXPECT_EQ(Words(replies_[1]), "not sent");
  EXPECT_EQ(client_->in_flight(), 1U);
}

// --- Grants.

TEST_F(GoogleClientTest, ManyCallsWaitForOneToken) {  // C-105.
  Renew({}, FakeGoogle::RefreshGrant());
  for (int i = 0; i < 20; ++i) Send(GetEvent{kPrimary, EventId("nothing")});
  EXPECT_EQ(client_->in_flight(), 20U);
  ASSERT_TRUE(google_.Until([&] { return replies_.size() == 20; }));
  for (const Reply& reply : replies_) EXPECT_EQ(Words(reply), "404 notFound");
  EXPECT_EQ(google_.Asked("POST /token"), 1);
  google_.Advance(absl::Minutes(59));  // Shortly before its end it is not begun with.
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("nothing")})), "404 notFound");
  EXPECT_EQ(google_.Asked("POST /token"), 2);
  EXPECT_EQ(client_->health(kAda).calls, 21U);
  EXPECT_EQ(client_->health(kAda).last_answer, google_.Now());
}

TEST_F(GoogleClientTest, AnEarlyEndOfATokenCostsOneMoreTryAndNoAnswer) {
  const absl::Time stands = google_.Now();
  Renew({.clock = [stands] { return stands; }}, FakeGoogle::RefreshGrant());  // A clock that is behind.
  Insert("event1", "x");
  google_.Advance(absl::Hours(2));
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "");
  EXPECT_EQ(google_.Asked("POST /token"), 2);
  Renew({}, StaticTokenGrant{Secret("another-token")});  // That nobody can renew.
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "401 authError");
  EXPECT_EQ(client_->health(kAda).calls, 2U);
}

TEST_F(GoogleClientTest, ARevokedGrantParksItsAccountAlone) {  // S-28, L10, C-90.
  const AccountId bob("bob@example.com");
  google_.Control("accounts", {{"email", "bob@example.com"}});
  Renew({}, FakeGoogle::RefreshGrant());
  client_->SetGrant(bob, FakeGoogle::RefreshGrant("test-refresh-token-bob@example.com"));
  Insert("event1", "x");
  google_.Control("grant", {{"account", "ada@example.com"}, {"grant", "revoked"}});
  const Reply refused = Do(GetEvent{kPrimary, EventId("event1")});
  EXPECT_EQ(Words(refused), "not sent, 401");
  EXPECT_EQ(FailureOf(CallKind::kGet, std::get<ApiError>(refused)), Failure::kRefusedForNow);
  const AccountHealth health = client_->health(kAda);
  EXPECT_EQ(health.state, AccountHealth::State::kParked);
  EXPECT_EQ(health.reason,
            "Google does not accept the grant of ada@example.com (invalid_grant: Token has been expired or revoked.).\n"
            "  Existing busy blocks stay as they are; no new ones will be written.\n"
            "  To reconnect:  calsync login --account ada@example.com");
  const int asked = google_.Asked("POST /token");
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "not sent, 401");
  EXPECT_EQ(google_.Asked("POST /token"), asked);  // Nothing is sent for it any more.
  EXPECT_EQ(Words(Do(GetCalendar{CalendarId("primary")}, bob)), "");
  EXPECT_EQ(client_->health(bob).state, AccountHealth::State::kOk);

  google_.Control("grant", {{"account", "ada@example.com"}, {"grant", "full"}});
  google_.front().oauth().AddRefreshToken("new-refresh-token", kAda, "test-client", fake::ScopesOf("calendar"));
  client_->SetGrant(kAda, FakeGoogle::RefreshGrant("new-refresh-token"));
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "");
  EXPECT_EQ(client_->health(kAda).state, AccountHealth::State::kOk);
  EXPECT_EQ(client_->health(kAda).reason, "");
}

TEST_F(GoogleClientTest, AnAccountWithoutAGrantSendsNothing) {
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")}, AccountId("bob@example.com"))), "not sent, 401");
  client_->RemoveGrant(kAda);
  EXPECT_EQ(Words(Do(GetEvent{kPrimary, EventId("event1")})), "not sent, 401");
  EXPECT_EQ(client_->health(kAda).state, AccountHealth::State::kNoGrant);
  EXPECT_TRUE(google_.front().journal().empty());
}

TEST_F(GoogleClientTest, ATokenEndpointThatIsNotThereParksNobody) {
  Renew({.token_endpoint = "http://127.0.0.1:1/token"}, FakeGoogle::RefreshGrant());
  const Reply reply = Do(GetEvent{kPrimary, EventId("event1")});
  EXPECT_EQ(Words(reply), "not sent");
  EXPECT_THAT(std::get<ApiError>(reply).message, HasSubstr("no access token for now: not sent"));
  EXPECT_EQ(client_->health(kAda).state, AccountHealth::State::kOk);
  EXPECT_EQ(client_->health(kAda).last_answer, std::nullopt);
}

TEST_F(GoogleClientTest, ARobotActsForAPersonAndCountsAsThatPerson) {  // C-105.
  const KeyPair pair;
  google_.Control("service-accounts", {{"email", "robot@example.com"}, {"publicKey", pair.PublicPem()}});
  Renew({}, ServiceAccountGrant{.email = "robot@example.com", .private_key = Secret(pair.PrivatePem()), .subject = kAda.str()});
  EXPECT_EQ(Get<CalendarListEntry>(GetCalendar{CalendarId("primary")}).id, kPrimary);
  http::Loop& loop = loop_;
  std::string asked;
  const auto listener = http::Server::Listen(loop, {}, [&](const http::Request& request) {
    if (request.method == "GET") asked = request.target;
    return http::Response{.body = R"({"access_token":"ya29.x","id":"e"})"};
  });
  const std::string root = absl::StrCat("http://127.0.0.1:", (*listener)->port(), "/");
  client_ = std::make_unique<GoogleClient>(loop, GoogleOptions{.api_root = root, .token_endpoint = absl::StrCat(root, "token")});
  client_->SetGrant(kAda, ServiceAccountGrant{.email = "robot", .private_key = Secret(pair.PrivatePem()), .subject = kAda.str()});
  Get<EventPtr>(GetEvent{kPrimary, EventId("e")});
  const std::string quota_user = http::ParseTarget(asked)->query.Get("quotaUser");
  EXPECT_EQ(quota_user.size(), 16U);  // At most 40 (contract 0.2), and no address.
  EXPECT_THAT(quota_user, Not(HasSubstr("ada")));
}

TEST_F(GoogleClientTest, OnlyWhoTheNamedAuthorityVouchesForIsSpokenTo) {
  http::TlsServer secure(loop_, [this](const http::Request& request) { return google_.front().Handle(request); });
  const std::string root = absl::StrCat("https://127.0.0.1:", secure.port(), "/");
  GoogleOptions options{
      .api_root = absl::StrCat(root, "calendar/v3/"), .token_endpoint = absl::StrCat(root, "token"), .ca_file = secure.ca_file()};
  client_ = std::make_unique<GoogleClient>(loop_, options);
  client_->SetGrant(kAda, FakeGoogle::RefreshGrant());
  EXPECT_EQ(Get<CalendarListEntry>(GetCalendar{CalendarId("primary")}).id, kPrimary);
  EXPECT_EQ(secure.handshakes(), 1);
  options.ca_file.clear();
  client_ = std::make_unique<GoogleClient>(loop_, options);
  client_->SetGrant(kAda, FakeGoogle::RefreshGrant());
  EXPECT_EQ(Words(Do(GetCalendar{CalendarId("primary")})), "not sent");  // Not even a token was asked for there.
  EXPECT_EQ(google_.Asked("POST /token"), 1);
  EXPECT_EQ(client_->health(kAda).state, AccountHealth::State::kOk);
}

TEST_F(GoogleClientTest, AListOfCalendarsThatFailsSaysWhatToDo) {
  google_.front().oauth().AddRefreshToken("events-only", kAda, "test-client", fake::ScopesOf("calendar.events"));
  Renew({}, FakeGoogle::RefreshGrant("events-only"));
  std::vector<std::string> heard;
  const auto hear = [&](const absl::StatusOr<std::vector<CalendarListEntry>>& listed) {
    heard.push_back(listed.status().ToString(absl::StatusToStringMode::kWithNoExtraData));
  };
  client_->ListCalendars(kAda, hear);
  client_->ListCalendars(AccountId("bob@example.com"), hear);
  ASSERT_TRUE(google_.Until([&] { return heard.size() == 2; }));
  std::sort(heard.begin(), heard.end());
  EXPECT_EQ(heard[0],
            "PERMISSION_DENIED: cannot list the calendars of ada@example.com: 403 insufficientPermissions: "
            "Request had insufficient authentication scopes.\n"
            "  To grant all that is asked for:  calsync login --account ada@example.com");
  EXPECT_EQ(heard[1],
            "PERMISSION_DENIED: cannot list the calendars of bob@example.com: there is no grant of bob@example.com here.\n"
            "  To reconnect:  calsync login --account bob@example.com");
}

TEST(Validate, TokensGoByHttpsAlone) {
  EXPECT_TRUE(Validate({}).ok());
  EXPECT_TRUE(Validate({.api_root = "http://127.0.0.1:8085/calendar/v3/", .token_endpoint = "http://localhost:8085/token"}).ok());
  EXPECT_EQ(Validate({.api_root = "http://example.org/"}).message(),
            "api_root \"http://example.org/\" is another machine by plain http: tokens go there by https alone");
  EXPECT_EQ(Validate({.token_endpoint = "oauth2.googleapis.com/token"}).message(),
            "token_endpoint \"oauth2.googleapis.com/token\" is not an address of http or https");
}

// --- Order and end.

TEST_F(GoogleClientTest, TagsGoLast) {  // S-25.
  Insert("event1", "x");
  PacingLimits limits;
  limits.in_flight_max = 1;
  Renew({.limits = limits});
  PatchEvent tag{kPrimary, EventId("event1")};
  tag.patch.private_properties = {{"calsync.01234567", "1:user_event:x"}};
  Send(tag);
  Send(DeleteEvent{kPrimary, EventId("event1")});
  ASSERT_TRUE(google_.Until([&] { return replies_.size() == 3; }));
  EXPECT_TRUE(std::holds_alternative<NoContent>(replies_[1]));
  EXPECT_TRUE(std::get<EventPtr>(replies_[2])->IsCancelled());  // It came after the delete.
}

TEST_F(GoogleClientTest, WhoeverLeavesIsNotAnswered) {
  Send(GetEvent{kPrimary, EventId("event1")});
  Send(GetEvent{kPrimary, EventId("event1")}, AccountId("bob@example.com"));
  client_.reset();
  EXPECT_FALSE(google_.Until([&, until = absl::Now() + absl::Milliseconds(50)] {
    return !replies_.empty() || absl::Now() > until;
  }) && !replies_.empty());
}

TEST_F(GoogleClientTest, AnAnswerMayEndTheClientOrSendTheNext) {
  int answered = 0;
  const auto get = std::make_shared<const Request>(GetEvent{kPrimary, EventId("event1")});
  client_->Send(kAda, get, [&](const Reply&) {
    ++answered;
    client_->Send(kAda, get, [&](const Reply&) {
      ++answered;
      client_.reset();
    });
  });
  EXPECT_TRUE(google_.Until([&] { return answered == 2; }));
}

TEST_F(GoogleClientTest, UnderRoughFaultsEveryCallIsAnsweredOnce) {
  google_.Control("faults", {{"profile", "rough"}});
  GoogleOptions options{
      .call_timeout = absl::Milliseconds(200), .wait_max = absl::Milliseconds(50), .clock = [] { return absl::Now(); }};
  options.limits.account.burst = 1000;
  options.limits.refusal_rest = absl::Milliseconds(10);
  Renew(options, FakeGoogle::RefreshGrant());
  constexpr size_t kCalls = 300;
  for (size_t i = 0; i < kCalls; ++i) {
    Send(InsertEvent{kPrimary, AnEvent(absl::StrCat("event", i), "x")});
    EXPECT_TRUE(google_.Until([&] { return client_->in_flight() <= 8; }));
    google_.Advance(absl::Seconds(1));
  }
  EXPECT_TRUE(google_.Until([&] { return client_->in_flight() == 0; }));
  EXPECT_EQ(replies_.size(), kCalls);
  std::map<std::string, int> kinds;
  for (const Reply& reply : replies_) {
    ++kinds[Words(reply)];
    if (const auto* const error = std::get_if<ApiError>(&reply)) ExpectNoSecret(error->message);
  }
  EXPECT_GT(kinds[""], 50);            // Some work,
  EXPECT_THAT(kinds, SizeIs(Gt(4U)));  // and trouble was had of several kinds.
}

}  // namespace
}  // namespace calsync::adapter
