// The one thread on which everything of its HTTP happens: sockets, timers, signals.

#ifndef CALSYNC_ADAPTER_HTTP_LOOP_H_
#define CALSYNC_ADAPTER_HTTP_LOOP_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace calsync::http {

class Loop {
 public:
  Loop();
  ~Loop();  // What still waits is dropped, not called.
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Returns after Stop, or when nothing is left to wait for. May be run again.
  void Run();
  // May be called on any thread. A Stop that comes before Run does not count; what was posted does.
  void Stop();
  void Post(std::function<void()> what);

  // The rest is for the thread that runs the loop, or before it does.
  // Once, after so long; at once if that is not positive.
  void After(absl::Duration delay, std::function<void()> what);
  // The same, for a call that another one may replace: only the last of those set is made.
  class Alarm {
   public:
    explicit Alarm(Loop& loop);
    ~Alarm();
    void Set(absl::Duration delay, std::function<void()> what);
    void Cancel();

   private:
    struct Timer;
    std::shared_ptr<Timer> timer_;
  };
  // Somebody else's socket: `readable` is called, once, when something can be read from it, or when it ends. Replaces the one
  // before.
  class Watch {
   public:
    explicit Watch(Loop& loop);
    ~Watch();
    void Set(int descriptor, std::function<void()> readable);
    void Cancel();

   private:
    struct Socket;
    Loop& loop_;
    std::shared_ptr<Socket> socket_;
  };
  // On the first SIGINT or SIGTERM. From then on a second one ends the process.
  void OnInterrupt(std::function<void()> what);

  boost::asio::io_context& context() { return *context_; }

 private:
  struct Signals;
  std::unique_ptr<boost::asio::io_context> context_;
  std::unique_ptr<Signals> signals_;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_LOOP_H_
