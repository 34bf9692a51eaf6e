// Whoever carries calls to Google: the client, or what stands between it and the engines.

#ifndef CALSYNC_ADAPTER_RUNNER_CALLER_H_
#define CALSYNC_ADAPTER_RUNNER_CALLER_H_

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "engine/api/calls.h"
#include "engine/api/event_view.h"
#include "engine/api/ids.h"

namespace calsync::adapter {

class Caller {
 public:
  using Answered = std::function<void(Reply)>;
  // What is asked on the call's way of who sent it.
  struct Questions {
    // Right before it leaves, after all waiting; if the answer is no, the call's is that it was not sent. Null: it may.
    std::function<bool()> may_leave;
    // When the page of a listing has come: Engine::Known. Null: nothing is known.
    std::function<std::vector<std::optional<EventVersion>>(absl::Span<const VersionView>)> known;
  };

  virtual ~Caller() = default;
  // Sends as that account. `answered` is called once, later, on the loop; never from within Send.
  virtual void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions questions) = 0;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_RUNNER_CALLER_H_
