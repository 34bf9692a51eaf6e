// For tests: the verbs around simulation, called as the command line would call them.

#ifndef CALSYNC_TOOLS_TESTING_CALLS_H_
#define CALSYNC_TOOLS_TESTING_CALLS_H_

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tools/costs.h"
#include "tools/demo.h"
#include "tools/disturb.h"
#include "tools/explore.h"
#include "tools/replay.h"
#include "tools/shrink.h"
#include "tools/simulate.h"
#include "tools/terminal.h"
#include "tools/verb.h"
#include "tools/view.h"

namespace calsync::tools {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// {"replay", "a.trace"}.
inline Outcome Call(std::vector<std::string> words) {
  CLI::App app("test", "calsync");
  SimulateOptions simulate;
  ReplayOptions replay;
  ShrinkOptions shrink;
  ViewOptions view;
  ExploreOptions explore;
  DisturbOptions disturb;
  CostsOptions costs;
  DemoOptions demo;
  Verb run;
  AddSimulate(app, simulate, run);
  AddReplay(app, replay, run);
  AddShrink(app, shrink, run);
  AddView(app, view, run);
  AddExplore(app, explore, run);
  AddDisturb(app, disturb, run);
  AddCosts(app, costs, run);
  AddDemo(app, demo, run);
  std::reverse(words.begin(), words.end());  // As CLI11 wants them.
  Outcome outcome;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  try {
    app.parse(words);
    outcome.code = run();
  } catch (const CLI::ParseError& error) {
    outcome.code = kUsage;
    outcome.err = error.what();
  }
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err += ::testing::internal::GetCapturedStderr();
  return outcome;
}

// A new file of that name, in the folder of the test's files. Returns its path.
inline std::string TempFile(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_TESTING_CALLS_H_
