// The scenario language: a short story about calendars, told in commands, and the whole trace of what came of it.
//
//     # The late notification of our own write wakes nobody.  L1 L4 C-82
//     calendars work home
//     user work add "Dentist" 2026-05-04T10:00+02:00 30m
//     delay notifications home 5m
//     settle
//     ----
//     (the trace)
//
// Latencies are fixed and nothing goes wrong but what the scenario orders; all laws are checked all the time. A scenario tells,
// for people who know calendars and not C++, what happens; the golden test holds it to every line. The commands are the table in
// script_commands.cc; `calsync simulate --scenario help` prints it.

#ifndef CALSYNC_SCENARIOS_SCRIPT_H_
#define CALSYNC_SCENARIOS_SCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scenarios/result.h"
#include "scenarios/world.h"

namespace calsync::sim {

class ScriptRun;

// A calendar of the scenario, by its number in the order of `calendars`.
struct CalendarWord {
  int number = 0;
};
// A time, or a date for all-day events.
struct TimeWord {
  bool is_date = false;
  absl::Time time;  // Midnight UTC of a date.
};
// An event by its title; or the block, on the calendar where the command acts, of the event with that title.
struct EventWord {
  std::string title;
  bool block = false;
  int from = -1;  // Where a block's source lies; -1: on the only calendar that has such a title.
};
// One change of an event, or one property of a new one: `title "X"`, `free`, `color 5`, `with home`.
struct ChangeWord {
  std::string what;
  std::string text;
  int64_t number = 0;
  absl::Duration duration;
  int calendar = -1;
};
// One event that a calendar is expected to show.
struct ShownWord {
  std::string title;
  TimeWord start;
  absl::Duration length;
};
// One rule of a policy: `keyword "lunch"`, `hours 09:00-17:00`, `without tentative`.
struct RuleWord {
  std::string what;
  std::string text;
  int64_t number = 0;
  absl::Duration duration;
};
using Argument = std::variant<CalendarWord, std::vector<CalendarWord>, std::string, int64_t, TimeWord, absl::Duration, EventWord,
                              OrderedFault::Call, std::vector<ChangeWord>, std::vector<ShownWord>, std::vector<RuleWord>>;

// A row of the table of commands.
struct CommandRow {
  // Words stand for themselves; <calendar>, <calendars>, <new-calendars>, <text>, <number>, <time>, <duration>, <event>, <call>,
  // <word>, <changes>, <rules> and <shown> for what is to be given.
  absl::string_view syntax;
  absl::string_view meaning;
  enum class When : uint8_t { kScene, kEither, kActing };
  When when = When::kActing;  // The scene is set before anybody acts.
  absl::Status (*carry_out)(ScriptRun& run, const std::vector<Argument>& arguments) = nullptr;
};
const std::vector<CommandRow>& CommandTable();
// The table as a page of help.
std::string ScriptHelp();

struct Command {
  int line = 0;      // Of the file, from 1.
  std::string text;  // In canonical form: one blank between words.
  size_t row = 0;    // Of the table.
  std::vector<Argument> arguments;
};

struct Script {
  std::vector<std::string> comments;  // The first lines, with their `#`: what the scenario shows.
  std::vector<Command> commands;
  std::vector<std::string> trace;  // As the file has it; empty if there is none yet.
  std::vector<std::string> calendars;
};

// Reads a scenario. Errors name the file, the line, and what was expected.
absl::StatusOr<Script> ParseScript(absl::string_view text, absl::string_view name);
// The inverse, with another trace.
std::string PrintScript(const Script& script, const std::vector<std::string>& trace);

struct ScriptResult {
  std::vector<std::string> trace;
  // What went wrong: a broken law, an expectation that failed, a command that could not be carried out. Empty: nothing.
  std::string trouble;
  std::optional<Violation> violation;
};
ScriptResult RunScript(const Script& script);

// The first difference between two traces, in words; empty if they are equal.
std::string FirstDifference(const std::vector<std::string>& want, const std::vector<std::string>& got);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SCRIPT_H_
