#include "adapter/trace/webhook_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

TEST(WebhookLog, ReadsWhatAScriptWroteAndWhatCaddyWrites) {
  const auto log = ReadWebhookLog(
      R"({"at":"2026-11-29T08:00:02Z","headers":{"x-goog-channel-id":"c1","X-Goog-Resource-ID":"r1","X-Goog-Resource-State":"exists","X-Goog-Message-Number":"7"},"status":503})"
      "\n\n"
      R"({"ts":1795939200.5,"request":{"headers":{"X-Goog-Channel-Id":["c1"],"X-Goog-Resource-Id":["r1"],"X-Goog-Resource-State":["sync"],"X-Goog-Message-Number":["1"]}},"status":204})"
      "\n"
      R"({"at":"2026-11-29T08:00:03Z","headers":{"User-Agent":"curl"}})"
      "\n",
      "a.log");
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_EQ(log->messages.size(), 2u);
  EXPECT_EQ(log->others, 1u);
  EXPECT_EQ(log->messages[0].state, "sync");  // In the order of their arrival.
  EXPECT_TRUE(log->messages[0].taken);
  EXPECT_EQ(log->messages[0].at, absl::FromUnixMillis(1795939200500));
  EXPECT_EQ(log->messages[1].channel, "c1");
  EXPECT_EQ(log->messages[1].number, 7u);
  EXPECT_FALSE(log->messages[1].taken);
}

std::string Complaint(absl::string_view text) { return std::string(ReadWebhookLog(text, "a.log").status().message()); }

TEST(WebhookLog, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(Complaint("\nhello\n"), HasSubstr("a.log:2: it is no JSON object"));
  EXPECT_THAT(Complaint(R"({"headers":{"X-Goog-Channel-ID":"c1"}})"), HasSubstr("a.log:1: it does not say when"));
  EXPECT_THAT(Complaint(R"({"at":"yesterday","headers":{"X-Goog-Channel-ID":"c1"}})"), HasSubstr("no time of RFC 3339"));
  EXPECT_THAT(Complaint(R"({"at":"2026-11-29T08:00:02Z","headers":{"X-Goog-Channel-ID":"c1"}})"),
              HasSubstr("X-Goog-Message-Number"));
  EXPECT_THAT(Complaint(""), HasSubstr("no line has the headers of a notification"));
  EXPECT_THAT(Complaint(R"({"at":"2026-11-29T08:00:02Z","headers":{}})"), HasSubstr("no line has the headers"));
}

}  // namespace
}  // namespace calsync::adapter
