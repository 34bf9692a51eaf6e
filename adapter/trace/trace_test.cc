#include "adapter/trace/trace.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;

constexpr char kHeader[] = R"({"calsync_trace":1,"made_by":"a test","from":"","setting":{"days":"7"},"places":["work"]})";

Trace ASmallTrace() {
  const absl::Time at = absl::UnixEpoch() + absl::Nanoseconds(1500000001);
  return {.header = {.made_by = "a test", .from = "seed 17", .setting = {{"days", "7"}, {"a", "b"}}, .places = {"work", "home"}},
          .choices = {{.stream = "people", .label = "when", .nth = 3, .bound = ~uint64_t{0}, .value = uint64_t{1} << 60}},
          .lines = {{.kind = "step",
                     .step = 4,
                     .at = at,
                     .place = "engine",
                     .input = "timer",
                     .effects = {"list work", "list \"home\""},
                     .digest = 0xfedcba9876543210,
                     .hash = 1},
                    {.kind = "people", .step = 5, .at = at, .place = "work", .what = "a person added e1", .hash = 2}},
          .end = TraceEnd{.law = "L3", .message = "missing", .steps = 9, .at = at, .hash = "00ff"}};
}

TEST(Trace, ComesBackAsItWasWritten) {
  const Trace trace = ASmallTrace();
  const absl::StatusOr<Trace> back = ReadTrace(WriteTrace(trace), "a.trace");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->header, trace.header);
  EXPECT_EQ(back->choices, trace.choices);
  EXPECT_EQ(back->lines, trace.lines);
  EXPECT_EQ(back->end, trace.end);
  EXPECT_EQ(WriteTrace(*back), WriteTrace(trace));
}

TEST(Trace, AHeaderAndChoicesAreATrace) {
  const absl::StatusOr<Trace> bare = ReadTrace(absl::StrCat(kHeader, "\n"), "a.trace");
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_TRUE(bare->lines.empty());
  EXPECT_FALSE(bare->end.has_value());
}

TEST(Trace, WhatAnotherVersionAddsIsPassedOver) {
  const std::string text = absl::StrCat(kHeader, "\n", R"({"weather":"fair"})", "\n",
                                        R"({"choice":"when","stream":"people","nth":1,"of":9,"is":3,"because":"x"})", "\n");
  const absl::StatusOr<Trace> trace = ReadTrace(text, "a.trace");
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->choices.size(), 1u);
}

TEST(Trace, WhatIsWrongIsToldWithItsLine) {
  const std::string header = absl::StrCat(kHeader, "\n");
  const struct {
    std::string text;
    const char* want;
  } kRows[] = {
      {"", "a.trace:1: this is no trace"},
      {"BEGIN:VCALENDAR\n", "a.trace:1: this is no trace"},
      {"{\"days\":7}\n", "the first line has no \"calsync_trace\""},
      {"{\"calsync_trace\":3}\n", "a newer calsync wrote this trace: its format is 3"},
      {"{\"calsync_trace\":1}\n", "a.trace:1: \"made_by\" is to be a text"},
      {header + "{\"choice\":\"when\",\"stream\":\"people\",\"nth\":1,\"of\":9,\"is\":-3}\n",
       "a.trace:2: \"is\" is to be a whole number"},
      {header + "{\"choice\":\"wh", "a.trace:2: this is no line of JSON"},
      {header + "[1]\n", "a.trace:2: this is no line of JSON"},
      {header + "{\"line\":\"step\",\"step\":1,\"at\":\"soon\",\"place\":\"engine\",\"hash\":\"0\"}\n", "\"at\" is to be a time"},
  };
  for (const auto& row : kRows) {
    const absl::StatusOr<Trace> trace = ReadTrace(row.text, "a.trace");
    ASSERT_FALSE(trace.ok()) << row.want;
    EXPECT_THAT(std::string(trace.status().message()), HasSubstr(row.want));
  }
}

}  // namespace
}  // namespace calsync::adapter
