// Algorithms that are known to fail do fail: each trace of this directory is a small run in which one of them breaks one law, and
// in which our engine, under the same policy and with all that was decided the same, keeps all of them. What happens in each is
// told in README.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "scenarios/baselines/baseline.h"
#include "scenarios/recorded_run.h"

namespace calsync::sim {
namespace {

constexpr char kRoom[] = "scenarios/baselines";

std::string TraceText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kRoom)) {
    if (entry.path().extension() == ".trace") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// "first-design-L5-a-deleted-event-keeps-its-blocks": whose failure it is, and of which law.
struct Failing {
  EngineKind engine = EngineKind::kCalsync;
  std::string law;
};
Failing FailingOf(absl::string_view name) {
  for (const EngineKind kind : {EngineKind::kFirstDesign, EngineKind::kTextMarks}) {
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, absl::StrCat(Name(kind), "-"))) return {kind, std::string(rest.substr(0, rest.find('-')))};
  }
  return {};
}

TEST(Baselines, EachBreaksTheLawThatItsTraceNamesAndOursKeepsAll) {
  const std::string readme = TraceText(absl::StrCat(kRoom, "/README.md"));
  std::set<std::string> laws;
  std::set<EngineKind> engines;
  for (const std::string& name : Names()) {
    const std::string path = absl::StrCat(kRoom, "/", name, ".trace");
    const Failing failing = FailingOf(name);
    ASSERT_NE(failing.engine, EngineKind::kCalsync) << path << " does not say whose failure it is";
    const absl::StatusOr<adapter::Trace> trace = adapter::ReadTrace(TraceText(path), path);
    ASSERT_TRUE(trace.ok()) << trace.status();
    absl::StatusOr<SimulateOptions> options = OptionsOf(trace->header);
    ASSERT_TRUE(options.ok()) << path << ": " << options.status();
    EXPECT_EQ(options->engine, failing.engine) << path;
    const absl::StatusOr<std::vector<Choice>> choices = ChoicesOf(*trace);
    ASSERT_TRUE(choices.ok()) << path << ": " << choices.status();
    const RunResult broken = Record(*options, Choices::FromRecording(*choices)).result;
    ASSERT_TRUE(broken.violation.has_value()) << path << " breaks no law any more";
    EXPECT_EQ(ShortName(broken.violation->law), failing.law) << path << ": " << broken.violation->message;
    options->engine = EngineKind::kCalsync;
    options->first_policy = true;
    EXPECT_EQ(VerdictOf(Record(*options, Choices::FromRecording(*choices)).result), "all laws hold") << path;
    EXPECT_TRUE(absl::StrContains(readme, name)) << "README.md does not tell of " << name;
    laws.insert(failing.law);
    engines.insert(failing.engine);
  }
  EXPECT_EQ(engines.size(), 2u);
  EXPECT_THAT(laws, ::testing::IsSupersetOf({"L1", "L2", "L3", "L5"}));
}

TEST(Baselines, AreFoundByTheirNames) {
  for (int i = 0; i < kEngineKinds; ++i) {
    EngineKind found = EngineKind::kCalsync;
    EXPECT_TRUE(FindEngineKind(Name(static_cast<EngineKind>(i)), found));
    EXPECT_EQ(found, static_cast<EngineKind>(i));
  }
  EngineKind untouched = EngineKind::kTextMarks;
  EXPECT_FALSE(FindEngineKind("second-design", untouched));
  EXPECT_EQ(untouched, EngineKind::kTextMarks);
}

// Worlds are values, with whatever engine lives in them.
TEST(Baselines, ACopyGoesOnIndependently) {
  SimulateOptions options{.shape = {.days = 2, .actions = 6}, .engine = EngineKind::kFirstDesign};
  World world = WorldOf(options, Choices::FromSeed(11));
  for (int i = 0; i < 60; ++i) world.Step();
  World copy = world;
  for (int i = 0; i < 60; ++i) world.Step();
  for (int i = 0; i < 60; ++i) copy.Step();
  EXPECT_EQ(copy.Finish().hash, world.Finish().hash);
}

}  // namespace
}  // namespace calsync::sim
