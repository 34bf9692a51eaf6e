#include "adapter/http/sockets.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

namespace calsync::http {

using boost::asio::posix::stream_descriptor;

struct Sockets::Watched {
  Watched(Loop& loop, int number, std::shared_ptr<const Told> whom)
      : socket(number), descriptor(loop.context(), number), told(std::move(whom)) {}
  ~Watched() { LetGo(); }
  void LetGo() {  // Never closed here: it is not ours.
    wanted = 0;
    if (descriptor.is_open()) descriptor.release();
  }

  const int socket;
  stream_descriptor descriptor;
  const std::shared_ptr<const Told> told;
  unsigned wanted = 0;   // Of Ready.
  unsigned waiting = 0;  // What is asked of the loop just now.
};

Sockets::Sockets(Loop& loop, Told told) : loop_(loop), told_(std::make_shared<const Told>(std::move(told))) {}

Sockets::~Sockets() {
  for (const auto& [socket, watched] : watched_) watched->LetGo();
}

void Sockets::Watch(int socket, bool for_reading, bool for_writing) {
  const auto found = watched_.find(socket);
  if (!for_reading && !for_writing) {
    if (found == watched_.end()) return;
    found->second->LetGo();
    watched_.erase(found);
    return;
  }
  std::shared_ptr<Watched> watched = found != watched_.end() ? found->second : nullptr;
  if (watched == nullptr) {
    watched = std::make_shared<Watched>(loop_, socket, told_);
    watched_[socket] = watched;
  }
  watched->wanted = (for_reading ? kReadable : 0U) | (for_writing ? kWritable : 0U);
  Wait(watched, kReadable);
  Wait(watched, kWritable);
}

void Sockets::Wait(const std::shared_ptr<Watched>& watched, unsigned what) {
  if ((watched->wanted & what) == 0 || (watched->waiting & what) != 0) return;
  watched->waiting |= what;
  const auto kind = what == kReadable ? stream_descriptor::wait_read : stream_descriptor::wait_write;
  watched->descriptor.async_wait(kind, [watched, what](const boost::system::error_code& error) {
    watched->waiting &= ~what;
    if ((watched->wanted & what) == 0) return;  // Let go of, or no longer wanted.
    const std::shared_ptr<const Told> told = watched->told;
    (*told)(watched->socket, error ? kBroken : what);
    Wait(watched, what);
  });
}

}  // namespace calsync::http
