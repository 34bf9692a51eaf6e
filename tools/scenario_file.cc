#include "tools/scenario_file.h"

#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "scenarios/script.h"
#include "tools/files.h"

namespace calsync::tools {

int RunScenarioFile(const std::string& path, OnDifference on_difference, const Terminal& terminal) {
  if (path == "help") {
    std::fputs(sim::ScriptHelp().c_str(), stdout);
    return Written("the help") ? kDone : kEnvironment;
  }
  std::string text;
  if (const int error = ReadFile(path, text); error != 0) {
    Complain(
        absl::StrCat("cannot read the scenario ", path, ": ", std::strerror(error), ". `--scenario help` lists the commands."));
    return kUsage;
  }
  const absl::StatusOr<sim::Script> script = sim::ParseScript(text, path);
  if (!script.ok()) {
    Complain(script.status().message());
    return kUsage;
  }
  const sim::ScriptResult result = sim::RunScript(*script);
  for (const std::string& line : result.trace) std::printf("%s\n", line.c_str());
  if (!Written("the trace") && on_difference == OnDifference::kReport) return kEnvironment;
  if (!result.trouble.empty()) {
    Complain(absl::StrCat(path, ": ", terminal.OnStderr(Colour::kRed, result.trouble),
                          on_difference == OnDifference::kRewrite ? "\n  The file stays as it is." : ""));
    return kLawBroken;
  }
  const std::string fresh = sim::PrintScript(*script, result.trace);
  if (fresh == text) return kDone;
  if (on_difference == OnDifference::kReport) {
    const std::string difference = sim::FirstDifference(script->trace, result.trace);
    Complain(absl::StrCat(path, " has another trace: ", difference.empty() ? "only its form differs\n" : difference,
                          "  If this is right:  calsync simulate --scenario ", path, " --rewrite"));
    return kLawBroken;
  }
  if (const int error = ReplaceFile(path, fresh); error != 0) {
    Complain(
        absl::StrCat("cannot write ", path, ": ", std::strerror(error), ". The file stays as it is; the trace is on stdout."));
    return kEnvironment;
  }
  Complain(absl::StrCat(path, " rewritten; read it before you commit it."));
  return kDone;
}

}  // namespace calsync::tools
