#include "tools/scenario_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "scenarios/script.h"

namespace calsync::tools {
namespace {

// Returns 0, or the errno of what failed.
int Read(const std::string& path, std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return errno;
  char buffer[1 << 14];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof(buffer), file)) > 0) text.append(buffer, got);
  const int error = std::ferror(file) != 0 ? errno : 0;  // A directory opens, and cannot be read.
  std::fclose(file);
  return error;
}

// The whole of it or nothing: on a full disk the old file stays. Returns 0, or the errno of what failed.
int Replace(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "wb");
  if (file == nullptr) return errno;
  int error = std::fwrite(text.data(), 1, text.size(), file) == text.size() ? 0 : errno;
  if (std::fclose(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) std::remove(fresh.c_str());
  return error;
}

}  // namespace

int RunScenarioFile(const std::string& path, OnDifference on_difference, const Terminal& terminal) {
  if (path == "help") {
    std::fputs(sim::ScriptHelp().c_str(), stdout);
    return kDone;
  }
  std::string text;
  if (const int error = Read(path, text); error != 0) {
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
  if (const int error = Replace(path, fresh); error != 0) {
    Complain(
        absl::StrCat("cannot write ", path, ": ", std::strerror(error), ". The file stays as it is; the trace is on stdout."));
    return kEnvironment;
  }
  Complain(absl::StrCat(path, " rewritten; read it before you commit it."));
  return kDone;
}

}  // namespace calsync::tools
