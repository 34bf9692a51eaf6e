// What `calsync simulate` says and answers, as a person meets it: by the parser of its command line and its texts.

#include "tools/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/imports.h"
#include "tools/simulate_report.h"
#include "tools/terminal.h"
#include "tools/testing/calls.h"

namespace calsync::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Without the verb: {"--seeds", "5"}.
Outcome Simulated(std::vector<std::string> words) {
  words.insert(words.begin(), "simulate");
  return Call(std::move(words));
}

TEST(Simulate, AFewSeedsHoldTheLawsAndSaySo) {
  const Outcome outcome = Simulated({"--seeds", "5", "--jobs", "1", "--no-color"});
  EXPECT_EQ(outcome.code, kDone) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("No law was broken."));
  EXPECT_THAT(outcome.out, HasSubstr("L1 L2 L3"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\033")));
  EXPECT_EQ(outcome.err, "");
}

TEST(Simulate, JsonIsOneObjectWithThePromisedFields) {
  const Outcome outcome = Simulated({"--seeds", "3", "--json", "--import", "scenarios/samples/office.ics"});
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  for (const char* field : {"seeds", "failed", "decisions", "seconds", "seeds_per_second", "blocks_created", "verdicts", "faults",
                            "laws", "imports"}) {
    EXPECT_TRUE(json.contains(field)) << field;
  }
  EXPECT_EQ(json["seeds"], 3);
  EXPECT_EQ(json["laws"].size(), sim::kLaws);
  EXPECT_EQ(json["imports"][0]["vevents_read"],
            json["imports"][0]["taken"].get<int>() + json["imports"][0]["left_out"].get<int>());
}

TEST(Simulate, TheSameSeedsGiveTheSameHashOnAnyNumberOfThreads) {
  const auto hash = [](const char* jobs) {
    return nlohmann::json::parse(Simulated({"--seeds", "6", "--json", "--jobs", jobs}).out)["hash"].get<std::string>();
  };
  EXPECT_EQ(hash("1"), hash("2"));
}

// Whenever the law was asked: in the middle of a step, at rest, after the encore or the quiet day, at the end.
TEST(Simulate, TheCommandThatRepeatsAFailureBreaksTheSameLawAtTheSameStep) {
  for (const char* engine : {"first-design", "text-marks"}) {
    const Outcome all =
        Simulated({"--engine", engine, "--calendars", "2", "--days", "3", "--actions", "6", "--seeds", "40", "--json"});
    const nlohmann::json failures = nlohmann::json::parse(all.out)["failures"];
    EXPECT_GT(failures.size(), 20u) << engine;
    for (const nlohmann::json& failure : failures) {
      const std::string repeat = failure["repeat"].get<std::string>();
      const std::vector<std::string> words = absl::StrSplit(repeat, ' ');
      const Outcome again = Call({words.begin() + 1, words.end()});
      EXPECT_EQ(again.code, kLawBroken) << repeat;
      EXPECT_THAT(again.out, HasSubstr(absl::StrCat("\n\n", failure["law"].get<std::string>(), " "))) << repeat;
      EXPECT_THAT(again.out, HasSubstr(absl::StrCat(", at step ", failure["step"].get<uint64_t>(), ", "))) << repeat;
      if (!failure["story"].empty()) {  // The message has short names then, as the trace has.
        EXPECT_THAT(again.out, HasSubstr(failure["message"].get<std::string>())) << repeat;
      }
      EXPECT_THAT(again.out, HasSubstr(absl::StrCat("repeat:  ", repeat, "\n")));
    }
  }
}

TEST(Simulate, NothingIsJudgedBeyondTheStepThatItGoesTo) {
  const std::vector<std::string> run = {"--seed", "1",         "--engine", "first-design", "--calendars", "2", "--days",
                                        "3",      "--actions", "6",        "--json"};
  const nlohmann::json failure = nlohmann::json::parse(Simulated(run).out)["failures"][0];
  for (const uint64_t step : {uint64_t{1}, failure["step"].get<uint64_t>() / 2, failure["step"].get<uint64_t>() - 1}) {
    std::vector<std::string> words = run;
    words.insert(words.end(), {"--until", absl::StrCat(step)});
    EXPECT_EQ(Simulated(words).code, kDone) << step;
  }
}

TEST(Simulate, WrongCommandLinesAreToldInOneSentence) {
  const std::string broken = TempFile("broken.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n");
  const struct {
    std::vector<std::string> words;
    const char* want;
  } kRows[] = {
      {{"--sedes", "3"}, "sedes"},
      {{"--seeds", "none"}, "'none' is not a whole number from 1"},
      {{"--seed", "-1"}, "'-1' is not a whole number"},
      {{"--seed", "99999999999999999999"}, "is not a whole number"},
      {{"--from", "18446744073709551615"}, "leaves no room for 1000 seeds"},
      {{"--seed", "1", "--seeds", "2"}, "excludes"},
      {{"--seconds", "-1"}, "no number of seconds"},
      {{"--until-failure", "cascade"}, "neither a law"},
      {{"--start", "0001-01-01"}, "--start 0001-01-01 is no date from 1971"},
      {{"--scenario", "/nowhere/x.scenario", "--json"}, "--scenario excludes --json"},
      {{"--scenario", "/nowhere/x.scenario", "--seeds", "7"}, "--seeds excludes --scenario"},
      {{"--scenario", ::testing::TempDir()}, "Is a directory"},
      {{"--store", "paper"}, "paper"},
      {{"--trace"}, "--trace needs --seed S"},
      {{"--rewrite"}, "--rewrite needs --scenario FILE"},
      {{"--until", "7"}, "--until needs --seed S"},
      {{"--start", "soon"}, "--start soon is no date"},
      {{"--import", "/nowhere/x.ics"}, "cannot read /nowhere/x.ics: No such file"},
      {{"--import", broken}, "the VEVENT that begins at line 2 has no end"},
      {{"--scenario", "/nowhere/x.scenario"}, "cannot read the scenario /nowhere/x.scenario"},
      {{"--calendars", "1", "--import", broken, "--import", broken}, "is too few for 2 imported files"},
  };
  for (const auto& row : kRows) {
    const Outcome outcome = Simulated(row.words);
    EXPECT_EQ(outcome.code, kUsage) << row.want;
    EXPECT_THAT(outcome.err, HasSubstr(row.want));
    EXPECT_EQ(outcome.out, "") << row.want;
  }
}

TEST(Simulate, EventsOlderThanAnyClockAreHistory) {
  const std::string old =
      TempFile("old.ics",
               "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
               "DTSTART:19600105T100000Z\r\nDTEND:19600105T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
  const Outcome outcome = Simulated({"--seeds", "20", "--import", old});
  EXPECT_EQ(outcome.code, kDone) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("virtual time begins 1971-01-01; what was over by then gets no block"));
}

TEST(Simulate, EndsBeforeAllSeedsWhereItIsAskedTo) {
  const Outcome outcome = Simulated({"--seeds", "1000000", "--seconds", "0.2", "--jobs", "1"});
  EXPECT_EQ(outcome.code, kDone) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("Stopped after "));
}

