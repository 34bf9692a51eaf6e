// What both baselines have around them, and their documents leave to others: channels that are opened and renewed, a schedule,
// and handlers that each work through one sync while others do the same.

#ifndef CALSYNC_SCENARIOS_BASELINES_SERVED_H_
#define CALSYNC_SCENARIOS_BASELINES_SERVED_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/host/bits.h"
#include "scenarios/baselines/baseline.h"
#include "scenarios/baselines/rows.h"

namespace calsync::sim {

class ServedBaseline : public Baseline {
 public:
  ServedBaseline(const GroupConfig& config, const GroupImage& stored, const SipKey& seed);

  Effects Step(const Input& input, absl::Time now) override;
  size_t calls_in_flight() const override { return calls_.size(); }
  EventId PlaceOf(CallId call) const override;

 protected:
  using HandlerNumber = uint64_t;  // 0: none, the baseline itself.

  // Somebody is to list these calendars, one after the other.
  virtual void Begin(HandlerNumber handler, std::vector<CalendarKey> calendars) = 0;
  virtual void OnAnswer(HandlerNumber handler, const Reply& reply) = 0;

  // `place`: of an insert, where the row that explains it lies.
  void Call(HandlerNumber handler, Request request, EventId place = EventId());
  CorrelationId NewId() { return CorrelationId{UuidV4From(bits_.Next128())}; }
  const LinkedCalendar* Enabled(CalendarKey key) const;          // Null if it is not.
  std::vector<CalendarKey> TargetsOf(CalendarKey source) const;  // All enabled ones but itself.
  // A block as the client of both wrote it: title, description and times are the caller's, all else is usual.
  static Event PlainBlock();

  GroupConfig config_;
  EventStates states_;
  absl::Time now_;

 private:
  struct Flight {
    HandlerNumber handler = 0;
    EventId place;
    ChannelId channel;  // Of a watch.
  };
  void OpenChannels();
  void OnChannel(const Flight& flight, const Reply& reply);
  CalendarRow& RowOf(CalendarKey key);
  std::vector<CalendarKey> AllEnabled() const;

  Bits bits_;
  std::vector<CalendarRow> calendars_;
  std::vector<CalendarKey> changed_calendars_;
  absl::btree_map<CallId, Flight> calls_;
  std::vector<ApiCall> outbox_;
  uint64_t call_nonce_ = 0;
  uint64_t calls_made_ = 0;
  HandlerNumber handlers_made_ = 0;
  absl::Time next_schedule_ = absl::InfinitePast();
  absl::Time next_channels_ = absl::InfinitePast();
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_BASELINES_SERVED_H_
