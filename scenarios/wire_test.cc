// Texts carry all that an engine needs to know: nothing that happens depends on whether calls go through them.

#include "scenarios/wire.h"

#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/campaign.h"
#include "scenarios/laws/l11_determinism.h"

namespace calsync::sim {
namespace {

void ExpectTheSame(SimulateOptions options, uint64_t from, uint64_t seeds) {
  for (uint64_t seed = from; seed < from + seeds; ++seed) {
    options.wire = false;
    const RunResult typed = RunSeed(options, seed);
    options.wire = true;
    const RunResult through_text = RunSeed(options, seed);
    EXPECT_EQ(CheckSameRun(typed, through_text), "") << "seed " << seed;
    EXPECT_FALSE(through_text.violation.has_value()) << "seed " << seed << ": " << through_text.violation->message;
  }
}

TEST(Wire, ASeedIsTheSameThroughItsTexts) { ExpectTheSame({}, 1, 25); }

TEST(Wire, SoItIsWithTheSystemBeforeThisOne) {  // Marks in titles and descriptions decide.
  SimulateOptions options;
  options.shape.legacy = true;
  ExpectTheSame(options, 1, 10);
}

TEST(Wire, WhatIsNoAnswerHasNoText) {
  const absl::Time now = UsualStart();
  const GetEvent get{CalendarId("work@example.org"), EventId("e1")};
  const Reply lost = RefuseThroughText(get, {.transport = Transport::kTimeout, .message = "no answer"}, now);
  ASSERT_TRUE(std::holds_alternative<ApiError>(lost));
  EXPECT_EQ(std::get<ApiError>(lost).transport, Transport::kTimeout);
  const ApiError limit{.code = 403,
                       .domain = "usageLimits",
                       .reason = "rateLimitExceeded",
                       .message = "Rate Limit Exceeded",
                       .retry_after = absl::Seconds(7)};
  const Reply refused = RefuseThroughText(get, limit, now);
  ASSERT_TRUE(std::holds_alternative<ApiError>(refused));
  EXPECT_EQ(std::get<ApiError>(refused).reason, limit.reason);
  EXPECT_EQ(std::get<ApiError>(refused).retry_after, limit.retry_after);
}

TEST(Wire, WhoMayNotAskIsToldTheSame) {
  fake::Server server;
  const GetEvent get{CalendarId("nowhere@example.org"), EventId("e1")};
  const Reply typed = server.Handle({}, get, UsualStart());
  const Reply through_text = AskThroughText(server, {}, get, UsualStart(), {});
  ASSERT_TRUE(std::holds_alternative<ApiError>(typed) && std::holds_alternative<ApiError>(through_text));
  EXPECT_EQ(std::get<ApiError>(through_text).code, std::get<ApiError>(typed).code);
  EXPECT_EQ(std::get<ApiError>(through_text).reason, std::get<ApiError>(typed).reason);
}

}  // namespace
}  // namespace calsync::sim
