// What the verbs around recorded runs and exhaustive search say and answer, as a person meets them: replay, shrink, view,
// explore, disturb; and what all of them do on Ctrl-C.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "tools/terminal.h"
#include "tools/testing/calls.h"

namespace calsync::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A recorded run.
std::string Recorded(const std::string& name, const char* seed = "5") {
  const std::string path = ::testing::TempDir() + name;
  const Outcome outcome =
      Call({"simulate", "--seed", seed, "--calendars", "2", "--days", "3", "--actions", "5", "--record", path});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  return path;
}

TEST(Replay, ARecordedRunIsTheSame) {
  const std::string path = Recorded("same.trace");
  const Outcome outcome = Call({"replay", path});
  EXPECT_EQ(outcome.code, kDone) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("the same, "));
  EXPECT_THAT(Call({"replay", path, "--trace"}).out, HasSubstr("engine   started"));
}

TEST(Replay, TheFirstDifferenceIsShownFromBothSides) {
  const std::string path = Recorded("other.trace");
  const std::string text = Contents(path);
  ASSERT_THAT(text, HasSubstr(" created g1"));
  const std::string other = TempFile("changed.trace", absl::StrReplaceAll(text, {{" created g1", " created g7"}}));
  const Outcome outcome = Call({"replay", other});
  EXPECT_EQ(outcome.code, kLawBroken);
  EXPECT_THAT(outcome.out, HasSubstr("recorded:  step "));
  EXPECT_THAT(outcome.out, HasSubstr("created g7"));
  const nlohmann::json json = nlohmann::json::parse(Call({"replay", other, "--json"}).out);
  EXPECT_FALSE(json["traces"][0]["good"]);
  EXPECT_TRUE(json["traces"][0].contains("difference"));
  // However it gets there: the laws hold.
  EXPECT_EQ(Call({"replay", other, "--laws"}).code, kDone);
}

TEST(Replay, WhatIsNoTraceIsToldInOneSentence) {
  EXPECT_THAT(Call({"replay", "/nowhere/x.trace"}).err, HasSubstr("cannot read the trace /nowhere/x.trace: No such file"));
  const Outcome outcome = Call({"replay", TempFile("no.trace", "BEGIN:VCALENDAR\n")});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("no.trace:1: this is no trace"));
}

TEST(Replay, NumbersThatAreNoneAreToldAsElsewhere) {
  EXPECT_THAT(Call({"replay", "--webhooks", "x.log", "--seeds", "0"}).err,
              HasSubstr("'0' is not a whole number from 1 to 1000000000"));
  EXPECT_THAT(Call({"replay", "--webhooks", "x.log", "--from", "-1"}).err, HasSubstr("'-1' is not a whole number from 0"));
  EXPECT_THAT(Call({"costs", "--events", "1e3"}).err, HasSubstr("'1e3' is not a whole number from 0 to 5000"));
}

TEST(Shrink, ARunThatBreaksNoLawHasNothingToLookFor) {
  const Outcome outcome = Call({"shrink", "--seed", "1", "-o", ::testing::TempDir() + "never.trace"});
  EXPECT_EQ(outcome.code, kLawBroken);
  EXPECT_THAT(outcome.err, HasSubstr("breaks no law"));
  EXPECT_FALSE(std::filesystem::exists(::testing::TempDir() + "never.trace"));
}

TEST(Shrink, WrongCommandLinesAreTold) {
  EXPECT_EQ(Call({"shrink", "--seed", "1"}).code, kUsage);
  EXPECT_EQ(Call({"shrink", "-o", "x"}).code, kUsage);
  EXPECT_EQ(Call({"shrink", "a.trace", "--days", "3", "-o", "x"}).code, kUsage);
}

TEST(Record, NeedsOneRunThatMayBeToldWhole) {
  EXPECT_THAT(Call({"simulate", "--record", "x.trace"}).err, HasSubstr("--record needs --seed S"));
  EXPECT_THAT(Call({"simulate", "--seed", "1", "--record", "x.trace", "--import", "scenarios/samples/office.ics"}).err,
              HasSubstr("--record and --import cannot be both"));
  EXPECT_EQ(Call({"simulate", "--seed", "1", "--record", "/nowhere/x.trace"}).code, kEnvironment);
}

