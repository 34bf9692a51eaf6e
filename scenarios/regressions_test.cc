// Every trace under scenarios/regressions is a run that broke a law once, or that shows a bug of scenarios/plants: whatever the
// engine does in it today, the laws hold. The corpus repeats within two seconds; calsync replay --laws repeats it by hand.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "scenarios/recorded_run.h"

namespace calsync::sim {
namespace {

std::vector<std::string> Traces() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios/regressions")) {
    if (entry.path().extension() == ".trace") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(Regressions, WhatOnceBrokeALawHoldsIt) {
  const std::vector<std::string> paths = Traces();
  EXPECT_GE(paths.size(), 40u);
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const absl::StatusOr<adapter::Trace> trace = adapter::ReadTrace(std::string(std::istreambuf_iterator<char>(file), {}), path);
    ASSERT_TRUE(trace.ok()) << trace.status();
    EXPECT_TRUE(trace->lines.empty()) << path << " is to be bare: what comes of it is not for keeping";
    const absl::StatusOr<SimulateOptions> options = OptionsOf(trace->header);
    ASSERT_TRUE(options.ok()) << path << ": " << options.status();
    const absl::StatusOr<std::vector<Choice>> choices = ChoicesOf(*trace);
    ASSERT_TRUE(choices.ok()) << path << ": " << choices.status();
    const RecordedRun run = Record(*options, Choices::FromRecording(*choices));
    EXPECT_EQ(VerdictOf(run.result), "all laws hold") << path << "\ncalsync replay " << path << " --trace tells it";
  }
}

}  // namespace
}  // namespace calsync::sim
