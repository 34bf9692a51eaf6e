// A world whose notifications arrive in the rhythm of a recorded log: as early, late, twice, out of order or not at all as they
// really came.
//
// A log says when messages arrived, on which channels, and with which numbers; not what had changed. So each message stands for
// one change on its calendar, drawn like any other action of people and made a moment before the message, earlier where a later
// one overtook it. The engine hears of changes by these messages and its polls alone.

#ifndef CALSYNC_SCENARIOS_WEBHOOK_RUN_H_
#define CALSYNC_SCENARIOS_WEBHOOK_RUN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "adapter/trace/webhook_log.h"
#include "scenarios/result.h"

namespace calsync::sim {

// What a log says to do, by time since its first message.
struct Rhythm {
  struct Beat {
    enum class What : uint8_t { kChange, kMessage };
    absl::Duration at;
    What what = What::kMessage;
    int calendar = 0;
  };
  std::vector<Beat> beats;             // In order; a change before the message of the same instant.
  std::vector<std::string> resources;  // By calendar: what it is called in the log.
  absl::Duration length;

  size_t changes = 0;
  size_t arrived = 0;    // Messages that reach the engine, "sync" apart.
  size_t first = 0;      // "sync" and "not_exists": they say nothing of a change.
  size_t again = 0;      // Of those that arrived: a message that had come before.
  size_t overtaken = 0;  // … or one that a later one of its channel had overtaken.
  size_t lost = 0;       // Changes of whose messages none was taken by the receiver.
};

// Errors: more calendars than a group may have (kCalendarsMax), or a log longer than a year.
inline constexpr int kCalendarsMax = 20;
absl::StatusOr<Rhythm> RhythmOf(absl::Span<const adapter::LoggedNotification> messages);

struct WebhookRunOptions {
  uint64_t seed = 1;  // Draws what the changes are.
  bool trace = false;
};
// Lives through it: until the last beat, then to rest, where all laws are checked, and through a quiet day.
RunResult RunRhythm(const Rhythm& rhythm, const WebhookRunOptions& options);

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_WEBHOOK_RUN_H_