// As tests run as root, a device that was replaced would be gone.
TEST(Record, WhatIsNoFileIsWrittenToAndNotReplaced) {
  const std::string full = ::testing::TempDir() + "full";
  std::filesystem::remove(full);
  std::filesystem::create_symlink("/dev/full", full);
  const Outcome refused = Call({"simulate", "--seed", "1", "--days", "1", "--actions", "1", "--record", full});
  EXPECT_EQ(refused.code, kEnvironment);
  EXPECT_THAT(refused.err, HasSubstr("No space left on device"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(Record, ALinkStaysOne) {
  const std::string file = ::testing::TempDir() + "behind.trace";
  const std::string link = ::testing::TempDir() + "link.trace";
  std::ofstream(file) << "old";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(file, link);
  EXPECT_EQ(Call({"simulate", "--seed", "1", "--days", "1", "--actions", "1", "--record", link}).code, kDone);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_GT(std::filesystem::file_size(file), 100u);
}

TEST(View, OnePageHasEverythingAndAsksNobody) {
  const std::string page = ::testing::TempDir() + "page.html";
  ASSERT_EQ(Call({"view", Recorded("seen.trace"), "-o", page}).code, kDone);
  const std::string text = Contents(page);
  EXPECT_THAT(text, HasSubstr("<!doctype html>"));
  EXPECT_THAT(text, HasSubstr("\"lines\":[{"));
  EXPECT_THAT(text, HasSubstr("\"end\":"));
  for (const char* elsewhere : {"src=", "href=", "@import", "url(", "http:", "https:", "fetch("}) {
    EXPECT_THAT(text, Not(HasSubstr(elsewhere)));
  }
}

TEST(View, TwoTracesOpenWhereTheyPart) {
  const std::string page = ::testing::TempDir() + "both.html";
  ASSERT_EQ(Call({"view", Recorded("one.trace", "5"), Recorded("two.trace", "6"), "-o", page}).code, kDone);
  EXPECT_THAT(Contents(page), HasSubstr("\"difference\":{\"line\":"));
}

TEST(View, ABareTraceIsRunToHaveSomethingToShow) {
  const std::string page = ::testing::TempDir() + "bare.html";
  ASSERT_EQ(Call({"view", "scenarios/regressions/plant-copies-are-sources.trace", "-o", page}).code, kDone);
  EXPECT_THAT(Contents(page), HasSubstr("\"lines\":[{"));
}

TEST(View, ATextCannotEndTheScript) {
  const std::string path = Recorded("evil.trace");
  const std::string text = Contents(path);
  const size_t at = text.find("\"from\":\"") + 8;
  const std::string page = ::testing::TempDir() + "evil.html";
  ASSERT_EQ(Call({"view", TempFile("evil2.trace", text.substr(0, at) + "</script><b>" + text.substr(at)), "-o", page}).code,
            kDone);
  EXPECT_THAT(Contents(page), Not(HasSubstr("</script><b>")));
}

TEST(Explore, SaysWhatItMetAndWhetherThatWasAll) {
  const Outcome small = Call({"explore", "--actions", "1", "--adversities", "0", "--overtakings", "0"});
  EXPECT_EQ(small.code, kDone) << small.out;
  EXPECT_THAT(small.out, HasSubstr("Complete: no law was broken"));
  const nlohmann::json json = nlohmann::json::parse(Call({"explore", "--scope", "1", "--seconds", "0.05", "--json"}).out);
  EXPECT_FALSE(json["complete"]);
  EXPECT_GT(json["states"], 0);
}

TEST(Explore, TwoThreadsMeetWhatOneMeets) {
  const auto states = [](const char* jobs) {
    const auto json = nlohmann::json::parse(Call({"explore", "--adversities", "0", "--jobs", jobs, "--json"}).out);
    EXPECT_TRUE(json["complete"]);
    return json["states"].get<double>();
  };
  const double one = states("1");
  EXPECT_GT(one, 1000);
  EXPECT_NEAR(states("2"), one, 0.02 * one);
}

TEST(Explore, WhatItCannotSearchIsAWrongCommandLine) {
  EXPECT_EQ(Call({"explore", "--actions", "9"}).code, kUsage);
  EXPECT_EQ(Call({"explore", "--jobs", "0"}).code, kUsage);
}

TEST(Disturb, CountsThePlacesOfAScenario) {
  const Outcome outcome = Call({"disturb", "scenarios/golden/free-event.scenario"});
  EXPECT_EQ(outcome.code, kDone) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr(" places, 0 of them break a law"));
  EXPECT_EQ(Call({"disturb", "/nowhere/x.scenario"}).code, kUsage);
}

TEST(Disturb, SaysWhyNothingWasJudged) {
  const std::string cloned = "scenarios/golden/cloned-instance.scenario";
  EXPECT_THAT(Call({"disturb", cloned}).out, HasSubstr("two engines share an identity in it; nothing was judged"));
  const nlohmann::json json = nlohmann::json::parse(Call({"disturb", cloned, "--json"}).out);
  EXPECT_FALSE(json["interrupted"]);
  EXPECT_EQ(json["scenarios"][0]["reach"], "whole");
  EXPECT_FALSE(json["scenarios"][0]["judged"]);
  EXPECT_EQ(json["scenarios"][0]["unjudged"], "two engines share an identity in it");
}

// Ends the process, with the code of the verb if all was as it should be: that there was a Ctrl-C is never forgotten.
[[noreturn]] void InterruptInTheMiddle() {
  CatchInterrupts();
  std::thread([] {
    absl::SleepFor(absl::Seconds(2));
    std::raise(SIGINT);
  }).detach();
  const std::string whole = "scenarios/golden/free-event.scenario";
  const std::string long_one = "scenarios/golden/more-than-a-page.scenario";  // It takes minutes.
  const absl::Time began = absl::Now();
  const Outcome outcome = Call({"disturb", whole, long_one, whole, "--json"});
  EXPECT_LT(absl::Now() - began, absl::Seconds(60));
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_TRUE(json["interrupted"]);
  std::string reached;
  for (const auto& scenario : json["scenarios"]) absl::StrAppend(&reached, scenario["reach"].get<std::string>(), "; ");
  EXPECT_EQ(reached, "whole; in part; not at all; ");
  std::_Exit(::testing::Test::HasFailure() ? kLawBroken : outcome.code);
}

// The exit code of a process that does this; -1 if a signal ended it.
int CodeOfProcess(const std::function<void()>& does) {
  const pid_t child = fork();
  if (child == 0) does();
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Disturb, CtrlCEndsItBetweenPlaces) { EXPECT_EQ(CodeOfProcess(InterruptInTheMiddle), kInterrupted); }

TEST(Interrupt, EveryVerbEndsWithWhatWasDoneUntilThen) {
  const std::string log =
      TempFile("interrupted.log", R"({"at":"2026-11-29T08:00:02Z","headers":{"X-Goog-Channel-ID":"c","X-Goog-Resource-ID":"r",)"
                                  R"("X-Goog-Resource-State":"exists","X-Goog-Message-Number":"10"},"status":204})"
                                  "\n");
  const std::string small = ::testing::TempDir() + "interrupted.trace";
  const std::string recorded = Recorded("before.trace");
  const struct {
    std::vector<std::string> words;
    const char* want;
  } kRows[] = {
      {{"simulate", "--seeds", "2"}, "Interrupted after 0 of 2 seeds."},
      {{"simulate", "--seed", "1", "--trace"}, "Interrupted after step 0."},
      {{"replay", recorded, recorded}, "Interrupted after 0 of 2 traces."},
      {{"replay", "--webhooks", log, "--seeds", "100000"}, "Interrupted after 0 of 100,000 seeds."},
      {{"shrink", "--seed", "1", "--engine", "first-design", "--calendars", "2", "--days", "3", "--actions", "6", "-o", small},
       "ended early"},
      {{"costs"}, "Interrupted after 0 changes."},
  };
  for (const auto& row : kRows) {
    const int code = CodeOfProcess([&] {
      CatchInterrupts();
      std::raise(SIGINT);
      const Outcome outcome = Call(row.words);
      EXPECT_THAT(outcome.out, HasSubstr(row.want)) << outcome.err;
      std::_Exit(::testing::Test::HasFailure() ? kLawBroken : outcome.code);
    });
    EXPECT_EQ(code, kInterrupted) << row.words[0] << ": " << row.want;
  }
  EXPECT_TRUE(std::filesystem::exists(small));
}

TEST(Interrupt, ADemoSaysHowFarItCame) {
  const int code = CodeOfProcess([] {
    std::thread([] {
      absl::SleepFor(absl::Seconds(3));
      std::raise(SIGINT);
    }).detach();
    const Outcome outcome = Call({"demo", "--once", "--no-color"});
    EXPECT_THAT(outcome.out, HasSubstr(" of 6 things that happen.")) << outcome.out << outcome.err;
    std::_Exit(::testing::Test::HasFailure() ? kLawBroken : outcome.code);
  });
  EXPECT_EQ(code, kInterrupted);
}

}  // namespace
}  // namespace calsync::tools
