// Every scenario under scenarios/golden and scenarios/regressions gives exactly the trace that it has, and breaks no law.
//
// After a change that you understand and want: calsync simulate --scenario FILE --rewrite

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "scenarios/script.h"

namespace calsync::sim {
namespace {

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  for (const char* directory : {"scenarios/golden", "scenarios/regressions"}) {
    if (!std::filesystem::is_directory(directory)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() == ".scenario") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Golden, EveryScenarioGivesItsTrace) {
  const std::vector<std::string> files = ScenarioFiles();
  EXPECT_GE(files.size(), 25u);
  for (const std::string& path : files) {
    const absl::StatusOr<Script> script = ParseScript(Contents(path), path);
    ASSERT_TRUE(script.ok()) << script.status();
    const ScriptResult result = RunScript(*script);
    EXPECT_EQ(result.trouble, "") << path;
    EXPECT_EQ(FirstDifference(script->trace, result.trace), "")
        << path << "\nIf that is right: calsync simulate --scenario " << path << " --rewrite";
    EXPECT_EQ(PrintScript(*script, script->trace), Contents(path)) << path << " is not in canonical form";
  }
}

// What peers were seen to fail at (issue 2) has a scenario each.
TEST(Golden, HasTheSituationsInWhichPeersFail) {
  for (const char* name : {"block-retitled", "block-dragged", "block-moved-to-another-calendar", "block-copied", "block-deleted",
                           "free-event", "titles-stay-at-home", "insert-stored-but-503", "database-lost", "more-than-a-page",
                           "listing-error-is-not-an-empty-calendar", "idle-costs-only-listings", "unseen-field-edited"}) {
    EXPECT_TRUE(std::filesystem::exists(absl::StrCat("scenarios/golden/", name, ".scenario"))) << name;
  }
}

}  // namespace
}  // namespace calsync::sim
