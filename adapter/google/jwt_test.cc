#include "adapter/google/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "adapter/google/testing/key_pair.h"

namespace calsync::adapter {
namespace {

std::string Decode(const std::string& part) {
  std::string text;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(part, &text));
  return text;
}

TEST(SignAssertion, SaysWhoForWhomAndForHowLong) {  // C-105; the fake checks the signature in google_client_test.
  const KeyPair pair;
  const ServiceAccountGrant grant{
      .email = "robot@p", .private_key = Secret(pair.PrivatePem()), .key_id = "k", .subject = "ann@example.org"};
  const absl::StatusOr<Secret> assertion =
      SignAssertion(grant, "https://oauth2.googleapis.com/token", absl::FromUnixSeconds(1'767'600'000));
  ASSERT_TRUE(assertion.ok()) << assertion.status();
  const std::vector<std::string> parts = absl::StrSplit(assertion->Reveal(), '.');
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(Decode(parts[0]), R"({"alg":"RS256","typ":"JWT","kid":"k"})");
  EXPECT_EQ(
      Decode(parts[1]),
      R"({"iss":"robot@p","scope":"https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly",)"
      R"("aud":"https://oauth2.googleapis.com/token","iat":1767600000,"exp":1767603600,"sub":"ann@example.org"})");
  EXPECT_EQ(Decode(parts[2]).size(), 256U);
}

TEST(SignAssertion, AKeyThatIsNoneIsSaidToBeNone) {
  for (const char* const key : {"", "marker-7c1f", "-----BEGIN PRIVATE KEY-----\nmarker-7c1f\n-----END PRIVATE KEY-----\n"}) {
    const absl::Status wrong = SignAssertion({.email = "robot@p", .private_key = Secret(key)}, "x", absl::UnixEpoch()).status();
    EXPECT_EQ(wrong.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(wrong.message()), testing::Not(testing::HasSubstr("marker")));
  }
}

TEST(Sha256, OfRfc7636) {  // Its appendix B: a verifier and its challenge.
  EXPECT_EQ(WebSafe(Sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(RandomText, IsLongEnoughAndNeverTheSame) {
  EXPECT_EQ(RandomText(32).size(), 43U);
  EXPECT_NE(RandomText(32), RandomText(32));
}

}  // namespace
}  // namespace calsync::adapter
