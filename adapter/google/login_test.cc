// Logins against the fake: a person's browser is played by requests.

#include "adapter/google/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/google_client.h"
#include "adapter/google/testing/fake_google.h"
#include "adapter/http/client.h"

namespace calsync::adapter {
namespace {

using testing::HasSubstr;
using testing::Not;

class LoginTest : public testing::Test {
 protected:
  void Start(LoginOptions options = {}) {
    if (options.client.id.empty()) options.client = {"test-client", Secret("test-secret")};
    options.authorization_endpoint = absl::StrCat(google_.url(), "o/oauth2/v2/auth");
    if (options.token_endpoint == LoginOptions().token_endpoint) options.token_endpoint = absl::StrCat(google_.url(), "token");
    options.api_root = absl::StrCat(google_.url(), "calendar/v3/");
    options.clock = [this] { return google_.Now(); };
    auto login =
        BrowserLogin::Start(loop_, std::move(options), [this](absl::StatusOr<LoggedIn> result) { result_ = std::move(result); });
    ASSERT_TRUE(login.ok()) << login.status();
    login_ = *std::move(login);
  }

  http::Response Visit(const std::string& url, const std::string& method = "GET", const std::string& body = "") {
    std::optional<http::Outcome> heard;
    browser_.Send(*http::ParseAddress(url), {.method = method, .body = body}, absl::Seconds(5),
                  [&](http::Outcome outcome) { heard = std::move(outcome); });
    EXPECT_TRUE(google_.Until([&] { return heard.has_value(); }));
    const auto* const response = std::get_if<http::Response>(&*heard);
    return response == nullptr ? http::Response{.status = 0} : *response;
  }
  // Where the browser goes once the person said so.
  std::string Decide(const std::string& decision, const std::vector<std::string>& scopes) {
    EXPECT_THAT(Visit(login_->url()).body, HasSubstr("Whose?"));
    http::Parameters form = http::ParseTarget(http::ParseAddress(login_->url())->target)->query;
    http::Parameters sent;
    for (const auto& [name, value] : form.pairs()) {
      if (name != "scope") sent.Add(name, value);
    }
    sent.Add("account", "ada@example.com");
    for (const std::string& scope : scopes) sent.Add("scope", scope);
    sent.Add("decision", decision);
    const http::Response response = Visit(absl::StrCat(google_.url(), "o/oauth2/v2/auth"), "POST", http::FormatParameters(sent));
    EXPECT_EQ(response.status, 302) << response.body;
    return std::string(response.headers.Get("Location"));
  }
  std::string Allow() { return Decide("allow", {"calendar.events", "calendar.calendarlist.readonly"}); }
  // "OK ada@example.com", or what went wrong.
  std::string Result() {
    google_.Until([&] { return result_.has_value(); });
    if (!result_) return "nothing";
    if (result_->ok()) return absl::StrCat("OK ", (*result_)->account.text());
    const std::string text = result_->status().ToString(absl::StatusToStringMode::kWithNoExtraData);
    for (const char* const secret : {"test-secret", "4/0", "ya29."}) EXPECT_THAT(text, Not(HasSubstr(secret)));
    return text;
  }

