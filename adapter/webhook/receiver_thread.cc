#include "adapter/webhook/receiver_thread.h"

#include <atomic>
#include <string>
#include <utility>

#include "engine/base/status_macros.h"

namespace calsync::adapter {

// From the one thread to the other.
struct ReceiverThread::Passage {
  http::Loop& loop;
  Receiver::Notified notified;  // Touched on the loop alone. Null: nobody listens any more.
  std::atomic<int> waiting = 0;
};

absl::StatusOr<std::unique_ptr<ReceiverThread>> ReceiverThread::Listen(http::Loop& loop, absl::string_view listen,
                                                                       std::optional<http::Certificate> certificate,
                                                                       Arrivals& arrivals, Receiver::Notified notified) {
  const std::shared_ptr<Passage> passage(new Passage{loop, std::move(notified)});
  std::unique_ptr<ReceiverThread> made(new ReceiverThread(passage));
  const auto pass = [passage, &arrivals](absl::string_view path, Notification notification) {
    if (passage->waiting.fetch_add(1) >= kWaitingMax) {
      --passage->waiting;
      ++arrivals.dropped;
      return;
    }
    passage->loop.Post([passage, path = std::string(path), notification = std::move(notification)]() mutable {
      --passage->waiting;
      if (passage->notified != nullptr) passage->notified(path, std::move(notification));
    });
  };
  ASSIGN_OR_RETURN(made->receiver_, Receiver::Listen(made->own_loop_, listen, std::move(certificate), arrivals, pass));
  made->thread_ = std::thread([own = &made->own_loop_] { own->Run(); });
  return made;
}

ReceiverThread::~ReceiverThread() {
  passage_->notified = nullptr;
  if (!thread_.joinable()) return;
  own_loop_.Post([own = &own_loop_] { own->Stop(); });  // Said from here it would be lost on a thread that is only beginning.
  thread_.join();
}

void ReceiverThread::Stop(absl::Duration grace) {
  own_loop_.Post([receiver = receiver_.get(), grace] { receiver->Stop(grace, [] {}); });
}

}  // namespace calsync::adapter
