// For tests: the fake on a port of this machine, on the test's own loop, and a clock that stands until it is moved.

#ifndef CALSYNC_ADAPTER_GOOGLE_TESTING_FAKE_GOOGLE_H_
#define CALSYNC_ADAPTER_GOOGLE_TESTING_FAKE_GOOGLE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapter/google/grant.h"
#include "adapter/http/loop.h"
#include "fakegoogle/http/serve.h"
#include "fakegoogle/http/testing/front_desk.h"

namespace calsync::adapter {

inline const AccountId kAda("ada@example.com");
inline const CalendarId kPrimary("ada@example.com");

class FakeGoogle {
 public:
  explicit FakeGoogle(http::Loop& loop, fake::FrontOptions front = {}) : loop_(loop) {
    absl::StatusOr<std::unique_ptr<fake::ServedFake>> served = fake::ServedFake::Start(loop, {.front = std::move(front)});
    EXPECT_TRUE(served.ok()) << served.status();
    served_ = *std::move(served);
  }

  std::string url() { return front().root_url(); }  // Ends with "/".
  fake::Front& front() { return served_->front(); }
  absl::Time Now() { return front().Now(); }
  void Advance(absl::Duration duration) { front().SetClock(Now() + duration); }

  // The control interface, without the wire.
  fake::Json Control(const std::string& what, const fake::Json& body) {
    const http::Response response =
        front().Handle({.method = "POST", .target = absl::StrCat("/_fake/", what), .body = body.dump()});
    EXPECT_EQ(response.status, 200) << what << " " << body << " " << response.body;
    return fake::ParseJson(response.body).value_or(fake::Json());
  }
  // The next call of that method goes wrong.
  void Next(const std::string& method, fake::Json how) {
    how["method"] = method;
    Control("next", how);
  }
  // How often something was asked for, by the words of the journal: "POST /token".
  int Asked(const std::string& what) {
    int count = 0;
    for (const fake::JournalLine& line : front().journal()) count += line.what == what ? 1 : 0;
    return count;
  }

  static Grant RefreshGrant(const std::string& refresh_token = "test-refresh-token") {
    return RefreshTokenGrant{.client = {"test-client", Secret("test-secret")}, .refresh_token = Secret(refresh_token)};
  }

  // Lets things happen until `done`, or too long.
  bool Until(const std::function<bool()>& done) {
    const absl::Time end = absl::Now() + absl::Seconds(10);
    bool result = false;
    std::function<void()> look = [&] {
      result = done();
      if (result || absl::Now() > end) return loop_.Stop();
      loop_.After(absl::Milliseconds(1), look);
    };
    loop_.Post(look);
    loop_.Run();
    return result;
  }

 private:
  http::Loop& loop_;
  std::unique_ptr<fake::ServedFake> served_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_TESTING_FAKE_GOOGLE_H_
