// A receiver on a thread of its own, so that it answers at once while the loop waits for the disk: a commit is synced before
// anybody hears of it (L7), which takes a tenth of a second on a disk that others use as well.
//
// Nothing is decided on that thread. Messages go to the loop in the order in which they came.

#ifndef CALSYNC_ADAPTER_WEBHOOK_RECEIVER_THREAD_H_
#define CALSYNC_ADAPTER_WEBHOOK_RECEIVER_THREAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/webhook/arrivals.h"
#include "adapter/webhook/receiver.h"

namespace calsync::adapter {

class ReceiverThread {
 public:
  // Messages that the loop has not taken yet. What comes beyond is answered, counted and forgotten: polls find what it would
  // have told.
  static constexpr int kWaitingMax = 10'000;

  // As Receiver::Listen, but that `notified` is called on `loop`, and no more once this is gone. The loop must outlive it. What
  // is dropped is counted in `arrivals`, too.
  static absl::StatusOr<std::unique_ptr<ReceiverThread>> Listen(http::Loop& loop, absl::string_view listen,
                                                                std::optional<http::Certificate> certificate, Arrivals& arrivals,
                                                                Receiver::Notified notified);
  ~ReceiverThread();
  ReceiverThread(const ReceiverThread&) = delete;
  ReceiverThread& operator=(const ReceiverThread&) = delete;

  uint16_t port() const { return receiver_->port(); }
  // No new connections; what was read is answered, for as long as `grace`.
  void Stop(absl::Duration grace);

 private:
  struct Passage;
  explicit ReceiverThread(std::shared_ptr<Passage> passage) : passage_(std::move(passage)) {}

  const std::shared_ptr<Passage> passage_;
  http::Loop own_loop_;
  std::unique_ptr<Receiver> receiver_;  // Belongs to the thread while that runs.
  std::thread thread_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_WEBHOOK_RECEIVER_THREAD_H_
