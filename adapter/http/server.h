// An HTTP/1.1 server: asynchronous, on one thread, for thousands of connections. A request comes in whole, a response goes out
// whole; what to answer is the handler's.
//
// It decides nothing about paths. Headers and bodies are bounded, slow clients are dropped, and connections beyond the limit wait
// in the kernel's queue.

#ifndef CALSYNC_ADAPTER_HTTP_SERVER_H_
#define CALSYNC_ADAPTER_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/loop.h"
#include "adapter/http/message.h"

namespace calsync::http {

using Handler = std::function<Response(Request)>;

// What the server shows to clients, as PEM: its certificate with the chain above it, and the key.
struct Certificate {
  std::string chain;
  std::string key;  // Secret.
};

struct ServerOptions {
  std::string address = "127.0.0.1";     // A number, not a name.
  uint16_t port = 0;                     // 0: any that is free.
  uint32_t header_max = 64 * 1024;       // Bytes; more is 431.
  uint64_t body_max = 16 * 1024 * 1024;  // More is 413.
  size_t connections_max = 20'000;
  absl::Duration idle_max = absl::Seconds(75);  // From one answer to the end of the next request's headers.
  absl::Duration body_time_max = absl::Seconds(30);
  absl::Duration write_time_max = absl::Seconds(30);
  std::optional<Certificate> certificate;  // With it, TLS 1.2 and above and nothing else.
  absl::Duration handshake_time_max = absl::Seconds(10);
  // What to say to a request that cannot be read: 400, 413 or 431. Null: a line of text.
  std::function<Response(int status, absl::string_view why)> refusal;
};

class Server {
 public:
  // Listens from now on; answers while the loop runs. The loop must outlive it. Errors: Unavailable if the port is taken,
  // InvalidArgument for an address that is none of this machine's, or a certificate that cannot be used, PermissionDenied.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(Loop& loop, ServerOptions options, Handler handler);
  ~Server();  // As Stop, and drops what is left.

  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }
  size_t connections() const;

  // No new connections, and idle ones are closed. Requests that were read are answered, for as long as `grace`; then `done`.
  void Stop(absl::Duration grace, std::function<void()> done);

 private:
  class Impl;
  explicit Server(std::shared_ptr<Impl> impl);

  std::shared_ptr<Impl> impl_;
  std::string address_;
  uint16_t port_ = 0;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_SERVER_H_
