#include "adapter/google/grant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace calsync::adapter {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Secret, IsNeverShown) {
  std::ostringstream out;
  out << Secret("marker-7c1f") << Secret();
  EXPECT_EQ(out.str(), "(secret)(none)");
  EXPECT_THAT(testing::PrintToString(Secret("marker-7c1f")), Not(HasSubstr("marker")));
  EXPECT_EQ(Secret("a"), Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
}

TEST(ParseInstalledClient, TheFileOfTheConsole) {
  const auto client = ParseInstalledClient(
      R"({"installed":{"client_id":"1.apps.googleusercontent.com","project_id":"p","client_secret":"GOCSPX-x","redirect_uris":["http://localhost"]}})");
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(client->id, "1.apps.googleusercontent.com");
  EXPECT_EQ(client->secret.Reveal(), "GOCSPX-x");
  EXPECT_THAT(std::string(ParseInstalledClient(R"({"web":{"client_id":"1"}})").status().message()),
              HasSubstr("\"Desktop app\" is needed"));
  for (const char* const json : {"", "{}", R"({"installed":{}})", R"({"installed":7})"}) {
    EXPECT_EQ(ParseInstalledClient(json).status().code(), absl::StatusCode::kInvalidArgument) << json;
  }
}

TEST(ParseServiceAccountKey, TheFileOfTheConsole) {
  const auto grant = ParseServiceAccountKey(
      R"({"type":"service_account","client_email":"robot@p.iam.gserviceaccount.com","private_key_id":"k","private_key":"marker-7c1f"})",
      "ann@example.org");
  ASSERT_TRUE(grant.ok());
  EXPECT_EQ(grant->email, "robot@p.iam.gserviceaccount.com");
  EXPECT_EQ(grant->key_id, "k");
  EXPECT_EQ(grant->subject, "ann@example.org");
  for (const char* const json :
       {"", "{}", R"({"type":"authorized_user","private_key":"marker-7c1f"})",
        R"({"type":"service_account","private_key":"marker-7c1f"})", R"({"type":"service_account","client_email":"r"})"}) {
    const absl::Status wrong = ParseServiceAccountKey(json, "").status();
    EXPECT_EQ(wrong.code(), absl::StatusCode::kInvalidArgument) << json;
    EXPECT_THAT(std::string(wrong.message()), Not(HasSubstr("marker")));
  }
}

}  // namespace
}  // namespace calsync::adapter
