#include "adapter/http/loop.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "adapter/http/chrono.h"

namespace calsync::http {

struct Loop::Signals {
  explicit Signals(boost::asio::io_context& context) : set(context, SIGINT, SIGTERM) {}
  boost::asio::signal_set set;
};

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

// libcurl sets its alarm several times in each call, nearly always to later. Each change of the system's timer costs as much as
// sending a request, so a wait that ends too early is left as it is and goes on when it ends.
struct Loop::Alarm::Timer : std::enable_shared_from_this<Timer> {
  explicit Timer(boost::asio::io_context& context) : timer(context) {}

  void Wait() {
    ends = due;
    timer.expires_at(ends);
    timer.async_wait([self = shared_from_this(), number = ++waits](const boost::system::error_code& error) {
      if (!error && self->waits == number) self->Ended();
    });
  }
  void StopWaiting() {
    ++waits;
    ends = Clock::time_point::max();
    timer.cancel();
  }
  void Ended() {
    ends = Clock::time_point::max();
    if (Clock::now() < due) return Wait();
    Ring();
  }
  void Ring() {
    ++round;
    std::exchange(what, nullptr)();
    if (what == nullptr) StopWaiting();  // Else the loop would be kept running for nothing.
  }

  boost::asio::steady_timer timer;
  std::function<void()> what;  // Null: nothing is due.
  Clock::time_point due;
  uint64_t round = 0;                                 // Of Set, Cancel and calls.
  Clock::time_point ends = Clock::time_point::max();  // Of the wait for the timer; never if there is none.
  uint64_t waits = 0;
};

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
  Timer& timer = *timer_;
  const uint64_t round = ++timer.round;
  timer.what = std::move(what);
  timer.due = Clock::now() + Chrono(delay);
  if (delay > absl::ZeroDuration()) {
    if (timer.due < timer.ends) timer.Wait();
    return;
  }
  boost::asio::post(timer.timer.get_executor(), [kept = timer_, round] {
    if (kept->round == round) kept->Ring();
  });
}

void Loop::Alarm::Cancel() {
  ++timer_->round;
  timer_->what = nullptr;
  timer_->StopWaiting();
}

}  // namespace calsync::http
