#include "scenarios/recorded_run.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/laws/l11_determinism.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;

RecordedRun ARun(uint64_t seed = 5) {
  return Record({.shape = {.calendars = 3, .days = 7, .actions = 8}, .start = UsualStart(), .trace = true},
                Choices::FromSeed(seed));
}

// A trace as it comes back from a file.
adapter::Trace Reread(const adapter::Trace& trace) {
  const absl::StatusOr<adapter::Trace> back = adapter::ReadTrace(adapter::WriteTrace(trace), "a.trace");
  EXPECT_TRUE(back.ok()) << back.status();
  return *back;
}

RecordedRun Again(const adapter::Trace& trace) {
  absl::StatusOr<SimulateOptions> options = OptionsOf(trace.header);
  const absl::StatusOr<std::vector<Choice>> choices = ChoicesOf(trace);
  EXPECT_TRUE(options.ok() && choices.ok());
  options->trace = true;
  return Record(*options, Choices::FromRecording(*choices));
}

TEST(RecordedRun, ItsTraceRepeatsItToTheLastEffect) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const RecordedRun run = ARun(seed);
    const adapter::Trace trace = Reread(TraceOf(run, "a seed", TraceSize::kWhole));
    const RecordedRun again = Again(trace);
    EXPECT_EQ(CheckSameRun(run.result, again.result), "") << seed;
    EXPECT_FALSE(FirstDifference(trace, TraceOf(again, "a seed", TraceSize::kWhole)).has_value()) << seed;
  }
}

TEST(RecordedRun, TheSettingIsPartOfTheTrace) {
  SimulateOptions options{.shape = {.calendars = 2, .days = 1, .actions = 3, .series = false},
                          .start = UsualStart() + absl::Hours(24)};
  options.breaker = false;
  options.store = StoreKind::kSqlite;
  const RecordedRun run = Record(options, Choices());
  const absl::StatusOr<SimulateOptions> back = OptionsOf(TraceOf(run, "", TraceSize::kBare).header);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->shape.calendars, 2);
  EXPECT_EQ(back->shape.days, 1);
  EXPECT_EQ(back->shape.actions, 3);
  EXPECT_FALSE(back->shape.series);
  EXPECT_FALSE(back->breaker);
  EXPECT_EQ(back->store, StoreKind::kSqlite);
  EXPECT_EQ(back->start, options.start);
}

TEST(RecordedRun, TheFirstDifferenceIsShownFromBothSides) {
  const adapter::Trace trace = TraceOf(ARun(), "", TraceSize::kWhole);
  adapter::Trace other = trace;
  size_t at = trace.lines.size() / 2;
  while (trace.lines[at].effects.empty()) ++at;
  other.lines[at].effects.back() = "insert something else";
  const std::optional<Difference> difference = FirstDifference(trace, other);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->line, at);
  EXPECT_THAT(difference->recorded, HasSubstr(trace.lines[at].effects.back()));
  EXPECT_THAT(difference->repeated, HasSubstr("insert something else"));
}

TEST(RecordedRun, WhatWordsDoNotShowDiffersToo) {
  const adapter::Trace trace = TraceOf(ARun(), "", TraceSize::kWhole);
  adapter::Trace other = trace;
  ++other.lines.back().hash;
  ASSERT_TRUE(FirstDifference(trace, other).has_value());
  EXPECT_THAT(FirstDifference(trace, other)->recorded, HasSubstr("what happened between two lines differs"));
}

TEST(RecordedRun, ATraceThatEndsEarlyDiffersThere) {
  const adapter::Trace trace = TraceOf(ARun(), "", TraceSize::kWhole);
  adapter::Trace other = trace;
  other.lines.resize(3);
  ASSERT_TRUE(FirstDifference(trace, other).has_value());
  EXPECT_EQ(FirstDifference(trace, other)->line, 3u);
}

TEST(RecordedRun, ABareTraceHasNothingToDifferFrom) {
  const RecordedRun run = ARun();
  const adapter::Trace bare = TraceOf(run, "", TraceSize::kBare);
  EXPECT_FALSE(FirstDifference(bare, TraceOf(run, "", TraceSize::kWhole)).has_value());
  EXPECT_EQ(CheckSameRun(run.result, Again(bare).result), "");
}

// Old traces live on.
TEST(RecordedRun, ChoicesThatNobodyAsksForArePassedOver) {
  const RecordedRun run = ARun();
  adapter::Trace trace = TraceOf(run, "", TraceSize::kBare);
  trace.choices.push_back({.stream = "people", .label = "of another time", .nth = 4, .bound = 9, .value = 8});
  trace.choices.push_back({.stream = "weather", .label = "rain", .nth = 1, .bound = 2, .value = 1});
  EXPECT_EQ(CheckSameRun(run.result, Again(trace).result), "");
}

TEST(RecordedRun, WhatNobodyCanHaveMeantIsRefused) {
  adapter::Trace trace = TraceOf(ARun(), "", TraceSize::kBare);
  trace.choices.push_back({.stream = "people", .label = "x", .nth = ~uint64_t{0}, .bound = 9, .value = 8});
  EXPECT_FALSE(ChoicesOf(trace).ok());
  trace.header.setting = {{"calendars", "0"}};
  EXPECT_FALSE(OptionsOf(trace.header).ok());
  trace.header.setting = {{"start", "soon"}};
  EXPECT_FALSE(OptionsOf(trace.header).ok());
}

}  // namespace
}  // namespace calsync::sim
