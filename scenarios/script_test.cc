#include "scenarios/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

using ::testing::HasSubstr;

constexpr char kScene[] = "# Shows something.\ncalendars work home\n";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Script> script = ParseScript(text, "test.scenario");
  return script.ok() ? "" : std::string(script.status().message());
}

TEST(Script, SaysWhichLineIsWrongAndWhatWasExpected) {
  const struct {
    const char* line;
    const char* want;
  } kRows[] = {
      {"dance", "test.scenario:3: no command begins with `dance`"},
      {"user", "at the end: expected a calendar"},
      {"user gym add \"Run\" 2026-05-04 1d", "at `gym`: expected a calendar (work, home)"},
      {"user work add Run 2026-05-04 1d", "at `Run`: expected a text in \"quotation marks\""},
      {"user work add \"Run", "a text begins with \" and does not end"},
      {"user work add \"Run\" tomorrow 1d", "at `tomorrow`: expected a time like"},
      {"user work add \"Run\" 2026-05-04T10:00Z soon", "at `soon`: expected a duration like"},
      {"user work add \"Run\" 2026-05-04T10:00Z 1h often", "at `often`: expected a change"},
      {"user work drag \"Run\" to work", "at `work`: expected a time like"},
      {"user work fly \"Run\"", "It could be:\n  user <calendar> add"},
      {"lose reply of next dance on home", "at `dance`: expected list, get, insert"},
      {"settle down", "at `down`: expected nothing more"},
      {"calendars work", "there is a calendar work already"},
      {"expect home: \"Busy\"", "at the end: expected a time"},
  };
  for (const auto& row : kRows) {
    const std::string error = ErrorOf(absl::StrCat(kScene, row.line, "\n"));
    EXPECT_THAT(error, HasSubstr(row.want));
    EXPECT_THAT(error, HasSubstr("test.scenario:3:")) << row.line;
  }
}

TEST(Script, MustSayWhatItShowsAndOnWhichCalendars) {
  EXPECT_THAT(ErrorOf("calendars work\n"), HasSubstr("does not say what it shows"));
  EXPECT_THAT(ErrorOf("# Nothing.\n"), HasSubstr("names no calendars"));
  EXPECT_THAT(ErrorOf("# Late.\ncalendars work\nsettle\nstart 2026-05-04T10:00Z\n"), HasSubstr("must come before"));
}

TEST(Script, PrintsWhatItRead) {
  const std::string text = absl::StrCat(kScene,
                                        "start 2026-05-04T10:00Z\n"
                                        "\n"
                                        "# First the dentist.\n"
                                        "user work add \"Dentist, upstairs\" 2026-05-04T10:00+02:00 30m free note \"x\"\n"
                                        "user home drag block of \"Dentist, upstairs\" from work to 2026-05-05 lasting 2d\n"
                                        "expect home: \"Busy\" 2026-05-04T10:00Z 1d12h, \"Busy\" 2026-05-06 1w\n"
                                        "expect work: nothing\n"
                                        "step clock -1h30m\n"
                                        "----\n"
                                        "a line\n"
                                        "\n"
                                        "another\n");
  const absl::StatusOr<Script> script = ParseScript(text, "test.scenario");
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(PrintScript(*script, script->trace), text);
  EXPECT_EQ(script->trace.size(), 3u);
}

TEST(Script, EveryRowOfTheTableIsExplainedAndReachable) {
  std::set<absl::string_view> seen;
  for (const CommandRow& row : CommandTable()) {
    EXPECT_TRUE(seen.insert(row.syntax).second) << row.syntax;
    EXPECT_NE(row.carry_out, nullptr) << row.syntax;
    EXPECT_THAT(ScriptHelp(), HasSubstr(std::string(row.syntax)));
  }
}

TEST(Script, AFailedExpectationIsToldWithWhatThereIs) {
  const absl::StatusOr<Script> script = ParseScript(
      absl::StrCat(kScene, "user work add \"Dentist\" 2026-05-05T10:00Z 30m\nexpect work: nothing\n"), "test.scenario");
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(RunScript(*script).trouble, "line 4: expect work: nothing: work shows 1");
}

TEST(Script, GivesTheSameTraceTwice) {
  const absl::StatusOr<Script> script = ParseScript(
      absl::StrCat(kScene, "user work add \"Dentist\" 2026-05-05T10:00Z 30m\nsettle\nlose database\nsettle\n"), "test.scenario");
  ASSERT_TRUE(script.ok()) << script.status();
  const ScriptResult once = RunScript(*script), twice = RunScript(*script);
  EXPECT_EQ(once.trouble, "");
  EXPECT_EQ(once.trace, twice.trace);
  EXPECT_GT(once.trace.size(), 5u);
}

TEST(FirstDifference, ShowsWhereTwoTracesPart) {
  EXPECT_EQ(FirstDifference({"a", "b"}, {"a", "b"}), "");
  EXPECT_EQ(FirstDifference({"a", "b"}, {"a", "c"}), "line 2 of the trace differs\n    a\n  - b\n  + c\n");
  EXPECT_EQ(FirstDifference({"a"}, {"a", "c"}), "line 2 of the trace differs\n    a\n  - (nothing more)\n  + c\n");
}

}  // namespace
}  // namespace calsync::sim
