#include "adapter/http/loop.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

namespace calsync::http {

struct Loop::Signals {
  explicit Signals(boost::asio::io_context& context) : set(context, SIGINT, SIGTERM) {}
  boost::asio::signal_set set;
};

struct Loop::Alarm::Timer {
  explicit Timer(boost::asio::io_context& context) : timer(context) {}
  boost::asio::steady_timer timer;
  uint64_t round = 0;
};

namespace {

std::chrono::nanoseconds Chrono(absl::Duration delay) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(std::clamp(delay, absl::ZeroDuration(), absl::Hours(24 * 365))));
}

}  // namespace

Loop::Loop() : context_(std::make_unique<boost::asio::io_context>(1)) {}
Loop::~Loop() = default;

void Loop::Run() {
  context_->restart();
  context_->run();
}
void Loop::Stop() { context_->stop(); }
void Loop::Post(std::function<void()> what) { boost::asio::post(*context_, std::move(what)); }

void Loop::After(absl::Duration delay, std::function<void()> what) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(*context_, Chrono(delay));
  timer->async_wait([timer, what = std::move(what)](const boost::system::error_code& error) {
    if (!error) what();
  });
}

struct Loop::Watch::Socket {
  explicit Socket(boost::asio::io_context& context) : descriptor(context) {}
  boost::asio::posix::stream_descriptor descriptor;  // A copy: whose it is may close it at any time.
};

Loop::Watch::Watch(Loop& loop) : loop_(loop) {}
Loop::Watch::~Watch() { Cancel(); }

void Loop::Watch::Set(int descriptor, std::function<void()> readable) {
  Cancel();
  const int copy = dup(descriptor);
  if (copy < 0) return;
  socket_ = std::make_shared<Socket>(loop_.context());
  socket_->descriptor.assign(copy);
  socket_->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 [socket = socket_, readable = std::move(readable)](const boost::system::error_code& error) {
                                   if (!error) readable();
                                 });
}

void Loop::Watch::Cancel() {
  if (socket_ == nullptr) return;
  boost::system::error_code ignored;
  socket_->descriptor.close(ignored);
  socket_.reset();
}

void Loop::OnInterrupt(std::function<void()> what) {
  signals_ = std::make_unique<Signals>(*context_);
  signals_->set.async_wait([this, what = std::move(what)](const boost::system::error_code& error, int) {
    if (error) return;
    signals_->set.clear();
    what();
  });
}

Loop::Alarm::Alarm(Loop& loop) : timer_(std::make_shared<Timer>(loop.context())) {}
Loop::Alarm::~Alarm() { Cancel(); }

void Loop::Alarm::Set(absl::Duration delay, std::function<void()> what) {
  const uint64_t round = ++timer_->round;
  timer_->timer.expires_after(Chrono(delay));
  timer_->timer.async_wait([timer = timer_, round, what = std::move(what)](const boost::system::error_code& error) {
    if (!error && timer->round == round) what();
  });
}

void Loop::Alarm::Cancel() {
  ++timer_->round;
  timer_->timer.cancel();
}

}  // namespace calsync::http
