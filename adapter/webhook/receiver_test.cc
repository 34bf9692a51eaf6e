#include "adapter/webhook/receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/http/client.h"
#include "adapter/webhook/notification.h"

namespace calsync::adapter {
namespace {

using ::testing::ElementsAre;

http::Headers GoodHeaders(const std::string& state = "exists") {
  return {{"X-Goog-Channel-ID", "c1"},
          {"X-Goog-Channel-Token", "t1"},
          {"X-Goog-Resource-ID", "r"},
          {"X-Goog-Message-Number", "10"},
          {"X-Goog-Resource-State", state}};
}

TEST(Notification, SaysChannelTokenAndState) {
  const auto read = NotificationOf(GoodHeaders("sync"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->channel, ChannelId("c1"));
  EXPECT_EQ(read->token, "t1");
  EXPECT_EQ(read->state, ResourceState::kSync);
  EXPECT_EQ(NotificationOf(GoodHeaders("not_exists"))->state, ResourceState::kNotExists);
}

TEST(Notification, IsNoneWithoutWhatEveryMessageHas) {
  EXPECT_FALSE(NotificationOf({}).has_value());
  EXPECT_FALSE(NotificationOf(GoodHeaders("deleted")).has_value());
  EXPECT_FALSE(NotificationOf({{"X-Goog-Channel-ID", "c1"}, {"X-Goog-Resource-State", "exists"}}).has_value());
  http::Headers longer = {
      {"X-Goog-Channel-ID", std::string(65, 'c')}, {"X-Goog-Channel-Token", "t"}, {"X-Goog-Resource-State", "exists"}};
  EXPECT_FALSE(NotificationOf(longer).has_value());
}

class ReceiverTest : public ::testing::Test {
 protected:
  ReceiverTest()
      : receiver_(Receiver::Listen(loop_, "127.0.0.1:0", std::nullopt, arrivals_,
                                   [this](absl::string_view path, const Notification& notification) {
                                     heard_.push_back(absl::StrCat(path, " ", notification.channel.text()));
                                   })
                      .value()) {}

  int StatusOf(const std::string& method, const std::string& target, http::Headers headers, const std::string& body = "") {
    int status = 0;
    const http::Address to{.host = "127.0.0.1", .port = receiver_->port(), .target = target};
    client_.Send(to, {method, target, std::move(headers), body}, absl::Seconds(5), [&](const http::Outcome& outcome) {
      if (const auto* response = std::get_if<http::Response>(&outcome)) status = response->status;
      loop_.Stop();
    });
    loop_.Run();
    return status;
  }

  http::Loop loop_;
  Arrivals arrivals_;
  http::Client client_{loop_, {}};
  std::vector<std::string> heard_;
  std::unique_ptr<Receiver> receiver_;
};

TEST_F(ReceiverTest, AMessageIsPassedOnAndAnsweredAtOnce) {
  EXPECT_EQ(StatusOf("POST", "/hooks/00c0ffee", GoodHeaders()), 204);
  EXPECT_THAT(heard_, ElementsAre("00c0ffee c1"));
  EXPECT_EQ(arrivals_.malformed, 0);
}

TEST_F(ReceiverTest, WhatGoogleDoesNotSendIsCountedAndInert) {
  EXPECT_EQ(StatusOf("GET", "/hooks/00c0ffee", GoodHeaders()), 405);
  EXPECT_EQ(StatusOf("POST", "/hooks/00c0ffee", {}), 204);  // Nobody learns what is wrong with it.
  EXPECT_EQ(StatusOf("POST", "/", GoodHeaders()), 204);
  EXPECT_EQ(StatusOf("POST", "/hooks/00c0ffee", GoodHeaders(), std::string(5000, 'x')), 413);
  EXPECT_THAT(heard_, ElementsAre());
  EXPECT_EQ(arrivals_.malformed, 3);
}

TEST(Receiver, ThatCannotListenSaysWhy) {
  http::Loop loop;
  Arrivals arrivals;
  EXPECT_EQ(Receiver::Listen(loop, "nowhere", std::nullopt, arrivals, nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace calsync::adapter
