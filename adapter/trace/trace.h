// A run as a file: what was decided, and what came of it, a line of JSON each. docs/trace-format.md is the promise; this is its
// vocabulary.
//
// Who made the run is not this room's business: settings, places and choices are names. The choices alone repeat a run; the lines
// say what it was, so that a repetition can be compared with it, effect by effect, and people can look at it.

#ifndef CALSYNC_ADAPTER_TRACE_TRACE_H_
#define CALSYNC_ADAPTER_TRACE_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace calsync::adapter {

inline constexpr int kTraceVersion = 1;      // Of runs.
inline constexpr int kRecordingVersion = 2;  // Of what a running CalSync recorded: recording.h. Who reads runs alone refuses it.

struct TraceHeader {
  bool recording = false;                                    // Of a running CalSync: it has no choices.
  std::string made_by;                                       // "calsync simulate".
  std::string from;                                          // What it was made from: "seed 17".
  std::vector<std::pair<std::string, std::string>> setting;  // Everything that shapes the run but its choices.
  std::vector<std::string> places;                           // Calendars, in their order.
  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

// A decision that is not the benign one. All others are not written: they are 0.
struct TraceChoice {
  std::string stream;
  std::string label;
  uint64_t nth = 1;  // The how-manieth of this stream and label, from 1.
  uint64_t bound = 1;
  uint64_t value = 0;
  friend bool operator==(const TraceChoice&, const TraceChoice&) = default;
};

struct TraceLine {
  std::string kind;  // "step", "people", "google", "mishap", "law".
  uint64_t step = 0;
  absl::Time at;
  std::string place;
  std::string what;                  // Of all kinds but "step" …
  std::string input;                 // … which has these.
  std::vector<std::string> effects;  // In order.
  uint64_t digest = 0;               // Of the effects, with what their words leave out.
  uint64_t hash = 0;                 // Of everything before this line.
  friend bool operator==(const TraceLine&, const TraceLine&) = default;
};

struct TraceEnd {
  std::string law;      // The one that was broken, "L3"; empty: all held.
  std::string message;  // How, in words.
  uint64_t steps = 0;
  absl::Time at;
  std::string hash;  // Of the whole run.
  friend bool operator==(const TraceEnd&, const TraceEnd&) = default;
};

struct Trace {
  TraceHeader header;
  std::vector<TraceChoice> choices;
  std::vector<TraceLine> lines;  // None in a bare trace …
  std::optional<TraceEnd> end;   // … which has no end either: it says what to do, and not what comes of it.
};

std::string WriteTrace(const Trace& trace);
// Errors name the file and the line. Unknown fields, and lines of unknown kinds, are passed over; a newer version is refused.
absl::StatusOr<Trace> ReadTrace(absl::string_view text, absl::string_view name);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_TRACE_TRACE_H_
