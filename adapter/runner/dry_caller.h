// Carries reads to Google and no writes: what would be written is told, and answered as Google would.
//
// So an engine goes on as if it had written, and comes to rest. No call of a writing kind can leave: they are answered here, by
// type.

#ifndef CALSYNC_ADAPTER_RUNNER_DRY_CALLER_H_
#define CALSYNC_ADAPTER_RUNNER_DRY_CALLER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/runner/caller.h"
#include "engine/api/event.h"

namespace calsync::adapter {

class DryCaller final : public Caller {
 public:
  // What would have been written; null: nobody asks. `before` is the event as it is; null for an insert.
  using Told = std::function<void(const Request& write, const Event* before)>;

  // All must outlive it.
  DryCaller(http::Loop& loop, Caller& reads, std::function<absl::Time()> clock, Told told)
      : loop_(loop), reads_(reads), clock_(std::move(clock)), told_(std::move(told)) {}

  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) override;

 private:
  using Spot = std::pair<CalendarId, EventId>;

  void Change(const AccountId& account, std::shared_ptr<const Request> request, const Spot& spot, Answered answered);
  EventPtr Keep(const Spot& spot, Event event);
  void AnswerLater(Reply reply, Answered answered);

  http::Loop& loop_;
  Caller& reads_;
  std::function<absl::Time()> clock_;
  Told told_;
  absl::btree_map<Spot, EventPtr> written_;  // As they would be now; null: deleted.
  int64_t versions_ = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_DRY_CALLER_H_
