#include "adapter/http/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"

namespace calsync::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kSoon = absl::Milliseconds(5);
constexpr absl::Duration kLater = absl::Milliseconds(40);
constexpr absl::Duration kNever = absl::Hours(1);

class AlarmTest : public testing::Test {
 protected:
  void Set(absl::Duration delay, const std::string& name) {
    alarm_.Set(delay, [this, name] { heard_.push_back(name); });
  }
  // How long it takes until nothing is left to wait for.
  absl::Duration Run() {
    const absl::Time before = absl::Now();
    loop_.Run();
    return absl::Now() - before;
  }

  Loop loop_;
  Loop::Alarm alarm_{loop_};
  std::vector<std::string> heard_;
};

TEST_F(AlarmTest, IsHeardOnce) {
  Set(kSoon, "one");
  EXPECT_GE(Run(), kSoon);
  EXPECT_THAT(heard_, ElementsAre("one"));
}

TEST_F(AlarmTest, OnlyTheLastOfThoseThatWereSetIsHeard) {
  Set(kNever, "first");
  Set(kSoon, "second");
  Set(kLater, "third");
  EXPECT_GE(Run(), kLater);  // Not when the second was due.
  EXPECT_THAT(heard_, ElementsAre("third"));
}

TEST_F(AlarmTest, ALaterOneIsReplacedByAnEarlierOne) {
  Set(kNever, "first");
  Set(kSoon, "second");
  EXPECT_LT(Run(), kNever);
  EXPECT_THAT(heard_, ElementsAre("second"));
}

TEST_F(AlarmTest, AtOnceIsNotFromWithinSet) {
  Set(kNever, "first");
  Set(absl::ZeroDuration(), "second");
  EXPECT_THAT(heard_, IsEmpty());
  EXPECT_LT(Run(), kNever);  // The loop does not wait for what was replaced.
  EXPECT_THAT(heard_, ElementsAre("second"));
}

TEST_F(AlarmTest, AtOnceIsReplacedToo) {
  Set(absl::ZeroDuration(), "first");
  Set(kSoon, "second");
  Run();
  EXPECT_THAT(heard_, ElementsAre("second"));
}

TEST_F(AlarmTest, ACancelledOneIsNotHeardAndNotWaitedFor) {
  Set(kNever, "one");
  alarm_.Cancel();
  Set(absl::ZeroDuration(), "two");
  alarm_.Cancel();
  EXPECT_LT(Run(), kNever);
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(AlarmTest, MayBeSetAgainByWhatItCalls) {
  alarm_.Set(kSoon, [this] {
    heard_.push_back("one");
    Set(kSoon, "two");
  });
  Set(kNever, "never");
  alarm_.Set(absl::ZeroDuration(), [this] {
    heard_.push_back("one");
    Set(kSoon, "two");
  });
  EXPECT_LT(Run(), kNever);
  EXPECT_THAT(heard_, ElementsAre("one", "two"));
}

TEST_F(AlarmTest, MayEndInWhatItCalls) {
  auto alarm = std::make_unique<Loop::Alarm>(loop_);
  alarm->Set(kNever, [] {});
  alarm->Set(absl::ZeroDuration(), [&] {
    alarm.reset();
    heard_.push_back("one");
  });
  EXPECT_LT(Run(), kNever);
  EXPECT_THAT(heard_, ElementsAre("one"));
}

}  // namespace
}  // namespace calsync::http
