#include "tools/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace calsync::tools {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void OnInterrupt(int) { interrupted = 1; }

bool MayColour(bool no_color) {
  const char* variable = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return !no_color && (variable == nullptr || *variable == '\0') && term != nullptr && std::strcmp(term, "dumb") != 0;
}

}  // namespace

Terminal::Terminal(bool no_color)
    : colour_on_stdout_(MayColour(no_color) && isatty(STDOUT_FILENO) == 1),
      colour_on_stderr_(MayColour(no_color) && isatty(STDERR_FILENO) == 1),
      progress_(MayColour(no_color) && isatty(STDERR_FILENO) == 1) {}

std::string Terminal::Paint(bool on, Colour colour, absl::string_view text) {
  if (!on) return std::string(text);
  const char* code = colour == Colour::kRed ? "31" : colour == Colour::kGreen ? "32" : colour == Colour::kBold ? "1" : "0";
  return absl::StrCat("\033[", code, "m", text, "\033[0m");
}

void Terminal::Progress(absl::string_view line) const {
  if (progress_) absl::FPrintF(stderr, "\r%s\033[K", line);
}

void Terminal::ClearProgress() const {
  if (progress_) absl::FPrintF(stderr, "\r\033[K");
}

void Say(absl::string_view text) {
  const std::string at = absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone());
  std::fprintf(stderr, "%s %.*s\n", at.c_str(), static_cast<int>(text.size()), text.data());
}

void Complain(absl::string_view what) { absl::FPrintF(stderr, "calsync: %s\n", what); }

bool Written(absl::string_view what) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  const std::string why = errno == 0 ? "" : absl::StrCat(": ", std::strerror(errno));
  Complain(absl::StrCat("cannot write to stdout", why, ". A part of ", what,
                        " is lost; the same command again, written to where there is room, gives it anew."));
  return false;
}

std::string Thousands(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Lasting(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds < 10) return absl::StrFormat("%.1f s", seconds);
  if (seconds < 120) return absl::StrFormat("%.0f s", seconds);
  const int64_t whole = static_cast<int64_t>(seconds);
  if (whole >= 2 * 86400) return absl::StrFormat("%d days %d h", whole / 86400, whole % 86400 / 3600);
  if (whole >= 2 * 3600) return absl::StrFormat("%d h %d min", whole / 3600, whole % 3600 / 60);
  return absl::StrFormat("%d min %d s", whole / 60, whole % 60);
}

void CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool WasInterrupted() { return interrupted != 0; }

}  // namespace calsync::tools
