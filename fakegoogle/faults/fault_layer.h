// Decides what goes wrong with a call or a notification, from drawn numbers.
//
// It plans and counts; the world carries out. A value: it copies with the world. A draw of 0 is always the benign choice, and
// nothing is drawn where nothing can go wrong.

#ifndef CALSYNC_FAKEGOOGLE_FAULTS_FAULT_LAYER_H_
#define CALSYNC_FAKEGOOGLE_FAULTS_FAULT_LAYER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/api/calls.h"
#include "engine/api/failure.h"
#include "engine/api/ids.h"
#include "fakegoogle/faults/fault_plan.h"
#include "fakegoogle/model/channels.h"
#include "fakegoogle/model/feed.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

// A number in [0, bound); 0 is the benign choice.
using Choose = absl::FunctionRef<uint64_t(uint64_t bound, absl::string_view label)>;

// What happens to one call. All times are from when the caller sent it.
struct CallPlan {
  enum class Answer : uint8_t {
    kReal,   // What the server said, of two executions the last.
    kError,  // `error`, whatever the server said.
    kNever,  // Nothing: the caller's own timeout ends it.
  };

  int apply = 1;                 // How often the server executes it: 0, 1 or 2 times.
  absl::Duration reaches_after;  // The first execution.
  absl::Duration second_after;   // The second, if apply is 2.
  Answer answer = Answer::kReal;
  std::optional<ApiError> error;        // Of kError.
  absl::Duration answered_after;        // When the caller hears it, unless kNever. Not before the last execution.
  Conditions conditions;                // For Server::Handle, at each execution.
  std::optional<FaultKind> fault;       // What was chosen, for traces.
  std::optional<FaultKind> view_fault;  // The same, of what the call sees.
};

// What happens to one notification: each delivery, in the order of planning. Empty: dropped.
struct MessagePlan {
  struct Delivery {
    absl::Duration after;  // From when it was made.
    PushMessage message;
    bool forged = false;
  };
  std::vector<Delivery> deliveries;
  std::optional<FaultKind> fault;
};

class FaultLayer {
 public:
  explicit FaultLayer(const FaultPlan& plan = {}) : plan_(plan) {}

  CallPlan PlanCall(const Caller& caller, const Request& request, absl::Time now, Choose choose);
  MessagePlan PlanMessage(const PushMessage& message, absl::Time now, Choose choose);

  // Faults rest from now on: all rates are 0, all that lasts ends. Latencies stay.
  void Calm();

  FaultPlan& plan() { return plan_; }
  const FaultPlan& plan() const { return plan_; }
  const FaultCounts& counts() const { return counts_; }
  // When each outage, silence, clog, usage limit and hidden change that lasts ends, in a fixed order; `now` in place of what is
  // over.
  std::vector<absl::Time> WindowsEnd(absl::Time now) const;

 private:
  enum class OutageStyle : uint8_t { kUnavailable, kTimeout, kNotSent };
  // Changes of a calendar after `since` are not shown in lists before `until` (C8).
  struct Hidden {
    absl::Time since;
    absl::Time until;
  };

  void Strike(FaultKind kind, const Caller& caller, const Request& request, absl::Time now, Choose choose, CallPlan& plan);
  void StrikeView(FaultKind kind, Choose choose, CallPlan& plan);
  bool ApplyOutage(absl::Time now, CallPlan& plan) const;
  void ApplyWindows(const Caller& caller, const Request& request, absl::Time now, CallPlan& plan) const;
  PushMessage Forge(const PushMessage& genuine, Choose choose);

  FaultPlan plan_;
  FaultCounts counts_;
  absl::Time outage_until_ = absl::InfinitePast();
  OutageStyle outage_style_ = OutageStyle::kUnavailable;
  absl::Time silence_until_ = absl::InfinitePast();
  absl::btree_map<AccountId, absl::Time> clogged_until_;
  absl::btree_map<AccountId, absl::Time> limited_until_;
  absl::btree_map<CalendarId, Hidden> hidden_;
  uint64_t forged_ = 0;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_FAULTS_FAULT_LAYER_H_
