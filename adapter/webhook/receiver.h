// Where Google's push messages arrive: a small HTTP server, with a certificate of its own or behind a reverse proxy that ends
// TLS.
//
// It answers every POST at once with 204, whatever is true of the message: who sends forged ones learns nothing. What came of it
// is on the page and in `calsync status`. Bodies, headers, connections and the
// time that slow clients get are bounded.

#ifndef CALSYNC_ADAPTER_WEBHOOK_RECEIVER_H_
#define CALSYNC_ADAPTER_WEBHOOK_RECEIVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapter/http/loop.h"
#include "adapter/http/server.h"
#include "adapter/webhook/arrivals.h"
#include "engine/host/input.h"

namespace calsync::adapter {

class Receiver {
 public:
  // For a well-formed message: the last segment of the path it came to, and what it says.
  using Notified = std::function<void(absl::string_view path, Notification notification)>;

  // `listen` is "127.0.0.1:8086", "[::1]:8086". Errors: InvalidArgument, Unavailable if the port is taken, PermissionDenied.
  // Without a certificate it speaks plain HTTP. `arrivals` must outlive it; it counts what is malformed there, and nothing else.
  static absl::StatusOr<std::unique_ptr<Receiver>> Listen(http::Loop& loop, absl::string_view listen,
                                                          std::optional<http::Certificate> certificate, Arrivals& arrivals,
                                                          Notified notified);

  uint16_t port() const { return server_->port(); }
  void Stop(absl::Duration grace, std::function<void()> done) { server_->Stop(grace, std::move(done)); }

 private:
  Receiver(Arrivals& arrivals, Notified notified) : arrivals_(arrivals), notified_(std::move(notified)) {}
  http::Response Answer(const http::Request& request);

  Arrivals& arrivals_;
  Notified notified_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_WEBHOOK_RECEIVER_H_
