// The fake on a real port, with a receiver of webhooks on another.

#include "fakegoogle/http/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/http/client.h"
#include "adapter/http/testing/tls_server.h"
#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::fake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// All on one loop: the fake, the receiver, and the test's own calls.
class ServeTest : public testing::Test {
 protected:
  void Start(FrontOptions front = {}, WebhookOptions webhooks = {}) {
    absl::StatusOr<std::unique_ptr<http::Server>> receiver =
        http::Server::Listen(loop_, {}, [this](const http::Request& request) {
          heard_.push_back(request);
          std::vector<int>& answers = answers_[request.target];
          const int status = answers.empty() ? 200 : answers.front();
          if (!answers.empty()) answers.erase(answers.begin());
          return http::Response{.status = status};
        });
    ASSERT_TRUE(receiver.ok());
    receiver_ = *std::move(receiver);
    ServeOptions options;
    options.front = std::move(front);
    options.webhooks = std::move(webhooks);
    options.webhooks.first_pause = absl::Milliseconds(5);
    absl::StatusOr<std::unique_ptr<ServedFake>> fake = ServedFake::Start(loop_, std::move(options));
    ASSERT_TRUE(fake.ok()) << fake.status();
    fake_ = *std::move(fake);
  }

  // Lets things happen until `done`, or too long.
  template <class Done>
  bool Until(Done done) {
    const absl::Time end = absl::Now() + absl::Seconds(10);
    bool result = false;
    std::function<void()> look = [&] {
      result = done();
      if (result || absl::Now() > end) return loop_.Stop();
      loop_.After(absl::Milliseconds(2), look);
    };
    loop_.Post(look);
    loop_.Run();
    return result;
  }

  Json Call(const std::string& method, const std::string& path, const Json& body) {
    Json answer;
    bool done = false;
    client_.Send({.host = "127.0.0.1", .port = fake_->server().port(), .target = path},
                 {.method = method, .headers = {{"Authorization", "Bearer test-token"}}, .body = body.dump()}, absl::Seconds(5),
                 [&](const http::Outcome& outcome) {
                   done = true;
                   const auto* const response = std::get_if<http::Response>(&outcome);
                   if (response != nullptr) answer = ParseJson(response->body).value_or(Json());
                 });
    EXPECT_TRUE(Until([&] { return done; }));
    return answer;
  }
  Json Watch(const std::string& id, const std::string& path, Json more = Json::object()) {
    more["id"] = id;
    more["type"] = "web_hook";
    more["address"] = absl::StrCat("http://127.0.0.1:", receiver_->port(), path);
    return Call("POST", "/calendar/v3/calendars/primary/events/watch", more);
  }
  std::vector<std::string> Heard(const std::string& path) const {
    std::vector<std::string> states;
    for (const http::Request& request : heard_) {
      if (request.target == path) states.emplace_back(request.headers.Get("X-Goog-Resource-State"));
    }
    return states;
  }

  http::Loop loop_;
  http::Client client_{loop_, {}};
  std::vector<http::Request> heard_;
  std::map<std::string, std::vector<int>> answers_;  // By path; then 200.
  std::unique_ptr<http::Server> receiver_;
  std::unique_ptr<ServedFake> fake_;
};

TEST_F(ServeTest, MessagesHaveTheirHeadersAndNoBody) {  // C-81, C-82.
  Start();
  const Json channel = Watch("c1", "/hook?x=1", {{"token", "secret"}});
  ASSERT_TRUE(Until([&] { return heard_.size() == 1; }));
  const http::Request& sync = heard_[0];
  EXPECT_EQ(sync.method, "POST");
  EXPECT_EQ(sync.body, "");
  EXPECT_EQ(sync.headers.Get("X-Goog-Channel-ID"), "c1");
  EXPECT_EQ(sync.headers.Get("X-Goog-Channel-Token"), "secret");
  EXPECT_EQ(sync.headers.Get("X-Goog-Channel-Expiration"), "Mon, 12 Jan 2026 08:00:00 GMT");
  EXPECT_EQ(sync.headers.Get("X-Goog-Message-Number"), "1");
  EXPECT_EQ(sync.headers.Get("X-Goog-Resource-State"), "sync");
  EXPECT_EQ(sync.headers.Get("X-Goog-Resource-ID"), StringOf(channel, "resourceId"));
  EXPECT_EQ(sync.headers.Get("X-Goog-Resource-URI"), StringOf(channel, "resourceUri"));
  EXPECT_EQ(sync.headers.Get("Content-Length"), "0");
  Call("POST", "/calendar/v3/calendars/primary/events", AnEventJson("Lunch"));
  ASSERT_TRUE(Until([&] { return heard_.size() == 2; }));
  EXPECT_EQ(heard_[1].headers.Get("X-Goog-Resource-State"), "exists");
}

TEST_F(ServeTest, ServerErrorsAreTriedAgainAndOthersAreNot) {  // C-85.
  Start();
  answers_["/again"] = {500, 502, 503, 504};
  answers_["/never"] = {404};
  answers_["/always"] = std::vector<int>(20, 503);
  Watch("c1", "/again");
  Watch("c2", "/never");
  Watch("c3", "/always");
  ASSERT_TRUE(Until([&] { return Heard("/again").size() == 5 && Heard("/always").size() == 6; }));
  absl::Time quiet = absl::Now() + absl::Milliseconds(400);
  Until([&] { return absl::Now() > quiet; });
  EXPECT_EQ(Heard("/again").size(), 5U);
  EXPECT_EQ(Heard("/never").size(), 1U);
  EXPECT_EQ(Heard("/always").size(), 6U);  // And no more.
}

