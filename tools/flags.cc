#include "tools/flags.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "tools/terminal.h"

namespace calsync::tools {

void AddShape(CLI::App& verb, ShapeOptions& options, const std::string& group) {
  verb.add_option("--calendars", options.calendars, "Calendars of the person.")
      ->type_name("K")
      ->capture_default_str()
      ->check(WholeNumber(1, 40))
      ->group(group);
  verb.add_option("--days", options.days, "Days in which people act.")
      ->type_name("D")
      ->capture_default_str()
      ->check(WholeNumber(1, 3650))
      ->group(group);
  verb.add_option("--actions", options.actions, "What people do in them.")
      ->type_name("A")
      ->capture_default_str()
      ->check(WholeNumber(0, 100000))
      ->group(group);
  verb.add_option("--store", options.store, "Where the engine's records are kept.")
      ->type_name("memory|sqlite")
      ->capture_default_str()
      ->check(CLI::IsMember({"memory", "sqlite"}))
      ->group(group);
  verb.add_flag("--wire", options.wire,
                "Calls and answers go through their text, as over HTTP: slower, and all else as without it.")
      ->group(group);
  verb.add_option(
          "--start", options.start,
          "When virtual time begins; else the day before the earliest imported event (not before 1971: no clock of a machine "
          "shows that), or 2026-05-04.")
      ->type_name("DATE")
      ->group(group);
  verb.add_flag("--no-series", options.no_series,
                "Without series. The occurrences of imported ones are taken as single events, at most 60 of each.")
      ->group(group);
  verb.add_flag("--no-breaker", options.no_breaker, "Without the circuit breaker: the laws must hold all the same.")
      ->group(group);
  verb.add_option("--engine", options.engine,
                  "What is put to the test: ours, or one that is known to fail (scenarios/baselines). Those have no policies but "
                  "the first design's.")
      ->type_name("calsync|first-design|text-marks")
      ->capture_default_str()
      ->check(CLI::IsMember({"calsync", "first-design", "text-marks"}))
      ->group(group);
  verb.add_flag("--first-policy", options.first_policy, "The policy of the first design in all directions, also for ours.")
      ->group(group);
  verb.add_flag(
          "--legacy", options.legacy,
          "A system that knew its blocks by their texts was there before: its blocks are adopted, and detection is switched.")
      ->group(group);
  verb.add_option(
          "--workers", options.workers,
          "Processes that share the database and the calendars, with leases: they stand still, die, hand over and lose touch.")
      ->type_name("W")
      ->capture_default_str()
      ->check(WholeNumber(1, sim::kWorkersMax))
      ->group(group);
}

std::string FlagsOf(const ShapeOptions& options) {
  const ShapeOptions usual;
  std::string text;
  if (options.calendars != usual.calendars) absl::StrAppend(&text, " --calendars ", options.calendars);
  if (options.days != usual.days) absl::StrAppend(&text, " --days ", options.days);
  if (options.actions != usual.actions) absl::StrAppend(&text, " --actions ", options.actions);
  if (options.store != usual.store) absl::StrAppend(&text, " --store ", options.store);
  if (options.wire) absl::StrAppend(&text, " --wire");
  if (!options.start.empty()) absl::StrAppend(&text, " --start ", options.start);
  if (options.no_series) absl::StrAppend(&text, " --no-series");
  if (options.no_breaker) absl::StrAppend(&text, " --no-breaker");
  if (options.legacy) absl::StrAppend(&text, " --legacy");
  if (options.engine != usual.engine) absl::StrAppend(&text, " --engine ", options.engine);
  if (options.first_policy) absl::StrAppend(&text, " --first-policy");
  if (options.workers != usual.workers) absl::StrAppend(&text, " --workers ", options.workers);
  return text;
}

// Google has no clock that shows earlier times, and nothing says what an engine owes there.
absl::Time StartMin() { return absl::FromCivil(absl::CivilDay(1971, 1, 1), absl::UTCTimeZone()); }
absl::Time StartMax() { return absl::FromCivil(absl::CivilDay(2500, 12, 31), absl::UTCTimeZone()); }

bool ReadStart(const ShapeOptions& options, absl::Time& start) {
  if (options.start.empty()) return true;
  std::string why;
  absl::Time read;
  if (!absl::ParseTime("%Y-%m-%d", options.start, &read, &why) || read < StartMin() || read > StartMax()) {
    Complain(
        absl::StrCat("--start ", options.start, " is no date from 1971 to 2500; write it like 2026-05-04. Nothing was run."));
    return false;
  }
  start = read;
  return true;
}

sim::SimulateOptions RunsOf(const ShapeOptions& options, absl::Time start) {
  sim::EngineKind engine = sim::EngineKind::kCalsync;
  sim::FindEngineKind(options.engine, engine);
  return {.shape = {.calendars = options.calendars,
                    .days = options.days,
                    .actions = options.actions,
                    .series = !options.no_series,
                    .legacy = options.legacy,
                    .workers = options.workers},
          .store = options.store == "sqlite" ? sim::StoreKind::kSqlite : sim::StoreKind::kMemory,
          .wire = options.wire,
          .engine = engine,
          .first_policy = options.first_policy || engine != sim::EngineKind::kCalsync,
          .start = start,
          .breaker = !options.no_breaker};
}

CLI::Validator WholeNumber(uint64_t least, uint64_t most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        uint64_t value = 0;
        if (absl::SimpleAtoi(text, &value) && value >= least && value <= most) return std::string();
        return absl::StrCat("'", text, "' is not a whole number from ", least, " to ", most);
      },
      "");
}

CLI::Validator PositiveSeconds() {
  return CLI::Validator(
      [](const std::string& text) {
        double value = 0;
        if (absl::SimpleAtod(text, &value) && value > 0 && value <= 1e9) return std::string();
        return absl::StrCat("'", text, "' is no number of seconds above 0");
      },
      "");
}

std::string Quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/._-+=:,", c);
  });
  return plain ? word : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

}  // namespace calsync::tools
