// Makes a failing run as small as it gets, by making its choices smaller: fewer actions, fewer choices that are not the benign
// one, lower ones. Deterministic.
//
// What generators promise holds for whatever it tries, for every list of choices is a valid run. A smaller run counts only if the
// same is wrong with it.

#ifndef CALSYNC_SCENARIOS_SHRINK_H_
#define CALSYNC_SCENARIOS_SHRINK_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "scenarios/recorded_run.h"

namespace calsync::sim {

// What counts as smaller: the first of these that differs decides.
struct RunSize {
  int actions = 0;  // Turns of people.
  int calendars = 0;
  size_t deviations = 0;  // Choices that are not the benign one.
  uint64_t places = 0;    // The how-manieth of its label each of them is, in all.
  uint64_t bits = 0;      // Of their values, in all.
  int days = 0;
  uint64_t steps = 0;
  friend auto operator<=>(const RunSize&, const RunSize&) = default;
};
RunSize SizeOf(const RecordedRun& run);

struct ShrinkState {
  absl::string_view pass;  // What is tried.
  uint64_t runs = 0;       // So far.
  RunSize size;            // Of the smallest.
};

struct Shrunk {
  RecordedRun run;
  uint64_t runs = 0;
  bool finished = false;  // Nothing that it knows makes the run smaller; else the limit was reached.
};

// What is wrong with a run, without what differs between two runs in which the same is; empty if nothing is.
using Judge = std::function<std::string(const RecordedRun& run)>;
// The usual one: the law that it breaks, and how (signature.h).
std::string WhatItBreaks(const RecordedRun& run);

// `goes_on` is asked before each run; where it says no, the smallest so far is the result. REQUIRES: something is wrong with it.
Shrunk Shrink(const RecordedRun& failing, const std::function<bool(const ShrinkState&)>& goes_on,
              const Judge& judge = WhatItBreaks);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SHRINK_H_