TEST_F(ServeTest, StoppedAndExpiredChannelsAreSilent) {  // C-84, C-88.
  Start();
  const Json first = Watch("c1", "/one");
  Watch("c2", "/two", {{"params", {{"ttl", "60"}}}});
  Call("POST", "/calendar/v3/channels/stop", {{"id", "c1"}, {"resourceId", first["resourceId"]}});
  Call("POST", "/calendar/v3/calendars/primary/events", AnEventJson("Lunch"));
  ASSERT_TRUE(Until([&] { return Heard("/two").size() == 2; }));
  Call("POST", "/_fake/clock", {{"advance", "61s"}});
  Call("POST", "/calendar/v3/calendars/primary/events", AnEventJson("Dinner"));
  const absl::Time quiet = absl::Now() + absl::Milliseconds(200);
  Until([&] { return absl::Now() > quiet; });
  EXPECT_THAT(Heard("/one"), ElementsAre("sync"));
  EXPECT_THAT(Heard("/two"), ElementsAre("sync", "exists"));
}

TEST_F(ServeTest, AManualClockHoldsBackWhatIsLate) {  // C-13.
  Start();
  Call("POST", "/_fake/accounts", {{"email", "bob@example.com"}});
  Watch("c1", "/mine");
  Json meeting = AnEventJson("Meeting");
  meeting["attendees"] = Json::array({Json{{"email", "bob@example.com"}}});
  const std::string id = StringOf(Call("POST", "/calendar/v3/calendars/primary/events", meeting), "id");
  Call("POST", "/_fake/clock", {{"advance", "1m"}});
  Call("POST", "/_fake/act", {{"as", "bob@example.com"}, {"do", "accept"}, {"event", id}});
  ASSERT_TRUE(Until([&] { return Heard("/mine").size() == 2; }));
  Call("POST", "/_fake/clock", {{"advance", "1m"}});  // The answer arrives.
  EXPECT_TRUE(Until([&] { return Heard("/mine").size() == 3; }));
}

TEST_F(ServeTest, WithTheMachinesClockThingsHappenByThemselves) {
  Start({.clock = [] { return absl::Now(); }});
  fake_->front().model().knobs().propagation_delay = absl::Milliseconds(100);
  Call("POST", "/_fake/accounts", {{"email", "bob@example.com"}});
  Watch("c1", "/mine");
  Json meeting = AnEventJson("Meeting");
  meeting["attendees"] = Json::array({Json{{"email", "bob@example.com"}}});
  const std::string id = StringOf(Call("POST", "/calendar/v3/calendars/primary/events", meeting), "id");
  const CalendarId bob("bob@example.com");
  ASSERT_TRUE(Until([&] { return fake_->front().model().Find(bob, EventId(id)) != nullptr; }));
  Call("POST", "/_fake/act", {{"as", "bob@example.com"}, {"do", "decline"}, {"event", id}});
  EXPECT_TRUE(Until([&] { return Heard("/mine").size() == 3; }));
}

TEST_F(ServeTest, SecureReceiversAreCalledIfTheirCertificateConvinces) {
  std::vector<std::string> states;
  http::TlsServer receiver(loop_, [&](const http::Request& request) {
    states.emplace_back(request.headers.Get("X-Goog-Resource-State"));
    return http::Response();
  });
  const Json watch{{"id", "c1"}, {"type", "web_hook"}, {"address", absl::StrCat("https://127.0.0.1:", receiver.port(), "/hook")}};
  const std::string path = "/calendar/v3/calendars/primary/events/watch";
  Start({}, {.trust = http::Trust::kFile, .ca_file = receiver.ca_file()});
  Call("POST", path, watch);
  EXPECT_TRUE(Until([&] { return states.size() == 1; }));
  Start({}, {.trust = http::Trust::kAnybody});
  Call("POST", path, watch);
  EXPECT_TRUE(Until([&] { return states.size() == 2; }));
  Start({}, {.tries_max = 1});  // The machine's own authorities do not know it.
  Call("POST", path, watch);
  ASSERT_TRUE(Until([&] { return fake_->front().journal().size() == 2; }));
  EXPECT_EQ(fake_->front().journal()[1].status, 0);
  EXPECT_THAT(fake_->front().journal()[1].note, HasSubstr("certificate"));
  EXPECT_THAT(states, ElementsAre("sync", "sync"));
}

TEST_F(ServeTest, OtherMachinesAreNotCalled) {
  Start();
  Call("POST", "/calendar/v3/calendars/primary/events/watch",
       {{"id", "far"}, {"type", "web_hook"}, {"address", "http://192.0.2.1/x"}});
  ASSERT_TRUE(Until([&] { return fake_->front().journal().size() == 2; }));
  EXPECT_EQ(fake_->front().journal()[1].note, "not posted: another machine");
}

}  // namespace
}  // namespace calsync::fake
