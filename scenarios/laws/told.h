// What CalSync tells people at rest, its figures, its alerts, and why each slot is as it is, agrees with the ground truth. E7,
// L12.

#ifndef CALSYNC_SCENARIOS_LAWS_TOLD_H_
#define CALSYNC_SCENARIOS_LAWS_TOLD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/state/ids.h"
#include "scenarios/laws/at_rest.h"

namespace calsync::sim {

// The figures of one calendar, as an engine tells them.
struct ToldFigures {
  int calendar = -1;
  int64_t user_events = 0;
  int64_t busy_blocks = 0;
  int64_t total = 0;
  int64_t created_24h = 0;
  int64_t blocks_created_24h = 0;
  int64_t unconfirmed = 0;  // Block rows that are `creating`, `failed` or `deleting`: Google may show them or not.
  int64_t stuck_creating = 0;
  int64_t not_seen = 0;
};

// What is known of time. Whatever a clock that was set may have spoilt is not compared.
struct FigureTruth {
  absl::Time now;  // On the host's clock.
  bool clock_was_set = false;
  bool memory_intact = true;
  // When the row with this id, in its present generation, was first durable, on the host's clock; InfinitePast: before the host.
  std::function<absl::Time(const CorrelationId&)> born;
  std::function<absl::Time(int calendar)> seen;  // When the last listing that came to its end began, on the world's clock.
};

std::string CheckFigures(const RestView& view, absl::Span<const ToldFigures> told, const FigureTruth& truth);

// What an engine says to speak against a block. Only what the ground truth can bear out has a name.
enum class WhyNot : uint8_t {
  kOther,  // Or nothing does.
  kCalendarDisabled,
  kNotMirrored,
  kNotBlocking,
  kSkipped,
  kTwin,
  kHorizon,
  kAlreadyBusy,
  kPartOfSeries,
};

// Why a slot is as it is, as an engine tells it.
struct ToldSlot {
  Spot source;
  int target = -1;
  EventPtr event;      // The source, as Google has it now; null if it has none.
  bool shown = false;  // It claims that a block shows the event.
  bool stays = false;  // … or that one is there which would not be made now.
  bool left = false;   // A person, Google or a fight explains what there is.
  bool fight = false;  // … a fight does.
  bool not_due = false;
  bool frozen = false;
  bool waiting = false;
  bool unexplained = false;
  WhyNot why = WhyNot::kOther;
  std::string reason;  // The words alone.
  std::string words;
};
std::string CheckSlotsTold(const RestView& view, absl::Span<const ToldSlot> told);

// What the row of an event is, as an engine tells it.
struct ToldRow {
  int calendar = -1;
  EventId event;
  std::string words;
};
// `told`: all rows, in the order of (calendar, event).
std::string CheckRowsTold(const RestView& view, absl::Span<const ToldRow> told);

// Alerts that are raised, as an engine tells them.
struct ToldAlerts {
  bool breaker_open = false;
  bool stuck_creating = false;
  bool failed_passes = false;
  bool detections_differ = false;
  std::vector<int> unreachable;  // Calendars.
  std::vector<int> grant_lost;   // Likewise, and so on.
  std::vector<int> no_user_events;
  std::vector<int> sweep_held;
  std::vector<int> silent;
  std::vector<int> writes_rest;
  std::vector<int> slow;
};
// `calm_for`: so long nothing went wrong any more; zero if that is not known.
std::string CheckAlerts(const RestView& view, const ToldAlerts& told, absl::Span<const ToldFigures> figures,
                        absl::Duration calm_for = absl::ZeroDuration());

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_LAWS_TOLD_H_
