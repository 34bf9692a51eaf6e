// Whoever carries calls to Google: the client, or what stands between it and the engines.

#ifndef CALSYNC_ADAPTER_RUNNER_CALLER_H_
#define CALSYNC_ADAPTER_RUNNER_CALLER_H_

#include <functional>
#include <memory>

#include "engine/api/calls.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

class Caller {
 public:
  using Answered = std::function<void(Reply)>;
  using MayLeave = std::function<bool()>;

  virtual ~Caller() = default;
  // Sends as that account. `answered` is called once, later, on the loop; never from within Send. `may_leave` is asked right
  // before the call leaves, after all waiting; if it says no, the answer is that it was not sent. Null: it may.
  virtual void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, MayLeave may_leave) = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_CALLER_H_