  http::Loop loop_;
  FakeGoogle google_{loop_};
  http::Client browser_{loop_, {}};
  std::unique_ptr<BrowserLogin> login_;
  std::optional<absl::StatusOr<LoggedIn>> result_;
};

TEST_F(LoginTest, APersonAllowsAndTheGrantWorks) {  // C-105.
  Start({.login_hint = "ada@example.com"});
  EXPECT_THAT(login_->url(), HasSubstr("login_hint=ada%40example.com"));
  EXPECT_THAT(login_->url(), HasSubstr("code_challenge_method=S256"));
  EXPECT_THAT(login_->url(), HasSubstr("redirect_uri=http%3A%2F%2F127.0.0.1%3A"));
  const http::Response page = Visit(Allow());
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("this window can be closed"));
  ASSERT_EQ(Result(), "OK ada@example.com");
  EXPECT_EQ((*result_)->grant.granted_at, google_.Now());
  GoogleClient client(
      loop_, {.api_root = absl::StrCat(google_.url(), "calendar/v3/"), .token_endpoint = absl::StrCat(google_.url(), "token")});
  client.SetGrant(kAda, (*result_)->grant);
  std::optional<bool> listed;
  client.ListCalendars(kAda, [&](const absl::StatusOr<std::vector<CalendarListEntry>>& calendars) { listed = calendars.ok(); });
  google_.Until([&] { return listed.has_value(); });
  EXPECT_EQ(listed, true);
}

TEST_F(LoginTest, AnotherMachinesBrowserIsServedByPasting) {
  Start();
  const std::string address = Allow();
  const absl::Status nothing = login_->Paste("");
  EXPECT_EQ(nothing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(nothing.message()), testing::EndsWith("/"));  // Google's parameters come in any order.
  EXPECT_EQ(login_->Paste("http://127.0.0.1:1/?state=x&code=y").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(login_->Paste(absl::StrCat("  ", address, "\n")).ok());
  EXPECT_EQ(login_->Paste(address).code(), absl::StatusCode::kInvalidArgument);  // Once.
  EXPECT_EQ(Result(), "OK ada@example.com");
}

TEST_F(LoginTest, WhatIsNotTheAnswerToThisLoginChangesNothing) {
  Start();
  const std::string there = http::ParseTarget(http::ParseAddress(login_->url())->target)->query.Get("redirect_uri");
  EXPECT_EQ(Visit(there).status, 400);
  EXPECT_EQ(Visit(absl::StrCat(there, "?state=guessed&code=stolen")).status, 400);
  EXPECT_EQ(Visit(absl::StrCat(there, "?state=guessed&error=access_denied")).status, 400);
  EXPECT_EQ(Visit(absl::StrCat(there, "favicon.ico")).status, 404);
  EXPECT_EQ(Visit(there, "POST").status, 404);
  EXPECT_FALSE(result_.has_value());
  Visit(Allow());
  EXPECT_EQ(Result(), "OK ada@example.com");
}

TEST_F(LoginTest, NoIsSaidInWords) {
  Start();
  Visit(Decide("deny", {"calendar.events"}));
  EXPECT_EQ(
      Result(),
      "PERMISSION_DENIED: access was not granted.\n  Nothing was changed. Run the login again, and allow what is asked for.");
}

TEST_F(LoginTest, HalfOfItIsNotEnough) {
  Start();
  Visit(Decide("allow", {"calendar.events"}));
  EXPECT_EQ(Result(),
            "PERMISSION_DENIED: access was granted only in part, https://www.googleapis.com/auth/calendar.calendarlist.readonly "
            "is missing.\n"
            "  Nothing was changed. Run the login again, and tick every box.");
}

TEST_F(LoginTest, NobodyComes) {
  Start({.patience = absl::Milliseconds(20)});
  EXPECT_EQ(Result(),
            "DEADLINE_EXCEEDED: nobody came back from the browser within 20ms.\n  Nothing was changed. Run the login again.");
}

TEST_F(LoginTest, GoogleRefusesTheClientOrIsNotThere) {
  Start({.client = {"test-client", Secret("wrong")}});
  Visit(Allow());
  EXPECT_EQ(Result(),
            "FAILED_PRECONDITION: Google refused the login: invalid_client: Unauthorized.\n"
            "  Nothing was changed. Is the file of the OAuth client the right one?");
  result_.reset();
  Start({.token_endpoint = "http://127.0.0.1:1/token"});
  Visit(Allow());
  EXPECT_THAT(Result(), HasSubstr("UNAVAILABLE: Google cannot be reached: not sent: "));
}

TEST_F(LoginTest, WhoeverGivesUpHearsNothing) {
  Start({.patience = absl::Milliseconds(10)});
  login_.reset();
  google_.Until([until = absl::Now() + absl::Milliseconds(50)] { return absl::Now() > until; });
  EXPECT_FALSE(result_.has_value());
}

}  // namespace
}  // namespace calsync::adapter
