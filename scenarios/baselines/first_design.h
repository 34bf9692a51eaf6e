// The first design of this system, carried out as it was written down: what it lists, asks, stores, swallows and forgets.
//
// Where its document leaves something to others (how the client writes a tag, who opens channels), the kinder reading is taken;
// see README.md in this directory. One handler works through one webhook or one scheduled round; several do so at once.

#ifndef CALSYNC_SCENARIOS_BASELINES_FIRST_DESIGN_H_
#define CALSYNC_SCENARIOS_BASELINES_FIRST_DESIGN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "scenarios/baselines/served.h"

namespace calsync::sim {

class FirstDesign : public ServedBaseline {
 public:
  using ServedBaseline::ServedBaseline;
  std::unique_ptr<Baseline> Clone() const override { return std::make_unique<FirstDesign>(*this); }
  std::string Unsettled() const override;

 protected:
  void Begin(HandlerNumber handler, std::vector<CalendarKey> calendars) override;
  void OnAnswer(HandlerNumber handler, const Reply& reply) override;

 private:
  enum class Classification : uint8_t { kNewUserEvent, kTracked, kExternal, kError };
  struct NewUserEvent {
    CorrelationId state;
    CalendarKey calendar;
    EventId event;
  };
  struct Handler {
    enum class Waits : uint8_t { kList, kTag, kGet, kInsert };
    Waits waits = Waits::kList;
    std::vector<CalendarKey> calendars;  // Those that are left; the first is being processed.
    std::vector<EventPtr> google_events;
    size_t event = 0;
    std::vector<NewUserEvent> new_user_events;
    size_t user_event = 0;
    EventPtr google_event;  // As events.get showed it.
    std::vector<CalendarKey> targets;
    size_t target = 0;
    CorrelationId busy_block;
  };

  // sync_calendar_webhook, in pieces between its calls.
  void SyncCalendar(HandlerNumber number);
  void Listed(HandlerNumber number, const Reply& reply);
  void ProcessEvents(HandlerNumber number);
  void CreateUserEventState(HandlerNumber number, const Event& google_event);
  void CreateBusyBlocks(HandlerNumber number);
  void CreateSingleBusyBlock(HandlerNumber number);
  void BusyBlockAnswered(HandlerNumber number, const Reply& reply);
  void NextCalendar(HandlerNumber number);

  Classification ClassifyEvent(const Event& google_event, CorrelationId& correlation_id) const;
  EventTime ParseEventTime(const EventTime& time) const;

  absl::btree_map<HandlerNumber, Handler> handlers_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_BASELINES_FIRST_DESIGN_H_
