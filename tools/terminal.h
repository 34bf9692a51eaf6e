// How the command talks: colour and progress only on a terminal, data on stdout, talk on stderr.

#ifndef CALSYNC_TOOLS_TERMINAL_H_
#define CALSYNC_TOOLS_TERMINAL_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::tools {

// The exit codes of every verb.
enum ExitCode : int {
  kDone = 0,
  kLawBroken = 1,  // Or a check failed.
  kUsage = 2,      // Or configuration.
  kEnvironment = 3,
  kInterrupted = 130,  // By Ctrl-C; what was done until then was reported.
};

enum class Colour : uint8_t { kPlain, kRed, kGreen, kBold };

class Terminal {
 public:
  // `no_color` is the flag; NO_COLOR (not empty) and TERM=dumb say the same.
  explicit Terminal(bool no_color);

  // Text in colour, if the stream that it goes to shows any.
  std::string OnStdout(Colour colour, absl::string_view text) const { return Paint(colour_on_stdout_, colour, text); }
  std::string OnStderr(Colour colour, absl::string_view text) const { return Paint(colour_on_stderr_, colour, text); }
  bool shows_progress() const { return progress_; }

  // One line on stderr that the next one overwrites; nothing where there is no terminal.
  void Progress(absl::string_view line) const;
  void ClearProgress() const;

 private:
  static std::string Paint(bool on, Colour colour, absl::string_view text);

  bool colour_on_stdout_;
  bool colour_on_stderr_;
  bool progress_;
};

// "calsync: …" on stderr.
void Complain(absl::string_view what);
// What happens, with the time, on stderr.
void Say(absl::string_view text);

// Has all of stdout arrived? If not, says so: `what` ("the summary") is lost.
bool Written(absl::string_view what);

// "12,345".
std::string Thousands(uint64_t number);
// "0.4 s", "12 s", "3 min 20 s", "6 days 11 h".
std::string Lasting(absl::Duration duration);

// From now on Ctrl-C only sets a flag, and what is being written is written to its end; a second one ends the process at once.
void CatchInterrupts();
bool WasInterrupted();

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_TERMINAL_H_
