#include "adapter/webhook/receiver_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/http/client.h"

namespace calsync::adapter {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReceiverThreadTest : public ::testing::Test {
 protected:
  ReceiverThreadTest()
      : receiver_(*ReceiverThread::Listen(loop_, "127.0.0.1:0", std::nullopt, arrivals_,
                                          [this](absl::string_view path, const Notification& notification) {
                                            heard_.push_back(absl::StrCat(path, " ", notification.channel.text()));
                                          })) {}

  // Posts so many messages from somewhere else, while the receiver's loop stands still.
  void Post(int messages = 1) {
    http::Loop elsewhere;
    http::Client client(elsewhere, {});
    int left = messages;
    std::function<void()> post = [&] {
      const http::Address to{.host = "127.0.0.1", .port = port_, .target = "/notify/ada"};
      const http::Headers headers = {
          {"X-Goog-Channel-ID", "c1"}, {"X-Goog-Channel-Token", "t1"}, {"X-Goog-Resource-State", "exists"}};
      client.Send(to, {"POST", to.target, headers, ""}, absl::Seconds(10), [&](const http::Outcome& outcome) {
        const auto* const response = std::get_if<http::Response>(&outcome);
        statuses_.push_back(response == nullptr ? 0 : response->status);
        if (--left > 0) return post();
        elsewhere.Stop();
      });
    };
    post();
    elsewhere.Run();
  }
  // Lets the loop take what is there.
  void Take() {
    loop_.Post([this] { loop_.Stop(); });
    loop_.Run();
  }

  http::Loop loop_;
  Arrivals arrivals_;
  std::vector<std::string> heard_;
  std::vector<int> statuses_;
  std::unique_ptr<ReceiverThread> receiver_;
  uint16_t port_ = receiver_->port();
};

TEST_F(ReceiverThreadTest, AnswersWhileTheLoopIsBusy) {
  Post();
  EXPECT_THAT(statuses_, ElementsAre(204));
  EXPECT_THAT(heard_, IsEmpty());
  Take();
  EXPECT_THAT(heard_, ElementsAre("ada c1"));
}

TEST_F(ReceiverThreadTest, WhatTheLoopDoesNotTakeIsBounded) {
  Post(ReceiverThread::kWaitingMax + 10);
  EXPECT_THAT(statuses_, Each(204));
  Take();
  EXPECT_EQ(heard_.size(), static_cast<size_t>(ReceiverThread::kWaitingMax));
  EXPECT_EQ(arrivals_.dropped, 10);
  Post();  // There is room again.
  Take();
  EXPECT_EQ(heard_.size(), static_cast<size_t>(ReceiverThread::kWaitingMax) + 1);
}

TEST_F(ReceiverThreadTest, NothingIsHeardOnceItIsGone) {
  Post();
  receiver_.reset();
  Take();
  EXPECT_THAT(heard_, IsEmpty());
  Post();
  EXPECT_THAT(statuses_, ElementsAre(204, 0));
}

TEST_F(ReceiverThreadTest, TakesNobodyNewOnceItIsStopped) {
  receiver_->Stop(absl::Seconds(1));
  for (int i = 0; i < 100 && (statuses_.empty() || statuses_.back() != 0); ++i) Post();
  EXPECT_EQ(statuses_.back(), 0);
}

TEST(ReceiverThread, EndsAlsoBeforeItHasBegun) {
  http::Loop loop;
  Arrivals arrivals;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(ReceiverThread::Listen(loop, "127.0.0.1:0", std::nullopt, arrivals, nullptr).ok());
  }
}

TEST(ReceiverThread, ThatCannotListenSaysWhy) {
  http::Loop loop;
  Arrivals arrivals;
  EXPECT_EQ(ReceiverThread::Listen(loop, "nowhere", std::nullopt, arrivals, nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace calsync::adapter
