#include "adapter/google/answer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace calsync::adapter {
namespace {

TEST(ReadError, TheBackendsEnvelope) {  // C-100.
  const auto error = ReadError(
      409, R"({"error":{"errors":[{"domain":"global","reason":"duplicate","message":"The requested identifier already exists."}],
      "code":409,"message":"The requested identifier already exists."}})");
  ASSERT_TRUE(error.ok());
  EXPECT_EQ(error->transport, Transport::kAnswered);
  EXPECT_EQ(error->code, 409);
  EXPECT_EQ(error->domain, "global");
  EXPECT_EQ(error->reason, "duplicate");
  EXPECT_EQ(error->message, "The requested identifier already exists.");
}

TEST(ReadError, TheFrontEndsEnvelope) {  // C-100.
  constexpr char kDetails[] =
      R"("status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":
      "ACCESS_TOKEN_SCOPE_INSUFFICIENT","domain":"googleapis.com"}])";
  const auto both = ReadError(
      403, absl::StrCat(R"({"error":{"code":403,"message":"Insufficient.","errors":[{"reason":"insufficientPermissions"}],)",
                        kDetails, "}}"));
  EXPECT_EQ(both->reason, "insufficientPermissions");
  const auto details = ReadError(403, absl::StrCat(R"({"error":{"code":403,"message":"Insufficient.",)", kDetails, "}}"));
  EXPECT_EQ(details->reason, "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
  EXPECT_EQ(details->domain, "googleapis.com");
}

TEST(ReadError, TheStatusCountsAndTextsAreBounded) {
  const auto error = ReadError(404, absl::StrCat(R"({"error":{"code":200,"message":")", std::string(5000, 'x'), R"("}})"));
  EXPECT_EQ(error->code, 404);
  EXPECT_EQ(error->reason, "");
  EXPECT_EQ(error->message.size(), 1000U);
}

TEST(ReadError, WhatIsNoEnvelopeIsSomebodyElses) {
  for (const char* const body : {"", "<html>", "{}", R"({"error":"invalid_grant"})", R"({"error":null})", "[]"}) {
    EXPECT_EQ(ReadError(404, body).status().code(), absl::StatusCode::kDataLoss) << body;
  }
  for (const char* const body : {R"({"error":{}})", R"({"error":{"errors":7}})", R"({"error":{"errors":[]}})",
                                 R"({"error":{"errors":[7],"details":[null]}})"}) {
    EXPECT_EQ(ReadError(404, body)->reason, "") << body;
  }
}

TEST(ReadChannel, AnExpirationIsATextOrANumber) {  // C-80.
  for (const char* const body : {R"({"id":"c","resourceId":"r","expiration":"1791500000000"})",
                                 R"({"id":"c","resourceId":"r","expiration":1791500000000})"}) {
    const auto channel = ReadChannel(body);
    ASSERT_TRUE(channel.ok());
    EXPECT_EQ(channel->resource, ResourceId("r"));
    EXPECT_EQ(channel->expiration, absl::FromUnixMillis(1791500000000));
  }
  for (const char* const body :
       {"", "{}", R"({"id":"c","resourceId":"r"})", R"({"id":"c","expiration":"1"})", R"({"resourceId":"r","expiration":"1"})"}) {
    EXPECT_EQ(ReadChannel(body).status().code(), absl::StatusCode::kDataLoss) << body;
  }
}

TEST(ReadEntry, APersonsOwnNameForACalendarCounts) {
  const auto entry = ReadEntry(
      R"({"id":"a@b","summary":"Work","summaryOverride":"Office","timeZone":"UTC","accessRole":"writer","primary":true})");
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->summary, "Office");
  EXPECT_EQ(entry->access_role, AccessRole::kWriter);
  EXPECT_TRUE(entry->primary);
  EXPECT_EQ(ReadEntry(R"({"summary":"Work"})").status().code(), absl::StatusCode::kDataLoss);
}

TEST(WriteWatch, AsTheContractSays) {
  const WatchEvents watch{CalendarId("a@b"), ChannelId("c"), "https://host/hook", "token", absl::Hours(1)};
  EXPECT_EQ(WriteWatch(watch),
            R"({"id":"c","type":"web_hook","address":"https://host/hook","token":"token","params":{"ttl":"3600"}})");
  EXPECT_EQ(WriteStop({ChannelId("c"), ResourceId("r")}), R"({"id":"c","resourceId":"r"})");
}

}  // namespace
}  // namespace calsync::adapter
