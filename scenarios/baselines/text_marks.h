// What the first design was to replace: it asks Google for everything, and tells its own blocks by the marks in their titles and
// descriptions (engine/decide/legacy knows these). What has no block yet on a target, by title and times, gets one.
//
// Its own code is not handed down. This is what the first design says of it, and what the actor of the migration does: it makes
// blocks, and follows nothing. Its rows are a log that no decision reads; they are there for the oracles.

#ifndef CALSYNC_SCENARIOS_BASELINES_TEXT_MARKS_H_
#define CALSYNC_SCENARIOS_BASELINES_TEXT_MARKS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "scenarios/baselines/served.h"

namespace calsync::sim {

class TextMarks : public ServedBaseline {
 public:
  using ServedBaseline::ServedBaseline;
  std::unique_ptr<Baseline> Clone() const override { return std::make_unique<TextMarks>(*this); }
  std::string Unsettled() const override;

 protected:
  void Begin(HandlerNumber handler, std::vector<CalendarKey> calendars) override;
  void OnAnswer(HandlerNumber handler, const Reply& reply) override;

 private:
  struct Handler {
    std::vector<CalendarKey> calendars;  // Those that are left; the first is being processed.
    std::vector<CalendarKey> to_list;    // It, and then its targets; the first is being listed.
    bool inserting = false;
    absl::btree_map<CalendarKey, std::vector<EventPtr>> shown;
    size_t event = 0;
    size_t target = 0;
    CorrelationId block;
  };
  void SyncCalendar(HandlerNumber number);
  void Listed(HandlerNumber number, const Reply& reply);
  void CreateBlocks(HandlerNumber number);
  void NextCalendar(HandlerNumber number);
  CorrelationId StateOf(CalendarKey calendar, const Event& event);

  absl::btree_map<HandlerNumber, Handler> handlers_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_BASELINES_TEXT_MARKS_H_
