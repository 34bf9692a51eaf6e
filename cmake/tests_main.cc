// main() of the tests of one directory, where they are one program (CALSYNC_TOGETHER). It takes GoogleTest's flags, and
//
//   --source=FILE[,FILE…]   only the tests that are written in these files: "engine/decide/classify_test.cc", or the end of such
//   a path
//
// A file in which no test is written is an error (exit code 2): a case of CTest must not pass because nothing ran. With
// --gtest_filter as well, those tests run that both of them allow.
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace calsync {
namespace {

constexpr int kUsage = 2;

bool IsWrittenIn(const testing::TestInfo& test, absl::string_view source) {
  absl::string_view file = test.file();
  return file == source || absl::EndsWith(file, absl::StrCat("/", source));
}

// Leaves the tests of these sources to run, of those that the filter allows so far. The others are added to what the filter
// excludes: so it stays the user's, and that of a death test that starts this program again. False if there is no test of one of
// them.
bool RunOnly(const std::vector<std::string>& sources) {
  std::vector<bool> found(sources.size());
  std::vector<std::string> others;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    std::vector<std::string> others_of_suite;
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const testing::TestInfo& test = *suite.GetTestInfo(j);
      bool wanted = false;
      for (std::size_t k = 0; k < sources.size(); ++k) {
        if (!IsWrittenIn(test, sources[k])) continue;
        wanted = true;
        found[k] = true;
      }
      if (!wanted) others_of_suite.push_back(absl::StrCat(suite.name(), ".", test.name()));
    }
    if (static_cast<int>(others_of_suite.size()) == suite.total_test_count())
      others_of_suite = {absl::StrCat(suite.name(), ".*")};
    others.insert(others.end(), others_of_suite.begin(), others_of_suite.end());
  }
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (found[k]) continue;
    std::fprintf(stderr, "--source: no test of this program is written in \"%s\"\n", sources[k].c_str());
    return false;
  }
  if (!others.empty()) {
    const std::string filter = GTEST_FLAG_GET(filter);
    GTEST_FLAG_SET(filter, absl::StrCat(filter, absl::StrContains(filter, "-") ? ":" : "-", absl::StrJoin(others, ":")));
  }
  return true;
}

int Main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);  // Takes GoogleTest's flags out of argv.
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--source=")) {
      std::fprintf(stderr, "what is \"%s\"? There are --source=FILE[,FILE…] and the flags of GoogleTest (--help)\n", argv[i]);
      return kUsage;
    }
    if (!RunOnly(absl::StrSplit(argument, ','))) return kUsage;
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace calsync

int main(int argc, char** argv) { return calsync::Main(argc, argv); }