TEST(Scenario, AFileThatCannotBeReplacedStaysAsItIs) {
  const std::string text = "# A test.  L3\ncalendars work home\nsettle\n----\nnot what happens\n";
  const std::string path = TempFile("stays.scenario", text);
  std::filesystem::create_directory(path + ".new");  // Where the new one would be written first.
  EXPECT_EQ(Simulated({"--scenario", path, "--rewrite"}).code, kEnvironment);
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  std::filesystem::remove(path + ".new");
  EXPECT_EQ(Simulated({"--scenario", path, "--rewrite"}).code, kDone);
  EXPECT_EQ(Simulated({"--scenario", path}).code, kDone);
}

TEST(Imports, SaysWhatIsExpectedOfAFileAndWhenNothingIs) {
  const absl::StatusOr<Imports> imports = ReadImports({"scenarios/samples/office.ics", "scenarios/samples/fairs.ics"});
  ASSERT_TRUE(imports.ok()) << imports.status();
  const std::string office = DescribeImport(imports->files[0], 3);
  EXPECT_THAT(office, HasSubstr("12 VEVENTs read, 10 taken, 2 left out"));
  EXPECT_THAT(office, HasSubstr("left out: 1, cancelled"));
  EXPECT_THAT(office,
              HasSubstr("blocks expected: 159 (53 events that make busy, on 3 other calendars); a seed's policy may leave"));
  EXPECT_THAT(DescribeImport(imports->files[1], 3), HasSubstr("blocks expected: none, for every event in it is free"));
}

TEST(Report, AFailingSeedTellsLawStoryAndHowToRepeatIt) {
  FailedSeed failed{.seed = 17,
                    .violation = {.law = sim::Law::kL1, .message = "block k9 has block k7 as its source", .step = 4132},
                    .story = {"a crash", "a late answer"},
                    .repeat = "calsync simulate --seed 17 --until 4132 --trace"};
  const std::string text = FailureText(failed, Terminal(true));
  EXPECT_THAT(text, HasSubstr("L1 no cascade: block k9 has block k7 as its source\n"));
  EXPECT_THAT(text, HasSubstr("story:   a crash\n         a late answer\n"));
  EXPECT_THAT(text, HasSubstr("repeat:  calsync simulate --seed 17 --until 4132 --trace\n"));
}

TEST(Terminal, WritesNumbersAndTimesForPeople) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1234567), "1,234,567");
  EXPECT_EQ(Lasting(absl::Milliseconds(430)), "0.4 s");
  EXPECT_EQ(Lasting(absl::Seconds(200)), "3 min 20 s");
  EXPECT_EQ(Lasting(absl::Minutes(125)), "2 h 5 min");
  EXPECT_EQ(Lasting(absl::Hours(155)), "6 days 11 h");
}

}  // namespace
}  // namespace calsync::tools
