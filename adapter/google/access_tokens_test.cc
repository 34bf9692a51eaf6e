#include "adapter/google/access_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/google/testing/fake_google.h"
#include "adapter/google/testing/key_pair.h"
#include "adapter/http/server.h"

namespace calsync::adapter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kMarker[] = "marker-7c1f";

// --- Why an account is parked.

const absl::Time kToday = absl::FromUnixSeconds(1'767'600'000);  // 2026-01-05.

TEST(WhyParked, SevenDaysAreTheTestingOfAConsentScreen) {  // S-28.
  const AccountId ann("ann@example.org");
  const TokenRefusal refusal{400, "invalid_grant", "Token has been expired or revoked."};
  RefreshTokenGrant grant{
      .client = {"client", Secret(kMarker)}, .refresh_token = Secret(kMarker), .granted_at = kToday - absl::Hours(24 * 7)};
  EXPECT_EQ(WhyParked(ann, grant, refusal, kToday),
            "Google does not accept the grant of ann@example.org (invalid_grant: Token has been expired or revoked.).\n"
            "  Existing busy blocks stay as they are; no new ones will be written.\n"
            "  It was granted 2025-12-29. While the publishing status of an OAuth consent screen is \"Testing\", Google ends "
            "every grant after "
            "7 days: publish the app (\"In production\"), then reconnect.\n"
            "  To reconnect:  calsync login --account ann@example.org");
  grant.granted_at = kToday - absl::Hours(24 * 60);
  EXPECT_THAT(WhyParked(ann, grant, refusal, kToday), Not(HasSubstr("Testing")));
  grant.granted_at.reset();
  EXPECT_THAT(WhyParked(ann, grant, refusal, kToday), Not(HasSubstr("Testing")));
  EXPECT_THAT(WhyParked(ann, grant, {401, "invalid_client", ""}, kToday),
              HasSubstr("The OAuth client client does not exist any more"));
  const ServiceAccountGrant robot{.email = "robot@p", .private_key = Secret(kMarker), .subject = "ann@example.org"};
  const std::string why = WhyParked(ann, robot, {401, "unauthorized_client", ""}, kToday);
  EXPECT_THAT(why, HasSubstr("must let robot@p act for the account (domain-wide delegation)"));
  EXPECT_THAT(why, Not(HasSubstr(kMarker)));
}

// --- Tokens from the fake.

class AccessTokensTest : public testing::Test {
 protected:
  std::string Get(const AccountId& account = kAda) {
    heard_.clear();
    tokens_.Get(account, Hear());
    google_.Until([&] { return !heard_.empty(); });
    return heard_.empty() ? "nothing" : heard_[0];
  }
  AccessTokens::Given Hear() {
    return [this](const AccessTokens::Outcome& outcome) {
      const auto* const none = std::get_if<NoToken>(&outcome);
      heard_.push_back(none == nullptr ? std::get<Secret>(outcome).Reveal()
                                       : absl::StrCat("none: ", none->message.substr(0, none->message.find('\n'))));
    };
  }

  http::Loop loop_;
  FakeGoogle google_{loop_};
  http::Client client_{loop_, {}};
  AccessTokens tokens_{client_, {.endpoint = absl::StrCat(google_.url(), "token"), .clock = [this] { return google_.Now(); }}};
  std::vector<std::string> heard_;
};

TEST_F(AccessTokensTest, ATokenIsKeptUntilShortlyBeforeItsEnd) {  // C-105.
  tokens_.Set(kAda, FakeGoogle::RefreshGrant());
  const std::string first = Get();
  EXPECT_THAT(first, HasSubstr("ya29."));
  EXPECT_EQ(Get(), first);
  google_.Advance(absl::Minutes(57));
  EXPECT_EQ(Get(), first);
  google_.Advance(absl::Minutes(1));
  const std::string second = Get();
  EXPECT_NE(second, first);
  tokens_.Reject(kAda, Secret(first));  // Late news of the old one.
  EXPECT_EQ(Get(), second);
  tokens_.Reject(kAda, Secret(second));
  EXPECT_NE(Get(), second);
  EXPECT_EQ(google_.Asked("POST /token"), 3);
}

TEST_F(AccessTokensTest, OneRequestServesAllThatWait) {
  tokens_.Set(kAda, FakeGoogle::RefreshGrant());
  for (int i = 0; i < 10; ++i) tokens_.Get(kAda, Hear());
  ASSERT_TRUE(google_.Until([&] { return heard_.size() == 10; }));
  EXPECT_EQ(google_.Asked("POST /token"), 1);
}

TEST_F(AccessTokensTest, AGrantThatIsReplacedMeanwhileDecides) {
  tokens_.Set(kAda, FakeGoogle::RefreshGrant("revoked-long-ago"));
  tokens_.Get(kAda, Hear());
  tokens_.Set(kAda, FakeGoogle::RefreshGrant());
  ASSERT_TRUE(google_.Until([&] { return heard_.size() == 1; }));
  EXPECT_THAT(heard_[0], HasSubstr("ya29."));
  google_.Until([&] { return google_.Asked("POST /token") == 2; });
  EXPECT_EQ(tokens_.ParkedBecause(kAda), "");
  tokens_.Reject(kAda, Secret(heard_[0]));
  tokens_.Get(kAda, Hear());
  tokens_.Remove(kAda);
  EXPECT_EQ(heard_[1], "none: there is no grant of ada@example.com here.");
}

TEST_F(AccessTokensTest, ARefusedGrantIsNotAskedForAgain) {  // S-28.
  tokens_.Set(kAda, FakeGoogle::RefreshGrant("revoked-long-ago"));
  EXPECT_EQ(Get(),
            "none: Google does not accept the grant of ada@example.com (invalid_grant: Token has been expired or revoked.).");
  Get();
  EXPECT_EQ(google_.Asked("POST /token"), 1);
  EXPECT_THAT(tokens_.ParkedBecause(kAda), HasSubstr("calsync login --account ada@example.com"));
  tokens_.Set(kAda, FakeGoogle::RefreshGrant());
  EXPECT_EQ(tokens_.ParkedBecause(kAda), "");
  EXPECT_THAT(Get(), HasSubstr("ya29."));
}

TEST_F(AccessTokensTest, ARobotSignsForAPerson) {
  const KeyPair pair;
  google_.Control("service-accounts", {{"email", "robot@example.com"}, {"publicKey", pair.PublicPem()}});
  ServiceAccountGrant grant{.email = "robot@example.com", .private_key = Secret(pair.PrivatePem()), .subject = "ada@example.com"};
  tokens_.Set(kAda, grant);
  EXPECT_THAT(Get(), HasSubstr("ya29."));
  grant.subject = "nobody@example.com";
  const AccountId nobody("nobody@example.com");
  tokens_.Set(nobody, grant);
  EXPECT_THAT(Get(nobody), HasSubstr("unauthorized_client"));
  grant.private_key = Secret(kMarker);
  tokens_.Set(nobody, grant);
  EXPECT_EQ(Get(nobody),
            "none: the key of the service account that acts for nobody@example.com cannot sign: "
            "the private key is no RSA key in PEM, or it has a pass phrase.");
}

TEST_F(AccessTokensTest, ARobotThatAWrongClockParksIsHeardWhenItIsRight) {
  const KeyPair pair;
  google_.Control("service-accounts", {{"email", "robot@example.com"}, {"publicKey", pair.PublicPem()}});
  absl::Duration behind = absl::Hours(2);
  AccessTokens tokens(client_,
                      {.endpoint = absl::StrCat(google_.url(), "token"), .clock = [&] { return google_.Now() - behind; }});
  tokens.Set(kAda, ServiceAccountGrant{
                       .email = "robot@example.com", .private_key = Secret(pair.PrivatePem()), .subject = "ada@example.com"});
  const auto get = [&] {
    heard_.clear();
    tokens.Get(kAda, Hear());
    google_.Until([&] { return !heard_.empty(); });
    return heard_.empty() ? "nothing" : heard_[0];
  };
  EXPECT_THAT(get(), HasSubstr("Token must be a short-lived token"));
  EXPECT_THAT(tokens.ParkedBecause(kAda), HasSubstr("The clock of this machine is wrong: it says "));
  EXPECT_TRUE(tokens.RefusesAtOnce(kAda));
  EXPECT_THAT(get(), HasSubstr("short-lived"));
  EXPECT_EQ(google_.Asked("POST /token"), 1) << "it rests";
  google_.Advance(absl::Minutes(5));
  EXPECT_FALSE(tokens.RefusesAtOnce(kAda));
  EXPECT_NE(tokens.ParkedBecause(kAda), "") << "until Google says otherwise";
  EXPECT_THAT(get(), HasSubstr("short-lived"));
  EXPECT_EQ(google_.Asked("POST /token"), 2);
  behind = absl::Hours(3);  // Set, to another wrong time.
  EXPECT_THAT(get(), HasSubstr("short-lived"));
  EXPECT_EQ(google_.Asked("POST /token"), 3);
  behind = absl::ZeroDuration();
  EXPECT_THAT(get(), HasSubstr("ya29."));
  EXPECT_EQ(tokens.ParkedBecause(kAda), "");
}

TEST_F(AccessTokensTest, AnEndpointInTroubleParksNobody) {
  size_t asked = 0;
  const std::vector<http::Response> answers = {
      {.status = 503, .body = "<html>"}, {.status = 429, .body = R"({"error":"slow_down"})"}, {.ending = http::Ending::kCut}};
  const auto server = http::Server::Listen(loop_, {}, [&](const http::Request&) {
    return answers[std::min(asked++, answers.size() - 1)];  // What is cut on a kept connection is asked for once more.
  });
  AccessTokens tokens(
      client_, {.endpoint = absl::StrCat("http://127.0.0.1:", (*server)->port(), "/token"), .clock = [] { return kToday; }});
  tokens.Set(kAda, FakeGoogle::RefreshGrant());
  for (size_t i = 0; i < answers.size(); ++i) {
    tokens.Get(kAda, Hear());
    ASSERT_TRUE(google_.Until([&] { return heard_.size() == i + 1; }));
  }
  EXPECT_THAT(heard_, ElementsAre("none: no access token for now: HTTP 503, and not by a token endpoint",
                                  "none: no access token for now: slow_down",
                                  HasSubstr("none: no access token for now: the connection was cut")));
  EXPECT_EQ(tokens.ParkedBecause(kAda), "");
}

}  // namespace
}  // namespace calsync::adapter
