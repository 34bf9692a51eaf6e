#include "adapter/google/oauth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

constexpr char kSecretMarker[] = "marker-7c1f";

http::Parameters Sent() {
  http::Parameters sent;
  sent.Add("grant_type", "refresh_token");
  sent.Add("refresh_token", kSecretMarker);
  return sent;
}

// "token a", "refused invalid_grant: …", "silence: …".
std::string Words(const TokenAnswer& answer) {
  if (const auto* const tokens = std::get_if<Tokens>(&answer)) {
    return absl::StrCat("token ", tokens->access_token.Reveal(), " for ", absl::FormatDuration(tokens->expires_in));
  }
  if (const auto* const refusal = std::get_if<TokenRefusal>(&answer)) {
    return absl::StrCat("refused ", refusal->error, ": ", refusal->description, IsFinal(*refusal) ? "" : ", for now");
  }
  return absl::StrCat("silence: ", std::get<TokenSilence>(answer).why);
}

TEST(ReadTokenAnswer, WhatAnEndpointMaySay) {
  const struct {
    int status;
    std::string body;
    std::string want;
  } kRows[] = {
      {200, R"({"access_token":"a","expires_in":3599,"token_type":"Bearer"})", "token a for 59m59s"},
      {200, R"({"access_token":"a"})", "token a for 10m"},
      {200, R"({"token_type":"Bearer"})", "silence: HTTP 200, but no access_token"},
      {200, "<html>Welcome to the airport</html>", "silence: HTTP 200, and not by a token endpoint"},
      {400, R"({"error":"invalid_grant","error_description":"Token has been expired or revoked."})",
       "refused invalid_grant: Token has been expired or revoked."},
      {401, R"({"error":"unauthorized_client"})", "refused unauthorized_client: "},
      {403, R"({"error":"admin_policy_enforced"})", "refused admin_policy_enforced: "},
      {429, R"({"error":"rate_limit_exceeded"})", "refused rate_limit_exceeded: , for now"},
      {503, R"({"error":"temporarily_unavailable"})", "refused temporarily_unavailable: , for now"},
      {500, R"({"error":"internal_failure"})", "refused internal_failure: , for now"},
      {404, "", "silence: HTTP 404, and not by a token endpoint"},
      {407, R"({"message":"who are you?"})", "silence: HTTP 407, without an error that says why"},
      {400, absl::StrCat(R"({"error":"invalid_request","error_description":"bad: )", kSecretMarker, R"("})"),
       "refused invalid_request: bad: (secret)"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Words(ReadTokenAnswer(http::Response{.status = row.status, .body = row.body}, Sent())), row.want);
  }
  EXPECT_EQ(Words(ReadTokenAnswer(http::NoAnswer{http::NoAnswer::Kind::kTimeout, "slow"}, Sent())),
            "silence: no answer in time: slow");
}

}  // namespace
}  // namespace calsync::adapter
